//! The embedded hub, with the real program and real subscribers on loopback.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use common::http::{Answer, PATIENCE, Serving};
use common::{CONFIGURATION, Newsroom};
use hmac::{Hmac, KeyInit, Mac};

const TOPIC: &str = "https://news.example.org/topic/water/atom.xml";

/// A request that a subscriber got.
#[derive(Debug)]
struct Got {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Got {
    fn parameter(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }
}

/// How a subscriber answers, by what it got: an answer's status line, more headers, and body.
type Manners = fn(&Got) -> (&'static str, &'static str, String);

/// Confirms what it is asked and takes what it is given.
fn polite(got: &Got) -> (&'static str, &'static str, String) {
    ("200 OK", "", got.parameter("hub.challenge").to_owned())
}

struct Subscriber {
    address: String,
    got: Receiver<Got>,
}

impl Subscriber {
    fn start(manners: Manners) -> Subscriber {
        Subscriber::at("127.0.0.1", manners)
    }

    fn at(host: &str, manners: Manners) -> Subscriber {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, got) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                std::thread::spawn(move || answer(stream.unwrap(), manners, &sender));
            }
        });
        Subscriber { address, got }
    }

    /// A callback of its own, with a query that must be kept.
    fn callback(&self) -> String {
        format!("http://{}/cb?own=%20x", self.address)
    }

    fn next(&self) -> Got {
        self.got.recv_timeout(PATIENCE).expect("the hub calls")
    }

    fn verification(&self, mode: &str) -> Got {
        let got = self.next();
        assert_eq!(
            (&*got.method, got.parameter("hub.mode")),
            ("GET", mode),
            "{got:?}"
        );
        got
    }

    fn delivery(&self) -> Got {
        let got = self.next();
        assert_eq!(got.method, "POST", "{got:?}");
        got
    }

    fn hears_nothing_for(&self, time: Duration) {
        if let Ok(got) = self.got.recv_timeout(time) {
            panic!("{got:?}");
        }
    }
}

fn answer(stream: TcpStream, manners: Manners, sender: &Sender<Got>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split(' ');
    let (method, target) = (
        words.next().unwrap().to_owned(),
        words.next().unwrap().to_owned(),
    );
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut got = Got {
        method,
        path: path.to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers,
        body: Vec::new(),
    };
    let length = got.header("content-length").parse().unwrap_or(0);
    got.body = vec![0; length];
    reader.read_exact(&mut got.body).unwrap();
    let (status, more, body) = manners(&got);
    let length = body.len();
    let _ = sender.send(got);
    let head =
        format!("HTTP/1.1 {status}\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n");
    let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
}

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
fn a_lease_is_brought_within_the_bounds_that_are_configured() {
    let websub =
        "allow_private = true\nshortest_lease = \"1 h\"\nlease = \"2 h\"\nlongest_lease = \"3 h\"";
    let newsroom = newsroom_with(websub);
    let serving = Serving::start(&newsroom);
    let subscriber = Subscriber::start(polite);
    for (asked, given) in [
        (Some("1"), "3600"),
        (Some("7000"), "7000"),
        (Some("999999999"), "10800"),
        (Some("0"), "7200"),
        (None, "7200"),
    ] {
        let more: Vec<(&str, &str)> = asked
            .map(|asked| ("hub.lease_seconds", asked))
            .into_iter()
            .collect();
        subscribe(&serving, &subscriber.callback(), &more);
        let got = subscriber.verification("subscribe");
        assert_eq!(got.parameter("hub.lease_seconds"), given, "{asked:?}");
        settle();
    }
}

#[test]
fn bounds_of_leases_that_contradict_one_another_are_told() {
    for (lines, expected) in [
        (
            "shortest_lease = \"2 h\"\nlongest_lease = \"1 h\"",
            "longer than 'longest_lease'",
        ),
        (
            "lease = \"1 h\"\nshortest_lease = \"2 h\"",
            "must be allowed",
        ),
        ("shortest_lease = \"0 s\"", "shortest_lease"),
        ("longest_lease = \"9999 days\"", "longest_lease"),
    ] {
        let newsroom = Newsroom::new();
        let websub = format!("\n[websub]\nhub = \"embedded\"\n{lines}\n");
        newsroom.write("feeds.toml", format!("{}{websub}", common::CONFIGURATION));
        let told = newsroom.tidings(&["check"]).assert().failure();
        let told = common::stderr(&told);
        assert!(told.contains(expected), "no {expected} in {told}");
        assert!(told.contains("feeds.toml:"), "{told}");
    }
}

#[test]
fn a_lease_that_ran_out_ends_the_subscription_and_renewing_keeps_it() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let (lazy, eager) = (Subscriber::start(polite), Subscriber::start(polite));
    for subscriber in [&lazy, &eager] {
        subscribe(
            &serving,
            &subscriber.callback(),
            &[("hub.lease_seconds", "4")],
        );
        subscriber.verification("subscribe");
    }
    settle();
    subscribe(
        &serving,
        &eager.callback(),
        &[("hub.lease_seconds", "3600")],
    );
    eager.verification("subscribe");
    std::thread::sleep(Duration::from_secs(5));
    publish(&newsroom, "Second");
    eager.delivery();
    lazy.hears_nothing_for(Duration::from_secs(1));
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
