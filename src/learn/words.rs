//! A text as words: runs of letters and digits, in small letters.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

/// No word is longer; what is, is a link or a code, and is left out.
const LONGEST: usize = 64;

/// Calls `each` with every word of `text`, in small letters, and its bytes in the text. A word is
/// a run of two or more letters and digits that is not a number; `buffer` is where it is made.
pub(super) fn each(text: &str, buffer: &mut String, mut each: impl FnMut(&str, Range<usize>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // Most words are of plain letters alone.
        let run = bytes[at..].iter().position(|it| !PLAIN[usize::from(*it)]);
        let end = run.map_or(bytes.len(), |run| at + run);
        if bytes.get(end).is_none_or(u8::is_ascii) {
            if end - at > 1 && end - at <= LONGEST {
                let word = &text[at..end];
                buffer.clear();
                buffer.push_str(word);
                buffer.make_ascii_lowercase();
                let digits_only = word.bytes().all(|it| it.is_ascii_digit());
                give(buffer, digits_only, at..end, &mut each);
            }
            at = end + 1;
        } else {
            at = other(text, at, buffer, &mut each);
        }
    }
}

/// The plain letters and digits.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        plain[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    plain
};

/// Reads one word of any letters that begins at `start`, if one does; where the next may begin.
fn other(
    text: &str,
    start: usize,
    buffer: &mut String,
    each: &mut impl FnMut(&str, Range<usize>),
) -> usize {
    buffer.clear();
    let mut digits_only = true;
    for (at, character) in text[start..].char_indices() {
        match character {
            'a'..='z' => {
                buffer.push(character);
                digits_only = false;
            }
            'A'..='Z' => {
                buffer.push(character.to_ascii_lowercase());
                digits_only = false;
            }
            '0'..='9' => buffer.push(character),
            '\u{ad}' => {} // A soft hyphen only shows where a line may be broken.
            _ if !character.is_ascii() && is_of_a_word(character) => {
                buffer.extend(character.to_lowercase());
                digits_only = false;
            }
            _ => {
                give(buffer, digits_only, start..start + at, each);
                return start + at + character.len_utf8();
            }
        }
    }
    give(buffer, digits_only, start..text.len(), each);
    text.len()
}

fn give(
    buffer: &mut String,
    digits_only: bool,
    place: Range<usize>,
    each: &mut impl FnMut(&str, Range<usize>),
) {
    if !digits_only && buffer.len() > 1 && buffer.len() <= LONGEST {
        each(buffer, place);
    }
    buffer.clear();
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
        each(text, &mut String::new(), |word, place| {
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
    }
}
