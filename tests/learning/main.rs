//! Learning, reviewing and evaluating, with the real program.

#[path = "../common/mod.rs"]
mod common;
mod decisions;
mod figures;

use std::fs;

use common::{Newsroom, stderr, stdout};
use serde_json::Value;

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
