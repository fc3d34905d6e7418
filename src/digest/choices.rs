//! What an issue holds for one set of choices: the digest as it is, selections of one's own, or
//! both, each item once.
//!
//! Pure: an issue, the pool that own selections choose from and the choices in, an issue out.

use std::collections::HashSet;
use std::sync::Arc;

use super::compose::{self, Group, Issue};
use crate::config::{Digest, Quiet, Site};
use crate::entry::{Category, Entry};
use crate::language::LanguageId;
use crate::selection::{Facts, Selection, SelectionError};
use crate::taxonomy::{Taxonomy, TermId};

/// The issue for one set of choices: selections, of which the empty one is the digest as it is.
/// `None` when it would hold nothing and the digest is silent then.
///
/// What the digest itself shows comes first, under its own headings. What own selections add
/// stands under the topics that they name, in the taxonomy's order: an item under the first that
/// it bears, and one that bears none of them comes last. A subject that an editor wrote stays; the
/// one that counts items counts those of this set.
///
/// # Errors
/// When a selection names what is not there any more.
pub fn compose_for(
    choices: &[String],
    issue: &Issue,
    pool: &[Arc<Entry>],
    digest: &Digest,
    taxonomy: &Taxonomy,
    site: &Site,
) -> Result<Option<Issue>, SelectionError> {
    let has_whole = choices.iter().any(String::is_empty);
    let own: Vec<Selection> = choices
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| Selection::parse(text, taxonomy))
        .collect::<Result<_, _>>()?;
    if own.is_empty() {
        let is_silent = issue.total == 0 && digest.quiet == Quiet::Skip;
        return Ok((!is_silent).then(|| issue.clone()));
    }
    let mut groups = if has_whole {
        issue.groups.clone()
    } else {
        Vec::new()
    };
    let headline = issue.headline.clone();
    let headline = headline.filter(|entry| has_whole || is_chosen(entry, &own));
    let shown: HashSet<&str> = groups
        .iter()
        .flat_map(|group| &group.entries)
        .chain(&headline)
        .map(|entry| entry.id.as_str())
        .collect();
    let added: Vec<Arc<Entry>> = pool
        .iter()
        .filter(|entry| !shown.contains(entry.id.as_str()) && is_chosen(entry, &own))
        .cloned()
        .collect();
    let topics = topics(&own, digest, taxonomy);
    let language = site.language_of(&digest.language);
    let language = language.unwrap_or(LanguageId::MAIN);
    for group in compose::group(&added, taxonomy, language, |entry| borne(entry, &topics)) {
        let known = groups.iter_mut().find(|known| known.anchor == group.anchor);
        match known {
            Some(known) => known.entries.extend(group.entries),
            // The web page of the issue does not have it.
            None => groups.push(Group {
                anchor: None,
                ..group
            }),
        }
    }
    let grouped: usize = groups.iter().map(|group| group.entries.len()).sum();
    let total = grouped + usize::from(headline.is_some());
    if total == 0 && digest.quiet == Quiet::Skip {
        return Ok(None);
    }
    let subject = |total| compose::subject(digest, &issue.span, total, &issue.words);
    let mut composed = Issue {
        total,
        quiet: total == 0,
        headline,
        groups,
        ..issue.clone()
    };
    if issue.subject == subject(issue.total) {
        composed.subject = subject(total);
    }
    let preheader = |issue: &Issue| compose::preheader(issue.headline.as_ref(), &issue.groups);
    if issue.preheader == preheader(issue) {
        composed.preheader = preheader(&composed);
    }
    Ok(Some(composed))
}

fn is_chosen(entry: &Entry, selections: &[Selection]) -> bool {
    let mut terms: Vec<TermId> = entry.categories.iter().map(|one| one.term).collect();
    terms.sort_unstable();
    terms.dedup();
    let facts = Facts {
        terms: &terms,
        published: entry.published,
        language: &entry.language,
        kind: entry.kind.as_deref(),
    };
    selections.iter().any(|selection| selection.matches(&facts))
}

/// The terms that are headings: those named of the digest's grouping facet, or else of the first
/// facet of which any is named.
fn topics(selections: &[Selection], digest: &Digest, taxonomy: &Taxonomy) -> Vec<TermId> {
    let mut terms: Vec<TermId> = selections
        .iter()
        .flat_map(Selection::chosen_terms)
        .collect();
    terms.sort_unstable();
    terms.dedup();
    let facet_of = |term: &TermId| taxonomy.term(*term).facet;
    let grouping = digest
        .group_by
        .filter(|facet| terms.iter().any(|term| facet_of(term) == *facet))
        .or_else(|| terms.first().map(facet_of));
    terms.retain(|term| Some(facet_of(term)) == grouping);
    terms
}

/// The first of `topics` that an entry bears.
fn borne<'e>(entry: &'e Entry, topics: &[TermId]) -> Option<&'e Category> {
    let categories = entry.categories.iter();
    categories
        .filter(|category| topics.contains(&category.term))
        .min_by_key(|category| category.term)
}

#[cfg(test)]
mod tests;
