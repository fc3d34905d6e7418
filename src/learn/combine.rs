//! How sure one may be of a term, given what the text's words and the rules say: one logistic
//! regression over pairs of items and terms.
//!
//! What the clues are worth is learned for all terms together, so that two hundred items are
//! enough; each term may differ from the others as far as its own items show (a ridge holds its
//! own parameters near zero). With few items the terms are alike; with many, each has its own.
//! Its output is a calibrated probability, since the clues it learns from are those for items that
//! the word weights had not seen.

use serde::{Deserialize, Serialize};

use super::logistic::probability;

/// How many clues there are, the constant among them.
pub(super) const CLUES: usize = 8;

/// Where the clues stand of which each term has its own weight: the constant, the words' log-odds
/// and the rules' points.
const OWN: [usize; 3] = [0, 1, 5];

/// What speaks for one term in one item.
pub(super) type Clues = [f32; CLUES];

/// What the clues are worth before anything was learned: rules speak for a term, most of all when
/// they speak for no other.
const BEFORE: Clues = [-3.5, 0.5, 0.2, 0.5, 0.0, 0.8, 1.0, 0.5];

/// How firmly the weights of all terms are held to what they were before.
const HOLD_ALL: f64 = 0.3;

/// How firmly those of single terms are held to zero.
const HOLD_OWN: f64 = 6.0;

/// Which clues are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Clue {
    /// The words of the text alone.
    Words,
    /// Words and rules.
    Both,
}

/// The clues for every term of a facet. `words` are the terms' log-odds by the words of the text,
/// `likeness` how like the text is to what the taxonomy says of the term (0 to 1), `rules` the
/// points that rules give.
pub(super) fn clues(words: &[f32], likeness: &[f32], rules: &[f32], clue: Clue) -> Vec<Clues> {
    let (most_words, next_words) = two_greatest(words);
    let (most_like, next_like) = two_greatest(likeness);
    let (most_rules, next_rules) = two_greatest(rules);
    let all_rules: f32 = rules.iter().sum();
    let beyond = |value: f32, most: f32, next: f32| value - if value == most { next } else { most };
    (0..words.len())
        .map(|term| {
            let mut clues = [0.0; CLUES];
            clues[0] = 1.0;
            clues[1] = words[term].clamp(-8.0, 8.0) / 2.0;
            clues[2] = beyond(words[term], most_words, next_words).clamp(-4.0, 4.0) / 2.0;
            clues[3] = likeness[term] * 4.0;
            clues[4] = beyond(likeness[term], most_like, next_like) * 4.0;
            if clue == Clue::Both && rules[term] > 0.0 {
                clues[5] = (1.0 + rules[term]).ln();
                clues[6] = rules[term] / (1.0 + all_rules);
                clues[7] = f32::from(u8::from(
                    rules[term] >= most_rules && most_rules > next_rules,
                ));
            }
            clues
        })
        .collect()
}

fn two_greatest(values: &[f32]) -> (f32, f32) {
    let mut greatest = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for value in values {
        if *value > greatest.0 {
            greatest = (*value, greatest.0);
        } else if *value > greatest.1 {
            greatest.1 = *value;
        }
    }
    if greatest.1 == f32::NEG_INFINITY {
        greatest.1 = 0.0;
    }
    greatest
}

/// A pair of an item and a term whose truth is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub item: u32,
    pub term: u16,
    pub truth: bool,
    pub clues: Clues,
}

/// What the clues are worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Combiner {
    all: Clues,
    /// For each term, what its own items add.
    own: Vec<[f32; OWN.len()]>,
}

impl Combiner {
    /// Nothing learned yet.
    pub fn new(terms: usize) -> Combiner {
        Combiner {
            all: BEFORE,
            own: vec![[0.0; OWN.len()]; terms],
        }
    }

    /// How many terms were learned.
    pub fn terms(&self) -> usize {
        self.own.len()
    }

    /// What each clue is worth for a term, the term's own share included; a term that was not
    /// learned has none.
    pub fn worth(&self, term: usize) -> Clues {
        let mut worth = self.all;
        for (at, own) in OWN.iter().zip(self.own.get(term).into_iter().flatten()) {
            worth[*at] += own;
        }
        worth
    }

    /// The log-odds of a term.
    pub fn log_odds(&self, term: usize, clues: &Clues) -> f32 {
        let worth = self.worth(term);
        worth
            .iter()
            .zip(clues)
            .map(|(worth, clue)| worth * clue)
            .sum()
    }

