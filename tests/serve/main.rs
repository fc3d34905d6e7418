//! The server with the real program and raw TCP: what polling costs, what a publisher beside it
//! changes, and what else a newsroom's readers ask for. What is refused stands in
//! `serve_limits.rs`.

mod addresses;
#[path = "../common/mod.rs"]
mod common;
mod operation;

use std::fs;
use std::io::Read;

use common::http::{Answer, Serving};
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

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

fn unbrotli(mut bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut bytes, &mut plain).unwrap();
    plain
}

/// The titles of a feed's entries.
fn titles(answer: &Answer) -> Vec<String> {
    let feed = feed_rs::parser::parse(&*answer.body).unwrap();
    let titles = feed.entries.into_iter().map(|entry| entry.title);
    titles.map(|title| title.unwrap().content).collect()
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
        assert!(
            answer
                .header("cache-control")
                .contains("stale-while-revalidate")
        );
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
    let weak = format!("\"x\", W/{etag}");
    let again = serving.get_with("/atom.xml", &[("If-None-Match", &weak)]);
    assert_eq!(again.status, 304);
    let other = serving.get_with("/atom.xml", &[("If-Match", "\"other\"")]);
    assert_eq!((other.status, other.body.len()), (412, 0));
}

#[test]
fn head_says_what_get_would_and_sends_nothing() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for path in ["/", "/atom.xml", "/feed.json", "/nothing"] {
        let mut get = serving.get(path);
        let mut head = serving.request("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for answer in [&mut get, &mut head] {
            answer.headers.retain(|(name, _)| name != "date");
        }
        assert_eq!(head.headers, get.headers, "{path}");
    }
}

#[test]
fn each_coding_is_a_representation_of_its_own() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let plain = serving.get("/atom.xml");
    let gzip = serving.get_with("/atom.xml", &[("Accept-Encoding", "gzip, br;q=0.5")]);
    let brotli = serving.get_with("/atom.xml", &[("Accept-Encoding", "gzip, deflate, br")]);
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert_eq!(brotli.header("content-encoding"), "br");
    assert_eq!(gunzip(&gzip.body), plain.body);
    assert_eq!(unbrotli(&brotli.body), plain.body);
    assert!(gzip.body.len() < plain.body.len());
    let tags = [&plain, &gzip, &brotli].map(|answer| answer.header("etag"));
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
    for answer in [&plain, &gzip, &brotli] {
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
    let conditions = [("Accept-Encoding", "gzip"), ("If-None-Match", tags[1])];
    assert_eq!(serving.get_with("/atom.xml", &conditions).status, 304);
    let conditions = [("Accept-Encoding", "br"), ("If-None-Match", tags[1])];
    assert_eq!(serving.get_with("/atom.xml", &conditions).status, 200);
    // A picture is not compressed again.
    newsroom.write("public/a.png", [0; 2_000]);
    let picture = serving.get_with("/a.png", &[("Accept-Encoding", "gzip, br")]);
    assert_eq!(picture.header("content-encoding"), "");
    assert_eq!(picture.header("vary"), "");
}

#[test]
fn equal_bytes_have_equal_tags_on_every_machine() {
    let [one, other] = [newsroom(), newsroom()];
    // Published at another time, and copied about.
    let moved = other.path("public/copy.xml");
    fs::copy(other.path("public/atom.xml"), &moved).unwrap();
    fs::rename(moved, other.path("public/atom.xml")).unwrap();
    let tags = [&one, &other].map(|newsroom| {
        let serving = Serving::start(newsroom);
        let answer = serving.get_with("/atom.xml", &[("Accept-Encoding", "gzip")]);
        answer.header("etag").to_owned()
    });
    assert_eq!(tags[0], tags[1]);
}

