//! Which entries stand in an issue, under which heading and in what order.
//!
//! Pure: a digest, a span and its entries in, an [`Issue`] out. What a mail leaves out for want
//! of room is decided in [`super::message`]; an issue itself is always whole.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono_tz::Tz;

use crate::config::{Digest, Quiet, Site};
use crate::digest::opening::Opening;
use crate::digest::period::Span;
use crate::digest::text;
use crate::entry::{Category, Entry};
use crate::language::{LanguageId, Words};
use crate::taxonomy::{FacetId, Taxonomy, TermId};
use crate::template::shorten;

/// The most characters of a preheader; mail programs show some 100 to 140.
const PREHEADER_LENGTH: usize = 140;

/// One edition of a digest.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// The digest's slug.
    pub slug: String,
    /// The digest's title.
    pub title: String,
    /// What the digest says above the items, plain text.
    pub introduction: Option<String>,
    /// What an editor wrote for this issue; shown in the place of `introduction`.
    pub opening: Option<Opening>,
    /// BCP 47 tag.
    pub language: String,
    /// The words of that language.
    pub words: Arc<Words>,
    /// The zone in which dates are shown.
    pub timezone: Tz,
    /// The time that it covers.
    pub span: Span,
    /// Its own web page, an absolute URL with a slash at its end.
    pub url: String,
    /// The page that lists all issues of the digest, an absolute URL with a slash at its end.
    pub home: String,
    /// One line: `Weekly digest: 12 items, 18–24 November 2024`.
    pub subject: String,
    /// What mail programs show beside the subject: the first titles. Empty when it is quiet.
    pub preheader: String,
    /// The entry that stands large above all groups, and in none of them.
    pub headline: Option<Arc<Entry>>,
    /// Its other entries in the order in which they are read. Never holds an empty group.
    pub groups: Vec<Group>,
    /// The most entries of a group that a mail shows; web page and feed show all.
    pub group_limit: usize,
    /// The number of its entries, the headline among them.
    pub total: usize,
    /// Whether it has none.
    pub quiet: bool,
}

/// The entries of an issue under one heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The term's name, or what a subscriber chose, in words; `None` for entries without a term of
    /// the grouping facet, and for the one group of a digest that has no grouping.
    pub heading: Option<String>,
    /// The page that the heading links to, an absolute URL; `None` where there is none.
    pub url: Option<String>,
    /// The fragment of the issue's web page at which it starts: `topic-countering-terrorism`;
    /// `None` for a group that only some subscribers get, which no web page shows.
    pub anchor: Option<String>,
    /// Newest first, all of them.
    pub entries: Vec<Arc<Entry>>,
}

impl Issue {
    /// All its entries in the order in which they are read.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let grouped = self.groups.iter().flat_map(|group| &group.entries);
        self.headline.iter().chain(grouped)
    }
}

/// The issue of `digest` for `span`, made of `candidates`: the entries that its selection gives
/// for that span, in any order. `None` when there are none and the digest is silent then.
///
/// An entry stands in one group only, however many topics it has: that of the first term, in the
/// taxonomy's order, which it bears itself rather than through a child term. Groups stand in the
/// taxonomy's order; entries without such a term come last.
pub fn compose(
    digest: &Digest,
    taxonomy: &Taxonomy,
    site: &Site,
    span: &Span,
    candidates: Vec<Arc<Entry>>,
) -> Option<Issue> {
    let words = site.phrases.share(&digest.language);
    let language = site.language_of(&digest.language);
    let groups = group(
        &newest_first(candidates),
        taxonomy,
        language.unwrap_or(LanguageId::MAIN),
        |entry| main_category(entry, digest.group_by?, taxonomy),
    );
    let total = groups.iter().map(|group| group.entries.len()).sum();
    if total == 0 && digest.quiet == Quiet::Skip {
        return None;
    }
    let home = home(digest, site);
    Some(Issue {
        slug: digest.slug.clone(),
        title: text::one_line(&digest.title),
        introduction: digest.introduction.clone(),
        opening: None,
        language: digest.language.clone(),
        timezone: digest.timezone,
        span: span.clone(),
        url: format!("{home}{}/", span.label),
        home,
        subject: subject(digest, span, total, &words),
        words,
        preheader: preheader(None, &groups),
        headline: None,
        groups,
        group_limit: digest.group_limit,
        total,
        quiet: total == 0,
    })
}

