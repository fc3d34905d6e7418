//! Issues as mails, with the real program: tests that are sent, and what everybody may read.

mod common;

use std::net::TcpListener;

use common::relay::{Act, FakeRelay};
use common::{CONFIGURATION, Newsroom, png, stderr, stdout};
use mail_parser::MessageParser;
use serde_json::Value;

/// A relay that takes what comes, but for `nobody@example.org`.
fn relay() -> FakeRelay {
    FakeRelay::start(|visit| match visit.to.as_str() {
        "nobody@example.org" => Act::Recipient("550 5.1.1 nobody of that name"),
        _ => Act::Take,
    })
}

/// One with an issue that has a picture; `more` stands in the table of its digest.
fn newsroom(more: &str) -> Newsroom {
    common::with_pictured_issue(&format!("{CONFIGURATION}{more}\n"), "River rises")
}

fn test(newsroom: &Newsroom, relay: &str, to: &str) -> assert_cmd::assert::Assert {
    newsroom
        .tidings(&["digest", "test", "weekly", "2024-W47", "--to", to])
        .env("TIDINGS_SMTP_URL", relay)
        .assert()
}

#[test]
fn a_test_is_the_mail_that_subscribers_get_and_says_what_it_is() {
    let relay = relay();
    let newsroom = newsroom("images = \"embed\"");
    let told = stdout(&test(&newsroom, &relay.url(), "ana@example.org,ben@example.org").success());
    assert!(
        told.contains("ana@example.org: the relay took it"),
        "{told}"
    );
    let taken = relay.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].to, "ana@example.org");
    let mut ids = Vec::new();
    for taken in &taken {
        let mail = MessageParser::new()
            .parse(taken.message.as_bytes())
            .unwrap();
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
    test(&newsroom, &relay.url(), "ana@example.org").success();
    let again = relay.taken().pop().unwrap().message;
    let again = MessageParser::new().parse(again.as_bytes()).unwrap();
    assert!(!ids.contains(&again.message_id().unwrap().to_owned()));
}

#[test]
fn what_became_of_a_test_is_told_for_each_address() {
    let relay = relay();
    let newsroom = newsroom("");
    let assert = test(
        &newsroom,
        &relay.url(),
        "nobody@example.org,ana@example.org",
    )
    .code(1);
    assert!(
        stderr(&assert).contains("nobody@example.org: refused: 550"),
        "{}",
        stderr(&assert)
    );
    assert!(stdout(&assert).contains("ana@example.org: the relay took it"));
    assert_eq!(relay.taken().len(), 1);
    let told = stderr(&test(&newsroom, &relay.url(), "ana at example.org").code(2));
    assert!(told.contains("is no mail address"), "{told}");
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let absent = format!("smtp://{gone}");
    let told = stderr(&test(&newsroom, &absent, "ana@example.org").code(3));
    assert!(told.contains("cannot be reached"), "{told}");
}

#[test]
fn what_everybody_may_read_has_nobodys_links() {
    let relay = relay();
    let newsroom = newsroom("images = \"embed\"");
    test(&newsroom, &relay.url(), "ana@example.org").success();
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