#[test]
fn what_another_process_publishes_is_served_at_once() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let first = serving.get("/rss.xml");
    assert_eq!(titles(&first), ["First"]);
    newsroom.item("news/b.md", "Second", "x");
    newsroom.build();
    let etag = first.header("etag");
    let second = serving.get_with("/rss.xml", &[("If-None-Match", etag)]);
    assert_eq!(second.status, 200);
    assert_eq!(titles(&second).len(), 2);
    fs::remove_file(newsroom.path("news/b.md")).unwrap();
    newsroom.build();
    let third = serving.get("/rss.xml");
    assert_eq!(titles(&third), ["First"]);
}

#[test]
fn parts_can_be_asked_for() {
    let newsroom = newsroom_with("[serve]\nmemory = \"1 MB\"");
    let bytes: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
    // The first is kept in memory, the second is not.
    newsroom.write("public/small.mp3", &bytes[..10_000]);
    newsroom.write("public/large.mp3", &bytes);
    let serving = Serving::start(&newsroom);
    for (path, bytes) in [("/small.mp3", &bytes[..10_000]), ("/large.mp3", &bytes[..])] {
        let whole = serving.get(path);
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert_eq!(whole.body, bytes);
        let length = bytes.len();
        let part = serving.get_with(path, &[("Range", "bytes=100-199")]);
        assert_eq!(part.status, 206);
        assert_eq!(
            part.header("content-range"),
            format!("bytes 100-199/{length}")
        );
        assert_eq!(part.body, &bytes[100..200]);
        let end = serving.get_with(path, &[("Range", "bytes=-5")]);
        assert_eq!(end.body, &bytes[length - 5..]);
        let none = serving.get_with(path, &[("Range", "bytes=400000-")]);
        assert_eq!(none.status, 416);
        assert_eq!(none.header("content-range"), format!("bytes */{length}"));
        let several = serving.get_with(path, &[("Range", "bytes=0-9,5000-5009")]);
        assert_eq!(several.status, 206);
        let media_type = several.header("content-type");
        let boundary = media_type
            .strip_prefix("multipart/byteranges; boundary=")
            .unwrap();
        let expected = [(0, 10), (5_000, 5_010)].map(|(from, to)| {
            let last = to - 1;
            let head = format!(
                "\r\n--{boundary}\r\nContent-Type: audio/mpeg\r\nContent-Range: bytes {from}-{last}/{length}\r\n\r\n"
            );
            [head.as_bytes(), &bytes[from..to]].concat()
        });
        let expected = [expected.concat(), format!("\r\n--{boundary}--\r\n").into()].concat();
        assert_eq!(several.body, expected);
        assert_eq!(several.header("content-length"), expected.len().to_string());
        let range = ("Range", "bytes=0-9");
        let same = serving.get_with(path, &[range, ("If-Range", whole.header("etag"))]);
        assert_eq!(same.status, 206);
        let other = serving.get_with(path, &[range, ("If-Range", "\"other\"")]);
        assert_eq!((other.status, other.body.len()), (200, length));
        let head = serving.request("HEAD", path, &[range]);
        assert_eq!(head.status, 200);
    }
}

