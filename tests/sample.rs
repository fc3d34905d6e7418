//! The sample newsroom, whole: every link leads somewhere, every feed reads, all formats agree.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::{Newsroom, sample, stderr, stdout};
use feed_rs::model::{Entry, Feed};
use scraper::{Html, Selector};

const BASE: &str = "https://news.example.org/";

fn built() -> (Newsroom, BTreeMap<String, Vec<u8>>) {
    let newsroom = sample();
    let told = stderr(&newsroom.tidings(&["build"]).assert().success());
    let warnings = told
        .lines()
        .filter(|line| line.starts_with("warning:"))
        .count();
    assert_eq!(
        warnings, 2,
        "two files in old encodings, and nothing else:\n{told}"
    );
    let files = newsroom.bytes();
    (newsroom, files)
}

/// What the three formats of a feed must agree on.
fn gist(entry: &Entry) -> (String, String, i64, Vec<String>, Option<String>) {
    let title = entry
        .title
        .as_ref()
        .map_or(String::new(), |title| title.content.clone());
    let published = entry.published.map_or(0, |date| date.timestamp());
    let mut categories: Vec<String> = entry
        .categories
        .iter()
        .map(|category| {
            category
                .label
                .clone()
                .unwrap_or_else(|| category.term.clone())
        })
        .collect();
    categories.sort();
    let content = entry
        .content
        .as_ref()
        .and_then(|content| content.body.clone());
    (entry.id.clone(), title, published, categories, content)
}

#[test]
fn every_feed_reads_and_its_formats_agree() {
    let (newsroom, files) = built();
    let folders: Vec<&str> = files
        .keys()
        .filter_map(|path| path.strip_suffix("rss.xml"))
        .collect();
    assert!(folders.len() > 200, "{} feeds", folders.len());
    for folder in folders {
        let feeds: Vec<Feed> = ["rss.xml", "atom.xml", "feed.json"]
            .iter()
            .map(|file| newsroom.feed(&format!("{folder}{file}")))
            .collect();
        let gists: Vec<Vec<_>> = feeds
            .iter()
            .map(|feed| feed.entries.iter().map(gist).collect())
            .collect();
        assert_eq!(gists[0], gists[1], "{folder}: RSS and Atom");
        for (rss, json) in gists[0].iter().zip(&gists[2]) {
            assert_eq!(
                (&rss.0, &rss.1, rss.2),
                (&json.0, &json.1, json.2),
                "{folder}"
            );
            // Without content of its own, JSON Feed asks for a text: the summary.
            assert!(
                rss.4.is_none() || rss.4 == json.4,
                "{folder}: content of {}",
                rss.0
            );
        }
        assert_eq!(gists[0].len(), gists[2].len(), "{folder}");
        let dates: Vec<i64> = gists[0].iter().map(|gist| gist.2).collect();
        assert!(dates.is_sorted_by(|a, b| a >= b), "{folder}: newest first");
    }
    let ids: Vec<String> = newsroom
        .feed("atom.xml")
        .entries
        .iter()
        .map(|entry| entry.id.clone())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn every_field_of_work_has_its_feeds() {
    let (_newsroom, files) = built();
    let fields = files.keys().filter(|path| {
        path.starts_with("field-of-work/")
            && path.matches('/').count() == 2
            && path.ends_with("atom.xml")
    });
    assert_eq!(fields.count(), 23);
}

#[test]
fn every_link_within_the_site_leads_to_a_file() {
    let (_newsroom, files) = built();
    let links = Selector::parse("[href], [src]").unwrap();
    for (path, bytes) in files
        .iter()
        .filter(|(path, _)| path.ends_with(".html") && *path != "404.html")
    {
        let page = url::Url::parse(BASE).unwrap().join(path).unwrap();
        let html = Html::parse_document(std::str::from_utf8(bytes).unwrap());
        for element in html.select(&links) {
            let link = element.attr("href").or(element.attr("src")).unwrap();
            let target = page
                .join(link)
                .unwrap_or_else(|error| panic!("{path}: {link}: {error}"));
            let Some(local) = target.as_str().strip_prefix(BASE) else {
                continue;
            };
            let local = local.split(['#', '?']).next().unwrap();
            let file = if local.is_empty() || local.ends_with('/') {
                format!("{local}index.html")
            } else {
                local.to_owned()
            };
            assert!(
                files.contains_key(&file),
                "{path}: {link} leads to {file}, which is not there"
            );
        }
    }
}

#[test]
fn every_page_is_sound() {
    let (_newsroom, files) = built();
    let select = |text: &str| Selector::parse(text).unwrap();
    for (path, bytes) in files
        .iter()
        .filter(|(path, _)| path.ends_with("index.html"))
    {
        let html = Html::parse_document(std::str::from_utf8(bytes).unwrap());
        assert_eq!(html.select(&select("h1")).count(), 1, "{path}: one h1");
        assert_eq!(
            html.select(&select("html[lang]")).count(),
            1,
            "{path}: a language"
        );
        assert!(
            html.select(&select("head title"))
                .next()
                .is_some_and(|title| !title.text().collect::<String>().trim().is_empty()),
            "{path}: a title"
        );
        assert_eq!(
            html.select(&select("img:not([alt])")).count(),
            0,
            "{path}: pictures with words"
        );
        assert_eq!(
            html.select(&select("script:not([type='application/ld+json'])"))
                .count(),
            0,
            "{path}: no script"
        );
        assert_eq!(
            html.select(&select(
                "link[rel='alternate'][type='application/atom+xml']"
            ))
            .count()
                > 0,
            path != "404.html",
            "{path}: autodiscovery"
        );
        let hidden = select("[onclick], [onload], [onerror], a[href^='javascript:']");
        assert_eq!(html.select(&hidden).count(), 0, "{path}: nothing that runs");
    }
}

#[test]
fn what_waits_or_was_withdrawn_is_nowhere() {
    let newsroom = sample();
    newsroom.build();
    let items = newsroom
        .tidings(&["list", "items", "--json"])
        .assert()
        .success();
    let items: serde_json::Value = serde_json::from_str(&stdout(&items)).unwrap();
    let mut kept_back = 0;
    for item in items
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["state"] != "published")
    {
        kept_back += 1;
        let title = item["title"].as_str().unwrap();
        for (path, bytes) in newsroom.bytes() {
            assert!(
                !String::from_utf8_lossy(&bytes).contains(title),
                "{title} stands in {path}"
            );
        }
    }
    assert_eq!(kept_back, 2);
}

