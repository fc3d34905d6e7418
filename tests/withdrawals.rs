//! Corrections, withdrawals and republication with the real program: what readers are told.

mod common;

use std::fs;
use std::time::Duration;

use common::{CONFIGURATION, Newsroom, item};
use roxmltree::Document;
use serde_json::{Value, json};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";
const DCTERMS: &str = "http://purl.org/dc/terms/";

const ID: &str = "tag:news.example.org,2024:news/2024/one";
const PAGE: &str = "news/2024/one/index.html";

/// A tombstone as Atom has it.
#[derive(Debug, PartialEq)]
struct Tombstone {
    id: String,
    when: String,
    by: String,
    comment: Option<String>,
    link: Option<String>,
}

fn tombstones(newsroom: &Newsroom, path: &str) -> Vec<Tombstone> {
    let text = newsroom.read(path);
    let document = Document::parse(&text).unwrap();
    let deleted = document
        .root_element()
        .children()
        .filter(|node| node.has_tag_name((TOMBSTONES, "deleted-entry")));
    deleted
        .map(|node| {
            let child = |name: (&'static str, &'static str)| {
                node.descendants().find(|child| child.has_tag_name(name))
            };
            let text = |node: roxmltree::Node<'_, '_>| node.text().unwrap_or_default().to_owned();
            let by = child((TOMBSTONES, "by")).unwrap();
            let name = by.children().find(|name| name.has_tag_name((ATOM, "name")));
            let link = child((ATOM, "link"));
            Tombstone {
                id: node.attribute("ref").unwrap().to_owned(),
                when: node.attribute("when").unwrap().to_owned(),
                by: text(name.unwrap()),
                comment: child((TOMBSTONES, "comment")).map(text),
                link: link.map(|link| link.attribute("href").unwrap().to_owned()),
            }
        })
        .collect()
}

fn addresses(newsroom: &Newsroom) -> Value {
    let file = newsroom.path("public/.tidings/addresses.json");
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Err(_) => Value::Null,
    }
}

/// Two items, of which one is taken back by these lines of front matter.
fn withdrawn(lines: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.item("news/one.md", "One", "Secret text.");
    newsroom.item("news/two.md", "Two", "x");
    newsroom.build();
    withdraw(&newsroom, lines);
    newsroom
}

fn withdraw(newsroom: &Newsroom, lines: &str) {
    let text = item("One", "2024-11-20", "Secret text.");
    newsroom.write(
        "news/one.md",
        text.replace("title =", &format!("{lines}\ntitle =")),
    );
    newsroom.build();
}

/// A newsroom that has published one item.
fn published() -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.item("news/one.md", "One", "x");
    newsroom.build();
    newsroom
}

fn assert_keeps_its_id(newsroom: &Newsroom) {
    let feed = newsroom.read("atom.xml");
    assert!(feed.contains(&format!("<id>{ID}</id>")), "{feed}");
}

#[test]
fn a_withdrawn_item_leaves_a_tombstone_in_atom_and_nothing_in_rss_and_json() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("[feeds]", "[feeds]\ntombstones = \"3000 days\""),
    );
    newsroom.item("news/one.md", "One", "Secret text.");
    newsroom.item("news/two.md", "Two", "x");
    newsroom.build();
    withdraw(
        &newsroom,
        "withdrawn = { by = \"Legal & more\", reason = \"It named a <witness>.\", at = 2024-11-21T09:30:00+01:00 }",
    );
    for folder in [
        "",
        "topic/water/",
        "department/press-office/",
        "feeds/wet-news/",
    ] {
        assert_eq!(
            tombstones(&newsroom, &format!("{folder}atom.xml")),
            [Tombstone {
                id: ID.into(),
                when: "2024-11-21T09:30:00+01:00".into(),
                by: "Legal & more".into(),
                comment: Some("It named a <witness>.".into()),
                link: Some("https://news.example.org/news/2024/one/".into()),
            }],
            "{folder}"
        );
    }
    assert!(tombstones(&newsroom, "digests/weekly/atom.xml").is_empty());
    for (path, bytes) in newsroom.bytes() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Secret text"), "{path}");
        if path.ends_with("rss.xml") || path.ends_with("feed.json") {
            assert!(!text.contains(ID), "{path}");
        }
    }
}

#[test]
fn the_page_of_a_withdrawn_item_is_a_notice_and_its_address_is_gone() {
    let newsroom = withdrawn("withdrawn = \"It was a draft.\"");
    let page = newsroom.read(PAGE);
    assert!(page.contains("This item was withdrawn"), "{page}");
    assert!(page.contains("It was a draft."), "{page}");
    // By the site, where nobody is named; and nothing of the item.
    assert!(
        page.contains("<dd dir=\"auto\">Test newsroom</dd>"),
        "{page}"
    );
    assert!(!page.contains(">One<"), "{page}");
    assert_eq!(addresses(&newsroom)["gone"], json!(["news/2024/one/"]));
    // No list leads there.
    for page in ["index.html", "topic/water/index.html"] {
        assert!(!newsroom.read(page).contains("news/2024/one"), "{page}");
    }
}

