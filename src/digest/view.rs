//! What the templates of digests are given: plain values with names, nothing to compute.

use chrono::{DateTime, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::config::{Digest, Site};
use crate::digest::compose::{Group, Issue};
use crate::digest::text;
use crate::entry::Entry;
use crate::feed::Format;
use crate::item::Image;

/// The most characters of a title; pages of items have them in full.
const TITLE_LENGTH: usize = 240;
/// The most characters of a summary.
const SUMMARY_LENGTH: usize = 320;

/// How much of an issue is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The most entries of a group.
    pub entries: usize,
    /// The most groups.
    pub groups: usize,
}

impl Extent {
    /// Everything.
    pub const WHOLE: Extent = Extent {
        entries: usize::MAX,
        groups: usize::MAX,
    };
}

/// The context of `digest.html`, `digest.text`, `digest-issue.html` and `digest-entries.html`.
#[derive(Debug, Serialize)]
pub struct IssueView<'a> {
    site: SiteView<'a>,
    issue: About<'a>,
    groups: Vec<GroupView<'a>>,
    /// Entries of groups that are not shown at all.
    omitted: usize,
}

#[derive(Debug, Serialize)]
struct SiteView<'a> {
    title: &'a str,
    base_url: &'a str,
    contact: Option<&'a str>,
    rights: Option<&'a str>,
}

impl<'a> SiteView<'a> {
    fn new(site: &'a Site) -> SiteView<'a> {
        SiteView {
            title: &site.title,
            base_url: site.base_url.as_str(),
            contact: site.contact.as_deref(),
            rights: site.rights.as_deref(),
        }
    }
}

#[derive(Debug, Serialize)]
struct About<'a> {
    title: &'a str,
    introduction: Option<&'a str>,
    subject: &'a str,
    preheader: &'a str,
    /// `2024-W47`
    label: &'a str,
    /// `18–24 November 2024`
    period: String,
    /// Its own page.
    url: &'a str,
    /// The page of all issues.
    home: &'a str,
    language: &'a str,
    /// `ltr` or `rtl`
    direction: &'static str,
    /// `left` or `right`: for mail programs that do not know `text-align: start`.
    start_side: &'static str,
    total: usize,
    quiet: bool,
}

#[derive(Debug, Serialize)]
struct GroupView<'a> {
    heading: Option<&'a str>,
    url: Option<&'a str>,
    /// Whether it holds what has no heading of its own, below groups that have one.
    other: bool,
    anchor: &'a str,
    entries: Vec<EntryView<'a>>,
    /// Entries that are not shown.
    more: usize,
    more_url: String,
}

#[derive(Debug, Serialize)]
struct EntryView<'a> {
    title: String,
    url: &'a str,
    /// `22 November 2024`, in the digest's zone.
    issued: String,
    /// `2024-11-22`
    issued_iso: String,
    kind: Option<&'a str>,
    /// The issuers, unless the site itself stands for them.
    authors: Option<String>,
    summary: String,
    correction: Option<&'a str>,
    /// Where it is not the issue's.
    language: Option<&'a str>,
    /// Of the first entry of an issue only.
    image: Option<&'a Image>,
}

impl<'a> IssueView<'a> {
    /// `issue` as far as `extent` goes.
    pub fn new(issue: &'a Issue, site: &'a Site, extent: Extent) -> IssueView<'a> {
        let shown = issue.groups.len().min(extent.groups);
        let mut groups: Vec<GroupView> = issue.groups[..shown]
            .iter()
            .map(|group| GroupView::new(group, issue, site, extent.entries))
            .collect();
        if let (Some(view), Some(group)) = (groups.first_mut(), issue.groups.first())
            && let (Some(view), Some(entry)) = (view.entries.first_mut(), group.entries.first())
        {
            view.image = entry.image.as_ref();
        }
        let direction = direction(&issue.language);
        IssueView {
            site: SiteView::new(site),
            issue: About {
                title: &issue.title,
                introduction: issue.introduction.as_deref(),
                subject: &issue.subject,
                preheader: &issue.preheader,
                label: &issue.span.label,
                period: issue.span.in_words(),
                url: &issue.url,
                home: &issue.home,
                language: &issue.language,
                direction,
                start_side: if direction == "rtl" { "right" } else { "left" },
                total: issue.total,
                quiet: issue.quiet,
            },
            groups,
            omitted: issue.groups[shown..]
                .iter()
                .map(|group| group.entries.len())
                .sum(),
        }
    }
}

impl IssueView<'_> {
    /// The number of entries that are counted and linked, but not shown.
    pub fn unshown(&self) -> usize {
        self.omitted + self.groups.iter().map(|group| group.more).sum::<usize>()
    }
}

