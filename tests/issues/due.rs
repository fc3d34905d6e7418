//! What the schedule makes, and which items an issue takes.

use super::*;

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