    /// How probable a term is.
    pub fn probability(&self, term: usize, clues: &Clues) -> f32 {
        probability(self.log_odds(term, clues))
    }

    /// Learns from pairs. The weights of all terms and those of each are fitted in turn, which
    /// leads to the one best solution however many terms there are.
    pub fn fit(terms: usize, pairs: &[Pair]) -> Combiner {
        let mut combiner = Combiner::new(terms);
        let mut of_term: Vec<Vec<u32>> = vec![Vec::new(); terms];
        for (at, pair) in (0u32..).zip(pairs) {
            of_term[usize::from(pair.term)].push(at);
        }
        let mut odds: Vec<f32> = Vec::with_capacity(pairs.len());
        odds.extend(
            pairs
                .iter()
                .map(|pair| combiner.log_odds(usize::from(pair.term), &pair.clues)),
        );
        for _ in 0..8 {
            let step = newton::<CLUES>(
                pairs
                    .iter()
                    .zip(&odds)
                    .map(|(pair, odds)| (pair.clues, pair.truth, *odds)),
                std::array::from_fn(|at| f64::from(combiner.all[at] - BEFORE[at])),
                HOLD_ALL,
            );
            for (all, step) in combiner.all.iter_mut().zip(step) {
                *all += step;
            }
            for (pair, odds) in pairs.iter().zip(&mut odds) {
                *odds += step
                    .iter()
                    .zip(&pair.clues)
                    .map(|(step, clue)| step * clue)
                    .sum::<f32>();
            }
            for (term, of_term) in of_term.iter().enumerate() {
                let own = |pair: &Pair| OWN.map(|at| pair.clues[at]);
                let step = newton::<{ OWN.len() }>(
                    of_term.iter().map(|at| {
                        let pair = &pairs[*at as usize];
                        (own(pair), pair.truth, odds[*at as usize])
                    }),
                    combiner.own[term].map(f64::from),
                    HOLD_OWN,
                );
                for (own, step) in combiner.own[term].iter_mut().zip(step) {
                    *own += step;
                }
                for at in of_term {
                    let clues = own(&pairs[*at as usize]);
                    odds[*at as usize] += step
                        .iter()
                        .zip(clues)
                        .map(|(step, clue)| step * clue)
                        .sum::<f32>();
                }
            }
        }
        combiner
    }
}

/// One Newton step of a logistic regression: `from` are the parameters' distances from where they
/// are held, `hold` is how firmly.
fn newton<const N: usize>(
    pairs: impl Iterator<Item = ([f32; N], bool, f32)>,
    from: [f64; N],
    hold: f64,
) -> [f32; N] {
    let mut slope: [f64; N] = from.map(|from| -hold * from);
    let mut curve = [[0.0_f64; N]; N];
    for (clues, truth, odds) in pairs {
        let share = f64::from(probability(odds));
        let error = f64::from(u8::from(truth)) - share;
        let spread = (share * (1.0 - share)).max(1e-6);
        for row in 0..N {
            let clue = f64::from(clues[row]);
            slope[row] += error * clue;
            for column in 0..=row {
                curve[row][column] += spread * clue * f64::from(clues[column]);
            }
        }
    }
    for (at, row) in curve.iter_mut().enumerate() {
        row[at] += hold;
    }
    let step = solve(curve, slope);
    // Far from the optimum a whole step may overshoot.
    let longest = step
        .iter()
        .fold(0.0_f64, |longest, step| longest.max(step.abs()));
    let share = if longest > 2.0 { 2.0 / longest } else { 1.0 };
    step.map(|step| (step * share) as f32)
}

/// Solves a symmetric, positive definite system, of which the lower half is given (Cholesky).
fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for row in 0..N {
        for column in 0..=row {
            let pairs = matrix[row].iter().zip(&matrix[column]).take(column);
            let sum = matrix[row][column] - pairs.map(|(one, other)| one * other).sum::<f64>();
            matrix[row][column] = if row == column {
                sum.max(1e-12).sqrt()
            } else {
                sum / matrix[column][column]
            };
        }
        let mut sum = right[row];
        for at in 0..row {
            sum -= matrix[row][at] * right[at];
        }
        right[row] = sum / matrix[row][row];
    }
    for row in (0..N).rev() {
        let mut sum = right[row];
        for (below, right) in matrix.iter().zip(&right).skip(row + 1) {
            sum -= below[row] * right;
        }
        right[row] = sum / matrix[row][row];
    }
    right
}
