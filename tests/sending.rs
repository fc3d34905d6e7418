//! Sending with the real program: to a relay that records, and to some that misbehave.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::mail::{execute, issue_state, newsroom, period, states, subscribe};
use common::relay::{Act, FakeRelay};
use predicates::prelude::*;

const RELAY: &str = "TIDINGS_SMTP_URL";

fn everybody(count: usize) -> Vec<String> {
    let mut all: Vec<String> = (1..=count).map(|id| format!("p{id}@example.org")).collect();
    all.sort_unstable();
    all
}

#[test]
fn an_approved_issue_is_sent_once_and_is_then_sent() {
    let newsroom = newsroom("");
    subscribe(&newsroom, 1, 25);
    let relay = FakeRelay::good();
    let send = || {
        newsroom
            .tidings(&["send"])
            .env(RELAY, relay.url())
            .assert()
            .success()
    };
    send().stdout(predicate::str::contains("25 sent").and(predicate::str::contains("weekly")));
    assert_eq!(relay.recipients(), everybody(25));
    assert_eq!(issue_state(&newsroom), "sent");
    assert_eq!(states(&newsroom), "sent 25");
    // The web page that the mail links to is there.
    let period = period(&newsroom);
    assert!(newsroom.exists(&format!("digests/weekly/{period}/index.html")));
    send().stdout("Nothing to send.\n");
    newsroom
        .tidings(&["send", "status"])
        .assert()
        .success()
        .stdout(format!("weekly {period}: sent; 25 sent\n"));
    let taken = relay.taken();
    assert!(taken[0].field("Subject").unwrap().contains("Weekly"));
    // An old issue is not sent with an old date, which is a mark of spam.
    let date = taken[0].field("Date").unwrap().to_owned();
    let date = chrono::DateTime::parse_from_rfc2822(date.trim()).unwrap();
    assert_eq!((chrono::Utc::now() - date.to_utc()).num_days(), 0);
    assert!(taken[0].message.contains("A bridge over the river"));
}

#[test]
fn without_a_relay_nothing_begins() {
    let newsroom = newsroom("");
    subscribe(&newsroom, 1, 2);
    newsroom
        .tidings(&["send"])
        .env_remove(RELAY)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("no relay is known"));
    newsroom.build();
    assert_eq!(issue_state(&newsroom), "approved");
    assert_eq!(states(&newsroom), "");
}

#[test]
fn a_password_is_never_printed() {
    let newsroom = newsroom("");
    subscribe(&newsroom, 1, 2);
    for url in [
        "smtp://user:s3cret@127.0.0.1:1",
        "http://user:s3cret@relay.example",
    ] {
        let output = newsroom
            .tidings(&["send"])
            .env(RELAY, url)
            .output()
            .unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("s3cret"), "{text}");
    }
    assert_eq!(states(&newsroom), "waiting 2");
}

#[test]
fn pause_resume_and_cancel_work_from_another_terminal() {
    let newsroom = newsroom("rate_per_second = 20\nconnections = 2");
    subscribe(&newsroom, 1, 60);
    let relay = FakeRelay::good();
    let steer = |arguments: &[&str]| newsroom.tidings(arguments).assert();
    let first = newsroom_send(&newsroom, &relay);
    wait_until(|| relay.taken().len() > 5);
    let period = &period(&newsroom);
    steer(&["send", "pause", "weekly", period, "--why", "a typo"]).success();
    let output = first.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let paused = relay.taken().len();
    assert!(paused < 60);
    steer(&["send", "status"])
        .success()
        .stdout(predicate::str::contains("paused: a typo"));
    steer(&["send", "pause", "weekly", period]).code(2);
    steer(&["send", "resume", "weekly", period]).success();
    let second = newsroom_send(&newsroom, &relay);
    wait_until(|| relay.taken().len() > paused + 5);
    steer(&["send", "cancel", "weekly", period]).success();
    assert!(second.wait_with_output().unwrap().status.success());
    let taken = relay.recipients();
    let mut once = taken.clone();
    once.dedup();
    assert_eq!(taken, once);
    assert!(taken.len() < 60);
    assert_eq!(issue_state(&newsroom), "cancelled");
    // Nobody waits for what does not come.
    let (sent, cancelled) = (taken.len(), 60 - taken.len());
    assert_eq!(
        states(&newsroom),
        format!("cancelled {cancelled}, sent {sent}")
    );
    steer(&["send", "status"]).success().stdout(format!(
        "weekly {period}: cancelled; {sent} sent, {cancelled} cancelled\n"
    ));
}

