//! Feeds: a selection of entries written as RSS 2.0, Atom 1.0 and JSON Feed 1.1, and the OPML
//! list of all feeds.
//!
//! Pure: a [`Feed`] in, bytes out. Equal input gives equal bytes.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::entry::Entry;

/// A format that a feed is published in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// RSS 2.0.
    Rss,
    /// Atom 1.0, RFC 4287.
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl Format {
    /// All formats, in the order in which pages list them.
    pub const ALL: [Format; 3] = [Format::Rss, Format::Atom, Format::Json];

    /// The name of the file that a feed of this format is written to.
    pub fn file_name(self) -> &'static str {
        match self {
            Format::Rss => "rss.xml",
            Format::Atom => "atom.xml",
            Format::Json => "feed.json",
        }
    }

    /// Its MIME type, without charset.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Rss => "application/rss+xml",
            Format::Atom => "application/atom+xml",
            Format::Json => "application/feed+json",
        }
    }

    /// Its name to readers.
    pub fn name(self) -> &'static str {
        match self {
            Format::Rss => "RSS",
            Format::Atom => "Atom",
            Format::Json => "JSON Feed",
        }
    }
}

/// A link from a feed to something related: the parent topic, the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedLink {
    /// Absolute URL.
    pub url: String,
    /// What it is.
    pub title: String,
}

/// A selection of entries, ready to be written in any format.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Permanent id of the feed (Atom `id`): a `tag:` URI made of the site's host and the path.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// Plain text: RSS `description`, Atom `subtitle`, JSON `description`.
    pub description: String,
    /// The page that shows the same entries, an absolute URL with a slash at its end; the feed's
    /// own documents stand below it, by [`Format::file_name`].
    pub home: String,
    /// BCP 47 tag.
    pub language: String,
    /// The zone in which dates are written.
    pub timezone: chrono_tz::Tz,
    /// The newest `updated` of all entries, never the clock's time.
    pub updated: DateTime<Utc>,
    /// Newest first.
    pub entries: Vec<Arc<Entry>>,
    /// Whether entries carry their content, or their summary alone.
    pub full_text: bool,
    /// The formats in which it is published; each links the others as alternates.
    pub formats: Vec<Format>,
    /// Other pages or feeds worth knowing.
    pub related: Vec<RelatedLink>,
    /// Name of the publisher.
    pub publisher: String,
    /// E-mail address of the publisher.
    pub contact: Option<String>,
    /// Rights statement.
    pub rights: Option<String>,
    /// Square icon, an absolute URL.
    pub icon: Option<String>,
    /// Wide picture, an absolute URL.
    pub logo: Option<String>,
    /// Minutes for which a reader may keep the feed before asking again: `ttl`, and the `sy:`
    /// hints in whole hours where it is one.
    pub ttl: u32,
}

/// A feed as the OPML list names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Plain text.
    pub title: String,
    /// Absolute URL of the feed document.
    pub feed_url: String,
    /// `rss` for RSS and, by custom, Atom.
    pub format: Format,
    /// Absolute URL of the page.
    pub page_url: String,
    /// The heading that it stands under: the facet's plural name, or `None` at the top.
    pub group: Option<String>,
}
