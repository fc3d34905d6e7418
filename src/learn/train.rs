//! Training: from the newsroom's labelled items to a model.
//!
//! The words' weights are fitted in turns that each leave some items out (cross-validation), so
//! that what combines their scores with the rules, and what sets the thresholds, learns from
//! scores of items that the words' weights had not seen.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::combine::{self, Clue, Combiner, Pair};
use super::counting::Counting;
use super::definition::definition;
use super::example::{Example, Known, Text};
use super::logistic::{self, Truth, Weights};
use super::model::{Trained, TrainedFacet, candidates};
use super::threshold::{self, Guess, NEVER};
use super::vector::Packed;
use super::vocabulary::{Scratch, Vocabulary};
use crate::tag::Passages;
use crate::taxonomy::keyword::Effect;
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// From fewer labelled items than this nothing can be learned.
pub const LEAST_ITEMS: usize = 30;

/// A term with fewer items than this is known by the taxonomy and the rules alone.
const LEAST_OF_TERM: usize = 3;

/// Whether anything can be learned where the terms of a facet are stated so often, each.
pub fn is_enough(counts: impl IntoIterator<Item = usize>) -> bool {
    counts.into_iter().any(|count| count >= LEAST_OF_TERM)
}

/// The vocabulary is that of so many items, spread over all.
const READ_FOR_WORDS: usize = 20_000;

/// So many items tell what the clues are worth.
const READ_FOR_CLUES: usize = 6_000;

/// How much an error costs beside large weights.
const COST: f32 = 5.0;

/// How many items are held at once while reading.
const AT_ONCE: usize = 1_024;

/// The most weights that a facet may have: 64 MB.
const MOST_WEIGHTS: usize = 32_000_000;

/// What a model is to learn.
#[derive(Debug, Clone, PartialEq)]
pub struct Aim {
    /// The facets.
    pub facets: Vec<FacetId>,
    /// How often what is given without review must be right, from 0 to 1.
    pub precision: f32,
    /// Which clues it may use.
    pub clue: Clue,
    /// The language of items that state none, a BCP 47 tag.
    pub language: String,
    /// A facet with fewer labelled items than this is left to the rules.
    pub least: usize,
}

/// Trains a model on `count` examples, each of which `source` gives when asked, more than once;
/// `None` for one that cannot be read. `None` if too few are labelled to learn anything.
pub fn train(
    taxonomy: &Taxonomy,
    aim: &Aim,
    count: usize,
    source: &(dyn Fn(usize) -> Option<Example> + Sync),
) -> Option<Trained> {
    let vocabulary = vocabulary(taxonomy, aim, count, source);
    let archive = Archive::read(&vocabulary, aim, count, source);
    let facets: Vec<TrainedFacet> = (0..aim.facets.len())
        .filter_map(|place| facet(taxonomy, aim, place, &vocabulary, &archive))
        .collect();
    if facets.is_empty() {
        return None;
    }
    Some(Trained {
        words: vocabulary.words().clone(),
        language: aim.language.clone(),
        languages: archive.languages,
        facets,
    })
}

fn vocabulary(
    taxonomy: &Taxonomy,
    aim: &Aim,
    count: usize,
    source: &(dyn Fn(usize) -> Option<Example> + Sync),
) -> Vocabulary {
    let mut counting = Counting::new(&aim.language);
    let step = count.div_ceil(READ_FOR_WORDS).max(1);
    let wanted: Vec<usize> = (0..count).step_by(step).collect();
    let mut texts = Vec::with_capacity(wanted.len());
    for some in wanted.chunks(AT_ONCE) {
        let read: Vec<Option<Text>> = some.par_iter().map(|at| Some(source(*at)?.text)).collect();
        texts.extend(
            read.iter()
                .flatten()
                .map(|text| counting.add(&text.passages())),
        );
    }
    let names: Vec<String> = aim
        .facets
        .iter()
        .flat_map(|facet| {
            taxonomy
                .terms_of(*facet)
                .map(|(term, _)| description(taxonomy, term))
        })
        .collect();
    let columns = names.len().max(1).next_multiple_of(logistic::LANES);
    counting.finish(texts.iter(), &names, MOST_WEIGHTS / columns)
}

/// What the taxonomy says of a term.
fn description(taxonomy: &Taxonomy, term: TermId) -> String {
    let term = taxonomy.term(term);
    let names = [&term.name].into_iter().chain(&term.aliases);
    let speaking = term
        .keywords
        .iter()
        .filter_map(|keyword| match keyword.effect {
            Effect::Counts(weight) if weight > 0.0 => Some(&keyword.phrase),
            Effect::Counts(_) | Effect::Excludes => None,
        });
    let phrases = speaking.map(|phrase| {
        let words: Vec<&str> = phrase.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    });
    let all: Vec<String> = names.cloned().chain(phrases).collect();
    all.join("\n")
}

