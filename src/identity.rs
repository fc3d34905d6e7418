//! Which id and page an item is published under: its own from before, or a new one.
//!
//! The rule that never breaks: an id never changes once published, whatever happens to the
//! title, the file's name or the host. Pure: candidates and what the ledger knows in, publications
//! out.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Problem;
use crate::fingerprint::Fingerprint;
use crate::ledger::{Lookup, Publication};

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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn candidate(path: &str, slug: &str, view: u64) -> Candidate {
        Candidate {
            path: path.into(),
            id: None,
            slug: slug.into(),
            slug_is_stated: false,
            view,
            published: Some(500),
            year: 2024,
            updated: None,
            terms: String::new(),
        }
    }

    fn settle_one(candidate: Candidate, known: &[Publication], files: &[&str]) -> Publication {
        let taken = |page: &str| known.iter().any(|row| row.page == page);
        let settled = settle(
            vec![candidate],
            known,
            |path| files.contains(&path),
            taken,
            NOW,
            "example.org,2024",
        );
        match settled.into_iter().next().unwrap() {
            Settled::Publish(publication) => publication,
            Settled::Duplicate { holder } => panic!("duplicate of {holder}"),
        }
    }

    fn published(path: &str, slug: &str, view: u64) -> Publication {
        settle_one(candidate(path, slug, view), &[], &[path])
    }

    #[test]
    fn a_new_item_gets_a_minted_id_and_a_page_of_its_title() {
        let first = published("news/a.md", "title", 1);
        assert_eq!(first.id, "tag:example.org,2024:news/2024/title");
        assert_eq!(first.page, "2024/title");
        assert_eq!((first.published, first.updated), (500, 500));
    }

    #[test]
    fn editing_the_title_keeps_id_and_page_and_moves_updated() {
        let first = published("news/a.md", "title", 1);
        let next = settle_one(
            candidate("news/a.md", "other-title", 2),
            std::slice::from_ref(&first),
            &["news/a.md"],
        );
        assert_eq!((next.id, next.page), (first.id, first.page));
        assert_eq!(next.updated, NOW);
    }

    #[test]
    fn an_unchanged_view_does_not_move_updated() {
        let first = published("news/a.md", "title", 1);
        let next = settle_one(
            candidate("news/a.md", "title", 1),
            std::slice::from_ref(&first),
            &["news/a.md"],
        );
        assert_eq!(next, first);
    }

    #[test]
    fn renaming_a_file_keeps_the_id() {
        let first = published("news/a.md", "title", 1);
        let next = settle_one(
            candidate("news/b.md", "title", 1),
            std::slice::from_ref(&first),
            &["news/b.md"],
        );
        assert_eq!((next.id, next.updated), (first.id, first.updated));
        assert_eq!(next.path, "news/b.md");
    }

    #[test]
    fn renaming_and_editing_the_text_at_once_keeps_the_id_by_the_page() {
        let first = published("news/a.md", "title", 1);
        let next = settle_one(
            candidate("news/b.md", "title", 2),
            std::slice::from_ref(&first),
            &["news/b.md"],
        );
        assert_eq!(next.id, first.id);
    }

    #[test]
    fn a_copy_of_a_file_is_an_item_of_its_own() {
        let first = published("news/a.md", "title", 1);
        let next = settle_one(
            candidate("news/b.md", "title", 1),
            std::slice::from_ref(&first),
            &["news/a.md", "news/b.md"],
        );
        assert_ne!(next.id, first.id);
        assert_eq!(next.page, "2024/title-2");
    }

    #[test]
    fn an_item_that_was_deleted_and_comes_back_gets_its_old_id() {
        let mut first = published("news/a.md", "title", 1);
        first.gone = Some(700);
        let next = settle_one(
            candidate("news/a.md", "title", 1),
            std::slice::from_ref(&first),
            &["news/a.md"],
        );
        assert_eq!((&next.id, next.gone), (&first.id, None));
    }

    #[test]
    fn two_files_that_state_one_id_are_a_duplicate_of_the_one_that_had_it() {
        let with_id = |path: &str, view| Candidate {
            id: Some("x".into()),
            ..candidate(path, path, view)
        };
        let first = settle_one(with_id("news/b.md", 1), &[], &[]);
        assert_eq!(first.id, "x");
        let both = [with_id("news/a.md", 2), with_id("news/b.md", 1)];
        let settled = settle(
            both.to_vec(),
            std::slice::from_ref(&first),
            |_| true,
            |_| false,
            NOW,
            "example.org,2024",
        );
        assert_eq!(
            settled[0],
            Settled::Duplicate {
                holder: "news/b.md".into()
            }
        );
        assert_eq!(settled[1], Settled::Publish(first));
        let fresh = settle(
            both.to_vec(),
            &[],
            |_| true,
            |_| false,
            NOW,
            "example.org,2024",
        );
        assert_eq!(
            fresh[1],
            Settled::Duplicate {
                holder: "news/a.md".into()
            }
        );
    }

    #[test]
    fn an_id_stated_after_publication_does_not_replace_the_minted_one() {
        let first = published("news/a.md", "title", 1);
        let later = Candidate {
            id: Some("x".into()),
            ..candidate("news/a.md", "title", 2)
        };
        assert_eq!(
            settle_one(later, std::slice::from_ref(&first), &["news/a.md"]).id,
            first.id
        );
    }

    #[test]
    fn another_stated_id_in_the_same_file_is_another_item() {
        let with_id = |id: &str| Candidate {
            id: Some(id.into()),
            ..candidate("news/a.md", "title", 1)
        };
        let first = settle_one(with_id("x"), &[], &[]);
        let next = settle_one(with_id("y"), &[first], &["news/a.md"]);
        assert_eq!((&*next.id, &*next.page), ("y", "2024/title-2"));
    }

    #[test]
    fn a_changed_stated_slug_moves_the_page_but_not_the_id() {
        let first = published("news/a.md", "title", 1);
        let moved = Candidate {
            slug_is_stated: true,
            ..candidate("news/a.md", "better", 2)
        };
        let next = settle_one(moved, std::slice::from_ref(&first), &["news/a.md"]);
        assert_eq!((next.id, &*next.page), (first.id, "2024/better"));
    }

    #[test]
    fn same_titles_in_one_batch_get_pages_of_their_own() {
        let both = vec![candidate("a.md", "title", 1), candidate("b.md", "title", 2)];
        let settled = settle(both, &[], |_| true, |_| false, NOW, "example.org,2024");
        let pages: Vec<&str> = settled
            .iter()
            .map(|one| match one {
                Settled::Publish(publication) => &*publication.page,
                Settled::Duplicate { .. } => "duplicate",
            })
            .collect();
        assert_eq!(pages, ["2024/title", "2024/title-2"]);
    }

    #[test]
    fn an_item_without_a_date_keeps_the_moment_of_its_first_publication() {
        let undated = |view| Candidate {
            published: None,
            ..candidate("a.md", "title", view)
        };
        let first = settle_one(undated(1), &[], &[]);
        assert_eq!(first.published, NOW);
        let next = Publication {
            published: 42,
            updated: 42,
            ..first
        };
        assert_eq!(settle_one(undated(2), &[next], &["a.md"]).published, 42);
    }
}