/// Calls the weekly digest by another slug.
fn rename(newsroom: &common::Newsroom) {
    let before = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let slug = "slug = \"weekly\"";
    assert!(before.contains(slug));
    let now = before.replace(slug, "slug = \"each-week\"\nwas = [\"weekly\"]");
    newsroom.write("feeds.toml", now);
    newsroom.build();
}

#[test]
fn a_digest_renamed_while_its_issue_pauses_goes_on_where_it_was() {
    let newsroom = newsroom("rate_per_second = 30\nconnections = 2");
    subscribe(&newsroom, 1, 40);
    // Whatever the order is, somebody is in doubt before the pause.
    let is_cut = AtomicBool::new(false);
    let relay = FakeRelay::start(move |visit| {
        let is_next = visit.taken >= 3 && !is_cut.swap(true, Ordering::SeqCst);
        if is_next {
            Act::TakeAndClose
        } else {
            Act::Take
        }
    });
    let first = newsroom_send(&newsroom, &relay);
    wait_until(|| relay.taken().len() > 8);
    let period = &period(&newsroom);
    let steer = |arguments: &[&str]| newsroom.tidings(arguments).assert().success();
    steer(&["send", "pause", "weekly", period]);
    assert!(first.wait_with_output().unwrap().status.success());
    let before = relay.taken();
    assert!(before.len() < 40);
    rename(&newsroom);
    steer(&["send", "status"]).stdout(predicate::str::contains(format!(
        "each-week {period}: paused"
    )));
    steer(&["send", "resume", "each-week", period]);
    let again = || newsroom_send(&newsroom, &relay).wait_with_output().unwrap();
    assert!(again().status.success());
    assert_eq!(relay.recipients(), everybody(40));
    assert_eq!(states(&newsroom), "sent 39, uncertain 1");
    assert_eq!(issue_state(&newsroom), "sent");
    // Links lead to where the pages are now.
    let after = &relay.taken()[before.len()];
    assert!(after.message.contains("digests/each-week/"));
    // Who gets it again gets what mail programs know.
    steer(&["send", "uncertain", "--again"]);
    assert!(again().status.success());
    let taken = relay.taken();
    let last = taken.last().unwrap();
    let first = before.iter().find(|one| one.to == last.to).unwrap();
    assert!(first.field("Message-ID").is_some());
    assert_eq!(first.field("Message-ID"), last.field("Message-ID"));
}

#[test]
fn a_digest_renamed_while_it_is_being_sent_reaches_everybody_once() {
    let newsroom = newsroom("rate_per_second = 30\nconnections = 3");
    subscribe(&newsroom, 1, 60);
    let relay = FakeRelay::good();
    let first = newsroom_send(&newsroom, &relay);
    wait_until(|| relay.taken().len() > 8);
    rename(&newsroom);
    let output = first.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(relay.taken().len() < 60);
    let second = newsroom_send(&newsroom, &relay);
    assert!(second.wait_with_output().unwrap().status.success());
    assert_eq!(relay.recipients(), everybody(60));
    assert_eq!(states(&newsroom), "sent 60");
}

