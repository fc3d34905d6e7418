//! Learning, reviewing and evaluating, with the real program.

mod common;

use std::fs;
use std::path::Path;

use common::{Newsroom, stderr, stdout};
use serde_json::Value;
use tidings::evaluate::{self, Subject, Way};
use tidings::pipeline::labelled;
use tidings::setup::Setup;

const WATER: [&str; 4] = [
    "reservoir",
    "irrigation canal",
    "drinking water",
    "flood gauge",
];
const ENERGY: [&str; 4] = [
    "turbine",
    "solar panels",
    "grid operator",
    "transformer station",
];

/// An item whose words tell its topic, though no rule knows them.
fn body(words: &[&str; 4], number: usize) -> String {
    let (first, second) = (words[number % 4], words[(number / 4) % 4]);
    format!(
        "Engineers of district {number} inspected the {first} today and found it sound. The {second} \
         was repaired in the spring, and the mayor thanked all who had helped with the work."
    )
}

fn write(newsroom: &Newsroom, name: &str, topic: Option<&str>, text: &str) {
    let topic = topic.map_or(String::new(), |topic| format!("topic = [\"{topic}\"]\n"));
    let text = format!(
        "+++\ntitle = \"Report {name}\"\ndate = 2024-11-20\n{topic}issued_by = \"Press office\"\n+++\n\n{text}\n"
    );
    newsroom.write(&format!("news/{name}.md"), text);
}

/// Fifty items each on water and energy.
fn taught() -> Newsroom {
    let newsroom = Newsroom::new();
    for number in 0..50 {
        write(
            &newsroom,
            &format!("water-{number}"),
            Some("Water"),
            &body(&WATER, number),
        );
        write(
            &newsroom,
            &format!("energy-{number}"),
            Some("Energy"),
            &body(&ENERGY, number),
        );
    }
    newsroom
}

fn open_item(newsroom: &Newsroom) {
    let text = "The turbine and the transformer station were inspected; the grid operator paid.";
    write(newsroom, "open", None, text);
}

fn review(newsroom: &Newsroom) -> Vec<Value> {
    let assert = newsroom.tidings(&["review", "--json"]).assert().success();
    serde_json::from_str(&stdout(&assert)).unwrap()
}

#[test]
fn an_item_that_states_nothing_gets_what_others_like_it_state() {
    let newsroom = taught();
    open_item(&newsroom);
    newsroom.build();
    assert!(
        newsroom
            .titles("topic/energy/atom.xml")
            .contains(&"Report open".to_owned())
    );
    assert!(
        !newsroom
            .titles("topic/water/atom.xml")
            .contains(&"Report open".to_owned())
    );
    let assert = newsroom
        .tidings(&["explain", "news/open.md"])
        .assert()
        .success();
    let text = stdout(&assert);
    assert!(text.contains("turbine"), "{text}");
}

#[test]
fn the_same_items_give_the_same_bytes_and_the_same_model() {
    let (one, other) = (taught(), taught());
    for newsroom in [&one, &other] {
        open_item(newsroom);
        newsroom.build();
    }
    assert_eq!(one.bytes(), other.bytes());
    let model = |newsroom: &Newsroom| fs::read(newsroom.path(".tidings/model")).unwrap();
    assert_eq!(model(&one), model(&other));
}

#[test]
fn a_model_that_has_learned_otherwise_since_changes_no_published_item() {
    let newsroom = taught();
    open_item(&newsroom);
    newsroom.build();
    // Now the same words mean water, ninety times over.
    for number in 0..90 {
        write(
            &newsroom,
            &format!("new-{number}"),
            Some("Water"),
            &body(&ENERGY, number),
        );
    }
    newsroom.build();
    newsroom.tidings(&["tag", "train"]).assert().success();
    // Even when everything derived is gone, the ledger knows.
    for derived in ["catalog", "contents-0", "model"] {
        fs::remove_file(newsroom.path(&format!(".tidings/{derived}"))).unwrap();
    }
    newsroom.build();
    assert!(
        newsroom
            .titles("topic/energy/atom.xml")
            .contains(&"Report open".to_owned())
    );
    // Until it is asked to forget.
    newsroom
        .tidings(&["tag", "train", "--forget"])
        .assert()
        .success();
    newsroom.build();
    assert!(
        !newsroom
            .titles("topic/energy/atom.xml")
            .contains(&"Report open".to_owned())
    );
}

