//! The places in the opening words of a text: `VIENNA/WARSAW, 18 July 2022 –`.

use std::ops::Range;

use crate::item::dates;

/// The bytes at the start of a text within which a dateline ends.
const REACH: usize = 120;

/// The places that a text says that it was written in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::tag) struct Dateline {
    /// Their places in the text, in order.
    pub(in crate::tag) places: Vec<Range<usize>>,
    /// Where the text proper begins.
    pub(in crate::tag) end: usize,
}

impl Dateline {
    /// The dateline at the start of `text`; empty where there is none.
    pub(in crate::tag) fn find(text: &str) -> Dateline {
        find(text).unwrap_or_default()
    }
}

fn find(text: &str) -> Option<Dateline> {
    let mut reach = text.len().min(REACH);
    while !text.is_char_boundary(reach) {
        reach -= 1;
    }
    let head = &text[..reach];
    let first_digit = head.find(|letter: char| letter.is_ascii_digit());
    let dash = head
        .char_indices()
        .find(|(at, letter)| match letter {
            '–' | '—' | '―' | '−' => true,
            // A hyphen within a word is part of a name: Jalal-Abad.
            '-' => {
                let after = head[at + 1..].chars().next();
                let before = head[..*at].chars().next_back();
                let in_word = before.is_some_and(char::is_alphabetic)
                    && after.is_some_and(char::is_alphabetic);
                !in_word
            }
            _ => false,
        })
        .map(|(at, _)| at)?;
    let end_of_places = first_digit.filter(|digit| *digit < dash).unwrap_or(dash);
    let places_text = &head[..end_of_places];
    let mut places = Vec::new();
    for part in places_text.split(['/', ',', '(', ')']) {
        let part = part.trim();
        if part.is_empty() || dates::is_word_of_date(part) {
            continue;
        }
        if !is_place(part) {
            return None;
        }
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        places.push(start..start + part.len());
    }
    // Without a day, only capitals make an opening a dateline: "SKOPJE – ...".
    let is_in_capitals = |place: &Range<usize>| !text[place.clone()].contains(char::is_lowercase);
    if places.is_empty() || end_of_places == dash && !places.iter().any(is_in_capitals) {
        return None;
    }
    let after = &text[dash..];
    let rest = after.trim_start_matches(|it: char| it.is_whitespace() || "-–—―−".contains(it));
    Some(Dateline {
        places,
        end: text.len() - rest.len(),
    })
}

/// Whether these can be the name of a place: a few words that begin with capitals.
fn is_place(text: &str) -> bool {
    let words = || text.split_whitespace();
    words().count() <= 4
        && text.starts_with(char::is_alphabetic)
        && words().all(|word| {
            let first = word.chars().next();
            first.is_some_and(|it| !it.is_lowercase()) || matches!(word, "and" | "de" | "of" | "am")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> (Vec<&str>, &str) {
        let dateline = Dateline::find(text);
        let places = dateline.places.iter().map(|it| &text[it.clone()]);
        (places.collect(), &text[dateline.end..])
    }

    #[test]
    fn places_and_the_text_after_them_are_told_apart() {
        for (text, expected, rest) in [
            (
                "VIENNA, 31 May 2017 – The chair",
                &["VIENNA"][..],
                "The chair",
            ),
            ("HELSINKI, 1 January 2008- The", &["HELSINKI"], "The"),
            ("KYIV, 4 October 2005-- The", &["KYIV"], "The"),
            (
                "VIENNA/WARSAW, 18 July 2022 – A",
                &["VIENNA", "WARSAW"],
                "A",
            ),
            (
                "KHARKOV/STANYTSIA LUHANSKA, Ukraine, 29 November 2019 – A",
                &["KHARKOV", "STANYTSIA LUHANSKA", "Ukraine"],
                "A",
            ),
            ("SARAJEVO, 25 May – A", &["SARAJEVO"], "A"),
            ("VIENNA, 7 July 2023 — A", &["VIENNA"], "A"),
            ("Jalal-Abad, 3 March 2021 - A", &["Jalal-Abad"], "A"),
            ("THE HAGUE, November 22, 2024 – A", &["THE HAGUE"], "A"),
            ("SKOPJE – A", &["SKOPJE"], "A"),
            (
                "ISFARA (Tajikistan), 1 May 2010 – A",
                &["ISFARA", "Tajikistan"],
                "A",
            ),
        ] {
            assert_eq!(places(text), (expected.to_vec(), rest), "{text}");
        }
    }

    #[test]
    fn other_openings_have_no_places() {
        for text in [
            "Officials met in Vienna, 31 May 2017 – they agreed",
            "Thirty judges – all of them young – met",
            "Tirana – a city",
            "On 22 November 2024, 25 officials",
            "",
        ] {
            assert_eq!(places(text), (vec![], text), "{text}");
        }
    }
}
