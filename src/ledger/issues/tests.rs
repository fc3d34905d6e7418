use super::*;
use crate::config::Approval;
use crate::digest::edits::Edit;
use crate::ledger::Publication;

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (folder, ledger)
}

fn step(step: Step, who: &str, at: i64) -> IssueStep {
    IssueStep {
        at,
        who: who.to_owned(),
        step,
        why: None,
    }
}

fn draft(ledger: &mut Ledger) -> IssueRecord {
    let mut issue = IssueRecord::draft("weekly", "2024-W47", 5, 6);
    issue.items = vec!["a\"b".to_owned(), "c".to_owned()];
    issue.pool = vec!["c".to_owned(), "a\"b".to_owned(), "d".to_owned()];
    let drafted = step(Step::Drafted, "schedule", 6);
    ledger.take_step(&issue, drafted, Approval::One).unwrap()
}

#[test]
fn an_issue_is_kept_with_all_that_belongs_to_it() {
    let (_folder, mut ledger) = ledger();
    let mut issue = draft(&mut ledger);
    issue.edits.make(Edit::Pin("c".to_owned())).unwrap();
    let seen = Seen {
        title: "A \"title\"".to_owned(),
        url: "https://news.example.org/c/".to_owned(),
        shown: "0".to_owned(),
    };
    issue.seen.insert("c".to_owned(), seen.clone());
    issue.changes = crate::digest::changes::since(&issue.seen, &BTreeMap::new());
    let issue = ledger
        .take_step(&issue, step(Step::Edited, "ana", 7), Approval::One)
        .unwrap();
    assert_eq!(ledger.issues().unwrap(), std::slice::from_ref(&issue));
    assert_eq!(ledger.issue("weekly", "2024-W47").unwrap(), Some(issue));
    assert_eq!(ledger.issue("weekly", "2024-W48").unwrap(), None);
}

#[test]
fn every_step_is_kept_with_who_and_when() {
    let (_folder, mut ledger) = ledger();
    let issue = draft(&mut ledger);
    let approved = IssueStep {
        why: Some("all is well".to_owned()),
        ..step(Step::Approved, "ana", 8)
    };
    let issue = ledger
        .take_step(&issue, approved.clone(), Approval::One)
        .unwrap();
    let issue = ledger.begin_sending(&issue, "{}", "schedule", 9).unwrap();
    assert_eq!(issue.state, State::Sending);
    for (next, at) in [(Step::Paused, 10), (Step::Resumed, 11), (Step::Sent, 12)] {
        let next = step(next, "ben", at);
        ledger.move_issue("weekly", "2024-W47", next).unwrap();
    }
    let steps = ledger.issue_steps("weekly", "2024-W47").unwrap();
    assert_eq!(
        steps,
        [
            step(Step::Drafted, "schedule", 6),
            approved,
            step(Step::Sending, "schedule", 9),
            step(Step::Paused, "ben", 10),
            step(Step::Resumed, "ben", 11),
            step(Step::Sent, "ben", 12),
        ]
    );
    let sent = ledger.issue("weekly", "2024-W47").unwrap().unwrap();
    assert_eq!(
        (sent.state, sent.begun, sent.version),
        (State::Sent, true, 6)
    );
    assert_eq!(ledger.issue_steps("weekly", "2024-W48").unwrap(), []);
}

#[test]
fn nobody_overwrites_what_they_have_not_seen() {
    let (folder, mut ledger) = ledger();
    let issue = draft(&mut ledger);
    let mut other = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    let mut theirs = other.issue("weekly", "2024-W47").unwrap().unwrap();
    theirs.edits.subject = Some("Theirs".to_owned());
    other
        .take_step(&theirs, step(Step::Edited, "ben", 7), Approval::One)
        .unwrap();
    let mut ours = issue.clone();
    ours.edits.subject = Some("Ours".to_owned());
    let refused = ledger.take_step(&ours, step(Step::Edited, "ana", 8), Approval::One);
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("changed by somebody else"), "{message}");
    let approved = ledger.take_step(&issue, step(Step::Approved, "ana", 8), Approval::One);
    assert!(matches!(approved, Err(IssueError::Conflict { .. })));
    // A second draft of the same period, made by another process at the same moment.
    let twin = IssueRecord::draft("weekly", "2024-W47", 5, 6);
    let twin = ledger.take_step(&twin, step(Step::Drafted, "schedule", 6), Approval::One);
    assert!(matches!(twin, Err(IssueError::Conflict { .. })));
    let kept = ledger.issue("weekly", "2024-W47").unwrap().unwrap();
    assert_eq!(kept.edits.subject.as_deref(), Some("Theirs"));
    assert_eq!(ledger.issue_steps("weekly", "2024-W47").unwrap().len(), 2);
}

