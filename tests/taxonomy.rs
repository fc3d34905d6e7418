//! Taxonomy care, with the real program: import, export, check, retag.

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use common::{Newsroom, stderr, stdout};

#[test]
fn a_facet_goes_out_and_comes_in_again_into_another_newsroom() {
    let here = Newsroom::new();
    let there = Newsroom::new();
    let bare = std::fs::read_to_string(there.path("feeds.toml")).unwrap();
    let bare = bare.replace("pairs = [[\"topic\", \"department\"]]", "");
    let (before, after) = bare.split_once("[facet.topic]").unwrap();
    let after = &after[after.find("[facet.department]").unwrap()..];
    let after = &after[..after.find("[[feed]]").unwrap()];
    for (form, ending) in [("turtle", "ttl"), ("rdfxml", "rdf"), ("csv", "csv")] {
        there.write("feeds.toml", format!("{before}{after}"));
        let export = ["taxonomy", "export", "--facet", "topic", "--format", form];
        let exported = stdout(&here.tidings(&export).assert().success());
        let file = format!("topics.{ending}");
        there.write(&file, &exported);
        let path = there.path(&file);
        let facet = format!("topic-{form}");
        let import = [
            "taxonomy",
            "import",
            path.to_str().unwrap(),
            "--facet",
            &facet,
        ];

        let shown = stdout(&there.tidings(&import).assert().success());
        assert!(shown.contains(&format!(
            "[[facet.{facet}.term]]\nname = \"Rivers\"\nparent = \"water\"\n"
        )));
        let untouched = std::fs::read_to_string(there.path("feeds.toml")).unwrap();
        assert!(!untouched.contains(&facet));

        let written = [&import[..], &["--write"]].concat();
        let told = stdout(&there.tidings(&written).assert().success());
        assert_eq!(told, "3 concepts: 3 new terms, 0 there already\n");
        let now = std::fs::read_to_string(there.path("feeds.toml")).unwrap();
        assert!(now.starts_with(&untouched), "nothing else has changed");
        let again = stdout(&there.tidings(&written).assert().success());
        assert_eq!(again, "3 concepts: 0 new terms, 3 there already\n");

        let back = ["taxonomy", "export", "--facet", &facet, "--format", "csv"];
        let wanted = ["taxonomy", "export", "--facet", "topic", "--format", "csv"];
        assert_eq!(
            stdout(&there.tidings(&back).assert().success()),
            stdout(&here.tidings(&wanted).assert().success())
        );
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_changes_nothing() {
    let newsroom = Newsroom::new();
    let before = std::fs::read(newsroom.path("feeds.toml")).unwrap();
    newsroom.write(
        "cut.ttl",
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<a> skos:prefLab",
    );
    newsroom.write("twice.csv", "name\nSea\nSEA\n");
    let import = |file: &str| {
        let path = newsroom.path(file);
        let arguments = [
            "taxonomy",
            "import",
            path.to_str().unwrap(),
            "--facet",
            "topic",
            "--write",
        ];
        newsroom.tidings(&arguments)
    };
    let told = stderr(&import("cut.ttl").assert().code(1));
    assert!(told.contains("cut.ttl:2:"), "{told}");
    let told = stderr(&import("twice.csv").assert().code(3));
    assert!(told.contains("the name 'SEA' is ambiguous"), "{told}");
    assert!(told.contains("feeds.toml was not changed"), "{told}");
    let told = stderr(&import("missing.csv").assert().code(3));
    assert!(told.contains("missing.csv"), "{told}");
    newsroom.write("terms.odt", "name\nSea\n");
    let told = stderr(&import("terms.odt").assert().code(2));
    assert!(told.contains("--format"), "{told}");
    assert_eq!(std::fs::read(newsroom.path("feeds.toml")).unwrap(), before);
    let told = stderr(
        &newsroom
            .tidings(&["taxonomy", "export", "--facet", "topics"])
            .assert()
            .code(2),
    );
    assert!(told.contains("the facets are topic, department"), "{told}");
}

#[test]
fn terms_that_nothing_uses_and_values_that_nothing_bears_are_found() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "A", "A river.");
    newsroom.write(
        "news/b.md",
        "+++\ntitle = \"B\"\ndate = 2024-11-20\ntopic = [\"Whales\"]\nissued_by = \"Research\"\n+++\n\nText.\n",
    );
    let checked = newsroom.tidings(&["taxonomy", "check"]).assert().success();
    let told = stderr(&checked);
    assert!(told.contains("no item has topic:energy"), "{told}");
    assert!(told.contains("no item has topic:rivers"), "{told}");
    assert!(!told.contains("no item has topic:water"), "{told}");
    assert!(told.contains("unknown topic 'Whales'"), "{told}");
    assert_eq!(stdout(&checked), "5 terms checked: 3 doubtful\n");
}

