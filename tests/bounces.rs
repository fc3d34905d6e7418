//! What came back: by maildir, by pipe and by webhook, with the real program.

mod common;

use std::fs;

use common::http::Serving;
use common::{CONFIGURATION, Newsroom, stderr, stdout};
use tidings::ledger::Ledger;
use tidings::ledger::bounces::Which;
use tidings::ledger::subscribers::{Amendment, Choice, Find, Reason, State, Subscriber};
use tidings::mail::address::Address;
use tidings::mail::verp::ReturnPath;
use tidings::subscribers::links::Links;

const POSTFIX: &str = include_str!("../src/mail/bounce/fixtures/postfix.eml");
const FULL: &str = include_str!("../src/mail/bounce/fixtures/gmail-full.eml");
const COMPLAINT: &str = include_str!("../src/mail/bounce/fixtures/arf.eml");
const LEAVING: &str = include_str!("../src/mail/bounce/fixtures/unsubscribe.eml");
const BY_HAND: &str = include_str!("../src/mail/bounce/fixtures/person.eml");

const SECRET: &str = "a secret of the webhook's own";

/// A newsroom with a maildir for bounces.
fn newsroom() -> Newsroom {
    let newsroom = Newsroom::new();
    let mail = "[mail]\nrelay = \"smtp://127.0.0.1:25\"\n\
                [mail.bounces]\naddress = \"bounces@news.example\"\nunsubscribe = \"leave@news.example\"\n\
                maildir = \"bounces\"\nsoft_limit = 2\n";
    let daily = "[[digest]]\nslug = \"daily\"\ntitle = \"Daily\"\nschedule = \"daily 09:00\"\nperiod = \"day\"\n";
    newsroom.write("feeds.toml", format!("{CONFIGURATION}\n{daily}\n{mail}"));
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(newsroom.path("bounces").join(folder)).unwrap();
    }
    newsroom
}

fn ledger(newsroom: &Newsroom) -> Ledger {
    Ledger::open(&newsroom.path(".tidings/ledger.sqlite")).unwrap()
}

/// Has somebody subscribe to both digests.
fn subscribe(newsroom: &Newsroom, id: i64, address: &str) {
    let mut ledger = ledger(newsroom);
    let key = ledger.signing_key().unwrap();
    let choice = |digest: &str| Choice {
        digest: digest.to_owned(),
        selection: String::new(),
        language: "en".to_owned(),
        confirmed: Some(1),
        ended: None,
        created: 1,
    };
    let subscriber = Subscriber {
        id,
        address: address.parse().unwrap(),
        name: None,
        language: "en".to_owned(),
        state: State::Active,
        paused_until: None,
        generation: 0,
        created: 1,
        choices: vec![choice("daily"), choice("weekly")],
    };
    let amendment = Amendment {
        subscriber: Some(subscriber),
        ..Amendment::default()
    };
    ledger
        .amend_subscribers(&[Find::Id(id)], &key, i64::MAX, 1, |_| {
            (vec![amendment], ())
        })
        .unwrap();
}

/// A fixture about a subscriber's mail of a mailing due at some minute.
fn about(newsroom: &Newsroom, fixture: &str, id: i64, minute: i64) -> String {
    let key = ledger(newsroom).signing_key().unwrap();
    let links = Links::new("https://news.example.org/", key.clone());
    let mailbox: Address = "bounces@news.example".parse().unwrap();
    let leaving: Address = "leave@news.example".parse().unwrap();
    fixture
        .replace(
            "{path}",
            &ReturnPath::new(id, 0, minute * 60_000).address(&mailbox, &key),
        )
        .replace("{unsubscribe}", &links.unsubscribe(id, 0, "weekly"))
        .replace(
            "{leave}",
            &links.unsubscribe_address(&leaving, id, 0, "weekly"),
        )
}

fn arrive(newsroom: &Newsroom, name: &str, message: &str) {
    newsroom.write(&format!("bounces/new/{name}"), message);
}

fn collect(newsroom: &Newsroom) -> String {
    stdout(&newsroom.tidings(&["mail", "bounces"]).assert().success())
}

