//! What editors decide, and that it holds.

use std::fs;

use crate::common::{stderr, stdout};
use crate::{ENERGY, body, open_item, review, taught, write};

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
