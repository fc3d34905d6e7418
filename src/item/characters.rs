//! Which characters a string may hold, and strings of one line.
//!
//! Every string of an item passes through here, so that no writer further down has to ask
//! whether XML allows what it writes.

use std::borrow::Cow;

/// Whether a string of an item may hold this character: those of XML 1.0, section 2.2, without
/// the carriage return, which XML parsers would turn into a line feed.
fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => other >= ' ',
    }
}

/// Whether the text holds none but allowed characters.
pub(super) fn is_clean(text: &str) -> bool {
    is_plain(text.as_bytes()) || text.chars().all(is_allowed)
}

/// Whether UTF-8 of these bytes is sure to be clean and without carriage returns: control
/// characters are one byte each, and the two noncharacters begin with 0xEF, which is rare outside
/// East Asian text. Looks at all bytes alike, which takes a fraction of the time of stopping at
/// the first.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let odd = |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') | (byte == 0xEF);
    bytes
        .iter()
        .fold(0, |found, byte| found | u8::from(odd(*byte)))
        == 0
}

/// The text without the characters that XML 1.0 forbids.
pub(super) fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_clean(&text) {
        text
    } else {
        Cow::Owned(text.chars().filter(|c| is_allowed(*c)).collect())
    }
}

/// Whether a text is surely one line as readers want it: single spaces, none at its ends, no other
/// white space, and no control or forbidden characters. A quick look that takes a text for worse
/// than it is where characters begin as the rare ones do.
pub(crate) fn is_surely_one_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [.., before_last, last] = bytes else {
        return false;
    };
    // Begins all other white space, controls and noncharacters, save those after 0xE2.
    let is_odd = |byte: u8| byte < b' ' || matches!(byte, 0x7F | 0xC2 | 0xE1 | 0xE3 | 0xEF);
    let ends = bytes[0] == b' ' || *last == b' ' || is_odd(*before_last) || is_odd(*last);
    // Without a way out in the middle, the compiler looks at many bytes at once.
    let threes = bytes.iter().zip(&bytes[1..]).zip(&bytes[2..]);
    !threes.fold(ends, |found, ((first, second), third)| {
        let spaces = (*first == b' ') & (*second == b' ');
        // Of the punctuation there, only dashes, quotation marks and dots are common.
        let rare = (*first == 0xE2)
            & ((*second == 0x81) | (*second == 0x80) & ((*third < 0x90) | (*third > 0xA6)));
        found | is_odd(*first) | spaces | rare
    })
}

/// The text on one line: runs of white space become one space, those at the ends none.
pub(super) fn one_line(text: &str) -> String {
    let trimmed = text.trim();
    if is_surely_one_line(trimmed) {
        return trimmed.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    let mut space = false;
    for character in text.chars() {
        if character.is_whitespace() {
            space = !line.is_empty();
        } else if is_allowed(character) {
            if space {
                line.push(' ');
                space = false;
            }
            line.push(character);
        }
    }
    line
}

/// The greatest index up to `at` at which `text` may be cut.
pub(super) fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `text` cut to at most `limit` characters at the end of a word, with `…` where it was cut.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let Some((room, _)) = text.char_indices().nth(limit.saturating_sub(1)) else {
        return text.to_owned();
    };
    // A single endless word is cut in the middle.
    let cut = text[..end]
        .rfind(char::is_whitespace)
        .map_or(room, |at| at.min(room));
    let kept = text[..cut].trim_end_matches(|c: char| !c.is_alphanumeric() && !")]”\"".contains(c));
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_forbids_are_dropped_and_others_kept() {
        let dirty = "a\u{0}b\u{8}c\td\ne\rf\u{1F}g\u{FFFE}h\u{FFFF}i\u{7F}é😀";
        assert_eq!(clean(dirty.into()), "abc\td\nefghi\u{7F}é😀");
        assert!(matches!(clean("žluťoučký kůň\n".into()), Cow::Borrowed(_)));
    }

    #[test]
    fn one_line_folds_white_space_of_every_kind() {
        assert_eq!(one_line("  a\r\n\tb\u{A0}c \u{1} d"), "a b c d");
    }

    #[test]
    fn a_line_that_needs_no_change_is_known_at_a_glance() {
        for text in [
            "ab",
            "One “two” – three… four",
            "Élections à Tbilissi",
            "Выборы",
        ] {
            assert!(is_surely_one_line(text), "{text:?}");
        }
        for odd in [
            " ", "\t", "\n", "\u{85}", "\u{A0}", "\u{1680}", "\u{2003}", "\u{2028}", "\u{202F}",
            "\u{205F}", "\u{3000}", "\u{0}", "\u{7F}", "\u{FFFE}",
        ] {
            for text in [format!("{odd}ab"), format!("a{odd} b"), format!("ab{odd}")] {
                assert!(!is_surely_one_line(&text), "{text:?}");
            }
        }
        for short in ["", "a", "é"] {
            assert_eq!(one_line(short), short);
        }
    }

    #[test]
    fn shortening_ends_at_a_word_and_says_so() {
        assert_eq!(shorten("one two three", 13), "one two three");
        assert_eq!(shorten("one two, three four", 12), "one two…");
        assert_eq!(shorten(&"x".repeat(50), 10).chars().count(), 10);
        assert_eq!(shorten("ééé ééé ééé", 8), "ééé ééé…");
    }
}
