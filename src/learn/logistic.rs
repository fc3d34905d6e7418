//! Logistic regression, one term against the rest, for all terms at once.
//!
//! Coordinate ascent on the dual of the L2-regularized problem (Yu, Huang and Lin, "Dual
//! coordinate descent methods for logistic regression and maximum entropy models", 2011): exact,
//! without a step length to choose, and the same to the last bit however many threads there are.
//! Terms are fitted in groups of eight, which is what a processor multiplies at once.

use rayon::prelude::*;

use super::vector::{Packed, half, whole};

/// How many terms are fitted, and scored, at once.
pub(super) const LANES: usize = 8;

/// How often the examples are gone through at most.
const ROUNDS: usize = 12;

/// A round in which no coefficient moved by more than this share of its range is the last.
const STILL: f32 = 0.02;

/// What one example says about one term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Unknown,
}

/// Weights of all features, and of the constant after them, for a number of terms: those of one
/// feature stand together.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Weights {
    terms: usize,
    /// The upper halves of the numbers: to score a text is to wait for memory.
    values: Vec<u16>,
}

impl Weights {
    /// How many scores [`Weights::score`] gives: the terms, and as many more as fill the last
    /// group.
    pub fn width(&self) -> usize {
        self.terms.next_multiple_of(LANES)
    }

    /// The weight of one feature for one term.
    pub fn of(&self, feature: usize, term: usize) -> f32 {
        whole(self.values[feature * self.width()..][..self.terms][term])
    }

    /// Whether the weights are those of so many features and terms.
    pub fn fits(&self, features: usize, terms: usize) -> bool {
        self.terms == terms && self.values.len() == (features + 1) * self.width()
    }

    /// The log-odds of every term for a text.
    pub fn score(&self, text: impl Iterator<Item = (usize, f32)> + Clone, scores: &mut Vec<f32>) {
        scores.clear();
        let (weights, _) = self.values.as_chunks::<LANES>();
        let groups = self.width() / LANES;
        let Some(constant) = weights.len().checked_sub(groups) else {
            return;
        };
        // Group by group, so that the sums of one stay where a processor adds them up.
        for (group, constant) in weights[constant..].iter().enumerate() {
            let mut sums = constant.map(whole);
            for (feature, value) in text.clone() {
                let weights = &weights[feature * groups + group];
                for lane in 0..LANES {
                    sums[lane] += value * whole(weights[lane]);
                }
            }
            scores.extend_from_slice(&sums);
        }
    }
}

/// Fits the weights of `terms` terms over `features` features to the examples `rows` of `texts`.
/// `truth` tells of an example and a term what is known; `cost` is how much an error costs beside
/// large weights.
pub(super) fn fit(
    texts: &[Packed],
    rows: &[u32],
    (features, terms): (usize, usize),
    truth: &(impl Fn(u32, usize) -> Truth + Sync),
    cost: f32,
) -> Weights {
    let order = shuffled(rows);
    let groups: Vec<Vec<[f32; LANES]>> = (0..terms.div_ceil(LANES))
        .into_par_iter()
        .map(|group| {
            let truth = |row: u32| {
                std::array::from_fn(|lane| match group * LANES + lane {
                    term if term < terms => truth(row, term),
                    _ => Truth::Unknown,
                })
            };
            fit_group(texts, &order, features, truth, cost)
        })
        .collect();
    let width = terms.next_multiple_of(LANES);
    let mut values = Vec::with_capacity((features + 1) * width);
    for feature in 0..=features {
        values.extend(groups.iter().flat_map(|group| group[feature].map(half)));
    }
    Weights { terms, values }
}

fn fit_group(
    texts: &[Packed],
    order: &[u32],
    features: usize,
    truth: impl Fn(u32) -> [Truth; LANES],
    cost: f32,
) -> Vec<[f32; LANES]> {
    let mut weights = vec![[0.0_f32; LANES]; features + 1];
    // The dual coefficients: by how much each example pulls at each term's weights.
    let mut pulls = vec![[0.0_f32; LANES]; order.len()];
    for _ in 0..ROUNDS {
        let mut moved = 0.0_f32;
        for (row, pull) in order.iter().zip(&mut pulls) {
            let text = &texts[*row as usize];
            let mut scores = weights[features];
            let mut squares = 1.0;
            for (feature, value) in text.iter() {
                squares += value * value;
                let of_feature = &weights[feature];
                for lane in 0..LANES {
                    scores[lane] += value * of_feature[lane];
                }
            }
            let truth = truth(*row);
            let mut steps = [0.0_f32; LANES];
            for lane in 0..LANES {
                let sign = match truth[lane] {
                    Truth::Yes => 1.0,
                    Truth::No => -1.0,
                    Truth::Unknown => continue,
                };
                let new = best_pull(sign * scores[lane], squares, pull[lane], cost);
                let step = new - pull[lane];
                moved = moved.max(step.abs() / cost);
                pull[lane] = new;
                steps[lane] = sign * step;
            }
            for lane in 0..LANES {
                weights[features][lane] += steps[lane];
            }
            for (feature, value) in text.iter() {
                let of_feature = &mut weights[feature];
                for lane in 0..LANES {
                    of_feature[lane] += value * steps[lane];
                }
            }
        }
        if moved < STILL {
            break;
        }
    }
    weights
}