/// Three items: one that states water, two that state nothing and speak of a river or a plant.
fn tagged_newsroom() -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.item("news/stated.md", "Stated", "Nothing else.");
    for (name, text) in [
        (
            "river",
            "The people of the town cleaned the river on Monday, and the river is good for fish again. The river was dirty before.",
        ),
        (
            "power-plant",
            "The engineers opened the power plant on Monday, and this power plant will give work to many people in the town. Another power plant will follow.",
        ),
    ] {
        let item = format!(
            "+++\ntitle = \"On a {name}\"\ndate = 2024-11-20\nissued_by = \"Research\"\n+++\n\n{text}\n"
        );
        newsroom.write(&format!("news/{name}.md"), item);
    }
    newsroom
}

fn edit(newsroom: &Newsroom, from: &str, to: &str) {
    let before = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    assert!(before.contains(from));
    newsroom.write("feeds.toml", before.replace(from, to));
}

#[test]
fn a_dry_run_shows_what_a_changed_taxonomy_would_change_and_changes_nothing() {
    let newsroom = tagged_newsroom();
    newsroom
        .tidings(&["tag", "retag", "--dry-run"])
        .assert()
        .code(2);
    newsroom.build();
    let dry = ["tag", "retag", "--dry-run"];
    let same = stdout(&newsroom.tidings(&dry).assert().success());
    assert_eq!(same, "0 of 3 items change: 0 tags gained, 0 lost\n");

    // Water is renamed, energy loses its keyword to rivers.
    edit(
        &newsroom,
        "{ name = \"Energy\", keywords = [\"power plant\"] },",
        "{ name = \"Energy\" },",
    );
    edit(
        &newsroom,
        "{ name = \"Water\", keywords = [\"river\"] },",
        "{ name = \"Seas\", was = [\"water\"], aliases = [\"Water\"], keywords = [\"river\", \"power plant\"] },",
    );
    edit(&newsroom, "parent = \"water\"", "parent = \"seas\"");
    edit(&newsroom, "topic:water and", "topic:seas and");
    let output = newsroom.bytes();
    let changed = stdout(&newsroom.tidings(&dry).assert().success());
    assert_eq!(
        changed,
        "news/power-plant.md  On a power-plant\n  + topic:seas (rule)\n  - topic:energy (rule)\n\n\
         topic:water is now topic:seas: 2 items go along\n\
         topic:energy: 1 items before, 0 after\n\
         topic:seas: 2 items before, 3 after\n\
         1 of 3 items change: 1 tags gained, 1 lost\n"
    );
    let json = stdout(
        &newsroom
            .tidings(&[&dry[..], &["--json"]].concat())
            .assert()
            .success(),
    );
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["items"][0]["gained"][0]["term"], "topic:seas");
    assert_eq!(json["renamed"][0]["items"], 2);
    assert!(newsroom.bytes() == output, "nothing was published");

    newsroom.tidings(&["tag", "retag"]).assert().success();
    assert_eq!(newsroom.titles("topic/seas/atom.xml").len(), 3);
    let after = stdout(&newsroom.tidings(&dry).assert().success());
    assert_eq!(after, "0 of 3 items change: 0 tags gained, 0 lost\n");
}

/// Every file of a newsroom, its own state included, with its bytes and modification time; without
/// the two that SQLite makes beside the ledger for whoever reads it, in which nothing may stand.
fn everything(newsroom: &Newsroom) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let files = walkdir::WalkDir::new(newsroom.root()).into_iter();
    let files = files
        .map(Result::unwrap)
        .filter(|it| it.file_type().is_file());
    let with_bytes = files.filter_map(|file| {
        let name = file.file_name().to_str().unwrap();
        let metadata = file.metadata().unwrap();
        if name.ends_with("-wal") || name.ends_with("-shm") {
            assert!(name.ends_with("-shm") || metadata.len() == 0, "{name}");
            return None;
        }
        let bytes = std::fs::read(file.path()).unwrap();
        Some((file.into_path(), (bytes, metadata.modified().unwrap())))
    });
    with_bytes.collect()
}

