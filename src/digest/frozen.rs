//! An issue as it was approved, kept so that every subscriber gets the same however long sending
//! takes, and whatever becomes of items, terms and the configuration meanwhile.
//!
//! Pure: an issue and its pool to JSON, and back.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::{Digest, Site};
use crate::digest::compose::{self, Group, Issue};
use crate::digest::opening::Opening;
use crate::digest::period::Span;
use crate::entry::{Category, Entry, from_milliseconds};
use crate::item::{Enclosure, Image};
use crate::tag::Origin;
use crate::taxonomy::Taxonomy;

/// The form of the JSON; another one cannot be read.
const FORM: u32 = 1;

/// Frozen content that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FrozenError {
    /// It is no such JSON.
    #[error("the frozen content of issue {digest} {period} is damaged: {source}")]
    Damaged {
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Another version wrote it.
    #[error(
        "the frozen content of issue {digest} {period} has form {form}, which this version of \
         tidings does not know"
    )]
    Form {
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
        /// Its form.
        form: u32,
    },
}

/// An issue that is sent, and all else that subscribers' own selections choose from.
#[derive(Debug, Clone, PartialEq)]
pub struct Thawed {
    /// What the digest itself sends.
    pub issue: Issue,
    /// Everything new since the last issue, those of the issue included, newest first; nothing
    /// that an editor dropped.
    pub pool: Vec<Arc<Entry>>,
}

#[derive(Serialize, Deserialize)]
struct Frozen {
    form: u32,
    title: String,
    subject: String,
    preheader: String,
    introduction: Option<String>,
    opening: Option<Opening>,
    language: String,
    /// Headline and groups name their entries by their places below.
    headline: Option<usize>,
    groups: Vec<FrozenGroup>,
    entries: Vec<FrozenEntry>,
}