#[test]
fn a_digest_cancelled_at_the_desk_leaves_nobody_waiting() {
    let newsroom = newsroom("rate_per_second = 20\nconnections = 2");
    subscribe(&newsroom, 1, 40);
    let relay = FakeRelay::good();
    let sending = newsroom_send(&newsroom, &relay);
    wait_until(|| relay.taken().len() > 5);
    let period = &period(&newsroom);
    let cancel = ["digest", "cancel", "weekly", period, "--as", "Ana"];
    newsroom.tidings(&cancel).assert().success();
    assert!(sending.wait_with_output().unwrap().status.success());
    let sent = relay.taken().len();
    let cancelled = 40 - sent;
    assert!(cancelled > 0);
    assert_eq!(
        states(&newsroom),
        format!("cancelled {cancelled}, sent {sent}")
    );
}

#[test]
fn too_many_failures_pause_the_issue_with_the_reason() {
    let newsroom = newsroom("pause_after = 5\npause_at = 0.5");
    subscribe(&newsroom, 1, 50);
    let relay = FakeRelay::start(|_| Act::Recipient("550 5.7.1 blocked"));
    newsroom
        .tidings(&["send"])
        .env(RELAY, relay.url())
        .assert()
        .code(1)
        .stdout(predicate::str::contains("550 5.7.1 blocked"));
    assert_eq!(issue_state(&newsroom), "paused");
    newsroom
        .tidings(&["send", "status"])
        .assert()
        .stdout(predicate::str::contains("messages failed"));
}

#[test]
fn what_is_uncertain_is_listed_and_decided_by_a_person() {
    let newsroom = newsroom("");
    subscribe(&newsroom, 1, 6);
    let relay = FakeRelay::start(|visit| match (visit.to.as_str(), visit.tried) {
        ("p1@example.org" | "p2@example.org", 0) => Act::TakeAndClose,
        _ => Act::Take,
    });
    let send = || {
        newsroom
            .tidings(&["send"])
            .env(RELAY, relay.url())
            .assert()
            .success()
    };
    send();
    assert_eq!(states(&newsroom), "sent 4, uncertain 2");
    let uncertain = |arguments: &[&str]| {
        let all = [&["send", "uncertain"], arguments].concat();
        newsroom.tidings(&all).assert()
    };
    uncertain(&[])
        .code(1)
        .stdout(predicate::str::contains("p1@example.org"));
    uncertain(&["--sent", "p1@example.org"]).success();
    uncertain(&["--again"]).success();
    send();
    assert_eq!(states(&newsroom), "sent 6");
    let twice = relay.recipients();
    assert_eq!(twice.iter().filter(|to| *to == "p1@example.org").count(), 1);
    assert_eq!(twice.iter().filter(|to| *to == "p2@example.org").count(), 2);
}

#[test]
fn watch_sends_what_is_approved_by_itself() {
    let newsroom = newsroom("");
    subscribe(&newsroom, 1, 8);
    let relay = FakeRelay::good();
    let mut watch = program(&newsroom, &["watch"], &relay).spawn().unwrap();
    wait_until(|| relay.taken().len() == 8);
    execute(
        &newsroom,
        "INSERT INTO letter (id, address, address_key, kind, return_path, message, state, due, \
         created) VALUES (5, 'a@example.org', 'a@example.org', 'confirm', 'b@example.org', \
         'U3ViamVjdDogeA0KDQp5DQo=', 'waiting', 1, 1)",
    );
    wait_until(|| relay.taken().len() == 9);
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(relay.recipients().contains(&"a@example.org".to_owned()));
}

fn program(
    newsroom: &common::Newsroom,
    arguments: &[&str],
    relay: &FakeRelay,
) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.arg("-C").arg(newsroom.root()).args(arguments);
    command.env(RELAY, relay.url());
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    command
}

fn newsroom_send(newsroom: &common::Newsroom, relay: &FakeRelay) -> std::process::Child {
    program(newsroom, &["send"], relay).spawn().unwrap()
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < limit, "it never came to pass");
        std::thread::sleep(Duration::from_millis(5));
    }
}
