//! What Tidings finds in the evaluation set with the labels hidden and nothing to learn from: the
//! sample's rules and names alone. Run with `--nocapture` to see the figures and every miss.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::evaluation::{Truth, sample};
use tidings::config::Config;
use tidings::item::Item;
use tidings::tag::{Tag, Tagger, Tagging};
use tidings::taxonomy::names::Names;
use tidings::taxonomy::{FacetId, TermId};

struct Labelled {
    name: String,
    item: Item,
    truth: Truth,
}

fn set(config: &Config) -> Vec<Labelled> {
    let (set, _) = common::evaluation::set(config);
    let labelled = set.into_iter().map(|judged| Labelled {
        name: judged.name,
        item: judged.reading.unwrap().item,
        truth: judged.truth,
    });
    labelled.collect()
}

/// The terms that an item's labels give it, without parents that merely follow.
fn labels(
    config: &Config,
    facet: FacetId,
    labelled: &Labelled,
    hidden: &[String],
) -> BTreeSet<TermId> {
    let names = Names::new(&config.taxonomy);
    let stated = labelled.item.stated.iter();
    let stated = stated
        .filter(|(of, _)| *of == facet)
        .map(|(_, it)| &it.text);
    stated
        .chain(hidden)
        .flat_map(|value| names.split(facet, value))
        .flat_map(|piece| piece.terms.to_vec())
        .collect()
}

/// The tagging of an item that states nothing.
fn untold(config: &Config, tagger: &Tagger, item: &Item) -> Tagging {
    let mut item = item.clone();
    item.stated.clear();
    tagger.tag(&config.taxonomy, &item, || item.body.to_text().into())
}

fn of_facet<'t>(config: &Config, facet: FacetId, tags: &'t [Tag]) -> impl Iterator<Item = &'t Tag> {
    let is_of = |term: TermId| config.taxonomy.term(term).facet == facet;
    let tags: Vec<&Tag> = tags.iter().filter(|tag| is_of(tag.term)).collect();
    tags.into_iter().filter(|tag| tag.through.is_none())
}

#[test]
fn fields_of_work_are_found_by_rules_alone() {
    let config = sample();
    let tagger = Tagger::new(&config.taxonomy);
    let facet = config.taxonomy.facet_named("field_of_work").unwrap();
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for labelled in set(&config) {
        let expected = labels(&config, facet, &labelled, &labelled.truth.fields);
        if expected.is_empty() {
            continue;
        }
        let tagging = untold(&config, &tagger, &labelled.item);
        let given: BTreeMap<TermId, f32> = of_facet(&config, facet, &tagging.tags)
            .map(|tag| (tag.term, tag.score))
            .collect();
        right += given.keys().filter(|it| expected.contains(it)).count();
        wrong += given.keys().filter(|it| !expected.contains(it)).count();
        missed += expected.iter().filter(|it| !given.contains_key(it)).count();
        let name = |term: &TermId| config.taxonomy.term(*term).slug.as_str();
        let given: Vec<String> = given
            .iter()
            .map(|(term, score)| {
                let mark = if expected.contains(term) { "" } else { "-" };
                format!("{mark}{} {score}", name(term))
            })
            .collect();
        let missed: Vec<String> = expected
            .iter()
            .filter(|term| !tagging.terms().contains(term))
            .map(|term| {
                let suggested = tagging.suggestions.iter().find(|tag| tag.term == *term);
                format!("+{} {}", name(term), suggested.map_or(0.0, |tag| tag.score))
            })
            .collect();
        println!("{}: {given:?} {missed:?}", labelled.name);
    }
    let precision = right as f64 / (right + wrong) as f64;
    let recall = right as f64 / (right + missed) as f64;
    let f1 = 2.0 * precision * recall / (precision + recall);
    println!("fields of work: precision {precision:.3}, recall {recall:.3}, micro-F1 {f1:.3}");
    assert!(f1 >= 0.55, "{f1}");
}

#[test]
fn the_issuer_is_found_in_the_text_alone() {
    let config = sample();
    let tagger = Tagger::new(&config.taxonomy);
    let facet = config.taxonomy.facet_named("department").unwrap();
    let (mut right, mut all, mut given, mut given_wrong) = (0, 0, 0, 0);
    for labelled in set(&config) {
        let hidden: Vec<String> = labelled.truth.issuer.iter().cloned().collect();
        let expected = labels(&config, facet, &labelled, &hidden);
        if expected.is_empty() {
            continue;
        }
        let tagging = untold(&config, &tagger, &labelled.item);
        let sure: Vec<&Tag> = of_facet(&config, facet, &tagging.tags).collect();
        let best = |one: &&&Tag, other: &&&Tag| one.score.total_cmp(&other.score);
        let surest = sure.iter().rev().max_by(best).copied();
        let found = surest.or(of_facet(&config, facet, &tagging.suggestions).next());
        let is_right = found.is_some_and(|tag| expected.contains(&tag.term));
        all += 1;
        right += usize::from(is_right);
        given += usize::from(!sure.is_empty());
        given_wrong += usize::from(!sure.is_empty() && !is_right);
        let name = |term: TermId| config.taxonomy.term(term).slug.as_str();
        let expected: Vec<&str> = expected.iter().map(|term| name(*term)).collect();
        if !is_right {
            let found = found.map(|tag| (name(tag.term), tag.score, &tag.evidence));
            println!("{}: {expected:?}, not {found:?}", labelled.name);
        }
    }
    let share = right as f64 / all as f64;
    println!(
        "issuer: {right} of {all} right, {share:.3}; {given} given, {given_wrong} of them wrong"
    );
    assert!(share >= 0.85, "{share}");
}
