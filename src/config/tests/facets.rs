//! `[facet.*]` and its terms.

use std::path::Path;

use super::{SITE, bad, good, messages};
use crate::config::read;
use crate::diagnostic::{Style, render};
use crate::taxonomy::TermId;

#[test]
fn facets_must_not_take_what_is_taken() {
    for (source, message) in [
        (
            "[facet.language]",
            "'language' has another meaning in selections",
        ),
        ("[facet.News]", "'News' cannot be a facet's key"),
        (
            "[facet.feeds]",
            "the facet's slug 'feeds' is taken by Tidings itself",
        ),
        (
            "[facet.a]\n[facet.b]\nslug = \"a\"",
            "another facet has the slug 'a'",
        ),
        (
            "[facet.a]\nslug = \"b\"\n[facet.b]\nslug = \"c\"",
            "'b' is already the slug of another facet",
        ),
        (
            "[facet.a]\nname = \"!\"",
            "no slug can be made for the facet 'a'",
        ),
        (
            "[facet.a]\nlabels = [\"Place\"]\n[facet.b]\nlabels = [\"PLACE\"]",
            "the label 'PLACE' already means the facet 'a'",
        ),
        (
            "[items.labels]\ntitle = [\"Subject\"]\nkind = [\"subject\"]",
            "the label 'subject' already means the item's 'title'",
        ),
    ] {
        assert!(
            messages(source).iter().any(|found| found == message),
            "{source}"
        );
    }
    assert_eq!(messages("[facet.type]").len(), 3);
}

#[test]
fn each_circle_of_parents_is_reported_once() {
    let terms = |pairs: &[(&str, &str)]| {
        let rows: Vec<String> = pairs
            .iter()
            .map(|(name, parent)| format!("{{ name = \"{name}\", parent = \"{parent}\" }}"))
            .collect();
        format!("[facet.x]\nterms = [{}]\n", rows.join(", "))
    };
    assert_eq!(
        messages(&terms(&[("a", "a")])),
        ["parents in a circle: a > a"]
    );
    assert_eq!(
        messages(&terms(&[
            ("d", "b"),
            ("c", "a"),
            ("a", "b"),
            ("b", "c"),
            ("e", "f"),
            ("f", "e")
        ])),
        [
            "parents in a circle: c > a > b > c",
            "parents in a circle: e > f > e"
        ]
    );
}

#[test]
fn a_former_slug_is_neither_in_use_nor_claimed_twice() {
    let terms = "[facet.topic]\nterms = [\n\
        { name = \"Water\", was = [\"energy\", \"wet\", \"water\"] },\n\
        { name = \"Energy\", was = [\"wet\", \"Power Plants\"] },\n]\n";
    assert_eq!(
        messages(terms),
        [
            "the former slug 'energy' is in use",
            "the former slug 'water' is in use",
            "the former slug 'wet' is claimed twice",
            "'Power Plants' is not a slug",
        ]
    );
    let feeds = "[[feed]]\ntitle = \"A\"\nselect = \"all\"\nwas = [\"b\"]\n\
        [[feed]]\ntitle = \"B\"\nselect = \"all\"\n";
    assert_eq!(messages(feeds), ["the former slug 'b' is in use"]);
    let digests = "[[digest]]\ntitle = \"A\"\nschedule = \"Mon 09:00\"\nsender = \"A <a@a.example>\"\nwas = [\"c\", \"c\"]\n";
    assert_eq!(messages(digests), ["the former slug 'c' is claimed twice"]);
    // Slugs of different facets are different addresses.
    let apart = "[facet.a]\nterms = [{ name = \"X\", was = [\"y\"] }]\n\
        [facet.b]\nterms = [{ name = \"Y\" }]\n";
    good(&format!("{SITE}{apart}"));
}

#[test]
fn a_term_that_was_replaced_is_closed_and_names_those_that_took_its_place() {
    let terms = "[facet.a]\nterms = [\n\
        { name = \"Energy and water\", replaced_by = [\"water\", \"energy\"] },\n\
        { name = \"Water\" },\n{ name = \"Energy\" },\n]\n";
    let taxonomy = good(&format!("{SITE}{terms}")).taxonomy;
    let [old, water, energy] = [0, 1, 2].map(TermId);
    assert!(taxonomy.term(old).closed && !taxonomy.term(water).closed);
    assert_eq!(taxonomy.term(old).replaced_by, [water, energy]);
}

#[test]
fn successors_must_be_others_that_are_in_use() {
    let terms = "[facet.a]\nterms = [\n\
        { name = \"Water\", replaced_by = [\"water\", \"wheather\"] },\n\
        { name = \"Weather\", matches = [\"not an iri\"] },\n]\n";
    assert_eq!(
        messages(terms),
        [
            "'water' cannot replace itself",
            "the successor 'wheather' does not exist",
            "'not an iri' is not an absolute address",
        ]
    );
    let help = bad(&format!("{SITE}{terms}"))[1].help.clone();
    assert_eq!(help.as_deref(), Some("did you mean 'weather'?"));

    let doubtful = format!(
        "{SITE}[facet.a]\nterms = [\n\
        {{ name = \"A\", replaced_by = [\"b\", \"b\"], keywords = [\"ay\"] }},\n\
        {{ name = \"B\", replaced_by = [\"c\"] }},\n{{ name = \"C\" }},\n]\n"
    );
    let (config, warnings) = read(&doubtful, Path::new("feeds.toml")).unwrap();
    assert!(config.taxonomy.terms[0].keywords.is_empty());
    let mut said: Vec<&str> = warnings.iter().map(|it| it.message.as_str()).collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "the keywords of 'A' do nothing",
            "the successor 'b' is named twice",
            "the successor 'b' was replaced itself",
        ]
    );
}

/// The problems of a newsroom with these terms, rendered.
fn problems_of_terms(terms: &str) -> String {
    let source = format!(
        "[site]\ntitle = 'T'\nbase_url = 'https://news.example.org/'\ncontact = 'a@example.org'\n\
         [facet.desk]\nname = 'Desk'\noptional_words = ['ACME']\nterms = [\n{terms}\n]\n"
    );
    match read(&source, Path::new("feeds.toml")) {
        Ok((_, warnings)) => render(&warnings, Style::Plain),
        Err(problems) => render(&problems, Style::Plain),
    }
}

#[test]
fn names_that_items_cannot_tell_apart_are_reported_with_both_places() {
    let told = problems_of_terms(
        "{ name = 'Labour co-operation' },\n\
         { name = 'Women', aliases = ['the ACME Labor Cooperation'] },",
    );
    assert!(
        told.contains("the name 'the ACME Labor Cooperation' is ambiguous")
            && told.contains("feeds.toml:10:")
            && told.contains("is called 'Labour co-operation', which is the same, on line 9"),
        "{told}"
    );
    let apart = problems_of_terms(
        "{ name = 'North' }, { name = 'South' },\n\
         { name = 'Desk', slug = 'n', parent = 'north' },\n\
         { name = 'Desk', slug = 's', parent = 'south' },",
    );
    assert!(!apart.contains("ambiguous"), "{apart}");
}

#[test]
fn a_bad_keyword_is_reported_at_its_place() {
    let told = problems_of_terms(
        "{ name = 'A', keywords = ['fine', 'te*rror'] },\n\
         { name = 'B', keywords = { en = ['fine ^x'], zz-bad-tag-ever-so-long = ['b'] } },",
    );
    for part in [
        "'*' means nothing here",
        "feeds.toml:9:",
        "'^x' is no weight",
        "feeds.toml:10:",
    ] {
        assert!(told.contains(part), "no '{part}' in\n{told}");
    }
}
