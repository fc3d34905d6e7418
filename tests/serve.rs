//! The server with the real program and raw TCP: what polling costs, what is refused, what a
//! publisher beside it changes.

mod common;

use common::http::Serving;
use common::{CONFIGURATION, Newsroom};

/// A newsroom with an item, published.
fn newsroom() -> Newsroom {
    newsroom_with("")
}

/// The same with something to say under `[serve]`.
fn newsroom_with(serve: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write("feeds.toml", format!("{CONFIGURATION}\n{serve}"));
    newsroom.item("news/a.md", "First", &"A text about the river. ".repeat(40));
    newsroom.build();
    newsroom
}

#[test]
fn every_format_has_its_type() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for (path, media_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        (
            "/topic/water/atom.xml",
            "application/atom+xml; charset=utf-8",
        ),
    ] {
        let answer = serving.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), media_type, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let length = answer.body.len().to_string();
        assert_eq!(answer.header("content-length"), length, "{path}");
    }
}

#[test]
fn a_client_that_has_it_is_told_so_in_few_bytes() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let first = serving.get("/atom.xml");
    let (etag, modified) = (first.header("etag"), first.header("last-modified"));
    assert!(
        etag.starts_with('"') && modified.ends_with("GMT"),
        "{first:?}"
    );
    let again = serving.get_with("/atom.xml", &[("If-None-Match", etag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), etag);
    assert_eq!(again.header("cache-control"), first.header("cache-control"));
    assert_eq!(again.header("vary"), "accept-encoding");
    assert_eq!(again.header("content-length"), "");
    let again = serving.get_with("/atom.xml", &[("If-Modified-Since", modified)]);
    assert_eq!(again.status, 304);
    let other = serving.get_with("/atom.xml", &[("If-Match", "\"other\"")]);
    assert_eq!(other.status, 412);
}