#[test]
fn a_deleted_item_is_gone_like_a_withdrawn_one() {
    let newsroom = Newsroom::new();
    newsroom.item("news/one.md", "One", "Secret text.");
    newsroom.item("news/two.md", "Two", "x");
    newsroom.build();
    fs::remove_file(newsroom.path("news/one.md")).unwrap();
    newsroom.build();
    let told = tombstones(&newsroom, "topic/water/atom.xml");
    assert_eq!(told.len(), 1);
    assert_eq!((&*told[0].id, &*told[0].by), (ID, "Test newsroom"));
    assert_eq!(told[0].comment, None);
    assert!(newsroom.read(PAGE).contains("This item was withdrawn"));
    assert_eq!(addresses(&newsroom)["gone"], json!(["news/2024/one/"]));
}

#[test]
fn what_is_said_of_a_withdrawal_can_be_put_right_later() {
    let newsroom = withdrawn("withdrawn = true");
    let first = tombstones(&newsroom, "atom.xml").remove(0);
    assert_eq!(first.comment, None);
    withdraw(&newsroom, "withdrawn = \"A better reason.\"");
    let second = tombstones(&newsroom, "topic/water/atom.xml").remove(0);
    assert_eq!(second.comment.as_deref(), Some("A better reason."));
    assert_eq!(second.when, first.when);
    assert!(newsroom.read(PAGE).contains("A better reason."));
}

#[test]
fn a_tombstone_stays_for_the_configured_time_and_the_notice_for_good() {
    let newsroom = withdrawn("withdrawn = { at = 2024-11-21 }");
    assert_eq!(
        tombstones(&newsroom, "atom.xml").len(),
        0,
        "older than 90 days"
    );
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("[feeds]", "[feeds]\ntombstones = \"3000 days\""),
    );
    newsroom.build();
    assert_eq!(tombstones(&newsroom, "atom.xml").len(), 1);
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("[feeds]", "[feeds]\ntombstones = \"1 ms\""),
    );
    std::thread::sleep(Duration::from_millis(5));
    newsroom.build();
    assert_eq!(tombstones(&newsroom, "atom.xml").len(), 0);
    assert!(newsroom.exists(PAGE));
    assert_eq!(addresses(&newsroom)["gone"], json!(["news/2024/one/"]));
}

#[test]
fn a_republished_item_gets_its_id_and_page_back_and_is_in_the_feed_again() {
    let newsroom = withdrawn("withdrawn = true");
    newsroom.item("news/one.md", "One, once more", "Public text.");
    newsroom.build();
    assert!(tombstones(&newsroom, "atom.xml").is_empty());
    assert_keeps_its_id(&newsroom);
    assert!(newsroom.read(PAGE).contains("Public text."));
    assert_eq!(addresses(&newsroom)["gone"], json!([]));
}

#[test]
fn building_again_from_the_ledger_alone_tells_the_same_of_what_is_gone() {
    let newsroom = withdrawn("withdrawn = \"For a reason.\"");
    newsroom.item("news/three.md", "Three", "x");
    newsroom.build();
    fs::remove_file(newsroom.path("news/three.md")).unwrap();
    newsroom.build();
    let before = (newsroom.bytes(), addresses(&newsroom));
    assert_eq!(tombstones(&newsroom, "atom.xml").len(), 2);
    fs::remove_dir_all(newsroom.path("public")).unwrap();
    for derived in ["catalog", "contents-0"] {
        fs::remove_file(newsroom.path(".tidings").join(derived)).unwrap();
    }
    newsroom.build();
    assert_eq!((newsroom.bytes(), addresses(&newsroom)), before);
}

#[test]
fn files_deleted_together_with_the_catalog_leave_tombstones() {
    let newsroom = Newsroom::new();
    newsroom.item("news/one.md", "One", "x");
    newsroom.item("news/two.md", "Two", "x");
    newsroom.build();
    fs::remove_file(newsroom.path("news/one.md")).unwrap();
    for derived in ["catalog", "contents-0"] {
        fs::remove_file(newsroom.path(".tidings").join(derived)).unwrap();
    }
    newsroom.build();
    for folder in [
        "",
        "topic/water/",
        "topic/water/department/press-office/",
        "feeds/wet-news/",
    ] {
        let told = tombstones(&newsroom, &format!("{folder}atom.xml"));
        assert_eq!(told.len(), 1, "{folder}");
        assert_eq!(told[0].id, ID);
    }
    assert!(newsroom.read(PAGE).contains("This item was withdrawn"));
    assert_eq!(addresses(&newsroom)["gone"], json!(["news/2024/one/"]));
}

#[test]
fn a_file_that_moved_while_the_catalog_was_deleted_is_not_gone() {
    let newsroom = published();
    fs::rename(newsroom.path("news/one.md"), newsroom.path("news/uno.md")).unwrap();
    fs::remove_file(newsroom.path(".tidings/catalog")).unwrap();
    newsroom.build();
    assert!(tombstones(&newsroom, "atom.xml").is_empty());
    assert_keeps_its_id(&newsroom);
}

