//! Sending over encrypted connections with the real program: whom it trusts, what it tells nobody,
//! and what becomes of an issue whose relay is cut off.

mod common;

use std::path::Path;

use assert_cmd::assert::Assert;
use common::certificates::Authority;
use common::mail::{issue_state, newsroom, states, subscribe};
use common::relay::{Act, FakeRelay, House, Tls};
use common::{Newsroom, stderr, stdout};

const RELAY: &str = "TIDINGS_SMTP_URL";
const HERE: &str = "127.0.0.1";
const PASSWORD: &str = "s3cret-Pa55";

/// A newsroom with `count` subscribers, which trusts an authority.
fn trusting(authority: &Authority, mail: &str, count: usize) -> Newsroom {
    let newsroom = newsroom(&format!("ca_file = \"relay-ca.pem\"\n{mail}"));
    newsroom.write("relay-ca.pem", &authority.pem);
    subscribe(&newsroom, 1, count);
    newsroom
}

fn send(newsroom: &Newsroom, url: &str) -> Assert {
    newsroom.tidings(&["send"]).env(RELAY, url).assert()
}

fn everybody(count: usize) -> Vec<String> {
    let mut all: Vec<String> = (1..=count).map(|id| format!("p{id}@example.org")).collect();
    all.sort_unstable();
    all
}

fn house(tls: Tls) -> House {
    House {
        tls,
        offers: vec!["PIPELINING"],
        ..House::default()
    }
}

fn asking(tls: Tls, ways: &'static str) -> House {
    House {
        account: Some((ways, "anna", PASSWORD)),
        ..house(tls)
    }
}

/// Every file below a folder that holds these octets.
fn files_with(folder: &Path, wanted: &[u8]) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .filter(|entry| {
            let octets = std::fs::read(entry.path()).unwrap_or_default();
            octets.windows(wanted.len()).any(|part| part == wanted)
        })
        .map(|entry| entry.path().display().to_string())
        .collect()
}

#[test]
fn each_way_of_tls_and_of_telling_the_password_brings_everybody_the_issue_once() {
    let authority = Authority::new("ours");
    let server = authority.server(HERE);
    for (tls, ways, offers) in [
        (Tls::Implicit(server.clone()), "PLAIN", vec!["PIPELINING"]),
        (Tls::Implicit(server.clone()), "LOGIN", vec![]),
        (
            Tls::Explicit(server.clone()),
            "PLAIN LOGIN",
            vec!["PIPELINING"],
        ),
        (Tls::Explicit(server.clone()), "LOGIN", vec!["SIZE 1000000"]),
    ] {
        let newsroom = trusting(&authority, "", 12);
        let house = House {
            offers,
            ..asking(tls, ways)
        };
        let relay = FakeRelay::in_house(house, |_| Act::Take);
        send(&newsroom, &relay.url_of("anna", PASSWORD)).success();
        assert_eq!(relay.recipients(), everybody(12), "{ways}");
        assert_eq!(states(&newsroom), "sent 12");
        let clear = relay.heard_in_the_clear();
        let is_harmless = |line: &String| line.starts_with("EHLO") || line == "STARTTLS";
        assert!(clear.iter().all(is_harmless), "{clear:?}");
    }
}

#[test]
fn a_wrong_password_is_told_at_once_and_everything_waits_for_the_right_one() {
    let authority = Authority::new("ours");
    for ways in ["PLAIN", "LOGIN"] {
        let newsroom = trusting(&authority, "", 5);
        // It repeats what it was told, as some do.
        let tls = Tls::Explicit(authority.server(HERE));
        let house = House {
            wrong: Some("535 5.7.8 no such account: anna wrong-Pa55".to_owned()),
            ..asking(tls, ways)
        };
        let relay = FakeRelay::in_house(house, |_| Act::Take);
        let assert = send(&newsroom, &relay.url_of("anna", "wrong-Pa55")).failure();
        let said = stderr(&assert);
        assert!(
            said.contains("does not accept the user and password"),
            "{said}"
        );
        assert!(said.contains("535 5.7.8"), "{said}");
        let all = format!("{said}{}", stdout(&assert));
        assert!(!all.contains("wrong-Pa55"), "{all}");
        assert_eq!(files_with(newsroom.root(), b"wrong-Pa55"), [""; 0]);
        assert_eq!(states(&newsroom), "waiting 5");
        assert!(relay.taken().is_empty());
        send(&newsroom, &relay.url_of("anna", PASSWORD)).success();
        assert_eq!(relay.recipients(), everybody(5));
        assert_eq!(files_with(newsroom.root(), PASSWORD.as_bytes()), [""; 0]);
    }
}

#[test]
fn a_relay_that_cannot_look_up_passwords_just_now_is_tried_again() {
    let authority = Authority::new("ours");
    let newsroom = trusting(&authority, "", 3);
    let house = House {
        wrong: Some("454 4.7.0 try again later".to_owned()),
        ..asking(Tls::Implicit(authority.server(HERE)), "PLAIN")
    };
    let relay = FakeRelay::in_house(house, |_| Act::Take);
    let said = stderr(&send(&newsroom, &relay.url_of("anna", "wrong")).failure());
    assert!(
        said.contains("454 4.7.0") && !said.contains("does not accept"),
        "{said}"
    );
    let tries = relay.heard_encrypted();
    assert!(tries.iter().filter(|line| line.starts_with("AUTH")).count() > 1);
    assert_eq!(states(&newsroom), "waiting 3");
}

