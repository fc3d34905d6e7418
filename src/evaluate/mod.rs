//! How good the tags are: what tagging says of items whose labels it does not see, against the
//! labels.
//!
//! Pure: items read and labelled in, figures out. [`cross_validated`] leaves every part of the
//! archive out in turn and trains on the others; [`held_out`] trains on one set of items and asks
//! about another. Three ways are compared: rules alone, the model alone (the words of the text and
//! of the taxonomy), and both.

mod score;
mod suspects;
#[cfg(test)]
mod tests;

pub use score::{Confusion, Counts, Figures, TermFigures};
pub use suspects::Suspect;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::learn::{self, Aim, Clue, Example, Model};
use crate::taxonomy::{FacetId, Taxonomy, TermId};
use score::Tally;

/// An item with its labels set apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labelled {
    /// Its file.
    pub path: String,
    /// Its text, what rules say of that, and what it states. `known` has one entry for each facet
    /// of [`Subject::facets`].
    pub example: Example,
    /// The terms that rules give by themselves, of all facets, best first within each.
    pub given: Vec<TermId>,
    /// For each facet that issues: the terms that the item states.
    pub issuers: Vec<(FacetId, Vec<TermId>)>,
    /// How many values it states, and how many of these name a term.
    pub values: (usize, usize),
}

/// What is evaluated.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The facets and terms.
    pub taxonomy: &'a Taxonomy,
    /// The facets to predict.
    pub facets: &'a [FacetId],
    /// How often what is given without review must be right.
    pub precision: f32,
    /// The language of items that state none.
    pub language: &'a str,
}

/// A way to tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// Rules alone.
    Rules,
    /// The model without the rules.
    Model,
    /// The model with the rules.
    Both,
}

impl Way {
    /// All ways, in the order of the report.
    pub const ALL: [Way; 3] = [Way::Rules, Way::Model, Way::Both];
}

/// The outcome for one facet.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The facet.
    pub facet: FacetId,
    /// How many items state any term of it, and were asked about.
    pub items: usize,
    /// How many items each model learned from, on average; 0 where nothing could be learned.
    pub learned_from: usize,
    /// The figures of each way, in the order of [`Way::ALL`]. Without a model the last two are
    /// those of the rules.
    pub ways: Vec<(Way, Figures)>,
    /// Labels that look wrong, the least likely first.
    pub suspects: Vec<Suspect>,
}

/// How often the body that issues an item is found in its text alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Issuer {
    /// The facet.
    pub facet: FacetId,
    /// How many items state who issues them.
    pub items: usize,
    /// For how many the likeliest term is right: it is stated, or, in a facet that inherits, a
    /// stated term is below or above it.
    pub right: usize,
    /// For how many the likeliest term itself is stated, and not just one below or above it.
    pub exact: usize,
    /// How many got one without review, and how many of these are right.
    pub given: (usize, usize),
}

/// What one way says of one item, likeliest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    /// The terms that it takes for the best guess: at least one, if there is any clue.
    pub guessed: Vec<TermId>,
    /// The terms that it gives without review.
    pub given: Vec<TermId>,
    /// The probabilities, where the way has them.
    pub probabilities: Vec<(TermId, f32)>,
}

/// Leaves each of `folds` parts of the items out in turn, trains on the others and asks about it.
pub fn cross_validated(subject: &Subject<'_>, items: &[Labelled], folds: usize) -> Vec<Evaluation> {
    let fold = |item: &Labelled| (xxh3_64(item.path.as_bytes()) % folds.max(1) as u64) as usize;
    let rounds = (0..folds).map(|left_out| {
        let part = |is_out: bool| {
            let part = items
                .iter()
                .filter(move |item| (fold(item) == left_out) == is_out);
            part.collect::<Vec<&Labelled>>()
        };
        (part(false), part(true))
    });
    evaluate(subject, rounds.collect())
}

/// Trains on `archive` and asks about `held_out`.
pub fn held_out(
    subject: &Subject<'_>,
    archive: &[Labelled],
    held_out: &[Labelled],
) -> Vec<Evaluation> {
    evaluate(
        subject,
        vec![(archive.iter().collect(), held_out.iter().collect())],
    )
}

