//! What stands where, what has moved and what is gone.

use std::fs;
use std::time::Duration;

use crate::common::http::Serving;
use crate::common::{CONFIGURATION, Newsroom};
use crate::{gunzip, newsroom, titles};

#[test]
fn moved_and_withdrawn_addresses_are_answered_for_good() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    assert_eq!(serving.get("/topic/old/atom.xml").status, 404);
    newsroom.write("public/news/2023/gone/index.html", "<h1>Withdrawn</h1>");
    newsroom.write(
        "public/.tidings/addresses.json",
        r#"{"gone": ["news/2023/gone/"], "moved": {"topic/old/": "topic/water/"}}"#,
    );
    for path in ["/news/2023/gone/", "/news/2023/gone"] {
        let gone = serving.get(path);
        assert_eq!(gone.status, 410, "{path}");
        assert_eq!(gone.text(), "<h1>Withdrawn</h1>");
        assert_eq!(gone.header("etag"), "");
    }
    for (path, target) in [
        ("/topic/old/atom.xml", "/topic/water/atom.xml"),
        ("/topic/old/", "/topic/water/"),
        ("/topic/old", "/topic/water/"),
        ("/topic/old/feed.json?a=b", "/topic/water/feed.json?a=b"),
    ] {
        let moved = serving.get(path);
        assert_eq!(
            (moved.status, moved.header("location")),
            (301, target),
            "{path}"
        );
    }
    fs::remove_file(newsroom.path("public/.tidings/addresses.json")).unwrap();
    assert_eq!(serving.get("/topic/old/atom.xml").status, 404);
}

#[test]
fn an_address_with_nothing_gets_the_newsrooms_own_page() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let missing = serving.get("/topic/fire/");
    assert_eq!(missing.status, 404);
    assert_eq!(missing.text(), newsroom.read("404.html"));
    assert_eq!(missing.header("etag"), "");
    let gzip = serving.get_with("/x", &[("Accept-Encoding", "gzip")]);
    assert_eq!(gunzip(&gzip.body), missing.body);
    fs::remove_file(newsroom.path("public/404.html")).unwrap();
    assert!(serving.get("/x").text().contains("nothing at this address"));
}

#[test]
fn folders_and_doubled_slashes_lead_to_the_one_address() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for (path, target) in [
        ("/topic", "/topic/"),
        ("/topic/water?x=1", "/topic/water/?x=1"),
        ("//atom.xml", "/atom.xml"),
        ("/topic//water/", "/topic/water/"),
        // Never to another host.
        ("//example.org", "/example.org"),
        ("//example.org/%2e", "-"),
    ] {
        let answer = serving.get(path);
        match target {
            "-" => assert_eq!(answer.status, 404, "{path}"),
            _ => assert_eq!(
                (answer.status, answer.header("location")),
                (301, target),
                "{path}"
            ),
        }
    }
}

#[test]
fn a_site_below_a_path_is_served_below_it() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("example.org/\"", "example.org/press/\""),
    );
    newsroom.item("news/a.md", "First", "x");
    newsroom.build();
    let serving = Serving::start(&newsroom);
    assert_eq!(titles(&serving.get("/press/atom.xml")), ["First"]);
    assert_eq!(serving.get("/press/").status, 200);
    for (path, target) in [
        ("/press", "/press/"),
        ("/press?a=b", "/press/?a=b"),
        ("/press/topic", "/press/topic/"),
        ("/press//atom.xml", "/press/atom.xml"),
    ] {
        let moved = serving.get(path);
        assert_eq!(
            (moved.status, moved.header("location")),
            (301, target),
            "{path}"
        );
    }
    assert_eq!(serving.get("/atom.xml").status, 404);
    assert_eq!(serving.get("/health").status, 200);
}

#[test]
fn an_icon_is_where_browsers_look_for_one_unasked() {
    let newsroom = Newsroom::new();
    newsroom.item("news/one.md", "One", "x");
    newsroom.build();
    let serving = Serving::start(&newsroom);
    let icon = serving.get("/favicon.ico");
    assert_eq!(icon.status, 200);
    assert_eq!(icon.header("content-type"), "image/x-icon");
    assert!(
        icon.body.starts_with(&[0, 0, 1, 0]),
        "an icon's magic number"
    );
}

#[test]
fn an_icon_of_the_newsrooms_own_is_there_in_place_of_ours() {
    let newsroom = Newsroom::new();
    newsroom.item("news/one.md", "One", "x");
    newsroom.build();
    assert!(newsroom.exists("favicon.ico"));
    // Ours beside another in pages would be two faces of one site.
    newsroom.write(
        "templates/icon.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    );
    newsroom.build();
    assert!(!newsroom.exists("favicon.ico"));
    let own = b"\0\0\x01\0, and \xff";
    newsroom.write("templates/favicon.ico", own);
    newsroom.build();
    assert_eq!(
        std::fs::read(newsroom.path("public/favicon.ico")).unwrap(),
        own
    );
}

#[test]
fn a_feed_that_ended_is_gone_and_so_is_its_page() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("[feeds]", "[feeds]\ntombstones = \"1 ms\""),
    );
    newsroom.item("news/one.md", "One", "x");
    newsroom.build();
    std::fs::remove_file(newsroom.path("news/one.md")).unwrap();
    newsroom.build();
    std::thread::sleep(Duration::from_millis(5));
    newsroom.build();
    let serving = Serving::start(&newsroom);
    let feed = serving.get("/topic/water/atom.xml");
    assert_eq!(
        (feed.status, &*feed.text()),
        (410, "This feed has ended.\n")
    );
    let page = serving.get("/topic/water/");
    assert_eq!(page.status, 410);
    assert!(page.text().contains("There is nothing at this address"));
    // Others are as they were.
    assert_eq!(serving.get("/feeds/wet-news/atom.xml").status, 200);
    assert_eq!(serving.get("/topic/energy/atom.xml").status, 404);
}
