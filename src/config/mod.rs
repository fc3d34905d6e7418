//! `feeds.toml`: what it may say, as checked values.
//!
//! Reading finds every problem at once; a [`Config`] that exists is right: its terms, parents,
//! selections, schedules, URLs and zones have all been resolved.
//!
//! Pure: text in, values out. Whether the folders exist is found out by those who use them.

mod bearers;
mod bounces;
mod decode;
mod defaults;
mod digests;
mod discovery;
mod dkim;
mod facets;
mod feeds;
mod folders;
mod former;
mod labels;
mod languages;
pub mod listmonk;
mod look;
pub mod mail;
mod notes;
mod parents;
mod quantities;
mod read;
pub mod serve;
mod site;
pub mod subscriptions;
mod successors;
mod tags;
mod terms;
#[cfg(test)]
mod tests;
mod values;
pub mod websub;

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::discovery::Security;
use crate::feed::Format;
use crate::language::{LanguageId, said};
use crate::selection::Selection;
use crate::taxonomy::{FacetId, Taxonomy};

pub use bounces::{Bounces, SECRET_VARIABLE};
pub use digests::{Approval, Cadence, Digest, MailImages, Period, Quiet, Utm};
pub use dkim::Dkim;
pub use languages::place as language_place;
pub use listmonk::Listmonk;
pub use mail::Mail;
pub use read::read;
pub use site::{Language, Root, Site};

/// The whole of `feeds.toml`.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[site]`
    pub site: Site,
    /// `[items]`
    pub items: Items,
    /// `[output]`
    pub output: Output,
    /// `[watch]`
    pub watch: Watch,
    /// `[ledger]`
    pub ledger: Ledger,
    /// `[facet.*]`
    pub taxonomy: Taxonomy,
    /// `[tags]`
    pub tags: Tags,
    /// `[feeds]`
    pub feeds: Feeds,
    /// `[pages]`
    pub pages: Pages,
    /// `[websub]`
    pub websub: Websub,
    /// `[mail]`; `None`: digests are published and not mailed.
    pub mail: Option<Mail>,
    /// `[listmonk]`; `None`: no issue is handed over.
    pub listmonk: Option<Listmonk>,
    /// `[[feed]]`
    pub selections: Vec<SelectionFeed>,
    /// `[[digest]]`
    pub digests: Vec<Digest>,
    /// `[discovery]`
    pub discovery: Discovery,
    /// `[serve]`
    pub serve: serve::Serve,
    /// `[subscriptions]`
    pub subscriptions: subscriptions::Subscriptions,
}

impl Config {
    /// Whether the issues of a digest are mailed, rather than only published.
    pub fn is_mailed(&self, digest: &Digest) -> bool {
        self.mail.is_some() && digest.mail
    }
}

/// What helps crawlers find what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// Whether sitemaps are made.
    pub sitemaps: bool,
    /// Whether `robots.txt` is made.
    pub robots: bool,
    /// More lines for it.
    pub rules: Vec<String>,
    /// What `security.txt` says, if there is one.
    pub security: Option<Security>,
}

/// Where items come from and how they are read.
#[derive(Debug, Clone)]
pub struct Items {
    /// Folders to read and watch, relative to `feeds.toml`.
    pub folders: Vec<PathBuf>,
    /// Names not read, as glob patterns over the path below the folder (`*` and `?` within a
    /// segment, `**` over segments). Hidden files and editors' temporary files never are.
    pub ignore: Vec<String>,
    /// The largest item file, in bytes.
    pub size_limit: u64,
    /// Which of day and month stands first in `03/04/2024`.
    pub day_first: bool,
    /// The labels and keys under which items state what is not a facet.
    pub labels: Labels,
}

/// The labels and front-matter keys under which items state what is not a facet; each list holds
/// the built-in names and those of `[items.labels]`. Compared without regard to case, spaces,
/// hyphens and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// `title`
    pub title: Vec<String>,
    /// `date`, `published`, `Issued on`, `Publishing date`
    pub published: Vec<String>,
    /// `updated`
    pub updated: Vec<String>,
    /// `embargo`, `publish_at`
    pub embargo: Vec<String>,
    /// `type`, `kind`, `Content type`
    pub kind: Vec<String>,
    /// `language`, `lang`
    pub language: Vec<String>,
    /// `summary`, `description`, `lead`
    pub summary: Vec<String>,
}

/// Where generated files go.
#[derive(Debug, Clone)]
pub struct Output {
    /// The folder, relative to `feeds.toml`.
    pub folder: PathBuf,
}

