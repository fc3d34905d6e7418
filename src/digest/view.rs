//! What the templates of digests are given: plain values with names, nothing to compute.

use chrono::{DateTime, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::config::{self, Digest};
use crate::digest::compose::{self, Group, Issue};
use crate::digest::opening::Opening;
use crate::digest::picture::Picture;
use crate::digest::text;
use crate::entry::Entry;
use crate::feed::Format;
use crate::language::direction;
use crate::page::{self, FeedLink, Page};
use crate::template::shorten;

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

/// What a mail is made for, beside the issue that stands in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Addressed<'a> {
    /// The reader's own links; `None` for the copies that everybody may read.
    pub links: Option<&'a PersonalLinks>,
    /// Whether pictures travel with the mail rather than being fetched.
    pub embed: bool,
}

/// What only the reader of one mail may follow. As text, so that placeholders can stand here for
/// what is filled in for each reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonalLinks {
    /// Where the reader's choices are shown and changed.
    pub preferences: String,
    /// Where the digest is given up.
    pub unsubscribe: String,
}

/// The context of `digest.html` and `digest.text`.
#[derive(Debug, Serialize)]
pub struct IssueView<'a> {
    site: SiteView<'a>,
    issue: About<'a>,
    /// What stands large above the groups.
    headline: Option<EntryView<'a>>,
    groups: Vec<GroupView<'a>>,
    /// The reader's own links, in mails that have one reader.
    links: Option<&'a PersonalLinks>,
    /// Whether links to the site say that they come from the digest.
    tagged: bool,
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
    fn new(site: &'a config::Site) -> SiteView<'a> {
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
    /// Plain text; `None` where there is an opening.
    introduction: Option<&'a str>,
    /// What an editor wrote for this issue: `html`, and `text` for the text part.
    opening: Option<&'a Opening>,
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
    anchor: Option<&'a str>,
    /// The level of its entries' headings: 3 below a heading of its own, else 2.
    level: u8,
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
    /// Of the headline, or else of the first entry of an issue.
    image: Option<Picture>,
}

impl<'a> IssueView<'a> {
    /// `issue` as far as `extent` goes; `tagged` says whether links to the site are marked as the
    /// digest's.
    pub fn new(
        issue: &'a Issue,
        site: &'a config::Site,
        extent: Extent,
        addressed: Addressed<'a>,
        tagged: bool,
    ) -> IssueView<'a> {
        let (mut headline, mut groups) = entries(issue, &site.title, extent);
        let unshown = issue.groups[groups.len()..].iter();
        let omitted = unshown.map(|group| group.entries.len()).sum();
        if addressed.embed {
            let grouped = groups.iter_mut().flat_map(|group| &mut group.entries);
            let images = headline.iter_mut().chain(grouped);
            images
                .filter_map(|entry| entry.image.as_mut())
                .for_each(|image| image.embed(&site.base_url));
        }
        IssueView {
            site: SiteView::new(site),
            issue: About::new(issue),
            headline,
            groups,
            links: addressed.links,
            tagged,
            omitted,
        }
    }

    /// The pictures that travel with the mail.
    pub fn embedded(&self) -> Vec<Picture> {
        let grouped = self.groups.iter().flat_map(|group| &group.entries);
        self.headline
            .iter()
            .chain(grouped)
            .filter_map(|entry| entry.image.clone())
            .filter(|image| image.path.is_some())
            .collect()
    }

    /// The number of entries that are counted and linked, but not shown.
    pub fn unshown(&self) -> usize {
        self.omitted + self.groups.iter().map(|group| group.more).sum::<usize>()
    }
}

impl<'a> About<'a> {
    fn new(issue: &'a Issue) -> About<'a> {
        let direction = direction(&issue.language);
        About {
            title: &issue.title,
            introduction: match &issue.opening {
                Some(_) => None,
                None => issue.introduction.as_deref(),
            },
            opening: issue.opening.as_ref(),
            subject: &issue.subject,
            preheader: &issue.preheader,
            label: &issue.span.label,
            period: issue.span.in_words(&issue.words),
            url: &issue.url,
            home: &issue.home,
            language: &issue.language,
            direction,
            start_side: if direction == "rtl" { "right" } else { "left" },
            total: issue.total,
            quiet: issue.quiet,
        }
    }
}

/// The headline of `issue` and its groups as far as `extent` goes. One entry has its picture: the
/// headline, or the first of all where there is none.
fn entries<'a>(
    issue: &'a Issue,
    site_title: &str,
    extent: Extent,
) -> (Option<EntryView<'a>>, Vec<GroupView<'a>>) {
    let mut groups: Vec<GroupView> = issue
        .groups
        .iter()
        .take(extent.groups)
        .map(|group| GroupView::new(group, issue, site_title, extent.entries))
        .collect();
    let headline = issue.headline.as_ref().map(|entry| EntryView {
        image: Picture::of(entry),
        ..EntryView::new(entry, issue, site_title)
    });
    let first = issue.groups.first().and_then(|group| group.entries.first());
    let view = groups
        .first_mut()
        .and_then(|group| group.entries.first_mut());
    if let (None, Some(first), Some(view)) = (&headline, first, view) {
        view.image = Picture::of(first);
    }
    (headline, groups)
}

