//! Text as every feed format may carry it.
//!
//! The last door before the writers: neither `rss` nor `atom_syndication` drops the characters
//! that XML 1.0 forbids, and one of them makes the whole feed unreadable. All three formats pass
//! their text through here, JSON too, so that they agree to the character.

use std::borrow::Cow;

use crate::item::is_surely_one_line;

/// One line of plain text: runs of white space become one space, the ends are trimmed, other
/// control characters are dropped. A no-break space within the text stays what it is.
///
/// Attributes need this most: an XML reader turns their line breaks into spaces (XML 1.0,
/// section 3.3.3), and the formats would disagree.
pub fn line(text: &str) -> Cow<'_, str> {
    if is_surely_one_line(text) {
        return Cow::Borrowed(text);
    }
    let is_clean = !text.contains("  ")
        && text.trim().len() == text.len()
        && !text.contains(|c| c != ' ' && (is_space(c) || is_dropped(c)));
    if is_clean {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars().filter(|c| !is_dropped(*c)) {
        if !is_space(character) {
            cleaned.push(character);
        } else if !cleaned.ends_with(' ') {
            cleaned.push(' ');
        }
    }
    Cow::Owned(cleaned.trim().to_owned())
}

/// Text of many lines, or HTML: what XML 1.0 forbids and controls are dropped, line breaks become
/// `\n` (an XML reader would make them so: XML 1.0, section 2.11), the ends are trimmed.
pub fn block(text: &str) -> Cow<'_, str> {
    // 0xEF begins U+FFFE and U+FFFF, and little else that is common.
    let is_suspect = |byte: u8| (byte < b' ' && byte != b'\n' && byte != b'\t') || byte == 0xEF;
    // Without a way out in the middle, the compiler looks at many bytes at once.
    let is_suspicious = text
        .bytes()
        .fold(false, |found, byte| found | is_suspect(byte));
    if !is_suspicious && !has_late_controls(text) {
        return Cow::Borrowed(text.trim());
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\r' {
            characters.next_if_eq(&'\n');
            cleaned.push('\n');
        } else if !is_forbidden(character) && !LATE_CONTROLS.contains(&character) {
            cleaned.push(character);
        }
    }
    Cow::Owned(cleaned.trim().to_owned())
}

/// Controls that XML allows and nobody means: letters of Windows-1252 that were read as Latin-1.
const LATE_CONTROLS: std::ops::RangeInclusive<char> = '\u{80}'..='\u{9f}';

fn has_late_controls(text: &str) -> bool {
    let bytes = text.as_bytes();
    // 0xC2 begins U+00A0 to U+00BF as well, whose second byte is higher.
    memchr::memchr_iter(0xC2, bytes).any(|at| bytes.get(at + 1).is_some_and(|byte| *byte < 0xA0))
}

/// Plain text as HTML text.
pub fn html(text: &str) -> Cow<'_, str> {
    quick_xml::escape::partial_escape(text)
}

/// Whether XML 1.0 (section 2.2, `Char`) forbids the character in any form, even as a reference.
fn is_forbidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}'
    )
}

/// White space that a line has no use for: all that breaks lines or columns, and the space.
fn is_space(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Characters that a line must not have and that divide no words.
fn is_dropped(character: char) -> bool {
    !is_space(character) && (character.is_control() || is_forbidden(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_text_is_not_copied() {
        for text in ["", "Élections à Tbilissi", "عنوان", "5\u{a0}000 👩‍🚒"] {
            assert!(matches!(line(text), Cow::Borrowed(_)), "{text:?}");
            assert!(matches!(block(text), Cow::Borrowed(_)), "{text:?}");
        }
        assert!(matches!(block("<p>a</p>\n\t<p>b</p>"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_line_has_single_spaces_and_no_controls() {
        assert_eq!(line(" a \r\n\t b\u{b}c\u{2028}d "), "a b c d");
        assert_eq!(
            line("\0a\u{1b}[31mb\u{7f}\u{9b}\u{fffe}c\u{ffff}"),
            "a[31mbc"
        );
        assert_eq!(line(" \u{0} "), "");
    }

    #[test]
    fn a_block_keeps_its_lines_and_loses_what_xml_forbids() {
        assert_eq!(block("\r\na\r\n\tb\rc\n\n"), "a\n\tb\nc");
        assert_eq!(block("a\u{8}\u{c}\u{fffe}b\u{ffff}\u{1f}"), "ab");
        assert_eq!(block("\u{93}a\u{94}\u{a0}b"), "a\u{a0}b");
        // Neighbours of the forbidden ones stay.
        assert_eq!(block("ｆｕｌｌ \u{fffd}\r."), "ｆｕｌｌ \u{fffd}\n.");
    }
}
