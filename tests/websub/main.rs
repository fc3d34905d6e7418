//! The embedded hub, with the real program and real subscribers on loopback.

#[path = "../common/mod.rs"]
mod common;
mod leases;
mod subscriber;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::http::{Answer, PATIENCE, Serving};
use common::{CONFIGURATION, Newsroom};
use hmac::{Hmac, KeyInit, Mac};
use subscriber::{Manners, Subscriber, polite};

const TOPIC: &str = "https://news.example.org/topic/water/atom.xml";

fn newsroom() -> Newsroom {
    newsroom_with("allow_private = true\nshortest_lease = \"1 s\"")
}

fn newsroom_with(websub: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let websub = format!("\n[websub]\nhub = \"embedded\"\n{websub}\n");
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{websub}"));
    newsroom.item("news/a.md", "First", "A river.");
    newsroom.build();
    newsroom
}

/// Sends a form to the hub. It takes a moment to open the ledger.
fn ask(serving: &Serving, form: &[(&str, &str)]) -> Answer {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    let body = body.extend_pairs(form).finish();
    let request = format!(
        "POST /websub HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = serving.raw(request.as_bytes());
        if answer.status != 503 || !answer.text().contains("starting") || Instant::now() > end {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn subscribe(serving: &Serving, callback: &str, more: &[(&str, &str)]) {
    let form = [
        ("hub.mode", "subscribe"),
        ("hub.topic", TOPIC),
        ("hub.callback", callback),
    ];
    let answer = ask(serving, &[&form, more].concat());
    assert_eq!(answer.status, 202, "{}", answer.text());
}

/// Publishes something new on the topic, in another process.
fn publish(newsroom: &Newsroom, title: &str) {
    newsroom.item(&format!("news/{title}.md"), title, "A river.");
    newsroom.build();
}

/// Waits until the hub has made of its confirmed request a subscription: it then delivers.
fn settle() {
    std::thread::sleep(Duration::from_millis(300));
}

fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hexadecimal}")
}

#[test]
fn a_subscriber_confirms_gets_every_change_signed_and_whole_and_leaves() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let subscriber = Subscriber::start(polite);

    // Discovery: the feed names the hub and itself, in its headers and in itself.
    let feed = serving.get("/topic/water/atom.xml");
    let headers = feed.headers.iter();
    let links: Vec<&str> = headers
        .filter(|(name, _)| name == "link")
        .map(|(_, value)| value.as_str())
        .collect();
    let links = links.join(", ");
    assert!(
        links.contains("<https://news.example.org/websub>; rel=\"hub\""),
        "{links}"
    );
    assert!(
        links.contains(&format!("<{TOPIC}>; rel=\"self\"")),
        "{links}"
    );
    assert!(
        feed.text()
            .contains("href=\"https://news.example.org/websub\"")
    );

    let more = [
        ("hub.secret", "s3cret"),
        ("hub.lease_seconds", "3600"),
        ("unknown", "x"),
    ];
    subscribe(&serving, &subscriber.callback(), &more);
    let got = subscriber.verification("subscribe");
    assert_eq!(got.path, "/cb");
    assert_eq!(got.query[0], ("own".to_owned(), " x".to_owned()));
    assert_eq!(got.parameter("hub.topic"), TOPIC);
    assert_eq!(got.parameter("hub.lease_seconds"), "3600");
    assert!(got.parameter("hub.challenge").len() >= 32);
    settle();

    publish(&newsroom, "Second");
    let got = subscriber.delivery();
    assert_eq!(got.query, [("own".to_owned(), " x".to_owned())]);
    let feed = serving.get("/topic/water/atom.xml");
    assert_eq!(got.body, feed.body);
    assert!(feed.text().contains("Second"));
    assert_eq!(got.header("content-type"), feed.header("content-type"));
    assert_eq!(
        got.header("x-hub-signature"),
        signature("s3cret", &got.body)
    );
    let link = got.header("link");
    assert!(
        link.contains("<https://news.example.org/websub>; rel=\"hub\""),
        "{link}"
    );
    assert!(link.contains(&format!("<{TOPIC}>; rel=\"self\"")), "{link}");

    // A build that changes nothing, or other feeds, is nobody's news.
    newsroom.build();
    newsroom.write(
        "news/other.md",
        common::item("Other", "2024-11-20", "x").replace("Water", "Energy"),
    );
    newsroom.build();
    subscriber.hears_nothing_for(Duration::from_secs(3));

    let leave = [
        ("hub.mode", "unsubscribe"),
        ("hub.topic", TOPIC),
        ("hub.callback", &*subscriber.callback()),
    ];
    assert_eq!(ask(&serving, &leave).status, 202);
    let got = subscriber.verification("unsubscribe");
    assert_eq!(got.parameter("hub.topic"), TOPIC);
    settle();
    publish(&newsroom, "Third");
    subscriber.hears_nothing_for(Duration::from_secs(3));
}

