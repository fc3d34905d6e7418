//! The life of issues: made by the schedule, edited, approved, skipped, and sent once.
//!
//! The clock is an argument of the library, so that a test may be at any Monday.

mod common;

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

#[test]
fn an_issue_in_time_is_approved_by_the_schedule_and_seen_by_nobody_until_it_is_sent() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    assert_eq!(issues(&newsroom), ["2024-W47 approved: a"]);
    assert_eq!(
        steps(&newsroom, "2024-W47"),
        ["schedule drafted", "schedule approved"]
    );
    assert!(!newsroom.exists("digests/weekly/2024-W47/index.html"));
    begin_sending(&newsroom, "2024-W47");
    build(&newsroom, monday() + TimeDelta::hours(1));
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
    assert_eq!(newsroom.titles("digests/weekly/atom.xml").len(), 1);
}

#[test]
fn missed_runs_are_made_up_once_and_never_sent_stale_unasked() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    for (name, date) in [
        ("b", "2024-11-27"),
        ("c", "2024-12-04"),
        ("d", "2024-12-11"),
    ] {
        write(&newsroom, name, date);
    }
    // Off for three Mondays, and on again two days after the last of them.
    let report = build(&newsroom, monday() + weeks(3) + TimeDelta::days(2));
    assert_eq!(
        issues(&newsroom),
        ["2024-W47 draft: a", "2024-W50 draft: b c d"]
    );
    // Nobody sent the first in time either.
    assert_eq!(
        report.waiting[1],
        "weekly 2024-W50 waits for approval: it is too late to be sent unasked"
    );
    // Asked again and again, it stays one draft, and nobody approves it by accident.
    build(&newsroom, monday() + weeks(3) + TimeDelta::days(3));
    assert_eq!(steps(&newsroom, "2024-W50"), ["schedule drafted"]);
    let record = issue(&newsroom, "2024-W50");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    assert_eq!(issue(&newsroom, "2024-W50").state, State::Approved);
    // The next one is in time again.
    write(&newsroom, "e", "2024-12-18");
    build(&newsroom, monday() + weeks(4));
    assert_eq!(issues(&newsroom)[2], "2024-W51 approved: e");
}

#[test]
fn an_issue_that_nobody_sent_in_time_is_held_unless_a_person_approved_it() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    build(&newsroom, monday() + TimeDelta::hours(24));
    assert_eq!(issue(&newsroom, "2024-W47").state, State::Approved);
    let report = build(&newsroom, monday() + TimeDelta::hours(25));
    assert_eq!(issue(&newsroom, "2024-W47").state, State::Draft);
    assert!(
        report.waiting[0].contains("too late"),
        "{:?}",
        report.waiting
    );
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(26));
    assert_eq!(issue(&newsroom, "2024-W47").state, State::Approved);
}

#[test]
fn how_late_is_too_late_is_for_the_config_to_say() {
    let newsroom = newsroom("stale_after = \"7 days\"", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday() + TimeDelta::days(6));
    assert_eq!(issues(&newsroom), ["2024-W47 approved: a"]);
}

#[test]
fn what_comes_late_goes_into_the_next_issue_and_nothing_repeats() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "old", "2024-10-01");
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    // Dated within the closed period, and even before the digest's first.
    write(&newsroom, "late", "2024-11-21");
    write(&newsroom, "backdated", "2024-10-02");
    build(&newsroom, monday() + TimeDelta::hours(2));
    assert_eq!(issues(&newsroom), ["2024-W47 approved: a"]);
    write(&newsroom, "b", "2024-11-27");
    // A correction of what was in an issue is no news.
    newsroom.write(
        "news/a.md",
        item("Title of a", "2024-11-20", "It fell again."),
    );
    build(&newsroom, monday() + weeks(1));
    assert_eq!(issues(&newsroom)[1], "2024-W48 approved: b backdated late");
    build(&newsroom, monday() + weeks(2));
    assert_eq!(issues(&newsroom).len(), 2, "a quiet week has no issue");
    write(&newsroom, "later", "2024-11-22");
    build(&newsroom, monday() + weeks(2) + TimeDelta::days(1));
    assert_eq!(issues(&newsroom).len(), 2, "not before the next Monday");
    build(&newsroom, monday() + weeks(3));
    assert_eq!(issues(&newsroom)[2], "2024-W50 approved: later");
}