#[test]
fn what_the_state_forbids_is_refused_by_the_issues_name() {
    let (_folder, mut ledger) = ledger();
    let issue = draft(&mut ledger);
    let refused = ledger.begin_sending(&issue, "{}", "ana", 7).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "issue 2024-W47 of digest 'weekly' is draft: it cannot be sending"
    );
    let paused = ledger.move_issue("weekly", "2024-W47", step(Step::Paused, "ana", 7));
    assert!(matches!(paused, Err(IssueError::Forbidden { .. })));
    let unknown = ledger.move_issue("weekly", "2024-W48", step(Step::Paused, "ana", 7));
    assert!(matches!(unknown, Err(IssueError::Unknown { .. })));
    assert_eq!(ledger.frozen("weekly", "2024-W47").unwrap(), None);
    assert_eq!(ledger.issue_steps("weekly", "2024-W47").unwrap().len(), 1);
}

#[test]
fn what_some_have_got_can_be_cancelled_but_not_opened_again() {
    let (_folder, mut ledger) = ledger();
    let issue = draft(&mut ledger);
    let approved = step(Step::Approved, "ana", 7);
    let issue = ledger.take_step(&issue, approved, Approval::One).unwrap();
    ledger.begin_sending(&issue, "{\"a\":1}", "ana", 8).unwrap();
    assert_eq!(
        ledger.frozen("weekly", "2024-W47").unwrap().as_deref(),
        Some("{\"a\":1}")
    );
    let cancel = step(Step::Cancelled, "ana", 9);
    let issue = ledger.move_issue("weekly", "2024-W47", cancel).unwrap();
    assert_eq!(issue.state, State::Cancelled);
    let reopen = step(Step::Reopened, "ana", 10);
    let again = ledger.move_issue("weekly", "2024-W47", reopen.clone());
    assert!(matches!(again, Err(IssueError::Forbidden { .. })));
    let again = ledger.take_step(&issue, reopen, Approval::One);
    assert!(matches!(again, Err(IssueError::Forbidden { .. })));
}

#[test]
fn every_change_of_an_issue_changes_the_number_of_all() {
    let (_folder, mut ledger) = ledger();
    assert_eq!(ledger.issues_version().unwrap(), 0);
    let issue = draft(&mut ledger);
    let first = ledger.issues_version().unwrap();
    let edited = step(Step::Edited, "ana", 7);
    ledger.take_step(&issue, edited, Approval::One).unwrap();
    assert_ne!(ledger.issues_version().unwrap(), first);
}

#[test]
fn the_first_place_of_an_item_stays_when_it_changes() {
    let (_folder, mut ledger) = ledger();
    let mut item = Publication {
        id: "a".to_owned(),
        path: "news/a.md".to_owned(),
        page: "2024/a".to_owned(),
        view: 1,
        published: 100,
        updated: 100,
        gone: None,
        sequence: 3,
        terms: None,
    };
    ledger.record(std::slice::from_ref(&item)).unwrap();
    item.sequence = 9;
    ledger.record(std::slice::from_ref(&item)).unwrap();
    assert_eq!(ledger.come_late(2, 200).unwrap(), ["a"]);
    assert_eq!(ledger.come_late(3, 200).unwrap(), Vec::<String>::new());
    assert_eq!(ledger.come_late(2, 100).unwrap(), Vec::<String>::new());
}

#[test]
fn how_far_a_digest_has_come_is_kept_and_follows_its_new_name() {
    let (_folder, mut ledger) = ledger();
    let progress = DigestProgress {
        digest: "weekly".to_owned(),
        since: Some(5),
        sequence: 7,
        followed: None,
    };
    ledger.record_progress(&progress).unwrap();
    let further = DigestProgress {
        followed: Some(9),
        ..progress
    };
    ledger.record_progress(&further).unwrap();
    draft(&mut ledger);
    ledger.rename_digest("weekly", "each-week").unwrap();
    ledger.rename_digest("weekly", "each-week").unwrap();
    let renamed = DigestProgress {
        digest: "each-week".to_owned(),
        ..further
    };
    assert_eq!(ledger.digest_progress().unwrap(), [renamed]);
    assert_eq!(
        ledger.issue_steps("each-week", "2024-W47").unwrap().len(),
        1
    );
}

#[test]
fn an_item_is_held_by_one_issue_whoever_reads_and_writes_when() {
    let (_folder, mut ledger) = ledger();
    let first = draft(&mut ledger);
    let mut next = IssueRecord::draft("weekly", "2024-W48", 5, 6);
    next.pool = vec!["d".to_owned()];
    let drafted = step(Step::Drafted, "schedule", 7);
    let refused = ledger.take_step(&next, drafted.clone(), Approval::One);
    assert!(matches!(refused, Err(IssueError::Conflict { .. })));
    let skipped = step(Step::Skipped, "ana", 8);
    let first = ledger.take_step(&first, skipped, Approval::One).unwrap();
    ledger.take_step(&next, drafted, Approval::One).unwrap();
    // Whoever reopens it has not seen that the next one has an item by now.
    let reopened = step(Step::Reopened, "ana", 9);
    let refused = ledger.take_step(&first, reopened, Approval::One);
    assert!(matches!(refused, Err(IssueError::Conflict { .. })));
    // Digests have items in common.
    let other = IssueRecord {
        digest: "monthly".to_owned(),
        ..next
    };
    let drafted = step(Step::Drafted, "schedule", 7);
    ledger.take_step(&other, drafted, Approval::One).unwrap();
}
