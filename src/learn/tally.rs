//! How often each feature stands in a text, told in the order of the features without sorting.

use crate::tag::text::each_bit;

/// Counts of features. Its size is that of the vocabulary, however long a text is, and it is left
/// empty, so that it serves any number of texts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: Vec<u32>,
    /// A bit for each feature that was met, 64 in a word.
    met: Vec<u64>,
    /// A bit for each word of `met` in which there is any.
    groups: Vec<u64>,
}

impl Tally {
    /// Makes room for so many features.
    pub fn fit(&mut self, features: usize) {
        if self.counts.len() < features {
            let words = features.div_ceil(64);
            self.counts.resize(features, 0);
            self.met.resize(words, 0);
            self.groups.resize(words.div_ceil(64), 0);
        }
    }

    /// Counts a feature, of those that there is room for.
    pub fn add(&mut self, feature: u16, count: u32) {
        let at = usize::from(feature);
        self.counts[at] = self.counts[at].saturating_add(count);
        // Whether it was met before is not to be foretold, and asking takes longer than marking.
        self.met[at / 64] |= 1 << (at % 64);
        self.groups[at / 64 / 64] |= 1 << (at / 64 % 64);
    }

    /// How many bytes it holds.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        4 * self.counts.capacity() + 8 * (self.met.capacity() + self.groups.capacity())
    }

    /// How many features were met.
    pub fn len(&self) -> usize {
        let met = self.met.iter().map(|word| word.count_ones() as usize);
        met.sum()
    }

    /// Gives the features that were met, in order, with their counts, and forgets them.
    pub fn take(&mut self, mut each: impl FnMut(u16, u32)) {
        for (group, bits) in self.groups.iter_mut().enumerate() {
            each_bit(std::mem::take(bits), |word| {
                let word = group * 64 + word;
                each_bit(std::mem::take(&mut self.met[word]), |bit| {
                    let feature = word * 64 + bit;
                    each(feature as u16, std::mem::take(&mut self.counts[feature]));
                });
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn taken(tally: &mut Tally) -> Vec<(u16, u32)> {
        let mut taken = Vec::new();
        tally.take(|feature, count| taken.push((feature, count)));
        taken
    }

    proptest! {
        #[test]
        fn features_come_back_in_order_with_their_counts_and_once(
            added in proptest::collection::vec((0_u16..5_000, 1_u32..7), 0..300),
        ) {
            let mut tally = Tally::default();
            tally.fit(5_000);
            let mut expected: BTreeMap<u16, u32> = BTreeMap::new();
            for (feature, count) in added {
                tally.add(feature, count);
                *expected.entry(feature).or_default() += count;
            }
            prop_assert_eq!(tally.len(), expected.len());
            prop_assert_eq!(taken(&mut tally), expected.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(taken(&mut tally), []);
        }
    }

    #[test]
    fn what_is_met_without_end_is_counted_to_the_end_of_numbers() {
        let mut tally = Tally::default();
        tally.fit(1);
        tally.add(0, u32::MAX);
        tally.add(0, 2);
        assert_eq!(taken(&mut tally), [(0, u32::MAX)]);
    }
}
