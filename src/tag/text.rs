//! A text made ready for keywords: small letters without accents, one space where there is any
//! white space or a hyphen, `and` for `&`, straight apostrophes, a line break between paragraphs.
//! Every place in it leads back to the text as it stands.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Which bytes are plain letters and digits, of which most words are.
pub(crate) static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        plain[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    plain
};

/// So many bytes are looked at before it is gone from run to run: then nothing depends on where one
/// of them ends.
const BLOCK: usize = 64;

/// Calls `each` with every longest run of bytes that are plain letters and digits or of other
/// characters than ASCII's, in order, and with whether all of it is plain.
pub(crate) fn each_run(bytes: &[u8], mut each: impl FnMut(Range<usize>, bool)) {
    let mut start = 0_usize;
    let mut is_plain = true;
    let mut inside = false;
    for (number, block) in bytes.chunks(BLOCK).enumerate() {
        let (plain, beyond) = match block.first_chunk() {
            Some(block) => bits(block),
            None => {
                let mut filled = [b' '; BLOCK];
                filled[..block.len()].copy_from_slice(block);
                bits(&filled)
            }
        };
        let runs = plain | beyond;
        let first = number * BLOCK;
        each_bit(runs ^ (runs << 1 | u64::from(inside)), |bit| {
            if inside {
                let of_run = beyond & !(u64::MAX << bit) & u64::MAX << start.saturating_sub(first);
                each(start..first + bit, is_plain & (of_run == 0));
            } else {
                start = first + bit;
                is_plain = true;
            }
            inside = !inside;
        });
        if inside {
            is_plain &= beyond & u64::MAX << start.saturating_sub(first) == 0;
        }
    }
    if inside {
        each(start..bytes.len(), is_plain);
    }
}