#[test]
fn a_damaged_model_is_made_anew_and_that_is_said() {
    let newsroom = taught();
    open_item(&newsroom);
    newsroom.build();
    let path = newsroom.path(".tidings/model");
    let whole = fs::read(&path).unwrap();
    let mut other_version = whole.clone();
    other_version[14] = b'9';
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for (damaged, said) in [
        (whole[..whole.len() / 2].to_vec(), "cut short or damaged"),
        (whole[..9].to_vec(), "cut short or damaged"),
        (Vec::new(), "cut short or damaged"),
        (flipped, "cut short or damaged"),
        (other_version, "another version"),
    ] {
        fs::write(&path, damaged).unwrap();
        let assert = newsroom.tidings(&["build"]).assert().success();
        let text = stderr(&assert);
        assert!(
            text.contains(said) && text.contains("trained anew"),
            "{text}"
        );
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
    let assert = newsroom.tidings(&["build"]).assert().success();
    assert_eq!(stderr(&assert), "");
}

#[test]
fn a_text_in_a_language_that_was_never_seen_gets_stated_and_rule_tags_only() {
    let newsroom = taught();
    let text = "Inxhinierët e rrethit kontrolluan sot turbinën dhe stacionin e transformatorit, \
                ndërsa kryetari i bashkisë falënderoi të gjithë ata që ndihmuan me punën e tyre.";
    write(&newsroom, "albanian", None, text);
    newsroom.build();
    assert!(
        !newsroom
            .titles("topic/energy/atom.xml")
            .contains(&"Report albanian".to_owned())
    );
    let assert = newsroom
        .tidings(&["explain", "news/albanian.md"])
        .assert()
        .success();
    assert!(
        stdout(&assert).contains("has not learned the language"),
        "{}",
        stdout(&assert)
    );
    // The build that trained the model said so, and so do the next and a check.
    for command in ["build", "check"] {
        let said = stderr(&newsroom.tidings(&[command]).assert().success());
        let expected = "the model has not learned the language of this text";
        assert!(
            said.contains(expected) && said.contains("news/albanian.md"),
            "{command}: {said}"
        );
        assert_eq!(said.matches(expected).count(), 1, "{command}: {said}");
    }
}

#[test]
fn a_dry_run_knows_what_is_settled() {
    let newsroom = taught();
    open_item(&newsroom);
    newsroom.build();
    for number in 0..90 {
        let text = body(&ENERGY, number);
        write(&newsroom, &format!("new-{number}"), Some("Water"), &text);
    }
    newsroom.build();
    newsroom.tidings(&["tag", "train"]).assert().success();
    let config = fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    // A title that readers see changes no tag, and what is settled stays.
    newsroom.write("feeds.toml", config.replace("Wet news", "News of water"));
    let dry_run = ["tag", "retag", "--dry-run", "--json"];
    let json: Value =
        serde_json::from_str(&stdout(&newsroom.tidings(&dry_run).assert().success())).unwrap();
    assert_eq!(json["compared"], 191);
    assert_eq!(json["items"], serde_json::json!([]), "{json}");
}

#[test]
fn a_term_that_was_replaced_is_never_given_by_the_model() {
    let newsroom = taught();
    open_item(&newsroom);
    newsroom.build();
    let config = fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let energy = "{ name = \"Energy\", keywords = [\"power plant\"] },";
    let retired = "{ name = \"Energy\", replaced_by = [\"power\"] },\n  { name = \"Power\" },";
    newsroom.write("feeds.toml", config.replace(energy, retired));
    // What was settled, what the old model says, and what a new one learns from old labels.
    for command in [&["build"][..], &["tag", "train", "--forget"], &["build"]] {
        newsroom.tidings(command).assert().success();
        let titles = |feed: &str| match newsroom.exists(feed) {
            true => newsroom.titles(feed),
            false => Vec::new(),
        };
        let open = "Report open".to_owned();
        assert!(
            !titles("topic/energy/atom.xml").contains(&open),
            "{command:?}"
        );
    }
    let power = newsroom.titles("topic/power/atom.xml");
    assert!(power.contains(&"Report open".to_owned()), "{power:?}");
    for item in review(&newsroom) {
        for suggested in item["suggested"].as_array().unwrap() {
            assert_ne!(suggested["term"], "topic:energy", "{item}");
        }
    }
}

#[test]
fn an_empty_text_and_an_enormous_one_are_tagged_without_ado() {
    let newsroom = taught();
    write(&newsroom, "empty", None, "");
    write(
        &newsroom,
        "enormous",
        None,
        &"The turbine hummed. ".repeat(400_000),
    );
    newsroom.build();
    assert!(
        newsroom
            .titles("atom.xml")
            .contains(&"Report empty".to_owned())
    );
}

#[test]
fn review_lists_what_is_missing_and_what_contradicts_its_text() {
    let newsroom = taught();
    write(
        &newsroom,
        "vague",
        None,
        "The annual report appeared on paper.",
    );
    write(
        &newsroom,
        "wrong",
        Some("Water"),
        &format!("{} {}", body(&ENERGY, 1), body(&ENERGY, 14)),
    );
    newsroom.build();
    newsroom.tidings(&["tag", "train"]).assert().success();
    let list = review(&newsroom);
    let reason = |path: &str| {
        let found = list.iter().find(|it| it["path"] == path);
        found.map(|it| it["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(reason("news/vague.md").as_deref(), Some("missing"));
    assert_eq!(
        reason("news/wrong.md").as_deref(),
        Some("conflict"),
        "{list:?}"
    );
    assert_eq!(reason("news/water-1.md"), None);
    let assert = newsroom.tidings(&["review"]).assert().success();
    let first = stdout(&assert).lines().next().unwrap().to_owned();
    assert!(
        first.starts_with("conflict\tnews/wrong.md\ttopic\ttopic:water\ttopic:energy="),
        "{first}"
    );
}

#[test]
fn decisions_hold_against_rules_and_labels_and_change_nothing_else_of_the_file() {
    let newsroom = taught();
    write(
        &newsroom,
        "vague",
        None,
        "The power plant by the river: power plant and river again, the river.",
    );
    newsroom.build();
    let file = newsroom.path("news/vague.md");
    let before = fs::read_to_string(&file).unwrap();
    let water = newsroom.path("news/water-1.md");
    newsroom
        .tidings(&["review", "--accept", "news/vague.md", "topic:rivers"])
        .assert()
        .success();
    newsroom
        .tidings(&["review", "--reject", "news/vague.md", "topic:energy"])
        .assert()
        .success();
    newsroom
        .tidings(&["review", "--reject", water.to_str().unwrap(), "topic:water"])
        .assert()
        .success();
    let after = fs::read_to_string(&file).unwrap();
    let lines = "rejected_tags = [\"topic:energy\"]\naccepted_tags = [\"topic:rivers\"]\n";
    assert!(after.contains(&format!("+++\n{lines}")), "{after}");
    assert_eq!(after.replace(lines, ""), before);
    newsroom.build();
    let has = |feed: &str, title: &str| {
        newsroom.exists(feed) && newsroom.titles(feed).contains(&title.to_owned())
    };
    assert!(has("topic/rivers/atom.xml", "Report vague"));
    assert!(
        has("topic/water/atom.xml", "Report vague"),
        "through its child"
    );
    assert!(!has("topic/energy/atom.xml", "Report vague"));
    assert!(
        !has("topic/water/atom.xml", "Report water-1"),
        "the editor overrules the label"
    );
    assert!(
        review(&newsroom)
            .iter()
            .all(|it| it["path"] != "news/vague.md")
    );
}

#[test]
fn a_rejected_tag_does_not_come_back_by_the_model_or_from_what_was_settled() {
    let newsroom = taught();
    open_item(&newsroom);
    newsroom.build();
    newsroom
        .tidings(&["review", "--reject", "news/open.md", "topic:energy"])
        .assert()
        .success();
    for command in [&["build"][..], &["tag", "train", "--forget"], &["build"]] {
        newsroom.tidings(command).assert().success();
    }
    assert!(
        !newsroom
            .titles("topic/energy/atom.xml")
            .contains(&"Report open".to_owned())
    );
}

#[test]
fn a_sidecar_counts_as_soon_as_it_is_there_and_until_it_is_gone() {
    let newsroom = taught();
    let config = newsroom.path("feeds.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        format!("{text}\n[tags]\ndecisions = \"sidecar\"\n"),
    )
    .unwrap();
    newsroom.build();
    let before = fs::read(newsroom.path("news/water-1.md")).unwrap();
    newsroom
        .tidings(&["review", "--add", "news/water-1.md", "topic:energy"])
        .assert()
        .success();
    assert_eq!(fs::read(newsroom.path("news/water-1.md")).unwrap(), before);
    newsroom.build();
    let titles = || newsroom.titles("topic/energy/atom.xml");
    assert!(titles().contains(&"Report water-1".to_owned()));
    let sidecar = newsroom.path("news/water-1.md.tags.toml");
    fs::write(&sidecar, "accepted = [").unwrap();
    let assert = newsroom.tidings(&["build"]).assert().success();
    assert!(
        stderr(&assert).contains("water-1.md.tags.toml"),
        "{}",
        stderr(&assert)
    );
    fs::remove_file(sidecar).unwrap();
    newsroom.build();
    assert!(!titles().contains(&"Report water-1".to_owned()));
}

#[test]
fn wrong_arguments_say_what_was_meant() {
    let newsroom = taught();
    for (arguments, said) in [
        (
            ["review", "--accept", "news/none.md", "topic:water"],
            "news/none.md",
        ),
        (
            ["review", "--accept", "feeds.toml", "topic:water"],
            "not an item",
        ),
        (
            ["review", "--accept", "news/water-1.md", "topic:watr"],
            "did you mean topic:water?",
        ),
        (
            ["review", "--accept", "news/water-1.md", "water"],
            "write facet:term",
        ),
        (
            ["tag", "evaluate", "--facet", "topik"],
            "the facets are topic, department",
        ),
        (["tag", "evaluate", "--held-out", "nowhere"], "nowhere"),
    ] {
        let assert = newsroom.tidings(&arguments).assert().code(2);
        assert!(
            stderr(&assert).contains(said),
            "{arguments:?}: {}",
            stderr(&assert)
        );
    }
}

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