/// Where somebody stands, why they are suppressed, and which digests they get.
fn standing(newsroom: &Newsroom, id: i64) -> (State, Option<Reason>, Vec<String>) {
    let mut ledger = ledger(newsroom);
    let key = ledger.signing_key().unwrap();
    let facts = ledger.subscriber_facts(Find::Id(id), &key).unwrap();
    let subscriber = facts.subscriber.unwrap();
    let choices = subscriber.choices.into_iter().filter(Choice::is_confirmed);
    (
        subscriber.state,
        facts.suppressed,
        choices.map(|choice| choice.digest).collect(),
    )
}

#[test]
fn a_hard_bounce_in_the_maildir_ends_all_mail_to_the_address() {
    let newsroom = newsroom();
    subscribe(&newsroom, 12, "anna@mail.example");
    subscribe(&newsroom, 13, "bert@mail.example");
    arrive(&newsroom, "1", &about(&newsroom, POSTFIX, 12, 1));
    let said = collect(&newsroom);
    assert!(
        said.contains("hard bounce, anna@mail.example: nothing is sent there any more"),
        "{said}"
    );
    assert!(said.contains("1 message taken."), "{said}");
    assert_eq!(
        standing(&newsroom, 12),
        (State::Ended, Some(Reason::Bounce), vec![])
    );
    assert_eq!(standing(&newsroom, 13).0, State::Active);
    assert!(newsroom.path("bounces/cur/1:2,S").is_file());
    assert!(!newsroom.path("bounces/new/1").exists());
}

#[test]
fn soft_bounces_count_once_a_mailing_and_end_mail_at_the_limit() {
    let newsroom = newsroom();
    subscribe(&newsroom, 12, "anna@mail.example");
    arrive(&newsroom, "1", &about(&newsroom, FULL, 12, 1));
    // The same report delivered twice, and another one about the same mailing.
    arrive(&newsroom, "2", &about(&newsroom, FULL, 12, 1));
    arrive(
        &newsroom,
        "3",
        &about(&newsroom, FULL, 12, 1).replace("Failure", "failure"),
    );
    let said = collect(&newsroom);
    assert_eq!(said.matches("1 of 2 counted").count(), 3, "{said}");
    assert_eq!(said.matches("it had come before").count(), 1, "{said}");
    assert_eq!(standing(&newsroom, 12).0, State::Active);
    arrive(&newsroom, "4", &about(&newsroom, FULL, 12, 2));
    let said = collect(&newsroom);
    assert!(
        said.contains("2 of 2 counted: nothing is sent there any more"),
        "{said}"
    );
    assert_eq!(
        standing(&newsroom, 12),
        (State::Ended, Some(Reason::Bounce), vec![])
    );
}

#[test]
fn a_complaint_ends_everything_and_a_mail_to_unsubscribe_one_digest() {
    let newsroom = newsroom();
    subscribe(&newsroom, 12, "anna@mail.example");
    subscribe(&newsroom, 13, "bert@mail.example");
    arrive(&newsroom, "1", &about(&newsroom, COMPLAINT, 12, 1));
    arrive(&newsroom, "2", &about(&newsroom, LEAVING, 13, 1));
    let said = collect(&newsroom);
    assert_eq!(
        standing(&newsroom, 12),
        (State::Ended, Some(Reason::Complaint), vec![])
    );
    assert!(
        said.contains("bert@mail.example: unsubscribed from 'weekly'"),
        "{said}"
    );
    assert_eq!(
        standing(&newsroom, 13),
        (State::Active, None, vec!["daily".to_owned()])
    );
}

#[test]
fn a_mail_to_unsubscribe_holds_after_the_digest_got_another_name() {
    let newsroom = newsroom();
    subscribe(&newsroom, 13, "bert@mail.example");
    let leaving = about(&newsroom, LEAVING, 13, 1);
    let before = fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let slug = "slug = \"weekly\"";
    let now = before.replace(slug, "slug = \"each-week\"\nwas = [\"weekly\"]");
    newsroom.write("feeds.toml", now);
    newsroom.build();
    arrive(&newsroom, "1", &leaving);
    let said = collect(&newsroom);
    assert!(said.contains("unsubscribed from 'each-week'"), "{said}");
    assert_eq!(
        standing(&newsroom, 13),
        (State::Active, None, vec!["daily".to_owned()])
    );
}