#[test]
fn a_client_that_knows_deltas_gets_only_the_news() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for path in ["/atom.xml", "/rss.xml", "/feed.json"] {
        for coding in ["identity", "gzip"] {
            let accept = ("Accept-Encoding", coding);
            let first = serving.get_with(path, &[accept]);
            let etag = first.header("etag").to_owned();
            newsroom.item(&format!("news/{}.md", path.len()), coding, "Fresh");
            newsroom.build();
            let since = ("If-None-Match", etag.as_str());
            let whole = serving.get_with(path, &[accept, since]);
            assert_eq!(whole.status, 200, "{path}");
            let mut delta = serving.get_with(path, &[accept, since, ("A-IM", "feed")]);
            assert_eq!(delta.status, 226, "{path}");
            assert_eq!(delta.header("im"), "feed");
            assert_eq!(delta.header("etag"), whole.header("etag"));
            assert_eq!(delta.header("content-type"), whole.header("content-type"));
            assert_eq!(delta.header("cache-control"), "no-store, im");
            assert_eq!(delta.header("vary"), "accept-encoding, a-im, if-none-match");
            if coding == "gzip" {
                assert_eq!(delta.header("content-encoding"), "gzip");
                delta.body = gunzip(&delta.body);
            }
            assert_eq!(titles(&delta), [coding], "{path}");
            let now = ("If-None-Match", whole.header("etag"));
            let current = serving.get_with(path, &[accept, now, ("A-IM", "feed")]);
            assert_eq!(current.status, 304);
            let unknown = ("If-None-Match", "\"0123456789abcdef0123456789abcdef\"");
            let unknown = serving.get_with(path, &[accept, unknown, ("A-IM", "feed")]);
            assert_eq!(unknown.status, 200);
            assert_eq!(unknown.header("im"), "");
            fs::remove_file(newsroom.path(&format!("news/{}.md", path.len()))).unwrap();
        }
    }
    // Pages have no deltas.
    let page = serving.get("/");
    newsroom.item("news/z.md", "Last", "x");
    newsroom.build();
    let since = ("If-None-Match", page.header("etag"));
    assert_eq!(
        serving.get_with("/", &[since, ("A-IM", "feed")]).status,
        200
    );
}

#[test]
fn files_can_only_be_read_and_feeds_by_pages_of_other_sites() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
        let answer = serving.request(method, "/atom.xml", &[]);
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    }
    assert_eq!(
        serving
            .get("/atom.xml")
            .header("access-control-allow-origin"),
        "*"
    );
    assert_eq!(serving.get("/").header("access-control-allow-origin"), "");
    let preflight = [
        ("Origin", "https://reader.example"),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "a-im, if-none-match"),
    ];
    let answer = serving.request("OPTIONS", "/atom.xml", &preflight);
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("A-IM")
    );
    let answer = serving.request("OPTIONS", "/", &preflight);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(serving.request("OPTIONS", "*", &[]).status, 204);
}

#[test]
fn pages_say_what_browsers_may_do_with_them() {
    let newsroom = newsroom();
    newsroom.write("public/media/evil.svg", "<svg onload=\"alert(1)\"/>");
    let serving = Serving::start(&newsroom);
    let page = serving.get("/");
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(
        page.header("referrer-policy"),
        "strict-origin-when-cross-origin"
    );
    let picture = serving.get("/media/evil.svg");
    assert!(
        picture
            .header("content-security-policy")
            .contains("sandbox")
    );
}

#[test]
fn each_kind_is_cached_as_configured() {
    let newsroom = newsroom_with("[serve.cache]\nfeeds = \"max-age=1\"\npages = \"no-cache\"");
    let serving = Serving::start(&newsroom);
    assert_eq!(
        serving.get("/atom.xml").header("cache-control"),
        "max-age=1"
    );
    assert_eq!(serving.get("/").header("cache-control"), "no-cache");
    assert!(
        serving
            .get("/style.css")
            .header("cache-control")
            .contains("max-age=3600")
    );
}

#[test]
fn feeds_name_their_hubs_in_headers() {
    let newsroom = newsroom_with("[websub]\nhubs = [\"https://hub.example/\"]");
    let serving = Serving::start(&newsroom);
    let answer = serving.get("/topic/water/atom.xml");
    let links: Vec<&str> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "link")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(
        links,
        [
            "<https://hub.example/>; rel=\"hub\"",
            "<https://news.example.org/topic/water/atom.xml>; rel=\"self\""
        ]
    );
    assert_eq!(serving.get("/").header("link"), "");
}

#[test]
fn connections_stay_open_and_requests_may_follow_each_other() {
    use std::io::Write;
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let mut stream = serving.connect();
    let request = "GET /atom.xml HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /feed.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let all = [request, request, last].concat();
    stream.write_all(all.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3);
    let old = serving.raw(b"GET /atom.xml HTTP/1.0\r\n\r\n");
    assert_eq!(old.status, 200);
}
