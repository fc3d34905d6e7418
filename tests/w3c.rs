//! Every feed of the sample newsroom, judged by the rules of the W3C's feed validator.

mod common;

#[path = "../src/feed/tests/w3c/judge/mod.rs"]
mod judge;

use std::collections::BTreeMap;

use common::Newsroom;
use common::http::Serving;
use judge::{Fault, judge};

const BASE: &str = "https://news.example.org/";

/// What the validator may warn of, as docs/decisions.md argues.
fn is_argued(rule: &str, detail: &str) -> bool {
    match rule {
        // Tombstones (RFC 6721) are younger than its list of namespaces.
        "UnknownNamespace" => detail == "http://purl.org/atompub/tombstones/1.0",
        // Dates without a time of day are common, and so are two items of one day.
        "DuplicateUpdated" => true,
        _ => false,
    }
}

/// What the validator finds in a document at this address, and nobody argued for.
fn faults_of(document: &str, address: &str) -> Vec<Fault> {
    let mut faults = judge(document, address);
    faults.retain(|fault| !is_argued(fault.rule, &fault.detail));
    faults
}

fn assert_valid(newsroom: &Newsroom) -> usize {
    let mut faults: BTreeMap<(&str, String), String> = BTreeMap::new();
    let mut judged = 0;
    for (path, bytes) in newsroom.bytes() {
        if !["rss.xml", "atom.xml", ".opml"]
            .iter()
            .any(|end| path.ends_with(end))
        {
            continue;
        }
        judged += 1;
        let document = String::from_utf8(bytes).unwrap();
        for fault in faults_of(&document, &format!("{BASE}{path}")) {
            faults.insert((fault.rule, fault.detail), path.clone());
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    judged
}

#[test]
fn no_feed_of_the_sample_breaks_a_rule() {
    let newsroom = common::sample();
    // Two items go, so that there are tombstones.
    newsroom.build();
    let item = std::fs::read_dir(newsroom.path("news/2024"))
        .unwrap()
        .find_map(|entry| {
            let path = entry.unwrap().path();
            path.extension()
                .is_some_and(|ending| ending == "md")
                .then_some(path)
        });
    std::fs::remove_file(item.expect("the sample has Markdown")).unwrap();
    let digest = ["digest", "weekly", "--for", "2024-W47"];
    newsroom.tidings(&digest).assert().success();
    newsroom.build();
    let judged = assert_valid(&newsroom);
    assert!(judged > 400, "{judged} documents");
    let files = newsroom.bytes();
    for folder in ["ru/", "digests/", "feeds/"] {
        assert!(
            files.keys().any(|path| path.starts_with(folder)),
            "{folder}"
        );
    }
    let is_tombstone = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("deleted-entry");
    assert!(files.values().any(is_tombstone));
}

#[test]
fn no_archive_breaks_a_rule() {
    let newsroom = common::sample();
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let (before, after) = configuration.split_once("[feeds]\n").unwrap();
    let after = after.replacen("\nlimit = ", "\n# limit = ", 1);
    newsroom.write("feeds.toml", format!("{before}[feeds]\nlimit = 6\n{after}"));
    newsroom.build();
    let files = newsroom.bytes();
    assert!(files.contains_key("archive/2/atom.xml"), "no archives");
    assert_valid(&newsroom);
}

#[test]
fn no_feed_on_demand_breaks_a_rule() {
    let newsroom = common::sample();
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let on_demand = configuration.replace("\n# on_demand = true", "\non_demand = true");
    newsroom.write("feeds.toml", on_demand);
    newsroom.build();
    let serving = Serving::start(&newsroom);
    for select in [
        "*",
        "country:(kazakhstan+or+uzbekistan)+and+not+field_of_work:elections",
        "language:ru",
        "type:press-release+and+after:2024-11-01",
        "department:secretariat+and+field_of_work:elections+and+before:2020-01-01",
    ] {
        for format in ["rss", "atom"] {
            let (path, answer) = serving.follow(&format!("/feed?select={select}&format={format}"));
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            let address = format!("{}{path}", BASE.trim_end_matches('/'));
            assert_eq!(faults_of(&answer.text(), &address), [], "{path}");
        }
    }
}
