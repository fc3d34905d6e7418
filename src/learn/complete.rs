//! What a model adds to what is stated and what rules say of one item.

use std::collections::HashMap;
use std::mem;

use super::model::{Guess, Model, Reading};
use super::words;
use crate::tag::{Evidence, Origin, Part, Passages, Tag, Tagging};
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// A term less probable than this is not even suggested.
const WORTH_SUGGESTING: f32 = 0.1;

/// The most terms that are suggested in one facet.
const MOST_SUGGESTED: usize = 5;

/// The most words that are given as evidence.
const MOST_EVIDENCE: usize = 8;

/// Whether people have said nothing of a facet: neither the item nor an editor.
pub fn is_open(taxonomy: &Taxonomy, tagging: &Tagging, facet: FacetId) -> bool {
    let mut own = tagging.tags.iter().filter(|tag| tag.through.is_none());
    own.all(|tag| {
        taxonomy.term(tag.term).facet != facet
            || matches!(tag.origin, Origin::Rule | Origin::Learned)
    })
}

/// Lets the model decide the facets that it knows and that people left open: what it is sure of
/// is given, what it is not is suggested. Rules are among what it goes by, so that what they gave
/// is judged with the rest. Comes back with the language of the text if the model never saw it:
/// then nothing is changed, and the item has its stated tags and those of rules.
///
/// `refused` are the terms that an editor refused the item. `with_evidence` has the words looked up that speak for each term, which takes longer.
pub fn complete(
    model: &Model,
    taxonomy: &Taxonomy,
    (passages, refused): (&Passages<'_>, &[TermId]),
    tagging: &mut Tagging,
    with_evidence: bool,
) -> Option<String> {
    let facets = taxonomy.facets().map(|(facet, _)| facet);
    let open: Vec<FacetId> = facets
        .filter(|facet| model.knows(*facet) && is_open(taxonomy, tagging, *facet))
        .collect();
    if open.is_empty() {
        return None;
    }
    let reading = model.read(passages);
    if reading.unseen.is_some() {
        return reading.unseen;
    }
    for facet in open {
        let of_facet = |tag: &Tag| taxonomy.term(tag.term).facet == facet;
        let (mut before, tags): (Vec<Tag>, Vec<Tag>) =
            mem::take(&mut tagging.tags).into_iter().partition(of_facet);
        let (suggested, suggestions): (Vec<Tag>, Vec<Tag>) = mem::take(&mut tagging.suggestions)
            .into_iter()
            .partition(of_facet);
        (tagging.tags, tagging.suggestions) = (tags, suggestions);
        before.retain(|tag| tag.through.is_none());
        before.extend(suggested);
        let points: Vec<(TermId, f32)> = before.iter().map(|tag| (tag.term, tag.score)).collect();
        let mut left = MOST_SUGGESTED;
        for guess in model.guess(facet, &reading, &points) {
            let is_sure = guess.is_sure();
            if refused.contains(&guess.term) {
                continue;
            }
            let is_idle = left == 0 || guess.probability < WORTH_SUGGESTING;
            if !is_sure && is_idle && !with_evidence {
                continue;
            }
            // A term is guessed once, so that what the rules found goes over to the guess.
            let rule = before.iter_mut().find(|tag| tag.term == guess.term);
            let mut evidence = rule.map_or_else(Vec::new, |rule| mem::take(&mut rule.evidence));
            if with_evidence {
                evidence.extend(speaking(model, facet, passages, &reading, guess.term));
            }
            let tag = learned(guess, evidence);
            if is_sure {
                tagging.tags.push(tag);
            } else {
                left = left.saturating_sub(1);
                tagging.suggestions.push(tag);
            }
        }
    }
    crate::tag::inherit(taxonomy, &mut tagging.tags);
    tagging.tags.sort_by_key(|tag| tag.term);
    None
}

fn learned(guess: Guess, evidence: Vec<Evidence>) -> Tag {
    Tag {
        term: guess.term,
        origin: Origin::Learned,
        score: guess.probability,
        threshold: guess.threshold,
        through: None,
        evidence,
    }
}

/// The words of a text that speak most for a term, strongest first, each with what it adds to the
/// term's log-odds, where it stands first.
pub(super) fn speaking(
    model: &Model,
    facet: FacetId,
    passages: &Passages<'_>,
    reading: &Reading,
    term: TermId,
) -> Vec<Evidence> {
    let worth = model.contributions(term, facet, reading);
    let mut best: Vec<(u16, f32)> = worth
        .into_iter()
        .filter(|(_, worth)| *worth > 0.0)
        .collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    best.truncate(MOST_EVIDENCE);
    let wanted: HashMap<u16, f32> = best.iter().copied().collect();
    let mut found: HashMap<u16, Evidence> = HashMap::new();
    let mut buffer = words::Buffer::default();
    for (part, text) in passages.parts() {
        let mut before: Option<(u16, usize)> = None;
        words::each(text, &mut buffer, |word, place| {
            let Some(feature) = model.vocabulary().meaning(word) else {
                before = None;
                return;
            };
            let Some(feature) = feature else {
                return; // Small words stand between the two of a pair.
            };
            let pair = before.and_then(|(first, start)| {
                Some((model.vocabulary().pair(first, feature)?, start..place.end))
            });
            for (feature, span) in [Some((feature, place.clone())), pair].into_iter().flatten() {
                if let Some(weight) = wanted.get(&feature) {
                    found
                        .entry(feature)
                        .or_insert_with(|| evidence(part, text, span, *weight));
                }
            }
            before = Some((feature, place.start));
        });
    }
    best.iter()
        .filter_map(|(feature, _)| found.remove(feature))
        .collect()
}

fn evidence(part: Part, text: &str, span: std::ops::Range<usize>, weight: f32) -> Evidence {
    let words: Vec<&str> = text[span.clone()].split_whitespace().collect();
    Evidence {
        text: words.join(" "),
        part,
        span,
        line: 0,
        weight,
    }
}
