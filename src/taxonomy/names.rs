//! From names, as items write them, to terms.
//!
//! Compiled once from a [`Taxonomy`]. Two names are the same when their keys are: letter case,
//! accents, punctuation, spaces, small words (`the`, `and`, `of` ...), a facet's optional words,
//! a note `(closed)` and the differences between British and American spelling are left out of
//! a key, and so is a name's own abbreviation in brackets after it. A name that two terms bear is never decided here; whoever asks gets both.

mod brackets;
mod key;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;

use super::{Facet, FacetId, Taxonomy, Term, TermId};

/// The longest value that is looked at as a list of names, in bytes. All countries of the world
/// take half of it; anything longer is a text that stands under the wrong label.
const LONGEST_VALUE: usize = 4096;

/// The names and aliases of all terms.
#[derive(Debug, Clone)]
pub struct Names {
    facets: Vec<FacetNames>,
}

/// The names of one facet.
#[derive(Debug, Clone, Default)]
struct FacetNames {
    /// Keys of the words that a name may bear or lack.
    optional: Vec<String>,
    /// The terms that bear a name, by the name's key.
    terms: HashMap<String, Vec<TermId>>,
    /// The keys of the names as they are written: most items write them so.
    written: HashMap<String, String>,
    /// Keys and terms in the taxonomy's order, for the search of the nearest.
    ordered: Vec<(String, TermId)>,
    /// The most parts that commas or conjunctions divide a name into.
    most_parts: usize,
}

/// A part of a stated value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'n, 'v> {
    /// The part as it stands.
    pub text: &'v str,
    /// Where it begins in the value, in bytes.
    pub start: usize,
    /// The terms that bear this name: none if it is unknown, several if it is ambiguous.
    pub terms: &'n [TermId],
}

/// A name that two or more terms bear, so that an item which states it is tagged with neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The facet in which it happens.
    pub facet: FacetId,
    /// The name or alias, as the last of the terms has it.
    pub name: String,
    /// The terms, in the taxonomy's order.
    pub terms: Vec<TermId>,
}

impl Names {
    /// Takes in the names, slugs and aliases of all terms.
    pub fn new(taxonomy: &Taxonomy) -> Names {
        let facets = taxonomy
            .facets()
            .map(|(id, facet)| FacetNames::new(taxonomy, id, facet))
            .collect();
        Names { facets }
    }

    /// The terms of `facet` that bear `name`: none, one, or several that share it.
    pub fn find(&self, facet: FacetId, name: &str) -> &[TermId] {
        let names = self.facet(facet);
        match names.bearing(&key::of(name, &names.optional)) {
            [] => names.bearing_without_note("", name).unwrap_or(&[]),
            terms => terms,
        }
    }

    /// A stated value taken apart at commas, semicolons and bars into names, longest first, since
    /// names hold commas themselves. What is no name is taken apart at `and`, `&`, `/` and `+` too,
    /// if that leaves nothing over. The pieces stand in the order of the value.
    pub fn split<'v>(&self, facet: FacetId, value: &'v str) -> Vec<Piece<'_, 'v>> {
        let names = self.facet(facet);
        if value.len() > LONGEST_VALUE {
            return vec![Piece {
                text: value,
                start: 0,
                terms: &[],
            }];
        }
        if let Some(key) = names.written.get(value) {
            return vec![Piece {
                text: value,
                start: 0,
                terms: names.bearing(key),
            }];
        }
        let mut pieces = Vec::new();
        for piece in names.pieces(value, &parts(value, Divided::ByListMarks)) {
            if piece.terms.is_empty() {
                let finer = names.pieces(
                    piece.text,
                    &parts(piece.text, Divided::ByConjunctionsAsWell),
                );
                if !finer.is_empty() && finer.iter().all(|piece| !piece.terms.is_empty()) {
                    pieces.extend(finer.into_iter().map(|finer| Piece {
                        start: piece.start + finer.start,
                        ..finer
                    }));
                    continue;
                }
            }
            pieces.push(piece);
        }
        pieces
    }

    /// The term of `facet` with the name or alias nearest to `text`, if at most a third of the
    /// longer one's letters differ; the first in the taxonomy's order among equals.
    pub fn nearest(&self, facet: FacetId, text: &str) -> Option<TermId> {
        let names = self.facet(facet);
        let wanted = key::of(text, &names.optional);
        let length = wanted.chars().count();
        let mut best: Option<(usize, TermId)> = None;
        for (key, term) in &names.ordered {
            let other = key.chars().count();
            let longer = length.max(other);
            // The difference in length is a lower bound; most names are done with here.
            if longer.abs_diff(length.min(other)) * 3 > longer {
                continue;
            }
            let distance = strsim::osa_distance(&wanted, key);
            if distance * 3 <= longer && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, *term));
            }
        }
        best.map(|(_, term)| term)
    }

    fn facet(&self, facet: FacetId) -> &FacetNames {
        &self.facets[usize::from(facet.0)]
    }
}

