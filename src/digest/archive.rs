//! Issues on the web: a page each, the page that lists them, and a feed of them.
//!
//! Pure: editions and templates in, text and values out.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::{Archiving, Digest, Feeds, Site};
use crate::diagnostic::Problem;
use crate::digest::compose::{self, Issue};
use crate::digest::json;
use crate::digest::message;
use crate::digest::view::{EntriesView, IndexView, IssuePageView};
use crate::entry::Entry;
use crate::feed::{self, Feed, Format, RelatedLink};
use crate::page;
use crate::template::Templates;

/// An issue and the moment at which it was due, which is when it counts as published.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// What stands in it.
    pub issue: Issue,
    /// When it was due.
    pub due: DateTime<Utc>,
}

/// A file of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueFile {
    /// Its path below the output's root: `digests/weekly/2024-W47/mail.eml`.
    pub path: String,
    /// What is written to it.
    pub bytes: Vec<u8>,
}

/// The names of the files of an issue.
pub const FILE_NAMES: [&str; 5] = [
    "index.html",
    "mail.html",
    "mail.txt",
    "mail.eml",
    json::FILE_NAME,
];

/// All files of one issue: its web page (`index.html`), its mail as HTML, as text and as a
/// message file (`mail.html`, `mail.txt`, `mail.eml`), and its values (`issue.json`). None of them
/// has a reader's own links. `pages` is what all pages of the site show.
///
/// # Errors
/// As those of [`message::render`] and [`issue_page`].
pub fn issue_files(
    digest: &Digest,
    edition: &Edition,
    site: &Site,
    pages: &page::Site,
    templates: &Templates,
) -> Result<Vec<IssueFile>, Problem> {
    let page = issue_page(&edition.issue, pages, templates)?;
    let mail = message::render(digest, &edition.issue, site, edition.due, templates)?;
    let folder = compose::issue_path(&edition.issue);
    let file = |name: &str, bytes| IssueFile {
        path: format!("{folder}/{name}"),
        bytes,
    };
    Ok(vec![
        file("index.html", page.into_bytes()),
        file("mail.html", mail.html.into_bytes()),
        file("mail.txt", mail.text.into_bytes()),
        file("mail.eml", mail.eml),
        file(json::FILE_NAME, json::document(edition, site)?),
    ])
}

/// The web page of an issue: all its entries, whatever the mail had room for.
///
/// # Errors
/// The template `digest-issue.html` fails.
pub fn issue_page(
    issue: &Issue,
    pages: &page::Site,
    templates: &Templates,
) -> Result<String, Problem> {
    templates.render("digest-issue.html", &IssuePageView::new(issue, pages))
}

/// The page that lists the issues of `digest`, newest first, with its feed in each of `formats`.
///
/// # Errors
/// The template `digest-archive.html` fails.
pub fn index_page(
    digest: &Digest,
    editions: &[Edition],
    pages: &page::Site,
    formats: &[Format],
    templates: &Templates,
) -> Result<String, Problem> {
    let issues = newest_first(editions)
        .into_iter()
        .map(|edition| &edition.issue);
    let view = IndexView::new(digest, issues, pages, formats);
    templates.render("digest-archive.html", &view)
}

/// How the issues of a digest are divided among the documents of their feed (RFC 5005, section 4):
/// sealed ones hold the oldest, each as many; the one that readers poll holds all others. As in the
/// feeds of topics, these are the limit at the least, and less than half as many more. Where feeds
/// have no archives, it holds the newest alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    issues: usize,
    limit: usize,
    /// How many sealed documents there are, and how many issues each has.
    sealed: u32,
    size: usize,
}

