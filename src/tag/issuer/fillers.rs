//! Words that may stand between what is said of a body and its name: articles, the words that its
//! facet's names may bear, and whose it is ("organized by the Swiss Chairmanship").

use std::collections::HashMap;

use crate::tag::places;
use crate::tag::text::Folded;
use crate::taxonomy::Taxonomy;

const ARTICLES: [&str; 5] = ["the", "a", "an", "its", "new"];

/// Words that say nothing of what a body does, folded, by the last of each.
#[derive(Debug, Clone, Default)]
pub(in crate::tag) struct Fillers(HashMap<String, Ending>);

/// The fillers that end in one word.
#[derive(Debug, Clone, Default)]
struct Ending {
    /// Whether the word alone is one.
    alone: bool,
    /// Those of several words.
    phrases: Vec<String>,
}

impl Fillers {
    pub(in crate::tag) fn new(taxonomy: &Taxonomy) -> Fillers {
        let mut fillers = Fillers::default();
        for word in ARTICLES {
            fillers.add(word);
        }
        let issuers = taxonomy.facets().filter(|(_, facet)| facet.issues);
        for word in issuers.flat_map(|(_, facet)| &facet.optional_words) {
            fillers.add(word);
        }
        for country in places::countries() {
            for name in &country.names {
                fillers.add(&format!("{name}'s"));
            }
            for demonym in &country.demonyms {
                fillers.add(demonym);
            }
        }
        fillers
    }

    fn add(&mut self, filler: &str) {
        let folded = Folded::new(filler).text;
        if folded.contains(' ') {
            let last = last_word(&folded).to_owned();
            self.0.entry(last).or_default().phrases.push(folded);
        } else {
            self.0.entry(folded).or_default().alone = true;
        }
    }

    pub(super) fn contains(&self, word: &str) -> bool {
        self.0.get(word).is_some_and(|ending| ending.alone)
    }

    /// Some folded text without the filler at its end; `None` if there is none.
    pub(super) fn without_last<'t>(&self, text: &'t str) -> Option<&'t str> {
        let word = last_word(text);
        let ending = self.0.get(word)?;
        let begins = |at: usize| text[..at].is_empty() || text[..at].ends_with(is_border);
        let phrase = ending.phrases.iter().find_map(|phrase| {
            let rest = text.strip_suffix(phrase.as_str())?;
            begins(rest.len()).then_some(rest.len())
        });
        let rest = match phrase {
            Some(rest) => rest,
            None if ending.alone => text.len() - word.len(),
            None => return None,
        };
        Some(text[..rest].trim_end_matches([' ', '/']))
    }
}

/// What stands after the last border.
fn last_word(text: &str) -> &str {
    text.rsplit(is_border).next().unwrap_or(text)
}

fn is_border(letter: char) -> bool {
    matches!(letter, ' ' | '\n' | '/' | '(' | '"' | '“')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::fixture;

    #[test]
    fn fillers_are_taken_off_one_by_one_and_other_words_stay() {
        let taxonomy = fixture::from_toml(
            "[facet.body]\nname = 'Body'\nissues = true\noptional_words = ['ACME']\nterms = [{ name = 'Council' }]",
        );
        let fillers = Fillers::new(&taxonomy);
        for (text, rest) in [
            ("organized by the acme", Some("organized by the")),
            ("organized by the swiss", Some("organized by the")),
            ("under switzerland's", Some("under")),
            ("the republic of moldova's", Some("the")),
            ("of the acme/", None),
            ("the", Some("")),
            ("breathe", None),
            ("", None),
        ] {
            assert_eq!(fillers.without_last(text), rest, "{text}");
        }
    }
}
