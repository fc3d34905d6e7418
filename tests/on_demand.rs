//! Feeds on demand and the page that builds them, with the real program.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::http::{Answer, PATIENCE, Serving};
use common::{CONFIGURATION, Newsroom, item};

fn newsroom() -> Newsroom {
    let newsroom = Newsroom::new();
    configure(&newsroom, "");
    newsroom.item("news/river.md", "River", "A river.");
    newsroom.write(
        "news/sun.md",
        item("Sun", "2024-11-21", "Light.").replace("Water", "Energy"),
    );
    newsroom.write(
        "news/dam.md",
        item("Dam", "2024-11-22", "Both.").replace("[\"Water\"]", "[\"Rivers\", \"Energy\"]"),
    );
    newsroom.build();
    newsroom
}

fn configure(newsroom: &Newsroom, more: &str) {
    let serve = "\n[serve]\non_demand = true\n";
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{serve}{more}"));
}

const BOTH: &str = "/feed?select=topic:(energy+and+water)&format=atom";

fn titles(answer: &Answer) -> Vec<String> {
    let feed =
        feed_rs::parser::parse(&*answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    let titles = feed.entries.into_iter();
    titles.map(|entry| entry.title.unwrap().content).collect()
}

#[test]
fn any_selection_has_a_feed_in_every_format_which_knows_its_own_address() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for (format, media_type) in [
        ("atom", "application/atom+xml; charset=utf-8"),
        ("rss", "application/rss+xml; charset=utf-8"),
        ("json", "application/feed+json"),
    ] {
        let path = format!(
            "/feed?select=(topic:energy+or+topic:water)+and+department:press-office&format={format}"
        );
        let (own, answer) = serving.follow(&path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            own,
            format!(
                "/feed?select=department:press-office+and+topic:(energy+or+water)&format={format}"
            )
        );
        assert_eq!(titles(&answer), ["Dam", "Sun", "River"]);
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let address = format!("https://news.example.org{own}");
        let text = answer.text();
        assert!(
            text.contains(&address) || text.contains(&address.replace('&', "&amp;")),
            "{text}"
        );
        assert_eq!(answer.header("link"), format!("<{address}>; rel=\"self\""));
    }
    let answer = serving.get(BOTH);
    assert_eq!(titles(&answer), ["Dam"]);
    let feed = feed_rs::parser::parse(&*answer.body).unwrap();
    assert_eq!(
        feed.id,
        "tag:news.example.org,2024:feed?select=topic:(energy+and+water)"
    );
    assert_eq!(
        feed.title.unwrap().content,
        "Energy and Water – Test newsroom"
    );
}

#[test]
fn whatever_means_the_same_leads_to_one_address() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for path in [
        BOTH,
        "/feed?format=atom&select=topic:energy+and+topic:water",
        "/feed?select=topic:energy+and+topic:water",
        "/feed?select=topic%3Awater%20AND%20topic%3Aenergy&format=atom",
        "/feed?select=topic:(water+and+energy)+and+(topic:water+or+lang:fr)&format=atom",
        "/feed?select=topic:energy+and+topic:water&format=atom&utm_source=x",
    ] {
        let (own, answer) = serving.follow(path);
        assert_eq!(own, BOTH, "{path}");
        assert_eq!(titles(&answer), ["Dam"]);
    }
}

#[test]
fn polling_it_costs_as_little_as_a_file() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let (path, first) = serving.follow(BOTH);
    let (etag, modified) = (first.header("etag"), first.header("last-modified"));
    let again = serving.get_with(&path, &[("If-None-Match", etag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), etag);
    assert_eq!(again.header("vary"), "accept-encoding");
    assert!(again.header("cache-control").contains("max-age="));
    let again = serving.get_with(&path, &[("If-Modified-Since", modified)]);
    assert_eq!(again.status, 304);
    let coded = serving.get_with(&path, &[("Accept-Encoding", "gzip")]);
    assert_eq!(coded.header("content-encoding"), "gzip");
    assert_ne!(coded.header("etag"), etag);
    assert!(coded.body.len() < first.body.len());
    let head = serving.request("HEAD", &path, &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("etag"), etag);
    assert_eq!(serving.request("DELETE", &path, &[]).status, 405);
    assert_eq!(serving.request("OPTIONS", &path, &[]).status, 204);
}

