//! From files to feeds with the real program: identity, change, removal, and what must not change.

mod common;

use std::fs;

use common::{Newsroom, item, stderr, stdout};

#[test]
fn an_item_stands_in_every_feed_it_belongs_to_and_in_no_other() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "High water", "The river rose.");
    newsroom.build();
    for folder in [
        "",
        "topic/water/",
        "department/press-office/",
        "topic/water/department/press-office/",
        "feeds/wet-news/",
    ] {
        for file in ["rss.xml", "atom.xml", "feed.json"] {
            assert_eq!(
                newsroom.titles(&format!("{folder}{file}")),
                ["High water"],
                "{folder}{file}"
            );
        }
    }
    for absent in [
        "topic/energy/rss.xml",
        "topic/rivers/index.html",
        "department/research/atom.xml",
    ] {
        assert!(!newsroom.exists(absent), "{absent}");
    }
    for page in [
        "index.html",
        "topic/index.html",
        "topic/water/index.html",
        "department/index.html",
        "feeds/wet-news/index.html",
        "news/2024/high-water/index.html",
        "subscribe/index.html",
        "404.html",
        "style.css",
        "feeds.opml",
        "digests/weekly/index.html",
        "digests/weekly/2024-W47/index.html",
        "digests/weekly/2024-W47/mail.eml",
        "digests/weekly/atom.xml",
    ] {
        assert!(newsroom.exists(page), "{page}");
    }
}

#[test]
fn a_tag_on_a_child_counts_for_its_parent() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "news/a.md",
        item("Low water", "2024-11-20", "x").replace("Water\"]", "Rivers\"]"),
    );
    newsroom.build();
    assert_eq!(newsroom.titles("topic/rivers/atom.xml"), ["Low water"]);
    assert_eq!(newsroom.titles("topic/water/atom.xml"), ["Low water"]);
}

#[test]
fn a_second_build_writes_nothing() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "One", "x");
    newsroom.build();
    let before = newsroom.output();
    let again = newsroom.tidings(&["build"]).assert().success();
    assert!(
        stdout(&again).contains("nothing to write"),
        "{}",
        stdout(&again)
    );
    assert_eq!(newsroom.output(), before);
}

#[test]
fn building_again_after_the_output_was_deleted_gives_the_same_bytes() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "One", "x");
    newsroom.write(
        "news/undated.md",
        "+++\ntitle = \"Undated\"\n+++\n\nNo date at all.\n",
    );
    newsroom.build();
    newsroom.write("news/a.md", item("One, corrected", "2024-11-20", "x"));
    newsroom.build();
    let before = newsroom.bytes();
    fs::remove_dir_all(newsroom.path("public")).unwrap();
    newsroom.build();
    assert_eq!(newsroom.bytes(), before);
    // The catalog is derived too; only the ledger knows what no file holds.
    newsroom.build_anew();
    assert_eq!(newsroom.bytes(), before);
}

#[test]
fn editing_a_title_keeps_the_id_and_the_page_and_moves_updated() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "First title", "x");
    newsroom.build();
    let before = newsroom.feed("atom.xml").entries.remove(0);
    newsroom.item("news/a.md", "Second title", "x");
    newsroom.build();
    let after = newsroom.feed("atom.xml").entries.remove(0);
    assert_eq!(after.id, before.id);
    assert_eq!(after.published, before.published);
    assert!(after.updated > before.updated);
    assert!(
        newsroom
            .read("news/2024/first-title/index.html")
            .contains("Second title")
    );
}

#[test]
fn white_space_and_the_order_of_keys_do_not_move_updated() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "One paragraph\nof two lines.");
    newsroom.build();
    let before = newsroom.feed("atom.xml").entries.remove(0);
    newsroom.write(
        "news/a.md",
        "+++\nissued_by = \"Press office\"\ndate = 2024-11-20\ntopic = [\"Water\"]\ntitle = \"Title\"\n+++\nOne paragraph of\ntwo  lines.\n\n\n",
    );
    newsroom.build();
    assert_eq!(
        newsroom.feed("atom.xml").entries.remove(0).updated,
        before.updated
    );
}

#[test]
fn renaming_a_file_keeps_the_id() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "x");
    newsroom.build();
    let before = newsroom.read("atom.xml");
    fs::create_dir_all(newsroom.path("news/deep")).unwrap();
    fs::rename(newsroom.path("news/a.md"), newsroom.path("news/deep/b.md")).unwrap();
    newsroom.build();
    assert_eq!(newsroom.read("atom.xml"), before);
}

