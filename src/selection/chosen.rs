//! Which terms a selection asks for.

use super::{Query, Selection};
use crate::taxonomy::TermId;

impl Selection {
    /// The terms that it names without `not`, each once, in the taxonomy's order.
    pub fn chosen_terms(&self) -> Vec<TermId> {
        let mut terms = Vec::new();
        collect(&self.query, &mut terms);
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

fn collect(query: &Query, terms: &mut Vec<TermId>) {
    match query {
        Query::Term { id, .. } => terms.push(*id),
        Query::And(members) | Query::Or(members) => {
            for member in members {
                collect(member, terms);
            }
        }
        Query::Not(_)
        | Query::All
        | Query::Language(_)
        | Query::Kind(_)
        | Query::After(_)
        | Query::Before(_) => {}
    }
}