/// How changes are noticed.
#[derive(Debug, Clone)]
pub struct Watch {
    /// How long a folder must be quiet before what changed is read; at most 100 ms by default.
    pub debounce: Duration,
    /// `native` notifications backed by scans, or scans alone (`poll`, for network folders).
    pub poll: bool,
    /// How often everything is scanned, whatever the notifications say.
    pub rescan: Duration,
}

/// Where the durable facts are kept.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// SQLite file, relative to `feeds.toml`. Its folder also holds the catalog's cache.
    pub file: PathBuf,
}

/// How tags are learned and reviewed.
#[derive(Debug, Clone, PartialEq)]
pub struct Tags {
    /// The facets whose tags are learned from the newsroom's own items, each once.
    pub learn: Vec<FacetId>,
    /// How often a tag that is given without review must be right, from 0.5 to 0.999.
    pub precision: f32,
    /// Where editors' decisions are kept.
    pub decisions: Decisions,
}

/// Where the decisions of `tidings review` are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decisions {
    /// In the front matter of the item's file, where it has one; in a sidecar elsewhere.
    FrontMatter,
    /// In a file of its own beside the item's: `item.md.tags.toml`.
    Sidecar,
}

/// Which feeds keep their older entries in archive documents (RFC 5005), so that nothing is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archiving {
    /// All of them.
    All,
    /// All but those of pairs of terms, whose entries stand in the archives of both terms.
    Topics,
    /// None.
    Nothing,
}

/// What every feed has in common.
#[derive(Debug, Clone)]
pub struct Feeds {
    /// The formats that are published, each once.
    pub formats: Vec<Format>,
    /// The newest entries that a feed holds at the least; without archives, all that it holds.
    pub limit: usize,
    /// How long feeds say that an item is gone.
    pub tombstones: Duration,
    /// Which feeds keep their older entries in archive documents (RFC 5005).
    pub archives: Archiving,
    /// Content in full, or summaries only.
    pub full_text: bool,
    /// The facets that get a feed for each of their terms.
    pub facets: Vec<FacetId>,
    /// The pairs of facets that get a feed for each pair of their terms.
    pub pairs: Vec<(FacetId, FacetId)>,
    /// Minutes between polls that readers are asked to keep.
    pub ttl: u32,
}

/// Whether and how HTML pages are made.
#[derive(Debug, Clone)]
pub struct Pages {
    /// False: feeds only.
    pub enabled: bool,
    /// Folder with templates that replace the embedded ones, relative to `feeds.toml`.
    pub templates: PathBuf,
    /// The most items that a topic's page lists.
    pub limit: usize,
}

/// Who pushes feeds to those who subscribed to them (WebSub, W3C Recommendation of 2018).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Websub {
    /// Hubs elsewhere, which are told what changed.
    pub hubs: Vec<Url>,
    /// The most feeds that one request to such a hub names.
    pub batch: usize,
    /// Whether `tidings serve` is a hub itself.
    pub embedded: bool,
    /// How long a subscription to the embedded hub lasts that asks for no time.
    pub lease: Duration,
    /// The shortest time that one is given.
    pub shortest_lease: Duration,
    /// The longest.
    pub longest_lease: Duration,
    /// The most subscriptions in all.
    pub subscriptions: usize,
    /// The most whose callbacks are at one host.
    pub subscriptions_per_host: usize,
    /// Whether callbacks may be at private and loopback addresses.
    pub allow_private: bool,
}

/// `[[feed]]`: a feed of one's own.
#[derive(Debug, Clone)]
pub struct SelectionFeed {
    /// Its name in paths: `feeds/<slug>/`.
    pub slug: String,
    /// The slugs that it had before.
    pub was: Vec<String>,
    /// Plain text.
    pub title: String,
    /// The title in further languages.
    pub titles: Vec<(LanguageId, String)>,
    /// Plain text.
    pub description: String,
    /// The description in further languages.
    pub descriptions: Vec<(LanguageId, String)>,
    /// Which items it has.
    pub selection: Selection,
    /// The most entries, where it differs from `[feeds]`.
    pub limit: usize,
    /// Content in full, or summaries only.
    pub full_text: bool,
}

impl SelectionFeed {
    /// Its title in a language of the site, or its title.
    pub fn title_in(&self, language: LanguageId) -> &str {
        said(&self.titles, language).unwrap_or(&self.title)
    }

    /// Its description in a language of the site; its title there, where it has that alone.
    pub fn description_in(&self, language: LanguageId) -> &str {
        said(&self.descriptions, language)
            .or_else(|| said(&self.titles, language))
            .unwrap_or(&self.description)
    }
}
