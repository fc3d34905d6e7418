//! `feeds.toml`: what it may say, as checked values.
//!
//! Reading finds every problem at once; a [`Config`] that exists is right: its terms, parents,
//! selections, schedules, URLs and zones have all been resolved.
//!
//! Pure: text in, values out. Whether the folders exist is found out by those who use them.

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
mod read;
pub mod serve;
pub mod subscriptions;
mod successors;
mod tags;
#[cfg(test)]
mod tests;
mod values;
pub mod websub;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use url::Url;

use crate::discovery::Security;
use crate::feed::Format;
use crate::language::{LanguageId, Phrasebook, lies_within, said};
use crate::selection::Selection;
use crate::taxonomy::{FacetId, Taxonomy};

pub use bounces::{Bounces, SECRET_VARIABLE};
pub use dkim::Dkim;
pub use languages::place as language_place;
pub use listmonk::Listmonk;
pub use mail::Mail;
pub use read::read;

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

/// Who publishes, and where.
#[derive(Debug, Clone)]
pub struct Site {
    /// Name of the site, plain text.
    pub title: String,
    /// One sentence about it.
    pub description: String,
    /// Absolute http(s) URL with a slash at its end, without query or fragment.
    pub base_url: Url,
    /// The authority and date part of minted `tag:` URIs (RFC 4151), `osce.example,2024`:
    /// must never change, even when the host name does. Defaults to the base URL's host and 2024.
    pub tag_authority: String,
    /// BCP 47 tag of items that state none: the main language's.
    pub language: String,
    /// The languages that have pages and feeds, by [`LanguageId`]; never empty.
    pub languages: Vec<Language>,
    /// What the feeds and pages at the root hold.
    pub root: Root,
    /// The words of all languages.
    pub phrases: Arc<Phrasebook>,
    /// The zone in which dates are read and shown.
    pub timezone: Tz,
    /// E-mail address of the editors.
    pub contact: Option<String>,
    /// Rights statement.
    pub rights: Option<String>,
    /// Square icon, absolute URL; the embedded one where none is given.
    pub icon: Option<Url>,
    /// Wide picture, absolute URL.
    pub logo: Option<Url>,
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

impl Site {
    /// Whether the site has a host of its own, so that files at its root are at the host's.
    pub fn is_host(&self) -> bool {
        self.base_url.path() == "/"
    }

    /// The language with this number.
    pub fn language(&self, id: LanguageId) -> &Language {
        &self.languages[usize::from(id.0)]
    }

    /// The languages with their numbers, the main one first.
    pub fn languages(&self) -> impl Iterator<Item = (LanguageId, &Language)> {
        (0u8..).map(LanguageId).zip(&self.languages)
    }

    /// Which of the site's languages a BCP 47 tag belongs to: that of the same tag, else of the
    /// tag without its last parts (`ru` for `ru-BY`).
    pub fn language_of(&self, tag: &str) -> Option<LanguageId> {
        self.languages()
            .filter(|(_, language)| lies_within(tag, &language.tag))
            .max_by_key(|(_, language)| language.tag.len())
            .map(|(id, _)| id)
    }

    /// The address below which a language's pages stand, with a slash at its end.
    pub fn home(&self, id: LanguageId) -> String {
        match self.language(id).folder.as_str() {
            "" => self.base_url.to_string(),
            folder => format!("{}{folder}/", self.base_url),
        }
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

/// A language of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag: `ru`, `sr-Latn`.
    pub tag: String,
    /// The folder that its pages stand in; empty for the main language, whose stand at the root.
    pub folder: String,
    /// What it calls itself: `Русский`.
    pub name: String,
    /// The site's title in it.
    pub title: String,
    /// The site's description in it.
    pub description: String,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
}

/// What the feeds and pages at the root hold, where the site has several languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The items of every language: what was there before the site learned another one stays.
    All,
    /// Those that have no other place: in the main language, and in languages without pages.
    Main,
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

/// The length of time that an issue covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// A calendar day.
    Day,
    /// An ISO 8601 week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// No stretch of time: what is new at a moment.
    AtOnce,
}

/// What is done when a period has no items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// No issue.
    Skip,
    /// An issue that says that there was no news.
    Send,
}

impl Config {
    /// Whether the issues of a digest are mailed, rather than only published.
    pub fn is_mailed(&self, digest: &Digest) -> bool {
        self.mail.is_some() && digest.mail
    }
}

/// `[[digest]]`: a recurring newsletter.
#[derive(Debug, Clone)]
pub struct Digest {
    /// Its name in paths and commands: `weekly`.
    pub slug: String,
    /// The slugs that it had before.
    pub was: Vec<String>,
    /// Plain text.
    pub title: String,
    /// Plain text, shown above the items.
    pub introduction: Option<String>,
    /// When an issue is due.
    pub schedule: crate::digest::schedule::Schedule,
    /// The zone of the schedule and of the periods.
    pub timezone: Tz,
    /// What an issue covers: the last period that ended before it is due.
    pub period: Period,
    /// Which items it has.
    pub selection: Selection,
    /// The facet whose terms are its groups; `None`: one group.
    pub group_by: Option<FacetId>,
    /// The most items of a group; the rest is counted and linked.
    pub group_limit: usize,
    /// Name of its template, without suffixes: `digest` means `digest.html.hbs`, `digest.text.hbs`.
    pub template: String,
    /// What is done when a period has no items.
    pub quiet: Quiet,
    /// `Name <address>` of the sender.
    pub sender: String,
    /// BCP 47 tag.
    pub language: String,
    /// What links from its mails to the site's own pages say; `None`: nothing.
    pub utm: Option<Utm>,
    /// How its mails show pictures.
    pub images: MailImages,
    /// Who must approve an issue.
    pub approval: Approval,
    /// How long after it was due an issue may be made and still go out without being asked for.
    pub stale_after: Duration,
    /// The cadence of subscribers' own selections that go out with its issues.
    pub choices: Option<Cadence>,
    /// Whether its issues are mailed, where the newsroom mails at all.
    pub mail: bool,
}

/// Who must approve an issue before it goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approval {
    /// Nobody, as long as it is made in time.
    #[default]
    Automatic,
    /// One person.
    One,
    /// Two people; whoever edited it may be one of them.
    Two,
}

/// How often subscribers get what they chose themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cadence {
    /// Whenever there is something.
    AtOnce,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
}

impl Cadence {
    /// All of them, most frequent first.
    pub const ALL: [Cadence; 4] = [
        Cadence::AtOnce,
        Cadence::Daily,
        Cadence::Weekly,
        Cadence::Monthly,
    ];

    /// As it is written in `feeds.toml`: `daily`.
    pub fn name(self) -> &'static str {
        match self {
            Cadence::AtOnce => "at once",
            Cadence::Daily => "daily",
            Cadence::Weekly => "weekly",
            Cadence::Monthly => "monthly",
        }
    }
}

/// Parameters of links from a digest's mails to the site's own pages. `{digest}` and `{period}` in
/// them stand for the digest's slug and the period's label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Utm {
    /// `utm_source`.
    pub source: Option<String>,
    /// `utm_medium`.
    pub medium: Option<String>,
    /// `utm_campaign`.
    pub campaign: Option<String>,
}

/// How mails show pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MailImages {
    /// Fetched from the site when the mail is read, where the reader allows it.
    #[default]
    Link,
    /// Small ones that are files of the newsroom travel with each mail.
    Embed,
}