/// The coefficient in `0..cost` at which the dual is greatest, all others as they are. It solves
/// `margin + squares * (pull - before) + logit(pull / cost) = 0`, by Newton's method in the logit.
fn best_pull(margin: f32, squares: f32, before: f32, cost: f32) -> f32 {
    let mut logit = if before > 0.0 {
        let share = (before / cost).clamp(1e-6, 1.0 - 1e-6);
        (share / (1.0 - share)).ln()
    } else {
        -margin
    };
    for _ in 0..10 {
        let share = probability(logit);
        let value = margin + squares * (cost * share - before) + logit;
        let slope = 1.0 + squares * cost * share * (1.0 - share);
        let step = value / slope;
        logit -= step;
        if step.abs() < 1e-3 {
            break;
        }
    }
    cost * probability(logit)
}

/// The probability of log-odds.
pub(super) fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The rows in an order that looks random and is always the same.
pub(super) fn shuffled(rows: &[u32]) -> Vec<u32> {
    let mut order = rows.to_vec();
    order.sort_by_cached_key(|row| {
        // SplitMix64.
        let mut mixed = u64::from(*row).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    });
    order
}

#[cfg(test)]
mod tests {
    use super::super::vector::Vector;
    use super::*;

    fn text(features: &[(u16, f32)]) -> Packed {
        let mut vector = Vector::default();
        for (feature, value) in features {
            vector.push(*feature, *value);
        }
        vector.packed()
    }

    fn scores(weights: &Weights, features: &[(u16, f32)]) -> Vec<f32> {
        let mut scores = Vec::new();
        weights.score(text(features).iter(), &mut scores);
        scores
    }

    /// Features 0 and 1 speak for terms 0 and 1; feature 2 for none.
    fn fitted(rows: &[u32]) -> Weights {
        let texts: Vec<Packed> = (0..40)
            .map(|row| match row % 2 {
                0 => text(&[(0, 0.8), (2, 0.6)]),
                _ => text(&[(1, 0.8), (2, 0.6)]),
            })
            .collect();
        let truth = |row: u32, term: usize| match row as usize % 2 == term {
            true => Truth::Yes,
            false => Truth::No,
        };
        fit(&texts, rows, (3, 2), &truth, 4.0)
    }

    #[test]
    fn each_term_goes_by_the_feature_that_tells_it_from_the_rest() {
        let rows: Vec<u32> = (0..40).collect();
        let weights = fitted(&rows);
        let first = scores(&weights, &[(0, 0.8), (2, 0.6)]);
        assert!(first[0] > 2.0 && first[1] < -2.0, "{first:?}");
        assert!(weights.of(0, 0) > 0.0 && weights.of(1, 0) < 0.0);
        assert!(weights.of(2, 0).abs() < 0.1 * weights.of(0, 0));
    }

    #[test]
    fn the_solution_is_the_optimum_of_the_primal() {
        // At the optimum each weight is the cost times the sum of the errors that it would mend.
        let rows: Vec<u32> = (0..40).collect();
        let weights = fitted(&rows);
        let mut pulled = 0.0;
        for row in &rows {
            let of = if row % 2 == 0 {
                [(0, 0.8), (2, 0.6)]
            } else {
                [(1, 0.8), (2, 0.6)]
            };
            let score = scores(&weights, &of)[0];
            let truth = if row % 2 == 0 { 1.0 } else { 0.0 };
            if row % 2 == 0 {
                pulled += 4.0 * 0.8 * (truth - probability(score));
            }
        }
        let weight = weights.of(0, 0);
        assert!((pulled - weight).abs() < 0.1 * weight, "{pulled} {weight}");
    }

    #[test]
    fn what_is_unknown_pulls_at_nothing() {
        let texts = vec![text(&[(0, 1.0)]); 4];
        let unknown = |_: u32, _: usize| Truth::Unknown;
        let weights = fit(&texts, &[0, 1, 2, 3], (1, 1), &unknown, 4.0);
        assert_eq!(scores(&weights, &[(0, 1.0)])[0], 0.0);
    }

    #[test]
    fn the_order_of_the_rows_given_does_not_matter() {
        let rows: Vec<u32> = (0..40).collect();
        let turned: Vec<u32> = (0..40).rev().collect();
        assert_eq!(fitted(&rows), fitted(&turned));
    }
}
