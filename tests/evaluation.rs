//! The evaluation set (`tests/evaluation`): that every item is read as it is meant, and that the
//! set is as wide as `docs/evaluation.md` says.

mod common;

use std::collections::BTreeSet;

use common::evaluation::{Judged, Truth, sample};
use tidings::config::Config;
use tidings::item::{Body, Item};
use tidings::taxonomy::names::Names;
use tidings::taxonomy::{FacetId, TermId};

struct Labelled {
    name: String,
    item: Item,
    truth: Truth,
    fields: BTreeSet<TermId>,
    issuers: BTreeSet<TermId>,
}

/// Reads the whole set; every problem of it at once.
fn read_all(config: &Config) -> Vec<Labelled> {
    let names = Names::new(&config.taxonomy);
    let field_of_work = config.taxonomy.facet_named("field_of_work").unwrap();
    let department = config.taxonomy.facet_named("department").unwrap();
    let (judged, unknown) = common::evaluation::set(config);
    let mut problems = Vec::new();
    let mut set = Vec::new();
    for Judged {
        name,
        reading,
        truth,
    } in judged
    {
        let reading = match reading {
            Ok(reading) => reading,
            Err(found) => {
                problems.push(format!("{name}: {found:?}"));
                continue;
            }
        };
        if !reading.problems.is_empty() {
            problems.push(format!("{name}: {:?}", reading.problems));
        }
        let item = reading.item;
        let mut terms = |facet: FacetId, hidden: Vec<&str>| {
            let stated: Vec<&str> = item
                .stated
                .iter()
                .filter(|(of, _)| *of == facet)
                .map(|(_, stated)| stated.text.as_str())
                .collect();
            if stated.is_empty() == hidden.is_empty() {
                problems.push(format!(
                    "{name}: '{}' must stand in the item or in truth.toml, not in both or neither",
                    config.taxonomy.facet(facet).name
                ));
            }
            let mut terms: BTreeSet<TermId> = BTreeSet::new();
            for value in stated.into_iter().chain(hidden) {
                for piece in names.split(facet, value) {
                    if piece.terms.is_empty() {
                        problems.push(format!("{name}: no term is called '{}'", piece.text));
                    }
                    terms.extend(piece.terms);
                }
            }
            terms
        };
        let fields = terms(
            field_of_work,
            truth.fields.iter().map(String::as_str).collect(),
        );
        let issuers = terms(department, truth.issuer.as_deref().into_iter().collect());
        set.push(Labelled {
            name,
            item,
            truth,
            fields,
            issuers,
        });
    }
    for name in unknown {
        problems.push(format!("truth.toml: there is no item '{name}'"));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    set
}

#[test]
fn every_item_is_read_and_all_that_it_states_is_known() {
    let config = sample();
    for labelled in read_all(&config) {
        let Labelled {
            name, item, truth, ..
        } = labelled;
        assert!(
            item.title.len() > 20,
            "{name}: the title is '{}'",
            item.title
        );
        let kind = item.kind.as_deref().unwrap_or("none");
        assert!(
            ["Press release", "News", "News Item", "Spot report"].contains(&kind),
            "{name}: of type {kind}"
        );
        let (date, _) = item.published.unwrap_or_else(|| panic!("{name}: no date"));
        let local = date.with_timezone(&config.site.timezone).date_naive();
        if let Some(expected) = truth.date {
            assert_eq!(local.to_string(), expected, "{name}");
        }
        let Body::Text(text) = &item.body else {
            panic!("{name}: not plain text");
        };
        let words = text.split_whitespace().count();
        // A listing gives no more of an item than its lead.
        let least = if text.contains("\n\n") { 60 } else { 25 };
        assert!((least..=260).contains(&words), "{name}: {words} words");
        for label in ["Issued", "Publishing date", "Where we are", "What we do"] {
            assert!(!text.contains(label), "{name}: the text holds '{label}'");
        }
    }
}

#[test]
fn the_set_covers_every_field_of_work_and_issuers_of_every_sort() {
    let config = sample();
    let set = read_all(&config);
    let taxonomy = &config.taxonomy;
    assert!(set.len() >= 240, "{} items", set.len());

    let field_of_work = taxonomy.facet_named("field_of_work").unwrap();
    for (id, term) in taxonomy.terms_of(field_of_work) {
        let count = set.iter().filter(|item| item.fields.contains(&id)).count();
        assert!(count >= 8, "{} stands at {count} items only", term.name);
    }
    let thin = set.iter().filter(|item| item.fields.len() <= 2).count();
    assert!(
        thin * 4 >= set.len() * 3,
        "{thin} items have one or two fields"
    );
    let broad = set.iter().filter(|item| item.fields.len() >= 3).count();
    assert!(broad >= 10, "{broad} items have three fields or more");

    let issuers: BTreeSet<TermId> = set.iter().flat_map(|item| item.issuers.clone()).collect();
    assert!(issuers.len() >= 40, "{} issuers", issuers.len());
    let closed = issuers.iter().filter(|id| taxonomy.term(**id).closed);
    assert!(closed.clone().count() >= 12, "{} closed", closed.count());

    let unsaid = |pick: fn(&Truth) -> bool| set.iter().filter(|item| pick(&item.truth)).count();
    let no_issuer = unsaid(|truth| truth.issuer.is_some());
    let no_fields = unsaid(|truth| !truth.fields.is_empty());
    let no_date = unsaid(|truth| truth.date.is_some());
    assert!(no_issuer * 5 >= set.len(), "{no_issuer} without issuer");
    assert!(no_fields * 4 >= set.len(), "{no_fields} without fields");
    assert!(no_date >= 10, "{no_date} without date");
}
