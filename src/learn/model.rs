//! A trained model: how probable each term is for a text.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::combine::{self, Clue, Combiner};
use super::logistic::{Weights, probability};
use super::vector::Vector;
use super::vocabulary::{Scratch, Vocabulary, Words};
use crate::spare::Spare;
use crate::tag::Passages;
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// The log-odds by its words of a term with so few items that its words were not learned.
const RARE: f32 = -3.0;

/// Of the terms of a large facet, so many are looked at closely: the likeliest by their words,
/// and all for which a rule speaks.
const LIKELIEST: usize = 32;

/// A model as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    pub(super) words: Words,
    /// The language of items that state none, a BCP 47 tag.
    pub(super) language: String,
    /// The languages of the texts that were learned from (ISO 639).
    pub(super) languages: BTreeSet<String>,
    pub(super) facets: Vec<TrainedFacet>,
}

/// What was learned about one facet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TrainedFacet {
    pub key: String,
    /// Fingerprint of the facet as it was.
    pub definition: u64,
    /// The slugs of the terms that were learned.
    pub terms: Vec<String>,
    pub clue: Clue,
    pub weights: Weights,
    /// What the taxonomy says of the terms: feature, term, value; in order.
    pub profiles: Vec<(u16, u16, f32)>,
    pub combiner: Combiner,
    pub thresholds: Vec<f32>,
    /// The threshold of terms that were not learned.
    pub common: f32,
    /// From which probability on a term is a good guess.
    pub guessing: f32,
    /// How many items it was learned from.
    pub items: usize,
}

/// A model made ready for a taxonomy. Any number of threads may share it.
#[derive(Debug)]
pub struct Model {
    trained: Trained,
    vocabulary: Vocabulary,
    facets: Vec<Option<Ready>>,
    /// What threads read texts with.
    scratches: Spare<Scratch>,
}

/// What is looked up for one facet.
#[derive(Debug)]
struct Ready {
    facet: FacetId,
    /// The facet's terms, as a range of [`Taxonomy::terms`].
    range: Range<u16>,
    /// The term of each column; `None` for one that the taxonomy has no more, or that was replaced.
    terms: Vec<Option<TermId>>,
    columns: HashMap<TermId, usize>,
    /// Where the profiles of each feature begin.
    starts: Vec<u32>,
    /// A bit for each feature, whether it has any: few have.
    profiled: Vec<u64>,
}

/// A text as a model reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub(super) text: Vector,
    /// The language of the text (`sq`), if it is one that the model never saw. Nothing it says of
    /// such a text means anything.
    pub unseen: Option<String>,
}

/// How probable a term is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// The term.
    pub term: TermId,
    /// How probable it is, from 0 to 1.
    pub probability: f32,
    /// From which probability on it is given without review; above 1 if never.
    pub threshold: f32,
}

impl Guess {
    /// Whether it is sure enough to be given without review.
    pub fn is_sure(&self) -> bool {
        self.probability >= self.threshold
    }
}

impl Trained {
    /// How many items a facet, by its key, was learned from, 0 if it was not; and the fingerprint
    /// of the facet as it was.
    pub fn state(&self, facet: &str) -> (usize, u64) {
        let found = self.facets.iter().find(|found| found.key == facet);
        found.map_or((0, 0), |found| (found.items, found.definition))
    }

    /// Whether all its parts fit together; a file may be anything.
    pub(super) fn is_whole(&self) -> bool {
        let features = self.words.len();
        let is_whole = |facet: &TrainedFacet| {
            let terms = facet.terms.len();
            facet.weights.fits(features, terms)
                && facet.combiner.terms() == terms
                && facet.thresholds.len() == terms
                && facet
                    .profiles
                    .is_sorted_by_key(|(feature, term, _)| (*feature, *term))
                && facet.profiles.iter().all(|(feature, term, _)| {
                    usize::from(*feature) < features && usize::from(*term) < terms
                })
        };
        self.words.is_whole() && self.facets.iter().all(is_whole)
    }

    /// The model for a taxonomy. Terms and facets that this has no more are passed over.
    pub fn ready(self, taxonomy: &Taxonomy) -> Model {
        let vocabulary = Vocabulary::new(self.words.clone());
        let facets = self
            .facets
            .iter()
            .map(|facet| facet.ready(taxonomy, vocabulary.len()));
        Model {
            facets: facets.collect(),
            vocabulary,
            trained: self,
            scratches: Spare::default(),
        }
    }
}

impl TrainedFacet {
    fn ready(&self, taxonomy: &Taxonomy, features: usize) -> Option<Ready> {
        let (facet, described) = taxonomy.facets().find(|(_, facet)| facet.key == self.key)?;
        let terms: Vec<Option<TermId>> = self
            .terms
            .iter()
            .map(|slug| {
                let term = taxonomy.term_named(facet, slug)?;
                taxonomy.term(term).replaced_by.is_empty().then_some(term)
            })
            .collect();
        let columns = terms
            .iter()
            .enumerate()
            .filter_map(|(column, term)| Some(((*term)?, column)));
        let starts = (0..=features as u32).map(|feature| {
            self.profiles
                .partition_point(|(other, _, _)| u32::from(*other) < feature) as u32
        });
        let mut profiled = vec![0; features.div_ceil(64)];
        for (feature, _, _) in &self.profiles {
            profiled[usize::from(feature / 64)] |= 1 << (feature % 64);
        }
        Some(Ready {
            facet,
            range: described.terms.clone(),
            columns: columns.collect(),
            terms,
            starts: starts.collect(),
            profiled,
        })
    }

