//! RSS 2.0 (rssboard.org/rss-specification, and the RSS Advisory Board's best practices), with
//! the Atom, Dublin Core, content, syndication and Media RSS namespaces.
//!
//! Titles are plain text. An item's `description` is HTML by the specification, so the summary is
//! escaped as HTML there; the full text stands in `content:encoded`. `author` wants an e-mail
//! address, which issuers do not have: they are named by `dc:creator`.

use std::collections::BTreeMap;

use ::rss::extension::atom::{AtomExtension, Link};
use ::rss::extension::dublincore::DublinCoreExtension;
use ::rss::extension::syndication::{
    NAMESPACE as SYNDICATION_NAMESPACE, SyndicationExtension, UpdatePeriod,
};
use ::rss::extension::{Extension, ExtensionMap};
use ::rss::{Category, Channel, Enclosure, Guid, Image, Item};
use memchr::memmem;

use super::text::{html, line};
use super::{Feed, Format, GENERATOR, HISTORY_NAMESPACE, MEDIA_NAMESPACE, medium};
use crate::entry::Entry;

const DCTERMS_NAMESPACE: &str = "http://purl.org/dc/terms/";

/// The feed as an RSS 2.0 document in UTF-8.
pub fn render(feed: &Feed) -> Vec<u8> {
    let title = clean(&feed.title);
    let description = clean(&feed.description);
    let channel = Channel {
        link: clean(&feed.home),
        // The element is required, and readers show nothing for an empty one.
        description: if description.is_empty() {
            title.clone()
        } else {
            description
        },
        language: Some(clean(&feed.language)),
        copyright: feed.rights.as_deref().map(clean),
        managing_editor: managing_editor(feed),
        last_build_date: Some(feed.date(feed.updated).to_rfc2822()),
        generator: Some(GENERATOR.to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: (feed.ttl > 0).then(|| feed.ttl.to_string()),
        image: feed
            .logo
            .as_deref()
            .filter(|logo| can_show(logo))
            .map(|logo| Image {
                url: clean(logo),
                // Best practice: the same title and link as the channel's.
                title: title.clone(),
                link: clean(&feed.home),
                ..Image::default()
            }),
        atom_ext: Some(AtomExtension { links: links(feed) }),
        dublin_core_ext: Some(DublinCoreExtension {
            publishers: vec![clean(&feed.publisher)],
            ..DublinCoreExtension::default()
        }),
        syndication_ext: syndication(feed.ttl),
        extensions: channel_extensions(feed),
        namespaces: namespaces(feed),
        items: feed.entries.iter().map(|entry| item(feed, entry)).collect(),
        title,
        ..Channel::default()
    };
    let document = channel
        .pretty_write_to(Vec::with_capacity(feed.expected_size()), b' ', 1)
        .expect("the writer fails only when its output does, and a Vec never does");
    let document = String::from_utf8(document).expect("the writer was given nothing but UTF-8");
    let mut document = with_hexadecimal_references(&document);
    document.push('\n');
    document.into_bytes()
}

/// The document with `&` and `<` in plain text written `&#x26;` and `&#x3C;`, as best practice
/// asks: readers that take escaped text for HTML, or decode it twice, then still show it as it
/// is. Each such element stands on a line of its own, since its text is one line.
fn with_hexadecimal_references(document: &str) -> String {
    const PLAIN: [&str; 4] = ["<title>", "<description>", "<category", "<copyright>"];
    const OPEN: &str = "<![CDATA[";
    let mut written = String::with_capacity(document.len() * 65 / 64 + 64);
    let mut rest = document;
    loop {
        let open = memmem::find(rest.as_bytes(), OPEN.as_bytes());
        let (outside, after) = rest.split_at(open.unwrap_or(rest.len()));
        for line in outside.split_inclusive('\n') {
            let element = line.trim_start();
            if !PLAIN.iter().any(|name| element.starts_with(name)) || !element.contains('&') {
                written.push_str(line);
                continue;
            }
            // A category's own address stays as it is.
            let tag = element.find('>').map_or(0, |end| end + 1);
            let (tag, text) = line.split_at(line.len() - element.len() + tag);
            written.push_str(tag);
            written.push_str(&text.replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;"));
        }
        if after.is_empty() {
            return written;
        }
        let end = memmem::find(after.as_bytes(), b"]]>").map_or(after.len(), |end| end + 3);
        let (inside, after) = after.split_at(end);
        written.push_str(inside);
        rest = after;
    }
}

fn namespaces(feed: &Feed) -> BTreeMap<String, String> {
    let always = [
        ("dcterms", DCTERMS_NAMESPACE),
        ("media", MEDIA_NAMESPACE),
        ("sy", SYNDICATION_NAMESPACE),
    ];
    let history = feed.is_archive().then_some(("fh", HISTORY_NAMESPACE));
    let used = always.into_iter().chain(history);
    used.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
        .collect()
}

fn channel_extensions(feed: &Feed) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    if feed.is_archive() {
        extensions.insert(
            "fh".to_owned(),
            BTreeMap::from([("archive".to_owned(), vec![element("fh:archive", "")])]),
        );
    }
    extensions
}

fn clean(text: &str) -> String {
    line(text).into_owned()
}

/// Whether readers of RSS can show a picture by its ending: GIF, JPEG and PNG, as the
/// specification says, and what has no ending to tell.
fn can_show(picture: &str) -> bool {
    let (_, ending) = picture.rsplit_once('.').unwrap_or_default();
    let is_ending = ending.chars().all(char::is_alphanumeric);
    let is_known = ["jpg", "jpeg", "gif", "png"].contains(&&*ending.to_ascii_lowercase());
    !is_ending || is_known
}

/// `address (Name)`, the form of RFC 822 that best practice asks for.
fn managing_editor(feed: &Feed) -> Option<String> {
    let address = clean(feed.contact.as_deref()?);
    // Brackets would end the comment that the name stands in.
    let name = clean(&feed.publisher).replace(['(', ')', '\\'], " ");
    Some(format!("{address} ({})", line(&name)))
}

fn links(feed: &Feed) -> Vec<Link> {
    let document = |format: Format, rel: &str| Link {
        href: clean(&feed.url(format)),
        rel: rel.to_owned(),
        mime_type: Some(format.media_type().to_owned()),
        ..Link::default()
    };
    let hubs = feed.hubs.iter().map(|hub| Link {
        href: clean(hub),
        rel: "hub".to_owned(),
        ..Link::default()
    });
    let alternates = feed.alternates(Format::Rss);
    let translations = feed.translations(Format::Rss).map(|translation| Link {
        href: clean(&translation.url),
        rel: "alternate".to_owned(),
        hreflang: Some(clean(&translation.language)),
        mime_type: Some(Format::Rss.media_type().to_owned()),
        ..Link::default()
    });
    let related = feed.related.iter().map(|related| Link {
        href: clean(&related.url),
        rel: "related".to_owned(),
        title: Some(clean(&related.title)),
        ..Link::default()
    });
    let chain = feed.chain_links(Format::Rss).into_iter();
    let chain = chain.map(|(rel, url)| Link {
        href: clean(&url),
        rel: rel.to_owned(),
        mime_type: Some(Format::Rss.media_type().to_owned()),
        ..Link::default()
    });
    std::iter::once(document(Format::Rss, "self"))
        .chain(hubs)
        .chain(chain)
        .chain(alternates.map(|format| document(format, "alternate")))
        .chain(translations)
        .chain(related)
        .collect()
}

/// The `sy:` hints that say the same as `ttl`, where they can: so many updates an hour, a day or
/// a week.
fn syndication(ttl: u32) -> Option<SyndicationExtension> {
    [
        (60, UpdatePeriod::Hourly),
        (24 * 60, UpdatePeriod::Daily),
        (7 * 24 * 60, UpdatePeriod::Weekly),
    ]
    .into_iter()
    .find(|(minutes, _)| ttl > 0 && minutes % ttl == 0)
    .map(|(minutes, period)| SyndicationExtension {
        period,
        frequency: minutes / ttl,
        // Fixed: a Monday, at which whole hours, days and weeks begin; the specification's default
        // of 1970 is a date that validators doubt.
        base: "2001-01-01T00:00+00:00".to_owned(),
    })
}

fn item(feed: &Feed, entry: &Entry) -> Item {
    let summary = line(&entry.summary);
    let content = feed.content(entry);
    // Best practice: no content without a description before it.
    let description = match (&*summary, &content) {
        ("", Some(_)) => Some(line(&entry.title)),
        ("", None) => None,
        (_, _) => Some(summary),
    };
    let published = feed.date(entry.published);
    let updated = feed.date(entry.updated);
    let mut extensions = ExtensionMap::new();
    if updated != published {
        let modified = element("dcterms:modified", &updated.to_rfc3339());
        extensions.insert(
            "dcterms".to_owned(),
            BTreeMap::from([("modified".to_owned(), vec![modified])]),
        );
    }
    let media = media(entry);
    if !media.is_empty() {
        extensions.insert("media".to_owned(), media);
    }
    Item {
        title: Some(clean(&entry.title)),
        link: Some(clean(&entry.url)),
        description: description.map(|text| html(&text).into_owned()),
        categories: entry
            .categories
            .iter()
            .map(|category| Category {
                name: clean(&category.label),
                domain: Some(clean(&category.scheme)),
            })
            .collect(),
        // One at most: readers disagree about several. The rest is in `media:content`.
        enclosure: entry.enclosures.first().map(|enclosure| Enclosure {
            url: clean(&enclosure.url),
            // Required; best practice is 0 where it is not known.
            length: enclosure.length.unwrap_or(0).to_string(),
            mime_type: clean(&enclosure.media_type),
        }),
        guid: Some(Guid {
            value: clean(&entry.id),
            permalink: false,
        }),
        pub_date: Some(published.to_rfc2822()),
        content: content.map(|content| content.into_owned()),
        extensions,
        atom_ext: entry.external_url.as_deref().map(|url| AtomExtension {
            links: vec![Link {
                href: clean(url),
                rel: "via".to_owned(),
                ..Link::default()
            }],
        }),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: entry.authors.iter().map(|name| clean(name)).collect(),
            languages: feed.language_of(entry).map(clean).into_iter().collect(),
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

/// The Media RSS elements of an item, by their local names: the enclosures after the first, and
/// the picture with its thumbnail.
fn media(entry: &Entry) -> BTreeMap<String, Vec<Extension>> {
    let mut contents = Vec::new();
    for file in entry.enclosures.iter().skip(1) {
        let mut content = content(&file.url, &file.media_type, file.length);
        describe(&mut content, "title", file.title.as_deref());
        contents.push(content);
    }
    let mut elements = BTreeMap::new();
    if let Some(image) = &entry.image {
        let mut content = content(&image.url, &image.media_type, image.length);
        describe(&mut content, "description", Some(&image.alt));
        describe(&mut content, "title", image.caption.as_deref());
        contents.push(content);
        let mut thumbnail = element("media:thumbnail", "");
        thumbnail.attrs.insert("url".to_owned(), clean(&image.url));
        elements.insert("thumbnail".to_owned(), vec![thumbnail]);
    }
    if !contents.is_empty() {
        elements.insert("content".to_owned(), contents);
    }
    elements
}

fn content(url: &str, media_type: &str, length: Option<u64>) -> Extension {
    let mut content = element("media:content", "");
    content.attrs = BTreeMap::from([
        ("url".to_owned(), clean(url)),
        ("type".to_owned(), clean(media_type)),
        ("medium".to_owned(), medium(media_type).to_owned()),
    ]);
    // 0 is no size that the format knows.
    if let Some(length) = length.filter(|length| *length > 0) {
        let length = length.to_string();
        content.attrs.insert("fileSize".to_owned(), length);
    }
    content
}

/// Adds a `media:title` or `media:description`, unless there is nothing to say.
fn describe(content: &mut Extension, name: &str, text: Option<&str>) {
    if let Some(text) = text.map(line).filter(|text| !text.is_empty()) {
        let mut child = element(&format!("media:{name}"), &text);
        child.attrs.insert("type".to_owned(), "plain".to_owned());
        content.children.insert(name.to_owned(), vec![child]);
        content.value = None;
    }
}

fn element(name: &str, value: &str) -> Extension {
    Extension {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        ..Extension::default()
    }
}