#[test]
fn a_hub_that_was_killed_knows_its_subscribers_and_delivers_what_changed_meanwhile() {
    let newsroom = newsroom();
    let mut serving = Serving::start(&newsroom);
    let subscriber = Subscriber::start(polite);
    subscribe(
        &serving,
        &subscriber.callback(),
        &[("hub.secret", "s3cret")],
    );
    subscriber.verification("subscribe");
    settle();
    serving.running.child.kill().unwrap();
    serving.running.child.wait().unwrap();
    publish(&newsroom, "While you were away");
    subscriber.hears_nothing_for(Duration::from_millis(500));
    let _serving = Serving::start(&newsroom);
    let got = subscriber.delivery();
    assert_eq!(
        got.header("x-hub-signature"),
        signature("s3cret", &got.body)
    );
    assert!(
        String::from_utf8(got.body)
            .unwrap()
            .contains("While you were away")
    );
    subscriber.hears_nothing_for(Duration::from_secs(3));
}

#[test]
fn what_is_not_confirmed_with_the_challenge_itself_is_no_subscription() {
    let wrong: [Manners; 4] = [
        |_| ("200 OK", "", "nonsense".to_owned()),
        |got| {
            (
                "200 OK",
                "",
                format!("{}\n", got.parameter("hub.challenge")),
            )
        },
        |got| {
            (
                "404 Not Found",
                "",
                got.parameter("hub.challenge").to_owned(),
            )
        },
        // A redirect is a failure, and is not followed.
        |got| match &*got.path {
            "/cb" => ("302 Found", "location: /elsewhere\r\n", String::new()),
            _ => ("200 OK", "", got.parameter("hub.challenge").to_owned()),
        },
    ];
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let subscribers = wrong.map(Subscriber::start);
    for subscriber in &subscribers {
        subscribe(&serving, &subscriber.callback(), &[]);
        subscriber.verification("subscribe");
    }
    settle();
    publish(&newsroom, "Second");
    std::thread::sleep(Duration::from_secs(3));
    for subscriber in &subscribers {
        subscriber.hears_nothing_for(Duration::ZERO);
    }
}

#[test]
fn a_delivery_that_fails_is_tried_again_and_a_subscriber_that_is_gone_is_left_alone() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    // Fails once for each path; a redirect is a failure, too.
    let busy = Subscriber::start(|got| {
        use std::sync::atomic::{AtomicBool, Ordering};
        static FAILED: AtomicBool = AtomicBool::new(false);
        match &*got.method {
            "POST" if !FAILED.swap(true, Ordering::SeqCst) => (
                "307 Temporary Redirect",
                "location: /elsewhere\r\n",
                String::new(),
            ),
            _ => polite(got),
        }
    });
    let gone = Subscriber::at("127.0.0.2", |got| match &*got.method {
        "POST" => ("410 Gone", "", String::new()),
        _ => polite(got),
    });
    for subscriber in [&busy, &gone] {
        subscribe(&serving, &subscriber.callback(), &[]);
        let got = subscriber.verification("subscribe");
        assert_eq!(got.parameter("hub.lease_seconds"), "864000");
    }
    settle();
    publish(&newsroom, "Second");
    let first = busy.delivery();
    assert_eq!(first.header("x-hub-signature"), "");
    let again = busy.delivery();
    assert_eq!((again.path.as_str(), again.body), ("/cb", first.body));
    gone.delivery();
    publish(&newsroom, "Third");
    busy.delivery();
    gone.hears_nothing_for(Duration::from_secs(2));
}