/// Asks until the answer is as wanted.
fn until(serving: &Serving, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = serving.get(path);
        if wanted(&answer) {
            return answer;
        }
        assert!(Instant::now() < end, "{}", answer.text());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_another_process_publishes_is_there_soon_and_other_feeds_keep_their_tags() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let (both, _) = serving.follow(BOTH);
    let water = "/feed?select=topic:water&format=json";
    let (first, quiet) = (serving.get(&both), serving.get(water));
    newsroom.write(
        "news/mill.md",
        item("Mill", "2024-11-23", "Both.").replace("[\"Water\"]", "[\"Energy\", \"Water\"]"),
    );
    newsroom.build();
    let answer = until(&serving, &both, |answer| titles(answer).len() == 2);
    assert_eq!(titles(&answer), ["Mill", "Dam"]);
    assert_ne!(answer.header("etag"), first.header("etag"));
    assert_ne!(serving.get(water).header("etag"), quiet.header("etag"));
    // One that stands in neither.
    let kept = serving.get(water);
    newsroom.write(
        "news/x.md",
        item("X", "2024-11-24", "x").replace("Water", "Energy"),
    );
    newsroom.build();
    until(&serving, "/feed?select=*&format=atom", |answer| {
        titles(answer)[0] == "X"
    });
    assert_eq!(serving.get(water).header("etag"), kept.header("etag"));
    // An item that goes, goes; and another configuration is taken over with its first publish.
    std::fs::remove_file(newsroom.path("news/mill.md")).unwrap();
    newsroom.build();
    until(&serving, &both, |answer| titles(answer) == ["Dam"]);
    let land = "[facet.land]\nterms = [{ name = \"Albania\", keywords = [\"river\"] }]\nrule_threshold = 1\n";
    configure(&newsroom, land);
    newsroom.build();
    let answer = until(
        &serving,
        "/feed?select=land:albania&format=atom",
        |answer| answer.status == 200,
    );
    assert_eq!(titles(&answer), ["River"]);
}

#[test]
fn a_selection_that_is_wrong_is_refused_with_its_place_and_mend() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    for (query, expected) in [
        ("", "'select' is missing"),
        ("select=", "the selection is empty"),
        ("select=topic:watr", "did you mean 'water'?"),
        ("select=tpic:water", "did you mean 'topic'?"),
        ("select=topic:nothing", "the terms are listed at build/"),
        (
            "select=topic:water+topic:energy",
            "expected 'and' or 'or' here",
        ),
        ("select=(topic:water", "this parenthesis is never closed"),
        ("select=type:a+and+type:b", "no item can ever be selected"),
        ("select=topic:water&format=atm", "did you mean 'atom'?"),
        ("select=*&select=*", "'select' is given twice"),
        ("select=%00%FF", "is not a condition"),
    ] {
        let answer = serving.get(&format!("/feed?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.header("content-type").starts_with("text/plain"));
        assert!(
            answer.text().contains(expected),
            "{query}: {}",
            answer.text()
        );
    }
    let answer = serving.get("/feed?select=topic:watr+and+topic:energy");
    assert!(
        answer.text().contains("topic:watr and topic:energy\n"),
        "{}",
        answer.text()
    );
    assert!(answer.text().contains("      ^^^^"), "{}", answer.text());
    let long = format!("/feed?select={}", vec!["topic:water"; 200].join("+or+"));
    assert_eq!(serving.get(&long).status, 400);
    let many: Vec<String> = (0..65).map(|number| format!("type:t{number}")).collect();
    let answer = serving.get(&format!("/feed?select={}", many.join("+or+")));
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("65 different conditions"),
        "{}",
        answer.text()
    );
}

/// The status of a request of a thread of its own.
fn status_at(address: &str, path: &str) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Answer::read(&bytes).status
}

#[test]
fn many_different_selections_at_once_leave_files_quick() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    serving.get(BOTH);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let address = serving.address.clone();
            scope.spawn(move || {
                for day in 1..29 {
                    let path = format!("/feed?select=after:20{thread:02}-02-{day:02}&format=atom");
                    let status = status_at(&address, &path);
                    assert!([200, 503].contains(&status), "{status}");
                }
            });
        }
        for _ in 0..20 {
            let start = Instant::now();
            assert_eq!(serving.get("/atom.xml").status, 200);
            assert!(start.elapsed() < Duration::from_secs(5));
        }
    });
}

