//! The server as those run it who are to answer for it.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::common;
use crate::common::http::{Answer, Serving};
use crate::{gunzip, newsroom, newsroom_with, titles};

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
    serving.running.wait_for(" feeds: ");
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
    running.wait_for(" feeds: ");
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
