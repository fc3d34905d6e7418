//! The words and pairs of words that a model knows, and texts as vectors over them.
//!
//! Words are looked up as they stand; only one that was never seen is stemmed, which is dear. What
//! stands in every other text says nothing and is left out: that also joins `rule of law` to the
//! pair `rule law`, in any language and without a list of small words.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::features::Features;
use super::tally::Tally;
use super::vector::Vector;
use super::words;
use crate::tag::language::Stems;
use crate::tag::{Part, Passages};

/// A word that is too common to say anything.
pub(super) const COMMON: u16 = u16::MAX;

/// What one word counts for in each part of an item, in halves: a word of the lead is worth one
/// and a half of the body's.
fn halves(part: Part) -> u32 {
    match part {
        Part::Label => 0,
        Part::Title => 6,
        Part::Lead => 3,
        Part::Body => 2,
    }
}

/// What counts of so many halves come to beside each other is looked up; above, it is calculated.
const LOOKED_UP: u32 = 128;

/// What a feature that counts so many halves comes to, before it is known how rare it is.
fn damped(halves: u32) -> f32 {
    (1.0 + halves as f32 / 2.0).ln()
}

/// Keys are hashes already.
#[derive(Debug, Clone, Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
    fn write_u32(&mut self, number: u32) {
        // Pairs of small numbers are spread over all bits.
        self.0 = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

pub(super) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Ready>>;

/// Nothing is paired with what is too common.
const NO_PAIR: u32 = pair(COMMON, COMMON);

/// One word in 2^64 has this key. It is unknown, then.
const NO_WORD: u64 = u64::MAX;

/// A vocabulary as it is kept: everything else follows from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Words {
    /// The language whose endings are taken off.
    pub(super) language: String,
    /// Every form of a word that was seen, and its feature.
    pub(super) forms: Vec<(u64, u16)>,
    /// Pairs of features that stand in a row, and theirs.
    pub(super) pairs: Vec<(u32, u16)>,
    /// For each feature: its words, and how rare it is.
    pub(super) features: Vec<(String, f32)>,
}

/// The words and pairs of words that a model knows.
pub(super) struct Vocabulary {
    words: Words,
    forms: Features<u64>,
    pairs: Features<u32>,
    stems: Option<Stems>,
    damped: [f32; LOOKED_UP as usize],
    /// How rare each feature is.
    rarities: Vec<f32>,
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Vocabulary of {} features", self.words.features.len())
    }
}

/// What a text is read into; kept between texts, so that reading allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    buffer: words::Buffer,
    row: Row,
    tally: Tally,
    /// What words that the vocabulary does not hold as they stand were found to be, by their keys.
    met: Table<u64, Option<u16>>,
}

/// Words of a text in a row. The steps of reading are taken for all of them, one step after the
/// other: where a word stands in a table has nothing to do with where the next does, and a
/// processor fetches many such places at once as long as it need not decide anything in between.
#[derive(Debug, Default)]
struct Row {
    /// The words' keys, and their bytes in the text.
    words: Vec<(u64, Range<usize>)>,
    /// What those are that are known as they stand.
    found: Vec<Option<u16>>,
    /// The features of those that are known and say something.
    features: Vec<u16>,
    /// What pairs of them are looked up by.
    pairs: Vec<u32>,
    /// The last feature; [`COMMON`] after a word that is not known.
    before: u16,
}

/// So many words are read in a row at most.
const IN_A_ROW: usize = 512;

/// So many words are remembered at most.
const REMEMBERED: usize = 16_384;

#[cfg(test)]
impl Scratch {
    /// How many bytes it holds.
    pub fn bytes(&self) -> usize {
        let of_met = size_of::<(u64, Option<u16>)>();
        let Row {
            words,
            found,
            features,
            pairs,
            ..
        } = &self.row;
        let of_row = words.capacity() * size_of::<(u64, Range<usize>)>()
            + found.capacity() * size_of::<Option<u16>>()
            + features.capacity() * size_of::<u16>()
            + pairs.capacity() * size_of::<u32>();
        self.buffer.bytes() + of_row + self.tally.bytes() + self.met.capacity() * of_met
    }
}

impl Words {
    /// How many features there are.
    pub fn len(&self) -> usize {
        self.features.len()
    }