#[derive(Serialize, Deserialize)]
struct FrozenGroup {
    heading: Option<String>,
    url: Option<String>,
    anchor: Option<String>,
    entries: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct FrozenEntry {
    id: String,
    url: String,
    path: String,
    external_url: Option<String>,
    title: String,
    kind: Option<String>,
    published: i64,
    updated: i64,
    correction: Option<String>,
    language: String,
    authors: Vec<String>,
    categories: Vec<FrozenCategory>,
    summary: String,
    image: Option<Image>,
    enclosures: Vec<Enclosure>,
}

/// Terms by their slugs: their numbers change with the configuration.
#[derive(Serialize, Deserialize)]
struct FrozenCategory {
    facet: String,
    facet_slug: String,
    slug: String,
    label: String,
    scheme: String,
    url: String,
    origin: Origin,
    direct: bool,
    issuer: bool,
}

/// `issue` and its `pool` as JSON. The pool is everything new since the last issue, whatever the
/// digest selects, without what an editor dropped; entries of the issue that it lacks are added.
/// Texts of items are left out: no mail has them.
pub fn freeze(issue: &Issue, pool: &[Arc<Entry>]) -> String {
    let mut entries: Vec<&Arc<Entry>> = pool.iter().collect();
    let mut places: HashMap<&str, usize> = entries
        .iter()
        .enumerate()
        .map(|(place, entry)| (entry.id.as_str(), place))
        .collect();
    for entry in issue.entries() {
        places.entry(&entry.id).or_insert_with(|| {
            entries.push(entry);
            entries.len() - 1
        });
    }
    let groups = issue.groups.iter().map(|group| FrozenGroup {
        heading: group.heading.clone(),
        url: group.url.clone(),
        anchor: group.anchor.clone(),
        entries: group
            .entries
            .iter()
            .map(|entry| places[entry.id.as_str()])
            .collect(),
    });
    let frozen = Frozen {
        form: FORM,
        title: issue.title.clone(),
        subject: issue.subject.clone(),
        preheader: issue.preheader.clone(),
        introduction: issue.introduction.clone(),
        opening: issue.opening.clone(),
        headline: issue
            .headline
            .as_ref()
            .map(|entry| places[entry.id.as_str()]),
        language: issue.language.clone(),
        groups: groups.collect(),
        entries: entries.into_iter().map(|entry| frozen(entry)).collect(),
    };
    serde_json::to_string(&frozen)
        .expect("a struct of texts, numbers and lists is JSON; no map has a key that is no text")
}

/// The issue of `digest` for `span` that `json` holds, and its pool. Addresses of the digest's
/// own pages are those of today; terms that are gone since leave the entries that bore them.
///
/// # Errors
/// When `json` was not made by [`freeze`], or by a later version of it.
pub fn thaw(
    json: &str,
    digest: &Digest,
    taxonomy: &Taxonomy,
    site: &Site,
    span: &Span,
) -> Result<Thawed, FrozenError> {
    let (slug, period) = (&digest.slug, &span.label);
    let damaged = |source| FrozenError::Damaged {
        digest: slug.clone(),
        period: period.clone(),
        source,
    };
    let frozen: Frozen = serde_json::from_str(json).map_err(damaged)?;
    if frozen.form != FORM {
        return Err(FrozenError::Form {
            digest: slug.clone(),
            period: period.clone(),
            form: frozen.form,
        });
    }
    let entries = frozen.entries.into_iter();
    let mut pool: Vec<Arc<Entry>> = entries
        .map(|entry| Arc::new(thawed(entry, taxonomy)))
        .collect();
    let entry = |place: usize| {
        let missing = || serde::de::Error::custom("an entry is named that is not there");
        let entry = pool.get(place).cloned();
        entry.ok_or_else(missing).map_err(damaged)
    };
    let headline = frozen.headline.map(entry).transpose()?;
    let group = |group: FrozenGroup| -> Result<Group, FrozenError> {
        Ok(Group {
            heading: group.heading,
            url: group.url,
            anchor: group.anchor,
            entries: group
                .entries
                .into_iter()
                .map(entry)
                .collect::<Result<_, _>>()?,
        })
    };
    let groups: Vec<Group> = frozen
        .groups
        .into_iter()
        .map(group)
        .collect::<Result<_, _>>()?;
    let grouped: usize = groups.iter().map(|group| group.entries.len()).sum();
    let total = grouped + usize::from(headline.is_some());
    pool.sort_by(|a, b| (b.published.cmp(&a.published)).then_with(|| a.id.cmp(&b.id)));
    let home = compose::home(digest, site);
    let issue = Issue {
        slug: slug.clone(),
        title: frozen.title,
        introduction: frozen.introduction,
        opening: frozen.opening,
        words: site.phrases.share(&frozen.language),
        language: frozen.language,
        timezone: digest.timezone,
        span: span.clone(),
        url: format!("{home}{period}/"),
        home,
        subject: frozen.subject,
        preheader: frozen.preheader,
        headline,
        groups,
        group_limit: digest.group_limit,
        total,
        quiet: total == 0,
    };
    Ok(Thawed { issue, pool })
}

/// An issue that was sent, for the web: laid out as it was approved and with what an editor wrote,
/// which is what everybody has read, and with its entries as they are now. In the place of one that
/// was taken back since stands that it was: what it said must not live on. `gone` says when, in
/// milliseconds since 1970 UTC.
pub fn refresh(
    mut issue: Issue,
    now: &HashMap<&str, &Arc<Entry>>,
    gone: &HashMap<String, i64>,
) -> Issue {
    let made = compose::preheader(issue.headline.as_ref(), &issue.groups);
    let (words, language) = (Arc::clone(&issue.words), issue.language.clone());
    let shown = |entry: Arc<Entry>| match now.get(entry.id.as_str()) {
        Some(entry) => Arc::clone(entry),
        None => {
            let gone = gone.get(&entry.id).copied();
            let title = words.say("This item was withdrawn");
            Arc::new(withdrawn(&entry, title, &language, gone))
        }
    };
    issue.headline = issue.headline.map(shown);
    for group in &mut issue.groups {
        let entries = std::mem::take(&mut group.entries).into_iter();
        group.entries = entries.map(shown).collect();
    }
    let is_there = |entry: &&Arc<Entry>| now.contains_key(entry.id.as_str());
    // The titles in it are of the items, unless somebody wrote it.
    if issue.preheader == made {
        let left = |group: &Group| Group {
            entries: group.entries.iter().filter(is_there).cloned().collect(),
            ..group.clone()
        };
        let groups: Vec<Group> = issue.groups.iter().map(left).collect();
        let headline = issue.headline.as_ref().filter(|entry| is_there(entry));
        issue.preheader = compose::preheader(headline, &groups);
    }
    issue.total = issue.entries().filter(is_there).count();
    let shown = issue.entries().count();
    issue.quiet = shown == 0;
    issue
}

/// What stands in the place of an entry that was taken back: that it was, and the address, where
/// a notice may say by whom and why.
fn withdrawn(entry: &Entry, title: &str, language: &str, gone: Option<i64>) -> Entry {
    Entry {
        id: entry.id.clone(),
        url: entry.url.clone(),
        path: entry.path.clone(),
        external_url: None,
        title: title.to_owned(),
        kind: None,
        published: entry.published,
        updated: gone.map_or(entry.updated, from_milliseconds),
        correction: None,
        language: language.to_owned(),
        authors: Vec::new(),
        categories: Vec::new(),
        summary: String::new(),
        content: String::new(),
        image: None,
        enclosures: Vec::new(),
    }
}

fn frozen(entry: &Entry) -> FrozenEntry {
    FrozenEntry {
        id: entry.id.clone(),
        url: entry.url.clone(),
        path: entry.path.clone(),
        external_url: entry.external_url.clone(),
        title: entry.title.clone(),
        kind: entry.kind.clone(),
        published: entry.published.timestamp_millis(),
        updated: entry.updated.timestamp_millis(),
        correction: entry.correction.clone(),
        language: entry.language.clone(),
        authors: entry.authors.clone(),
        categories: entry.categories.iter().map(frozen_category).collect(),
        summary: entry.summary.clone(),
        image: entry.image.clone(),
        enclosures: entry.enclosures.clone(),
    }
}

fn frozen_category(category: &Category) -> FrozenCategory {
    FrozenCategory {
        facet: category.facet.clone(),
        facet_slug: category.facet_slug.clone(),
        slug: category.slug.clone(),
        label: category.label.clone(),
        scheme: category.scheme.clone(),
        url: category.url.clone(),
        origin: category.origin,
        direct: category.direct,
        issuer: category.issuer,
    }
}

fn thawed(entry: FrozenEntry, taxonomy: &Taxonomy) -> Entry {
    let moment = |milliseconds: i64| -> DateTime<Utc> { from_milliseconds(milliseconds) };
    let category = |category: FrozenCategory| {
        let facet = taxonomy.facet_named(&category.facet)?;
        Some(Category {
            term: taxonomy.term_named(facet, &category.slug)?,
            facet: category.facet,
            facet_slug: category.facet_slug,
            slug: category.slug,
            label: category.label,
            scheme: category.scheme,
            url: category.url,
            origin: category.origin,
            direct: category.direct,
            issuer: category.issuer,
        })
    };
    Entry {
        id: entry.id,
        url: entry.url,
        path: entry.path,
        external_url: entry.external_url,
        title: entry.title,
        kind: entry.kind,
        published: moment(entry.published),
        updated: moment(entry.updated),
        correction: entry.correction,
        language: entry.language,
        authors: entry.authors,
        categories: entry.categories.into_iter().filter_map(category).collect(),
        summary: entry.summary,
        content: String::new(),
        image: entry.image,
        enclosures: entry.enclosures,
    }
}

#[cfg(test)]
mod tests;
