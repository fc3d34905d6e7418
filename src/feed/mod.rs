//! Feeds: a selection of entries written as RSS 2.0, Atom 1.0 and JSON Feed 1.1, and the OPML
//! list of all feeds.
//!
//! Pure: a [`Feed`] in, bytes out. Equal input gives equal bytes. What the formats share (dates,
//! content, cleaned text) is made here once, so that the entries of one feed agree in all three.

pub mod atom;
pub mod json;
pub mod opml;
pub mod rss;
mod site;
mod text;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;

use crate::entry::{Entry, Translation};

pub use site::of_site;

/// The `generator` that feeds name. It has no version, which would change every feed's bytes
/// with each release.
const GENERATOR: &str = "Tidings";

/// The namespace of Media RSS, in which RSS and Atom carry pictures and further files.
const MEDIA_NAMESPACE: &str = "http://search.yahoo.com/mrss/";

/// The namespace of `fh:archive` (RFC 5005, section 4).
const HISTORY_NAMESPACE: &str = "http://purl.org/syndication/history/1.0";

/// The namespace of `at:deleted-entry` (RFC 6721, section 2).
const TOMBSTONE_NAMESPACE: &str = "http://purl.org/atompub/tombstones/1.0";

/// The folder of a feed's archive documents, below that of the feed.
pub const ARCHIVE_FOLDER: &str = "archive";

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

    /// Its name in addresses and configurations.
    pub fn word(self) -> &'static str {
        match self {
            Format::Rss => "rss",
            Format::Atom => "atom",
            Format::Json => "json",
        }
    }

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

/// What a feed says of an entry that is gone (RFC 6721, section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The entry's permanent id.
    pub id: String,
    /// Since when it is gone.
    pub when: DateTime<Utc>,
    /// Who took it back, plain text.
    pub by: String,
    /// Why, plain text.
    pub reason: Option<String>,
    /// The notice in the place of its page, an absolute URL, if there are pages.
    pub url: Option<String>,
}

/// Where a document stands among those that together hold a whole feed (RFC 5005, section 4),
/// by the numbers of its archive documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chain {
    /// Its own number; `None` for the subscription document, which readers poll.
    pub number: Option<u32>,
    /// The archive document before it.
    pub previous: Option<u32>,
    /// The archive document after it, which stands at this address once it is sealed.
    pub next: Option<u32>,
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
    /// The same feed in other languages, by its page: its documents stand below that. None for
    /// archive documents, whose bytes stay as they are.
    pub translations: Vec<Translation>,
    /// The zone in which dates are written.
    pub timezone: Tz,
    /// The newest `updated` of all entries, or when the last one went; never the clock's time.
    pub updated: DateTime<Utc>,
    /// Which document of the feed this is.
    pub chain: Chain,
    /// Newest first.
    pub entries: Vec<Arc<Entry>>,
    /// What is gone, the last first. Only Atom can say it.
    pub tombstones: Vec<Tombstone>,
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
    /// hints where they can say the same; 0 leaves both out.
    pub ttl: u32,
    /// The WebSub hubs that push it, absolute URLs.
    pub hubs: Vec<String>,
    /// The address of a feed that is made on demand, without its format:
    /// `https://news.example.org/feed?select=…`; `None` for one that stands below its home.
    pub on_demand: Option<String>,
}

impl Feed {
    /// The URL of this document in `format`: its self link.
    pub fn url(&self, format: Format) -> String {
        match self.chain.number {
            Some(number) => self.archive_url(number, format),
            None => self.current(format),
        }
    }

    /// The URL of the subscription document in `format`.
    fn current(&self, format: Format) -> String {
        match &self.on_demand {
            Some(address) => format!("{address}&format={}", format.word()),
            None => format!("{}{}", self.home, format.file_name()),
        }
    }

    fn archive_url(&self, number: u32, format: Format) -> String {
        let (home, name) = (&self.home, format.file_name());
        format!("{home}{ARCHIVE_FOLDER}/{number}/{name}")
    }

    /// Whether this is an archive document.
    fn is_archive(&self) -> bool {
        self.chain.number.is_some()
    }