/// All examples, as small as they can be.
#[derive(Default)]
struct Archive {
    examples: Vec<Small>,
    texts: Vec<Packed>,
    languages: BTreeSet<String>,
}

/// An example without its text.
struct Small {
    rules: Box<[(TermId, f32)]>,
    known: Box<[Known]>,
}

impl Archive {
    fn read(
        vocabulary: &Vocabulary,
        aim: &Aim,
        count: usize,
        source: &(dyn Fn(usize) -> Option<Example> + Sync),
    ) -> Archive {
        let mut archive = Archive::default();
        let mut languages: BTreeMap<String, usize> = BTreeMap::new();
        for start in (0..count).step_by(AT_ONCE) {
            let numbers = start..count.min(start + AT_ONCE);
            let read = numbers
                .into_par_iter()
                .map_init(Scratch::default, |scratch, at| {
                    let Example { text, rules, known } = source(at)?;
                    let passages = text.passages();
                    let language = passages.language(&aim.language).into_owned();
                    let small = Small {
                        rules: rules.into(),
                        known: known.into(),
                    };
                    Some((
                        vocabulary.read(&passages, scratch).packed(),
                        small,
                        language,
                    ))
                });
            let read: Vec<Option<_>> = read.collect();
            for (text, small, language) in read.into_iter().flatten() {
                archive.texts.push(text);
                archive.examples.push(small);
                *languages.entry(language).or_default() += 1;
            }
        }
        // One text in fifty may be a slip of the detection.
        let all: usize = languages.values().sum();
        let usual = languages.into_iter().filter(|(_, count)| count * 50 >= all);
        archive.languages = usual.map(|(language, _)| language).collect();
        archive
    }
}

/// What is known of one facet, by column. What bears a term that was replaced by one other bears
/// that one; of the terms that several took the place of one, nothing is known.
struct Labels<'a> {
    taxonomy: &'a Taxonomy,
    terms: Vec<TermId>,
    columns: BTreeMap<TermId, usize>,
    archive: &'a Archive,
    place: usize,
}

impl Labels<'_> {
    fn known(&self, row: u32) -> &Known {
        &self.archive.examples[row as usize].known[self.place]
    }

    /// An item that states any terms of the facet has none of the others.
    fn truth(&self, row: u32, column: usize) -> Truth {
        let known = self.known(row);
        let term = self.terms[column];
        if known.no.contains(&term) {
            Truth::No
        } else if known.yes.contains(&term) {
            Truth::Yes
        } else if let Some(successors) = known.yes.iter().find_map(|yes| {
            let successors = &self.taxonomy.term(*yes).replaced_by;
            successors.contains(&term).then_some(successors)
        }) {
            match successors.as_slice() {
                [_] => Truth::Yes,
                _ => Truth::Unknown,
            }
        } else if known.yes.is_empty() {
            Truth::Unknown
        } else {
            Truth::No
        }
    }

    fn rules(&self, row: u32) -> Vec<f32> {
        let mut points = vec![0.0; self.terms.len()];
        for (term, score) in &self.archive.examples[row as usize].rules {
            if let Some(column) = self.columns.get(term) {
                points[*column] = *score;
            }
        }
        points
    }
}

fn facet(
    taxonomy: &Taxonomy,
    aim: &Aim,
    place: usize,
    vocabulary: &Vocabulary,
    archive: &Archive,
) -> Option<TrainedFacet> {
    let facet = aim.facets[place];
    let of = |small: &Small| small.known.get(place).cloned().unwrap_or_default();
    let mut counts: BTreeMap<TermId, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut labelled = 0;
    for (row, small) in (0u32..).zip(&archive.examples) {
        let known = of(small);
        labelled += usize::from(!known.yes.is_empty());
        if !known.yes.is_empty() || !known.no.is_empty() {
            rows.push(row);
        }
        for term in known.yes {
            // What was replaced is never given again.
            match taxonomy.term(term).replaced_by.as_slice() {
                [] => *counts.entry(term).or_default() += 1,
                [successor] => *counts.entry(*successor).or_default() += 1,
                _ => {}
            }
        }
    }
    if labelled < aim.least {
        return None;
    }
    counts.retain(|term, count| {
        *count >= LEAST_OF_TERM && taxonomy.term(*term).replaced_by.is_empty()
    });
    let terms: Vec<TermId> = counts.into_keys().collect();
    if terms.is_empty() {
        return None;
    }
    let labels = Labels {
        taxonomy,
        columns: terms
            .iter()
            .enumerate()
            .map(|(column, term)| (*term, column))
            .collect(),
        terms,
        archive,
        place,
    };
    let profiles = profiles(taxonomy, &labels.terms, vocabulary);
    let size = (vocabulary.len(), labels.terms.len());
    let truth = |row: u32, column: usize| labels.truth(row, column);
    let fit = |rows: &[u32]| logistic::fit(&archive.texts, rows, size, &truth, COST);
    let (pairs, fold_of) = cross_validated(&labels, &rows, &profiles, aim.clue, &fit);
    let guesses = honest_guesses(labels.terms.len(), &pairs, &fold_of);
    let thresholds = threshold::thresholds(labels.terms.len(), &guesses, aim.precision);
    Some(TrainedFacet {
        key: taxonomy.facet(facet).key.clone(),
        definition: definition(taxonomy, facet, aim.precision),
        clue: aim.clue,
        weights: fit(&rows),
        profiles,
        combiner: Combiner::fit(labels.terms.len(), &pairs),
        common: thresholds
            .iter()
            .copied()
            .fold(0.0, f32::max)
            .max(aim.precision)
            .min(NEVER),
        thresholds,
        guessing: threshold::guessing(&guesses),
        items: labelled,
        terms: labels
            .terms
            .iter()
            .map(|term| taxonomy.term(*term).slug.clone())
            .collect(),
    })
}

