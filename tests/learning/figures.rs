//! How good what was learned is.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tidings::evaluate::{self, Subject, Way};
use tidings::pipeline::labelled;
use tidings::setup::Setup;

use crate::common::stdout;
use crate::{ENERGY, body, taught};

#[test]
fn evaluation_prints_figures_for_every_way_and_learns_nothing_from_the_held_out() {
    let newsroom = taught();
    let held_out = tempfile::tempdir().unwrap();
    for number in 60..66 {
        let text = body(&ENERGY, number);
        let item = format!(
            "Report {number}\nPublishing date: 20 November 2024\nWhat we do: Energy\nTopic: Energy\nIssued by: Press office\n\n{text}\n"
        );
        fs::write(held_out.path().join(format!("{number}.txt")), item).unwrap();
    }
    let folder = held_out.path().to_str().unwrap();
    let assert = newsroom
        .tidings(&["tag", "evaluate", "--held-out", folder, "--json"])
        .assert()
        .success();
    let json: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let facet = &json["facets"][0];
    assert_eq!(
        (facet["items"].as_u64(), facet["learned_from"].as_u64()),
        (Some(6), Some(100))
    );
    assert_eq!(facet["ways"]["both"]["micro"]["f1"], 1.0);
    assert_eq!(facet["ways"]["rules"]["micro"]["f1"], 0.0);
    let assert = newsroom.tidings(&["tag", "evaluate"]).assert().success();
    let text = stdout(&assert);
    assert!(!text.contains("too few"), "a build has all 100: {text}");
    for word in [
        "Topics: 100 labelled items",
        "rules",
        "model",
        "both",
        "Water",
        "Stated values",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!newsroom.path(".tidings/model").exists(), "nothing is kept");
}

#[test]
fn evaluation_says_when_a_build_would_let_the_rules_decide_alone() {
    let newsroom = taught();
    fs::remove_file(newsroom.path("news/water-0.md")).unwrap();
    let held_out = tempfile::tempdir().unwrap();
    let folder = held_out.path().to_str().unwrap();
    let item = "Report\nPublishing date: 20 November 2024\nTopic: Energy\n\nA turbine turned.\n";
    fs::write(held_out.path().join("one.txt"), item).unwrap();
    let of_folds = &["tag", "evaluate"][..];
    for arguments in [of_folds, &["tag", "evaluate", "--held-out", folder]] {
        let text = stdout(&newsroom.tidings(arguments).assert().success());
        let said =
            "99 are too few for a build: it lets the rules decide alone until 100 are labelled";
        assert!(text.contains(said), "{arguments:?}: {text}");
    }
}

/// The figures that are asked of the sample's taxonomy on the evaluation set, each item left out
/// of what the model that is asked about it learned from.
#[test]
fn the_evaluation_set_is_tagged_as_well_as_is_asked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root.join("feeds.toml"), folder.path().join("feeds.toml")).unwrap();
    let news = folder.path().join("news");
    fs::create_dir(&news).unwrap();
    for entry in fs::read_dir(root.join("tests/evaluation/items")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), news.join(entry.file_name())).unwrap();
    }
    let setup = Setup::load(folder.path()).unwrap();
    let facets = &setup.config.tags.learn;
    let (items, problems) = labelled::read(&setup, &setup.scanner.all().found, facets);
    assert!(problems.is_empty(), "{problems:?}");
    let subject = Subject {
        taxonomy: &setup.config.taxonomy,
        facets,
        precision: setup.config.tags.precision,
        language: &setup.config.site.language,
    };
    let found = evaluate::cross_validated(&subject, &items, 10);
    hold_to_the_figures(&found);
    // With the labels that a part of the set leaves out on purpose, some 200 are there to learn from.
    let truths = fs::read_to_string(root.join("tests/evaluation/truth.toml")).unwrap();
    let truths: toml::Table = toml::from_str(&truths).unwrap();
    let mut items = items;
    for item in &mut items {
        let name = Path::new(&item.path).file_stem().unwrap().to_str().unwrap();
        let fields = truths.get(name).and_then(|truth| truth.get("fields"));
        let fields = fields.and_then(toml::Value::as_array).into_iter().flatten();
        let fields = fields.map(|field| field.as_str().unwrap());
        let terms = fields.map(|field| setup.tagger.named(facets[0], field).unwrap());
        item.example.known[0].yes.extend(terms);
    }
    let found = evaluate::cross_validated(&subject, &items, 5);
    assert!(
        (195..=210).contains(&found[0].learned_from),
        "{}",
        found[0].learned_from
    );
    hold_to_the_figures(&found);
}

fn hold_to_the_figures(found: &[evaluate::Evaluation]) {
    let [evaluation] = found else {
        panic!("one facet is learned");
    };
    let figures = |wanted: Way| {
        let found = evaluation.ways.iter().find(|(way, _)| *way == wanted);
        &found.unwrap().1
    };
    let (rules, model, both) = (figures(Way::Rules), figures(Way::Model), figures(Way::Both));
    let f1 = [rules.guessed.f1(), model.guessed.f1(), both.guessed.f1()];
    println!(
        "learned from {}: F1 {f1:?}; without review: {:.3} of {:.3}",
        evaluation.learned_from,
        both.given.precision(),
        both.given.recall()
    );
    assert!(f1[0] >= 0.55, "rules alone: {f1:?}");
    assert!(f1[2] >= 0.70, "both: {f1:?}");
    assert!(f1[2] > f1[0] && f1[2] > f1[1], "both beat either: {f1:?}");
    let given = both.given;
    assert!(given.precision() >= 0.9, "without review: {given:?}");
    assert!(given.recall() >= 0.25, "it must dare something: {given:?}");
}