#[test]
fn a_person_ticks_terms_and_gets_the_address_of_a_feed_without_any_script() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let page = serving.get("/build/").text();
    assert!(
        page.contains("<form class=\"build\" method=\"get\""),
        "{page}"
    );
    assert!(
        page.contains("name=\"term\" value=\"topic:water\""),
        "{page}"
    );
    assert!(!page.contains("<script"), "{page}");
    let answer = serving.get("/build");
    assert_eq!((answer.status, answer.header("location")), (301, "build/"));
    let answer = serving
        .get("/build/?term=topic:energy&term=topic:rivers&term=department:press-office&format=rss");
    let page = answer.text();
    assert_eq!(answer.status, 200);
    let address =
        "/feed?select=department:press-office+and+topic:(energy+or+rivers)&amp;format=rss";
    let shown = page.replace("&#x3D;", "=");
    assert!(
        shown.contains(&format!("value=\"https://news.example.org{address}\"")),
        "{shown}"
    );
    assert!(
        page.contains("Dam") && page.contains("Sun") && !page.contains(">River<"),
        "{page}"
    );
    assert!(shown.contains("value=\"topic:energy\" checked"), "{shown}");
    assert_eq!(serving.get(&address.replace("&amp;", "&")).status, 200);
    let answer = serving.get("/build/?select=topic:watr");
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("did you mean"), "{}", answer.text());
    let answer = serving.get("/build/?term=%3Cscript%3E");
    assert_eq!(answer.status, 400);
    assert!(!answer.text().contains("<script"), "{}", answer.text());
}

#[test]
fn people_put_feeds_together_in_every_language_of_the_site() {
    let newsroom = newsroom();
    let languages = CONFIGURATION
        .replace(
            "language = \"en\"",
            "language = \"en\"\nlanguages = [\"en\", \"ru\"]",
        )
        .replace(
            "{ name = \"Energy\",",
            "{ name = \"Energy\", names = { ru = \"Энергия\" },",
        );
    let more = "[serve]\non_demand = true\n[language.ru]\ntitle = \"Новости\"\n";
    newsroom.write("feeds.toml", format!("{languages}{more}"));
    newsroom.build();
    assert!(newsroom.read("ru/index.html").contains("ru/build/\""));
    let serving = Serving::start(&newsroom);
    assert_eq!(serving.get("/ru/build").header("location"), "build/");
    let page = serving.get("/ru/build/?term=topic:energy&term=department:press-office&format=rss");
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    for part in [
        "<html lang=\"ru\"",
        "Составить свою ленту",
        "Press office и Энергия",
        "hreflang=\"en\" href=\"https://news.example.org/build/\"",
        "feed?select=department:press-office+and+topic:energy&amp;format=rss",
        "action=\"../../ru/build/\"",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(
        serving
            .get("/build/")
            .text()
            .contains("Build your own feed")
    );
}

#[test]
fn a_static_site_shows_no_link_to_what_only_a_server_has() {
    let newsroom = newsroom();
    assert!(newsroom.read("index.html").contains("href=\"build/\""));
    assert!(
        newsroom
            .read("subscribe/index.html")
            .contains("href=\"../build/\"")
    );
    newsroom.write("feeds.toml", CONFIGURATION);
    newsroom.build();
    assert!(!newsroom.read("index.html").contains("build/"));
    assert!(!newsroom.read("subscribe/index.html").contains("build/"));
    let serving = Serving::start(&newsroom);
    assert_eq!(serving.get(BOTH).status, 404);
    assert_eq!(serving.get("/build/").status, 404);
}

#[test]
fn there_is_nothing_to_make_feeds_of_before_the_first_publish() {
    let newsroom = Newsroom::new();
    configure(&newsroom, "");
    let serving = Serving::start(&newsroom);
    let answer = serving.get(BOTH);
    assert_eq!((answer.status, answer.header("retry-after")), (503, "10"));
    newsroom.item("news/river.md", "River", "A river.");
    newsroom.build();
    until(&serving, "/feed?select=*&format=atom", |answer| {
        answer.status == 200
    });
}
