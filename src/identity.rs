//! Which id and page an item is published under: its own from before, or a new one.
//!
//! The rule that never breaks: an id never changes once published, whatever happens to the
//! title, the file's name or the host. Pure: candidates and what the ledger knows in, publications
//! out.

mod ending;
mod order;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Problem;
use crate::fingerprint::Fingerprint;
use crate::ledger::{Lookup, Publication};

pub use ending::{Batch, ended};
pub use order::number;

/// An item that is about to be published, as far as its identity goes.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its source file, relative to the newsroom.
    pub path: String,
    /// A stated id.
    pub id: Option<String>,
    /// A stated slug, or one made of the title.
    pub slug: String,
    /// Whether the slug is stated, so that changing it moves the page.
    pub slug_is_stated: bool,
    /// Fingerprint of what a reader sees of it.
    pub view: u64,
    /// When it was issued, in milliseconds; `None` when nothing says it.
    pub published: Option<i64>,
    /// The year of its date where the site is, for the page's path.
    pub year: i32,
    /// When the author says that it last changed, in milliseconds.
    pub updated: Option<i64>,
    /// The paths of its terms, divided by spaces.
    pub terms: String,
}

impl Lookup {
    /// Everything that [`settle`] must know about these candidates, and about some paths.
    pub fn of(paths: impl Iterator<Item = String>, candidates: &[Candidate]) -> Lookup {
        let page = |candidate: &Candidate| format!("{}/{}", candidate.year, candidate.slug);
        Lookup {
            ids: candidates
                .iter()
                .filter_map(|candidate| candidate.id.clone())
                .collect(),
            paths: paths.collect(),
            pages: candidates.iter().map(page).collect(),
            views: candidates.iter().map(|candidate| candidate.view).collect(),
        }
    }
}

/// What became of a candidate. A publication that readers are to learn of, since it is new, has
/// changed or is back, has no place in their order yet: its `sequence` is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is published so; to be recorded in the ledger.
    Publish(Publication),
    /// Another file holds the id that it states.
    Duplicate {
        /// The file that holds the id.
        holder: String,
    },
}

impl Settled {
    /// As [`Settled::publication`].
    pub fn into_publication(self) -> Option<Publication> {
        match self {
            Settled::Publish(publication) => Some(publication),
            Settled::Duplicate { .. } => None,
        }
    }

    /// What is to be published, if anything is.
    pub fn publication(&self) -> Option<&Publication> {
        match self {
            Settled::Publish(publication) => Some(publication),
            Settled::Duplicate { .. } => None,
        }
    }
}

