//! One source file read into an [`Item`]: Markdown, plain text, HTML or JSON.
//!
//! Pure: bytes and options in, values out. No clock, no disk. What an item states is kept as it
//! is written; [`crate::tag`] finds out what it means. Of the taxonomy only the labels of its
//! facets are looked at.
//!
//! A [`Reader`] is built once and reads any number of files: its bytes are decoded first, then the
//! reader for the [`Format`], which states what it finds to a draft; the draft checks every value
//! and becomes an [`Item`], or the list of all that is wrong with it.

mod body;
mod characters;
mod dateline;
pub(crate) mod dates;
pub mod decisions;
mod draft;
mod encoding;
mod fields;
mod front_matter;
mod html;
mod json;
mod labels;
mod links;
mod markdown;
mod markup;
mod metadata;
mod paragraphs;
mod plain;
mod reader;
mod sanitise;
mod text;
mod tidy;
mod translation;

#[cfg(test)]
mod tests;

pub use body::summary;
pub(crate) use characters::is_surely_one_line;
pub use reader::{Format, Options, Reader, Reading};
pub use translation::{TranslationLink, by_file_name, stem};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::taxonomy::FacetId;

/// How the date of an item was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrigin {
    /// Stated by a label, a front-matter key or a meta element.
    Stated,
    /// Read from the text's dateline: `VIENNA, 22 November 2024 –` or `On 22 November 2024, ...`.
    Dateline,
    /// Nothing states it: the moment at which Tidings first saw the item.
    FirstSeen,
}

/// A value as an item states it, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// The text, trimmed, one line: `OSCE Secretariat, Transnational Threats Department`.
    pub text: String,
    /// The line in the source file, from 1; 0 where the reader cannot know it.
    pub line: usize,
    /// The column in characters, from 1; 0 where the reader cannot know it.
    pub column: usize,
}

/// What an editor decided about a term of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the item bears it.
    pub accepted: bool,
    /// The term: `field_of_work:elections`.
    pub term: Stated,
}

impl Decision {
    /// A decision about the term `field_of_work:elections` that stands in no file yet.
    pub fn new(accepted: bool, term: impl Into<String>) -> Decision {
        Decision {
            accepted,
            term: Stated {
                text: term.into(),
                line: 0,
                column: 0,
            },
        }
    }
}

/// A file that goes with an item: audio, video, a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Absolute URL.
    pub url: String,
    /// MIME type: `audio/mpeg`.
    pub media_type: String,
    /// Length in bytes; `None` where nobody stated it.
    pub length: Option<u64>,
    /// A title to show, if any.
    pub title: Option<String>,
}

/// The picture of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute URL.
    pub url: String,
    /// MIME type: `image/jpeg`.
    pub media_type: String,
    /// Length in bytes; `None` where nobody stated it.
    pub length: Option<u64>,
    /// Its width and height in pixels, once its file was looked at.
    pub size: Option<(u32, u32)>,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// Caption or credit, if any.
    pub caption: Option<String>,
}

/// The text of an item, in the form in which it was written; rendered only when it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// CommonMark with tables, strikethrough and footnotes.
    Markdown(String),
    /// HTML, not yet sanitised.
    Html(String),
    /// Plain paragraphs, divided by blank lines.
    Text(String),
}

/// An author's word that an item is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Who took it back, plain text; `None` means the site.
    pub by: Option<String>,
    /// Why, plain text.
    pub reason: Option<String>,
    /// When; `None` means when Tidings first saw it withdrawn.
    pub at: Option<DateTime<Utc>>,
}

/// One piece of news, as its source file states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// A stated id (front matter `id`), used as it is.
    pub id: Option<String>,
    /// A stated slug, already checked to be a plain path segment.
    pub slug: Option<String>,
    /// Plain text, one line.
    pub title: String,
    /// What sort of item: `Press release`, `News item`.
    pub kind: Option<String>,
    /// When it was issued, and how that was found; `None` when nothing says it.
    pub published: Option<(DateTime<Utc>, DateOrigin)>,
    /// When the author says that it was last changed.
    pub updated: Option<DateTime<Utc>>,
    /// What a correction changed, plain text.
    pub correction: Option<String>,
    /// Not to be published before this moment (`embargo`, `publish_at`).
    pub embargo: Option<DateTime<Utc>>,
    /// The author took it back.
    pub withdrawn: Option<Withdrawal>,
    /// BCP 47 tag: `en`, `sr-Latn`. `None` means the site's language.
    pub language: Option<String>,
    /// Of which other items it is a translation.
    pub translation: Option<TranslationLink>,
    /// What it states for each facet, in the order stated.
    pub stated: Vec<(FacetId, Stated)>,
    /// What editors decided about its terms (`accepted_tags`, `rejected_tags`, or a sidecar).
    pub decisions: Vec<Decision>,
    /// A stated summary or a lead that stands apart from the body; plain text.
    pub summary: Option<String>,
    /// The text.
    pub body: Body,
    /// Its picture.
    pub image: Option<Image>,
    /// Its other files.
    pub enclosures: Vec<Enclosure>,
    /// Where the item stands on another site (`link`, `canonical`), an absolute http(s) URL.
    pub link: Option<String>,
}

impl Item {
    /// An item of which nothing is known but its title.
    pub(crate) fn titled(title: impl Into<String>) -> Item {
        Item {
            id: None,
            slug: None,
            title: title.into(),
            kind: None,
            published: None,
            updated: None,
            correction: None,
            embargo: None,
            withdrawn: None,
            language: None,
            translation: None,
            stated: Vec::new(),
            decisions: Vec::new(),
            summary: None,
            body: Body::Text(String::new()),
            image: None,
            enclosures: Vec::new(),
            link: None,
        }
    }
}
