use chrono_tz::Europe::Vienna;

use super::*;
use crate::config::Period;

const WEEK: i64 = 7 * 86_400_000;

fn week(number: i64) -> Span {
    // Monday, 1 January 2024 in Vienna.
    let start = 1_704_063_600_000;
    let moment = from_milliseconds(start + number * WEEK + WEEK / 2);
    Span::containing(moment, Period::Week, Vienna)
}

fn news(id: &str, number: i64) -> News<'_> {
    News {
        id,
        published: week(number).start.timestamp_millis() + 1,
    }
}

#[test]
fn an_issue_takes_what_came_too_late_for_its_own_and_nothing_older_than_the_digest() {
    let span = week(3);
    let late = HashSet::from(["backdated".to_owned()]);
    let reach = Reach {
        span: &span,
        takes_late: true,
        since: week(1).start.timestamp_millis(),
        late: &late,
        spent: HashSet::from(["sent"]),
        own: HashSet::new(),
    };
    assert!(reach.takes(news("own", 3)));
    assert!(reach.takes(news("late", 2)));
    assert!(reach.takes(news("backdated", 0)));
    assert!(!reach.takes(news("before the digest", 0)));
    assert!(!reach.takes(news("sent", 2)));
    assert!(!reach.takes(news("of the next", 4)));
    let candidates = [news("own", 3), news("backdated", 0), news("late", 2)];
    let candidates = candidates.map(|one| (one, one.id != "late"));
    let gathered = Gathered::of(&reach, candidates);
    assert_eq!(gathered.items, ["own", "backdated"]);
    assert_eq!(gathered.pool, ["own", "backdated", "late"]);
    assert_eq!(gathered.backdated, 1);
    // Made for an earlier period by hand, it takes that period's alone.
    let old = Reach {
        takes_late: false,
        ..reach
    };
    assert!(old.takes(news("own", 3)));
    assert!(!old.takes(news("late", 2)));
}

#[test]
fn an_issue_that_is_made_anew_keeps_what_came_late_for_it() {
    let span = week(3);
    let late = HashSet::new();
    let reach = Reach {
        span: &span,
        // A later issue is there by now.
        takes_late: false,
        since: week(1).start.timestamp_millis(),
        late: &late,
        spent: HashSet::from(["given away"]),
        own: HashSet::from(["late", "given away"]),
    };
    assert!(reach.takes(news("late", 2)));
    assert!(!reach.takes(news("another late", 2)));
    assert!(!reach.takes(news("given away", 3)));
}

#[test]
fn what_is_gone_when_an_issue_is_frozen_is_left_to_another_but_for_what_was_dropped() {
    let mut issue = IssueRecord::draft("weekly", "2024-W03", 0, 0);
    issue.items = ["here", "gone", "dropped"].map(str::to_owned).into();
    issue.pool = issue.items.clone();
    issue.edits.dropped = vec!["dropped".to_owned()];
    leave_what_is_gone(&mut issue, |id| id == "here");
    assert_eq!(issue.items, ["here", "dropped"]);
    assert_eq!(issue.pool, ["here", "dropped"]);
}
