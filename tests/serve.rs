//! The server with the real program and raw TCP: what polling costs, what a publisher beside it
//! changes, and what else a newsroom's readers ask for. What is refused stands in
//! `serve_limits.rs`.

mod common;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

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

#[test]
fn the_log_tells_who_asked_for_what_and_no_secrets() {
    let newsroom = newsroom_with("[serve]\nproxies = [\"127.0.0.1\"]");
    let mut serving = Serving::start(&newsroom);
    serving.get_with(
        "/atom.xml?token=hunter2&select=all",
        &[
            ("User-Agent", "Reader\t\"1\""),
            ("Referer", "https://example.org/?key=hunter2"),
            ("Cookie", "hunter2"),
            ("X-Forwarded-For", "198.51.100.7, 203.0.113.9"),
        ],
    );
    let line = serving.running.wait_for("/atom.xml");
    assert!(line.starts_with("203.0.113.9 - - ["), "{line}");
    let size = newsroom.read("atom.xml").len();
    let rest = format!(
        "\"GET /atom.xml?token=...&select=all HTTP/1.1\" 200 {size} \"https://example.org/\" \"Reader\\x09\\x221\\x22\""
    );
    assert!(line.ends_with(&rest), "{line}");
    assert!(!serving.running.said().concat().contains("hunter2"));
}

#[test]
fn the_log_can_be_json_or_nothing() {
    let newsroom = newsroom_with("[serve]\nlog = \"json\"");
    let mut serving = Serving::start(&newsroom);
    serving.get("/nothing");
    let line = serving.running.wait_for("\"/nothing\"");
    let read: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(read["status"], 404);
    assert_eq!(read["client"], "127.0.0.1");
    let newsroom = newsroom_with("[serve]\nlog = \"off\"");
    let mut serving = Serving::start(&newsroom);
    serving.get("/nothing");
    assert!(!serving.running.said().concat().contains("/nothing"));
}

#[test]
fn figures_and_health_are_to_be_had() {
    let newsroom = newsroom_with("[serve]\nmetrics = \"/figures\"");
    let serving = Serving::start(&newsroom);
    let etag = serving.get("/atom.xml").header("etag").to_owned();
    serving.get_with("/atom.xml", &[("If-None-Match", &etag)]);
    serving.get("/nothing");
    let health = serving.get("/health");
    assert_eq!((health.status, health.text().as_str()), (200, "ok\n"));
    let figures = serving.get("/figures").text();
    for line in [
        "tidings_requests_total{status=\"200\",kind=\"feed\"} 1",
        "tidings_requests_total{status=\"304\",kind=\"feed\"} 1",
        "tidings_not_modified_share 0.25",
        "tidings_items 1",
        "tidings_rejected_items 0",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
    fs::remove_dir_all(newsroom.path("public")).unwrap();
    assert_eq!(serving.get("/health").status, 503);
}

#[test]
fn figures_can_have_an_address_of_their_own() {
    let newsroom = newsroom_with("[serve]\nmetrics = \"127.0.0.1:0\"");
    let mut serving = Serving::start(&newsroom);
    assert_eq!(serving.get("/metrics").status, 404);
    let line = serving.running.wait_for("Figures at http://");
    let address = line.split("://").nth(1).unwrap().split('/').next().unwrap();
    let own = Serving {
        address: address.to_owned(),
        ..serving
    };
    assert!(
        own.get("/metrics")
            .text()
            .contains("tidings_requests_total")
    );
    assert_eq!(own.get("/atom.xml").status, 404);
}

#[test]
fn one_process_can_publish_and_serve() {
    let newsroom = newsroom_with("[serve]\nmetrics = \"/metrics\"");
    let mut serving = Serving::with(&newsroom, &["--watch"]);
    serving.running.wait_for("items in");
    newsroom.item("news/b.md", "Second", "x");
    serving.running.wait_for("2 items in");
    assert_eq!(titles(&serving.get("/atom.xml")).len(), 2);
    let figures = serving.get("/metrics").text();
    assert!(figures.contains("tidings_items 2"), "{figures}");
    assert!(
        figures.contains("tidings_publish_seconds_count 2"),
        "{figures}"
    );
    newsroom.tidings(&["build"]).assert().code(3);
    assert!(serving.running.end().success());
}

#[test]
fn an_address_that_is_taken_is_named() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let second = newsroom
        .tidings(&["serve", "--address", &serving.address])
        .assert()
        .code(3);
    let said = common::stderr(&second);
    assert!(
        said.contains(&serving.address) && said.contains("--address"),
        "{said}"
    );
}