impl FacetNames {
    fn new(taxonomy: &Taxonomy, id: FacetId, facet: &Facet) -> FacetNames {
        let mut names = FacetNames {
            optional: keys_of_words(&facet.optional_words),
            ..FacetNames::default()
        };
        for (id, term) in taxonomy.terms_of(id) {
            for name in all_names(term) {
                names.add(name, id);
            }
        }
        names
    }

    fn add(&mut self, name: &str, term: TermId) {
        let divided = parts(name, Divided::ByConjunctionsAsWell);
        self.most_parts = self.most_parts.max(divided.len());
        let key = key::of(name, &self.optional);
        if key.is_empty() {
            return; // A name without a letter or digit names nothing.
        }
        if name.trim() == name {
            self.written.insert(name.to_owned(), key.clone());
        }
        let terms = self.terms.entry(key.clone()).or_default();
        if !terms.contains(&term) {
            terms.push(term);
            self.ordered.push((key, term));
        }
    }

    /// The terms that bear a name in which another name of theirs stands in brackets, or an
    /// abbreviation. `before` is the key of what belongs to the name and stands before `text`.
    fn bearing_without_note(&self, before: &str, text: &str) -> Option<&[TermId]> {
        let noted = brackets::noted(text)?;
        let name = format!("{} {}", noted.before, noted.after);
        let terms = self.bearing(&(before.to_owned() + &key::of(&name, &self.optional)));
        let is_its_own = match self.bearing(&key::of(noted.note, &self.optional)) {
            [] => brackets::is_abbreviation(noted.note, noted.before),
            same => same == terms,
        };
        (is_its_own && !terms.is_empty()).then_some(terms)
    }

    fn bearing(&self, key: &str) -> &[TermId] {
        self.terms.get(key).map_or(&[], Vec::as_slice)
    }

    /// Reads the parts of a value from the left, always taking the longest run of them that is a
    /// name; a part that begins no name is a piece of its own, without terms.
    fn pieces<'v>(&self, value: &'v str, parts: &[Range<usize>]) -> Vec<Piece<'_, 'v>> {
        let keys: Vec<String> = parts
            .iter()
            .map(|part| key::of(&value[part.clone()], &self.optional))
            .collect();
        let mut pieces = Vec::with_capacity(parts.len());
        let mut from = 0;
        while from < parts.len() {
            let most = self.most_parts.min(parts.len() - from);
            let longest = (1..=most).rev().find_map(|count| {
                // Small words are in no key, so the key of a run is that of its parts in a row.
                let run = &keys[from..from + count];
                let terms = match run {
                    [one] => self.bearing(one),
                    several => self.bearing(&several.concat()),
                };
                if !terms.is_empty() {
                    return Some((count, terms));
                }
                let last = &value[parts[from + count - 1].clone()];
                let before = run[..count - 1].concat();
                let terms = self.bearing_without_note(&before, last)?;
                Some((count, terms))
            });
            let (count, terms) = longest.unwrap_or((1, &[]));
            let start = parts[from].start;
            pieces.push(Piece {
                text: &value[start..parts[from + count - 1].end],
                start,
                terms,
            });
            from += count;
        }
        pieces
    }
}

