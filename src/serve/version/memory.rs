//! How versions are kept in memory: by what, and what they weigh.

use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::{Content, Representation, Stamp};
use crate::serve::encoding::Coding;

/// Parts of the memory that are locked by themselves.
pub(super) const SHARDS: usize = 8;
/// What a version costs beside its bytes, roughly: headers, keys, bookkeeping.
const OVERHEAD: u64 = 2_048;
/// Which version in which form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub path: Box<str>,
    pub stamp: Stamp,
    pub coding: Coding,
    /// For a delta: the fingerprint of the version that the client has.
    pub base: Option<u128>,
}

/// Weighs versions.
#[derive(Debug, Clone)]
pub(super) struct ByBytes;

impl Weighter<Key, Arc<Representation>> for ByBytes {
    fn weight(&self, key: &Key, value: &Arc<Representation>) -> u64 {
        let bytes = match &value.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Disk(_) => 0,
        };
        OVERHEAD + key.path.len() as u64 + bytes
    }
}

/// Weighs lists of entries.
#[derive(Debug, Clone)]
pub(super) struct ByEntries;

impl Weighter<(Box<str>, u128), Arc<[u64]>> for ByEntries {
    fn weight(&self, (path, _): &(Box<str>, u128), entries: &Arc<[u64]>) -> u64 {
        128 + path.len() as u64 + 8 * entries.len() as u64
    }
}

/// A memory of so many bytes.
pub(super) fn cache<K, V, W>(memory: u64, weighter: W) -> Cache<K, V, W>
where
    K: Eq + std::hash::Hash + Clone,
    V: Clone,
    W: Weighter<K, V> + Clone,
{
    let average = 32 << 10;
    let options = OptionsBuilder::new()
        .estimated_items_capacity(usize::try_from(memory / average).unwrap_or(usize::MAX))
        .weight_capacity(memory)
        .shards(SHARDS)
        .build();
    match options {
        Ok(options) => Cache::with_options(
            options,
            weighter,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ),
        // Not reached: both capacities are set.
        Err(_) => Cache::with_weighter(1_024, memory, weighter),
    }
}
