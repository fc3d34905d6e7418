//! Archives of feeds (RFC 5005, section 4), made with the real program and walked as a reader
//! walks them.

#[path = "../common/mod.rs"]
mod common;
mod pairs;
mod reader;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::Newsroom;
use walk::{BASE, document, ids, path_of, walk};

/// Feeds of four entries, archive documents of two.
const SHORT: &str = r#"
[site]
title = "Test newsroom"
base_url = "https://news.example.org/"
timezone = "Europe/Vienna"

[facet.topic]
terms = [{ name = "Energy" }, { name = "Water" }, { name = "Rivers" }]

[feeds]
limit = 4

[[feed]]
slug = "dry"
title = "Dry news"
select = "not topic:water"
"#;

const FORMATS: [&str; 3] = ["rss.xml", "atom.xml", "feed.json"];

fn item(number: usize, topics: &str) -> String {
    let (day, month, year) = (1 + number % 28, 1 + number / 28 % 12, 1990 + number / 336);
    format!(
        "+++\ntitle = \"Item {number}\"\nslug = \"item-{number}\"\n\
         date = {year}-{month:02}-{day:02}\ntopic = [{topics}]\n+++\n\nText {number}.\n"
    )
}

fn id(number: usize) -> String {
    format!(
        "tag:news.example.org,2024:news/{}/item-{number}",
        1990 + number / 336
    )
}

fn newsroom(items: usize) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write("feeds.toml", SHORT);
    for number in 0..items {
        write(&newsroom, number, "\"Energy\"");
    }
    newsroom.build();
    newsroom
}

fn write(newsroom: &Newsroom, number: usize, topics: &str) {
    newsroom.write(&format!("news/{number}.md"), item(number, topics));
}

/// The files of the output whose bytes differ from before, new ones and lost ones among them.
fn changed(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> BTreeSet<String> {
    before
        .keys()
        .chain(after.keys())
        .filter(|path| before.get(*path) != after.get(*path))
        .cloned()
        .collect()
}

#[test]
fn a_walk_through_every_archive_of_five_thousand_items_meets_each_item_of_the_selection_once() {
    const ITEMS: usize = 5_000;
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        SHORT.replace("limit = 4", "limit = 50") + "\n[pages]\nenabled = false\n",
    );
    for number in 0..ITEMS {
        let topics = match number % 3 {
            0 => "\"Water\"",
            1 => "\"Energy\", \"Water\"",
            _ => "\"Energy\"",
        };
        write(&newsroom, number, topics);
    }
    newsroom.build();
    let wanted = |keep: fn(usize) -> bool| -> BTreeSet<String> {
        (0..ITEMS).filter(|n| keep(*n)).map(id).collect()
    };
    let feeds = [
        ("", wanted(|_| true)),
        ("topic/water/", wanted(|number| number % 3 != 2)),
        ("feeds/dry/", wanted(|number| number % 3 == 2)),
    ];
    for (folder, wanted) in &feeds {
        for format in FORMATS {
            let walked = walk(&newsroom, &format!("{folder}{format}"));
            let found = ids(&walked);
            assert_eq!(found.len(), wanted.len(), "{folder}{format}");
            let found: BTreeSet<String> = found.into_iter().map(str::to_owned).collect();
            assert_eq!(found, *wanted, "{folder}{format}");
            let first = &walked[0].1;
            assert!((50..75).contains(&first.ids.len()), "{}", first.ids.len());
            assert!(!first.is_archive);
            assert!(!first.links.contains_key("current"));
            for (place, (path, archive)) in walked.iter().enumerate().skip(1) {
                assert!(archive.is_archive, "{path}");
                assert_eq!(path_of(&archive.links["self"]), path);
                assert_eq!(
                    path_of(&archive.links["current"]),
                    format!("{folder}{format}")
                );
                // The first are large, since all came at once.
                let is_usual = matches!(archive.ids.len(), 25 | 100);
                assert!(is_usual, "{path}: {}", archive.ids.len());
                if place > 1 {
                    assert_eq!(path_of(&archive.links["next-archive"]), walked[place - 1].0);
                }
            }
        }
    }
}

