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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{self, Decisions};

    const BASE: &str = "[site]\ntitle = \"News\"\nbase_url = \"https://news.example.org/\"\n\
        [facet.topic]\nterms = [{ name = \"Water\" }]\n\
        [facet.country]\nterms = [{ name = \"Malta\" }]\n";

    #[test]
    fn the_first_facet_is_learned_where_nothing_is_said() {
        let (config, _) = config::read(BASE, Path::new("feeds.toml")).unwrap();
        let first = config.taxonomy.facet_named("topic").unwrap();
        assert_eq!(config.tags.learn, [first]);
        assert_eq!(config.tags.decisions, Decisions::FrontMatter);
    }

    #[test]
    fn every_slip_is_reported() {
        for (line, message, help) in [
            (
                "learn = [\"topik\"]",
                "unknown facet 'topik'",
                "did you mean 'topic'?",
            ),
            (
                "learn = [\"topic\", \"topic\"]",
                "the facet 'topic' is listed already",
                "remove it",
            ),
            (
                "precision = 1",
                "1 is out of range",
                "'precision' takes a number from 0.5 to 0.999",
            ),
            (
                "precision = \"high\"",
                "expected a number, found a string",
                "'precision' in [tags] takes a number",
            ),
            (
                "decisions = \"sidecars\"",
                "unknown value 'sidecars'",
                "did you mean 'sidecar'?",
            ),
            (
                "learns = []",
                "unknown key 'learns'",
                "did you mean 'learn'?",
            ),
        ] {
            let source = format!("{BASE}[tags]\n{line}\n");
            let problems = config::read(&source, Path::new("feeds.toml")).unwrap_err();
            let [problem] = problems.as_slice() else {
                panic!("{line}: {problems:?}");
            };
            assert_eq!(problem.message, message);
            assert_eq!(problem.help.as_deref(), Some(help), "{line}");
        }
    }
}
