//! A newsroom as a whole, where only its parts can be asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;

const CONFIGURATION: &str = r#"
[site]
title = "Test newsroom"
base_url = "https://news.example.org/"
tag_authority = "news.example.org,2024"
languages = ["en", "ru"]
contact = "press@example.org"

[facet.topic]
terms = [{ name = "Energy" }, { name = "Water" }]

[facet.place]
terms = [{ name = "Vienna" }]

[feeds]
limit = 2
pairs = [["topic", "place"]]

[[digest]]
slug = "weekly"
title = "Weekly"
schedule = "Mon 09:00"
period = "week"
select = "all"
sender = "News <news@example.org>"

[language.ru]
title = "Новости"
"#;

fn item(root: &Path, name: &str, head: &str, text: &str) {
    let text = format!("+++\ntitle = \"{name}\"\n{head}\n+++\n\n{text}\n");
    fs::write(root.join(format!("news/{name}.md")), text).unwrap();
}

fn open(root: &Path) -> Newsroom {
    let setup = Setup::load(root).unwrap_or_else(|problems| panic!("{problems:?}"));
    Newsroom::open(setup).unwrap()
}

/// The fingerprint of everything, and that of each unit with its files.
fn ask(newsroom: &Newsroom) -> (u64, BTreeMap<Unit, (u64, Vec<String>)>) {
    let publisher = newsroom.publisher();
    let units = publisher.units().into_iter().map(|unit| {
        let made_from = (publisher.inputs(&unit), publisher.paths(&unit));
        (unit, made_from)
    });
    (publisher.everything(), units.collect())
}

#[test]
fn the_fingerprint_of_everything_changes_with_whatever_any_unit_is_made_from() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("news")).unwrap();
    fs::write(root.join("feeds.toml"), CONFIGURATION).unwrap();
    let at = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    let now = at("2024-11-20T12:00:00Z");
    for day in 10..15 {
        let head = format!("date = 2024-11-{day}\ntopic = \"Energy\"\nplace = \"Vienna\"");
        item(root, &format!("day-{day}"), &head, "Text.");
    }
    let mut newsroom = open(root);
    newsroom.build(now, &()).unwrap();
    let mut before = ask(&newsroom);
    let mut changes = 0;
    let mut changed = |what: &str, newsroom: &Newsroom| {
        let after = ask(newsroom);
        assert!(before.1 != after.1, "{what}: no unit is made from it");
        assert!(
            before.0 != after.0,
            "{what}: everything is said to be as it was"
        );
        before = after;
        changes += 1;
    };
    let mut build = |what: &str, now: DateTime<Utc>| {
        newsroom.build(now, &()).unwrap();
        changed(what, &newsroom);
    };
    let energy = "date = 2024-11-14\ntopic = \"Energy\"\nplace = \"Vienna\"";
    item(root, "day-14", energy, "Another text.");
    build("a text", now);
    item(
        root,
        "day-14",
        &energy.replace("Energy", "Water"),
        "Another text.",
    );
    build("a term", now);
    item(
        root,
        "day-14",
        &energy.replace("-14", "-13"),
        "Another text.",
    );
    build("a date", now);
    item(root, "day-15", "date = 2024-11-15", "Text.");
    build("an item more", now);
    fs::remove_file(root.join("news/day-15.md")).unwrap();
    build("an item that is gone", now);
    let withdrawn = "date = 2024-11-12\nwithdrawn = \"It was wrong.\"";
    item(root, "day-12", withdrawn, "Text.");
    build("a reason for taking an item back", now);
    item(
        root,
        "day-13",
        "date = 2024-11-13",
        "![A bridge](bridge.png)",
    );
    build("a picture that is not there", now);
    fs::write(root.join("news/bridge.png"), "one").unwrap();
    build("a picture that came", now);
    fs::write(root.join("news/bridge.png"), "another").unwrap();
    build("another picture", now);
    item(
        root,
        "day-11",
        "date = 2024-11-11\nlanguage = \"ru\"",
        "Text.",
    );
    build("a language", now);
    let link = "date = 2024-11-11\nlanguage = \"ru\"\ntranslation_of = \"day-10.md\"";
    item(root, "day-11", link, "Text.");
    build("a translation", now);
    for day in 1..8 {
        item(root, &format!("late-{day}"), "date = 2024-11-16", "Text.");
    }
    build("documents of the archive", now);
    item(root, "new", "date = 2024-11-20T10:00:00Z", "Text.");
    build("an item for the sitemap of news", now);
    build(
        "the days of the sitemap of news",
        at("2024-11-23T12:00:00Z"),
    );
    build("an issue", at("2024-11-25T12:00:00Z"));
    build(
        "the time for which feeds say what is gone",
        at("2027-01-01T00:00:00Z"),
    );
    let editions = newsroom.editions.iter_mut().flatten();
    for edition in editions {
        edition.issue.subject.push('!');
    }
    changed("an issue's subject", &newsroom);
    newsroom.editions.iter_mut().for_each(Vec::clear);
    changed("an issue taken back", &newsroom);
    drop(newsroom);
    let configuration = CONFIGURATION.replace("Test newsroom", "Other newsroom");
    fs::write(root.join("feeds.toml"), configuration).unwrap();
    let mut newsroom = open(root);
    newsroom.build(at("2027-01-01T00:00:00Z"), &()).unwrap();
    changed("the configuration", &newsroom);
    fs::create_dir(root.join("templates")).unwrap();
    fs::write(root.join("templates/style.css"), "p {}").unwrap();
    drop(newsroom);
    changed("a file of the templates", &open(root));
    assert_eq!(changes, 20);
}
