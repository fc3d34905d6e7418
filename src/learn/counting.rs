//! A vocabulary made of the texts of an archive: the words and pairs of words that stand in enough of
//! them.

use std::collections::{BTreeMap, HashMap};

use super::vocabulary::{COMMON, Table, Vocabulary, Words, pair};
use super::words;
use crate::tag::Passages;
use crate::tag::language::Stems;

/// The most words of a vocabulary, and the most pairs.
const MOST_WORDS: usize = 24_000;
const MOST_PAIRS: usize = 40_000;

/// Counts in how many texts words stand, to make a [`Vocabulary`] of them.
pub(super) struct Counting {
    language: String,
    stems: Option<Stems>,
    texts: u32,
    /// The number of each form's stem.
    forms: HashMap<Box<str>, u32>,
    numbers: HashMap<Box<str>, u32>,
    /// By the number of a stem: in how many texts it stands, and in which it stood last.
    counts: Vec<(u32, u32)>,
}

impl Counting {
    pub fn new(language: &str) -> Counting {
        Counting {
            language: language.to_owned(),
            stems: Stems::of(language),
            texts: 0,
            forms: HashMap::new(),
            numbers: HashMap::new(),
            counts: Vec::new(),
        }
    }

    /// Counts one text, and gives it as the numbers of its words.
    pub fn add(&mut self, passages: &Passages<'_>) -> Vec<Vec<u32>> {
        self.texts += 1;
        let mut buffer = words::Buffer::default();
        passages
            .parts()
            .map(|(_, text)| {
                let mut numbers = Vec::new();
                words::each(text, &mut buffer, |word, _| numbers.push(self.number(word)));
                for number in &numbers {
                    let (count, last) = &mut self.counts[*number as usize];
                    if *last != self.texts {
                        (*count, *last) = (*count + 1, self.texts);
                    }
                }
                numbers
            })
            .to_vec()
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.forms.get(word) {
            return *number;
        }
        let stem = match &self.stems {
            Some(stems) => stems.stem(word),
            None => word.into(),
        };
        let next = self.counts.len() as u32;
        let number = match self.numbers.get(&*stem) {
            Some(number) => *number,
            None => {
                self.numbers.insert(stem.as_ref().into(), next);
                self.counts.push((0, 0));
                next
            }
        };
        self.forms.insert(word.into(), number);
        number
    }

    /// The vocabulary of what was counted; `texts` are the same texts, as [`Counting::add`] gave
    /// them. `always` are words that are taken in however rare they are, `most` is the most features.
    pub fn finish<'t>(
        self,
        texts: impl Iterator<Item = &'t Vec<Vec<u32>>>,
        always: &[String],
        most: usize,
    ) -> Vocabulary {
        let mut counting = self;
        let mut wanted = Vec::new();
        let mut buffer = words::Buffer::default();
        for text in always {
            words::each(text, &mut buffer, |word, _| {
                wanted.push(counting.number(word))
            });
        }
        let Counting {
            language,
            texts: count,
            forms,
            numbers,
            counts,
            ..
        } = counting;
        let rarest = if count < 2_000 { 2 } else { 3 };
        let most_words = MOST_WORDS.min(most);
        let is_common = |number: u32| count > 20 && counts[number as usize].0 > count / 2;
        // The most frequent words, then the first in the alphabet: the same whatever the order.
        let mut stems: Vec<(&str, u32)> = numbers
            .iter()
            .map(|(stem, number)| (&**stem, *number))
            .collect();
        stems.sort_unstable_by(|(a, x), (b, y)| {
            counts[*y as usize]
                .0
                .cmp(&counts[*x as usize].0)
                .then_with(|| a.cmp(b))
        });
        let mut asked = vec![false; counts.len()];
        for number in wanted {
            asked[number as usize] = true;
        }
        let mut features: Vec<(String, f32)> = Vec::new();
        let rarity = |found: u32| ((1.0 + count as f32) / (1.0 + found as f32)).ln() + 0.1;
        let mut feature_of: Vec<Option<u16>> = vec![None; counts.len()];
        for (stem, number) in stems {
            let found = counts[number as usize].0;
            if is_common(number) {
                feature_of[number as usize] = Some(COMMON);
            } else if (found >= rarest || asked[number as usize]) && features.len() < most_words {
                feature_of[number as usize] = Some(features.len() as u16);
                features.push((stem.to_owned(), rarity(found)));
            }
        }
        let mut pairs = pairs(texts, &feature_of, rarest);
        pairs.truncate(most.saturating_sub(features.len()));
        let mut kept = Vec::with_capacity(pairs.len());
        for ((first, second), found) in pairs {
            kept.push((pair(first, second), features.len() as u16));
            let name = format!(
                "{} {}",
                features[usize::from(first)].0,
                features[usize::from(second)].0
            );
            features.push((name, rarity(found)));
        }
        let known = |number: &u32| feature_of[*number as usize];
        let of_forms = forms
            .iter()
            .filter_map(|(form, number)| Some((words::key(form), known(number)?)));
        let mut all: BTreeMap<u64, u16> = of_forms.collect();
        for (stem, number) in &numbers {
            if let Some(feature) = known(number) {
                all.entry(words::key(stem)).or_insert(feature);
            }
        }
        Vocabulary::new(Words {
            language,
            forms: all.into_iter().collect(),
            pairs: kept,
            features,
        })
    }
}

/// The pairs of features that stand in at least `rarest` texts, most frequent first.
fn pairs<'t>(
    texts: impl Iterator<Item = &'t Vec<Vec<u32>>>,
    feature_of: &[Option<u16>],
    rarest: u32,
) -> Vec<((u16, u16), u32)> {
    let mut counts: Table<u32, (u32, u32)> = Table::default();
    for (text, parts) in (1u32..).zip(texts) {
        for part in parts {
            let mut before = COMMON;
            for number in part {
                match feature_of[*number as usize] {
                    None => before = COMMON,
                    Some(COMMON) => {}
                    Some(feature) => {
                        if before != COMMON {
                            let (count, last) = counts.entry(pair(before, feature)).or_default();
                            if *last != text {
                                (*count, *last) = (*count + 1, text);
                            }
                        }
                        before = feature;
                    }
                }
            }
        }
    }
    let mut pairs: Vec<((u16, u16), u32)> = counts
        .into_iter()
        .filter(|(_, (count, _))| *count >= rarest)
        .map(|(pair, (count, _))| (((pair >> 16) as u16, pair as u16), count))
        .collect();
    pairs.sort_unstable_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    pairs.truncate(MOST_PAIRS);
    pairs
}
