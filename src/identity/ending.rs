//! Which publications end, and what is said of those that have ended.

use std::collections::{HashMap, HashSet};

use crate::item::Withdrawal;
use crate::ledger::{Publication, TombstoneRecord};

/// What a batch says of items that are live no more, all by path.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// The files that are gone.
    pub removed: HashSet<&'a str>,
    /// The items that were taken back, or wait for their date.
    pub dormant: HashSet<&'a str>,
    /// What withdrawn items say of it.
    pub withdrawals: HashMap<&'a str, &'a Withdrawal>,
}

/// The publications that end with a batch: their file is gone, or its item is live no more; and
/// those that have ended, but of which their file says something else now than what is `said` by
/// the page that they had. `used` are the ids that other files took over. `now` is in
/// milliseconds since 1970 UTC.
pub fn ended<'t>(
    known: &[Publication],
    batch: &Batch<'_>,
    used: &HashSet<&str>,
    said: impl Fn(&str) -> Option<&'t TombstoneRecord>,
    now: i64,
) -> Vec<Publication> {
    let stated = |row: &Publication| {
        let at = batch.withdrawals.get(&*row.path)?.at?;
        Some(at.timestamp_millis().min(now))
    };
    // Of several items that one path held in turn, the file speaks of the last.
    let mut last: HashMap<&str, i64> = HashMap::new();
    for row in known {
        let gone = row.gone.unwrap_or(i64::MAX);
        let newest = last.entry(&row.path).or_insert(gone);
        *newest = gone.max(*newest);
    }
    let is_restated = |row: &Publication| {
        let Some((withdrawal, said)) = batch.withdrawals.get(&*row.path).zip(said(&row.page))
        else {
            return false;
        };
        row.gone == last.get(&*row.path).copied()
            && ((&withdrawal.by, &withdrawal.reason) != (&said.by, &said.reason)
                || stated(row).is_some_and(|at| at != said.gone))
    };
    let ends = |row: &Publication| {
        let path = &*row.path;
        row.gone.is_none() && (batch.removed.contains(path) || batch.dormant.contains(path))
    };
    known
        .iter()
        .filter(|row| !used.contains(&*row.id))
        .filter(|row| ends(row) || is_restated(row))
        .map(|row| Publication {
            gone: stated(row).or(row.gone).or(Some(now)),
            ..row.clone()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000;

    fn publication(id: &str, path: &str, gone: Option<i64>) -> Publication {
        Publication {
            id: id.into(),
            path: path.into(),
            page: format!("2024/{id}"),
            view: 1,
            published: 10,
            updated: 10,
            gone,
            sequence: 1,
            terms: None,
        }
    }

    fn tombstone(id: &str, gone: i64, reason: &str) -> TombstoneRecord {
        TombstoneRecord {
            id: id.into(),
            page: format!("2024/{id}"),
            gone,
            by: None,
            reason: Some(reason.into()),
            feeds: Vec::new(),
        }
    }

    fn because(reason: &str) -> Withdrawal {
        Withdrawal {
            reason: Some(reason.into()),
            ..Withdrawal::default()
        }
    }

    /// The ids of those that end, and since when they are gone.
    fn ending(
        known: &[Publication],
        batch: &Batch<'_>,
        used: &[&str],
        said: &[TombstoneRecord],
    ) -> Vec<(String, Option<i64>)> {
        let at = |page: &str| said.iter().find(|one| one.page == page);
        let rows = ended(known, batch, &used.iter().copied().collect(), at, NOW);
        rows.into_iter().map(|row| (row.id, row.gone)).collect()
    }

    #[test]
    fn a_publication_ends_with_its_file_unless_another_file_took_it_over() {
        let known = [
            publication("moved", "a.md", None),
            publication("gone", "b.md", None),
            publication("waits", "c.md", None),
            publication("stays", "d.md", None),
        ];
        let batch = Batch {
            removed: HashSet::from(["a.md", "b.md"]),
            dormant: HashSet::from(["c.md"]),
            ..Batch::default()
        };
        let found = ending(&known, &batch, &["moved"], &[]);
        let expected = [("gone".to_owned(), Some(NOW)), ("waits".into(), Some(NOW))];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_ended_is_told_again_only_when_its_file_says_something_else() {
        let known = [publication("one", "a.md", Some(500))];
        let (same, other) = (because("a mistake"), because("a legal matter"));
        let said = [tombstone("one", 500, "a mistake")];
        let batch = |withdrawal| Batch {
            dormant: HashSet::from(["a.md"]),
            withdrawals: HashMap::from([("a.md", withdrawal)]),
            ..Batch::default()
        };
        assert!(ending(&known, &batch(&same), &[], &said).is_empty());
        // It is gone since then, whenever the reason was mended.
        let expected = [("one".to_owned(), Some(500))];
        assert_eq!(ending(&known, &batch(&other), &[], &said), expected);
    }

    #[test]
    fn a_file_that_held_several_items_speaks_of_the_last() {
        let known = [
            publication("first", "a.md", Some(100)),
            publication("last", "a.md", Some(500)),
        ];
        let said = [
            tombstone("first", 100, "old"),
            tombstone("last", 500, "old"),
        ];
        let withdrawal = because("new");
        let batch = Batch {
            withdrawals: HashMap::from([("a.md", &withdrawal)]),
            ..Batch::default()
        };
        let found = ending(&known, &batch, &[], &said);
        assert_eq!(found, [("last".to_owned(), Some(500))]);
    }
}
