//! From what was found in a text to tags: how much each find counts, and which terms have enough.

use std::collections::HashSet;
use std::ops::Range;

use super::issuer::Reading;
use super::rules::{Fate, Found};
use super::{Evidence, Origin, Part, Passages, Tag};
use crate::item::is_surely_one_line;
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// How often one rule counts in the body.
const MOST_IN_BODY: u32 = 3;

/// What one rule found in one part of the text.
#[derive(Debug, Clone)]
pub(super) struct Spoken {
    pub(super) term: TermId,
    pub(super) part: Part,
    /// Where it stands first, in the part's own text.
    pub(super) span: Range<usize>,
    pub(super) weight: f32,
}

/// What the rules found in one part of the text says, each rule once: three times its weight in
/// the title, twice in the lead, and in the body once for each time, up to three.
///
/// Bodies that issue items and the places in the dateline are left to [`super::issuer`].
pub(super) fn weigh(
    taxonomy: &Taxonomy,
    reading: &Reading<'_>,
    found: &[Found],
    spoken: &mut Vec<Spoken>,
) {
    let Reading {
        rules,
        part,
        folded,
        ..
    } = *reading;
    let counts = |it: &&Found| {
        let facet = taxonomy.facet(rules.rule(it.rule).facet);
        it.fate == Fate::Counts
            && !facet.issues
            && !(facet.places && reading.is_in_dateline(it.start..it.end))
    };
    let mut counted: Vec<&Found> = found.iter().filter(counts).collect();
    counted.sort_by_key(|it| (it.rule, it.start));
    for same in counted.chunk_by(|one, other| one.rule == other.rule) {
        let rule = rules.rule(same[0].rule);
        let factor = match part {
            Part::Label => 0.0,
            Part::Title => 3.0,
            Part::Lead => 2.0,
            Part::Body => (same.len() as u32).min(MOST_IN_BODY) as f32,
        };
        spoken.push(Spoken {
            term: rule.term,
            part,
            span: folded.in_source(same[0].start..same[0].end),
            weight: rule.weight * factor,
        });
    }
}

/// The terms of `facet` whose evidence is enough, and the others for which there is any, both best
/// first. The parent of a term that is itself given is neither, where parents follow from their
/// children. `spoken` is sorted by term.
pub(super) fn best(
    taxonomy: &Taxonomy,
    facet: FacetId,
    passages: &Passages<'_>,
    spoken: &[Spoken],
) -> (Vec<Tag>, Vec<Tag>) {
    let described = taxonomy.facet(facet);
    let threshold = described.rule_threshold as f32;
    let terms = &described.terms;
    let from = spoken.partition_point(|it| it.term.0 < terms.start);
    let to = spoken.partition_point(|it| it.term.0 < terms.end);
    let mut tags: Vec<Tag> = spoken[from..to]
        .chunk_by(|one, other| one.term == other.term)
        .map(|same| tag(passages, threshold, same))
        .filter(|tag| tag.score > 0.0)
        .collect();
    if described.inherit {
        let enough = tags.iter().filter(|tag| tag.score >= threshold);
        let above: HashSet<TermId> = enough
            .flat_map(|tag| taxonomy.ancestors(tag.term))
            .collect();
        tags.retain(|tag| !above.contains(&tag.term));
    }
    tags.sort_by(|one, other| {
        let score = other.score.total_cmp(&one.score);
        score.then(one.term.cmp(&other.term))
    });
    // What is far behind the best is beside the point, however long the text.
    let share = tags
        .first()
        .map_or(0.0, |best| best.score * described.rule_share);
    for tag in &mut tags {
        tag.threshold = threshold.max(share);
    }
    let enough = tags.iter().take_while(|tag| tag.score >= tag.threshold);
    let enough = enough.count().min(described.rule_limit);
    let others = tags.split_off(enough);
    (tags, others)
}

fn tag(passages: &Passages<'_>, threshold: f32, spoken: &[Spoken]) -> Tag {
    let mut evidence: Vec<Evidence> = spoken
        .iter()
        .map(|it| Evidence {
            text: one_line(&passages.part(it.part)[it.span.clone()]),
            part: it.part,
            span: it.span.clone(),
            line: 0,
            weight: it.weight,
        })
        .collect();
    evidence.sort_by(|one, other| {
        let weight = other.weight.total_cmp(&one.weight);
        weight
            .then(one.part.cmp(&other.part))
            .then(one.span.start.cmp(&other.span.start))
    });
    Tag {
        term: spoken[0].term,
        origin: Origin::Rule,
        score: evidence.iter().map(|it| it.weight).sum(),
        threshold,
        through: None,
        evidence,
    }
}

fn one_line(text: &str) -> String {
    if !is_surely_one_line(text) && has_odd_spaces(text) {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    text.to_owned()
}

fn has_odd_spaces(text: &str) -> bool {
    text.contains(['\n', '\r', '\t', '\u{a0}']) || text.contains("  ")
}
