//! What editors decided about an item's terms: it overrules what the item states, what rules say
//! and what the model learned.

use super::{Evidence, Origin, Part, Tag};
use crate::diagnostic::{Excerpt, Problem};
use crate::item::{Decision, Item};
use crate::taxonomy::{Taxonomy, TermId};

/// The terms that an editor refused the item.
pub fn refused(taxonomy: &Taxonomy, item: &Item) -> Vec<TermId> {
    let refusals = item.decisions.iter().filter(|decision| !decision.accepted);
    refusals
        .filter_map(|decision| term(taxonomy, decision))
        .collect()
}

/// Applies the decisions to the tags that an item states.
pub(super) fn apply(taxonomy: &Taxonomy, item: &Item, tags: &mut Vec<Tag>) {
    for decision in &item.decisions {
        let Some(term) = term(taxonomy, decision) else {
            continue;
        };
        if !decision.accepted {
            tags.retain(|tag| tag.term != term);
        } else if tags.iter().all(|tag| tag.term != term) {
            tags.push(Tag {
                term,
                origin: Origin::Editor,
                score: 1.0,
                threshold: 0.0,
                through: None,
                evidence: vec![Evidence {
                    text: decision.term.text.clone(),
                    part: Part::Label,
                    span: 0..decision.term.text.len(),
                    line: decision.term.line,
                    weight: 0.0,
                }],
            });
        }
    }
}

/// The decisions that name no term, each with its place: the term may be gone.
pub fn problems(taxonomy: &Taxonomy, item: &Item) -> Vec<Problem> {
    let lost = item
        .decisions
        .iter()
        .filter(|decision| term(taxonomy, decision).is_none());
    lost.map(|decision| {
        let stated = &decision.term;
        let problem = Problem::warning(format!(
            "an editor's decision about '{}' is left out: there is no such term",
            stated.text
        ))
        .help("write facet:term, such as field_of_work:elections, or remove it");
        Problem {
            excerpt: Excerpt::of_value(&stated.text, stated.line, stated.column),
            ..problem
        }
    })
    .collect()
}

/// The term that `facet:slug` names.
pub fn term_of(taxonomy: &Taxonomy, text: &str) -> Option<TermId> {
    let (facet, slug) = text.split_once(':')?;
    let facet = taxonomy.facet_named(facet.trim())?;
    taxonomy.term_named(facet, slug.trim())
}

fn term(taxonomy: &Taxonomy, decision: &Decision) -> Option<TermId> {
    term_of(taxonomy, &decision.term.text)
}
