//! `[tags]`: which tags are learned, how sure they must be, and where editors' decisions are kept.

use super::decode::Section;
use super::read::facet;
use super::{Decisions, Tags, defaults};
use crate::taxonomy::{FacetId, Taxonomy};

/// The percentages that may be asked: below, a coin does as well; above, nothing is ever given.
const PRECISION: std::ops::RangeInclusive<f64> = 0.5..=0.999;

pub(super) fn read(document: &Section<'_, '_>, taxonomy: &Taxonomy) -> Tags {
    let mut tags = Tags {
        learn: taxonomy.facets().map(|(id, _)| id).take(1).collect(),
        precision: defaults::PRECISION,
        decisions: defaults::DECISIONS,
    };
    let Some(section) = document.section("tags", "tags") else {
        return tags;
    };
    if let Some(list) = section.lines("learn") {
        let mut facets: Vec<FacetId> = Vec::new();
        for name in list.value {
            let (span, text) = (name.span.clone(), name.value.clone());
            match facet(name, taxonomy, &section) {
                Some(facet) if facets.contains(&facet) => {
                    let message = format!("the facet '{text}' is listed already");
                    section.notes().error(&span, message, "remove it");
                }
                Some(facet) => facets.push(facet),
                None => {}
            }
        }
        facets.sort_unstable();
        tags.learn = facets;
    }
    if let Some(precision) = section.decimal("precision", PRECISION) {
        tags.precision = precision as f32;
    }
    let choices = [
        ("front-matter", Decisions::FrontMatter),
        ("sidecar", Decisions::Sidecar),
    ];
    if let Some(decisions) = section.choice("decisions", &choices) {
        tags.decisions = decisions;
    }
    section.finish();
    tags
}
