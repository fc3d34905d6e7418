//! Terms, feeds and digests with another slug, with the real program: what becomes of their old
//! addresses, their archives and their issues.

mod common;

use common::{CONFIGURATION, Newsroom, item};
use serde_json::Value;

fn addresses(newsroom: &Newsroom) -> Value {
    let file = newsroom.path("public/.tidings/addresses.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// A newsroom with twelve items on water, feeds of four and archives of two.
fn newsroom() -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write("feeds.toml", short(CONFIGURATION));
    for number in 10..22 {
        let date = format!("2024-11-{number}");
        newsroom.write(
            &format!("news/{number}.md"),
            item(&format!("Item {number}"), &date, "x"),
        );
    }
    newsroom.build();
    newsroom
}

fn short(configuration: &str) -> String {
    configuration.replace("[feeds]", "[feeds]\nlimit = 4\narchives = \"all\"")
}

fn rename(newsroom: &Newsroom, from: &str, to: &str) {
    assert!(CONFIGURATION.contains(from), "{from}");
    newsroom.write("feeds.toml", short(&CONFIGURATION.replace(from, to)));
    newsroom.build();
}

#[test]
fn a_renamed_term_leaves_redirects_for_its_feeds_pages_pairs_and_archives() {
    let newsroom = newsroom();
    let titles = newsroom.titles("topic/water/archive/2/atom.xml");
    assert_eq!(titles, ["Item 13", "Item 12"]);
    let everything = newsroom.read("archive/1/feed.json");
    // Other tables name the term by its slug.
    newsroom.write(
        "feeds.toml",
        short(CONFIGURATION)
            .replace(
                "\"Water\",",
                "\"Water\", slug = \"waters\", was = [\"water\"],",
            )
            .replace("parent = \"water\"", "parent = \"waters\"")
            .replace("topic:water", "topic:waters"),
    );
    newsroom.build();
    let moved = &addresses(&newsroom)["moved"];
    assert_eq!(moved["topic/water/"], "topic/waters/");
    for gone in ["topic/water/atom.xml", "topic/water/archive/1/atom.xml"] {
        assert!(!newsroom.exists(gone), "{gone}");
    }
    // Where the old address leads, the same documents stand: archives too.
    assert_eq!(newsroom.titles("topic/waters/archive/2/atom.xml"), titles);
    let page = newsroom.read("topic/water/index.html");
    assert!(
        page.contains(r#"<link rel="canonical" href="https://news.example.org/topic/waters/">"#),
        "{page}"
    );
    assert!(
        page.contains(r#"http-equiv="refresh" content="0; url=../../topic/waters/"#),
        "{page}"
    );
    let pair = newsroom.read("topic/water/department/press-office/index.html");
    assert!(pair.contains("https://news.example.org/topic/waters/department/press-office/"));
    // A rename is no news: nothing moves in the feeds of everything.
    let ids = |text: &str| {
        let json: Value = serde_json::from_str(text).unwrap();
        let items = json["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&newsroom.read("archive/1/feed.json")), ids(&everything));
}

#[test]
fn a_pair_whose_second_term_was_renamed_has_a_redirect_of_its_own() {
    let newsroom = newsroom();
    rename(
        &newsroom,
        "{ name = \"Press office\" }",
        "{ name = \"Press office\", slug = \"press\", was = [\"press-office\"] }",
    );
    let moved = &addresses(&newsroom)["moved"];
    assert_eq!(moved["department/press-office/"], "department/press/");
    assert_eq!(
        moved["topic/water/department/press-office/"],
        "topic/water/department/press/"
    );
    assert!(newsroom.exists("topic/water/department/press/archive/1/rss.xml"));
    assert!(newsroom.exists("topic/water/department/press-office/index.html"));
    assert!(!newsroom.exists("topic/water/department/press-office/rss.xml"));
}

#[test]
fn what_a_merged_term_had_is_news_to_readers_of_the_other() {
    let newsroom = newsroom();
    // Older than all that the archives of water have.
    for number in 1..4 {
        newsroom.write(
            &format!("news/{number}.md"),
            item(
                &format!("Item {number}"),
                &format!("2024-10-0{number}"),
                "x",
            )
            .replace("Water", "Energy"),
        );
    }
    newsroom.build();
    assert_eq!(newsroom.titles("topic/energy/atom.xml").len(), 3);
    let sealed = newsroom.titles("topic/water/archive/1/atom.xml");
    rename(
        &newsroom,
        "  { name = \"Energy\", keywords = [\"power plant\"] },\n  { name = \"Water\",",
        "  { name = \"Water\", was = [\"energy\"], aliases = [\"Energy\"],",
    );
    assert_eq!(
        addresses(&newsroom)["moved"]["topic/energy/"],
        "topic/water/"
    );
    let feed = newsroom.titles("topic/water/atom.xml");
    for number in 1..4 {
        assert!(feed.contains(&format!("Item {number}")), "{feed:?}");
    }
    assert_eq!(newsroom.titles("topic/water/archive/1/atom.xml"), sealed);
}

#[test]
fn a_renamed_feed_and_a_renamed_digest_keep_their_archives_and_issues() {
    let newsroom = newsroom();
    let titles = newsroom.titles("feeds/wet-news/archive/3/rss.xml");
    let issue = newsroom.read("digests/weekly/2024-W47/mail.txt");
    newsroom.write(
        "feeds.toml",
        short(CONFIGURATION)
            .replace(
                "slug = \"wet-news\"",
                "slug = \"wet\"\nwas = [\"wet-news\"]",
            )
            .replace(
                "slug = \"weekly\"",
                "slug = \"each-week\"\nwas = [\"weekly\"]",
            ),
    );
    newsroom.build();
    let moved = &addresses(&newsroom)["moved"];
    assert_eq!(moved["feeds/wet-news/"], "feeds/wet/");
    assert_eq!(moved["digests/weekly/"], "digests/each-week/");
    assert_eq!(newsroom.titles("feeds/wet/archive/3/rss.xml"), titles);
    assert!(
        newsroom
            .read("feeds/wet-news/index.html")
            .contains("feeds/wet/")
    );
    let renamed = newsroom.read("digests/each-week/2024-W47/mail.txt");
    assert_eq!(
        renamed,
        issue.replace("digests/weekly/", "digests/each-week/")
    );
}

#[test]
fn a_former_slug_that_is_in_use_is_an_error_with_its_place() {
    let newsroom = newsroom();
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace(
            "{ name = \"Rivers\",",
            "{ name = \"Rivers\", was = [\"energy\"],",
        ),
    );
    let assert = newsroom.tidings(&["build"]).assert().failure();
    let said = common::stderr(&assert);
    assert!(
        said.contains("the former slug 'energy' is in use"),
        "{said}"
    );
    assert!(said.contains("feeds.toml:24:"), "{said}");
}
