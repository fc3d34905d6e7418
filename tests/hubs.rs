//! Hubs elsewhere are told what changed: with the real program, and a hub on loopback.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use chrono::Utc;
use common::{CONFIGURATION, Newsroom, stderr, stdout};
use tidings::ledger::Ledger;

/// A hub that answers each request with the next of some statuses, and then with 204.
struct Hub {
    url: String,
    requests: Receiver<Vec<(String, String)>>,
}

impl Hub {
    fn start(answers: &'static [&'static str]) -> Hub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hub?key=1", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            let answers = answers
                .iter()
                .copied()
                .chain(std::iter::repeat("204 No Content"));
            for (stream, answer) in listener.incoming().zip(answers) {
                let form = take(stream.unwrap(), answer);
                if sender.send(form).is_err() {
                    return;
                }
            }
        });
        Hub { url, requests }
    }

    fn configure(&self, newsroom: &Newsroom, more: &str) {
        let websub = format!("\n[websub]\nhubs = [\"{}\"]\n{more}\n", self.url);
        newsroom.write("feeds.toml", format!("{CONFIGURATION}{websub}"));
    }

    /// The feeds that the next request names.
    fn told(&self) -> Vec<String> {
        let form = self.requests.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(form[0], ("hub.mode".to_owned(), "publish".to_owned()));
        let urls = form.into_iter().skip(1);
        urls.map(|(name, url)| {
            assert_eq!(name, "hub.url");
            url.strip_prefix("https://news.example.org/")
                .unwrap()
                .to_owned()
        })
        .collect()
    }

    fn hears_nothing(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

fn take(stream: TcpStream, answer: &str) -> Vec<(String, String)> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    let mut length = 0;
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("POST /hub?key=1 "), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let lowered = line.to_ascii_lowercase();
        if let Some(value) = lowered.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let head = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    (&stream).write_all(head.as_bytes()).unwrap();
    url::form_urlencoded::parse(&body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn watch(newsroom: &Newsroom) -> Watching {
    let command = newsroom.tidings(&["watch"]);
    let mut command = command_of(&command);
    Watching(
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    )
}

/// The same command for a process of one's own.
fn command_of(command: &assert_cmd::Command) -> std::process::Command {
    let mut plain = std::process::Command::new(command.get_program());
    plain.args(command.get_args());
    plain
}

#[test]
fn a_build_tells_the_hub_of_all_feeds_that_changed_in_one_request_and_of_no_other() {
    let newsroom = Newsroom::new();
    let hub = Hub::start(&[]);
    hub.configure(&newsroom, "");
    newsroom.item("news/a.md", "A", "Water.");
    newsroom.build();
    let told = hub.told();
    for path in [
        "atom.xml",
        "rss.xml",
        "feed.json",
        "topic/water/atom.xml",
        "feeds/wet-news/rss.xml",
    ] {
        assert!(told.iter().any(|other| other == path), "{path} in {told:?}");
    }
    assert!(
        told.iter().all(|path| !path.contains("archive/")),
        "{told:?}"
    );
    newsroom.build();
    newsroom.write(
        "news/b.md",
        common::item("B", "2024-11-21", "Power.").replace("Water", "Energy"),
    );
    newsroom.build();
    let told = hub.told();
    assert!(
        told.contains(&"topic/energy/rss.xml".to_owned()),
        "{told:?}"
    );
    assert!(
        !told.contains(&"topic/water/rss.xml".to_owned()),
        "{told:?}"
    );
    assert!(hub.hears_nothing());
}

#[test]
fn what_a_hub_missed_it_hears_later_together_with_what_changed_since() {
    let newsroom = Newsroom::new();
    let hub = Hub::start(&["503 Busy"]);
    hub.configure(&newsroom, "");
    newsroom.item("news/a.md", "A", "Water.");
    let assert = newsroom.tidings(&["build"]).assert().success();
    let missed = hub.told();
    let said = stderr(&assert);
    assert!(said.contains("does not know of"), "{said}");
    assert!(said.contains("status 503"), "{said}");
    assert!(newsroom.exists("topic/water/atom.xml"));
    // It comes back after the first pause.
    std::thread::sleep(Duration::from_secs(6));
    let assert = newsroom.tidings(&["build"]).assert().success();
    assert!(stdout(&assert).contains("Told http"), "{}", stdout(&assert));
    assert_eq!(hub.told(), missed);
}

#[test]
fn a_hub_that_takes_fewer_feeds_at_a_time_gets_them_in_parts() {
    let newsroom = Newsroom::new();
    let hub = Hub::start(&["413 Too Much", "204 No Content"]);
    hub.configure(&newsroom, "");
    newsroom.item("news/a.md", "A", "Water.");
    newsroom.build();
    let all = hub.told();
    let mut parts = Vec::new();
    while parts.len() < all.len() {
        let part = hub.told();
        assert!(part.len() <= all.len() / 2);
        parts.extend(part);
    }
    assert_eq!(parts, all);

    let newsroom = Newsroom::new();
    let hub = Hub::start(&[]);
    hub.configure(&newsroom, "batch = 1");
    newsroom.item("news/a.md", "A", "Water.");
    newsroom.build();
    assert_eq!(hub.told().len(), 1);
}

#[test]
fn a_hub_that_is_away_or_hangs_delays_no_publishing_and_watch_tells_it_once_it_is_back() {
    let newsroom = Newsroom::new();
    let hub = Hub::start(&["500 Oops"]);
    hub.configure(&newsroom, "");
    newsroom.item("news/a.md", "A", "Water.");
    let _watching = watch(&newsroom);
    let missed = hub.told();
    assert!(missed.contains(&"atom.xml".to_owned()));
    // Five seconds later, without any change.
    assert_eq!(hub.told(), missed);
    newsroom.item("news/b.md", "B", "Water.");
    assert!(hub.told().contains(&"topic/water/atom.xml".to_owned()));
}

#[test]
fn notices_survive_a_process_that_is_killed_while_a_hub_hangs() {
    let newsroom = Newsroom::new();
    // Takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let websub = format!("\n[websub]\nhubs = [\"{url}\"]\n");
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{websub}"));
    newsroom.item("news/a.md", "A", "Water.");
    let watching = watch(&newsroom);
    let (connection, _) = silent.accept().unwrap();
    assert!(newsroom.exists("topic/water/atom.xml"));
    drop(watching);
    drop(connection);
    // The next run tells it, though nothing changed.
    let accepted = std::thread::spawn(move || {
        let (stream, _) = silent.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        (&stream)
            .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            .unwrap();
        line
    });
    let assert = newsroom.tidings(&["build"]).assert().success();
    assert!(accepted.join().unwrap().starts_with("POST / "));
    assert!(stdout(&assert).contains("Told http"), "{}", stdout(&assert));
}

/// In how many seconds a hub is told next, as the ledger has it.
fn next_in(newsroom: &Newsroom) -> Option<i64> {
    let mut ledger = Ledger::open(&newsroom.path(".tidings/ledger.sqlite")).unwrap();
    let due = ledger.next_notice().unwrap()?;
    Some((due - Utc::now().timestamp_millis()) / 1_000)
}

#[test]
fn a_hub_that_asks_for_time_gets_it_but_no_more_than_a_day() {
    let cases: [(&'static [&'static str], std::ops::RangeInclusive<i64>); 3] = [
        (&["503 Busy\r\nretry-after: 3600"], 3_500..=3_600),
        (&["429 Too Many\r\nretry-after: 99999999"], 86_300..=86_400),
        // The first pause is longer.
        (&["503 Busy\r\nretry-after: 0"], 0..=5),
    ];
    for (answers, expected) in cases {
        let newsroom = Newsroom::new();
        let hub = Hub::start(answers);
        hub.configure(&newsroom, "");
        newsroom.item("news/a.md", "A", "Water.");
        newsroom.build();
        hub.told();
        let next = next_in(&newsroom).unwrap();
        assert!(expected.contains(&next), "{answers:?}: {next}");
        // Until then, nothing is told again, whatever is built.
        if *expected.start() > 0 {
            newsroom.build();
            assert!(hub.hears_nothing());
        }
    }
}

#[test]
fn a_hub_that_has_moved_is_followed_with_the_whole_request() {
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let newsroom = Newsroom::new();
        let answer: &'static str = format!("{status}\r\nlocation: /hub?key=1").leak();
        let hub = Hub::start(Box::leak(Box::new([answer])));
        hub.configure(&newsroom, "allow_private = true");
        newsroom.item("news/a.md", "A", "Water.");
        let assert = newsroom.tidings(&["build"]).assert().success();
        let first = hub.told();
        assert_eq!(hub.told(), first, "{status}");
        assert!(stdout(&assert).contains("Told http"), "{}", stdout(&assert));
        assert_eq!(next_in(&newsroom), None, "{status}");
    }
}

#[test]
fn a_hub_cannot_send_us_to_a_private_address_or_round_in_circles() {
    const MOVED: &str = "308 Permanent Redirect\r\nlocation: /hub?key=1";
    for (answers, more, expected) in [
        (&[MOVED][..], "", "its address is not public"),
        (&[MOVED; 9][..], "allow_private = true", "round in circles"),
        (
            &["307 Temporary Redirect\r\nlocation: ftp://127.0.0.1/"][..],
            "allow_private = true",
            "no web address",
        ),
        // These would have us lose the request on the way.
        (
            &["301 Moved Permanently\r\nlocation: /hub?key=1"][..],
            "allow_private = true",
            "status 301",
        ),
    ] {
        let newsroom = Newsroom::new();
        let hub = Hub::start(answers);
        hub.configure(&newsroom, more);
        newsroom.item("news/a.md", "A", "Water.");
        let said = stderr(&newsroom.tidings(&["build"]).assert().success());
        assert!(said.contains(expected), "no {expected} in {said}");
        assert!(
            next_in(&newsroom).is_some(),
            "{expected}: it is tried again"
        );
    }
}
