//! The life of issues: made by the schedule, edited, approved, skipped, and sent once.
//!
//! The clock is an argument of the library, so that a test may be at any Monday.

#[path = "../common/mod.rs"]
mod common;

mod archive;
mod desk;
mod due;
mod upgrades;

use chrono::{DateTime, TimeDelta, Utc};
use common::{CONFIGURATION, Newsroom, item};
use tidings::config::Period;
use tidings::digest::edits::Edit;
use tidings::digest::life::State;
use tidings::digest::period::Span;
use tidings::ledger::{IssueRecord, Ledger};
use tidings::pipeline::Report;
use tidings::pipeline::issues::desk::Desk;
use tidings::pipeline::issues::editions;
use tidings::pipeline::issues::{Begin, Composed};
use tidings::serve::items::Items;
use tidings::setup::Setup;

const MAIL: &str = "\n[mail]\nrelay = \"smtp://127.0.0.1:2525\"\n";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Monday, 25 November 2024, 09:00 in Vienna: when the issue for 2024-W47 is due.
fn monday() -> DateTime<Utc> {
    at("2024-11-25T08:00:00Z")
}

fn weeks(number: i64) -> TimeDelta {
    TimeDelta::weeks(number)
}

/// A newsroom whose digest has more keys, and which mails or not.
fn newsroom(keys: &str, mail: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write("feeds.toml", format!("{CONFIGURATION}{keys}\n{mail}"));
    newsroom
}

fn open(newsroom: &Newsroom) -> tidings::pipeline::Newsroom {
    let setup = Setup::load(newsroom.root()).unwrap();
    tidings::pipeline::Newsroom::open(setup).unwrap()
}

fn build(newsroom: &Newsroom, now: DateTime<Utc>) -> Report {
    open(newsroom).build(now, &()).unwrap()
}

fn ledger(newsroom: &Newsroom) -> Ledger {
    Ledger::open(&newsroom.path(".tidings/ledger.sqlite")).unwrap()
}

fn issue(newsroom: &Newsroom, period: &str) -> IssueRecord {
    let found = ledger(newsroom).issue("weekly", period).unwrap();
    found.unwrap_or_else(|| panic!("no issue {period}"))
}

/// `2024-W47 draft: a b`: the issues with the last parts of their items' addresses.
fn issues(newsroom: &Newsroom) -> Vec<String> {
    let issues = ledger(newsroom).issues().unwrap().into_iter();
    let line = |issue: IssueRecord| {
        let mut names: Vec<String> = issue
            .items
            .iter()
            .filter_map(|id| Some(slug(&issue.seen.get(id)?.url)))
            .collect();
        names.sort();
        format!("{} {}: {}", issue.period, issue.state, names.join(" "))
    };
    issues.map(line).collect()
}

/// Begins to send an issue as `tidings send` does.
fn begin_sending(newsroom: &Newsroom, period: &str) {
    let setup = Setup::load(newsroom.root()).unwrap();
    let items = Items::new(newsroom.root());
    let current = items.current().unwrap();
    let publisher = current.as_ref().unwrap().publisher();
    let record = issue(newsroom, period);
    let frozen = editions::freeze(&publisher, &setup.config.digests[0], &record);
    let frozen = frozen.unwrap().unwrap();
    let now = monday().timestamp_millis();
    let begun = ledger(newsroom)
        .begin_sending(&record, &frozen, "schedule", now)
        .unwrap();
    assert_eq!(begun.state, State::Sending);
}

fn slug(url: &str) -> String {
    let last = url.trim_end_matches('/').rsplit('/').next();
    last.unwrap_or_default().replace("title-of-", "")
}

/// Does something with an issue as a person.
fn act<T>(newsroom: &Newsroom, who: &str, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
    let setup = Setup::load(newsroom.root()).unwrap();
    let mut ledger = ledger(newsroom);
    act(&mut Desk {
        ledger: &mut ledger,
        digest: &setup.config.digests[0],
        who: who.to_owned(),
        now: monday(),
    })
}

/// The steps of an issue: `schedule drafted`.
fn steps(newsroom: &Newsroom, period: &str) -> Vec<String> {
    let steps = ledger(newsroom).issue_steps("weekly", period).unwrap();
    let steps = steps.into_iter();
    steps
        .map(|step| format!("{} {}", step.who, step.step))
        .collect()
}

fn write(newsroom: &Newsroom, name: &str, date: &str) {
    newsroom.write(
        &format!("news/{name}.md"),
        item(&format!("Title of {name}"), date, "The river rose."),
    );
}
