//! Archives of feeds (RFC 5005, section 4), made with the real program and walked as a reader
//! walks them.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::Newsroom;

const BASE: &str = "https://news.example.org/";

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

/// A document of a feed, as far as a walk goes.
struct Document {
    ids: Vec<String>,
    /// By relation; JSON Feed's `next_url` is `prev-archive`.
    links: BTreeMap<String, String>,
    is_archive: bool,
}

/// Reads one document of the output.
fn document(newsroom: &Newsroom, path: &str) -> Document {
    let text = newsroom.read(path);
    if path.ends_with(".json") {
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let string = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let archive = &json["_tidings"]["archive"];
        let links = [
            ("self", &json["feed_url"]),
            ("prev-archive", &json["next_url"]),
            ("next-archive", &archive["next_archive"]),
            ("current", &archive["current"]),
        ];
        return Document {
            ids: json["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| string(&item["id"]).unwrap())
                .collect(),
            links: links
                .into_iter()
                .filter_map(|(rel, url)| Some((rel.to_owned(), string(url)?)))
                .collect(),
            is_archive: archive.is_object(),
        };
    }
    let xml = roxmltree::Document::parse(&text).unwrap();
    let atom = "http://www.w3.org/2005/Atom";
    let head = match path.ends_with("rss.xml") {
        true => xml.root_element().first_element_child().unwrap(),
        false => xml.root_element(),
    };
    let links = head
        .children()
        .filter(|node| node.has_tag_name((atom, "link")))
        .filter_map(|node| Some((node.attribute("rel")?, node.attribute("href")?)));
    let entries = head
        .children()
        .filter(|node| node.has_tag_name("item") || node.has_tag_name((atom, "entry")));
    let id = |node: roxmltree::Node<'_, '_>| {
        let child = node
            .children()
            .find(|child| child.has_tag_name("guid") || child.has_tag_name((atom, "id")));
        child.unwrap().text().unwrap().to_owned()
    };
    let history = "http://purl.org/syndication/history/1.0";
    Document {
        ids: entries.map(id).collect(),
        links: links
            .filter(|(rel, _)| !matches!(*rel, "alternate" | "related"))
            .map(|(rel, url)| (rel.to_owned(), url.to_owned()))
            .collect(),
        is_archive: head
            .children()
            .any(|node| node.has_tag_name((history, "archive"))),
    }
}

fn path_of(url: &str) -> &str {
    url.strip_prefix(BASE).unwrap()
}

/// Walks a feed back to its first document: the paths, newest first, with their documents.
fn walk(newsroom: &Newsroom, path: &str) -> Vec<(String, Document)> {
    let mut walked = vec![(path.to_owned(), document(newsroom, path))];
    while let Some(url) = walked.last().unwrap().1.links.get("prev-archive") {
        let path = path_of(url).to_owned();
        let next = document(newsroom, &path);
        walked.push((path, next));
    }
    walked
}

/// The ids that a walk finds, in order, as often as it finds them.
fn ids(walked: &[(String, Document)]) -> Vec<&str> {
    walked
        .iter()
        .flat_map(|(_, document)| document.ids.iter().map(String::as_str))
        .collect()
}

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
    fs::remove_dir_all(newsroom.path("public")).unwrap();
    for derived in ["catalog", "contents-0"] {
        fs::remove_file(newsroom.path(".tidings").join(derived)).unwrap();
    }
    newsroom.build();
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

/// A newsroom with a feed for each pair of a topic and an office, twelve items in one of them.
fn newsroom_of_pairs(archives: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let configuration = SHORT.replace("limit = 4", &format!("limit = 4\n{archives}"));
    let office = "\n[facet.office]\nterms = [{ name = \"Vienna\" }]\n";
    newsroom.write(
        "feeds.toml",
        configuration.replace(
            "\n[[feed]]",
            &format!("pairs = [[\"topic\", \"office\"]]\n{office}\n[[feed]]"),
        ),
    );
    for number in 0..12 {
        write_of_pair(&newsroom, number, |text| text);
    }
    newsroom.build();
    newsroom
}

fn write_of_pair(newsroom: &Newsroom, number: usize, change: impl Fn(String) -> String) {
    let text = item(number, "\"Energy\"").replace("topic =", "office = [\"Vienna\"]\ntopic =");
    newsroom.write(&format!("news/{number}.md"), change(text));
}

const PAIR: &str = "topic/energy/office/vienna/";

#[test]
fn pairs_have_archives_unless_refused_and_their_items_stand_in_those_of_both_topics_anyway() {
    for (archives, kept) in [
        ("", true),
        ("archives = \"topics\"", false),
        ("archives = \"all\"", true),
        ("archives = true", true),
    ] {
        let newsroom = newsroom_of_pairs(archives);
        for format in FORMATS {
            for folder in ["", "topic/energy/", "office/vienna/"] {
                let found = ids(&walk(&newsroom, &format!("{folder}{format}"))).len();
                assert_eq!(found, 12, "{archives} {folder}{format}");
            }
            let walked = walk(&newsroom, &format!("{PAIR}{format}"));
            let (documents, found) = if kept { (5, 12) } else { (1, 4) };
            let counts = (walked.len(), ids(&walked).len());
            assert_eq!(counts, (documents, found), "{archives} {format}");
        }
    }
}

#[test]
fn a_feed_of_a_pair_shows_corrections_and_late_items_to_whoever_polls_it() {
    let newsroom = newsroom_of_pairs("archives = \"topics\"");
    write_of_pair(&newsroom, 0, |text| text.replace("Text 0.", "Corrected."));
    write_of_pair(&newsroom, 40, |text| text.replace("1990-", "1950-"));
    newsroom.build();
    let late = "tag:news.example.org,2024:news/1950/item-40".to_owned();
    for format in FORMATS {
        let found = document(&newsroom, &format!("{PAIR}{format}")).ids;
        // Besides the newest four by date.
        let mut expected: Vec<String> = (8..12).rev().map(id).collect();
        expected.extend([id(0), late.clone()]);
        assert_eq!(found, expected, "{format}");
    }
}

#[test]
fn archives_of_pairs_go_when_they_are_no_longer_asked_for_and_come_back_as_they_were() {
    let newsroom = newsroom_of_pairs("archives = \"all\"");
    let configuration = fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let before = newsroom.bytes();
    newsroom.write(
        "feeds.toml",
        configuration.replace("archives = \"all\"", "archives = \"topics\""),
    );
    newsroom.build();
    let archive = format!("{PAIR}archive/");
    assert!(before.keys().any(|path| path.starts_with(&archive)));
    let left = newsroom.bytes();
    assert!(!left.keys().any(|path| path.starts_with(&archive)));
    newsroom.write("feeds.toml", configuration);
    newsroom.build();
    assert_eq!(newsroom.bytes(), before);
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

/// A reader as RFC 5005, section 4.2, has it: it polls the feed, and reads each archive document
/// that it has not read before. Of each entry it keeps what was changed last.
#[derive(Default)]
struct Reader {
    read: BTreeSet<String>,
    /// When each entry was last changed, by its id.
    entries: BTreeMap<String, chrono::DateTime<chrono::Utc>>,
}

impl Reader {
    fn poll(&mut self, newsroom: &Newsroom, feed: &str) {
        let mut next = Some(feed.to_owned());
        while let Some(path) = next {
            for entry in newsroom.feed(&path).entries {
                let updated = entry.updated.unwrap();
                let known = self.entries.entry(entry.id).or_insert(updated);
                *known = updated.max(*known);
            }
            let previous = document(newsroom, &path).links.remove("prev-archive");
            next = previous
                .map(|url| path_of(&url).to_owned())
                .filter(|path| self.read.insert(path.clone()));
        }
    }
}

#[test]
fn a_reader_who_polls_now_and_then_misses_neither_items_nor_changes_of_old_ones() {
    let newsroom = newsroom(0);
    let mut random = 7u64;
    let mut draw = |below: u64| {
        // Any sequence will do, as long as it is always the same.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let feeds = ["atom.xml", "topic/water/atom.xml", "feeds/dry/atom.xml"];
    let mut readers: Vec<(Reader, &str, u64)> = feeds
        .iter()
        .flat_map(|feed| [1, 4, 11].map(|every| (Reader::default(), *feed, every)))
        .collect();
    const STEPS: u64 = 34;
    for step in 1..=STEPS {
        for _ in 0..=draw(3) {
            // Any of eighty items comes, changes its text, its topics or both, or goes.
            let number = usize::try_from(draw(80)).unwrap();
            let path = newsroom.path(&format!("news/{number}.md"));
            if path.exists() && draw(5) == 0 {
                fs::remove_file(path).unwrap();
                continue;
            }
            let topics = ["\"Energy\"", "\"Water\"", "\"Energy\", \"Water\"", ""];
            let topics = topics[usize::try_from(draw(4)).unwrap()];
            let text = item(number, topics).replace("Text", &format!("Text {}", draw(3)));
            fs::write(path, text).unwrap();
        }
        newsroom.build();
        for (reader, feed, every) in &mut readers {
            if (step % *every == 0 || step == STEPS) && newsroom.exists(feed) {
                reader.poll(&newsroom, feed);
            }
        }
    }
    for (reader, feed, every) in &readers {
        let mut fresh = Reader::default();
        fresh.poll(&newsroom, feed);
        assert!(fresh.entries.len() > 8, "{feed} {}", fresh.entries.len());
        for (id, updated) in &fresh.entries {
            let known = reader.entries.get(id);
            assert_eq!(known, Some(updated), "{id} in {feed}, polled every {every}");
        }
    }
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
