//! A table from keys to features, laid out for many looks of which most find nothing.

/// Features by what they are looked up by. Keys stand in a table of their own, which is small, and
/// a look is seldom at more than one place of it: what takes time is to fetch such places.
pub(super) struct Features<K> {
    /// A power of two of places, more than there are features; `none` where no key stands.
    keys: Vec<K>,
    features: Vec<u16>,
    none: K,
}

impl<K: Copy + Eq + Into<u64>> Features<K> {
    /// The features of some keys, each once; `none` is a key that nothing is looked up by.
    pub fn new(entries: &[(K, u16)], none: K) -> Features<K> {
        let places = (entries.len() + entries.len() / 2 + 1).next_power_of_two();
        let mut table = Features {
            keys: vec![none; places],
            features: vec![0; places],
            none,
        };
        for (key, feature) in entries {
            let place = table.place(*key);
            table.keys[place] = *key;
            table.features[place] = *feature;
        }
        table
    }

    /// The feature of a key, if it has one.
    pub fn get(&self, key: K) -> Option<u16> {
        let place = self.place(key);
        (self.keys[place] != self.none).then(|| self.features[place])
    }

    /// Where a key stands, or else would be put: there is always a place that is free.
    fn place(&self, key: K) -> usize {
        let mixed = key.into().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut place = (mixed >> 32) as usize & (self.keys.len() - 1);
        while self.keys[place] != key && self.keys[place] != self.none {
            place = (place + 1) & (self.keys.len() - 1);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_feature_is_found_by_its_key_and_by_no_other(
            entries in proptest::collection::btree_map(0_u32..500, 0_u16..100, 0..200),
        ) {
            let table = Features::new(&entries.clone().into_iter().collect::<Vec<_>>(), u32::MAX);
            let found: BTreeMap<u32, u16> = (0..500)
                .filter_map(|key| Some((key, table.get(key)?)))
                .collect();
            prop_assert_eq!(found, entries);
            prop_assert_eq!(table.get(u32::MAX), None);
        }
    }
}