#[test]
fn sealed_archives_keep_their_bytes_while_items_are_published() {
    let newsroom = newsroom(5);
    let mut sealed: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for number in 5..20 {
        write(&newsroom, number, "\"Energy\"");
        newsroom.build();
        let now = newsroom.bytes();
        for (path, bytes) in &sealed {
            assert_eq!(now.get(path), Some(bytes), "{path} after item {number}");
        }
        sealed = now
            .into_iter()
            .filter(|(path, _)| path.contains("archive/"))
            .collect();
        for format in FORMATS {
            assert_eq!(ids(&walk(&newsroom, format)).len(), number + 1, "{format}");
        }
    }
    // Sixteen of them are sealed by twos, in three feeds and three formats.
    assert_eq!(sealed.len(), 8 * 3 * 3);
    // The newest knows where the next will be, as it must not change when that is sealed.
    let newest = document(&newsroom, "archive/8/atom.xml");
    assert_eq!(
        newest.links["next-archive"],
        format!("{BASE}archive/9/atom.xml")
    );
}

#[test]
fn an_item_that_comes_late_with_an_old_date_is_in_the_feed_until_it_is_sealed() {
    let newsroom = newsroom(12);
    newsroom.write(
        "news/late.md",
        item(40, "\"Energy\"").replace("1990-", "1950-"),
    );
    newsroom.build();
    let late = "tag:news.example.org,2024:news/1950/item-40";
    for format in FORMATS {
        let walked = walk(&newsroom, format);
        assert!(walked[0].1.ids.iter().any(|id| id == late), "{format}");
        // The newest by date are there as well.
        assert!(walked[0].1.ids.contains(&id(11)), "{format}");
        let found = ids(&walked);
        assert_eq!(found.len(), 13, "{format}");
    }
}

#[test]
fn a_corrected_item_leaves_its_archive_and_is_in_the_feed_again() {
    let newsroom = newsroom(12);
    let before = newsroom.bytes();
    assert!(
        document(&newsroom, "archive/1/atom.xml")
            .ids
            .contains(&id(0))
    );
    newsroom.write(
        "news/0.md",
        item(0, "\"Energy\"").replace("Text 0.", "Corrected text."),
    );
    newsroom.build();
    for format in FORMATS {
        let walked = walk(&newsroom, format);
        assert!(walked[0].1.ids.contains(&id(0)), "{format}");
        assert_eq!(ids(&walked).len(), 12, "{format}");
    }
    // Nobody is told the outdated text any more.
    let old = document(&newsroom, "archive/1/atom.xml");
    assert_eq!(old.ids, [id(1)]);
    let touched: BTreeSet<String> = changed(&before, &newsroom.bytes())
        .into_iter()
        .filter(|path| path.contains("archive/"))
        .collect();
    let expected: BTreeSet<String> = ["", "topic/energy/", "feeds/dry/"]
        .iter()
        .flat_map(|folder| FORMATS.map(|format| format!("{folder}archive/1/{format}")))
        .collect();
    assert!(touched.is_superset(&expected), "{touched:?}");
    // What else was written is newly sealed.
    for path in touched.difference(&expected) {
        assert!(!before.contains_key(path), "{path}");
    }
}

#[test]
fn white_space_and_the_order_of_keys_move_no_item_out_of_its_archive() {
    let newsroom = newsroom(12);
    let before = newsroom.bytes();
    let text = item(0, "\"Energy\"");
    let swapped = text
        .replace("slug = \"item-0\"\n", "")
        .replace("+++\n\nText 0.", "slug = \"item-0\"\n+++\n\n\nText 0.  ");
    assert_ne!(swapped, text);
    newsroom.write("news/0.md", swapped);
    newsroom.build();
    let differ = changed(&before, &newsroom.bytes());
    assert!(differ.is_empty(), "{differ:?}");
}

#[test]
fn a_withdrawn_item_leaves_no_trace_in_any_archive() {
    let newsroom = newsroom(12);
    newsroom.write(
        "news/0.md",
        item(0, "\"Energy\"").replace("topic =", "withdrawn = true\ntopic ="),
    );
    newsroom.build();
    for (path, bytes) in newsroom.bytes() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("Text 0."), "{path}");
        assert!(!text.contains("Item 0"), "{path}");
    }
    for format in FORMATS {
        assert_eq!(ids(&walk(&newsroom, format)).len(), 11, "{format}");
    }
}

#[test]
fn an_old_item_that_gets_a_term_by_the_taxonomy_is_in_the_feed_of_the_term() {
    let newsroom = newsroom(0);
    for number in 0..12 {
        newsroom.write(
            &format!("news/{number}.md"),
            item(number, "\"Water\"").replace("Text", "River"),
        );
    }
    // The oldest says nothing of its topic; later, keywords will.
    newsroom.write(
        "news/0.md",
        item(0, "").replace("Text 0.", "The flood of the century."),
    );
    newsroom.build();
    assert_eq!(ids(&walk(&newsroom, "topic/water/atom.xml")).len(), 11);
    newsroom.write(
        "feeds.toml",
        SHORT
            .replace(
                "{ name = \"Water\" }",
                "{ name = \"Water\", keywords = [\"flood\"] }",
            )
            .replace("[facet.topic]", "[facet.topic]\nrule_threshold = 1"),
    );
    newsroom.build();
    let walked = walk(&newsroom, "topic/water/atom.xml");
    // The newest by date are in the feed even where they are sealed, so that one may come twice.
    let found: BTreeSet<&str> = ids(&walked).into_iter().collect();
    assert_eq!(found.len(), 12);
    assert!(walked[0].1.ids.contains(&id(0)));
}

