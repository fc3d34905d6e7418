use super::*;
use crate::digest::samples::{DEPARTMENT, digest, entries, entry, site, taxonomy, utc, week};

fn issue(digest: &Digest, entries: Vec<Arc<Entry>>) -> Issue {
    compose(digest, &taxonomy(), &site(), &week(), entries).unwrap()
}

/// Headings with the last part of each entry's id.
fn outline(issue: &Issue) -> Vec<(Option<&str>, Vec<&str>)> {
    issue
        .groups
        .iter()
        .map(|group| {
            (
                group.heading.as_deref(),
                group
                    .entries
                    .iter()
                    .filter_map(|entry| entry.id.rsplit(':').next())
                    .collect(),
            )
        })
        .collect()
}

#[test]
fn groups_stand_in_the_taxonomys_order_and_entries_newest_first() {
    assert_eq!(
        outline(&issue(&digest(), entries())),
        [
            (Some("Elections"), vec!["observers", "registers"]),
            (Some("Public procurement"), vec!["procurement"]),
            (Some("Youth"), vec!["youth-forum"]),
            (None, vec!["lamp"]),
        ]
    );
}

#[test]
fn the_order_in_which_entries_come_changes_nothing() {
    let mut reversed = entries();
    reversed.reverse();
    assert_eq!(issue(&digest(), reversed), issue(&digest(), entries()));
}

#[test]
fn an_entry_with_several_topics_stands_once_under_the_first() {
    let mut two = entry("two", "Two topics", &[0, 3]);
    // Not even the order of its own list matters.
    two.categories.reverse();
    let issue = issue(&digest(), vec![Arc::new(two.clone()), Arc::new(two)]);
    assert_eq!(outline(&issue), [(Some("Elections"), vec!["two"])]);
    assert_eq!(issue.total, 1);
}

#[test]
fn entries_of_one_second_stand_in_the_order_of_their_ids() {
    let both = vec![
        Arc::new(entry("b", "B", &[0])),
        Arc::new(entry("a", "A", &[0])),
    ];
    let issue = issue(&digest(), both);
    assert_eq!(outline(&issue), [(Some("Elections"), vec!["a", "b"])]);
}

#[test]
fn another_facet_groups_by_its_own_terms() {
    let by_department = Digest {
        group_by: Some(DEPARTMENT),
        ..digest()
    };
    let issue = issue(&by_department, entries());
    assert_eq!(
        outline(&issue),
        [
            (Some("Mission to Port Alba"), vec!["lamp"]),
            (
                None,
                vec!["observers", "registers", "procurement", "youth-forum"]
            ),
        ]
    );
    assert_eq!(
        issue.groups[0].url.as_deref(),
        Some("https://news.harbour.example/department/mission-to-port-alba/")
    );
}

#[test]
fn a_digest_without_grouping_has_one_group_without_heading() {
    let plain = Digest {
        group_by: None,
        ..digest()
    };
    let issue = issue(&plain, entries());
    assert_eq!(issue.groups.len(), 1);
    assert_eq!(issue.groups[0].heading, None);
    assert_eq!(issue.groups[0].entries.len(), 5);
}

#[test]
fn subject_and_preheader_say_what_is_in_it() {
    let whole = issue(&digest(), entries());
    assert_eq!(whole.subject, "Weekly digest: 5 items, 18–24 November 2024");
    // One title of each group before a second of any.
    assert_eq!(
        whole.preheader,
        "Observers arrive for the harbour elections · “Open by default”: buyers & suppliers \
         agree on <rules> for public contracts · منتدى الشباب…"
    );
    assert!(whole.preheader.chars().count() <= PREHEADER_LENGTH);
    let one = issue(&digest(), vec![Arc::new(entry("a", "A\r\nBcc: b", &[0]))]);
    assert_eq!(one.subject, "Weekly digest: 1 item, 18–24 November 2024");
    assert_eq!(one.preheader, "A Bcc: b");
}

#[test]
fn a_quiet_period_gives_an_issue_or_none_as_the_digest_says() {
    let quiet = issue(&digest(), Vec::new());
    assert!(quiet.quiet);
    assert_eq!(quiet.subject, "Weekly digest: no news, 18–24 November 2024");
    assert_eq!((quiet.total, quiet.groups.len()), (0, 0));
    let silent = Digest {
        quiet: Quiet::Skip,
        ..digest()
    };
    let none = compose(&silent, &taxonomy(), &site(), &week(), Vec::new());
    assert_eq!(none, None);
}

#[test]
fn addresses_hang_below_the_digests_own() {
    let issue = issue(&digest(), entries());
    assert_eq!(issue.home, "https://news.harbour.example/digests/weekly/");
    assert_eq!(
        issue.url,
        "https://news.harbour.example/digests/weekly/2024-W47/"
    );
}

#[test]
fn a_change_of_the_clock_moves_no_entry_out_of_its_week() {
    // The week ends an hour later than seven times 24 hours: 27 October 2024, 23:30 in Vienna.
    let late = utc("2024-10-27T22:30:00Z");
    let span = Span::containing(late, digest().period, digest().timezone);
    assert_eq!(span.label, "2024-W43");
    assert!(span.contains(late));
}
