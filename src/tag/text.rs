//! A text made ready for keywords: small letters, one space where there is any white space or a
//! hyphen, straight apostrophes. Every place in it leads back to the text as it stands.

use std::ops::Range;

/// A folded text and the way back.
#[derive(Debug, Clone, Default)]
pub(super) struct Folded {
    /// The text that keywords are looked for in.
    pub(super) text: String,
    /// Where the two texts drift apart: from the first offset (folded) on, bytes correspond one
    /// to one to those from the second (source) on, until the next pair.
    shifts: Vec<(usize, usize)>,
}

impl Folded {
    pub(super) fn new(source: &str) -> Folded {
        let mut folded = Folded {
            text: String::with_capacity(source.len()),
            shifts: Vec::new(),
        };
        for (at, character) in source.char_indices() {
            let before = folded.text.len();
            folded.push(character);
            let grown = folded.text.len() - before;
            if grown != character.len_utf8() {
                let next = at + character.len_utf8();
                folded.shifts.push((folded.text.len(), next));
            }
        }
        folded
    }

    fn push(&mut self, character: char) {
        match character {
            'a'..='z' | '0'..='9' => self.text.push(character),
            'A'..='Z' => self.text.push(character.to_ascii_lowercase()),
            '\u{ad}' => {} // A soft hyphen only shows where a line may be broken.
            '-' | '\u{2010}' | '\u{2011}' => self.push_space(),
            '\u{2019}' | '\u{2bc}' => self.text.push('\''),
            _ if character.is_whitespace() => self.push_space(),
            _ => self.text.extend(character.to_lowercase()),
        }
    }

    fn push_space(&mut self) {
        if !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    /// The bytes of the source that the folded bytes `range` were made from.
    pub(super) fn in_source(&self, range: Range<usize>) -> Range<usize> {
        self.source_offset(range.start)..self.source_offset(range.end)
    }

    fn source_offset(&self, folded: usize) -> usize {
        let after = self.shifts.partition_point(|(at, _)| *at <= folded);
        match after.checked_sub(1).and_then(|last| self.shifts.get(last)) {
            Some((at, source)) => source + (folded - at),
            None => folded,
        }
    }

    /// Whether `range` begins and ends where a word does. An end that is itself no letter or
    /// digit (`U.S.`) may stand anywhere.
    pub(super) fn is_whole_words(&self, range: Range<usize>) -> bool {
        let (before, within, after) = (
            &self.text[..range.start],
            &self.text[range.clone()],
            &self.text[range.end..],
        );
        let inside = |outer: Option<char>, inner: Option<char>| {
            outer.is_some_and(is_word) && inner.is_some_and(is_word)
        };
        !inside(before.chars().next_back(), within.chars().next())
            && !inside(after.chars().next(), within.chars().next_back())
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || unicode_normalization::char::is_combining_mark(character)
}
