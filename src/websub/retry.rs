//! When what failed is tried again.

/// The pauses between tries, in seconds: soon at first, since most failures are short; two days in
/// all.
const PAUSES: [i64; 9] = [5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200, 86_400];

/// The longest that the other side may ask us to wait, in seconds.
const LONGEST_ASKED: i64 = 86_400;

/// When to try again what failed for the `attempts`-th time at `now` (milliseconds), at the
/// earliest after the seconds that the other side asked for; `None`: never.
pub fn next(attempts: i64, now: i64, asked: Option<i64>) -> Option<i64> {
    let place = usize::try_from(attempts.max(1) - 1).ok()?;
    let pause = PAUSES.get(place)?;
    let asked = asked.unwrap_or(0).clamp(0, LONGEST_ASKED);
    Some(now.saturating_add(1_000 * asked.max(*pause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut last = 0;
        let mut attempts = 1;
        while let Some(due) = next(attempts, 0, None) {
            assert!(due > last);
            last = due;
            attempts += 1;
        }
        assert_eq!(attempts, 10);
        assert_eq!(next(i64::MAX, 0, None), None);
    }

    #[test]
    fn the_other_side_may_ask_for_more_time_but_not_for_all_of_it() {
        assert_eq!(next(1, 1_000, Some(60)), Some(61_000));
        assert_eq!(next(1, 0, Some(1)), Some(5_000));
        assert_eq!(next(1, 0, Some(i64::MAX)), Some(86_400_000));
    }
}
