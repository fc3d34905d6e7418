//! Byte ranges: RFC 9110, section 14.
//!
//! Pure: a header in, ranges out.

use std::ops::Range;

/// More parts than this are not a player that seeks, but somebody who wants to be a burden.
const MOST: usize = 16;

/// Which bytes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All: there is no range, or one that must or may be ignored.
    Whole,
    /// These, in the order of the request.
    Parts(Vec<Range<u64>>),
    /// Only such as do not exist: 416.
    Unsatisfiable,
}

/// What a Range header asks of a representation of so many bytes.
///
/// Ranges that overlap or touch are joined, as section 14.2 allows; units other than bytes, and
/// ranges that are written wrongly, are ignored.
pub fn parse(value: Option<&str>, length: u64) -> Wanted {
    let set = value.and_then(|value| {
        let (unit, set) = value.split_once('=')?;
        unit.trim().eq_ignore_ascii_case("bytes").then_some(set)
    });
    let Some(set) = set else {
        return Wanted::Whole;
    };
    let mut parts: Vec<Range<u64>> = Vec::new();
    let specs = set.split(',').map(str::trim);
    for (count, spec) in specs.filter(|spec| !spec.is_empty()).enumerate() {
        let Some(range) = one(spec, length) else {
            return Wanted::Whole;
        };
        if count >= MOST {
            return Wanted::Whole;
        }
        if range.is_empty() {
            continue;
        }
        let touches = |other: &Range<u64>| range.start <= other.end && other.start <= range.end;
        match parts.iter_mut().find(|other| touches(other)) {
            Some(other) => {
                other.start = other.start.min(range.start);
                other.end = other.end.max(range.end);
            }
            None => parts.push(range),
        }
    }
    // What was joined may now touch another part; then less is saved than is risked.
    let total: u64 = parts.iter().map(|part| part.end - part.start).sum();
    match parts.is_empty() {
        true => Wanted::Unsatisfiable,
        false if total > length => Wanted::Whole,
        false => Wanted::Parts(parts),
    }
}

/// One range; empty where it lies behind the end, `None` where it is no range at all.
fn one(spec: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // One that no u64 holds lies behind every end.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let range = match (first.trim(), last.trim()) {
        ("", suffix) => length.saturating_sub(number(suffix)?)..length,
        (first, "") => number(first)?..length,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(length)
        }
    };
    Some(if range.start < range.end { range } else { 0..0 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(value: &str) -> Wanted {
        parse(Some(value), 100)
    }

    #[test]
    #[allow(clippy::single_range_in_vec_init)]
    fn single_ranges_are_cut_at_the_end() {
        for (value, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-99", 0..100),
            ("bytes=90-200", 90..100),
            ("bytes=90-", 90..100),
            ("bytes=-10", 90..100),
            ("bytes=-1000", 0..100),
            ("BYTES = 1-2", 1..3),
            ("bytes=5-18446744073709551616", 5..100),
        ] {
            assert_eq!(parts(value), Wanted::Parts(vec![range]), "{value}");
        }
    }

    #[test]
    fn what_is_no_range_is_ignored() {
        for value in [
            "items=0-5",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=0-1-2",
            "bytes=+1-2",
            "bytes",
            "bytes=-",
            "bytes=0-1,x",
        ] {
            assert_eq!(parts(value), Wanted::Whole, "{value}");
        }
        assert_eq!(parse(None, 100), Wanted::Whole);
    }

    #[test]
    fn ranges_behind_the_end_cannot_be_satisfied() {
        for value in ["bytes=100-", "bytes=100-200,300-", "bytes=-0", "bytes="] {
            assert_eq!(parts(value), Wanted::Unsatisfiable, "{value}");
        }
        assert_eq!(parse(Some("bytes=0-"), 0), Wanted::Unsatisfiable);
    }

    #[test]
    fn several_ranges_keep_their_order_and_are_joined_where_they_meet() {
        assert_eq!(
            parts("bytes=50-59, 0-9,200-"),
            Wanted::Parts(vec![50..60, 0..10])
        );
        let joined = parts("bytes=0-9,10-19,15-30,90-");
        assert_eq!(joined, Wanted::Parts(vec![0..31, 90..100]));
    }

    #[test]
    fn a_flood_of_ranges_gets_the_whole() {
        let flood: Vec<String> = (0..200).map(|at| format!("{at}-{at}")).collect();
        let flood = format!("bytes={}", flood.join(","));
        assert_eq!(parse(Some(&flood), 10_000), Wanted::Whole);
    }

    proptest! {
        #[test]
        fn parts_lie_inside_and_are_never_more_than_the_whole(
            value in "bytes=[0-9,-]{0,30}",
            length in 0_u64..200,
        ) {
            if let Wanted::Parts(parts) = parse(Some(&value), length) {
                let total: u64 = parts.iter().map(|part| part.end - part.start).sum();
                prop_assert!(total <= length && total > 0);
                prop_assert!(parts.iter().all(|part| part.start < part.end && part.end <= length));
            }
        }
    }
}