#[test]
fn requests_that_make_no_sense_are_refused_in_words_and_the_log_says_so() {
    let newsroom = newsroom();
    let mut serving = Serving::start(&newsroom);
    let answer = ask(&serving, &[("hub.mode", "subscribe")]);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.text(), "hub.topic is missing\n");
    assert!(answer.header("content-type").starts_with("text/plain"));
    let missing = "https://news.example.org/topic/nothing/atom.xml";
    let form = [
        ("hub.mode", "subscribe"),
        ("hub.topic", missing),
        ("hub.callback", "http://127.0.0.1:1/"),
    ];
    assert_eq!(ask(&serving, &form).status, 404);
    let answer = serving.get("/websub");
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    let answer = serving.raw(
        b"POST /websub HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx",
    );
    assert_eq!(answer.status, 415);
    let long = "x".repeat(20_000);
    assert_eq!(ask(&serving, &[("hub.mode", &long)]).status, 413);
    serving.running.wait_for("hub.topic is missing");
}

#[test]
fn no_stranger_has_the_hub_call_a_private_address() {
    let newsroom = newsroom_with("");
    let serving = Serving::start(&newsroom);
    let subscriber = Subscriber::start(polite);
    let port = subscriber.address.rsplit(':').next().unwrap();
    let form = |callback: &str| {
        ask(
            &serving,
            &[
                ("hub.mode", "subscribe"),
                ("hub.topic", TOPIC),
                ("hub.callback", callback),
            ],
        )
    };
    for host in [
        "127.0.0.1",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
    ] {
        let answer = form(&format!("http://{host}:{port}/"));
        assert_eq!(answer.status, 400, "{host}");
        assert!(answer.text().contains("not public"), "{}", answer.text());
    }
    // A name is looked up when it is called.
    assert_eq!(form(&format!("http://localhost:{port}/")).status, 202);
    subscriber.hears_nothing_for(Duration::from_secs(2));
}

#[test]
fn callbacks_that_hang_and_floods_of_requests_stall_nothing() {
    let newsroom = newsroom();
    let mut serving = Serving::start(&newsroom);
    // Connections are taken by the system and never answered.
    let silent: Vec<TcpListener> = (2..32)
        .map(|host| TcpListener::bind((format!("127.0.0.{host}"), 0)).unwrap())
        .collect();
    let subscriber = Subscriber::start(polite);
    subscribe(&serving, &subscriber.callback(), &[]);
    subscriber.verification("subscribe");
    settle();
    let mut statuses = Vec::new();
    for number in 0..70 {
        for listener in silent.iter().take(1 + 29 * usize::from(number < 20)) {
            let callback = format!("http://{}/{number}", listener.local_addr().unwrap());
            let form = [
                ("hub.mode", "subscribe"),
                ("hub.topic", TOPIC),
                ("hub.callback", &*callback),
            ];
            statuses.push(ask(&serving, &form).status);
        }
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 202).count(),
        600 + 30
    );
    // One host has had enough.
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 20);
    // Deliveries and files are as quick as ever.
    let start = Instant::now();
    publish(&newsroom, "Second");
    subscriber.delivery();
    assert_eq!(serving.get("/atom.xml").status, 200);
    assert!(
        start.elapsed() < Duration::from_secs(9),
        "{:?}",
        start.elapsed()
    );
    serving
        .running
        .wait_for("too many requests of this callback's host");
}

#[test]
fn a_second_server_takes_the_hubs_place_when_the_first_ends() {
    let newsroom = newsroom();
    let first = Serving::start(&newsroom);
    let subscriber = Subscriber::start(polite);
    subscribe(&first, &subscriber.callback(), &[]);
    subscriber.verification("subscribe");
    settle();
    let mut second = Serving::start(&newsroom);
    second.running.wait_for("another process is the hub");
    drop(first);
    publish(&newsroom, "Second");
    subscriber.delivery();
    subscriber.hears_nothing_for(Duration::from_secs(2));
}

#[test]
fn no_callback_and_no_secret_is_logged() {
    let newsroom = newsroom();
    let mut serving = Serving::start(&newsroom);
    let refusing = Subscriber::start(|got| match &*got.method {
        "POST" => ("500 Oops", "", String::new()),
        _ => polite(got),
    });
    let callback = format!("http://{}/capability", refusing.address);
    subscribe(&serving, &callback, &[("hub.secret", "s3cret")]);
    refusing.verification("subscribe");
    settle();
    publish(&newsroom, "Second");
    refusing.delivery();
    settle();
    let said = serving.running.said().join("\n");
    assert!(
        !said.contains("capability") && !said.contains("s3cret"),
        "{said}"
    );
}
