//! Keywords, names and places of a taxonomy, compiled to one tree.
//!
//! The tree finds the head of each pattern: its words up to the first that may end in different
//! ways. The rest is compared where a head stands, so the cost of reading a text does not grow with
//! the number of rules.

use std::collections::HashMap;

use super::spelling::spellings;
use super::trie::Trie;
use super::{Half, Letters, Pattern, Rule, Rules, Step};
use crate::spare::Spare;
use crate::tag::language::{self, Stems};
use crate::tag::places::Country;
use crate::tag::text::Folded;
use crate::taxonomy::keyword::{Effect, Form, Keyword, Word};
use crate::taxonomy::{FacetId, TermId};

/// Collects patterns until the tree is built.
#[derive(Default)]
pub(super) struct Compiler {
    heads: HashMap<String, usize>,
    /// For each head, in their order, the patterns that begin with it.
    patterns: Vec<Vec<Pattern>>,
    rules: Vec<Rule>,
    languages: Vec<String>,
    nears: u32,
}

impl Compiler {
    /// The number of a language among those that rules are written in.
    fn language(&mut self, tag: &str) -> u8 {
        let primary = language::primary(tag);
        let known = self.languages.iter().position(|it| *it == primary);
        let place = known.unwrap_or_else(|| {
            self.languages.push(primary);
            self.languages.len() - 1
        });
        u8::try_from(place).unwrap_or(u8::MAX)
    }

    /// Takes in a keyword of a term; `own` is the taxonomy's language.
    pub(super) fn keyword(
        &mut self,
        (facet, term): (FacetId, TermId),
        keyword: &Keyword,
        own: &str,
    ) {
        let tag = keyword.language.as_deref().unwrap_or(own);
        let in_capitals = keyword.near.is_none() && is_in_capitals(&keyword.text);
        let language = (!in_capitals).then(|| self.language(tag));
        let (weight, excludes) = match keyword.effect {
            Effect::Counts(weight) => (weight, false),
            Effect::Excludes => (0.0, true),
        };
        let number = self.rule(Rule {
            facet,
            term,
            weight,
            excludes,
            language,
            near: None,
            text: keyword.text.clone(),
        });
        let stems = Stems::of(tag);
        let letters = match in_capitals {
            true => Letters::Exactly(plain(&keyword.phrase).into()),
            false => Letters::Any,
        };
        match &keyword.near {
            None => self.phrase(number, Half::Whole, &keyword.phrase, stems, &letters),
            Some((other, distance)) => {
                self.rules[number as usize].near = Some((self.nears, *distance));
                self.nears += 1;
                self.phrase(number, Half::First, &keyword.phrase, stems, &Letters::Any);
                self.phrase(number, Half::Second, other, stems, &Letters::Any);
            }
        }
    }

    /// Takes in a name, which is looked for in texts of every language.
    pub(super) fn name(&mut self, term: (FacetId, TermId), name: &str) {
        let letters = match is_in_capitals(name) {
            true => Letters::Exactly(name.into()),
            false => Letters::Any,
        };
        self.words_of(term, name, None, &letters);
    }

    fn words_of(
        &mut self,
        (facet, term): (FacetId, TermId),
        name: &str,
        language: Option<u8>,
        letters: &Letters,
    ) {
        let words: Vec<Word> = name
            .split_whitespace()
            .map(|word| Word {
                text: word.to_owned(),
                form: Form::Exact,
            })
            .collect();
        let number = self.rule(Rule {
            facet,
            term,
            weight: 1.0,
            excludes: false,
            language,
            near: None,
            text: name.to_owned(),
        });
        self.phrase(number, Half::Whole, &words, None, letters);
    }

    /// Takes in a name of one who issues items. A name of one common word ("Chair"), or of two
    /// capitals, means its bearer only beside one of the words that names may bear ("OSCE Chair").
    pub(super) fn body(&mut self, term: (FacetId, TermId), name: &str, optional: &[String]) {
        let is_optional = |word: &&str| optional.iter().any(|it| it.eq_ignore_ascii_case(word));
        let own: Vec<&str> = name
            .split_whitespace()
            .filter(|it| !is_optional(it))
            .collect();
        let is_plain = match own.as_slice() {
            [] => return,
            [word] if is_in_capitals(word) => word.chars().count() < 3,
            // `Chairperson-in-Office` is several words.
            [word] => !word.contains('-'),
            _ => false,
        };
        if is_plain {
            for word in optional {
                let own = own.join(" ");
                self.name(term, &format!("{word} {own}"));
                self.name(term, &format!("{own} of the {word}"));
            }
            return;
        }
        self.name(term, &own.join(" "));
        // "Co-ordinator of OSCE Activities" stands in texts with the word inside it, too.
        let mut words = name.split_whitespace().skip_while(|word| is_optional(word));
        if words.clone().any(|word| is_optional(&word)) {
            let whole: Vec<&str> = words.by_ref().collect();
            self.name(term, &whole.join(" "));
        }
    }