#[test]
fn an_item_that_was_gone_when_its_issue_was_sent_goes_into_the_next_when_it_is_back() {
    let newsroom = newsroom("", MAIL);
    for name in ["a", "b"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    let mut running = open(&newsroom);
    running.begin_issues(Begin::All {
        who: "ana".to_owned(),
    });
    running.build(monday() + TimeDelta::hours(1), &()).unwrap();
    drop(running);
    assert_eq!(issues(&newsroom), ["2024-W47 sending: a"]);
    write(&newsroom, "b", "2024-11-20");
    build(&newsroom, monday() + weeks(1));
    assert_eq!(issues(&newsroom)[1], "2024-W48 approved: b");
}

#[test]
fn a_digest_that_changes_its_period_keeps_its_issues_and_repeats_nothing() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    begin_sending(&newsroom, "2024-W47");
    write(&newsroom, "b", "2024-11-27");
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let configuration = configuration
        .replace("Mon 09:00", "day 1 09:00")
        .replace("\"week\"", "\"month\"");
    newsroom.write("feeds.toml", configuration);
    build(&newsroom, at("2024-12-01T08:00:00Z"));
    assert_eq!(
        issues(&newsroom),
        ["2024-W47 sending: a", "2024-11 approved: b"]
    );
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
    let shown = newsroom
        .tidings(&["digest", "show", "weekly", "2024-W47"])
        .assert();
    assert!(common::stdout(&shown.success()).contains("Title of a"));
}

#[test]
fn a_crash_between_an_issue_and_the_note_of_it_makes_no_other() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday() - TimeDelta::days(1));
    let before = ledger(&newsroom).digest_progress().unwrap();
    build(&newsroom, monday());
    ledger(&newsroom).record_progress(&before[0]).unwrap();
    write(&newsroom, "late", "2024-11-21");
    build(&newsroom, monday() + TimeDelta::hours(1));
    assert_eq!(issues(&newsroom), ["2024-W47 approved: a"]);
    build(&newsroom, monday() + weeks(1));
    assert_eq!(issues(&newsroom)[1], "2024-W48 approved: late");
}

#[test]
fn an_old_archive_gives_one_draft_and_nothing_that_goes_out_unasked() {
    let newsroom = newsroom("", MAIL);
    let today = Utc::now();
    let day = |back: i64| {
        (today - TimeDelta::days(back))
            .format("%Y-%m-%d")
            .to_string()
    };
    for number in 0..20 {
        write(&newsroom, &format!("old-{number}"), &day(100 * number + 30));
    }
    newsroom.build();
    let listed = issues(&newsroom);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].ends_with("draft: old-0"), "{listed:?}");
    // Late news of a week that nobody waits for any more, and the rest of the archive.
    write(&newsroom, "late", &day(10));
    for number in 20..40 {
        write(&newsroom, &format!("old-{number}"), &day(100 * number + 30));
    }
    newsroom.build();
    newsroom.build();
    assert_eq!(issues(&newsroom).len(), 1, "not before its next day");
    // When that comes, a person must look at so many old ones.
    let zone = Setup::load(newsroom.root()).unwrap().config.digests[0].timezone;
    let schedule = tidings::digest::schedule::Schedule::parse("Mon 09:00").unwrap();
    let due = schedule.next_after(today.with_timezone(&zone)).unwrap();
    build(&newsroom, due.with_timezone(&Utc));
    let listed = issues(&newsroom);
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert!(listed[1].contains("draft: late old-20"), "{listed:?}");
    let record = ledger(&newsroom).issues().unwrap().pop().unwrap();
    let steps = ledger(&newsroom).issue_steps("weekly", &record.period);
    let why = steps.unwrap()[0].why.clone().unwrap();
    assert_eq!(
        why,
        "waits for a person: 20 of its items are from before the digest began"
    );
}