#[test]
fn a_deleted_item_leaves_every_feed_and_gets_its_id_back_when_it_returns() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Goes", "x");
    newsroom.write(
        "news/b.md",
        item("Stays", "2024-11-21", "y").replace("Water", "Energy"),
    );
    newsroom.build();
    let id = newsroom.feed("topic/water/atom.xml").entries.remove(0).id;
    let source = fs::read(newsroom.path("news/a.md")).unwrap();
    fs::remove_file(newsroom.path("news/a.md")).unwrap();
    newsroom.build();
    assert_eq!(newsroom.titles("atom.xml"), ["Stays"]);
    // The topic's feed stays for as long as it has something gone to tell of.
    assert!(newsroom.titles("topic/water/rss.xml").is_empty());
    assert!(newsroom.read("topic/water/atom.xml").contains(&id));
    let notice = newsroom.read("news/2024/goes/index.html");
    assert!(notice.contains("This item was withdrawn"), "{notice}");
    newsroom.write("news/a.md", source);
    newsroom.build();
    assert_eq!(
        newsroom.feed("topic/water/atom.xml").entries.remove(0).id,
        id
    );
}

#[test]
fn a_withdrawn_item_leaves_every_feed() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "x");
    newsroom.build();
    newsroom.write(
        "news/a.md",
        item("Title", "2024-11-20", "x").replace("date", "withdrawn = true\ndate"),
    );
    newsroom.build();
    assert!(newsroom.titles("rss.xml").is_empty());
    let notice = newsroom.read("news/2024/title/index.html");
    assert!(!notice.contains("Title"), "{notice}");
}

#[test]
fn an_embargoed_item_and_one_dated_in_the_future_wait() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "news/a.md",
        item("Embargoed", "2024-11-20", "x")
            .replace("date", "embargo = 2099-01-01T09:00:00Z\ndate"),
    );
    newsroom.write("news/b.md", item("Later", "2099-01-01", "x"));
    let built = newsroom.tidings(&["build"]).assert().success();
    assert!(stdout(&built).contains("2 scheduled"), "{}", stdout(&built));
    assert!(newsroom.titles("atom.xml").is_empty());
    for (path, bytes) in newsroom.bytes() {
        assert!(
            !String::from_utf8_lossy(&bytes).contains("Embargoed"),
            "{path}"
        );
    }
}

#[test]
fn a_file_that_goes_bad_keeps_its_last_good_version_published() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Good", "The good text.");
    newsroom.build();
    let before = newsroom.bytes();
    newsroom.write(
        "news/a.md",
        "+++\ntitle = \"Bad\ndate = 2024-11-20\n+++\nx\n",
    );
    let built = newsroom.tidings(&["build"]).assert().code(1);
    assert!(
        stderr(&built).contains("news/a.md:2:"),
        "{}",
        stderr(&built)
    );
    assert_eq!(newsroom.bytes(), before);
    // Not even when everything has to be rendered again.
    fs::remove_dir_all(newsroom.path("public")).unwrap();
    newsroom.tidings(&["build"]).assert().code(1);
    assert_eq!(newsroom.bytes(), before);
    // Nor when the taxonomy changes meanwhile.
    let configuration = common::CONFIGURATION.replace(
        "[facet.topic]",
        "[facet.region]\nterms = [{ name = \"Spot\" }]\n\n[facet.topic]",
    );
    newsroom.write("feeds.toml", configuration);
    newsroom.tidings(&["build"]).assert().code(1);
    assert_eq!(newsroom.titles("topic/water/atom.xml"), ["Good"]);
    newsroom.item("news/a.md", "Good again", "x");
    newsroom.build();
    assert_eq!(newsroom.titles("topic/water/atom.xml"), ["Good again"]);
}

#[test]
fn a_value_that_no_term_bears_is_reported_and_held_back_only_where_the_facet_says_so() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "news/a.md",
        item("Typo", "2024-11-20", "x").replace("Water", "Watter"),
    );
    let built = newsroom.tidings(&["build"]).assert().success();
    assert!(
        stderr(&built).contains("did you mean 'Water'?"),
        "{}",
        stderr(&built)
    );
    assert_eq!(newsroom.titles("atom.xml"), ["Typo"]);
    newsroom.write(
        "feeds.toml",
        common::CONFIGURATION.replace(
            "plural = \"Topics\"",
            "plural = \"Topics\"\nunknown = \"hold\"",
        ),
    );
    newsroom.write(
        "news/b.md",
        item("Typo too", "2024-11-20", "x").replace("Water", "Watter"),
    );
    newsroom.tidings(&["build"]).assert().code(1);
    // The first was published before; its last good version stays.
    assert_eq!(newsroom.titles("atom.xml"), ["Typo"]);
}

#[test]
fn two_files_with_one_id_publish_the_first_and_report_the_other() {
    let newsroom = Newsroom::new();
    for (path, title) in [("news/a.md", "First"), ("news/b.md", "Second")] {
        newsroom.write(
            path,
            item(title, "2024-11-20", "x").replace("date", "id = \"same\"\ndate"),
        );
    }
    let built = newsroom.tidings(&["build"]).assert().code(1);
    assert!(
        stderr(&built).contains("its id is that of news/a.md"),
        "{}",
        stderr(&built)
    );
    assert_eq!(newsroom.titles("atom.xml"), ["First"]);
    // Once the holder is gone, the other is published.
    fs::remove_file(newsroom.path("news/a.md")).unwrap();
    newsroom.build();
    assert_eq!(newsroom.titles("atom.xml"), ["Second"]);
}

