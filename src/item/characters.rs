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
    let odd = |byte: u8| (byte < 0x20 && byte != b'\t' && byte != b'\n') || byte == 0xEF;
    !bytes.iter().fold(false, |found, byte| found | odd(*byte))
}

/// The text without the characters that XML 1.0 forbids.
pub(super) fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_clean(&text) {
        text
    } else {
        Cow::Owned(text.chars().filter(|c| is_allowed(*c)).collect())
    }
}

/// The text on one line: runs of white space become one space, those at the ends none.
pub(super) fn one_line(text: &str) -> String {
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
    fn shortening_ends_at_a_word_and_says_so() {
        assert_eq!(shorten("one two three", 13), "one two three");
        assert_eq!(shorten("one two, three four", 12), "one two…");
        assert_eq!(shorten(&"x".repeat(50), 10).chars().count(), 10);
        assert_eq!(shorten("ééé ééé ééé", 8), "ééé ééé…");
    }
}
