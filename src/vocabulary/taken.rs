//! A slug of its own for each concept.

use std::collections::{HashMap, HashSet};

/// Slugs that are given away.
#[derive(Default)]
pub(super) struct Taken {
    slugs: HashSet<String>,
    /// The number to try next, by slug.
    next: HashMap<String, usize>,
}

impl Taken {
    /// The wanted slug itself, or with a number behind it where it is taken.
    pub fn give(&mut self, wanted: &str) -> String {
        let mut slug = wanted.to_owned();
        while self.slugs.contains(&slug) {
            let next = self.next.entry(wanted.to_owned()).or_insert(2);
            slug = format!("{wanted}-{next}");
            *next += 1;
        }
        self.slugs.insert(slug.clone());
        slug
    }
}