/// Which bytes of a block are plain letters and digits, and which are beyond ASCII; the first is
/// the lowest bit.
fn bits(block: &[u8; BLOCK]) -> (u64, u64) {
    // Brings the top bits of eight bytes together; none of the products meets another.
    let gathered = |tops: u64| (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (mut plain, mut beyond) = (0, 0);
    let (eights, _) = block.as_chunks();
    for (place, eight) in eights.iter().enumerate() {
        let bytes = u64::from_le_bytes(*eight);
        plain |= gathered(!others(bytes) & TOP) << (8 * place);
        beyond |= gathered(bytes & TOP) << (8 * place);
    }
    (plain, beyond)
}

/// Calls `each` with the numbers of the bits that are set, in order.
pub(crate) fn each_bit(mut bits: u64, mut each: impl FnMut(usize)) {
    while bits != 0 {
        each(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The top bits of eight bytes.
const TOP: u64 = eight(0x80);

const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The top bit of each of eight bytes that is no plain letter or digit.
fn others(bytes: u64) -> u64 {
    // Without their top bits, bytes can be added to without one reaching into the next: the sum's
    // top bit tells whether a byte is at least what the number lacks to 0x80.
    let low = bytes & !TOP;
    let small = low | eight(0x20);
    let letters = (small + eight(0x80 - b'a')) & !(small + eight(0x7f - b'z'));
    let digits = (low + eight(0x80 - b'0')) & !(low + eight(0x7f - b'9'));
    (bytes | !(letters | digits)) & TOP
}

/// A folded text and the way back.
#[derive(Debug, Clone, Default)]
pub(super) struct Folded {
    /// The text that keywords are looked for in.
    pub(super) text: String,
    /// Where the two texts drift apart: from the first offset (folded) on, bytes correspond one
    /// to one to those from the second (source) on, until the next pair.
    shifts: Vec<(usize, usize)>,
}

/// The folded form of the bytes that stay one byte whatever stands around them; 0 for all others.
static SMALL: [u8; 256] = {
    let mut small = [0; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        let stays = !byte.is_ascii_whitespace() && !matches!(byte, b'-' | b'&' | 0x0b);
        if stays {
            small[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    small
};

/// Texts are looked at in pieces of so many bytes, most of which fold to themselves in small
/// letters.
const PIECE: usize = 16;

/// Whether a piece, and the byte after it, is of single spaces and what stays as it is but for
/// capitals. Looks at all bytes alike, which a processor does at once.
fn is_plain(piece: &[u8; PIECE + 1]) -> bool {
    let mut odd = false;
    for (byte, next) in piece.iter().zip(&piece[1..]) {
        odd |= !(b' '..0x80).contains(byte)
            | (*byte == b'-')
            | (*byte == b'&')
            | (*byte == b' ') & (*next == b' ');
    }
    !odd
}

impl Folded {
    pub(super) fn new(source: &str) -> Folded {
        let mut folded = Folded {
            text: String::with_capacity(source.len()),
            shifts: Vec::with_capacity(source.len() / 64),
        };
        let mut at = 0;
        while at < source.len() {
            at += folded.push_run(&source[at..]);
            // In the piece that comes next something is odd.
            let piece = source.len().min(at + PIECE);
            while at < piece {
                at += folded.push_next(source, at);
            }
        }
        folded
    }

    /// Adds what the source has at `at`, and gives its length.
    fn push_next(&mut self, source: &str, at: usize) -> usize {
        let small = SMALL[usize::from(source.as_bytes()[at])];
        if small != 0 {
            self.text.push(char::from(small));
            return 1;
        }
        let mut characters = source[at..].chars();
        let Some(character) = characters.next() else {
            return 1;
        };
        let before = self.text.len();
        let mut length = character.len_utf8();
        match character {
            ' ' | '-' => self.push_space(),
            '&' => {
                self.push_space();
                self.text.push_str("and ");
            }
            '\r' => {}
            '\n' => {
                // A line that is followed by an empty one ends a paragraph.
                let mut ends = false;
                for space in characters.take_while(|it| it.is_whitespace()) {
                    length += space.len_utf8();
                    ends |= space == '\n';
                }
                match ends {
                    true => self.push_break(),
                    false => self.push_space(),
                }
            }
            _ => self.push(character),
        }
        if self.text.len() != before + length {
            self.shifts.push((self.text.len(), at + length));
        }
        length
    }

    /// Adds the plain pieces that `rest` begins with, and gives their length.
    fn push_run(&mut self, rest: &str) -> usize {
        if rest.starts_with(' ') && self.text.ends_with([' ', '\n']) {
            return 0;
        }
        let mut run = 0;
        while let Some(piece) = rest.as_bytes()[run..].first_chunk()
            && is_plain(piece)
        {
            run += PIECE;
        }
        let start = self.text.len();
        self.text.push_str(&rest[..run]);
        self.text[start..].make_ascii_lowercase();
        run
    }

    fn push(&mut self, character: char) {
        match character {
            '\u{ad}' => {} // A soft hyphen only shows where a line may be broken.
            '\u{2010}' | '\u{2011}' => self.push_space(),
            '\u{2019}' | '\u{2bc}' => self.text.push('\''),
            _ if character.is_ascii() => match character.is_whitespace() {
                true => self.push_space(),
                false => self.text.push(character),
            },
            // Accents of Latin letters are left out; in other scripts they make other letters.
            '\u{300}'..='\u{36f}' => {
                if !self.text.ends_with(|it: char| it.is_ascii_alphabetic()) {
                    self.text.push(character);
                }
            }
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                for part in character.nfd().filter(|part| !is_combining_mark(*part)) {
                    match part {
                        'ı' => self.text.push('i'),
                        'ł' | 'Ł' => self.text.push('l'),
                        'đ' | 'Đ' => self.text.push('d'),
                        'ø' | 'Ø' => self.text.push('o'),
                        _ => self.text.extend(part.to_lowercase()),
                    }
                }
            }
            _ if character.is_whitespace() => self.push_space(),
            _ => self.text.extend(character.to_lowercase()),
        }
    }

    fn push_space(&mut self) {
        if !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn push_break(&mut self) {
        if self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.ends_with('\n') {
            self.text.push('\n');
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

    /// Whether no word goes on across the byte `at`.
    pub(super) fn is_boundary(&self, at: usize) -> bool {
        let (before, after) = self.text.split_at(at);
        let inside = |side: Option<char>| side.is_some_and(is_word);
        !(inside(before.chars().next_back()) && inside(after.chars().next()))
    }

    /// The end of the word that goes on at the byte `at`.
    pub(super) fn word_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
    }

    /// Calls `each` with every place at which a word begins, and at which any other character
    /// stands if `marks`; in order.
    pub(super) fn each_start(&self, marks: bool, mut each: impl FnMut(usize)) {
        if marks {
            return self.each_start_in(0..self.text.len(), true, &mut each);
        }
        each_run(self.text.as_bytes(), |run, is_plain| match is_plain {
            true => each(run.start),
            false => self.each_start_in(run, false, &mut each),
        });
    }

    fn each_start_in(&self, bytes: Range<usize>, marks: bool, each: &mut impl FnMut(usize)) {
        let mut inside = false;
        for (at, character) in self.text[bytes.clone()].char_indices() {
            let is_word = is_word(character);
            if is_word && !inside || !is_word && marks {
                each(bytes.start + at);
            }
            inside = is_word;
        }
    }

    /// Whether at most `most` words stand between the bytes `from` and `to`, without the end of a
    /// paragraph among them.
    pub(super) fn are_near(&self, from: usize, to: usize, most: u32) -> bool {
        let between = self.text[from..to].bytes();
        let mut words = 0;
        let mut inside = false;
        for byte in between {
            if byte == b'\n' {
                return false;
            }
            let is_space = byte == b' ';
            if !is_space && !inside && byte.is_ascii_punctuation() {
                continue;
            }
            words += u32::from(!is_space && !inside);
            inside = !is_space;
            if words > most {
                return false;
            }
        }
        true
    }
}

pub(super) fn is_word(character: char) -> bool {
    match character.is_ascii() {
        true => character.is_ascii_alphanumeric(),
        false => character.is_alphanumeric() || is_combining_mark(character),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_but_plain_letters_and_digits_ends_a_run_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut bytes = [b"azAZ09qQ5r".as_slice(); 2].concat();
                bytes[at] = byte;
                let mut runs = Vec::new();
                each_run(&bytes, |run, is_plain| runs.push((run, is_plain)));
                let expected = match byte {
                    _ if byte.is_ascii_alphanumeric() => vec![(0..20, true)],
                    0x80.. => vec![(0..20, false)],
                    _ => vec![(0..at, true), (at + 1..20, true)],
                };
                let expected = expected.into_iter().filter(|(run, _)| !run.is_empty());
                assert_eq!(runs, expected.collect::<Vec<_>>(), "{byte:#x} at {at}");
            }
        }
        each_run(b"", |_, _| unreachable!());
    }

    proptest! {
        #[test]
        fn runs_end_where_ascii_that_is_no_letter_and_no_digit_stands(
            text in "([a-z0-9]{1,90}|[ .,]{1,2}|[a-z ]{60}|é|ж|–){0,40}",
        ) {
            let mut found = Vec::new();
            each_run(text.as_bytes(), |run, is_plain| found.push((run, is_plain)));
            let runs = text.split(|it: char| it.is_ascii() && !it.is_ascii_alphanumeric());
            let expected: Vec<_> = runs
                .filter(|run| !run.is_empty())
                .map(|run| {
                    let start = run.as_ptr() as usize - text.as_ptr() as usize;
                    (start..start + run.len(), run.is_ascii())
                })
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn words_begin_where_they_do_letter_by_letter(
            text in "([a-z0-9]{1,12}[ .,]{1,2}|[a-z ]{60}|é|ж| “|\u{301}|\n){0,40}",
            marks: bool,
        ) {
            let folded = Folded { text, shifts: Vec::new() };
            let mut found = Vec::new();
            folded.each_start(marks, |at| found.push(at));
            let places = folded.text.char_indices().filter(|(at, character)| {
                let before = folded.text[..*at].chars().next_back();
                match is_word(*character) {
                    true => !before.is_some_and(is_word),
                    false => marks,
                }
            });
            prop_assert_eq!(found, places.map(|(at, _)| at).collect::<Vec<_>>());
        }

        #[test]
        fn a_text_folds_alike_in_runs_and_letter_by_letter(
            text in "([a-zA-Z]{1,9}|[ ]{1,2}|[-&\\r\n\t]|é|’|\u{ad}|\u{301}|\u{a0}|\u{1}| [A-Z][a-z ]{30}){0,20}",
        ) {
            let mut slow = Folded::default();
            let mut at = 0;
            while at < text.len() {
                at += slow.push_next(&text, at);
            }
            let fast = Folded::new(&text);
            prop_assert_eq!(fast.text, slow.text);
            prop_assert_eq!(fast.shifts, slow.shifts);
        }
    }
}