    /// The relations and URLs of the other documents of the feed in `format` (RFC 5005, section
    /// 4).
    fn chain_links(&self, format: Format) -> Vec<(&'static str, String)> {
        let current = self.is_archive().then(|| ("current", self.current(format)));
        let archive = |number: u32| self.archive_url(number, format);
        let previous = self
            .chain
            .previous
            .map(|number| ("prev-archive", archive(number)));
        let next = self
            .chain
            .next
            .map(|number| ("next-archive", archive(number)));
        current.into_iter().chain(previous).chain(next).collect()
    }

    /// The formats besides `format` in which the feed is published, each once.
    fn alternates(&self, format: Format) -> impl Iterator<Item = Format> {
        Format::ALL
            .into_iter()
            .filter(move |other| *other != format && self.formats.contains(other))
    }

    /// The document in `format` of the same feed in each other language.
    fn translations(&self, format: Format) -> impl Iterator<Item = Translation> {
        self.translations
            .iter()
            .map(move |translation| Translation {
                language: translation.language.clone(),
                url: format!("{}{}", translation.url, format.file_name()),
            })
    }

    /// The content that an entry carries in this feed; `None` where its summary must do: in a
    /// feed of summaries, or when the item has no text.
    fn content<'a>(&self, entry: &'a Entry) -> Option<Cow<'a, str>> {
        self.full_text
            .then(|| entry_content(entry))
            .filter(|content| !content.is_empty())
    }

    /// The language of an entry, where it is not the feed's.
    fn language_of<'a>(&self, entry: &'a Entry) -> Option<&'a str> {
        let is_own = !entry.language.eq_ignore_ascii_case(&self.language);
        is_own.then_some(entry.language.as_str())
    }

    /// About how many bytes it takes when it is written, rather too many than too few: a document
    /// that outgrows its place is copied again and again.
    fn expected_size(&self) -> usize {
        let entries = self.entries.iter();
        let sizes = entries.map(|entry| entry.content.len() * 9 / 8 + entry.summary.len() * 2);
        sizes.map(|size| size + 2_048).sum::<usize>() + 4_096
    }

    /// An instant as the feed writes it: in its zone, in whole seconds, in a year of four digits.
    fn date(&self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        // 2 January 1 to 30 December 9999: a day inside, so that no zone leaves these years.
        const RANGE: (i64, i64) = (-62_135_510_400, 253_402_214_399);
        let seconds = instant.timestamp().clamp(RANGE.0, RANGE.1);
        let instant = DateTime::from_timestamp_secs(seconds).unwrap_or_default();
        let local = instant.with_timezone(&self.timezone).fixed_offset();
        // Before standard time came, offsets had seconds, which neither RFC 2822 nor 3339 can say.
        if local.offset().local_minus_utc() % 60 == 0 {
            local
        } else {
            instant.fixed_offset()
        }
    }
}

/// A feed written in `format`.
pub fn render(feed: &Feed, format: Format) -> Vec<u8> {
    match format {
        Format::Rss => rss::render(feed),
        Format::Atom => atom::render(feed),
        Format::Json => json::render(feed),
    }
}

/// The HTML that readers of an entry see, in every feed format and on its page: its content,
/// below a note of what was corrected, if anything was.
pub fn entry_content(entry: &Entry) -> Cow<'_, str> {
    let content = text::block(&entry.content);
    let Some(correction) = &entry.correction else {
        return content;
    };
    let correction = text::line(correction);
    let correction = text::html(&correction);
    Cow::Owned(format!(
        "<p class=\"correction\"><strong>Correction:</strong> {correction}</p>{content}"
    ))
}

/// The Media RSS kind of a MIME type: the `medium` of `media:content`.
fn medium(media_type: &str) -> &'static str {
    match media_type.split('/').next() {
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => "document",
    }
}

/// A heading or a feed in the OPML directory, with what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Plain text.
    pub title: String,
    /// Its feed, if it has one.
    pub feed: Option<Outline>,
    /// What stands below it.
    pub children: Vec<Branch>,
}

/// A feed as the OPML list names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Plain text.
    pub title: String,
    /// Absolute URL of the feed document.
    pub feed_url: String,
    /// The format of that document; OPML calls all of them `rss`, as readers expect.
    pub format: Format,
    /// Absolute URL of the page.
    pub page_url: String,
    /// The heading that it stands under: the facet's plural name, or `None` at the top.
    pub group: Option<String>,
}
