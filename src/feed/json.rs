//! JSON Feed 1.1 (jsonfeed.org/version/1.1).
//!
//! What the format has no word for stands in its extension object `_tidings`: categories with
//! their schemes, corrections, rights, links to the other formats, and what archive documents are.

use std::borrow::Cow;

use serde::Serialize;

use super::text::line;
use super::{Feed, Format};
use crate::entry::{Entry, Translation};

/// The feed as a JSON Feed 1.1 document, indented.
pub fn render(feed: &Feed) -> Vec<u8> {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: line(&feed.title),
        home_page_url: line(&feed.home),
        feed_url: feed.url(Format::Json),
        next_url: feed
            .chain
            .previous
            .map(|number| feed.archive_url(number, Format::Json)),
        description: some_line(&feed.description),
        icon: feed.icon.as_deref().map(line),
        favicon: feed.icon.as_deref().map(line),
        authors: vec![Author {
            name: line(&feed.publisher),
        }],
        language: line(&feed.language),
        hubs: feed
            .hubs
            .iter()
            .map(|hub| Hub {
                kind: "WebSub",
                url: line(hub),
            })
            .collect(),
        tidings: FeedExtension {
            id: line(&feed.id),
            updated: feed.date(feed.updated).to_rfc3339(),
            rights: feed.rights.as_deref().map(line),
            ttl: feed.ttl,
            archive: feed.chain.number.map(|number| Archive {
                number,
                current: feed.current(Format::Json),
                next_archive: feed
                    .chain
                    .next
                    .map(|number| feed.archive_url(number, Format::Json)),
            }),
            alternates: feed
                .alternates(Format::Json)
                .map(|format| Alternate {
                    url: feed.url(format),
                    mime_type: format.media_type(),
                })
                .collect(),
            translations: feed.translations(Format::Json).collect(),
            related: feed
                .related
                .iter()
                .map(|related| Related {
                    url: line(&related.url),
                    title: line(&related.title),
                })
                .collect(),
        },
        items: feed.entries.iter().map(|entry| item(feed, entry)).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&document)
        .expect("all keys are strings, and writing to a Vec does not fail");
    bytes.push(b'\n');
    bytes
}

fn item<'a>(feed: &Feed, entry: &'a Entry) -> Item<'a> {
    let title = line(&entry.title);
    let summary = some_line(&entry.summary);
    let content_html = feed.content(entry);
    // One of the two contents must be present.
    let content_text = match content_html {
        Some(_) => None,
        None => Some(summary.clone().unwrap_or_else(|| title.clone())),
    };
    let published = feed.date(entry.published);
    let updated = feed.date(entry.updated);
    Item {
        id: line(&entry.id),
        url: line(&entry.url),
        external_url: entry.external_url.as_deref().map(line),
        title,
        content_html,
        content_text,
        summary,
        image: entry.image.as_ref().map(|image| line(&image.url)),
        date_published: published.to_rfc3339(),
        date_modified: (updated != published).then(|| updated.to_rfc3339()),
        authors: entry
            .authors
            .iter()
            .map(|name| Author { name: line(name) })
            .collect(),
        tags: entry
            .categories
            .iter()
            .map(|category| line(&category.label))
            .collect(),
        language: feed.language_of(entry).map(line),
        attachments: entry
            .enclosures
            .iter()
            .map(|enclosure| Attachment {
                url: line(&enclosure.url),
                mime_type: line(&enclosure.media_type),
                title: enclosure.title.as_deref().map(line),
                size_in_bytes: enclosure.length,
            })
            .collect(),
        tidings: ItemExtension {
            categories: entry
                .categories
                .iter()
                .map(|category| Category {
                    scheme: line(&category.scheme),
                    term: line(&category.slug),
                    label: line(&category.label),
                })
                .collect(),
            correction: entry.correction.as_deref().map(line),
        },
    }
}

fn some_line(text: &str) -> Option<Cow<'_, str>> {
    Some(line(text)).filter(|text| !text.is_empty())
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: Cow<'a, str>,
    home_page_url: Cow<'a, str>,
    feed_url: String,
    /// Where the entries before these are: the archive document before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    favicon: Option<Cow<'a, str>>,
    authors: Vec<Author<'a>>,
    language: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    #[serde(rename = "_tidings")]
    tidings: FeedExtension<'a>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: Cow<'a, str>,
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: Cow<'a, str>,
}

#[derive(Serialize)]
struct FeedExtension<'a> {
    id: Cow<'a, str>,
    updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<Cow<'a, str>>,
    /// Minutes.
    ttl: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<Archive>,
    alternates: Vec<Alternate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    translations: Vec<Translation>,
    related: Vec<Related<'a>>,
}

/// What `fh:archive`, `current` and `next-archive` say in the other formats (RFC 5005).
#[derive(Serialize)]
struct Archive {
    number: u32,
    current: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_archive: Option<String>,
}

#[derive(Serialize)]
struct Alternate {
    url: String,
    mime_type: &'static str,
}

#[derive(Serialize)]
struct Related<'a> {
    url: Cow<'a, str>,
    title: Cow<'a, str>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: Cow<'a, str>,
    url: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<Cow<'a, str>>,
    title: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Cow<'a, str>>,
    date_published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    #[serde(rename = "_tidings")]
    tidings: ItemExtension<'a>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: Cow<'a, str>,
    mime_type: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

#[derive(Serialize)]
struct ItemExtension<'a> {
    categories: Vec<Category<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correction: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Category<'a> {
    scheme: Cow<'a, str>,
    term: Cow<'a, str>,
    label: Cow<'a, str>,
}