/// Gives every candidate its identity; the outcomes are in the candidates' order.
///
/// `known` holds at least every publication that shares an id, path, page or view with a
/// candidate. `exists` tells whether a path is still a file of the newsroom; `is_taken` whether a
/// page belongs to any publication. `now` is in milliseconds; `authority` is
/// [`crate::config::Site::tag_authority`].
pub fn settle(
    candidates: Vec<Candidate>,
    known: &[Publication],
    exists: impl Fn(&str) -> bool,
    mut is_taken: impl FnMut(&str) -> bool,
    now: i64,
    authority: &str,
) -> Vec<Settled> {
    let minted = format!("tag:{authority}:");
    let by_id: HashMap<&str, &Publication> = known.iter().map(|row| (&*row.id, row)).collect();
    let mut by_path: HashMap<&str, Vec<&Publication>> = HashMap::new();
    let mut by_view: HashMap<u64, Vec<&Publication>> = HashMap::new();
    let mut by_page: HashMap<&str, &Publication> = HashMap::new();
    for row in known {
        by_path.entry(&row.path).or_default().push(row);
        by_view.entry(row.view).or_default().push(row);
        by_page.insert(&row.page, row);
    }
    // Of several items that one path held in turn, the one still there, else the last to go.
    let latest = |path: &str| {
        let rows = by_path.get(path)?;
        rows.iter()
            .copied()
            .max_by_key(|row| (row.gone.unwrap_or(i64::MAX), &row.id))
    };

    let paths: HashSet<&str> = candidates.iter().map(|one| &*one.path).collect();
    let mut claims: HashMap<&str, usize> = HashMap::new();
    let mut identities: Vec<Option<&Publication>> = vec![None; candidates.len()];
    let mut duplicates: HashMap<usize, String> = HashMap::new();

    // First those whose file is known by its path: nobody may take their id from them.
    for (at, candidate) in candidates.iter().enumerate() {
        let Some(row) = latest(&candidate.path) else {
            continue;
        };
        let keeps = match &candidate.id {
            None => true,
            // A file that held a minted id keeps it, even when it states another one later.
            Some(id) => {
                *id == row.id
                    || (row.gone.is_none()
                        && row.id.starts_with(&minted)
                        && !by_id.contains_key(&**id))
            }
        };
        if keeps {
            claims.insert(&row.id, at);
            identities[at] = Some(row);
        }
    }
    // Then those that state an id.
    for (at, candidate) in candidates.iter().enumerate() {
        let Some(id) = candidate.id.as_deref() else {
            continue;
        };
        if identities[at].is_some() {
            continue;
        }
        if let Some(&holder) = claims.get(id) {
            duplicates.insert(at, candidates[holder].path.clone());
            continue;
        }
        let row = by_id.get(id).copied();
        if let Some(row) = row
            && exists(&row.path)
            && !paths.contains(&*row.path)
        {
            duplicates.insert(at, row.path.clone());
            continue;
        }
        claims.insert(id, at);
        identities[at] = row;
    }
    // Then files that were moved: the same content, or the same page, where the old file is gone.
    for (at, candidate) in candidates.iter().enumerate() {
        if candidate.id.is_some() || identities[at].is_some() {
            continue;
        }
        let page = format!("{}/{}", candidate.year, candidate.slug);
        let same_view = by_view.get(&candidate.view).into_iter().flatten().copied();
        let moved = same_view
            .chain(by_page.get(&*page).copied())
            .find(|row| !claims.contains_key(&*row.id) && !exists(&row.path));
        if let Some(row) = moved {
            claims.insert(&row.id, at);
            identities[at] = Some(row);
        }
    }

    // Fingerprints take a tenth of the memory; if two pages shared one, the second would have a
    // number at its end.
    let mut pages: HashSet<u64> = HashSet::new();
    let mut page_is_free = |page: &str| {
        let fingerprint = Fingerprint::default().text(page).finish();
        !pages.contains(&fingerprint) && !is_taken(page) && pages.insert(fingerprint)
    };
    candidates
        .into_iter()
        .zip(identities)
        .enumerate()
        .map(
            |(at, (candidate, row))| match (duplicates.remove(&at), row) {
                (Some(holder), _) => Settled::Duplicate { holder },
                (None, None) => {
                    let first = first_publication(candidate, &mut page_is_free, now, &minted);
                    Settled::Publish(first)
                }
                (None, Some(row)) => {
                    Settled::Publish(next_publication(candidate, row, &mut page_is_free, now))
                }
            },
        )
        .collect()
}

/// What to tell the author of a file that states the id of another.
pub fn duplicate(holder: &str) -> Problem {
    Problem::error(format!("its id is that of {holder}"))
        .help("give it an id of its own, or leave `id` out; the other file stays published")
}

fn first_publication(
    candidate: Candidate,
    page_is_free: &mut impl FnMut(&str) -> bool,
    now: i64,
    minted: &str,
) -> Publication {
    let wanted = format!("{}/{}", candidate.year, candidate.slug);
    let page = std::iter::once(wanted.clone())
        .chain((2u64..).map(|number| format!("{wanted}-{number}")))
        .find(|page| page_is_free(page))
        .unwrap_or(wanted);
    let published = candidate.published.unwrap_or(now);
    Publication {
        id: candidate
            .id
            .unwrap_or_else(|| format!("{minted}news/{page}")),
        path: candidate.path,
        page,
        view: candidate.view,
        published,
        updated: candidate.updated.unwrap_or(published).max(published),
        gone: None,
        sequence: 0,
        terms: Some(candidate.terms),
    }
}

fn next_publication(
    candidate: Candidate,
    row: &Publication,
    page_is_free: &mut impl FnMut(&str) -> bool,
    now: i64,
) -> Publication {
    let published = candidate.published.unwrap_or(row.published);
    let updated = if row.view == candidate.view {
        row.updated
    } else {
        candidate
            .updated
            .filter(|stated| *stated > row.updated)
            .unwrap_or(now)
    };
    let is_as_before = row.view == candidate.view && row.gone.is_none();
    let wanted = format!("{}/{}", candidate.year, candidate.slug);
    let moves = candidate.slug_is_stated && wanted != row.page && page_is_free(&wanted);
    Publication {
        id: row.id.clone(),
        path: candidate.path,
        page: if moves { wanted } else { row.page.clone() },
        view: candidate.view,
        published,
        updated: updated.max(published),
        gone: None,
        sequence: if is_as_before { row.sequence } else { 0 },
        terms: Some(candidate.terms),
    }
}
