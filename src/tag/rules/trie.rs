//! The heads of all patterns, as a tree of their letters.
//!
//! A pattern can only stand where a word begins, so that the tree is entered there alone, and not
//! where the first letters show that no head stands. How many heads it holds makes no difference.

use crate::tag::text::is_word;

/// No head ends here.
const NONE: u32 = u32::MAX;

/// The mark of a [`Place`] in which several letters lead on.
const FORK: u32 = 1 << 31;

/// A place in the tree: of a fork, where it begins in [`Trie::forks`], with the mark; of any other,
/// its number in [`Trie::lines`]. The root, which nothing leads to, is also what stands for nowhere.
type Place = u32;
const NOWHERE: Place = 0;

/// Heads by number, to be found at a place of a text.
#[derive(Debug, Clone)]
pub(super) struct Trie {
    /// Where the first byte of a head leads.
    first: Box<[Place; 256]>,
    /// The number of each byte among those that heads are of; 0 for all others.
    letters: Box<[u8; 256]>,
    /// For each fork, the head that ends there, and where each letter leads, in the order of their
    /// numbers.
    forks: Vec<u32>,
    lines: Vec<Line>,
    openings: Openings,
    /// Whether any head begins with what is of no word: `#metoo`.
    marks: bool,
}

/// How heads open, which is small enough to stay where a processor has it at hand: most words of a
/// text begin as no head does.
#[derive(Debug, Clone)]
struct Openings {
    /// The first three letters of texts that begin with a head of one to three.
    short: Bits,
    /// The first four letters of heads of four or five.
    middle: Bits,
    /// The first six letters of longer heads.
    long: Bits,
}

/// A set of numbers.
type Bits = Box<[u64; (1 << NUMBER_BITS) / 64]>;

/// How large numbers in [`Bits`] are.
const NUMBER_BITS: u32 = 15;

fn holds(bits: &Bits, number: usize) -> bool {
    bits[number / 64] >> (number % 64) & 1 == 1
}

fn add(bits: &mut Bits, number: usize) {
    bits[number / 64] |= 1 << (number % 64);
}

/// What stands for three letters: the bits of each that tell it from most others.
fn number_of_three([first, second, third]: [u8; 3]) -> usize {
    let bits = |letter: u8| usize::from(letter % SOME);
    (bits(first) << 5 | bits(second)) << 5 | bits(third)
}

/// So many letters are told apart where it need not be certain.
const SOME: u8 = 1 << 5;

/// What stands for the first so many letters of eight, at most seven.
fn number_of(letters: [u8; 8], count: u32) -> usize {
    let these = u64::from_be_bytes(letters) >> (u64::BITS - 8 * count);
    let mixed = these.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - NUMBER_BITS)) as usize
}

impl Openings {
    fn new(heads: &[String]) -> Openings {
        let mut openings = Openings {
            short: Box::new([0; _]),
            middle: Box::new([0; _]),
            long: Box::new([0; _]),
        };
        for head in heads.iter().map(|head| head.as_bytes()) {
            let mut letters = [0; 8];
            let length = head.len().min(letters.len());
            letters[..length].copy_from_slice(&head[..length]);
            match length {
                6.. => add(&mut openings.long, number_of(letters, 6)),
                4.. => add(&mut openings.middle, number_of(letters, 4)),
                _ => openings.add_short(head),
            }
        }
        openings
    }

    /// Adds a head of one to three letters. After it anything may stand.
    fn add_short(&mut self, head: &[u8]) {
        let letters = |at: usize| match head.get(at) {
            Some(letter) => *letter..=*letter,
            None => 0..=SOME - 1,
        };
        for second in letters(1) {
            for third in letters(2) {
                let number = number_of_three([head[0], second, third]);
                add(&mut self.short, number);
            }
        }
    }

    /// Whether a head may stand where these letters do.
    fn hold(&self, letters: [u8; 8]) -> bool {
        let [first, second, third, ..] = letters;
        holds(&self.short, number_of_three([first, second, third]))
            | holds(&self.middle, number_of(letters, 4))
            | holds(&self.long, number_of(letters, 6))
    }
}

/// A place in which at most one byte leads on.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// The head that ends here.
    head: u32,
    byte: u8,
    target: Place,
}

/// Heads that begin alike, to be put below a place.
struct Branch<'h> {
    heads: &'h [(&'h [u8], u32)],
    /// How many letters they have in common.
    depth: usize,
    /// Where the place they go to is noted.
    from: From,
}

/// What leads to a place.
enum From {
    First(u8),
    Fork(usize),
    Line(usize),
}

impl Trie {
    /// The tree of some heads, each once and none empty, numbered in their order.
    pub(super) fn new(heads: &[String]) -> Trie {
        let mut sorted: Vec<(&[u8], u32)> = heads.iter().map(String::as_bytes).zip(0..).collect();
        sorted.sort_unstable();
        let (letters, width) = letters(heads);
        let mut trie = Trie {
            first: Box::new([NOWHERE; 256]),
            letters: Box::new(letters),
            forks: Vec::new(),
            lines: vec![Line::END],
            openings: Openings::new(heads),
            marks: heads.iter().any(|head| !head.starts_with(is_word)),
        };
        let mut left: Vec<Branch<'_>> = sorted
            .chunk_by(|one, other| one.0[0] == other.0[0])
            .map(|heads| Branch {
                heads,
                depth: 1,
                from: From::First(heads[0].0[0]),
            })
            .collect();
        while let Some(branch) = left.pop() {
            trie.grow(&branch, width, &mut left);
        }
        trie
    }

