//! A newsletter as it was configured.

use std::time::Duration;

use chrono_tz::Tz;

use crate::digest::schedule::Schedule;
use crate::selection::Selection;
use crate::taxonomy::FacetId;

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
    pub schedule: Schedule,
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