impl<'a> GroupView<'a> {
    fn new(group: &'a Group, issue: &'a Issue, site_title: &str, limit: usize) -> GroupView<'a> {
        let shown = group.entries.len().min(limit);
        let other = group.heading.is_none() && issue.groups.len() > 1;
        GroupView {
            heading: group.heading.as_deref(),
            url: group.url.as_deref(),
            other,
            anchor: group.anchor.as_deref(),
            level: if group.heading.is_some() || other {
                3
            } else {
                2
            },
            entries: group.entries[..shown]
                .iter()
                .map(|entry| EntryView::new(entry, issue, site_title))
                .collect(),
            more: group.entries.len() - shown,
            more_url: match (&group.anchor, &group.url) {
                (Some(anchor), _) => format!("{}#{anchor}", issue.url),
                (None, Some(page)) => page.clone(),
                (None, None) => issue.home.clone(),
            },
        }
    }
}

impl<'a> EntryView<'a> {
    fn new(entry: &'a Entry, issue: &Issue, site_title: &str) -> EntryView<'a> {
        let day = local_day(entry.published, issue.timezone);
        EntryView {
            title: shorten(&text::one_line(&entry.title), TITLE_LENGTH),
            url: &entry.url,
            issued: issue.words.day(day, "%-d\u{a0}%B %Y"),
            issued_iso: day.format("%Y-%m-%d").to_string(),
            kind: entry.kind.as_deref(),
            authors: (!entry.authors.is_empty() && entry.authors != [site_title])
                .then(|| entry.authors.join(", ")),
            summary: shorten(&text::one_line(&entry.summary), SUMMARY_LENGTH),
            correction: entry.correction.as_deref(),
            language: (entry.language != issue.language).then_some(entry.language.as_str()),
            image: None,
        }
    }
}

/// The context of `digest-issue.html`: all of an issue, on a page.
#[derive(Debug, Serialize)]
pub struct IssuePageView<'a> {
    site: &'a page::Site,
    page: Page,
    issue: About<'a>,
    headline: Option<EntryView<'a>>,
    groups: Vec<GroupView<'a>>,
}

impl<'a> IssuePageView<'a> {
    /// `issue` on its own page of `site`.
    pub fn new(issue: &'a Issue, site: &'a page::Site) -> IssuePageView<'a> {
        let path = compose::issue_path(issue);
        let (headline, groups) = entries(issue, &site.title, Extent::WHOLE);
        IssuePageView {
            site,
            page: Page::new(site, &path, &issue.subject, &issue.preheader),
            issue: About::new(issue),
            headline,
            groups,
        }
    }
}

/// The context of `partials/digest-entries.html` outside of a page.
#[derive(Debug, Serialize)]
pub struct EntriesView<'a> {
    site: BaseView<'a>,
    page: RootView<'a>,
    issue: About<'a>,
    headline: Option<EntryView<'a>>,
    groups: Vec<GroupView<'a>>,
}

#[derive(Debug, Serialize)]
struct BaseView<'a> {
    base_url: &'a str,
}

#[derive(Debug, Serialize)]
struct RootView<'a> {
    /// What links start with.
    root: &'a str,
}

impl<'a> EntriesView<'a> {
    /// All of `issue`, with absolute links.
    pub fn new(issue: &'a Issue, site: &'a config::Site) -> EntriesView<'a> {
        let base_url = site.base_url.as_str();
        let (headline, groups) = entries(issue, &site.title, Extent::WHOLE);
        EntriesView {
            site: BaseView { base_url },
            page: RootView { root: base_url },
            issue: About::new(issue),
            headline,
            groups,
        }
    }
}

/// The context of `digest-archive.html`.
#[derive(Debug, Serialize)]
pub struct IndexView<'a> {
    site: &'a page::Site,
    page: Page,
    digest: DigestView<'a>,
    issues: Vec<About<'a>>,
}

#[derive(Debug, Serialize)]
struct DigestView<'a> {
    title: &'a str,
    introduction: Option<&'a str>,
    language: &'a str,
    direction: &'static str,
    feeds: Vec<FeedLink>,
}

impl<'a> IndexView<'a> {
    /// The issues of `digest` in the order given, with its feed in each of `formats`.
    pub fn new(
        digest: &'a Digest,
        issues: impl Iterator<Item = &'a Issue>,
        site: &'a page::Site,
        formats: &[Format],
    ) -> IndexView<'a> {
        let introduction = digest.introduction.as_deref();
        let path = compose::path(&digest.slug);
        let mut page = Page::new(site, &path, &digest.title, introduction.unwrap_or(""));
        let feeds = FeedLink::all(&digest.title, &page.url, formats);
        page.feeds.splice(..0, feeds.iter().cloned());
        IndexView {
            site,
            digest: DigestView {
                title: &digest.title,
                introduction,
                language: &digest.language,
                direction: direction(&digest.language),
                feeds,
            },
            page,
            issues: issues.map(About::new).collect(),
        }
    }
}

fn local_day(instant: DateTime<Utc>, timezone: Tz) -> NaiveDate {
    let utc = instant.naive_utc();
    let offset = timezone.offset_from_utc_datetime(&utc).fix();
    // At the very ends of the calendar there is no local time; the day in UTC stands in.
    utc.checked_add_offset(offset).unwrap_or(utc).date()
}