#[test]
fn what_was_made_up_does_nothing_and_is_kept_with_what_is_not_understood() {
    let newsroom = newsroom();
    subscribe(&newsroom, 12, "anna@mail.example");
    subscribe(&newsroom, 13, "bert@mail.example");
    let forged = about(&newsroom, POSTFIX, 12, 1).replace("+000000000000000c", "+000000000000000d");
    arrive(&newsroom, "1", &forged);
    let leaving =
        about(&newsroom, LEAVING, 12, 1).replace("+000000000000000c", "+000000000000000d");
    arrive(&newsroom, "2", &leaving);
    arrive(&newsroom, "3", &about(&newsroom, BY_HAND, 12, 1));
    arrive(&newsroom, "4", "garbage");
    newsroom.write("bounces/new/5", vec![0xff; 3_000_000]);
    let said = collect(&newsroom);
    assert!(said.contains("5 messages taken, 5 to look at"), "{said}");
    for id in [12, 13] {
        assert_eq!(standing(&newsroom, id).1, None);
        assert_eq!(standing(&newsroom, id).2.len(), 2);
    }
    assert!(newsroom.path("bounces/cur/3:2,F").is_file());

    let list = newsroom
        .tidings(&["mail", "bounces", "--open", "--json"])
        .assert()
        .success();
    let list: serde_json::Value = serde_json::from_str(&stdout(&list)).unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 5);
    assert_eq!(
        list.iter()
            .filter(|report| report["kind"] == "forged")
            .count(),
        2
    );
    let by_hand = list
        .iter()
        .find(|report| report["subscriber"] == "12")
        .unwrap();
    let id = by_hand["id"].as_str().unwrap();
    let shown = newsroom
        .tidings(&["mail", "bounces", "--show", &id[..8]])
        .assert()
        .success();
    assert!(stdout(&shown).contains("could you please change my address?"));
    newsroom
        .tidings(&["mail", "bounces", "--forget", id])
        .assert()
        .success();
    let gone = newsroom
        .tidings(&["mail", "bounces", "--show", id])
        .assert()
        .code(2);
    assert!(stderr(&gone).contains("is kept"));
}

#[test]
fn a_mail_server_pipes_a_message_and_is_told_to_come_again_when_it_cannot_be_kept() {
    let newsroom = newsroom();
    subscribe(&newsroom, 12, "anna@mail.example");
    let message = about(&newsroom, POSTFIX, 12, 1);
    let mut pipe = newsroom.tidings(&["mail", "bounce"]);
    let said = stdout(&pipe.write_stdin(message.clone()).assert().success());
    assert!(said.starts_with("hard bounce, anna@mail.example"), "{said}");
    let mut huge = newsroom.tidings(&["mail", "bounce"]);
    let said = stdout(&huge.write_stdin(vec![b'x'; 5_000_000]).assert().success());
    assert!(said.contains("not understood: kept"), "{said}");

    newsroom.write("feeds.toml", "[site]\n");
    let mut pipe = newsroom.tidings(&["mail", "bounce"]);
    let refused = pipe.write_stdin(message).assert().code(75);
    assert!(stderr(&refused).contains("was not taken"));
}

#[test]
fn what_came_back_is_among_what_is_held_on_a_person_and_goes_with_them() {
    let newsroom = newsroom();
    subscribe(&newsroom, 12, "anna@mail.example");
    arrive(&newsroom, "1", &about(&newsroom, FULL, 12, 1));
    collect(&newsroom);
    let show = ["subscribers", "show", "anna@mail.example"];
    let held = stdout(&newsroom.tidings(&show).assert().success());
    let held: serde_json::Value = serde_json::from_str(&held).unwrap();
    assert_eq!(held["bounces"][0]["what"], "soft");
    assert_eq!(held["bounces"][0]["status"], "5.2.2");
    let mut ledger = ledger(&newsroom);
    let key = ledger.signing_key().unwrap();
    let erase = |facts: &[tidings::ledger::subscribers::Facts]| {
        let subscriber = facts[0].subscriber.as_ref().unwrap();
        (vec![tidings::subscribers::decide::erase(subscriber)], ())
    };
    let who = [Find::Id(12)];
    ledger
        .amend_subscribers(&who, &key, i64::MAX, 1, erase)
        .unwrap();
    assert_eq!(ledger.bounces(Which::All, 10).unwrap(), []);
}