    /// Whether every number in it is that of a feature.
    pub fn is_whole(&self) -> bool {
        let fits = |feature: u16| feature == COMMON || usize::from(feature) < self.len();
        self.len() < usize::from(COMMON)
            && self.forms.iter().all(|(_, feature)| fits(*feature))
            && self
                .pairs
                .iter()
                .all(|(_, feature)| usize::from(*feature) < self.len())
    }
}

impl Vocabulary {
    pub fn new(words: Words) -> Vocabulary {
        Vocabulary {
            forms: Features::new(&words.forms, NO_WORD),
            pairs: Features::new(&words.pairs, NO_PAIR),
            stems: Stems::of(&words.language),
            rarities: words.features.iter().map(|(_, rarity)| *rarity).collect(),
            damped: std::array::from_fn(|halves| damped(halves as u32)),
            words,
        }
    }

    pub fn words(&self) -> &Words {
        &self.words
    }

    /// How many features there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// What a word in small letters means: `None` if it is not known, nothing if it is too common
    /// to say anything, or its feature.
    pub fn meaning(&self, word: &str) -> Option<Option<u16>> {
        self.find(word)
            .map(|feature| (feature != COMMON).then_some(feature))
    }

    /// The feature of two words in a row.
    pub fn pair(&self, first: u16, second: u16) -> Option<u16> {
        self.pairs.get(pair(first, second))
    }

    /// A text as a vector of length one: each feature once, in order, by how often it stands there
    /// and how rare it is elsewhere. The scratch is one that read with this vocabulary alone.
    pub fn read(&self, passages: &Passages<'_>, scratch: &mut Scratch) -> Vector {
        let Scratch {
            buffer,
            row,
            tally,
            met,
        } = scratch;
        tally.fit(self.len());
        for (part, text) in passages.parts() {
            let halves = halves(part);
            let mut add = |feature: u16| tally.add(feature, halves);
            row.before = COMMON;
            words::each(text, buffer, |word, place| {
                row.words.push((words::key(word), place));
                if row.words.len() == IN_A_ROW {
                    self.read_row(text, row, met, &mut add);
                }
            });
            self.read_row(text, row, met, &mut add);
        }
        let mut vector = Vector::with_capacity(tally.len());
        let mut squares = 0.0;
        tally.take(|feature, halves| {
            let looked_up = self.damped.get(halves as usize).copied();
            let damped = looked_up.unwrap_or_else(|| damped(halves));
            let value = damped * self.rarities[usize::from(feature)];
            squares += value * value;
            vector.push(feature, value);
        });
        if squares > 0.0 {
            vector.scale(1.0 / squares.sqrt());
        }
        vector
    }

    /// Calls `add` with the features of a row of words of `text` and of their pairs, and empties it.
    fn read_row(
        &self,
        text: &str,
        row: &mut Row,
        met: &mut Table<u64, Option<u16>>,
        add: &mut impl FnMut(u16),
    ) {
        let Row {
            words,
            found,
            features,
            pairs,
            before,
        } = row;
        found.extend(words.iter().map(|(key, _)| self.forms.get(*key)));
        for ((key, place), found) in words.drain(..).zip(found.drain(..)) {
            match found.or_else(|| self.find_met(key, &text[place], met)) {
                Some(COMMON) => {}
                Some(feature) => {
                    features.push(feature);
                    if *before != COMMON {
                        pairs.push(pair(*before, feature));
                    }
                    *before = feature;
                }
                None => *before = COMMON,
            }
        }
        features.extend(pairs.drain(..).filter_map(|pair| self.pairs.get(pair)));
        features.drain(..).for_each(add);
    }

    fn find(&self, word: &str) -> Option<u16> {
        let known = self.forms.get(words::key(word));
        known.or_else(|| self.find_stem(word))
    }

    fn find_stem(&self, word: &str) -> Option<u16> {
        let stem = self.stems?.stem(word);
        self.forms.get(words::key(&stem))
    }

    /// What a word is that is not known as it stands, in small letters or not. It is stemmed once
    /// for many texts: names come again and again.
    fn find_met(&self, key: u64, written: &str, met: &mut Table<u64, Option<u16>>) -> Option<u16> {
        if let Some(found) = met.get(&key) {
            return *found;
        }
        let mut found = None;
        words::each(written, &mut words::Buffer::default(), |word, _| {
            found = self.find_stem(word);
        });
        if met.len() >= REMEMBERED {
            met.clear();
        }
        met.insert(key, found);
        found
    }
}

pub(super) const fn pair(first: u16, second: u16) -> u32 {
    (first as u32) << 16 | second as u32
}
