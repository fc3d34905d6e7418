//! Where the items of a selection are to be looked for, so that whoever has lists of items by
//! term need not look at every item.

use chrono::{DateTime, Utc};

use super::{Query, Selection, start_of};
use crate::taxonomy::TermId;

impl Selection {
    /// Terms of which every selected item bears at least one, as few items as `count` knows of;
    /// `None` where the selection gives none, as `not country:albania` does, or where `count`
    /// does not know them.
    pub fn terms_needed(&self, count: impl Fn(TermId) -> Option<usize>) -> Option<Vec<TermId>> {
        needed(&self.query, &count).map(|(_, terms)| terms)
    }

    /// No item that was issued before this moment is selected, as far as the selection says so.
    pub fn earliest(&self) -> Option<DateTime<Utc>> {
        earliest(&self.query)
    }
}

/// The terms, and how many items they have together, counted once for each term.
fn needed(query: &Query, count: &impl Fn(TermId) -> Option<usize>) -> Option<(usize, Vec<TermId>)> {
    match query {
        Query::Term { id, .. } => Some((count(*id)?, vec![*id])),
        Query::And(members) => members
            .iter()
            .filter_map(|member| needed(member, count))
            .min_by_key(|(items, _)| *items),
        Query::Or(members) => {
            let mut all = (0, Vec::new());
            for member in members {
                let (items, terms) = needed(member, count)?;
                all.0 += items;
                all.1.extend(terms);
            }
            all.1.sort_unstable();
            all.1.dedup();
            Some(all)
        }
        Query::All
        | Query::Language(_)
        | Query::Kind(_)
        | Query::After(_)
        | Query::Before(_)
        | Query::Not(_) => None,
    }
}

fn earliest(query: &Query) -> Option<DateTime<Utc>> {
    match query {
        Query::After(day) => Some(start_of(*day)),
        Query::And(members) => members.iter().filter_map(earliest).max(),
        Query::Or(members) => {
            let all: Option<Vec<_>> = members.iter().map(earliest).collect();
            all?.into_iter().min()
        }
        Query::Not(inner) => match &**inner {
            Query::Before(day) => Some(start_of(*day)),
            _ => None,
        },
        Query::All
        | Query::Term { .. }
        | Query::Language(_)
        | Query::Kind(_)
        | Query::Before(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::parse;

    /// The numbers of the terms needed, where the first terms of the taxonomy have the fewest
    /// items.
    fn needed(text: &str) -> Option<Vec<u16>> {
        let terms = parse(text).unwrap();
        let terms = terms.terms_needed(|term| Some(usize::from(term.0) + 1))?;
        Some(terms.into_iter().map(|term| term.0).collect())
    }

    #[test]
    fn every_item_of_a_selection_bears_one_of_the_terms_that_it_needs() {
        assert_eq!(needed("country:albania"), Some(vec![4]));
        let both = "country:albania and field_of_work:migration";
        assert_eq!(needed(both), Some(vec![1]));
        let any = "country:albania or field_of_work:migration";
        assert_eq!(needed(any), Some(vec![1, 4]));
        let nested = "country:albania and field_of_work:(policing or migration) and language:ru";
        assert_eq!(needed(nested), Some(vec![0, 1]));
        assert_eq!(
            needed("country:albania and not field_of_work:policing"),
            Some(vec![4])
        );
    }

    #[test]
    fn what_any_item_may_meet_needs_no_term() {
        for text in [
            "*",
            "not country:albania",
            "language:ru",
            "type:story",
            "after:2024-01-01",
        ] {
            assert_eq!(needed(text), None, "{text}");
        }
        assert_eq!(needed("country:albania or language:ru"), None);
        assert_eq!(
            parse("country:albania").unwrap().terms_needed(|_| None),
            None
        );
    }

    #[test]
    fn the_earliest_day_is_that_of_the_conditions_that_must_hold() {
        let earliest = |text: &str| {
            let selection = parse(text).unwrap();
            selection
                .earliest()
                .map(|moment| moment.date_naive().to_string())
        };
        let day = |text: &str| Some(text.to_owned());
        assert_eq!(
            earliest("after:2024-02-01 and after:2024-03-01"),
            day("2024-03-01")
        );
        assert_eq!(
            earliest("after:2024-02-01 or after:2024-03-01"),
            day("2024-02-01")
        );
        assert_eq!(earliest("not before:2024-02-01"), day("2024-02-01"));
        assert_eq!(earliest("after:2024-02-01 or language:ru"), None);
        assert_eq!(earliest("before:2024-02-01"), None);
        assert_eq!(earliest("not after:2024-02-01"), None);
    }
}