    /// Takes in the names, the capital and the people of a country. Its other cities count in
    /// datelines alone: a Bar is not always in Montenegro.
    pub(super) fn country(&mut self, term: (FacetId, TermId), country: &Country) {
        for name in country.names.iter().chain(country.cities.first()) {
            self.name(term, name);
        }
        let english = self.language("en");
        for demonym in &country.demonyms {
            self.words_of(term, demonym, Some(english), &Letters::Capital);
        }
    }

    fn rule(&mut self, rule: Rule) -> u32 {
        self.rules.push(rule);
        (self.rules.len() - 1) as u32
    }

    fn phrase(
        &mut self,
        rule: u32,
        half: Half,
        words: &[Word],
        stems: Option<Stems>,
        letters: &Letters,
    ) {
        let forms: Vec<Word> = words
            .iter()
            .map(|word| {
                // Without stems for its language, a word has the one form that is written.
                let form = match word.form {
                    Form::Inflected if stems.is_none() => Form::Exact,
                    form => form,
                };
                Word {
                    form,
                    ..word.clone()
                }
            })
            .collect();
        for steps in spelt_steps(&forms, stems) {
            let (head, head_end, rest) = split_head(&steps, stems);
            if head.is_empty() {
                continue;
            }
            let place = self.patterns.len();
            let place = *self.heads.entry(head).or_insert(place);
            if place == self.patterns.len() {
                self.patterns.push(Vec::new());
            }
            let Rule {
                facet, language, ..
            } = self.rules[rule as usize];
            self.patterns[place].push(Pattern {
                rule,
                facet,
                language,
                half,
                head_end,
                rest,
                letters: letters.clone(),
            });
        }
    }

    pub(super) fn build(self) -> Rules {
        let mut heads = vec![String::new(); self.heads.len()];
        for (head, place) in self.heads {
            heads[place] = head;
        }
        let facets = self.rules.iter().map(|rule| rule.facet).collect();
        Rules {
            heads: Trie::new(&heads),
            patterns: self
                .patterns
                .into_iter()
                .map(Vec::into_boxed_slice)
                .collect(),
            rules: self.rules,
            languages: self.languages,
            nears: self.nears as usize,
            facets,
            known_stems: Spare::default(),
        }
    }
}

fn plain(words: &[Word]) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    words.join(" ")
}

/// The steps of a phrase in every spelling. Folded, a word with a hyphen is several.
fn spelt_steps(words: &[Word], stems: Option<Stems>) -> Vec<Vec<Step>> {
    // A mark that no folded text holds stands for the form, so that all is respelt together.
    let marked: Vec<String> = words
        .iter()
        .map(|word| {
            let mark = match word.form {
                Form::Exact => "",
                Form::Beginning => "\u{1}",
                Form::Inflected => "\u{2}",
            };
            Folded::new(&word.text).text.trim().to_owned() + mark
        })
        .collect();
    spellings(&marked.join(" "))
        .iter()
        .map(|spelling| {
            let steps = spelling.split(' ').filter(|word| !word.is_empty());
            steps.map(|word| step(word, stems)).collect()
        })
        .collect()
}

fn step(word: &str, stems: Option<Stems>) -> Step {
    if let Some(word) = word.strip_suffix('\u{1}') {
        return Step::Beginning(word.into());
    }
    match (word.strip_suffix('\u{2}'), stems) {
        (Some(word), Some(stems)) => Step::Stem {
            stem: stems.stem(word).as_ref().into(),
            word: word.into(),
            stems,
        },
        (Some(word), None) => Step::Exact(word.into()),
        (None, _) => Step::Exact(word.into()),
    }
}

/// The letters that are looked for, where the word at their end begins if they are only
/// its beginning, and the steps that are still to be compared, that word's first.
fn split_head(steps: &[Step], stems: Option<Stems>) -> (String, Option<usize>, Box<[Step]>) {
    let mut head = String::new();
    for (at, step) in steps.iter().enumerate() {
        if !head.is_empty() {
            head.push(' ');
        }
        let start = head.len();
        match step {
            Step::Exact(word) => head.push_str(word),
            Step::Beginning(word) => {
                head.push_str(word);
                return (head, Some(start), steps[at..].into());
            }
            Step::Stem { word, stem, .. } => {
                let stems = stems.map_or(0, Stems::letters_that_change);
                head.push_str(common_beginning(word, stem, stems));
                return (head, Some(start), steps[at..].into());
            }
        }
    }
    (head, None, Box::default())
}

/// What all forms of a word begin with: what the word and its stem have in common, without the
/// letters at its end that may change.
fn common_beginning<'w>(word: &'w str, stem: &str, letters_that_change: usize) -> &'w str {
    let common: usize = word
        .chars()
        .zip(stem.chars())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len_utf8())
        .sum();
    let letters = word[..common].char_indices();
    let keep = letters
        .clone()
        .count()
        .saturating_sub(letters_that_change)
        .max(2);
    let end = letters.map(|(at, _)| at).nth(keep).unwrap_or(common);
    &word[..end]
}

/// Whether a keyword is an abbreviation: letters, all of them capital.
pub(super) fn is_in_capitals(keyword: &str) -> bool {
    keyword.contains(char::is_uppercase) && !keyword.contains(char::is_lowercase)
}
