//! Stated labels that look wrong: the text speaks against them, and clearly for another.

use super::{Answer, Labelled};
use crate::taxonomy::TermId;

/// A label less probable than this looks wrong if another term is given.
const UNLIKELY: f32 = 0.05;

/// A stated label that looks wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// The item's file.
    pub path: String,
    /// The term that it states.
    pub stated: TermId,
    /// How probable that is by its text.
    pub probability: f32,
    /// The term that is surest by its text, and not stated.
    pub instead: TermId,
    /// How probable that is.
    pub instead_probability: f32,
}

/// The labels of one item that look wrong.
pub(super) fn of(item: &Labelled, stated: &[TermId], answer: &Answer) -> Vec<Suspect> {
    let sure = answer.given.iter().find(|term| !stated.contains(term));
    let Some(instead) = sure.copied() else {
        return Vec::new();
    };
    let probability = |term: TermId| {
        let found = answer
            .probabilities
            .iter()
            .find(|(other, _)| *other == term);
        found.map_or(0.0, |(_, probability)| *probability)
    };
    stated
        .iter()
        .filter(|term| probability(**term) < UNLIKELY)
        .map(|term| Suspect {
            path: item.path.clone(),
            stated: *term,
            probability: probability(*term),
            instead,
            instead_probability: probability(instead),
        })
        .collect()
}
