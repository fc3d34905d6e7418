//! Issues as mails, with the real program: tests that are sent, and what everybody may read.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use common::{CONFIGURATION, Newsroom, stderr, stdout};
use mail_parser::MessageParser;
use serde_json::Value;

/// To whom, and what.
type Taken = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A relay that takes what comes, but for `nobody@example.org`.
struct Relay {
    url: String,
    taken: Taken,
}

impl Relay {
    fn start() -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let taken: Taken = Arc::default();
        let shared = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                speak(stream.unwrap(), &shared);
            }
        });
        Relay { url, taken }
    }

    fn taken(&self) -> Vec<(String, Vec<u8>)> {
        self.taken.lock().unwrap().clone()
    }
}

fn speak(stream: TcpStream, taken: &Mutex<Vec<(String, Vec<u8>)>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let say = |line: &str| {
        (&stream)
            .write_all(format!("{line}\r\n").as_bytes())
            .unwrap()
    };
    let mut to = String::new();
    say("220 relay.test");
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap_or(0) > 0 {
        let command = line.trim().to_owned();
        line.clear();
        match command.get(..4).unwrap_or_default() {
            "EHLO" => say("250 relay.test"),
            "RCPT" if command.contains("nobody@") => say("550 5.1.1 nobody of that name"),
            "RCPT" => {
                to = command;
                say("250 2.1.5 fine");
            }
            "DATA" => {
                say("354 go on");
                let mut message = Vec::new();
                loop {
                    let start = message.len();
                    reader.read_until(b'\n', &mut message).unwrap();
                    if &message[start..] == b".\r\n" {
                        message.truncate(start);
                        break;
                    }
                }
                taken.lock().unwrap().push((to.clone(), message));
                say("250 2.0.0 taken");
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 2.0.0 fine"),
        }
    }
}

/// The smallest head of a PNG of 640 by 480 pixels.
fn png() -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
        &640u32.to_be_bytes(),
        &480u32.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat()
}

/// One with an issue that has a picture; `more` stands in the table of its digest.
fn newsroom(more: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{more}\n"));
    newsroom.write("news/river.png", png());
    newsroom.write(
        "news/river.md",
        "---\ntitle: River rises\ndate: 2024-11-20\nimage: { url: river.png, alt: The river }\n---\nThe river rose.\n",
    );
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    newsroom
}

fn test(newsroom: &Newsroom, relay: &Relay, to: &str) -> assert_cmd::assert::Assert {
    newsroom
        .tidings(&["digest", "test", "weekly", "2024-W47", "--to", to])
        .env("TIDINGS_SMTP_URL", &relay.url)
        .assert()
}

#[test]
fn a_test_is_the_mail_that_subscribers_get_and_says_what_it_is() {
    let relay = Relay::start();
    let newsroom = newsroom("images = \"embed\"");
    let told = stdout(&test(&newsroom, &relay, "ana@example.org,ben@example.org").success());
    assert!(
        told.contains("ana@example.org: the relay took it"),
        "{told}"
    );
    let taken = relay.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[0].0.contains("<ana@example.org>"), "{}", taken[0].0);
    let mut ids = Vec::new();
    for (_, bytes) in &taken {
        let mail = MessageParser::new().parse(bytes).unwrap();
        assert_eq!(
            mail.subject(),
            Some("[Test] Weekly digest: 1 item, 18–24 November 2024")
        );
        let text = mail.body_text(0).unwrap();
        assert!(
            text.contains("River rises") && text.contains("unsubscribe?token="),
            "{text}"
        );
        let html = mail.body_html(0).unwrap();
        assert!(html.contains("height=\"402\""), "{html}");
        assert!(!html.contains("tidings.invalid/"), "{html}");
        // The picture travels along, under the name that the HTML calls it by.
        let picture = mail.attachments().next().unwrap();
        let name = html.split("src=\"cid:").nth(1).unwrap().split('"').next();
        assert_eq!(mail_parser::MimeHeaders::content_id(picture), name);
        assert_eq!(picture.contents(), png());
        ids.push(mail.message_id().unwrap().to_owned());
    }
    // Mail programs show one message of each id only.
    assert_ne!(ids[0], ids[1]);
    test(&newsroom, &relay, "ana@example.org").success();
    let again = relay.taken().pop().unwrap().1;
    let again = MessageParser::new().parse(&again).unwrap();
    assert!(!ids.contains(&again.message_id().unwrap().to_owned()));
}

#[test]
fn what_became_of_a_test_is_told_for_each_address() {
    let relay = Relay::start();
    let newsroom = newsroom("");
    let assert = test(&newsroom, &relay, "nobody@example.org,ana@example.org").code(1);
    assert!(
        stderr(&assert).contains("nobody@example.org: refused: 550"),
        "{}",
        stderr(&assert)
    );
    assert!(stdout(&assert).contains("ana@example.org: the relay took it"));
    assert_eq!(relay.taken().len(), 1);
    let told = stderr(&test(&newsroom, &relay, "ana at example.org").code(2));
    assert!(told.contains("is no mail address"), "{told}");
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let absent = Relay {
        url: format!("smtp://{gone}"),
        taken: Arc::default(),
    };
    let told = stderr(&test(&newsroom, &absent, "ana@example.org").code(3));
    assert!(told.contains("cannot be reached"), "{told}");
}

#[test]
fn what_everybody_may_read_has_nobodys_links() {
    let relay = Relay::start();
    let newsroom = newsroom("images = \"embed\"");
    test(&newsroom, &relay, "ana@example.org").success();
    newsroom.build();
    for (path, (bytes, _)) in newsroom.output() {
        let text = String::from_utf8_lossy(&bytes);
        for word in [
            "token=",
            "tidings.invalid",
            "cid:",
            "nsubscribe?",
            "ana@example.org",
        ] {
            assert!(!text.contains(word), "{word} in {path}");
        }
    }
    // The message file may be encoded.
    let eml = newsroom.read("digests/weekly/2024-W47/mail.eml");
    let mail = MessageParser::new().parse(eml.as_bytes()).unwrap();
    for body in [mail.body_text(0).unwrap(), mail.body_html(0).unwrap()] {
        assert!(
            !body.contains("token=") && !body.contains("invalid"),
            "{body}"
        );
    }
    // There are a page of the issue, one of all issues and a feed of them.
    assert!(
        newsroom
            .read("digests/weekly/index.html")
            .contains("2024-W47/")
    );
    assert!(
        newsroom
            .read("digests/weekly/2024-W47/index.html")
            .contains("River rises")
    );
    assert_eq!(newsroom.titles("digests/weekly/atom.xml").len(), 1);
}

#[test]
fn an_issue_is_published_as_json() {
    let newsroom = newsroom("utm = { source = \"newsletter\" }");
    let text = newsroom.read("digests/weekly/2024-W47/issue.json");
    let issue: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(issue["digest"]["slug"], "weekly");
    assert_eq!(issue["period"]["label"], "2024-W47");
    let item = &issue["groups"][0]["items"][0];
    assert_eq!(item["title"], "River rises");
    assert_eq!(item["image"]["width"], 640);
    assert_eq!(
        issue["files"]["message"],
        "https://news.example.org/digests/weekly/2024-W47/mail.eml"
    );
    // The mail's links are marked, the values' own are not.
    let mail = newsroom.read("digests/weekly/2024-W47/mail.html");
    assert!(mail.contains("/?utm_source=newsletter\""), "{mail}");
    assert!(!text.contains("utm_"), "{text}");
}
