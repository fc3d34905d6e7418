//! Counting what was right, and the figures that follow.

use std::collections::{BTreeMap, BTreeSet};

use super::Answer;
use crate::taxonomy::TermId;

/// What was right and wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Terms that were found and are stated.
    pub right: usize,
    /// Terms that were found and are not stated.
    pub wrong: usize,
    /// Terms that are stated and were not found.
    pub missed: usize,
}

impl Counts {
    fn add(&mut self, found: bool, stated: bool) {
        match (found, stated) {
            (true, true) => self.right += 1,
            (true, false) => self.wrong += 1,
            (false, true) => self.missed += 1,
            (false, false) => {}
        }
    }

    /// Of what was found, how much is stated; 1 if nothing was found.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Of what is stated, how much was found; 1 if nothing is stated.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    /// How often it is stated.
    pub fn stated(&self) -> usize {
        self.right + self.missed
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// The figures of one term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TermFigures {
    /// The term.
    pub term: TermId,
    /// As the best guess.
    pub guessed: Counts,
    /// As given without review.
    pub given: Counts,
}

/// A term that was found where another is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confusion {
    /// The term that is stated and was not found.
    pub stated: TermId,
    /// The term that was found instead.
    pub found: TermId,
    /// In how many items.
    pub items: usize,
}

/// The figures of one way to tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The best guess for every item, summed over all terms (micro average).
    pub guessed: Counts,
    /// What is given without review, summed over all terms.
    pub given: Counts,
    /// The mean of precision, recall and F1 of the best guess over the terms that are stated
    /// anywhere (macro average).
    pub macro_average: (f64, f64, f64),
    /// How many items are given at least one term without review.
    pub covered: usize,
    /// How many items the best guess is exactly right for.
    pub exact: usize,
    /// Each term that is stated or found anywhere, in the taxonomy's order.
    pub terms: Vec<TermFigures>,
    /// The worst confusions, most frequent first.
    pub confusions: Vec<Confusion>,
    /// By how much the probabilities differ from how often they come true (expected calibration
    /// error over ten classes); `None` for a way without probabilities.
    pub calibration: Option<f64>,
}

/// Counts for one way, as it goes through the items.
#[derive(Debug, Default)]
pub(super) struct Tally {
    items: usize,
    covered: usize,
    exact: usize,
    terms: BTreeMap<TermId, (Counts, Counts)>,
    confusions: BTreeMap<(TermId, TermId), usize>,
    /// Ten classes of probability: their sum, how many, and how many came true.
    classes: [(f64, usize, usize); 10],
}

impl Tally {
    /// How many items were asked about.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Counts one item: what it states against what was answered.
    pub fn add(&mut self, stated: &[TermId], answer: &Answer) {
        self.items += 1;
        self.covered += usize::from(!answer.given.is_empty());
        let stated: BTreeSet<TermId> = stated.iter().copied().collect();
        let guessed: BTreeSet<TermId> = answer.guessed.iter().copied().collect();
        self.exact += usize::from(guessed == stated);
        let all: BTreeSet<TermId> = stated
            .iter()
            .chain(&guessed)
            .chain(&answer.given)
            .copied()
            .collect();
        for term in all {
            let (as_guessed, as_given) = self.terms.entry(term).or_default();
            let is_stated = stated.contains(&term);
            as_guessed.add(guessed.contains(&term), is_stated);
            as_given.add(answer.given.contains(&term), is_stated);
        }
        for missed in stated.difference(&guessed) {
            for wrong in guessed.difference(&stated) {
                *self.confusions.entry((*missed, *wrong)).or_default() += 1;
            }
        }
        for (term, probability) in &answer.probabilities {
            let class = ((probability * 10.0) as usize).min(9);
            let (sum, count, came_true) = &mut self.classes[class];
            *sum += f64::from(*probability);
            *count += 1;
            *came_true += usize::from(stated.contains(term));
        }
    }

    /// What was counted, as shares.
    pub fn figures(&self) -> Figures {
        let sum = |of: fn(&(Counts, Counts)) -> Counts| {
            let counts = self.terms.values().map(of);
            counts.fold(Counts::default(), |sum, counts| Counts {
                right: sum.right + counts.right,
                wrong: sum.wrong + counts.wrong,
                missed: sum.missed + counts.missed,
            })
        };
        let stated: Vec<&Counts> = self
            .terms
            .values()
            .map(|(guessed, _)| guessed)
            .filter(|counts| counts.stated() > 0)
            .collect();
        let mean = |of: fn(&Counts) -> f64| {
            let sum: f64 = stated.iter().map(|counts| of(counts)).sum();
            sum / stated.len().max(1) as f64
        };
        let mut confusions: Vec<Confusion> = self
            .confusions
            .iter()
            .map(|((stated, found), items)| Confusion {
                stated: *stated,
                found: *found,
                items: *items,
            })
            .collect();
        confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.items));
        let all: usize = self.classes.iter().map(|(_, count, _)| count).sum();
        let error = |(sum, _, came_true): &(f64, usize, usize)| (sum - *came_true as f64).abs();
        Figures {
            guessed: sum(|(guessed, _)| *guessed),
            given: sum(|(_, given)| *given),
            macro_average: (
                // A term that is never found has no precision to speak of; it counts as none.
                mean(|counts| {
                    if counts.right == 0 {
                        0.0
                    } else {
                        counts.precision()
                    }
                }),
                mean(Counts::recall),
                mean(Counts::f1),
            ),
            covered: self.covered,
            exact: self.exact,
            terms: self
                .terms
                .iter()
                .map(|(term, (guessed, given))| TermFigures {
                    term: *term,
                    guessed: *guessed,
                    given: *given,
                })
                .collect(),
            confusions,
            calibration: (all > 0)
                .then(|| self.classes.iter().map(error).sum::<f64>() / all as f64),
        }
    }
}