#[test]
fn the_first_issue_of_a_newsroom_with_older_news_waits_for_a_person() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    write(&newsroom, "old", "2023-11-20");
    build(&newsroom, monday() + TimeDelta::hours(1));
    assert_eq!(issues(&newsroom), ["2024-W47 draft: a"]);
    // The next one is waited for.
    write(&newsroom, "b", "2024-11-27");
    build(&newsroom, monday() + weeks(1) + TimeDelta::hours(1));
    assert_eq!(issues(&newsroom)[1], "2024-W48 approved: b");
}

#[test]
fn items_of_a_skipped_issue_go_into_the_next_and_those_of_a_cancelled_one_do_not() {
    let newsroom = newsroom("approval = \"one\"", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.skip(&record, None)).unwrap();
    write(&newsroom, "b", "2024-11-27");
    build(&newsroom, monday() + weeks(1));
    assert_eq!(
        issues(&newsroom),
        ["2024-W47 skipped: a", "2024-W48 draft: a b"]
    );
    // What another issue has taken since does not come twice.
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.reopen(record, None)).unwrap();
    assert_eq!(issue(&newsroom, "2024-W47").items, Vec::<String>::new());
    let record = issue(&newsroom, "2024-W48");
    act(&newsroom, "ana", |desk| desk.cancel(&record, None)).unwrap();
    write(&newsroom, "c", "2024-12-04");
    build(&newsroom, monday() + weeks(2));
    assert_eq!(issues(&newsroom)[2], "2024-W49 draft: c");
}

#[test]
fn what_becomes_of_items_is_shown_in_the_draft_and_voids_an_approval() {
    let newsroom = newsroom("approval = \"one\"", MAIL);
    for name in ["a", "b", "c"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    newsroom.write("news/a.md", item("Another title", "2024-11-20", "It fell."));
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    let report = build(&newsroom, monday() + TimeDelta::hours(1));
    let record = issue(&newsroom, "2024-W47");
    assert_eq!(record.state, State::Draft);
    let words: Vec<String> = record.changes.iter().map(|one| one.in_words()).collect();
    assert_eq!(words.len(), 2);
    assert!(
        words.contains(&"corrected: Another title".to_owned()),
        "{words:?}"
    );
    assert!(
        words.contains(&"withdrawn: Title of b".to_owned()),
        "{words:?}"
    );
    assert!(
        report.issues[0].contains("withdrawn: Title of b"),
        "{:?}",
        report.issues
    );
    // It is said once.
    build(&newsroom, monday() + TimeDelta::hours(2));
    assert_eq!(
        steps(&newsroom, "2024-W47"),
        ["schedule drafted", "ana approved", "schedule changed"]
    );
    // Whoever approves it now knows.
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(3));
    let record = issue(&newsroom, "2024-W47");
    assert_eq!(
        (record.state, record.changes),
        (State::Approved, Vec::new())
    );
}

#[test]
fn where_approval_is_automatic_a_correction_goes_out_with_the_issue() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    write(&newsroom, "b", "2024-11-20");
    build(&newsroom, monday());
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(1));
    assert_eq!(issue(&newsroom, "2024-W47").state, State::Approved);
    assert_eq!(
        steps(&newsroom, "2024-W47").last().unwrap(),
        "schedule changed"
    );
}

