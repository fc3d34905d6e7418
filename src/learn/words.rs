//! A text as words: runs of letters and digits, in small letters.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::tag::text::{PLAIN, each_run};

/// No word is longer; what is, is a link or a code, and is left out.
const LONGEST: usize = 64;

/// Texts are read in windows of some so many bytes, so that what is held does not grow with them.
const WINDOW: usize = 4_096;

/// Where words are made; kept between texts.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// A window, in small letters as far as they are plain.
    window: String,
    /// A word with other letters.
    word: String,
}

#[cfg(test)]
impl Buffer {
    /// How many bytes it holds.
    pub fn bytes(&self) -> usize {
        self.window.capacity() + self.word.capacity()
    }
}

/// Calls `each` with every word of `text`, in small letters, and its bytes in the text. A word is
/// a run of two or more letters and digits that is not a number.
pub(super) fn each(text: &str, buffer: &mut Buffer, mut each: impl FnMut(&str, Range<usize>)) {
    let mut start = 0;
    while start < text.len() {
        let window = window(&text[start..]);
        each_in(window, buffer, |word, place| {
            each(word, start + place.start..start + place.end)
        });
        start += window.len();
    }
}

/// What `text` begins with, up to a byte that is of no word.
fn window(text: &str) -> &str {
    let Some((first, rest)) = text.as_bytes().split_at_checked(WINDOW) else {
        return text;
    };
    let is_between = |byte: &u8| byte.is_ascii() && !PLAIN[usize::from(*byte)];
    let last = first.iter().rposition(is_between);
    let next = || Some(WINDOW + rest.iter().position(is_between)?);
    last.or_else(next).map_or(text, |at| &text[..=at])
}

fn each_in(text: &str, buffer: &mut Buffer, mut each: impl FnMut(&str, Range<usize>)) {
    let Buffer { window, word } = buffer;
    window.clear();
    window.push_str(text);
    window.make_ascii_lowercase();
    each_run(window.as_bytes(), |run, is_plain| {
        if !is_plain {
            let mut at = run.start;
            while at < run.end {
                at = other(&window[..run.end], at, word, &mut each);
            }
            return;
        }
        // Most words are of plain letters alone.
        if run.len() > 1 && run.len() <= LONGEST {
            let word = &window[run.clone()];
            let is_number = word.starts_with(|it: char| it.is_ascii_digit())
                && word.bytes().all(|it| it.is_ascii_digit());
            if !is_number {
                each(word, run);
            }
        }
    });
}

/// Reads one word of any letters that begins at `start`, if one does; where the next may begin.
fn other(
    text: &str,
    start: usize,
    word: &mut String,
    each: &mut impl FnMut(&str, Range<usize>),
) -> usize {
    word.clear();
    let mut digits_only = true;
    let mut end = (text.len(), text.len());
    for (at, character) in text[start..].char_indices() {
        match character {
            'a'..='z' => {
                word.push(character);
                digits_only = false;
            }
            '0'..='9' => word.push(character),
            '\u{ad}' => {} // A soft hyphen only shows where a line may be broken.
            _ if !character.is_ascii() && is_of_a_word(character) => {
                word.extend(character.to_lowercase());
                digits_only = false;
            }
            _ => {
                end = (start + at, start + at + character.len_utf8());
                break;
            }
        }
    }
    if !digits_only && word.len() > 1 && word.len() <= LONGEST {
        each(word, start..end.0);
    }
    end.1
}

fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric() || unicode_normalization::char::is_combining_mark(character)
}

/// What a word is looked up by.
pub(super) fn key(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each(text, &mut Buffer::default(), |word, place| {
            assert_eq!(text[place].to_lowercase().replace('\u{ad}', ""), word);
            found.push(word.to_owned());
        });
        found
    }

    #[test]
    fn words_are_small_letters_without_numbers_and_marks() {
        assert_eq!(
            words("TIRANA, 3 May 2023 – The OSCE’s co-operation\u{ad}s in Prishtinë: 1325b."),
            [
                "tirana",
                "may",
                "the",
                "osce",
                "co",
                "operations",
                "in",
                "prishtinë",
                "1325b"
            ]
        );
        assert!(words(" \u{2013} 42 a ").is_empty());
    }

    #[test]
    fn a_word_without_end_is_no_word() {
        assert!(words(&"x".repeat(1_000)).is_empty());
        assert!(words(&"x".repeat(3 * WINDOW)).is_empty());
        assert!(words(&"é".repeat(3 * WINDOW)).is_empty());
    }

    #[test]
    fn a_long_text_has_the_words_that_its_lines_have_and_is_read_in_pieces() {
        for line in ["Zwölf officials—", "of twelve ", "Ünter den Linden-"] {
            let mut count = 0;
            let mut buffer = Buffer::default();
            each(&line.repeat(5_000), &mut buffer, |_, _| count += 1);
            let of_line = words(line).len();
            assert_eq!(count, 5_000 * of_line, "{line}");
            assert!(buffer.bytes() < 4 * WINDOW, "{line}");
        }
    }
}
