//! Keywords: what a text must hold to speak for a term, as `feeds.toml` writes it.
//!
//! ```text
//! small arms              these words in a row
//! terroris*               a word that begins so
//! ~observe                any form of the word: observes, observed, observing
//! women NEAR/3 politic*   both, with at most three words between them, in either order
//! cyber ^2                counts twice as much; ^-2 speaks against the term
//! !climate of fear        where this stands, the term's keywords inside it do not count
//! ```

use std::ops::Range;

/// The largest number of words between the two halves of a `NEAR`.
const MOST_NEAR: u32 = 100;
/// The largest weight.
const MOST_WEIGHT: f32 = 100.0;
/// The fewest letters before a `*`.
const FEWEST_LETTERS: usize = 3;

/// What a text must hold to speak for a term, or not to.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyword {
    /// As it is written.
    pub text: String,
    /// The language of the texts that it is for, as a BCP 47 tag; `None` for the taxonomy's own.
    pub language: Option<String>,
    /// The words.
    pub phrase: Vec<Word>,
    /// Other words that must stand near, and the most words that may stand between.
    pub near: Option<(Vec<Word>, u32)>,
    /// What it does where it is found.
    pub effect: Effect,
}

/// What a keyword does where it is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// It speaks for the term this much; against it where this is below zero.
    Counts(f32),
    /// The term's keywords inside it do not count.
    Excludes,
}

/// A word of a keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its letters, as written.
    pub text: String,
    /// What of it must stand in the text.
    pub form: Form,
}

/// What of a word must stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// All of it.
    Exact,
    /// Its beginning: `terroris*`.
    Beginning,
    /// Any of its forms: `~observe`.
    Inflected,
}

/// Why a text is no keyword.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct KeywordError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The bytes of the text that are wrong.
    pub span: Range<usize>,
}

impl Keyword {
    /// Reads a keyword, in `language` where that is not the taxonomy's own.
    ///
    /// # Errors
    /// When a mark stands where it means nothing, or nothing is left to look for.
    pub fn parse(text: &str, language: Option<&str>) -> Result<Keyword, KeywordError> {
        let (rest, weight) = without_weight(text)?;
        let excludes = rest.trim_start().starts_with('!');
        let start = match excludes {
            true => rest.len() - rest.trim_start().len() + 1,
            false => 0,
        };
        let effect = match (excludes, weight) {
            (true, Some((_, at))) => {
                return Err(wrong(
                    "an exclusion has no weight",
                    "remove the '^' and the number: what is excluded does not count at all",
                    at..text.len(),
                ));
            }
            (true, None) => Effect::Excludes,
            (false, weight) => Effect::Counts(weight.map_or(1.0, |(weight, _)| weight)),
        };
        let (phrase, near) = match near(rest, start)? {
            None => (words(rest, start..rest.len())?, None),
            Some((mark, distance)) => (
                words(rest, start..mark.start)?,
                Some((words(rest, mark.end..rest.len())?, distance)),
            ),
        };
        Ok(Keyword {
            text: text.trim().to_owned(),
            language: language.map(str::to_owned),
            phrase,
            near,
            effect,
        })
    }

    /// The words without any marks, for those who want to know what it speaks of.
    pub fn plain(&self) -> String {
        let near = self.near.iter().flat_map(|(words, _)| words);
        let words: Vec<&str> = self
            .phrase
            .iter()
            .chain(near)
            .map(|word| word.text.as_str())
            .collect();
        words.join(" ")
    }
}

fn wrong(message: impl Into<String>, help: &str, span: Range<usize>) -> KeywordError {
    KeywordError {
        message: message.into(),
        help: help.to_owned(),
        span,
    }
}

/// The text before `^2.5`, and that weight with the place of its mark.
type Weighed<'t> = (&'t str, Option<(f32, usize)>);

fn without_weight(text: &str) -> Result<Weighed<'_>, KeywordError> {
    let Some((before, weight)) = text.rsplit_once('^') else {
        return Ok((text, None));
    };
    let at = before.len();
    match weight.trim().parse::<f32>() {
        Ok(weight) if weight != 0.0 && weight.abs() <= MOST_WEIGHT => {
            Ok((before, Some((weight, at))))
        }
        _ => Err(wrong(
            format!("'^{}' is no weight", weight.trim()),
            "write a number from -100 to 100 other than 0 after the '^', at the end of the keyword: \"cyber ^2\"",
            at..text.len(),
        )),
    }
}

/// The place of `NEAR/3` in a keyword, and its number.
fn near(text: &str, start: usize) -> Result<Option<(Range<usize>, u32)>, KeywordError> {
    let mut found = None;
    for (at, word) in words_with_places(text, start..text.len()) {
        let Some(number) = word.strip_prefix("NEAR/") else {
            if word == "NEAR" {
                let help = "say how many words may stand between: NEAR/5";
                return Err(wrong("'NEAR' without a number", help, at..at + word.len()));
            }
            continue;
        };
        let place = at..at + word.len();
        if found.is_some() {
            let help = "write two keywords";
            return Err(wrong("more than one 'NEAR'", help, place));
        }
        match number.parse() {
            Ok(distance) if distance <= MOST_NEAR => found = Some((place, distance)),
            _ => {
                let help = "write the most words that may stand between, from 0 to 100: NEAR/5";
                return Err(wrong(format!("'{word}' has no such number"), help, place));
            }
        }
    }
    Ok(found)
}