#[test]
fn a_dry_run_shows_terms_merged_and_a_new_keyword_and_writes_no_file_at_all() {
    let newsroom = tagged_newsroom();
    newsroom.build();
    // Energy and water become one term, and a new one speaks where a town is named.
    edit(
        &newsroom,
        "{ name = \"Energy\", keywords = [\"power plant\"] },",
        "{ name = \"Towns\", keywords = [\"town ^3\"] },",
    );
    edit(
        &newsroom,
        "{ name = \"Water\", keywords = [\"river\"] },",
        "{ name = \"Resources\", was = [\"water\", \"energy\"], aliases = [\"Water\", \"Energy\"], \
         keywords = [\"river\", \"power plant\"] },",
    );
    edit(&newsroom, "parent = \"water\"", "parent = \"resources\"");
    edit(&newsroom, "topic:water and", "topic:resources and");
    let before = everything(&newsroom);
    let dry = ["tag", "retag", "--dry-run"];
    assert_eq!(
        stdout(&newsroom.tidings(&dry).assert().success()),
        "news/power-plant.md  On a power-plant\n  + topic:towns (rule)\n\
         news/river.md  On a river\n  + topic:towns (rule)\n\n\
         topic:energy is now topic:resources: 1 items go along\n\
         topic:water is now topic:resources: 2 items go along\n\
         topic:towns: 0 items before, 2 after\n\
         2 of 3 items change: 2 tags gained, 0 lost\n"
    );
    let after = everything(&newsroom);
    let written = after
        .iter()
        .filter(|(path, file)| before.get(*path) != Some(*file));
    let written: Vec<&PathBuf> = written.map(|(path, _)| path).collect();
    assert!(written.is_empty(), "{written:?}");
    assert_eq!(after.len(), before.len());

    // What was shown is what a build then does.
    newsroom.tidings(&["tag", "retag"]).assert().success();
    assert_eq!(newsroom.titles("topic/resources/atom.xml").len(), 3);
    assert_eq!(newsroom.titles("topic/towns/atom.xml").len(), 2);
}

#[test]
fn another_configuration_is_tried_before_it_takes_the_place_of_the_one_in_use() {
    let newsroom = tagged_newsroom();
    newsroom.build();
    let draft = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let draft = draft.replace(
        "{ name = \"Rivers\", parent = \"water\" }",
        "{ name = \"Rivers\", parent = \"water\", keywords = [\"river ^3\"] }",
    );
    newsroom.write("draft.toml", &draft);
    newsroom.write(
        "broken.toml",
        draft.replace("parent = \"water\"", "parent = \"wet\""),
    );
    let path = newsroom.path("draft.toml");
    let dry = [
        "tag",
        "retag",
        "--dry-run",
        "--with",
        path.to_str().unwrap(),
    ];
    let told = stdout(&newsroom.tidings(&dry).assert().success());
    assert!(
        told.contains("news/river.md  On a river\n  + topic:rivers (rule)\n"),
        "{told}"
    );
    let broken = newsroom.path("broken.toml");
    let dry = [
        "tag",
        "retag",
        "--dry-run",
        "--with",
        broken.to_str().unwrap(),
    ];
    let told = stderr(&newsroom.tidings(&dry).assert().code(1));
    assert!(told.contains("broken.toml:"), "{told}");
    let wet = ["tag", "retag", "--with", path.to_str().unwrap()];
    newsroom.tidings(&wet).assert().code(2);
}

#[test]
fn a_retired_term_keeps_its_feed_and_tells_its_readers_where_to_go() {
    let newsroom = tagged_newsroom();
    edit(
        &newsroom,
        "{ name = \"Water\", keywords = [\"river\"] },",
        "{ name = \"Water\", replaced_by = [\"rivers\", \"energy\"] },",
    );
    edit(&newsroom, "parent = \"water\"", "keywords = [\"river\"]");
    newsroom.build();
    // The item that states it keeps it; the one that only speaks of rivers goes to the successor.
    assert_eq!(newsroom.titles("topic/water/rss.xml"), ["Stated"]);
    assert_eq!(newsroom.titles("topic/rivers/rss.xml"), ["On a river"]);
    let told = "This topic was replaced by: Rivers; Energy.";
    let feed = newsroom.feed("topic/water/atom.xml");
    assert_eq!(feed.description.unwrap().content, told);
    let page = newsroom.read("topic/water/index.html");
    assert!(page.contains(told), "{page}");
    assert!(page.contains("/topic/rivers/\">Rivers</a>"), "{page}");
}