#[test]
fn what_changed_since_it_was_approved_is_not_sent_even_before_that_was_noticed() {
    let newsroom = newsroom("approval = \"one\"", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    let approved = issue(&newsroom, "2024-W47");
    newsroom.write("news/a.md", item("Another title", "2024-11-20", "It fell."));
    build(&newsroom, monday() + TimeDelta::hours(1));
    let setup = Setup::load(newsroom.root()).unwrap();
    let items = Items::new(newsroom.root());
    let current = items.current().unwrap();
    let publisher = current.as_ref().unwrap().publisher();
    let refused = editions::freeze(&publisher, &setup.config.digests[0], &approved);
    let message = refused.unwrap_err().message;
    assert!(message.contains("corrected: Another title"), "{message}");
    // Nor does the ledger let an older version go.
    let now = monday().timestamp_millis();
    let begun = ledger(&newsroom).begin_sending(&approved, "{}", "schedule", now);
    assert!(begun.is_err());
}

#[test]
fn two_people_must_approve_and_an_edit_makes_them_begin_again() {
    let newsroom = newsroom("approval = \"two\"", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    let approve = |who: &str| {
        let record = issue(&newsroom, "2024-W47");
        act(&newsroom, who, |desk| desk.approve(record, None))
    };
    assert_eq!(approve("ana").unwrap().state, State::Draft);
    let again = approve("ana").unwrap_err();
    assert!(again.to_string().contains("ana has approved"), "{again}");
    let record = issue(&newsroom, "2024-W47");
    let edit = vec![Edit::Subject(Some("Another".to_owned()))];
    act(&newsroom, "ben", |desk| desk.edit(record, edit)).unwrap();
    assert_eq!(approve("ben").unwrap().state, State::Draft);
    assert_eq!(approve("ana").unwrap().state, State::Approved);
}

#[test]
fn edits_survive_a_rebuild_and_a_draft_that_is_made_anew() {
    let newsroom = newsroom("approval = \"one\"", "");
    for name in ["a", "b", "c"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    let id = |name: &str| {
        let found = record
            .seen
            .iter()
            .find(|(_, seen)| slug(&seen.url).ends_with(name));
        found.map(|(id, _)| id.clone()).unwrap()
    };
    let edits = vec![
        Edit::Subject(Some("What we did".to_owned())),
        Edit::Introduction(Some("Hello **all**.".to_owned())),
        Edit::Headline(Some(id("b"))),
        Edit::Drop(id("c")),
    ];
    act(&newsroom, "ana", |desk| desk.edit(record.clone(), edits)).unwrap();
    // The catalog and the output may be lost: edits are facts of the ledger.
    std::fs::remove_dir_all(newsroom.path("public")).unwrap();
    std::fs::remove_file(newsroom.path(".tidings/catalog")).unwrap();
    write(&newsroom, "d", "2024-11-22");
    let now = monday() + TimeDelta::hours(1);
    let mut running = open(&newsroom);
    let mut report = running.build(now, &()).unwrap();
    assert!(!newsroom.exists("digests/weekly/2024-W47/mail.txt"));
    let zone = running.setup().config.digests[0].timezone;
    let span = Span::parse("2024-W47", Period::Week, zone, now).unwrap();
    let composed = running
        .compose_issue(0, &span, "ana", &(), &mut report)
        .unwrap();
    assert!(matches!(composed, Composed::Draft(edition, _) if edition.issue.total == 3));
    drop(running);
    let record = issue(&newsroom, "2024-W47");
    assert_eq!(record.items.len(), 4, "made anew with what came since");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(2));
    assert_eq!(issue(&newsroom, "2024-W47").state, State::Sent);
    let mail = newsroom.read("digests/weekly/2024-W47/mail.html");
    assert!(mail.contains("<title>What we did</title>"), "{mail}");
    assert!(mail.contains("Hello <strong>all</strong>."), "{mail}");
    assert!(!mail.contains("Title of c"), "{mail}");
    let place = |title: &str| mail.rfind(title).unwrap();
    assert!(place("Title of b") < place("Title of d"));
}

#[test]
fn a_process_that_publishes_sees_what_another_approved() {
    let newsroom = newsroom("approval = \"one\"", "");
    write(&newsroom, "a", "2024-11-20");
    let mut running = open(&newsroom);
    running.build(monday(), &()).unwrap();
    assert!(!running.issues_changed().unwrap());
    newsroom
        .tidings(&["digest", "approve", "weekly", "--as", "ana"])
        .assert()
        .success();
    assert!(running.issues_changed().unwrap());
    running
        .update(&Default::default(), monday() + TimeDelta::minutes(1), &())
        .unwrap();
    assert!(!running.issues_changed().unwrap());
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
}

#[test]
fn an_issue_that_is_called_off_while_it_is_sent_leaves_the_archive() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    let mut running = open(&newsroom);
    running.build(monday(), &()).unwrap();
    begin_sending(&newsroom, "2024-W47");
    running.update(&Default::default(), monday(), &()).unwrap();
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.cancel(&record, None)).unwrap();
    running.update(&Default::default(), monday(), &()).unwrap();
    assert!(!newsroom.exists("digests/weekly/2024-W47/index.html"));
}

