//! Atom 1.0 (RFC 4287), with pictures in the Media RSS namespace.
//!
//! Text constructs are plain text; content is `type="html"`, escaped, never XHTML, which
//! `atom_syndication` would write as it is.

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{
    Category, Content, Entry as AtomEntry, Feed as AtomFeed, Generator, Link, Person, Text,
    WriteConfig,
};
use quick_xml::escape::escape;

use super::text::line;
use super::{
    Feed, Format, GENERATOR, HISTORY_NAMESPACE, MEDIA_NAMESPACE, TOMBSTONE_NAMESPACE, Tombstone,
    medium,
};
use crate::entry::Entry;

/// The feed as an Atom 1.0 document in UTF-8.
pub fn render(feed: &Feed) -> Vec<u8> {
    let document = AtomFeed {
        id: clean(&feed.id),
        title: plain(&feed.title, None),
        subtitle: Some(&feed.description)
            .filter(|text| !text.is_empty())
            .map(|text| plain(text, None)),
        updated: feed.date(feed.updated),
        lang: Some(clean(&feed.language)),
        // RFC 4287, 4.1.1: without it, every entry would need an author of its own.
        authors: vec![Person {
            name: clean(&feed.publisher),
            email: feed.contact.as_deref().map(clean),
            ..Person::default()
        }],
        links: links(feed),
        rights: feed.rights.as_deref().map(|text| plain(text, None)),
        icon: feed.icon.as_deref().map(clean),
        logo: feed.logo.as_deref().map(clean),
        generator: Some(Generator {
            value: GENERATOR.to_owned(),
            ..Generator::default()
        }),
        extensions: feed_extensions(feed),
        namespaces: namespaces(feed),
        entries: feed.entries.iter().map(|item| entry(feed, item)).collect(),
        ..AtomFeed::default()
    };
    let layout = WriteConfig {
        write_document_declaration: true,
        indent_size: Some(1),
    };
    let mut bytes = document
        .write_with_config(Vec::with_capacity(feed.expected_size()), layout)
        .expect("the writer fails only when its output does, and a Vec never does");
    bytes.push(b'\n');
    bytes
}

fn namespaces(feed: &Feed) -> BTreeMap<String, String> {
    let media = Some(("media", MEDIA_NAMESPACE));
    let history = feed.is_archive().then_some(("fh", HISTORY_NAMESPACE));
    let is_used = !feed.tombstones.is_empty();
    let tombstones = is_used.then_some(("at", TOMBSTONE_NAMESPACE));
    let used = [media, history, tombstones].into_iter().flatten();
    used.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
        .collect()
}

fn feed_extensions(feed: &Feed) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    if feed.is_archive() {
        let archive = element("fh:archive", &[]);
        extensions.insert(
            "fh".to_owned(),
            BTreeMap::from([("archive".to_owned(), vec![archive])]),
        );
    }
    if !feed.tombstones.is_empty() {
        let deleted = feed.tombstones.iter().map(|gone| deleted_entry(feed, gone));
        extensions.insert(
            "at".to_owned(),
            BTreeMap::from([("deleted-entry".to_owned(), deleted.collect())]),
        );
    }
    extensions
}

/// RFC 6721, section 3.
fn deleted_entry(feed: &Feed, tombstone: &Tombstone) -> Extension {
    let when = feed.date(tombstone.when).to_rfc3339();
    let mut deleted = element(
        "at:deleted-entry",
        &[("ref", &tombstone.id), ("when", &when)],
    );
    deleted.value = None;
    let mut by = element("at:by", &[]);
    by.value = None;
    by.children
        .insert("name".to_owned(), vec![with_text("name", &tombstone.by)]);
    deleted.children.insert("by".to_owned(), vec![by]);
    if let Some(reason) = &tombstone.reason {
        let comment = with_text("at:comment", reason);
        deleted.children.insert("comment".to_owned(), vec![comment]);
    }
    if let Some(url) = &tombstone.url {
        let link = element(
            "link",
            &[("rel", "alternate"), ("type", "text/html"), ("href", url)],
        );
        deleted.children.insert("link".to_owned(), vec![link]);
    }
    deleted
}

fn with_text(name: &str, text: &str) -> Extension {
    Extension {
        value: Some(clean(text)),
        ..element(name, &[])
    }
}

fn clean(text: &str) -> String {
    line(text).into_owned()
}

fn plain(text: &str, language: Option<&str>) -> Text {
    Text {
        lang: language.map(clean),
        ..Text::plain(clean(text))
    }
}