fn words_with_places(text: &str, within: Range<usize>) -> impl Iterator<Item = (usize, &str)> {
    text[within.clone()]
        .split_whitespace()
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn words(text: &str, within: Range<usize>) -> Result<Vec<Word>, KeywordError> {
    let words: Vec<Word> = words_with_places(text, within.clone())
        .map(|(at, word)| read_word(word, at))
        .collect::<Result<_, _>>()?;
    let has_letters = |word: &Word| word.text.contains(char::is_alphanumeric);
    if words.iter().any(has_letters) {
        return Ok(words);
    }
    let help = "write a word or a phrase";
    Err(wrong("there is nothing to look for", help, within))
}

fn read_word(written: &str, at: usize) -> Result<Word, KeywordError> {
    let place = at..at + written.len();
    let (text, form) = match (written.strip_prefix('~'), written.strip_suffix('*')) {
        (Some(_), Some(_)) => {
            let help = "write ~ for its forms, or * for any ending";
            return Err(wrong(format!("'{written}' has two marks"), help, place));
        }
        (Some(text), None) => (text, Form::Inflected),
        (None, Some(text)) => (text, Form::Beginning),
        (None, None) => (written, Form::Exact),
    };
    if let Some(mark) = text.find(['*', '~', '!']) {
        let help = "a '*' ends a word, a '~' begins one, a '!' begins the keyword";
        let at = place.start + written.find(text).unwrap_or_default() + mark;
        let mark = &text[mark..mark + 1];
        return Err(wrong(
            format!("'{mark}' means nothing here"),
            help,
            at..at + 1,
        ));
    }
    let letters = text
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .count();
    if form == Form::Beginning && letters < FEWEST_LETTERS {
        let help = "write at least three letters before the '*'";
        return Err(wrong(
            format!("'{written}' begins too many words"),
            help,
            place,
        ));
    }
    if form == Form::Inflected && (letters == 0 || text.contains('-')) {
        let help = "write one word after the '~', without hyphens";
        return Err(wrong(format!("'{written}' has no forms"), help, place));
    }
    Ok(Word {
        text: text.to_owned(),
        form,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Keyword {
        Keyword::parse(text, None).unwrap()
    }

    fn forms(words: &[Word]) -> Vec<(&str, Form)> {
        words
            .iter()
            .map(|word| (word.text.as_str(), word.form))
            .collect()
    }

    #[test]
    fn plain_words_are_a_phrase_that_counts_once() {
        let keyword = parsed("Women, peace and security");
        assert_eq!(keyword.phrase.len(), 4);
        assert!(keyword.phrase.iter().all(|word| word.form == Form::Exact));
        assert_eq!(keyword.effect, Effect::Counts(1.0));
        assert_eq!(keyword.near, None);
    }

    #[test]
    fn marks_make_wildcards_forms_weights_nearness_and_exclusions() {
        let keyword = parsed("~train of terroris* ^-2.5");
        assert_eq!(
            forms(&keyword.phrase),
            [
                ("train", Form::Inflected),
                ("of", Form::Exact),
                ("terroris", Form::Beginning)
            ]
        );
        assert_eq!(keyword.effect, Effect::Counts(-2.5));
        let keyword = parsed("women NEAR/3 politic* ^2");
        let (other, distance) = keyword.near.as_ref().unwrap();
        assert_eq!(forms(&keyword.phrase), [("women", Form::Exact)]);
        assert_eq!(forms(other), [("politic", Form::Beginning)]);
        assert_eq!(*distance, 3);
        assert_eq!(keyword.plain(), "women politic");
        let keyword = parsed("! climate of fear");
        assert_eq!(keyword.effect, Effect::Excludes);
        assert_eq!(keyword.plain(), "climate of fear");
    }

    #[test]
    fn mistakes_are_told_with_their_place_and_mend() {
        for (text, message, place) in [
            ("cyber ^two", "'^two' is no weight", "^two"),
            ("cyber ^0", "'^0' is no weight", "^0"),
            ("cyber ^ 1000", "'^1000' is no weight", "^ 1000"),
            ("!fear ^2", "an exclusion has no weight", "^2"),
            ("te*rror", "'*' means nothing here", "*"),
            ("*phobia", "'*' means nothing here", "*"),
            ("a b! c", "'!' means nothing here", "!"),
            ("ab*", "'ab*' begins too many words", "ab*"),
            ("~terroris*", "'~terroris*' has two marks", "~terroris*"),
            ("~", "'~' has no forms", "~"),
            (
                "~co-ordinate",
                "'~co-ordinate' has no forms",
                "~co-ordinate",
            ),
            ("a NEAR b", "'NEAR' without a number", "NEAR"),
            (
                "a NEAR/many b",
                "'NEAR/many' has no such number",
                "NEAR/many",
            ),
            ("a NEAR/101 b", "'NEAR/101' has no such number", "NEAR/101"),
            ("a NEAR/1 b NEAR/1 c", "more than one 'NEAR'", "NEAR/1"),
            ("NEAR/3 b", "there is nothing to look for", ""),
            ("a NEAR/3", "there is nothing to look for", ""),
            ("–", "there is nothing to look for", "–"),
            ("!", "there is nothing to look for", ""),
        ] {
            let error = Keyword::parse(text, None).unwrap_err();
            assert_eq!(error.message, message, "{text}");
            assert_eq!(&text[error.span], place, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_keyword_or_a_mistake_within_it(text in "[a-z~*!^/ 0-9ENAR–é-]{0,20}") {
            match Keyword::parse(&text, None) {
                Ok(keyword) => prop_assert!(!keyword.phrase.is_empty()),
                Err(error) => prop_assert!(text.get(error.span).is_some()),
            }
        }
    }
}