/// The taxonomy's words for each term, as texts of length one: feature, column, value; in order.
fn profiles(
    taxonomy: &Taxonomy,
    terms: &[TermId],
    vocabulary: &Vocabulary,
) -> Vec<(u16, u16, f32)> {
    let mut scratch = Scratch::default();
    let mut profiles = Vec::new();
    for (column, term) in (0u16..).zip(terms) {
        let description = description(taxonomy, *term);
        let passages = Passages {
            title: "",
            lead: "",
            body: &description,
            stated_language: None,
        };
        let text = vocabulary.read(&passages, &mut scratch);
        profiles.extend(
            text.iter()
                .map(|(feature, value)| (feature as u16, column, value)),
        );
    }
    profiles.sort_by_key(|(feature, column, _)| (*feature, *column));
    profiles
}

/// Pairs of items and terms with clues that were found without the item, and the turn in which
/// each item was left out.
fn cross_validated(
    labels: &Labels<'_>,
    rows: &[u32],
    profiles: &[(u16, u16, f32)],
    clue: Clue,
    fit: &(dyn Fn(&[u32]) -> Weights + Sync),
) -> (Vec<Pair>, BTreeMap<u32, usize>) {
    let folds = if rows.len() > 5_000 { 3 } else { 5 };
    let mixed = logistic::shuffled(rows);
    let step = rows.len().div_ceil(READ_FOR_CLUES).max(1);
    let mut starts: BTreeMap<u16, Vec<(usize, f32)>> = BTreeMap::new();
    for (feature, column, value) in profiles {
        starts
            .entry(*feature)
            .or_default()
            .push((usize::from(*column), *value));
    }
    let mut pairs = Vec::new();
    let mut fold_of = BTreeMap::new();
    for fold in 0..folds {
        let is_out = |at: usize| at % folds == fold;
        let at_rows = || mixed.iter().copied().enumerate();
        let others: Vec<u32> = at_rows()
            .filter(|(at, _)| !is_out(*at))
            .map(|(_, row)| row)
            .collect();
        let weights = fit(&others);
        let out = at_rows().filter(|(at, _)| is_out(*at) && (at / folds) % step == 0);
        let mut words = Vec::new();
        for (_, row) in out {
            let text = &labels.archive.texts[row as usize];
            weights.score(text.iter(), &mut words);
            words.truncate(labels.terms.len());
            let mut likeness = vec![0.0; words.len()];
            for (feature, value) in text.iter() {
                for (column, weight) in starts.get(&(feature as u16)).into_iter().flatten() {
                    likeness[*column] += value * weight;
                }
            }
            let rules = labels.rules(row);
            let clues = combine::clues(&words, &likeness, &rules, clue);
            for column in candidates(&words, &rules) {
                let truth = match labels.truth(row, column) {
                    Truth::Unknown => continue,
                    truth => truth == Truth::Yes,
                };
                pairs.push(Pair {
                    item: row,
                    term: column as u16,
                    truth,
                    clues: clues[column],
                });
            }
            fold_of.insert(row, fold);
        }
    }
    (pairs, fold_of)
}

/// What the combination of clues says of items that it had not seen either.
fn honest_guesses(terms: usize, pairs: &[Pair], fold_of: &BTreeMap<u32, usize>) -> Vec<Guess> {
    let folds = fold_of.values().max().map_or(0, |last| last + 1);
    let guesses: Vec<Vec<Guess>> = (0..folds)
        .into_par_iter()
        .map(|fold| {
            let is_out = |pair: &&Pair| fold_of.get(&pair.item) == Some(&fold);
            let others: Vec<Pair> = pairs.iter().filter(|pair| !is_out(pair)).copied().collect();
            let combiner = Combiner::fit(terms, &others);
            let guess = |pair: &Pair| Guess {
                item: pair.item,
                term: pair.term,
                probability: combiner.probability(usize::from(pair.term), &pair.clues),
                truth: pair.truth,
            };
            pairs.iter().filter(is_out).map(guess).collect()
        })
        .collect();
    guesses.concat()
}
