//! Nobody gets an issue twice and nobody is left out, however often the program is killed.
//!
//! `TIDINGS_KILLS` and `TIDINGS_KILL_SUBSCRIBERS` make it longer: 200 and 2000 are the long form.

mod common;

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::disk::SmallDisk;
use common::mail::{execute, issue_state, newsroom, states, subscribe};
use common::relay::FakeRelay;

fn number(variable: &str, otherwise: usize) -> usize {
    let stated = std::env::var(variable).ok();
    stated.map_or(otherwise, |text| text.parse().expect("a number"))
}

fn sending(newsroom: &common::Newsroom, relay: &FakeRelay) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.arg("-C").arg(newsroom.root()).args(["send"]);
    command.env("TIDINGS_SMTP_URL", relay.url());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn killed_again_and_again_each_message_arrives_once() {
    let kills = number("TIDINGS_KILLS", 12);
    let count = number("TIDINGS_KILL_SUBSCRIBERS", 300);
    let connections = 4;
    let newsroom = newsroom(&format!(
        "connections = {connections}\nafter_crash = \"list\""
    ));
    subscribe(&newsroom, 1, count);
    let relay = FakeRelay::good();
    // A share of all is let through between two kills, so that they fall all along the way; what
    // is between them is random.
    for kill in 0..kills {
        let before = relay.taken().len();
        let share = (count / (kills + 1)).max(1);
        let aim = before + rand::random_range(0..=share);
        let mut child = sending(&newsroom, &relay).spawn().unwrap();
        while relay.taken().len() < aim && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(rand::random_range(0..3_000)));
        // Every third dies on its way to the first message, wherever that is.
        if kill % 3 == 0 && aim == before {
            std::thread::sleep(Duration::from_micros(rand::random_range(0..400_000)));
        }
        let _ = child.kill();
        child.wait().unwrap();
    }
    let last = sending(&newsroom, &relay).status().unwrap();
    assert!(last.success());
    let mut times: HashMap<String, usize> = HashMap::new();
    for to in relay.recipients() {
        *times.entry(to).or_default() += 1;
    }
    let twice: Vec<&String> = times
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(to, _)| to)
        .collect();
    assert!(twice.is_empty(), "twice: {twice:?}");
    // Who is not among them was in doubt, and is listed: not more than are on their way at once.
    let missing: Vec<String> = (1..=count)
        .map(|id| format!("p{id}@example.org"))
        .filter(|to| !times.contains_key(to))
        .collect();
    let listed = newsroom.tidings(&["send", "uncertain"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for to in &missing {
        assert!(
            listed.contains(&format!("  {to}  ")),
            "{to} is lost; {listed}"
        );
    }
    let uncertain = listed.lines().filter(|line| line.contains('@')).count();
    assert!(
        uncertain <= kills * connections,
        "{uncertain} are uncertain after {kills} kills"
    );
    assert_eq!(issue_state(&newsroom), "sent");
    let (arrived, all) = (count - uncertain, states(&newsroom));
    let expected = match uncertain {
        0 => format!("sent {count}"),
        _ => format!("sent {arrived}, uncertain {uncertain}"),
    };
    assert_eq!(all, expected);
    eprintln!(
        "{kills} kills of {count}: 0 twice, {} missing, {uncertain} listed as uncertain",
        missing.len()
    );
}

#[test]
fn a_full_disk_in_mid_send_loses_nothing_and_sends_nothing_twice() {
    let newsroom = newsroom("connections = 3");
    subscribe(&newsroom, 1, 400);
    newsroom.build();
    let relay = FakeRelay::good();
    // No file may grow beyond this: the ledger's log is the first that wants to.
    let limit = 700;
    let script = format!(
        "ulimit -f {limit}; exec {} -C {} send",
        env!("CARGO_BIN_EXE_tidings"),
        newsroom.root().display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("TIDINGS_SMTP_URL", relay.url())
        .output()
        .unwrap();
    assert!(!output.status.success(), "the limit was never reached");
    let sent = relay.taken().len();
    assert!(sent < 400, "the limit came too late");
    assert!(sending(&newsroom, &relay).status().unwrap().success());
    let all = relay.recipients();
    let mut once = all.clone();
    once.dedup();
    assert_eq!(all, once);
    let uncertain = newsroom.tidings(&["send", "uncertain"]).output().unwrap();
    let uncertain = String::from_utf8(uncertain.stdout).unwrap();
    let in_doubt = uncertain.lines().filter(|line| line.contains('@')).count();
    assert!(
        once.len() + in_doubt >= 400,
        "{} arrived, {in_doubt} in doubt",
        once.len()
    );
}

#[test]
fn a_ledger_whose_disk_fills_up_in_mid_send_lets_nothing_fly_unrecorded() {
    const COUNT: usize = 400;
    let newsroom = newsroom("connections = 3\nrate_per_second = 200");
    let Some(disk) = SmallDisk::mount(&newsroom.path(".tidings"), "20m") else {
        return;
    };
    subscribe(&newsroom, 1, COUNT);
    newsroom.build();
    let relay = FakeRelay::good();
    let mut command = sending(&newsroom, &relay);
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    while relay.taken().len() < 20 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let filler = disk.fill();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "the disk was never full: {said}");
    let words: Vec<&str> = said.split_whitespace().collect();
    let said = words.join(" ");
    assert!(said.contains("the disk is full that the ledger"), "{said}");
    assert!(said.contains("make room there"), "{said}");
    let before = relay.taken().len();
    assert!(before < COUNT, "it was full too late");
    std::fs::remove_file(filler).unwrap();
    assert!(sending(&newsroom, &relay).status().unwrap().success());
    let all = relay.recipients();
    let mut once = all.clone();
    once.dedup();
    assert_eq!(all, once);
    // Whoever was not reached is listed; of those who were, the ledger knows.
    let listed = newsroom.tidings(&["send", "uncertain"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for id in 1..=COUNT {
        let to = format!("p{id}@example.org");
        let is_known = once.binary_search(&to).is_ok() || listed.contains(&format!("  {to}  "));
        assert!(is_known, "{to} is lost");
    }
    let in_doubt = listed.lines().filter(|line| line.contains('@')).count();
    let expected = match in_doubt {
        0 => format!("sent {COUNT}"),
        _ => format!("sent {}, uncertain {in_doubt}", COUNT - in_doubt),
    };
    assert_eq!(states(&newsroom), expected);
    drop(disk);
}

#[test]
fn two_processes_and_a_kill_share_the_work() {
    let newsroom = newsroom("connections = 2");
    subscribe(&newsroom, 1, 200);
    // Both may begin to publish; one finds the newsroom taken and sends what is there.
    newsroom.build();
    let relay = FakeRelay::good();
    sending(&newsroom, &relay).status().unwrap();
    execute(&newsroom, "UPDATE issue SET state = 'sending'");
    execute(
        &newsroom,
        "UPDATE delivery SET state = 'waiting', due = 0 WHERE subscriber > 100",
    );
    let before = relay.taken().len();
    let mut first = sending(&newsroom, &relay).spawn().unwrap();
    let mut second = sending(&newsroom, &relay).spawn().unwrap();
    while relay.taken().len() < before + 20 {
        std::thread::sleep(Duration::from_micros(200));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(second.wait().unwrap().success());
    assert!(sending(&newsroom, &relay).status().unwrap().success());
    let again = relay.recipients();
    let mut times: HashMap<&String, usize> = HashMap::new();
    for to in &again {
        *times.entry(to).or_default() += 1;
    }
    for id in 101..=200 {
        let to = format!("p{id}@example.org");
        assert!(times[&to] <= 2, "{to} got it {} times", times[&to]);
    }
}
