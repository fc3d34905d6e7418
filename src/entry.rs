//! An [`Entry`]: an item as it stands in a feed, on a page and in a digest.
//!
//! The one form that [`crate::feed`], [`crate::page`] and [`crate::digest`] render, so that no
//! two of them can disagree about an item.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::item::{Enclosure, Image};
use crate::tag::Origin;
use crate::taxonomy::TermId;

/// A tag as readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The term, for its order.
    pub term: TermId,
    /// The facet's key: `field_of_work`.
    pub facet: String,
    /// The facet's slug: `field-of-work`.
    pub facet_slug: String,
    /// The term's slug.
    pub slug: String,
    /// The term's name.
    pub label: String,
    /// The facet's scheme, an absolute URL: Atom `scheme`, RSS `domain`.
    pub scheme: String,
    /// The term's page, an absolute URL.
    pub url: String,
    /// Who says so.
    pub origin: Origin,
    /// Whether the item bears the term itself rather than through a child term.
    pub direct: bool,
    /// Whether the term's facet names the issuers of items.
    pub issuer: bool,
}

/// The same thing in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Translation {
    /// BCP 47 tag.
    pub language: String,
    /// Its page, an absolute URL.
    pub url: String,
}

/// An item as it stands in a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The permanent id: Atom `id`, RSS `guid`, JSON Feed `id`. Never changes once published.
    pub id: String,
    /// Its page on this site, an absolute URL.
    pub url: String,
    /// The path of its page below the output's root, no slash at either end: `news/2024/slug`.
    pub path: String,
    /// Where it stands on another site, if anywhere.
    pub external_url: Option<String>,
    /// Plain text, one line.
    pub title: String,
    /// `Press release`, `News item`, ...
    pub kind: Option<String>,
    /// When it was issued.
    pub published: DateTime<Utc>,
    /// When what a reader sees last changed; never before `published`.
    pub updated: DateTime<Utc>,
    /// What a correction changed, plain text.
    pub correction: Option<String>,
    /// BCP 47 tag.
    pub language: String,
    /// The names of the issuing terms that the item itself bears, or the site's title.
    pub authors: Vec<String>,
    /// Its tags in the taxonomy's order.
    pub categories: Vec<Category>,
    /// Plain text, at most some 300 characters, whole words.
    pub summary: String,
    /// Sanitised HTML with absolute links; shown through [`crate::feed::entry_content`], which
    /// puts the correction above it.
    pub content: String,
    /// Its picture.
    pub image: Option<Image>,
    /// Its other files.
    pub enclosures: Vec<Enclosure>,
}

/// The moment that a number of milliseconds since 1970 UTC stands for.
pub fn from_milliseconds(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}
