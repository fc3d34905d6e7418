use std::collections::BTreeMap;

use chrono_tz::Europe::Vienna;
use proptest::prelude::*;

use super::*;
use crate::config::Period;

const WEEK: i64 = 7 * 86_400_000;

fn week(number: i64) -> Span {
    // Monday, 1 January 2024 in Vienna.
    let start = 1_704_063_600_000;
    let moment = from_milliseconds(start + number * WEEK + WEEK / 2);
    Span::containing(moment, Period::Week, Vienna)
}

/// What happens in one week, in this order: items come, whatever their dates; the issue of the
/// week before is made, or is not since the machine is off; an issue may be skipped, and one that
/// was may be reopened.
#[derive(Debug, Clone)]
struct Events {
    /// How many weeks before the present one each new item is dated, and whether it is selected.
    items: Vec<(i64, bool)>,
    is_off: bool,
    skipped: Option<usize>,
    reopened: Option<usize>,
}

fn events() -> impl Strategy<Value = Events> {
    let items = proptest::collection::vec((0i64..4, any::<bool>()), 0..5);
    let which = || proptest::option::weighted(0.2, 0usize..8);
    (items, proptest::bool::weighted(0.2), which(), which()).prop_map(
        |(items, is_off, skipped, reopened)| Events {
            items,
            is_off,
            skipped,
            reopened,
        },
    )
}

struct Issue {
    span: Span,
    pool: Vec<String>,
    is_skipped: bool,
}

/// The whole life of a digest: which issue holds each item, by the item's name.
fn live(weeks: &[Events]) -> (BTreeMap<String, Vec<usize>>, Vec<Issue>) {
    // Name, date, and the place in the order in which they came.
    let mut items: Vec<(String, i64, usize)> = Vec::new();
    let mut issues: Vec<Issue> = Vec::new();
    let mut beginning: Option<(i64, usize)> = None;
    for (number, events) in weeks.iter().enumerate() {
        let now = week(i64::try_from(number).unwrap());
        for (age, _) in &events.items {
            let name = format!("{}", items.len());
            let published = now.start.timestamp_millis() - age * WEEK + WEEK / 3;
            items.push((name, published, items.len()));
        }
        if events.is_off {
            continue;
        }
        let Some(span) = now.previous() else { continue };
        let (since, sequence) =
            *beginning.get_or_insert((span.start.timestamp_millis(), items.len()));
        let late: HashSet<String> = items
            .iter()
            .filter(|(_, published, came)| *came >= sequence && *published < since)
            .map(|(name, _, _)| name.clone())
            .collect();
        let spent: HashSet<&str> = issues
            .iter()
            .filter(|issue| !issue.is_skipped)
            .flat_map(|issue| issue.pool.iter().map(String::as_str))
            .collect();
        let reach = Reach {
            span: &span,
            is_newest: true,
            since,
            late: &late,
            spent: &spent,
        };
        let pool: Vec<String> = items
            .iter()
            .filter(|(name, published, _)| reach.takes(name, *published))
            .map(|(name, _, _)| name.clone())
            .collect();
        issues.push(Issue {
            span,
            pool,
            is_skipped: false,
        });
        if let Some(issue) = events.skipped.and_then(|which| issues.get_mut(which)) {
            issue.is_skipped = true;
        }
        if let Some(which) = events.reopened.filter(|which| *which < issues.len()) {
            let others = issues.iter().enumerate();
            let spent: HashSet<String> = others
                .filter(|(number, issue)| *number != which && !issue.is_skipped)
                .flat_map(|(_, issue)| issue.pool.iter().cloned())
                .collect();
            issues[which].pool.retain(|name| !spent.contains(name));
            issues[which].is_skipped = false;
        }
    }
    let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (name, ..) in &items {
        let holds = |issue: &Issue| !issue.is_skipped && issue.pool.contains(name);
        let which = (0..issues.len()).filter(|which| holds(&issues[*which]));
        holders.insert(name.clone(), which.collect());
    }
    (holders, issues)
}

proptest! {
    #[test]
    fn no_item_is_lost_and_none_repeats(weeks in proptest::collection::vec(events(), 1..12)) {
        // In the end all is calm: nothing comes, nothing is skipped, and one more issue is made.
        let calm = Events { items: Vec::new(), is_off: false, skipped: None, reopened: None };
        let mut all = weeks;
        all.extend([calm.clone(), calm.clone(), calm]);
        let (holders, issues) = live(&all);
        let first = issues[0].span.start.timestamp_millis();
        let mut came = 0;
        for (number, events) in all.iter().enumerate() {
            for (age, _) in &events.items {
                let name = came.to_string();
                came += 1;
                let holders = &holders[&name];
                prop_assert!(holders.len() <= 1, "{name} stands in {holders:?}");
                let now = week(i64::try_from(number).unwrap());
                let published = now.start.timestamp_millis() - age * WEEK + WEEK / 3;
                if published >= first {
                    prop_assert_eq!(holders.len(), 1, "{} is lost", name);
                }
            }
        }
    }
}

#[test]
fn an_issue_takes_what_came_too_late_for_its_own_and_nothing_older_than_the_digest() {
    let span = week(3);
    let late = HashSet::from(["backdated".to_owned()]);
    let spent = HashSet::from(["sent"]);
    let reach = Reach {
        span: &span,
        is_newest: true,
        since: week(1).start.timestamp_millis(),
        late: &late,
        spent: &spent,
    };
    let at = |number: i64| week(number).start.timestamp_millis() + 1;
    assert!(reach.takes("own", at(3)));
    assert!(reach.takes("late", at(2)));
    assert!(reach.takes("backdated", at(0)));
    assert!(!reach.takes("before the digest", at(0)));
    assert!(!reach.takes("sent", at(2)));
    assert!(!reach.takes("of the next", at(4)));
    // Made for an earlier period by hand, it takes that period's alone.
    let old = Reach {
        is_newest: false,
        ..reach
    };
    assert!(old.takes("own", at(3)));
    assert!(!old.takes("late", at(2)));
}
