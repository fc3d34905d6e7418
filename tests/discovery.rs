//! What helps crawlers find what there is: sitemaps, robots.txt, security.txt, lists of feeds.

mod common;

use std::collections::BTreeSet;

use common::{CONFIGURATION, Newsroom, item};
use predicates::str::contains;

/// The addresses in a sitemap or an index.
fn addresses(newsroom: &Newsroom, path: &str) -> Vec<String> {
    let text = newsroom.read(path);
    let parts = text.split("<loc>https://news.example.org/").skip(1);
    parts
        .map(|part| part.split("</loc>").next().unwrap().to_owned())
        .collect()
}

fn hours_ago(hours: i64) -> String {
    (chrono::Utc::now() - chrono::TimeDelta::hours(hours)).to_rfc3339()
}

#[test]
fn sitemaps_name_every_page_once() {
    let newsroom = Newsroom::new();
    newsroom.item("news/flood.md", "The river rises", "Text.");
    newsroom.write("news/dam.md", item("The dam", "2024-10-31", "Text."));
    newsroom.build();
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    let index = addresses(&newsroom, "sitemap.xml");
    assert_eq!(
        index,
        [
            "sitemap/pages.xml",
            "sitemap/2024-11.xml",
            "sitemap/2024-10.xml"
        ]
    );
    let named: Vec<String> = index
        .iter()
        .flat_map(|path| addresses(&newsroom, path))
        .collect();
    let pages: BTreeSet<String> = newsroom
        .bytes()
        .keys()
        .filter_map(|path| path.strip_suffix("index.html").map(str::to_owned))
        .collect();
    assert_eq!(named.len(), pages.len(), "{named:?}");
    assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), pages);
    assert_eq!(
        addresses(&newsroom, "sitemap/2024-10.xml"),
        ["news/2024/the-dam/"]
    );
}

#[test]
fn a_new_item_changes_the_sitemap_of_its_month_alone() {
    let newsroom = Newsroom::new();
    // Without digests: a late item is news of their next issue, which has a page of its own.
    let (without, _) = CONFIGURATION.split_once("[[digest]]").unwrap();
    newsroom.write("feeds.toml", without);
    for month in 1..=9 {
        let date = format!("2024-0{month}-05");
        let title = format!("Item {month}");
        newsroom.write(&format!("news/{month}.md"), item(&title, &date, "Text."));
    }
    newsroom.build();
    let before = newsroom.output();
    newsroom.write("news/new.md", item("New", "2024-03-20", "Text."));
    newsroom.build();
    let changed: Vec<String> = newsroom
        .output()
        .into_iter()
        .filter(|(path, file)| path.contains("sitemap") && before.get(path) != Some(file))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, ["sitemap/2024-03.xml"]);
}

#[test]
fn a_month_without_items_has_no_sitemap() {
    let newsroom = Newsroom::new();
    newsroom.item("news/flood.md", "The river rises", "Text.");
    newsroom.write("news/dam.md", item("The dam", "2024-10-31", "Text."));
    newsroom.build();
    std::fs::remove_file(newsroom.path("news/dam.md")).unwrap();
    newsroom.build();
    assert!(!newsroom.exists("sitemap/2024-10.xml"));
    assert_eq!(addresses(&newsroom, "sitemap.xml").len(), 2);
}

#[test]
fn the_news_sitemap_holds_the_last_two_days() {
    let newsroom = Newsroom::new();
    newsroom.write("news/old.md", item("Old", &hours_ago(49), "Text."));
    newsroom.build();
    assert!(!newsroom.exists("sitemap/news.xml"));
    newsroom.write("news/new.md", item("New & <good>", &hours_ago(2), "Text."));
    newsroom.build();
    let news = newsroom.read("sitemap/news.xml");
    assert_eq!(news.matches("<news:news>").count(), 1, "{news}");
    for part in [
        "<news:name>Test newsroom</news:name>",
        "<news:language>en</news:language>",
        "<news:title>New &amp; &lt;good&gt;</news:title>",
        "<news:publication_date>",
    ] {
        assert!(news.contains(part), "{part}: {news}");
    }
    assert_eq!(addresses(&newsroom, "sitemap.xml")[0], "sitemap/news.xml");
    let before = newsroom.output();
    newsroom.build();
    assert_eq!(before, newsroom.output());
}