#[test]
fn mails_are_small_enough_for_every_mail_client() {
    let (newsroom, _) = built();
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    let files = newsroom.bytes();
    let mails: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.ends_with("mail.html"))
        .collect();
    assert!(mails.len() >= 3, "{}", mails.len());
    for (path, bytes) in mails {
        assert!(bytes.len() < 100_000, "{path}: {} bytes", bytes.len());
    }
}

#[test]
fn feedparser_finds_no_fault_with_any_feed() {
    let (newsroom, files) = built();
    let feeds: Vec<&str> = files
        .keys()
        .map(String::as_str)
        .filter(|path| path.ends_with("rss.xml") || path.ends_with("atom.xml"))
        .collect();
    common::assert_feedparser_is_content(&newsroom, &feeds);
}

#[test]
fn a_page_copied_with_its_menus_is_read_as_it_is() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seed/osce-news-item.txt");
    let Ok(seed) = std::fs::read(seed) else {
        eprintln!("the seed page is not beside this checkout: nothing tested");
        return;
    };
    let newsroom = sample();
    newsroom.write("news/seed.txt", seed);
    newsroom.build();
    let told = stdout(
        &newsroom
            .tidings(&["explain", newsroom.path("news/seed.txt").to_str().unwrap()])
            .assert()
            .success(),
    );
    for part in [
        "OSCE fosters dialogue on critical infrastructure resilience in Central Asia and beyond",
        "22 November 2024 00:00 CET (from the text's dateline)",
        "Transnational Threats Department  (stated:",
        "Secretariat  (through Transnational Threats Department)",
        "Countering terrorism  (stated:",
    ] {
        assert!(told.contains(part), "no '{part}' in\n{told}");
    }
    let page = newsroom.read("news/2024/osce-fosters-dialogue-on-critical-infrastructure-resilience-in-central-asia-and/index.html");
    assert!(
        !page.contains("Documentation Centre in Prague"),
        "a menu was taken for text"
    );
    // The end of the lead, which no description is long enough to hold.
    assert_eq!(
        page.matches("in co-operation with the Government of Turkmenistan")
            .count(),
        1
    );
}