#[test]
fn the_archive_shows_what_was_sent_but_for_what_was_corrected_or_taken_back() {
    let newsroom = newsroom("", MAIL);
    for name in ["a", "b"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    begin_sending(&newsroom, "2024-W47");
    build(&newsroom, monday());
    let mail = "digests/weekly/2024-W47/mail.html";
    let sent = newsroom.read(mail);
    assert!(sent.contains("Weekly digest: 2 items") && sent.contains(">Water<"));
    // Another grouping is for the issues to come.
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let configuration = configuration.replace("group_by = \"topic\"", "");
    newsroom.write("feeds.toml", configuration);
    build(&newsroom, monday());
    assert_eq!(newsroom.read(mail), sent);
    newsroom.write("news/a.md", item("Corrected", "2024-11-20", "It fell."));
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(1));
    let shown = newsroom.read(mail);
    assert!(
        shown.contains("Corrected") && !shown.contains("Title of b"),
        "{shown}"
    );
}

#[test]
fn at_once_means_when_something_new_has_waited_for_more() {
    let newsroom = Newsroom::new();
    let configuration = CONFIGURATION.replace(
        "schedule = \"Mon 09:00\"\nperiod = \"week\"",
        "schedule = \"at once\"",
    );
    newsroom.write("feeds.toml", configuration + MAIL);
    write(&newsroom, "there", "2024-11-20");
    let mut running = open(&newsroom);
    running.build(monday(), &()).unwrap();
    let later = |seconds: i64| monday() + TimeDelta::seconds(seconds);
    let publish = |running: &mut tidings::pipeline::Newsroom, name: &str, now| {
        write(&newsroom, name, "2024-11-24");
        let path = newsroom.path(&format!("news/{name}.md"));
        running.update(&[path].into(), now, &()).unwrap();
    };
    publish(&mut running, "a", later(10));
    publish(&mut running, "b", later(60));
    assert_eq!(issues(&newsroom), Vec::<String>::new());
    assert_eq!(running.next_moment(), Some(later(130)));
    running
        .update(&Default::default(), later(130), &())
        .unwrap();
    assert_eq!(issues(&newsroom), ["20241125T080210Z approved: a b"]);
    running
        .update(&Default::default(), later(500), &())
        .unwrap();
    assert_eq!(issues(&newsroom).len(), 1);
    publish(&mut running, "c", later(600));
    running
        .update(&Default::default(), later(720), &())
        .unwrap();
    assert_eq!(issues(&newsroom)[1], "20241125T081200Z approved: c");
}

#[test]
fn a_digest_that_carries_choices_has_an_issue_when_it_selects_nothing_itself() {
    let newsroom = Newsroom::new();
    let configuration = CONFIGURATION.replace(
        "select = \"all\"\ngroup_by = \"topic\"",
        "select = \"topic:energy\"\nchoices = \"weekly\"",
    );
    assert!(configuration.contains("choices"));
    newsroom.write("feeds.toml", configuration + MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    assert_eq!((record.items.len(), record.pool.len()), (0, 1));
}

#[test]
fn a_clock_that_was_wrong_holds_no_issue_up() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    // A year ahead for a moment, with nothing new.
    build(&newsroom, monday() + weeks(52));
    write(&newsroom, "b", "2024-11-27");
    build(&newsroom, monday() + weeks(1));
    assert_eq!(issues(&newsroom)[1], "2024-W48 approved: b");
}