fn evaluate(
    subject: &Subject<'_>,
    rounds: Vec<(Vec<&Labelled>, Vec<&Labelled>)>,
) -> Vec<Evaluation> {
    let empty = || Way::ALL.map(|_| Tally::default());
    let mut tallies: Vec<[Tally; 3]> = subject.facets.iter().map(|_| empty()).collect();
    let mut suspects: Vec<Vec<Suspect>> = vec![Vec::new(); subject.facets.len()];
    let mut learned: Vec<usize> = vec![0; subject.facets.len()];
    let count = rounds.len().max(1);
    for (archive, asked) in rounds {
        let words = model(subject, &archive, Clue::Words);
        let both = model(subject, &archive, Clue::Both);
        for (place, facet) in subject.facets.iter().enumerate() {
            let key = &subject.taxonomy.facet(*facet).key;
            learned[place] += both
                .as_ref()
                .map_or(0, |model| model.trained().state(key).0);
            let answers: Vec<[Answer; 3]> = asked
                .par_iter()
                .map(|item| {
                    let by_rules = by_rules(subject.taxonomy, *facet, item);
                    let by_model = |model: &Option<Model>| {
                        let known = model.as_ref().filter(|model| model.knows(*facet));
                        known.map(|model| by_model(model, *facet, item))
                    };
                    let words = by_model(&words).unwrap_or_else(|| by_rules.clone());
                    let both = by_model(&both).unwrap_or_else(|| by_rules.clone());
                    [by_rules, words, both]
                })
                .collect();
            for (item, answers) in asked.iter().zip(answers) {
                let Some(known) = item.example.known.get(place) else {
                    continue;
                };
                if known.yes.is_empty() {
                    continue;
                }
                suspects[place].extend(suspects::of(item, &known.yes, &answers[2]));
                for (tally, answer) in tallies[place].iter_mut().zip(&answers) {
                    tally.add(&known.yes, answer);
                }
            }
        }
    }
    let evaluation = |place: usize| {
        let facet = subject.facets[place];
        let figures = Way::ALL.into_iter().zip(&tallies[place]);
        let mut suspects = suspects[place].clone();
        suspects.sort_by(|a, b| {
            a.probability
                .total_cmp(&b.probability)
                .then_with(|| a.path.cmp(&b.path))
        });
        Evaluation {
            facet,
            items: tallies[place][0].items(),
            learned_from: learned[place] / count,
            ways: figures.map(|(way, tally)| (way, tally.figures())).collect(),
            suspects,
        }
    };
    (0..subject.facets.len()).map(evaluation).collect()
}

fn model(subject: &Subject<'_>, archive: &[&Labelled], clue: Clue) -> Option<Model> {
    let aim = Aim {
        facets: subject.facets.to_vec(),
        precision: subject.precision,
        clue,
        language: subject.language.to_owned(),
        least: learn::LEAST_ITEMS,
    };
    let source = |at: usize| Some(archive.get(at)?.example.clone());
    let trained = learn::train(subject.taxonomy, &aim, archive.len(), &source)?;
    Some(trained.ready(subject.taxonomy))
}

fn by_rules(taxonomy: &Taxonomy, facet: FacetId, item: &Labelled) -> Answer {
    let is_of_facet = |term: &TermId| taxonomy.term(*term).facet == facet;
    let given: Vec<TermId> = item.given.iter().copied().filter(is_of_facet).collect();
    let mut guessed = given.clone();
    if guessed.is_empty() {
        let rules = item
            .example
            .rules
            .iter()
            .filter(|(term, _)| is_of_facet(term));
        let best = rules.max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
        guessed.extend(best.map(|(term, _)| *term));
    }
    Answer {
        guessed,
        given,
        probabilities: Vec::new(),
    }
}

fn by_model(model: &Model, facet: FacetId, item: &Labelled) -> Answer {
    let text = &item.example.text;
    let reading = model.read(&text.passages());
    if reading.unseen.is_some() {
        return Answer::default();
    }
    let guesses = model.guess(facet, &reading, &item.example.rules);
    let least = model.guessing(facet);
    let guessed = guesses
        .iter()
        .enumerate()
        .filter(|(rank, guess)| *rank == 0 || guess.probability >= least)
        .map(|(_, guess)| guess.term);
    Answer {
        guessed: guessed.collect(),
        given: guesses
            .iter()
            .filter(|guess| guess.is_sure())
            .map(|guess| guess.term)
            .collect(),
        probabilities: guesses
            .iter()
            .map(|guess| (guess.term, guess.probability))
            .collect(),
    }
}

/// How often the body that issues an item is found in its text alone, for each facet that issues.
pub fn issuers(taxonomy: &Taxonomy, items: &[Labelled]) -> Vec<Issuer> {
    let facets = taxonomy.facets().filter(|(_, facet)| facet.issues);
    facets
        .map(|(facet, _)| {
            let mut issuer = Issuer {
                facet,
                items: 0,
                right: 0,
                exact: 0,
                given: (0, 0),
            };
            for item in items {
                let stated = item.issuers.iter().find(|(other, _)| *other == facet);
                let Some((_, stated)) = stated.filter(|(_, terms)| !terms.is_empty()) else {
                    continue;
                };
                let answer = by_rules(taxonomy, facet, item);
                let is_right = |term: &TermId| {
                    let mut stated = stated.iter();
                    stated.any(|stated| is_one_body(taxonomy, *stated, *term))
                };
                issuer.items += 1;
                if let Some(first) = answer.guessed.first() {
                    issuer.right += usize::from(is_right(first));
                    issuer.exact += usize::from(stated.contains(first));
                }
                if let Some(first) = answer.given.first() {
                    issuer.given.0 += 1;
                    issuer.given.1 += usize::from(is_right(first));
                }
            }
            issuer
        })
        .collect()
}

/// Whether two terms are the same body, or one is part of the other and its items the other's too.
fn is_one_body(taxonomy: &Taxonomy, one: TermId, other: TermId) -> bool {
    let inherit = taxonomy.facet(taxonomy.term(one).facet).inherit;
    let is_under = |one: TermId, other: TermId| taxonomy.ancestors(one).any(|it| it == other);
    one == other || inherit && (is_under(one, other) || is_under(other, one))
}