/// At most one alternate of each pair of type and language (RFC 4287, 4.1.1).
fn links(feed: &Feed) -> Vec<Link> {
    let document = |format: Format, rel: &str| Link {
        href: clean(&feed.url(format)),
        rel: rel.to_owned(),
        mime_type: Some(format.media_type().to_owned()),
        ..Link::default()
    };
    let page = Link {
        hreflang: Some(clean(&feed.language)),
        ..html_page(&feed.home)
    };
    let hubs = feed.hubs.iter().map(|hub| Link {
        href: clean(hub),
        rel: "hub".to_owned(),
        ..Link::default()
    });
    let alternates = feed.alternates(Format::Atom);
    let translations = feed.translations(Format::Atom).map(|translation| Link {
        href: clean(&translation.url),
        rel: "alternate".to_owned(),
        hreflang: Some(clean(&translation.language)),
        mime_type: Some(Format::Atom.media_type().to_owned()),
        ..Link::default()
    });
    let related = feed.related.iter().map(|related| Link {
        href: clean(&related.url),
        rel: "related".to_owned(),
        title: Some(clean(&related.title)),
        ..Link::default()
    });
    let chain = feed.chain_links(Format::Atom).into_iter();
    let chain = chain.map(|(rel, url)| Link {
        href: clean(&url),
        rel: rel.to_owned(),
        mime_type: Some(Format::Atom.media_type().to_owned()),
        ..Link::default()
    });
    [document(Format::Atom, "self"), page]
        .into_iter()
        .chain(hubs)
        .chain(chain)
        .chain(alternates.map(|format| document(format, "alternate")))
        .chain(translations)
        .chain(related)
        .collect()
}

fn html_page(url: &str) -> Link {
    Link {
        href: clean(url),
        rel: "alternate".to_owned(),
        mime_type: Some("text/html".to_owned()),
        ..Link::default()
    }
}

fn entry(feed: &Feed, entry: &Entry) -> AtomEntry {
    // Atom entries bear no xml:lang in this crate; their texts do.
    let language = feed.language_of(entry);
    let page = Link {
        hreflang: Some(clean(&entry.language)),
        ..html_page(&entry.url)
    };
    let via = entry.external_url.as_deref().map(|url| Link {
        href: clean(url),
        rel: "via".to_owned(),
        ..Link::default()
    });
    let enclosures = entry.enclosures.iter().map(|enclosure| Link {
        href: clean(&enclosure.url),
        rel: "enclosure".to_owned(),
        mime_type: Some(clean(&enclosure.media_type)),
        length: enclosure.length.map(|length| length.to_string()),
        title: enclosure.title.as_deref().map(clean),
        ..Link::default()
    });
    let mut extensions = ExtensionMap::new();
    if let Some(media) = media(entry) {
        extensions.insert("media".to_owned(), media);
    }
    AtomEntry {
        id: clean(&entry.id),
        title: plain(&entry.title, language),
        updated: feed.date(entry.updated),
        published: Some(feed.date(entry.published)),
        authors: entry
            .authors
            .iter()
            .map(|name| Person {
                name: clean(name),
                ..Person::default()
            })
            .collect(),
        categories: entry
            .categories
            .iter()
            .map(|category| Category {
                term: clean(&category.slug),
                scheme: Some(clean(&category.scheme)),
                label: Some(clean(&category.label)),
            })
            .collect(),
        links: std::iter::once(page).chain(via).chain(enclosures).collect(),
        summary: Some(plain(&entry.summary, language)).filter(|text| !text.value.is_empty()),
        content: feed.content(entry).map(|content| Content {
            lang: language.map(clean),
            value: Some(content.into_owned()),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        extensions,
        ..AtomEntry::default()
    }
}

/// The Media RSS elements of an entry's picture, by their local names.
fn media(entry: &Entry) -> Option<BTreeMap<String, Vec<Extension>>> {
    let image = entry.image.as_ref()?;
    let mut content = element(
        "media:content",
        &[
            ("url", &image.url),
            ("type", &image.media_type),
            ("medium", medium(&image.media_type)),
        ],
    );
    if let Some(length) = image.length.filter(|length| *length > 0) {
        let length = length.to_string();
        content.attrs.insert("fileSize".to_owned(), length);
    }
    let texts = [
        ("description", Some(&image.alt)),
        ("title", image.caption.as_ref()),
    ];
    for (name, text) in texts {
        if let Some(text) = text.map(|text| clean(text)).filter(|text| !text.is_empty()) {
            let mut child = element(&format!("media:{name}"), &[("type", "plain")]);
            child.value = Some(text);
            content.children.insert(name.to_owned(), vec![child]);
            content.value = None;
        }
    }
    let thumbnail = element("media:thumbnail", &[("url", &image.url)]);
    Some(BTreeMap::from([
        ("content".to_owned(), vec![content]),
        ("thumbnail".to_owned(), vec![thumbnail]),
    ]))
}

/// An extension element. `atom_syndication` writes the attributes of extensions, and of nothing
/// else, as they are: they are escaped here.
fn element(name: &str, attributes: &[(&str, &str)]) -> Extension {
    Extension {
        name: name.to_owned(),
        value: Some(String::new()),
        attrs: attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), escape(clean(value)).into_owned()))
            .collect(),
        ..Extension::default()
    }
}