#[test]
fn a_feed_with_another_selection_starts_new_archives_at_new_addresses() {
    let newsroom = newsroom(12);
    assert_eq!(ids(&walk(&newsroom, "feeds/dry/atom.xml")).len(), 12);
    let before = walk(&newsroom, "feeds/dry/atom.xml");
    newsroom.write(
        "feeds.toml",
        SHORT.replace("not topic:water", "topic:energy"),
    );
    newsroom.build();
    let after = walk(&newsroom, "feeds/dry/atom.xml");
    assert_eq!(ids(&after).len(), 12);
    for (path, _) in &before[1..] {
        assert!(after.iter().all(|(other, _)| other != path), "{path}");
        assert!(!newsroom.exists(path), "{path}");
    }
}

#[test]
fn building_again_from_the_ledger_alone_gives_the_same_archives() {
    let newsroom = newsroom(9);
    for number in [30, 3, 12, 7] {
        newsroom.write(
            &format!("news/{number}.md"),
            item(number, "\"Energy\", \"Water\"").replace("Text", "Changed text"),
        );
        newsroom.build();
    }
    let before = newsroom.bytes();
    assert!(before.contains_key("archive/3/atom.xml"));
    newsroom.build_anew();
    assert_eq!(newsroom.bytes(), before);
}

#[test]
fn without_archives_a_feed_holds_its_newest_entries_and_nothing_else_is_kept() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        SHORT.replace("limit = 4", "limit = 4\narchives = false"),
    );
    for number in 0..12 {
        write(&newsroom, number, "\"Energy\"");
    }
    newsroom.build();
    for format in FORMATS {
        let walked = walk(&newsroom, format);
        assert_eq!(walked.len(), 1, "{format}");
        assert_eq!(walked[0].1.ids.len(), 4, "{format}");
    }
    assert!(
        newsroom
            .bytes()
            .keys()
            .all(|path| !path.contains("archive"))
    );
}

#[test]
fn publishing_one_item_touches_only_the_files_that_it_must() {
    let newsroom = newsroom(0);
    for number in 0..40 {
        let topics = ["\"Energy\"", "\"Water\"", "\"Rivers\""][number % 3];
        write(&newsroom, number, topics);
    }
    newsroom.build();
    let before = newsroom.bytes();
    write(&newsroom, 40, "\"Rivers\"");
    newsroom.build();
    let touched = changed(&before, &newsroom.bytes());
    let mut expected: BTreeSet<String> = [
        "index.html",
        "news/1990/item-40/index.html",
        // That of the month in which the item was issued.
        "sitemap/1990-02.xml",
        "topic/index.html",
        "topic/rivers/index.html",
        "feeds/dry/index.html",
    ]
    .map(str::to_owned)
    .into();
    for folder in ["", "topic/rivers/", "feeds/dry/"] {
        expected.extend(FORMATS.map(|format| format!("{folder}{format}")));
    }
    // Besides, what became old is sealed, in some feeds at this very item: new files, no others.
    let (sealed, rest): (BTreeSet<String>, BTreeSet<String>) = touched
        .into_iter()
        .partition(|path| path.contains("archive/"));
    assert_eq!(rest, expected);
    assert!(sealed.iter().all(|path| !before.contains_key(path)));
    assert!(sealed.len() <= 9, "{sealed:?}");
}

#[test]
fn feedparser_and_feed_rs_read_archives_and_tombstones() {
    let newsroom = newsroom(12);
    fs::remove_file(newsroom.path("news/3.md")).unwrap();
    newsroom.build();
    assert!(newsroom.read("atom.xml").contains("deleted-entry"));
    let files = newsroom.bytes();
    let feeds: Vec<&str> = files
        .keys()
        .map(String::as_str)
        .filter(|path| path.ends_with("rss.xml") || path.ends_with("atom.xml"))
        .collect();
    assert!(feeds.iter().any(|path| path.contains("archive/")));
    common::assert_feedparser_is_content(&newsroom, &feeds);
    for path in files
        .keys()
        .filter(|path| FORMATS.iter().any(|name| path.ends_with(name)))
    {
        newsroom.feed(path);
    }
}