    /// How like a text is to what the taxonomy says of each term.
    fn likeness(&self, ready: &Ready, text: &Vector) -> Vec<f32> {
        let mut likeness = vec![0.0; self.terms.len()];
        let is_profiled = |feature: usize| ready.profiled[feature / 64] >> (feature % 64) & 1 == 1;
        for (feature, value) in text.iter().filter(|(feature, _)| is_profiled(*feature)) {
            for (_, term, weight) in &self.profiles[ready.profiles_of(feature)] {
                likeness[usize::from(*term)] += value * weight;
            }
        }
        likeness
    }
}

impl Ready {
    /// Where the profiles of a feature stand.
    fn profiles_of(&self, feature: usize) -> Range<usize> {
        self.starts[feature] as usize..self.starts[feature + 1] as usize
    }
}

impl Model {
    /// What is kept of it.
    pub fn trained(&self) -> &Trained {
        &self.trained
    }

    /// Whether it has learned anything about a facet.
    pub fn knows(&self, facet: FacetId) -> bool {
        self.place(facet).is_some()
    }

    fn place(&self, facet: FacetId) -> Option<(&Ready, &TrainedFacet)> {
        let mut places = self.facets.iter().zip(&self.trained.facets);
        places.find_map(|(ready, trained)| {
            let ready = ready.as_ref()?;
            (ready.facet == facet).then_some((ready, trained))
        })
    }

    /// Reads a text.
    pub fn read(&self, passages: &Passages<'_>) -> Reading {
        let language = passages.language(&self.trained.language);
        let is_known = self.trained.languages.contains(&*language);
        Reading {
            text: self
                .scratches
                .with(|scratch| self.vocabulary.read(passages, scratch)),
            unseen: (!is_known).then(|| language.into_owned()),
        }
    }

    /// How probable the terms of a facet are, likeliest first; none if it knows nothing of the
    /// facet. `rules` are the points that rules give to terms.
    pub fn guess(&self, facet: FacetId, reading: &Reading, rules: &[(TermId, f32)]) -> Vec<Guess> {
        let Some((ready, trained)) = self.place(facet) else {
            return Vec::new();
        };
        let mut words = Vec::new();
        trained.weights.score(reading.text.iter(), &mut words);
        words.truncate(trained.terms.len());
        let mut likeness = trained.likeness(ready, &reading.text);
        let mut points = vec![0.0; words.len()];
        let mut others = Vec::new();
        for (term, score) in rules {
            match ready.columns.get(term) {
                Some(column) => points[*column] = *score,
                None if trained.clue == Clue::Both && ready.range.contains(&term.0) => {
                    others.push(*term);
                    points.push(*score);
                    words.push(RARE);
                    likeness.push(0.0);
                }
                None => {}
            }
        }
        let clues = combine::clues(&words, &likeness, &points, trained.clue);
        let mut guesses: Vec<Guess> = candidates(&words, &points)
            .into_iter()
            .filter_map(|column| {
                let (term, threshold) = match trained.terms.len().checked_sub(column + 1) {
                    Some(_) => (ready.terms[column]?, trained.thresholds[column]),
                    None => (others[column - trained.terms.len()], trained.common),
                };
                let odds = trained.combiner.log_odds(column, &clues[column]);
                Some(Guess {
                    term,
                    probability: probability(odds),
                    threshold,
                })
            })
            .collect();
        guesses.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then_with(|| a.term.cmp(&b.term))
        });
        guesses
    }

    /// From which probability on a term of a facet is a good guess, though it may need review.
    pub fn guessing(&self, facet: FacetId) -> f32 {
        self.place(facet)
            .map_or(1.0, |(_, trained)| trained.guessing)
    }

    /// What every feature of a text adds to the log-odds of a term, by the feature's number.
    pub(super) fn contributions(
        &self,
        term: TermId,
        facet: FacetId,
        reading: &Reading,
    ) -> HashMap<u16, f32> {
        let Some((ready, trained)) = self.place(facet) else {
            return HashMap::new();
        };
        let Some(column) = ready.columns.get(&term).copied() else {
            return HashMap::new();
        };
        let worth = trained.combiner.worth(column);
        let features = reading.text.iter();
        features
            .map(|(feature, value)| {
                let words = trained.weights.of(feature, column);
                let profile = trained.profiles[ready.profiles_of(feature)]
                    .iter()
                    .find(|(_, term, _)| usize::from(*term) == column);
                let profile = profile.map_or(0.0, |(_, _, weight)| *weight);
                let of_words = worth[1] / 2.0 + worth[2] / 2.0;
                let of_profile = 4.0 * (worth[3] + worth[4]);
                (
                    feature as u16,
                    value * (of_words * words + of_profile * profile),
                )
            })
            .collect()
    }

    /// How many bytes are kept between texts, where one thread read them.
    #[cfg(test)]
    pub(super) fn bytes_kept(&self) -> usize {
        self.scratches.with(|scratch| scratch.bytes())
    }

    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }
}

/// The columns that are worth a look.
pub(super) fn candidates(words: &[f32], rules: &[f32]) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..words.len()).collect();
    if columns.len() > 2 * LIKELIEST {
        columns.sort_by(|a, b| words[*b].total_cmp(&words[*a]).then_with(|| a.cmp(b)));
        let (best, rest) = columns.split_at(LIKELIEST);
        let spoken = rest.iter().filter(|column| rules[**column] > 0.0);
        columns = best.iter().chain(spoken).copied().collect();
    }
    columns
}