#[test]
fn the_command_line_lists_shows_edits_and_approves() {
    let newsroom = newsroom("approval = \"two\"", "");
    write(&newsroom, "river-rises", "2024-11-20");
    write(&newsroom, "dam", "2024-11-21");
    build(&newsroom, monday());
    let run = |arguments: &[&str]| {
        let told = newsroom.tidings(arguments).assert().success();
        String::from_utf8(told.get_output().stdout.clone()).unwrap()
    };
    let fail = |arguments: &[&str]| {
        let told = newsroom.tidings(arguments).assert().code(2);
        String::from_utf8(told.get_output().stderr.clone()).unwrap()
    };
    let listed = run(&["digest", "list"]);
    assert!(
        listed.starts_with("weekly\t2024-W47\tdraft\tdue 2024-11-25 09:00\t2 items\twaits for two"),
        "{listed}"
    );
    assert!(listed.contains("planned"), "{listed}");
    run(&[
        "digest",
        "edit",
        "weekly",
        "--as",
        "ana",
        "--headline",
        "title-of-dam",
        "--subject",
        "Dams",
        "--introduction",
        "Read *this*.",
    ]);
    run(&[
        "digest", "approve", "weekly", "--as", "ana", "--why", "fine",
    ]);
    let told = fail(&["digest", "approve", "weekly", "--as", "ana"]);
    assert!(told.contains("another person must approve"), "{told}");
    let shown = run(&["digest", "show", "weekly"]);
    for part in [
        "Subject:   Dams",
        "Headline\n  Title of dam",
        "ana (fine)",
        "Read *this*.",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let shown: serde_json::Value =
        serde_json::from_str(&run(&["digest", "show", "weekly", "2024-W47", "--json"])).unwrap();
    assert_eq!(shown["headline"]["title"], "Title of dam");
    assert_eq!(shown["steps"][2]["step"], "endorsed");
    assert_eq!(shown["waits"], "waits for another approval, after ana");
    let told = fail(&[
        "digest", "edit", "weekly", "--as", "ana", "--drop", "nothing",
    ]);
    assert!(told.contains("has no item 'nothing'"), "{told}");
    let told = fail(&["digest", "approve", "weekly", "--as", "schedule"]);
    assert!(told.contains("stands for the clock"), "{told}");
    let told = fail(&["digest", "unapprove", "weekly", "2024-W47", "--as", "ana"]);
    assert!(told.contains("is draft: it cannot be unapproved"), "{told}");
    let told = fail(&["digest", "skip", "weekly", "2024-W48", "--as", "ana"]);
    assert!(told.contains("there is no issue 2024-W48"), "{told}");
    let told = fail(&["digest", "skip", "weakly", "--as", "ana"]);
    assert!(told.contains("did you mean 'weekly'"), "{told}");
    let told = fail(&["digest"]);
    assert!(told.contains("digest list"), "{told}");
    run(&["digest", "approve", "weekly", "--as", "ben"]);
    newsroom.build();
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
    let told = fail(&[
        "digest",
        "edit",
        "weekly",
        "2024-W47",
        "--as",
        "ana",
        "--no-subject",
    ]);
    assert!(told.contains("is sent: it cannot be edited"), "{told}");
}

#[test]
fn the_files_of_a_draft_are_not_in_public() {
    let newsroom = newsroom("approval = \"one\"", "");
    write(&newsroom, "a", "2024-11-20");
    let told = newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    let told = String::from_utf8(told.get_output().stdout.clone()).unwrap();
    assert!(told.contains("A draft"), "{told}");
    assert!(
        newsroom
            .path(".tidings/drafts/digests/weekly/2024-W47/mail.eml")
            .is_file()
    );
    assert!(!newsroom.exists("digests/weekly/2024-W47/mail.eml"));
}
