//! The date in the opening words of a text: `VIENNA, 22 November 2024 –`, `On 22 November 2024, …`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::characters::floor_boundary;
use super::dates;

/// The bytes at the start of a text in which a dateline is looked for.
const REACH: usize = 300;

/// Marks of emphasis and quotation that may stand around a dateline.
const DECORATION: &[char] = &['*', '_', '(', ')', '[', ']', '"', '“', '”', '«', '»', ' '];

/// Midnight, in `zone`, of the day that the dateline at the start of `text` names. A dateline
/// without a year names none.
pub(super) fn find(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let head = &text[..floor_boundary(text, REACH)];
    let head = head.trim_start().trim_start_matches(DECORATION);
    on_a_day(head)
        .or_else(|| after_a_place(head))
        .map(|date| dates::midnight(date, zone))
}

/// `On 22 November 2024, 25 officials gathered ...`
fn on_a_day(head: &str) -> Option<chrono::NaiveDate> {
    let rest = head
        .strip_prefix("On ")
        .or_else(|| head.strip_prefix("On\u{A0}"))?;
    dates::leading(rest.trim_start(), true).map(|(date, _)| date)
}

/// `VIENNA/WARSAW, 18 July 2022 –`, `KHARKOV, Ukraine, 29 November 2019 -`.
fn after_a_place(head: &str) -> Option<chrono::NaiveDate> {
    let breaks = head.match_indices(|c: char| c == ',' || c.is_whitespace());
    for (at, separator) in breaks {
        let place = head[..at].trim_end_matches(|c: char| c == ',' || c.is_whitespace());
        if !is_place(place) {
            return None;
        }
        let rest = &head[at + separator.len()..];
        if let Some((date, rest)) = dates::leading(rest, true) {
            let rest = rest.trim_start_matches(DECORATION).trim_start();
            return rest
                .starts_with(['-', '–', '—', '―', '−', ':'])
                .then_some(date);
        }
    }
    None
}

/// Whether these can be the names of places: capitalised words, nothing like a sentence.
fn is_place(text: &str) -> bool {
    const SMALL: &[&str] = &[
        "of", "the", "and", "de", "la", "el", "am", "an", "der", "in",
    ];
    let words = || {
        text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '-'))
            .filter(|word| !word.is_empty())
    };
    text.chars().count() <= 100
        && text.starts_with(char::is_alphabetic)
        && text
            .chars()
            .all(|c| c.is_alphabetic() || c.is_whitespace() || "/,-'’.()*_".contains(c))
        && words().count() <= 10
        && words().all(|word| {
            let first = word
                .trim_start_matches(['(', '\'', '’', '*', '_'])
                .chars()
                .next();
            SMALL.contains(&word) || first.is_none_or(|c| !c.is_lowercase())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<String> {
        find(text, Tz::UTC).map(|moment| moment.date_naive().to_string())
    }

    #[test]
    fn datelines_of_all_sorts_are_read() {
        for (text, expected) in [
            (
                "VIENNA, 22 November 2024 – The ministers met.",
                "2024-11-22",
            ),
            ("VIENNA, 31 May 2017 –", "2017-05-31"),
            ("HELSINKI, 1 January 2008- The chair said", "2008-01-01"),
            ("KYIV, 4 October 2005-- The monitors", "2005-10-04"),
            ("VIENNA/WARSAW, 18 July 2022 – Both", "2022-07-18"),
            (
                "KHARKOV/STANYTSIA LUHANSKA, Ukraine, 29 November 2019 – x",
                "2019-11-29",
            ),
            ("VIENNA, 7 July 2023 — The", "2023-07-07"),
            ("Tirana, 3 March 2021 - The", "2021-03-03"),
            ("THE HAGUE, November 22, 2024: The", "2024-11-22"),
            ("**VIENNA, 22 November 2024** – bold", "2024-11-22"),
            ("ВЕНА, 22 ноября 2024 – Министры", "2024-11-22"),
            ("CHIȘINĂU 22 November 2024 – no comma", "2024-11-22"),
            ("On 22 November 2024, officials gathered", "2024-11-22"),
            ("On Friday, 22 November 2024 officials", "2024-11-22"),
        ] {
            assert_eq!(day(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_openings_name_no_day() {
        for text in [
            "SARAJEVO, 25 May – no year",
            "The treaty of 22 November 2024 – a milestone – stands.",
            "Officials met in Vienna, 22 November 2024 – they agreed",
            "VIENNA, 22 November 2024 was a cold day",
            "VIENNA, 31 February 2024 – impossible",
            "Once upon a time",
            "",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
