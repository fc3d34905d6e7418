mod guises;
mod hostile;
mod issuers;
mod keywords;
mod stated;
mod weights;

use std::fmt::Write;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Problem, Severity};
use crate::item::{Item, Stated};
use crate::taxonomy::fixture;

static SAMPLE: LazyLock<Taxonomy> = LazyLock::new(fixture::sample);
static TAGGER: LazyLock<Tagger> = LazyLock::new(|| Tagger::new(&SAMPLE));

fn item(title: &str, stated: &[(FacetId, &str)]) -> Item {
    let stated = stated.iter().map(|(facet, text)| {
        let text = (*text).to_owned();
        let (line, column) = (7, 12);
        (*facet, Stated { text, line, column })
    });
    Item {
        stated: stated.collect(),
        ..Item::titled(title)
    }
}

/// An item of the sample newsroom.
fn sample_item(title: &str, stated: &[(&str, &str)]) -> Item {
    let facet = |key: &str| SAMPLE.facet_named(key).unwrap();
    let stated: Vec<_> = stated.iter().map(|(key, it)| (facet(key), *it)).collect();
    item(title, &stated)
}

fn tagged(item: &Item, body: &str) -> Tagging {
    TAGGER.tag(&SAMPLE, item, || Cow::Borrowed(body))
}

/// A tagging in words, one tag or unknown value a line.
fn written(taxonomy: &Taxonomy, tagging: &Tagging) -> String {
    let mut out = String::new();
    let name = |id: TermId| taxonomy.path(id);
    for tag in &tagging.tags {
        write!(out, "{} {:?}", name(tag.term), tag.origin).unwrap();
        if let Some(child) = tag.through {
            write!(out, " through {}", name(child)).unwrap();
        }
        for it in &tag.evidence {
            write!(out, ", '{}' {:?} {}", it.text, it.part, it.weight).unwrap();
        }
        out.push('\n');
    }
    for unknown in &tagging.unknown {
        let nearest = unknown.nearest.map(name);
        let Unknown { text, column, .. } = unknown;
        writeln!(out, "unknown '{text}' at {column}, nearest {nearest:?}").unwrap();
    }
    out
}

#[test]
fn a_taxonomy_without_facets_gives_no_tags() {
    let taxonomy = Taxonomy::default();
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item("News", &[]), || "".into());
    assert_eq!(tagging, Tagging::default());
}

/// Words of the sample, and letters of all sorts.
fn prose() -> impl Strategy<Value = String> {
    let names: Vec<String> = SAMPLE
        .terms
        .iter()
        .flat_map(|term| {
            let keywords = term.keywords.iter().map(|keyword| keyword.text.clone());
            keywords.chain([term.name.clone()])
        })
        .collect();
    let word = prop_oneof![
        prop::sample::select(names),
        prop::sample::select(vec![", ", "\n\n", " and ", "-", "İ", "\u{ad}", "ß", "; "])
            .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn tags_are_sorted_unique_and_explained(
        title in prose(),
        body in prose(),
        summary in prop::option::of(prose()),
        stated in prop::collection::vec((0..4u8, prose()), 0..4),
    ) {
        let stated: Vec<_> = stated.iter().map(|(id, it)| (FacetId(*id), it.as_str())).collect();
        let mut item = item(&title, &stated);
        item.summary = summary;
        let tagging = tagged(&item, &body);
        prop_assert!(tagging.terms().is_sorted_by(|one, other| one < other));
        for tag in &tagging.tags {
            match tag.through {
                None => prop_assert!(!tag.evidence.is_empty()),
                Some(child) => {
                    prop_assert!(SAMPLE.ancestors(child).any(|above| above == tag.term));
                    let own = tagging.tags.iter().find(|it| it.term == child).unwrap();
                    prop_assert!(own.through.is_none());
                }
            }
        }
        prop_assert_eq!(tagging, tagged(&item, &body));
    }
}