#[test]
fn sitemaps_link_the_languages() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace(
            "language = \"en\"\n",
            "language = \"en\"\nlanguages = [\"en\", \"ru\"]\nroot = \"main\"\n",
        ),
    );
    newsroom.item("news/flood.md", "The river rises", "Text.");
    newsroom.build();
    assert!(!newsroom.read("sitemap/2024-11.xml").contains("hreflang"));
    newsroom.write(
        "news/flood.ru.md",
        item("Вода", "2024-10-20", "Text.").replace("+++\ntitle", "+++\nslug = \"вода\"\ntitle"),
    );
    newsroom.build();
    // The month of the other item changes too.
    for month in ["2024-11", "2024-10"] {
        let map = newsroom.read(&format!("sitemap/{month}.xml"));
        assert!(map.contains("xmlns:xhtml"), "{map}");
        assert!(map.contains("<xhtml:link rel=\"alternate\" hreflang=\"en\" href=\"https://news.example.org/news/2024/the-river-rises/\"/>"), "{map}");
        assert!(
            map.contains("hreflang=\"ru\" href=\"https://news.example.org/news/2024/%D0%B2"),
            "{map}"
        );
    }
    assert!(
        newsroom
            .read("sitemap/pages.xml")
            .contains("hreflang=\"ru\" href=\"https://news.example.org/ru/\"")
    );
}

#[test]
fn robots_and_security_say_what_is_configured() {
    let newsroom = Newsroom::new();
    newsroom.build();
    let plain = "User-agent: *\nDisallow:\n\nSitemap: https://news.example.org/sitemap.xml\n";
    assert_eq!(newsroom.read("robots.txt"), plain);
    assert!(!newsroom.exists(".well-known/security.txt"));
    let more = "[discovery]\nrules = [\"User-agent: GPTBot\", \"Disallow: /\"]\n\
        [discovery.security]\ncontact = [\"mailto:security@example.org\"]\nexpires = \"2199-01-01\"\n\
        policy = \"https://example.org/policy\"\nlanguages = [\"en\", \"ru\"]\n";
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{more}"));
    newsroom.build();
    assert!(
        newsroom
            .read("robots.txt")
            .contains("\nUser-agent: GPTBot\nDisallow: /\n")
    );
    assert_eq!(
        newsroom.read(".well-known/security.txt"),
        "Contact: mailto:security@example.org\nExpires: 2199-01-01T00:00:00Z\n\
         Policy: https://example.org/policy\nPreferred-Languages: en, ru\n\
         Canonical: https://news.example.org/.well-known/security.txt\n"
    );
    // What is said no more goes.
    let off = "[discovery]\nrobots = false\nsitemaps = false\n";
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{off}"));
    newsroom.build();
    for path in [
        "robots.txt",
        "sitemap.xml",
        "sitemap/pages.xml",
        ".well-known/security.txt",
    ] {
        assert!(!newsroom.exists(path), "{path}");
    }
}

#[test]
fn a_site_below_a_path_writes_no_files_that_only_a_host_has() {
    let newsroom = Newsroom::new();
    let below = CONFIGURATION.replace("news.example.org/\"", "example.org/news/\"");
    let more =
        "[discovery.security]\ncontact = [\"tel:+43-1-514\"]\nexpires = \"2199-01-01T00:00:00Z\"\n";
    newsroom.write("feeds.toml", below + more);
    newsroom
        .tidings(&["build"])
        .assert()
        .success()
        .stderr(contains("security.txt is read at the root of a host alone"));
    assert!(!newsroom.exists("robots.txt") && newsroom.exists("sitemap.xml"));
}

