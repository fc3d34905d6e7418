//! What is doubtful about the tags of one item.

use crate::learn::Guess;
use crate::tag::{Origin, Tag, Tagging};
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// A suggestion that comes so near to its threshold makes an item's tags unsure.
const NEAR: f32 = 0.6;

/// A suggestion farther from its threshold than this is not worth an editor's time.
const WORTH: f32 = 0.1;

/// The most suggestions for one item.
const MOST: usize = 5;

/// Why an item's tags in one facet need a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// What it states is not what its text speaks for.
    Conflict,
    /// It has no tag in the facet.
    Missing,
    /// Further terms are nearly as sure as those that it was given.
    Unsure,
}

impl Reason {
    /// The reason as an editor reads it.
    pub fn in_words(self) -> &'static str {
        match self {
            Reason::Conflict => "the text speaks for others",
            Reason::Missing => "missing",
            Reason::Unsure => "others are nearly as sure",
        }
    }
}

/// How sure a suggestion is: `41 %, given from 62 %`.
pub fn sureness(tag: &Tag) -> String {
    match tag.origin {
        Origin::Learned if tag.threshold <= 1.0 => format!(
            "{:.0} %, given from {:.0} %",
            tag.score * 100.0,
            tag.threshold * 100.0
        ),
        Origin::Learned => format!("{:.0} %, never given unseen", tag.score * 100.0),
        _ => format!("{:.1} points, given from {:.1}", tag.score, tag.threshold),
    }
}

/// An item whose tags in one facet need a look.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// The item's file, relative to the newsroom.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Its first paragraph.
    pub lead: String,
    /// When it was issued, in milliseconds since 1970 UTC; 0 where nothing says it.
    pub published: i64,
    /// The language of its text, if the model never saw it.
    pub unseen: Option<String>,
    /// The facet.
    pub facet: FacetId,
    /// Why.
    pub reason: Reason,
    /// The terms that it has now.
    pub given: Vec<(TermId, Origin)>,
    /// The terms to accept or reject, likeliest first.
    pub suggested: Vec<Tag>,
}

/// What is doubtful about a facet that people left open.
pub fn of_open(
    taxonomy: &Taxonomy,
    facet: FacetId,
    tagging: &Tagging,
) -> Option<(Reason, Vec<Tag>)> {
    let of_facet = |tag: &&Tag| tag.through.is_none() && taxonomy.term(tag.term).facet == facet;
    let suggested = tagging.suggestions.iter().filter(of_facet);
    let suggested = suggested.filter(|tag| tag.score >= WORTH * tag.threshold.min(1.0));
    let suggested: Vec<Tag> = suggested.take(MOST).cloned().collect();
    if tagging.tags.iter().filter(of_facet).count() == 0 {
        return Some((Reason::Missing, suggested));
    }
    let is_near = |tag: &Tag| tag.score >= NEAR * tag.threshold;
    suggested
        .iter()
        .any(is_near)
        .then_some((Reason::Unsure, suggested))
}

/// What is doubtful about stated terms: the likeliest term by the text is sure, and not stated,
/// nor over or under what is. `guesses` come from a model that has seen the item with its terms,
/// so that it takes much to contradict them.
pub fn of_stated(
    taxonomy: &Taxonomy,
    stated: &[TermId],
    refused: &[TermId],
    guesses: &[Guess],
) -> Option<Vec<Tag>> {
    let first = guesses.first().filter(|guess| guess.is_sure())?;
    let is_kin = |term: &TermId| {
        *term == first.term
            || taxonomy.ancestors(*term).any(|above| above == first.term)
            || taxonomy.ancestors(first.term).any(|above| above == *term)
    };
    if refused.contains(&first.term) || stated.iter().any(is_kin) {
        return None;
    }
    let suggested = guesses.iter().filter(|guess| guess.is_sure());
    let suggested =
        suggested.filter(|guess| !refused.contains(&guess.term) && !stated.contains(&guess.term));
    let tag = |guess: &Guess| Tag {
        term: guess.term,
        origin: Origin::Learned,
        score: guess.probability,
        threshold: guess.threshold,
        through: None,
        evidence: Vec::new(),
    };
    Some(suggested.map(tag).collect())
}