impl<'a> GroupView<'a> {
    fn new(group: &'a Group, issue: &'a Issue, site: &'a Site, limit: usize) -> GroupView<'a> {
        let shown = group.entries.len().min(limit);
        GroupView {
            heading: group.heading.as_deref(),
            url: group.url.as_deref(),
            other: group.heading.is_none() && issue.groups.len() > 1,
            anchor: &group.anchor,
            entries: group.entries[..shown]
                .iter()
                .map(|entry| EntryView::new(entry, issue, site))
                .collect(),
            more: group.entries.len() - shown,
            more_url: format!("{}#{}", issue.url, group.anchor),
        }
    }
}

impl<'a> EntryView<'a> {
    fn new(entry: &'a Entry, issue: &Issue, site: &Site) -> EntryView<'a> {
        let day = local_day(entry.published, issue.timezone);
        EntryView {
            title: text::shorten(&text::one_line(&entry.title), TITLE_LENGTH),
            url: &entry.url,
            issued: day.format("%-d\u{a0}%B %Y").to_string(),
            issued_iso: day.format("%Y-%m-%d").to_string(),
            kind: entry.kind.as_deref(),
            authors: (!entry.authors.is_empty() && entry.authors != [site.title.as_str()])
                .then(|| entry.authors.join(", ")),
            summary: text::shorten(&text::one_line(&entry.summary), SUMMARY_LENGTH),
            correction: entry.correction.as_deref(),
            language: (entry.language != issue.language).then_some(entry.language.as_str()),
            image: None,
        }
    }
}

/// Where a page stands.
#[derive(Debug, Serialize)]
struct PageView<'a> {
    title: &'a str,
    url: &'a str,
    /// The way from the page to the site's address; the address itself where there is no page.
    root: &'a str,
    language: &'a str,
}

/// An issue on a page, or within a feed.
#[derive(Debug, Serialize)]
pub struct IssuePageView<'a> {
    page: PageView<'a>,
    #[serde(flatten)]
    issue: IssueView<'a>,
}

impl<'a> IssuePageView<'a> {
    /// All of `issue`, with links that start with `root` in the place of the site's address.
    pub fn new(issue: &'a Issue, site: &'a Site, root: &'a str) -> IssuePageView<'a> {
        IssuePageView {
            page: PageView {
                title: &issue.subject,
                url: &issue.url,
                root,
                language: &issue.language,
            },
            issue: IssueView::new(issue, site, Extent::WHOLE),
        }
    }
}

/// The context of `digest-archive.html`.
#[derive(Debug, Serialize)]
pub struct IndexView<'a> {
    site: SiteView<'a>,
    page: PageView<'a>,
    digest: DigestView<'a>,
    issues: Vec<IssueLineView<'a>>,
}

#[derive(Debug, Serialize)]
struct DigestView<'a> {
    title: &'a str,
    introduction: Option<&'a str>,
    language: &'a str,
    direction: &'static str,
    feeds: Vec<FeedLinkView>,
}

#[derive(Debug, Serialize)]
struct FeedLinkView {
    /// `Atom`
    name: &'static str,
    url: String,
    media_type: &'static str,
}

#[derive(Debug, Serialize)]
struct IssueLineView<'a> {
    /// `2024-W47`
    label: &'a str,
    /// `18–24 November 2024`
    period: String,
    url: &'a str,
    /// The first titles.
    preheader: &'a str,
    total: usize,
    quiet: bool,
}

impl<'a> IndexView<'a> {
    /// The issues of `digest` in the order given; `home` is the address of the page.
    pub fn new(
        digest: &'a Digest,
        home: &'a str,
        issues: impl Iterator<Item = &'a Issue>,
        site: &'a Site,
        formats: &[Format],
    ) -> IndexView<'a> {
        IndexView {
            site: SiteView::new(site),
            page: PageView {
                title: &digest.title,
                url: home,
                root: "../../",
                language: &digest.language,
            },
            digest: DigestView {
                title: &digest.title,
                introduction: digest.introduction.as_deref(),
                language: &digest.language,
                direction: direction(&digest.language),
                feeds: formats
                    .iter()
                    .map(|format| FeedLinkView {
                        name: format.name(),
                        url: format!("{home}{}", format.file_name()),
                        media_type: format.media_type(),
                    })
                    .collect(),
            },
            issues: issues
                .map(|issue| IssueLineView {
                    label: &issue.span.label,
                    period: issue.span.in_words(),
                    url: &issue.url,
                    preheader: &issue.preheader,
                    total: issue.total,
                    quiet: issue.quiet,
                })
                .collect(),
        }
    }
}

fn local_day(instant: DateTime<Utc>, timezone: Tz) -> NaiveDate {
    let utc = instant.naive_utc();
    let offset = timezone.offset_from_utc_datetime(&utc).fix();
    // At the very ends of the calendar there is no local time; the day in UTC stands in.
    utc.checked_add_offset(offset).unwrap_or(utc).date()
}

/// The direction of a language's script, by its BCP 47 tag: the script where it is stated, or
/// the one that the language is written in by default.
pub fn direction(language: &str) -> &'static str {
    let mut parts = language.split('-');
    let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
    let script = parts.find(|part| part.len() == 4);
    let from_right = match script {
        Some(script) => {
            ["arab", "hebr", "syrc", "thaa", "nkoo"].contains(&script.to_ascii_lowercase().as_str())
        }
        None => [
            "ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi",
        ]
        .contains(&primary.as_str()),
    };
    if from_right { "rtl" } else { "ltr" }
}