#[test]
fn the_feed_of_a_topic_whose_last_item_goes_says_so_and_then_is_gone_itself() {
    let newsroom = Newsroom::new();
    let energy = item("One", "2024-11-20", "x").replace("Water", "Energy");
    newsroom.write("news/one.md", &energy);
    newsroom.item("news/two.md", "Two", "x");
    newsroom.build();
    fs::remove_file(newsroom.path("news/one.md")).unwrap();
    newsroom.build();
    let folders = ["topic/energy/", "topic/energy/department/press-office/"];
    for folder in folders {
        let told = tombstones(&newsroom, &format!("{folder}atom.xml"));
        assert_eq!(told.len(), 1, "{folder}");
        for format in ["rss.xml", "feed.json"] {
            assert!(newsroom.titles(&format!("{folder}{format}")).is_empty());
        }
        assert!(newsroom.exists(&format!("{folder}index.html")));
    }
    let lists = ["feeds.opml", "topic/index.html", "sitemap.xml"];
    for list in lists.into_iter().filter(|list| newsroom.exists(list)) {
        assert!(!newsroom.read(list).contains("topic/energy"), "{list}");
    }
    assert_eq!(addresses(&newsroom)["gone"], json!(["news/2024/one/"]));

    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("[feeds]", "[feeds]\ntombstones = \"1 ms\""),
    );
    std::thread::sleep(Duration::from_millis(5));
    newsroom.build();
    for folder in folders {
        assert!(!newsroom.exists(&format!("{folder}atom.xml")));
        let gone = addresses(&newsroom)["gone"].clone();
        let gone: Vec<String> = serde_json::from_value(gone).unwrap();
        for name in ["", "rss.xml", "atom.xml", "feed.json"] {
            assert!(gone.contains(&format!("{folder}{name}")), "{gone:?}");
        }
    }

    newsroom.write("news/three.md", energy.replace("One", "Three"));
    newsroom.build();
    assert_eq!(newsroom.titles("topic/energy/atom.xml"), ["Three"]);
    assert_eq!(addresses(&newsroom)["gone"], json!(["news/2024/one/"]));
}

#[test]
fn an_item_with_another_slug_leaves_its_old_address_to_the_new_one() {
    let newsroom = published();
    let text = item("One", "2024-11-20", "x");
    newsroom.write(
        "news/one.md",
        text.replace("title =", "slug = \"uno\"\ntitle ="),
    );
    newsroom.build();
    assert!(newsroom.exists("news/2024/uno/index.html"));
    assert!(!newsroom.exists(PAGE));
    assert_eq!(
        addresses(&newsroom)["moved"],
        json!({ "news/2024/one/": "news/2024/uno/" })
    );
    assert_keeps_its_id(&newsroom);
}

#[test]
fn a_correction_moves_every_date_of_change_and_is_shown() {
    let newsroom = published();
    for absent in ["dcterms:modified", "date_modified"] {
        assert!(!newsroom.read("rss.xml").contains(absent));
        assert!(!newsroom.read("feed.json").contains(absent));
    }
    let text = item("One", "2024-11-20", "y");
    newsroom.write(
        "news/one.md",
        text.replace(
            "title =",
            "updated = 2024-11-22T08:00:00+01:00\ncorrection = \"The river is the Danube.\"\ntitle =",
        ),
    );
    newsroom.build();
    let date = "2024-11-22T08:00:00+01:00";
    let rss = newsroom.read("rss.xml");
    let rss = Document::parse(&rss).unwrap();
    let modified = rss
        .descendants()
        .find(|node| node.has_tag_name((DCTERMS, "modified")));
    assert_eq!(modified.unwrap().text(), Some(date));
    let json: Value = serde_json::from_str(&newsroom.read("feed.json")).unwrap();
    assert_eq!(json["items"][0]["date_modified"], date);
    let atom = newsroom.feed("atom.xml");
    let expected = chrono::DateTime::parse_from_rfc3339(date).unwrap();
    assert_eq!(atom.entries[0].updated.unwrap(), expected);
    assert_eq!(atom.updated.unwrap(), expected);
    for path in ["rss.xml", "atom.xml", "feed.json", PAGE] {
        assert!(
            newsroom.read(path).contains("The river is the Danube."),
            "{path}"
        );
    }
}

#[test]
fn white_space_and_the_order_of_keys_are_no_change_to_readers() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "news/one.md",
        "+++\ntitle = \"One\"\ndate = 2024-11-20\n+++\n\nSome text.\n\nMore of it.\n",
    );
    newsroom.build();
    let before = newsroom.bytes();
    newsroom.write(
        "news/one.md",
        "+++\ndate   =   2024-11-20\n\ntitle = \"One\"\n+++\n\n\nSome text.  \n\n\n\nMore of it.",
    );
    newsroom.build();
    assert_eq!(newsroom.bytes(), before);
}