/// What is left of a name when all that makes no difference is taken away: two names with the same
/// key are one. `optional` are the words that names may bear or lack.
pub fn key(name: &str, optional: &[String]) -> String {
    key::of(name, &keys_of_words(optional))
}

/// The names and aliases that no item can use, since two terms of one facet bear them. Terms
/// under different parents may share a name: naming the parent as well tells them apart.
pub fn clashes(taxonomy: &Taxonomy) -> Vec<Clash> {
    let mut shared: Vec<Clash> = Vec::new();
    for (facet, described) in taxonomy.facets() {
        let optional = keys_of_words(&described.optional_words);
        let mut places: HashMap<String, usize> = HashMap::new();
        for (id, term) in taxonomy.terms_of(facet) {
            for name in all_names(term) {
                let place = *places
                    .entry(key::of(name, &optional))
                    .or_insert(shared.len());
                match shared.get_mut(place) {
                    None => shared.push(Clash {
                        facet,
                        name: name.to_owned(),
                        terms: vec![id],
                    }),
                    Some(clash) if clash.terms.contains(&id) => {}
                    Some(clash) => {
                        clash.terms.push(id);
                        clash.name = name.to_owned();
                    }
                }
            }
        }
    }
    shared.retain(|clash| !told_apart_by_parents(taxonomy, &clash.terms));
    shared
}

/// Whether each of the terms has a parent that none of the others is or is under.
fn told_apart_by_parents(taxonomy: &Taxonomy, terms: &[TermId]) -> bool {
    terms.iter().all(|term| {
        let parent = taxonomy.term(*term).parent;
        terms.iter().filter(|other| *other != term).all(|other| {
            parent.is_some_and(|parent| {
                *other != parent && taxonomy.ancestors(*other).all(|above| above != parent)
            })
        })
    })
}

fn keys_of_words(words: &[String]) -> Vec<String> {
    words.iter().map(|word| key::of(word, &[])).collect()
}

fn all_names(term: &Term) -> impl Iterator<Item = &str> {
    [term.name.as_str(), term.slug.as_str()]
        .into_iter()
        .chain(term.names.iter().map(|(_, name)| name.as_str()))
        .chain(term.aliases.iter().map(String::as_str))
        // Old items state a renamed term by the slug that it had.
        .chain(term.was.iter().map(String::as_str))
}

/// What a value is divided by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Divided {
    /// Commas, semicolons, bars, bullets and line breaks.
    ByListMarks,
    /// Those, and the word `and`, `&`, `/` and `+`.
    ByConjunctionsAsWell,
}

/// The places of the parts of `value`, trimmed, without those that have no letter or digit.
fn parts(value: &str, divided: Divided) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut add = |range: Range<usize>| {
        let text = &value[range.clone()];
        let start = range.start + (text.len() - text.trim_start().len());
        let text = text.trim();
        if text.contains(char::is_alphanumeric) {
            parts.push(start..start + text.len());
        }
    };
    let conjunctions = divided == Divided::ByConjunctionsAsWell;
    for (at, character) in value.char_indices() {
        let end = match character {
            ',' | ';' | '|' | '•' | '·' | '\n' | '，' | '、' => at + character.len_utf8(),
            '&' | '/' | '+' if conjunctions => at + 1,
            'a' | 'A' if conjunctions && is_the_word_and(value, at) => at + 3,
            _ => continue,
        };
        add(start..at);
        start = end;
    }
    add(start..value.len());
    parts
}

/// Whether the word that begins at the byte `at` is `and`, with white space on both sides.
fn is_the_word_and(value: &str, at: usize) -> bool {
    let rest = &value.as_bytes()[at..];
    rest.get(..3)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"and"))
        && value[..at].ends_with(char::is_whitespace)
        && value[at + 3..].starts_with(char::is_whitespace)
}