#[test]
fn a_maildir_that_is_not_there_is_reported_with_its_mend() {
    let newsroom = newsroom();
    fs::remove_dir_all(newsroom.path("bounces")).unwrap();
    let refused = newsroom.tidings(&["mail", "bounces"]).assert().code(1);
    assert!(stderr(&refused).contains("'maildir' under [mail.bounces]"));
}

fn post(serving: &Serving, body: &str, signature: Option<String>) -> (u16, String) {
    let signature = signature.map_or(String::new(), |value| {
        format!("Tidings-Signature: {value}\r\n")
    });
    let length = body.len();
    let request = format!(
        "POST /mail/bounces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{signature}Content-Length: {length}\r\n\r\n{body}"
    );
    let answer = serving.raw(request.as_bytes());
    (answer.status, answer.text())
}

fn sign(body: &str, time: i64) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = ring::hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let octets = tag.as_ref().iter().map(|octet| format!("{octet:02x}"));
    format!("t={time},v1={}", octets.collect::<String>())
}

#[test]
fn the_webhook_takes_what_is_signed_just_now_and_nothing_else() {
    let newsroom = newsroom();
    let configuration = fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    newsroom.write("feeds.toml", configuration + "webhook = true\n");
    subscribe(&newsroom, 12, "anna@mail.example");
    subscribe(&newsroom, 13, "bert@mail.example");
    newsroom.build();
    let refused = newsroom
        .tidings(&["serve", "--address", "127.0.0.1:0"])
        .assert()
        .code(2);
    assert!(stderr(&refused).contains("TIDINGS_BOUNCE_SECRET"));

    let serving = Serving::within(&newsroom, &[], &[("TIDINGS_BOUNCE_SECRET", SECRET)]);
    let now = chrono::Utc::now().timestamp();
    let complaint = r#"{"event": "complaint", "recipient": "Anna@mail.example"}"#;
    assert_eq!(post(&serving, complaint, None).0, 401);
    assert_eq!(post(&serving, complaint, Some(sign("{}", now))).0, 401);
    assert_eq!(
        post(&serving, complaint, Some(sign(complaint, now - 3_600))).0,
        401
    );
    assert_eq!(standing(&newsroom, 12).0, State::Active);
    let bad = r#"[{"event": "complaint", "recipient": "anna@mail.example"}, {"event": "open"}]"#;
    let (status, said) = post(&serving, bad, Some(sign(bad, now)));
    assert_eq!(status, 422);
    assert!(said.contains("notice 2"), "{said}");
    assert_eq!(standing(&newsroom, 12).0, State::Active);

    assert_eq!(post(&serving, complaint, Some(sign(complaint, now))).0, 200);
    assert_eq!(standing(&newsroom, 12).1, Some(Reason::Complaint));
    let soft = r#"[{"event": "bounce", "recipient": "bert@mail.example", "status": "4.2.2"},
                   {"event": "bounce", "recipient": "nobody@mail.example", "status": "5.1.1"}]"#;
    // A replay within the window is known.
    for _ in 0..3 {
        let (status, said) = post(&serving, soft, Some(sign(soft, now)));
        assert_eq!((status, said.as_str()), (200, "2 taken\n"));
    }
    assert_eq!(standing(&newsroom, 13).0, State::Active);
    assert_eq!(serving.get("/mail/bounces").status, 405);
}

#[test]
fn the_server_takes_in_what_is_in_the_maildir() {
    let newsroom = newsroom();
    subscribe(&newsroom, 12, "anna@mail.example");
    arrive(&newsroom, "1", &about(&newsroom, POSTFIX, 12, 1));
    arrive(&newsroom, "2", &about(&newsroom, BY_HAND, 12, 1));
    newsroom.build();
    let mut serving = Serving::start(&newsroom);
    // The second is taken in after the first.
    serving.running.wait_for("`tidings mail bounces --open`");
    assert_eq!(standing(&newsroom, 12).1, Some(Reason::Bounce));
    let said = serving.running.said().join("\n");
    assert!(
        !said.contains("anna@"),
        "addresses stay out of the log: {said}"
    );
}
