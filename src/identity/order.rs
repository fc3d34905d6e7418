//! The order in which readers learn of items.

use super::Settled;
use crate::ledger::Publication;

/// Gives those that have none their places in the order in which readers learn of items, after
/// `last`; among themselves in order of date.
pub fn number(settled: &mut [Settled], last: u64) {
    let publications = settled.iter_mut().filter_map(|settled| match settled {
        Settled::Publish(publication) => Some(publication),
        Settled::Duplicate { .. } => None,
    });
    let mut fresh: Vec<&mut Publication> = publications
        .filter(|publication| publication.sequence == 0)
        .collect();
    fresh.sort_unstable_by(|a, b| (a.published, &a.id).cmp(&(b.published, &b.id)));
    for (publication, sequence) in fresh.into_iter().zip(last + 1..) {
        publication.sequence = sequence;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publication(id: &str, published: i64, sequence: u64) -> Settled {
        Settled::Publish(Publication {
            id: id.into(),
            path: format!("news/{id}.md"),
            page: format!("2024/{id}"),
            view: 1,
            published,
            updated: published,
            gone: None,
            sequence,
            terms: None,
        })
    }

    #[test]
    fn what_has_no_place_comes_after_all_others_in_order_of_date() {
        let holder = "news/other.md".to_owned();
        let mut settled = [
            publication("late", 30, 0),
            publication("kept", 50, 4),
            Settled::Duplicate { holder },
            publication("b", 10, 0),
            publication("a", 10, 0),
        ];
        number(&mut settled, 9);
        let places = settled.iter().filter_map(Settled::publication);
        let places: Vec<(&str, u64)> = places.map(|row| (&*row.id, row.sequence)).collect();
        assert_eq!(places, [("late", 12), ("kept", 4), ("b", 11), ("a", 10)]);
    }
}