impl Division {
    /// Of so many issues, as `feeds` asks.
    pub fn of(issues: usize, feeds: &Feeds) -> Division {
        let size = feeds.limit.div_ceil(2).max(1);
        let beyond = issues.saturating_sub(feeds.limit);
        let sealed = match feeds.archives {
            Archiving::Nothing => 0,
            Archiving::All | Archiving::Topics => u32::try_from(beyond / size).unwrap_or(u32::MAX),
        };
        let limit = match feeds.archives {
            Archiving::Nothing => feeds.limit,
            Archiving::All | Archiving::Topics => usize::MAX,
        };
        Division {
            issues,
            limit,
            sealed,
            size,
        }
    }

    /// How many sealed documents there are, numbered from 1, the oldest first.
    pub fn sealed(self) -> u32 {
        self.sealed
    }

    /// Which issues, counted from the oldest, a document holds: a sealed one by its number, or,
    /// for `None`, the one that readers poll.
    pub fn of_document(self, number: Option<u32>) -> Range<usize> {
        let end_of = |number: u32| number as usize * self.size;
        match number {
            Some(number) => end_of(number.saturating_sub(1))..end_of(number),
            None => {
                let newest = self.issues.saturating_sub(self.limit);
                newest.max(end_of(self.sealed))..self.issues
            }
        }
    }
}

/// A feed of `editions` of `digest`, newest first, each entry with the whole list of its items; of
/// which of them is for [`Division`] to say. Written to `digests/<slug>/`, beside the page of issues.
///
/// An entry's id is a `tag:` URI of the digest and the period, so it outlives every change of
/// title and host. It is published when the issue was due, and updated when the last of its items
/// was, if that was later.
///
/// # Errors
/// The template `partials/digest-entries.html` fails.
pub fn archive_feed(
    digest: &Digest,
    editions: &[Edition],
    site: &Site,
    feeds: &Feeds,
    templates: &Templates,
) -> Result<Feed, Problem> {
    let entries = newest_first(editions)
        .into_iter()
        .map(|edition| feed_entry(edition, site, templates).map(Arc::new))
        .collect::<Result<Vec<_>, Problem>>()?;
    let path = compose::path(&digest.slug);
    Ok(Feed {
        id: format!("tag:{}:{path}", site.tag_authority),
        title: format!("{} – {}", site.title, digest.title),
        description: digest
            .introduction
            .clone()
            .unwrap_or_else(|| format!("All issues of {}.", digest.title)),
        home: compose::home(digest, site),
        language: digest.language.clone(),
        timezone: digest.timezone,
        updated: entries
            .iter()
            .map(|entry| entry.updated)
            .max()
            .unwrap_or(DateTime::UNIX_EPOCH),
        entries,
        full_text: true,
        related: vec![RelatedLink {
            url: site.base_url.to_string(),
            title: site.title.clone(),
        }],
        // Who publishes the feed knows its hubs.
        ..feed::of_site(site, feeds)
    })
}

fn feed_entry(edition: &Edition, site: &Site, templates: &Templates) -> Result<Entry, Problem> {
    let issue = &edition.issue;
    // A feed is read anywhere: its links start with the site's own address.
    let view = EntriesView::new(issue, site);
    let content = templates.render("partials/digest-entries.html", &view)?;
    let path = compose::issue_path(issue);
    let last_change = issue.entries().map(|entry| entry.updated).max();
    Ok(Entry {
        id: format!("tag:{}:{path}", site.tag_authority),
        url: issue.url.clone(),
        path,
        external_url: None,
        title: issue.subject.clone(),
        kind: None,
        published: edition.due,
        updated: last_change.map_or(edition.due, |change| change.max(edition.due)),
        correction: None,
        language: issue.language.clone(),
        authors: vec![site.title.clone()],
        categories: Vec::new(),
        summary: issue.preheader.clone(),
        content,
        image: None,
        enclosures: Vec::new(),
    })
}

fn newest_first(editions: &[Edition]) -> Vec<&Edition> {
    let mut editions: Vec<&Edition> = editions.iter().collect();
    editions.sort_by_key(|edition| Reverse(edition.issue.span.start));
    editions
}

#[cfg(test)]
mod tests;