/// A connection by TLS that trusts this certificate alone.
fn by_tls(serving: &Serving, certificate: &Path, path: &str) -> Result<Answer, String> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use std::io::Write;
    use std::sync::Arc;
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(certificate).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "news.example.org".try_into().unwrap();
    let client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = rustls::StreamOwned::new(client, serving.connect());
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    stream
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    Ok(Answer::read(&bytes))
}

#[test]
fn certificates_are_read_again_when_they_change() {
    let newsroom = newsroom_with("[serve]\ncertificate = \"tls/cert.pem\"\nkey = \"tls/key.pem\"");
    let renew = || {
        let made = rcgen::generate_simple_self_signed(["news.example.org".to_owned()]).unwrap();
        newsroom.write("tls/key.pem", made.signing_key.serialize_pem());
        newsroom.write("tls/cert.pem", made.cert.pem());
    };
    newsroom.write("tls/cert.pem", "nothing");
    newsroom.write("tls/key.pem", "nothing");
    let refused = newsroom.tidings(&["serve"]).assert().code(3);
    assert!(common::stderr(&refused).contains("cert.pem"), "{refused:?}");
    renew();
    let serving = Serving::start(&newsroom);
    let certificate = newsroom.path("tls/cert.pem");
    let answer = by_tls(&serving, &certificate, "/atom.xml").unwrap();
    assert_eq!(answer.status, 200);
    renew();
    let end = std::time::Instant::now() + common::http::PATIENCE;
    while by_tls(&serving, &certificate, "/").is_err() {
        assert!(
            std::time::Instant::now() < end,
            "the new certificate is never used"
        );
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    // Who does not speak TLS gets no answer, and holds nobody up.
    assert_eq!(serving.raw(b"GET / HTTP/1.1\r\n\r\n").status, 0);
}

#[test]
fn the_preview_is_the_same_server_with_pages_that_reload() {
    use common::http::Running;
    let newsroom = newsroom();
    newsroom.write("public/news/2023/gone/index.html", "<h1>Withdrawn</h1>");
    let mut running = Running::start(&newsroom, &["watch", "--serve", "--port", "0"]);
    let line = running.wait_for("Preview: http://");
    running.wait_for("items in");
    newsroom.write(
        "public/.tidings/addresses.json",
        r#"{"gone": ["news/2023/gone/"], "moved": {"topic/old/": "topic/water/"}}"#,
    );
    let url = line.strip_prefix("Preview: ").unwrap().to_owned();
    let preview = Serving {
        running,
        address: url["http://".len()..].trim_end_matches('/').to_owned(),
    };
    let page = preview.get("/");
    assert!(page.text().contains("/_tidings/reload.js"));
    assert!(page.text().contains(&url) && !page.text().contains("https://news.example.org/topic"));
    assert_eq!(page.header("cache-control"), "no-cache");
    let script = preview.get("/_tidings/reload.js");
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    // The policy lets that script run and ask.
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && policy.contains("connect-src 'self'"));
    for path in ["/", "/atom.xml"] {
        let gzip = preview.get_with(path, &[("Accept-Encoding", "gzip")]);
        assert_eq!(gunzip(&gzip.body), preview.get(path).body, "{path}");
        let etag = gzip.header("etag");
        let headers = [("Accept-Encoding", "gzip"), ("If-None-Match", etag)];
        assert_eq!(preview.get_with(path, &headers).status, 304, "{path}");
        assert_eq!(preview.request("HEAD", path, &[]).body.len(), 0);
        assert_eq!(
            preview.get_with(path, &[("Range", "bytes=0-9")]).status,
            206
        );
    }
    assert_eq!(preview.get("/news/2023/gone/").status, 410);
    let moved = preview.get("/topic/old/atom.xml");
    assert_eq!(
        (moved.status, moved.header("location")),
        (301, "/topic/water/atom.xml")
    );
    assert_eq!(preview.get("/nothing").status, 404);
    assert_eq!(preview.request("POST", "/", &[]).status, 405);
    assert!(preview.running.end().success());
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