#[test]
fn files_that_items_point_at_are_published_and_no_others() {
    let newsroom = Newsroom::new();
    newsroom.write("news/2024/photo.jpg", [0xff, 0xd8, 0xff]);
    newsroom.write("news/2024/private.pdf", "secret");
    newsroom.write(
        "news/2024/a.md",
        item("Picture", "2024-11-20", "x").replace(
            "date",
            "image = { url = \"photo.jpg\", alt = \"A bridge\" }\ndate",
        ),
    );
    newsroom.build();
    assert!(newsroom.exists("media/news/2024/photo.jpg"));
    assert!(!newsroom.exists("media/news/2024/private.pdf"));
    let feed = newsroom.read("rss.xml");
    assert!(
        feed.contains("https://news.example.org/media/news/2024/photo.jpg")
            && feed.contains("A bridge")
    );
    newsroom.item("news/2024/a.md", "Picture", "no more");
    newsroom.build();
    assert!(!newsroom.exists("media/news/2024/photo.jpg"));
}

#[test]
fn a_file_that_tidings_did_not_write_is_never_touched() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "x");
    newsroom.write("public/robots.txt", "theirs");
    newsroom.write("public/topic/water/index.html", "theirs");
    let built = newsroom.tidings(&["build"]).assert().code(1);
    assert!(
        stderr(&built).contains("was not written by Tidings"),
        "{}",
        stderr(&built)
    );
    assert_eq!(newsroom.read("robots.txt"), "theirs");
    assert_eq!(newsroom.read("topic/water/index.html"), "theirs");
    assert_eq!(newsroom.titles("atom.xml"), ["Title"]);
}

#[test]
fn a_folder_that_is_not_there_does_not_empty_the_feeds() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "x");
    newsroom.build();
    fs::rename(newsroom.path("news"), newsroom.path("elsewhere")).unwrap();
    let built = newsroom.tidings(&["build"]).assert().code(1);
    assert!(
        stderr(&built).contains("'news' is not there"),
        "{}",
        stderr(&built)
    );
    assert_eq!(newsroom.titles("atom.xml"), ["Title"]);
}

#[test]
fn the_formats_of_a_feed_agree_with_one_another() {
    let newsroom = Newsroom::new();
    for k in 0..5 {
        newsroom.item(
            &format!("news/{k}.md"),
            &format!("Title <{k}> & “more”"),
            "A *text* with a [link](/a?b=1&c=2).",
        );
    }
    newsroom.build();
    let [rss, atom, json] = ["rss.xml", "atom.xml", "feed.json"].map(|file| newsroom.feed(file));
    for other in [&atom, &json] {
        assert_eq!(rss.entries.len(), other.entries.len());
        for (a, b) in rss.entries.iter().zip(&other.entries) {
            assert_eq!(a.id, b.id);
            assert_eq!(
                a.title.as_ref().map(|text| &text.content),
                b.title.as_ref().map(|text| &text.content)
            );
            assert_eq!(a.published, b.published);
            let content = |entry: &feed_rs::model::Entry| {
                entry
                    .content
                    .as_ref()
                    .and_then(|content| content.body.clone())
            };
            assert_eq!(content(a), content(b));
        }
    }
}

#[test]
fn a_killed_build_is_made_good_by_the_next() {
    let newsroom = Newsroom::new();
    for k in 0..300 {
        newsroom.item(&format!("news/{k}.md"), &format!("Title {k}"), "Some text.");
    }
    let program = assert_cmd::cargo::cargo_bin("tidings");
    for wait in [5, 15, 30, 60, 90, 120, 200] {
        let mut child = std::process::Command::new(&program)
            .arg("-C")
            .arg(newsroom.root())
            .arg("build")
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        // Whatever stands there is whole.
        for (path, bytes) in newsroom.bytes() {
            let text = String::from_utf8_lossy(&bytes);
            let whole = match path.rsplit('.').next() {
                Some("html") => text.trim_end().ends_with("</html>"),
                Some("xml") if path.ends_with("rss.xml") => text.trim_end().ends_with("</rss>"),
                Some("xml") => text.trim_end().ends_with("</feed>"),
                Some("json") => text.trim_end().ends_with('}'),
                _ => true,
            };
            assert!(whole, "{path} is cut short");
        }
    }
    newsroom.build();
    let fresh = Newsroom::new();
    for k in 0..300 {
        fresh.item(&format!("news/{k}.md"), &format!("Title {k}"), "Some text.");
    }
    fresh.build();
    assert_eq!(newsroom.bytes(), fresh.bytes());
}