#[test]
fn who_cannot_prove_to_be_the_relay_gets_neither_password_nor_mail() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    for (server, why, what_to_do) in [
        (
            theirs.server(HERE),
            "nobody whom this system trusts",
            "ca_file",
        ),
        (
            ours.server("relay.example"),
            "is for relay.example and not for 127.0.0.1",
            "address",
        ),
        (ours.expired(HERE), "has expired", "renewed"),
    ] {
        for tls in [Tls::Implicit(server.clone()), Tls::Explicit(server.clone())] {
            let newsroom = trusting(&ours, "", 3);
            let relay = FakeRelay::in_house(asking(tls, "PLAIN LOGIN"), |_| Act::Take);
            let said = stderr(&send(&newsroom, &relay.url_of("anna", PASSWORD)).failure());
            // Lines are broken where the terminal ends.
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                said.contains(why) && said.contains(what_to_do),
                "{why}: {said}"
            );
            assert_eq!(relay.heard_encrypted(), [""; 0], "{why}");
            let clear = relay.heard_in_the_clear().join(" ");
            assert!(
                !clear.contains("AUTH") && !clear.contains("MAIL"),
                "{clear}"
            );
            assert_eq!(states(&newsroom), "waiting 3");
        }
    }
}

#[test]
fn where_starttls_is_wanted_and_not_offered_nothing_is_told_in_the_clear() {
    let newsroom = newsroom("");
    subscribe(&newsroom, 1, 3);
    let relay = FakeRelay::in_house(asking(Tls::None, "PLAIN LOGIN"), |_| Act::Take);
    let url = format!("{}?tls=starttls", relay.url_of("anna", PASSWORD));
    let said = stderr(&send(&newsroom, &url).failure());
    assert!(said.contains("does not offer STARTTLS"), "{said}");
    let clear = relay.heard_in_the_clear();
    assert!(
        clear.iter().all(|line| line.starts_with("EHLO")),
        "{clear:?}"
    );
    assert_eq!(states(&newsroom), "waiting 3");
}

#[test]
fn what_is_slipped_in_before_the_encryption_is_not_taken_for_the_relays_word() {
    let authority = Authority::new("ours");
    let newsroom = trusting(&authority, "", 4);
    let house = House {
        // Were it kept, it would be the answer to the first encrypted command.
        slipped_in: "250-evil\r\n250 AUTH CRAM-MD5\r\n",
        ..asking(Tls::Explicit(authority.server(HERE)), "PLAIN")
    };
    let relay = FakeRelay::in_house(house, |_| Act::Take);
    send(&newsroom, &relay.url_of("anna", PASSWORD)).success();
    assert_eq!(relay.recipients(), everybody(4));
    let encrypted = relay.heard_encrypted();
    assert!(encrypted[0].starts_with("EHLO"), "{encrypted:?}");
    assert!(
        !encrypted.iter().any(|line| line.contains("CRAM")),
        "{encrypted:?}"
    );
}

/// What the relay does with the first try of every third message.
fn cut(newsroom: &Newsroom, house: House, act: &Act) -> (FakeRelay, String) {
    let act = act.clone();
    let relay = FakeRelay::in_house(house, move |visit| {
        let number: usize = visit.to[1..visit.to.find('@').unwrap()].parse().unwrap();
        match (number % 3, visit.tried) {
            (0, 0) => act.clone(),
            _ => Act::Take,
        }
    });
    send(newsroom, &relay.url()).success();
    let listed = newsroom.tidings(&["send", "uncertain"]).output().unwrap();
    (relay, String::from_utf8(listed.stdout).unwrap())
}

#[test]
fn a_connection_that_is_cut_loses_nobody_and_sends_nothing_twice() {
    const COUNT: usize = 30;
    let authority = Authority::new("ours");
    let server = authority.server(HERE);
    for offers in [vec!["PIPELINING"], vec![]] {
        for act in [
            Act::CloseBefore,
            Act::CloseWithin,
            Act::TakeAndClose,
            Act::TakeAndLeave,
        ] {
            let newsroom = trusting(&authority, "pause_at = 1.0", COUNT);
            let house = House {
                offers: offers.clone(),
                ..house(Tls::Implicit(server.clone()))
            };
            let (relay, listed) = cut(&newsroom, house, &act);
            let arrived = relay.recipients();
            let mut once = arrived.clone();
            once.dedup();
            assert_eq!(arrived, once, "{act:?}");
            let in_doubt: Vec<String> = (1..=COUNT)
                .map(|id| format!("p{id}@example.org"))
                .filter(|to| listed.contains(&format!("  {to}  ")))
                .collect();
            // Whoever is missing is listed.
            for to in everybody(COUNT) {
                assert!(
                    arrived.contains(&to) || in_doubt.contains(&to),
                    "{act:?}: {to}"
                );
            }
            match act {
                // It was cut before the message, or after it was taken and that was said.
                Act::CloseBefore | Act::TakeAndLeave => {
                    assert_eq!(in_doubt, [""; 0], "{act:?}");
                    assert_eq!(arrived, everybody(COUNT), "{act:?}");
                }
                // It was taken, which nobody heard.
                Act::TakeAndClose => {
                    assert_eq!(in_doubt.len(), COUNT / 3);
                    assert_eq!(arrived, everybody(COUNT), "{act:?}");
                }
                // All of it may have left before the cut was noticed: then nobody knows.
                _ => assert!(in_doubt.len() <= COUNT / 3, "{in_doubt:?}"),
            }
            assert_eq!(issue_state(&newsroom), "sent");
        }
    }
}