#[test]
fn what_is_wrong_in_discovery_is_told_with_its_mend() {
    let newsroom = Newsroom::new();
    for (more, message) in [
        (
            "[discovery]\nrules = [\"no bots\"]\n",
            "'no bots' is no rule",
        ),
        ("[discovery]\nsitemap = true\n", "did you mean 'sitemaps'?"),
        (
            "[discovery.security]\nexpires = \"2199-01-01\"\n",
            "missing key 'contact'",
        ),
        (
            "[discovery.security]\ncontact = [\"a@b.example\"]\nexpires = \"2199-01-01\"\n",
            "did you mean 'mailto:a@b.example'?",
        ),
        (
            "[discovery.security]\ncontact = [\"tel:1\"]\nexpires = \"soon\"\n",
            "cannot read 'soon' as a date",
        ),
    ] {
        newsroom.write("feeds.toml", format!("{CONFIGURATION}{more}"));
        newsroom
            .tidings(&["check"])
            .assert()
            .failure()
            .stderr(contains(message));
    }
    let more = "[discovery.security]\ncontact = [\"tel:1\"]\nexpires = \"2020-01-01\"\n";
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{more}"));
    newsroom
        .tidings(&["build"])
        .assert()
        .success()
        .stderr(contains("security.txt has expired"));
}

#[test]
fn the_directory_of_topics_nests_them_and_the_list_of_feeds_stays_flat() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "news/flood.md",
        item("The river rises", "2024-11-20", "Text.").replace("\"Water\"", "\"Rivers\""),
    );
    newsroom.build();
    let depth = |path: &str| {
        let text = newsroom.read(path);
        let document = scraper::Html::parse_fragment(&text.replace("/>", "></outline>"));
        let rivers = scraper::Selector::parse("outline[text=Rivers]").unwrap();
        let found = document.select(&rivers).next().unwrap();
        assert_eq!(
            found.attr("xmlurl"),
            Some("https://news.example.org/topic/rivers/rss.xml"),
            "{text}"
        );
        let outlines = found.ancestors().filter_map(scraper::ElementRef::wrap);
        outlines
            .filter(|element| element.value().name() == "outline")
            .filter_map(|element| element.attr("text").map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(depth("directory.opml"), ["Water", "Topics"]);
    assert_eq!(depth("feeds.opml"), ["Topics"]);
}

#[test]
fn every_page_names_the_feeds_of_its_topics_and_then_those_of_everything() {
    let newsroom = Newsroom::new();
    newsroom.item("news/flood.md", "The river rises", "Text.");
    newsroom.build();
    let feeds = |path: &str| {
        let page = scraper::Html::parse_document(&newsroom.read(path));
        let selector = scraper::Selector::parse("head link[rel=alternate][type]").unwrap();
        let links: Vec<String> = page
            .select(&selector)
            .map(|link| {
                link.attr("href")
                    .unwrap()
                    .replace("https://news.example.org/", "")
            })
            .collect();
        links
    };
    let all = ["rss.xml", "atom.xml", "feed.json"];
    assert_eq!(feeds("topic/index.html"), all);
    assert_eq!(
        feeds("topic/water/index.html")[..3],
        all.map(|name| format!("topic/water/{name}"))
    );
    assert_eq!(feeds("topic/water/index.html")[3..], all);
    let item = feeds("news/2024/the-river-rises/index.html");
    assert_eq!(
        item[..2],
        ["topic/water/rss.xml", "department/press-office/rss.xml"]
    );
    assert_eq!(item[2..], all);
    // The page says what a feed is, with addresses to copy.
    let page = newsroom.read("topic/water/index.html");
    assert!(
        page.contains("A feed is a list of the newest items"),
        "{page}"
    );
    assert!(
        page.contains("<code dir=\"ltr\">https://news.example.org/topic/water/atom.xml</code>"),
        "{page}"
    );
}
