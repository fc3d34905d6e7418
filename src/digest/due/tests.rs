//! Single decisions; what becomes of items over whole lives of digests is in [`histories`].

mod histories;

use super::*;
use crate::config::Period;
use crate::digest::samples::{digest, due, utc};
use crate::digest::schedule::Schedule;

/// Weekly, on Mondays at 09:00 in Vienna, and silent when there is nothing.
fn weekly() -> Digest {
    Digest {
        quiet: Quiet::Skip,
        ..digest()
    }
}

fn issue(period: &str, pool: &[&str]) -> IssueRecord {
    let mut issue = IssueRecord::draft("weekly", period, 0, 0);
    issue.pool = pool.iter().map(|id| (*id).to_owned()).collect();
    issue
}

fn news<'a>(id: &'a str, moment: &str) -> News<'a> {
    News {
        id,
        published: utc(moment).timestamp_millis(),
    }
}

/// A digest that began with 2024-W40, and was followed up to a moment.
fn progress(followed: DateTime<Utc>) -> DigestProgress {
    DigestProgress {
        digest: "weekly".to_owned(),
        since: Some(utc("2024-09-29T22:00:00Z").timestamp_millis()),
        sequence: 5,
        followed: Some(followed.timestamp_millis()),
    }
}

fn standing<'a>(
    digest: &'a Digest,
    progress: Option<&'a DigestProgress>,
    issues: &'a [IssueRecord],
    now: DateTime<Utc>,
) -> Standing<'a> {
    Standing {
        digest,
        progress,
        issues: issues.iter().collect(),
        last_sequence: 5,
        now,
    }
}

/// What is due now, as label and due moment, for who looks with these news.
fn planned(standing: &Standing<'_>, wanted: &[News<'_>]) -> Option<(String, DateTime<Utc>)> {
    let moment = standing.open_moment()?;
    let decision = standing.by_schedule(moment, &HashSet::new(), wanted.iter().copied());
    let planned = decision.issue?;
    Some((planned.span.label, planned.due))
}

#[test]
fn a_late_item_of_a_week_that_was_passed_over_goes_into_the_next_issue_in_time() {
    let digest = weekly();
    // 2024-W45 and 2024-W46 were quiet.
    let issues = [issue("2024-W44", &[])];
    let followed = progress(due() - TimeDelta::weeks(1));
    let late = [news("late", "2024-11-06T10:00:00Z")];
    let before = standing(
        &digest,
        Some(&followed),
        &issues,
        due() - TimeDelta::days(2),
    );
    assert_eq!(planned(&before, &late), None, "not before the next Monday");
    let then = standing(&digest, Some(&followed), &issues, due());
    assert_eq!(planned(&then, &late), Some(("2024-W47".to_owned(), due())));
}

#[test]
fn after_weeks_off_the_issue_is_that_of_the_newest_news_that_were_missed() {
    let digest = weekly();
    let issues = [issue("2024-W44", &[])];
    let followed = progress(due() - TimeDelta::weeks(3));
    let now = standing(&digest, Some(&followed), &issues, due());
    let old = [news("old", "2024-11-06T10:00:00Z")];
    let was_due = due() - TimeDelta::weeks(2);
    assert_eq!(
        planned(&now, &old),
        Some(("2024-W45".to_owned(), was_due)),
        "two weeks too late, and so it is held"
    );
}

#[test]
fn an_issue_of_a_time_to_come_keeps_nothing_from_the_next_one() {
    let digest = weekly();
    // A clock that was a year ahead made it.
    let issues = [issue("2024-W46", &["a"]), issue("2025-W47", &["b"])];
    let followed = progress(due() + TimeDelta::weeks(52));
    let now = standing(&digest, Some(&followed), &issues, due());
    let late = [news("late", "2024-11-12T10:00:00Z")];
    assert_eq!(planned(&now, &late), Some(("2024-W47".to_owned(), due())));
    let span = Span::labelled("2024-W47", digest.timezone).unwrap();
    assert!(now.is_newest(&span));
    assert!(!now.is_newest(&Span::labelled("2024-W45", digest.timezone).unwrap()));
}

#[test]
fn a_digest_begins_with_the_last_week_that_has_news_and_only_once() {
    let digest = weekly();
    let now = due() + TimeDelta::days(2);
    let begins = standing(&digest, None, &[], now);
    let archive = [
        news("of today", "2024-11-27T06:00:00Z"),
        news("new", "2024-11-07T10:00:00Z"),
        news("old", "2019-11-07T10:00:00Z"),
    ];
    let decision = begins.by_schedule(due(), &HashSet::new(), archive);
    let planned = decision.issue.unwrap();
    assert_eq!(planned.span.label, "2024-W45");
    assert_eq!(planned.hold, Some(Hold::First), "nobody waited for it");
    assert_eq!(decision.followed, Some(due()));
    let begun = decision.begins.unwrap();
    let since = planned.span.start.timestamp_millis();
    assert_eq!((begun.since, begun.sequence), (Some(since), 5));
    // With nothing older there is no archive; at its very moment somebody waited for it.
    let fresh = begins.by_schedule(due(), &HashSet::new(), [archive[1]]);
    assert_eq!(fresh.issue.unwrap().hold, None);
}