/// The page that lists the issues of `digest`: an absolute URL with a slash at its end. The page
/// of an issue stands below it under the label of its span.
pub fn home(digest: &Digest, site: &Site) -> String {
    format!("{}{}/", site.base_url, path(&digest.slug))
}

/// The path of the page of a digest's issues and of their feed, no slash at either end.
pub fn path(slug: &str) -> String {
    format!("digests/{slug}")
}

/// The path of an issue's page and files, no slash at either end: `digests/weekly/2024-W47`.
pub fn issue_path(issue: &Issue) -> String {
    format!("{}/{}", path(&issue.slug), issue.span.label)
}

/// Each entry once; those of the same second in the order of their ids, so that the order is the
/// same however they came.
fn newest_first(mut entries: Vec<Arc<Entry>>) -> Vec<Arc<Entry>> {
    entries.sort_by(|a, b| (b.published.cmp(&a.published)).then_with(|| a.id.cmp(&b.id)));
    let mut seen = HashSet::new();
    entries.retain(|entry| seen.insert(entry.id.clone()));
    entries
}

/// `entries` in groups by the category that `heading` finds of each, in the taxonomy's order; those
/// without one come last. `language` is that of the headings.
pub(super) fn group<'e>(
    entries: &'e [Arc<Entry>],
    taxonomy: &Taxonomy,
    language: LanguageId,
    heading: impl Fn(&'e Entry) -> Option<&'e Category>,
) -> Vec<Group> {
    let mut by_term: BTreeMap<TermId, Group> = BTreeMap::new();
    let mut others = Vec::new();
    for entry in entries {
        let Some(category) = heading(entry) else {
            others.push(Arc::clone(entry));
            continue;
        };
        by_term
            .entry(category.term)
            .or_insert_with(|| Group {
                heading: Some(taxonomy.term(category.term).name_in(language).to_owned()),
                url: Some(category.url.clone()),
                anchor: Some(format!("topic-{}", category.slug)),
                entries: Vec::new(),
            })
            .entries
            .push(Arc::clone(entry));
    }
    let mut groups: Vec<Group> = by_term.into_values().collect();
    if !others.is_empty() {
        groups.push(Group {
            heading: None,
            url: None,
            anchor: Some("other-news".to_owned()),
            entries: others,
        });
    }
    groups
}

/// The first of the terms of `facet` that `entry` bears itself.
fn main_category<'a>(
    entry: &'a Entry,
    facet: FacetId,
    taxonomy: &Taxonomy,
) -> Option<&'a Category> {
    let key = &taxonomy.facet(facet).key;
    entry
        .categories
        .iter()
        .filter(|category| category.direct && category.facet == *key)
        .min_by_key(|category| category.term)
}

pub(super) fn subject(digest: &Digest, span: &Span, total: usize, words: &Words) -> String {
    let items = match total {
        0 => words.say("no news").to_owned(),
        _ => {
            let word = words.counted(total as u64, "item", "items");
            format!("{} {word}", words.number(total as u64))
        }
    };
    let period = span.in_words(words);
    text::one_line(&format!("{}: {items}, {period}", digest.title))
}

/// The first titles of an issue: the headline, then one of each group before a second of any.
pub fn preheader(headline: Option<&Arc<Entry>>, groups: &[Group]) -> String {
    let depth = groups.iter().map(|group| group.entries.len()).max();
    let rows = (0..depth.unwrap_or(0)).flat_map(|row| {
        groups
            .iter()
            .filter_map(move |group| group.entries.get(row))
    });
    let titles = headline
        .into_iter()
        .chain(rows)
        .map(|entry| text::one_line(&entry.title));
    let mut preheader = String::new();
    for title in titles {
        if !preheader.is_empty() {
            preheader.push_str(" · ");
        }
        preheader.push_str(&title);
        if preheader.chars().count() >= PREHEADER_LENGTH {
            break;
        }
    }
    shorten(&preheader, PREHEADER_LENGTH)
}

#[cfg(test)]
mod tests;