    /// Adds the place of a branch, and leaves what is below it for later.
    fn grow<'h>(&mut self, branch: &Branch<'h>, width: usize, left: &mut Vec<Branch<'h>>) {
        let (mut heads, depth) = (branch.heads, branch.depth);
        let mut ends = NONE;
        if let Some(((head, number), rest)) = heads.split_first()
            && head.len() == depth
        {
            (ends, heads) = (*number, rest);
        }
        let groups = || heads.chunk_by(move |one, other| one.0[depth] == other.0[depth]);
        let is_fork = groups().nth(1).is_some();
        let place = if is_fork {
            let start = self.forks.len();
            self.forks.resize(start + width, NOWHERE);
            self.forks[start] = ends;
            for heads in groups() {
                let letter = self.letters[usize::from(heads[0].0[depth])];
                let from = From::Fork(start + usize::from(letter));
                left.push(Branch {
                    heads,
                    depth: depth + 1,
                    from,
                });
            }
            start as u32 | FORK
        } else {
            let line = self.lines.len();
            self.lines.push(Line {
                head: ends,
                ..Line::END
            });
            for heads in groups() {
                self.lines[line].byte = heads[0].0[depth];
                let from = From::Line(line);
                left.push(Branch {
                    heads,
                    depth: depth + 1,
                    from,
                });
            }
            line as u32
        };
        match branch.from {
            From::First(byte) => self.first[usize::from(byte)] = place,
            From::Fork(at) => self.forks[at] = place,
            From::Line(line) => self.lines[line].target = place,
        }
    }

    /// Whether any head begins with what is of no word, so that it can stand anywhere.
    pub(super) fn begin_with_marks(&self) -> bool {
        self.marks
    }

    /// Whether a head may stand in `text` at `start`, by its first letters; quickly told.
    pub(super) fn may_stand(&self, text: &[u8], start: usize) -> bool {
        let letters = text[start..].first_chunk();
        letters.is_none_or(|letters| self.openings.hold(*letters))
    }

    /// Calls `found` with every head that stands in `text` at `start`, and where it ends; the
    /// shortest first.
    pub(super) fn each(&self, text: &[u8], start: usize, mut found: impl FnMut(usize, usize)) {
        let mut at = (self.first[usize::from(text[start])], start + 1);
        while at.0 != NOWHERE
            && let Some(head) = self.next_head(text, &mut at)
        {
            found(head as usize, at.1 - 1);
        }
    }

    /// Goes on from a place, with what is at a byte of the text, to the next place in which a head
    /// ends, and beyond it. Apart from what becomes of heads, so that the compiler sees how little
    /// this is.
    #[inline(never)]
    fn next_head(&self, text: &[u8], at: &mut (Place, usize)) -> Option<u32> {
        let (mut place, mut end) = *at;
        while place != NOWHERE {
            let byte = text.get(end).copied();
            end += 1;
            let (head, next) = if place & FORK != 0 {
                let fork = &self.forks[(place & !FORK) as usize..];
                // No head has a letter of the number 0, where the fork's own head stands.
                let letter = byte.map_or(0, |byte| self.letters[usize::from(byte)]);
                let next = match letter {
                    0 => NOWHERE,
                    letter => fork[usize::from(letter)],
                };
                (fork[0], next)
            } else {
                let line = &self.lines[place as usize];
                let is_it = byte == Some(line.byte);
                (line.head, if is_it { line.target } else { NOWHERE })
            };
            place = next;
            if head != NONE {
                *at = (place, end);
                return Some(head);
            }
        }
        None
    }
}

impl Line {
    const END: Line = Line {
        head: NONE,
        byte: 0,
        target: NOWHERE,
    };
}

/// The bytes that heads are of, numbered from 1 on, and how many numbers there are. There are
/// fewer of them than bytes: some stand in no text.
fn letters(heads: &[String]) -> ([u8; 256], usize) {
    let mut letters = [0; 256];
    for byte in heads.iter().flat_map(|head| head.bytes()) {
        letters[usize::from(byte)] = 1;
    }
    let mut count = 0_u8;
    for letter in letters.iter_mut().filter(|letter| **letter == 1) {
        count += 1;
        *letter = count;
    }
    (letters, usize::from(count) + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_head_that_a_text_begins_with_is_found_and_no_other(
            heads in proptest::collection::btree_set("[ab é]{1,9}", 0..12),
            text in "[ab é]{0,12}",
            first: prop::sample::Index,
        ) {
            // Half of the texts are sure to begin with a head.
            let head = heads.iter().nth(first.index(2 * heads.len() + 1));
            let text = head.map_or("", String::as_str).to_owned() + &text;
            let heads: Vec<String> = heads.into_iter().rev().collect();
            let trie = Trie::new(&heads);
            let mut found = Vec::new();
            let begins = heads.iter().zip(0..).filter(|(head, _)| text.starts_with(*head));
            if !text.is_empty() {
                let may_stand = trie.may_stand(text.as_bytes(), 0);
                prop_assert!(may_stand || begins.clone().next().is_none());
                trie.each(text.as_bytes(), 0, |head, end| {
                    assert_eq!(&text[..end], heads[head]);
                    found.push(head);
                });
            }
            let expected: BTreeSet<usize> = begins.map(|(_, number)| number).collect();
            prop_assert_eq!(found.len(), expected.len());
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }
}
