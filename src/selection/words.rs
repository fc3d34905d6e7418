//! A selection in words that a reader understands: terms by their names.

use super::{Query, Selection};
use crate::language::{LanguageId, Words};
use crate::taxonomy::Taxonomy;

impl Selection {
    /// What is selected, in English words and the main language's names: `(Albania or Kosovo) and
    /// Policing`.
    pub fn words(&self, taxonomy: &Taxonomy) -> String {
        self.words_in(taxonomy, LanguageId::MAIN, &Words::built_in("en"))
    }

    /// What is selected, in the words of a language and the names that terms have in it.
    pub fn words_in(&self, taxonomy: &Taxonomy, language: LanguageId, words: &Words) -> String {
        let said = Said {
            taxonomy,
            language,
            words,
        };
        self.query.words(&said)
    }
}

/// What is said with.
struct Said<'a> {
    taxonomy: &'a Taxonomy,
    language: LanguageId,
    words: &'a Words,
}

impl Query {
    fn words(&self, said: &Said<'_>) -> String {
        let words = said.words;
        let within = |query: &Query, around: u8| {
            let words = query.words(said);
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
            members.join(&format!(" {} ", words.say(word)))
        };
        match self {
            Query::All => words.say("everything").to_owned(),
            Query::Term { id, .. } => said.taxonomy.term(*id).name_in(said.language).to_owned(),
            Query::Language(range) => words.fill("in {language}", &[("language", range)]),
            Query::Kind(kind) => kind.replace('-', " "),
            Query::After(day) => words.fill("since {day}", &[("day", &day.to_string())]),
            Query::Before(day) => words.fill("before {day}", &[("day", &day.to_string())]),
            Query::Not(query) => words.fill("not {what}", &[("what", &within(query, 2))]),
            Query::And(members) => joined(members, "and"),
            Query::Or(members) => joined(members, "or"),
        }
    }
}