#[test]
fn a_digest_that_began_without_news_waits_for_its_next_day() {
    let digest = weekly();
    let now = due() + TimeDelta::days(1);
    let today = [news("of today", "2024-11-26T06:00:00Z")];
    let decision = standing(&digest, None, &[], now).by_schedule(due(), &HashSet::new(), today);
    assert_eq!(decision.issue, None);
    let begun = DigestProgress {
        followed: decision.followed.map(|due| due.timestamp_millis()),
        ..decision.begins.unwrap()
    };
    let later = standing(&digest, Some(&begun), &[], now + TimeDelta::hours(1));
    assert_eq!(later.open_moment(), None, "late news wait for Monday");
    let monday = due() + TimeDelta::weeks(1);
    let later = standing(&digest, Some(&begun), &[], monday);
    assert_eq!(
        planned(&later, &today),
        Some(("2024-W48".to_owned(), monday))
    );
}

#[test]
fn a_newsroom_without_items_has_no_digest_that_begins() {
    let digest = weekly();
    let empty = Standing {
        last_sequence: 0,
        ..standing(&digest, None, &[], due())
    };
    let decision = empty.by_schedule(due(), &HashSet::new(), []);
    assert_eq!(decision, Decision::default());
}

#[test]
fn issues_of_another_period_count_as_what_they_cover() {
    let digest = Digest {
        period: Period::Month,
        schedule: Schedule::parse("day 1 09:00").unwrap(),
        ..weekly()
    };
    let issues = [issue("2024-W47", &["a"])];
    let unsaid = DigestProgress {
        since: None,
        followed: None,
        ..progress(due())
    };
    let now = utc("2024-12-01T08:00:00Z");
    let standing = standing(&digest, Some(&unsaid), &issues, now);
    let sunday = utc("2024-11-24T23:00:00Z").timestamp_millis();
    assert_eq!(standing.beginning().unwrap().since, Some(sunday));
    let wanted = [
        news("b", "2024-11-27T10:00:00Z"),
        news("a", "2024-11-20T10:00:00Z"),
    ];
    assert_eq!(
        planned(&standing, &wanted),
        Some(("2024-11".to_owned(), now))
    );
}

#[test]
fn twice_a_week_an_issue_is_due_when_it_is_made_and_not_when_its_week_ended() {
    let digest = Digest {
        schedule: Schedule::parse("Mon,Thu 09:00").unwrap(),
        ..weekly()
    };
    let followed = progress(due());
    let thursday = due() + TimeDelta::days(3);
    let now = standing(&digest, Some(&followed), &[], thursday);
    let late = [news("late", "2024-11-20T10:00:00Z")];
    assert_eq!(
        planned(&now, &late),
        Some(("2024-W47".to_owned(), thursday))
    );
}

#[test]
fn at_once_a_skipped_issue_waits_for_something_new() {
    let digest = Digest {
        period: Period::AtOnce,
        schedule: Schedule::parse("at once").unwrap(),
        ..weekly()
    };
    let mut skipped = issue("20241125T080000Z", &["a"]);
    skipped.state = crate::digest::life::State::Skipped;
    let issues = [skipped];
    let begun = progress(due());
    let now = standing(&digest, Some(&begun), &issues, due() + TimeDelta::hours(1));
    let a = news("a", "2024-11-25T07:00:00Z");
    // Somebody builds, or starts `watch` again.
    let decision = now.at_once(true, None, &HashSet::new(), [a]);
    assert_eq!(decision, Decision::default());
    let b = news("b", "2024-11-25T08:30:00Z");
    let planned = now
        .at_once(true, None, &HashSet::new(), [b, a])
        .issue
        .unwrap();
    let (late, beginning) = (HashSet::new(), now.beginning().unwrap());
    let reach = now.reach(&planned.span, true, &beginning, &late);
    assert!(reach.takes(a) && reach.takes(b));
}

#[test]
fn a_few_old_items_are_late_news_and_many_are_an_archive() {
    assert_eq!(Hold::of_backdated(10), None);
    let hold = Hold::of_backdated(11).unwrap();
    assert_eq!(
        hold.to_string(),
        "11 of its items are from before the digest began"
    );
}
