//! A selection in words that a reader understands: terms by their names.

use super::{Query, Selection};
use crate::taxonomy::Taxonomy;

impl Selection {
    /// What is selected, in words: `(Albania or Kosovo) and Policing`.
    pub fn words(&self, taxonomy: &Taxonomy) -> String {
        self.query.words(taxonomy)
    }
}

impl Query {
    fn words(&self, taxonomy: &Taxonomy) -> String {
        let within = |query: &Query, around: u8| {
            let words = query.words(taxonomy);
            if query.tightness() < around {
                format!("({words})")
            } else {
                words
            }
        };
        let joined = |members: &[Query], word: &str| {
            let members: Vec<String> = members
                .iter()
                .map(|member| within(member, self.tightness() + 1))
                .collect();
            members.join(word)
        };
        match self {
            Query::All => "everything".to_owned(),
            Query::Term { id, .. } => taxonomy.term(*id).name.clone(),
            Query::Language(range) => format!("in {range}"),
            Query::Kind(kind) => kind.replace('-', " "),
            Query::After(day) => format!("since {day}"),
            Query::Before(day) => format!("before {day}"),
            Query::Not(query) => format!("not {}", within(query, 2)),
            Query::And(members) => joined(members, " and "),
            Query::Or(members) => joined(members, " or "),
        }
    }
}
