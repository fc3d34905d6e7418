//! From which probability on a term is given without review.
//!
//! Each term's threshold is the lowest at which, in cross-validation, what it gives is right as
//! often as the configuration asks. A term with few items borrows from all terms: what they show
//! together counts as some further items of each.

/// What cross-validation found for one term in one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Guess {
    pub item: u32,
    pub term: u16,
    pub probability: f32,
    pub truth: bool,
}

/// The experience of all terms counts in each as this many items.
const BORROWED: f64 = 8.0;

/// So many items stand behind a threshold, at least; what fewer say may be chance.
const LEAST: usize = 3;

/// What is given must be this probable by itself, as a share of the precision that is asked: where
/// all that is above a threshold is right, the precision alone would let in what is just a guess.
const BY_ITSELF: f32 = 2.0 / 3.0;

/// No probability reaches it: a term that is never given without review.
pub(super) const NEVER: f32 = 2.0;

/// The thresholds of `terms` terms for a precision between 0 and 1.
pub(super) fn thresholds(terms: usize, guesses: &[Guess], precision: f32) -> Vec<f32> {
    let asked = f64::from(precision);
    let mut sorted: Vec<&Guess> = guesses.iter().collect();
    sort(&mut sorted);
    // For each place in the order of all guesses, how often what is at least as sure was right.
    let mut together = Vec::with_capacity(sorted.len());
    let mut right = 0.0;
    for (count, guess) in (1..).zip(&sorted) {
        right += f64::from(u8::from(guess.truth));
        // One wrong guess more than were seen: a run of luck at the top proves little.
        together.push((guess.probability, right / f64::from(count + 1)));
    }
    let common = lowest(together.iter().copied(), asked);
    let mut of_term: Vec<Vec<&Guess>> = vec![Vec::new(); terms];
    for guess in &sorted {
        of_term[usize::from(guess.term)].push(guess);
    }
    of_term
        .iter()
        .map(|own| {
            let mut right = 0.0;
            let curve = (1..).zip(own).map(|(count, guess)| {
                right += f64::from(u8::from(guess.truth));
                let at =
                    together.partition_point(|(probability, _)| *probability >= guess.probability);
                let borrowed = together[at.saturating_sub(1)].1;
                let seen = right + BORROWED * borrowed;
                (guess.probability, seen / (f64::from(count) + BORROWED))
            });
            let curve: Vec<(f32, f64)> = curve.collect();
            let found = lowest(curve.iter().copied(), asked);
            let behind = own
                .iter()
                .filter(|guess| guess.probability >= found)
                .count();
            let found = match behind < LEAST {
                true => common.max(found),
                false => found,
            };
            found.max(BY_ITSELF * precision)
        })
        .collect()
}

/// The lowest probability at which a falling curve of precision still is as high as asked; above
/// it the curve may dip.
fn lowest(curve: impl DoubleEndedIterator<Item = (f32, f64)>, asked: f64) -> f32 {
    let mut curve = curve.rev();
    curve
        .find(|(_, precision)| *precision >= asked)
        .map_or(NEVER, |(probability, _)| probability)
}

/// The probability from which on a term is a good guess: where precision and recall of all terms
/// together balance best (F1), when each item's best term is taken in any case.
pub(super) fn guessing(guesses: &[Guess]) -> f32 {
    let mut sorted: Vec<&Guess> = guesses.iter().collect();
    sort(&mut sorted);
    let mut best_of: std::collections::HashMap<u32, (f32, u16, bool)> =
        std::collections::HashMap::new();
    for guess in &sorted {
        best_of
            .entry(guess.item)
            .or_insert((guess.probability, guess.term, guess.truth));
    }
    let all = sorted.iter().filter(|guess| guess.truth).count() as f64;
    let mut given = best_of.len() as f64;
    let mut right = best_of.values().filter(|(_, _, truth)| *truth).count() as f64;
    let mut best = (2.0 * right / (given + all).max(1.0), 1.0_f32);
    for guess in sorted {
        if best_of
            .get(&guess.item)
            .is_some_and(|(_, term, _)| *term == guess.term)
        {
            continue;
        }
        given += 1.0;
        right += f64::from(u8::from(guess.truth));
        let f1 = 2.0 * right / (given + all);
        if f1 > best.0 {
            best = (f1, guess.probability);
        }
    }
    best.1
}

/// The surest first; equals in an order of their own.
fn sort(guesses: &mut [&Guess]) {
    guesses.sort_by(|a, b| {
        b.probability
            .total_cmp(&a.probability)
            .then_with(|| (a.item, a.term).cmp(&(b.item, b.term)))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Term 0 is right down to 0.5, term 1 only down to 0.8; forty items each.
    fn guesses() -> Vec<Guess> {
        (0..80)
            .map(|number| {
                let term = (number % 2) as u16;
                let probability = 1.0 - number as f32 / 80.0;
                let truth = probability > if term == 0 { 0.5 } else { 0.8 };
                Guess {
                    item: number,
                    term,
                    probability,
                    truth,
                }
            })
            .collect()
    }

    #[test]
    fn each_term_has_the_lowest_threshold_that_keeps_the_precision() {
        let found = thresholds(2, &guesses(), 0.9);
        assert!(found[0] < found[1], "{found:?}");
        for (term, threshold) in found.iter().enumerate() {
            let given = guesses()
                .into_iter()
                .filter(|guess| usize::from(guess.term) == term && guess.probability >= *threshold);
            let (right, all) = given.fold((0, 0), |(right, all), guess| {
                (right + usize::from(guess.truth), all + 1)
            });
            assert!(all > 0 && right * 10 >= all * 9, "{term}: {right} of {all}");
        }
    }

    #[test]
    fn a_higher_precision_never_lowers_a_threshold() {
        let (low, high) = (
            thresholds(2, &guesses(), 0.7),
            thresholds(2, &guesses(), 0.95),
        );
        assert!(
            low.iter().zip(&high).all(|(low, high)| low <= high),
            "{low:?} {high:?}"
        );
    }

    #[test]
    fn what_is_no_better_than_a_guess_is_never_given() {
        // All that is above a half is right, so that the precision alone would let more in.
        let clear: Vec<Guess> = (0..40)
            .map(|item| Guess {
                item,
                term: 0,
                probability: if item % 2 == 0 { 0.95 } else { 0.05 },
                truth: item % 2 == 0,
            })
            .collect();
        assert!(thresholds(1, &clear, 0.9)[0] >= 0.6);
    }

    #[test]
    fn a_term_that_is_always_wrong_is_never_given() {
        let wrong: Vec<Guess> = guesses()
            .into_iter()
            .map(|guess| Guess {
                truth: false,
                ..guess
            })
            .collect();
        assert_eq!(thresholds(2, &wrong, 0.9), [NEVER, NEVER]);
    }

    #[test]
    fn guessing_takes_what_is_more_often_right_than_it_costs() {
        // Two guesses an item, of which the better one is taken in any case.
        let pairs: Vec<Guess> = guesses()
            .into_iter()
            .map(|guess| Guess {
                item: guess.item / 2,
                ..guess
            })
            .collect();
        let found = guessing(&pairs);
        assert!((0.7..0.9).contains(&found), "{found}");
    }
}
