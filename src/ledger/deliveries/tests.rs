use std::path::Path;

use super::*;
use crate::signing::SigningKey;

const NOW: i64 = 1_732_500_000_000;

fn issue() -> Mailing {
    Mailing::Issue {
        digest: "weekly".to_owned(),
        period: "2024-W47".to_owned(),
    }
}

/// A ledger with subscribers 1 to `count`; every third has a selection of their own beside.
fn ledger(folder: &Path, count: i64) -> Ledger {
    let mut ledger = Ledger::open(&folder.join("ledger.sqlite")).unwrap();
    for id in 1..=count {
        let person = format!(
            "INSERT INTO subscriber (id, address, address_key, language, state, created) \
             VALUES ({id}, 'p{id}@example.org', 'p{id}@example.org', 'en', 'active', 0)"
        );
        run(&mut ledger, &person);
        subscribe(&mut ledger, id, 2 * id, "");
        if id % 3 == 0 {
            subscribe(&mut ledger, id, 2 * id + 1, "topic:a");
        }
    }
    ledger
}

fn subscribe(ledger: &mut Ledger, id: i64, number: i64, selection: &str) {
    let choice = format!(
        "INSERT INTO subscription (id, subscriber, digest, selection, language, confirmed, created) \
         VALUES ({number}, {id}, 'weekly', '{selection}', 'en', 1, 0)"
    );
    run(ledger, &choice);
}

fn run(ledger: &mut Ledger, sql: &str) {
    ledger.execute(sql);
}

fn plan(ledger: &mut Ledger) -> Planned {
    let key = SigningKey::new([7; 32]);
    ledger
        .plan_deliveries("weekly", "2024-W47", &key, NOW)
        .unwrap()
}

/// What is recorded of `flying` and `settled` now.
fn marks<'a>(flying: &'a [i64], settled: &'a [(i64, Settlement)]) -> Marks<'a> {
    Marks {
        flying,
        settled,
        day: None,
        now: NOW,
    }
}

fn sent(keys: &[i64]) -> Vec<(i64, Settlement)> {
    let reply = || Settlement::Sent("250".to_owned());
    keys.iter().map(|key| (*key, reply())).collect()
}

fn claim(ledger: &mut Ledger, claimer: &str, limit: usize) -> Vec<i64> {
    let claimed = ledger.claim_deliveries("weekly", "2024-W47", claimer, NOW, limit, None);
    claimed.unwrap().iter().map(|one| one.subscriber).collect()
}

#[test]
fn everybody_who_chose_the_digest_gets_one_delivery_with_all_their_choices() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 6);
    let planned = plan(&mut ledger);
    assert_eq!((planned.subscribers, planned.choices), (6, 2));
    assert_eq!(ledger.delivery_counts(&issue()).unwrap().waiting, 6);
    let claimed = ledger
        .claim_deliveries("weekly", "2024-W47", "a", NOW, 10, None)
        .unwrap();
    // Those with the same choices follow one another.
    let order: Vec<i64> = claimed.iter().map(|one| one.choices).collect();
    assert!(order.is_sorted(), "{order:?}");
    let third = claimed.iter().find(|one| one.subscriber == 3).unwrap();
    assert_eq!(
        ledger
            .delivery_choices("weekly", "2024-W47", third.choices)
            .unwrap(),
        Some(vec![String::new(), "topic:a".to_owned()])
    );
}

#[test]
fn nobody_is_planned_who_left_paused_or_is_suppressed() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 6);
    run(
        &mut ledger,
        "UPDATE subscriber SET state = 'ended' WHERE id = 1",
    );
    run(
        &mut ledger,
        "UPDATE subscriber SET paused_until = 9000000000000 WHERE id = 2",
    );
    run(
        &mut ledger,
        "UPDATE subscription SET confirmed = NULL WHERE subscriber = 3",
    );
    run(
        &mut ledger,
        "UPDATE subscription SET ended = 5 WHERE subscriber = 4",
    );
    let address = "p5@example.org".parse().unwrap();
    let hash = super::super::subscribers::address_hash(&SigningKey::new([7; 32]), &address);
    run(
        &mut ledger,
        &format!("INSERT INTO suppression VALUES ('{hash}', 'bounce', 1)"),
    );
    assert_eq!(plan(&mut ledger).subscribers, 1);
    assert_eq!(claim(&mut ledger, "a", 10), [6]);
}

#[test]
fn planning_again_adds_who_is_missing_and_changes_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 4);
    plan(&mut ledger);
    let first = claim(&mut ledger, "a", 2);
    ledger
        .mark_deliveries(&issue(), "a", &marks(&[], &sent(&first)))
        .unwrap();
    run(&mut ledger, "DELETE FROM delivery WHERE state = 'waiting'");
    plan(&mut ledger);
    let counts = ledger.delivery_counts(&issue()).unwrap();
    assert_eq!((counts.waiting, counts.sent), (2, 2));
}

#[test]
fn no_delivery_is_claimed_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 9);
    plan(&mut ledger);
    let mut other = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    let mut all = Vec::new();
    for _ in 0..3 {
        all.extend(claim(&mut ledger, "a", 2));
        all.extend(claim(&mut other, "b", 2));
    }
    all.sort_unstable();
    assert_eq!(all, (1..=9).collect::<Vec<i64>>());
}

#[test]
fn no_more_is_claimed_than_a_days_quota_leaves_to_all_processes() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 9);
    plan(&mut ledger);
    let quota = Quota {
        day: "2024-11-25".to_owned(),
        messages: 5,
    };
    let claim = |ledger: &mut Ledger, claimer: &str| {
        let claimed = ledger.claim_deliveries("weekly", "2024-W47", claimer, NOW, 3, Some(&quota));
        let keys = claimed.unwrap().into_iter().map(|one| one.subscriber);
        keys.collect::<Vec<i64>>()
    };
    let first = claim(&mut ledger, "a");
    assert_eq!((first.len(), claim(&mut ledger, "b").len()), (3, 2));
    let settled = sent(&first);
    let marks = Marks {
        day: Some("2024-11-25"),
        ..marks(&[], &settled)
    };
    ledger.mark_deliveries(&issue(), "a", &marks).unwrap();
    assert_eq!(ledger.deliveries_in_hand().unwrap(), 2);
    assert_eq!(claim(&mut ledger, "a"), [0; 0]);
}

#[test]
fn who_leaves_while_the_issue_is_sent_gets_it_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 3);
    plan(&mut ledger);
    run(
        &mut ledger,
        "UPDATE subscription SET confirmed = NULL, ended = 3 WHERE subscriber = 1",
    );
    run(&mut ledger, "DELETE FROM subscriber WHERE id = 2");
    assert_eq!(claim(&mut ledger, "a", 10), [3]);
    let counts = ledger.delivery_counts(&issue()).unwrap();
    assert_eq!((counts.cancelled, counts.claimed), (2, 1));
}

#[test]
fn what_a_dead_process_held_waits_again_but_for_what_was_flying() {
    for resend in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = ledger(folder.path(), 4);
        plan(&mut ledger);
        let mine = claim(&mut ledger, "a", 3);
        ledger
            .mark_deliveries(&issue(), "a", &marks(&mine[..1], &[]))
            .unwrap();
        assert_eq!(ledger.claimers().unwrap(), ["a"]);
        let doubtful = ledger
            .recover_claims("a", Death::Crash, resend, NOW)
            .unwrap();
        assert_eq!(doubtful, 1);
        let counts = ledger.delivery_counts(&issue()).unwrap();
        let expected = if resend { (4, 0) } else { (3, 1) };
        assert_eq!((counts.waiting, counts.uncertain), expected);
        assert!(ledger.claimers().unwrap().is_empty());
    }
}

#[test]
fn after_a_power_cut_all_that_was_claimed_is_uncertain() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 4);
    plan(&mut ledger);
    claim(&mut ledger, "a", 3);
    assert_eq!(
        ledger
            .recover_claims("a", Death::PowerCut, false, NOW)
            .unwrap(),
        3
    );
    let uncertain = ledger.uncertain_deliveries().unwrap();
    assert_eq!(uncertain.len(), 3);
    let first = &uncertain[0];
    assert_eq!(first.address.as_deref(), Some("p1@example.org"));
    assert!(
        ledger
            .decide_uncertain(&first.mailing, first.key, true, NOW)
            .unwrap()
    );
    assert!(
        !ledger
            .decide_uncertain(&first.mailing, first.key, true, NOW)
            .unwrap()
    );
    let second = &uncertain[1];
    assert!(
        ledger
            .decide_uncertain(&second.mailing, second.key, false, NOW)
            .unwrap()
    );
    let counts = ledger.delivery_counts(&issue()).unwrap();
    assert_eq!((counts.waiting, counts.sent, counts.uncertain), (2, 1, 1));
}

#[test]
fn each_settlement_leaves_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 6);
    plan(&mut ledger);
    let keys = claim(&mut ledger, "a", 6);
    let said = "451 later".to_owned();
    let settlements = [
        Settlement::Sent(said.clone()),
        Settlement::Later(NOW + 60_000, said.clone()),
        Settlement::PutBack(NOW + 90_000),
        Settlement::Failed(said.clone()),
        Settlement::Uncertain(said.clone()),
        Settlement::Held(said),
    ];
    let settled: Vec<_> = keys.into_iter().zip(settlements).collect();
    let marks = Marks {
        day: Some("2024-11-25"),
        ..marks(&[], &settled)
    };
    ledger.mark_deliveries(&issue(), "a", &marks).unwrap();
    let counts = ledger.delivery_counts(&issue()).unwrap();
    let expected = Counts {
        waiting: 2,
        held: 1,
        sent: 1,
        failed: 1,
        uncertain: 1,
        ..Counts::default()
    };
    assert_eq!(counts, expected);
    assert_eq!(ledger.next_delivery(&issue()).unwrap(), Some(NOW + 60_000));
    assert_eq!(ledger.messages_of_day("2024-11-25").unwrap(), 1);
    assert!(claim(&mut ledger, "a", 10).is_empty());
    // A clock that was wrong put them a day ahead; what is held is tried anew.
    ledger
        .release_deliveries(&issue(), NOW, 30_000, true)
        .unwrap();
    assert_eq!(claim(&mut ledger, "a", 10).len(), 3);
}

/// The issue of [`issue`], in a state; once `begun` its content is frozen.
fn put_issue(ledger: &mut Ledger, state: &str, begun: bool) {
    let frozen = if begun { "'{}'" } else { "NULL" };
    run(
        ledger,
        &format!(
            "INSERT INTO issue (digest, period, due, items, state, frozen) \
             VALUES ('weekly', '2024-W47', 1, '[]', '{state}', {frozen})"
        ),
    );
}

fn cancel(ledger: &mut Ledger) {
    let step = crate::ledger::IssueStep {
        at: NOW,
        who: "ana".to_owned(),
        step: crate::digest::life::Step::Cancelled,
        why: None,
    };
    ledger.move_issue("weekly", "2024-W47", step).unwrap();
}

#[test]
fn cancelling_an_issue_calls_off_what_waits_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 4);
    put_issue(&mut ledger, "sending", true);
    plan(&mut ledger);
    claim(&mut ledger, "a", 1);
    cancel(&mut ledger);
    let counts = ledger.delivery_counts(&issue()).unwrap();
    assert_eq!((counts.claimed, counts.cancelled), (1, 3));
}

#[test]
fn what_comes_back_to_a_cancelled_issue_waits_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 6);
    put_issue(&mut ledger, "sending", true);
    plan(&mut ledger);
    let put_back = claim(&mut ledger, "a", 2);
    claim(&mut ledger, "dead", 1);
    let doubtful = claim(&mut ledger, "b", 1);
    cancel(&mut ledger);
    let settled = [
        (put_back[0], Settlement::PutBack(NOW)),
        (put_back[1], Settlement::Later(NOW, "451".to_owned())),
    ];
    ledger
        .mark_deliveries(&issue(), "a", &marks(&[], &settled))
        .unwrap();
    ledger
        .recover_claims("dead", Death::Crash, false, NOW)
        .unwrap();
    let settled = [(doubtful[0], Settlement::Uncertain("lost".to_owned()))];
    ledger
        .mark_deliveries(&issue(), "b", &marks(&[], &settled))
        .unwrap();
    ledger
        .decide_uncertain(&issue(), doubtful[0], false, NOW)
        .unwrap();
    let expected = Counts {
        cancelled: 6,
        ..Counts::default()
    };
    assert_eq!(ledger.delivery_counts(&issue()).unwrap(), expected);
}

#[test]
fn an_issue_that_was_only_planned_is_planned_anew_once_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 4);
    put_issue(&mut ledger, "approved", false);
    plan(&mut ledger);
    cancel(&mut ledger);
    assert_eq!(ledger.delivery_counts(&issue()).unwrap(), Counts::default());
    assert_eq!(plan(&mut ledger).subscribers, 4);
    assert_eq!(ledger.delivery_counts(&issue()).unwrap().waiting, 4);
}

#[test]
fn nothing_flies_that_is_not_in_hand() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 3);
    plan(&mut ledger);
    let mine = claim(&mut ledger, "a", 1);
    let theirs = claim(&mut ledger, "b", 1);
    let both = [mine[0], theirs[0]];
    let refused = ledger.mark_deliveries(&issue(), "a", &marks(&both, &[]));
    assert!(matches!(refused, Err(LedgerError::NotInHand(1))));
    assert_eq!(ledger.delivery_counts(&issue()).unwrap().flying, 0);
    // What became of theirs is theirs to say.
    ledger
        .mark_deliveries(&issue(), "a", &marks(&[], &sent(&theirs)))
        .unwrap();
    assert_eq!(ledger.delivery_counts(&issue()).unwrap().sent, 0);
}

#[test]
fn a_digest_renamed_in_mid_send_stops_flights_and_keeps_what_became_of_those_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 6);
    put_issue(&mut ledger, "sending", true);
    plan(&mut ledger);
    let keys = claim(&mut ledger, "a", 4);
    ledger
        .mark_deliveries(&issue(), "a", &marks(&keys[..2], &[]))
        .unwrap();
    ledger.rename_digest("weekly", "each-week").unwrap();
    let refused = ledger.mark_deliveries(&issue(), "a", &marks(&keys[2..3], &[]));
    assert!(matches!(refused, Err(LedgerError::NotInHand(1))));
    let mut settled = sent(&keys[..2]);
    settled.extend(keys[2..].iter().map(|key| (*key, Settlement::PutBack(NOW))));
    let counted = Marks {
        day: Some("2024-11-25"),
        ..marks(&[], &settled)
    };
    ledger.mark_deliveries(&issue(), "a", &counted).unwrap();
    let renamed = Mailing::Issue {
        digest: "each-week".to_owned(),
        period: "2024-W47".to_owned(),
    };
    let counts = ledger.delivery_counts(&renamed).unwrap();
    assert_eq!((counts.sent, counts.waiting, counts.total()), (2, 4, 6));
    assert_eq!(ledger.messages_of_day("2024-11-25").unwrap(), 2);
}

#[test]
fn letters_are_claimed_and_settled_like_deliveries() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), 0);
    run(
        &mut ledger,
        "INSERT INTO letter (id, address, address_key, kind, return_path, message, state, due, \
         created) VALUES (5, 'a@example.org', 'a@example.org', 'confirm', 'b@example.org', 'U3ViamVjdDogeA==', 'waiting', 1, 1)",
    );
    let claimed = ledger.claim_letters("a", NOW, 10).unwrap();
    assert_eq!(claimed[0].message, b"Subject: x");
    assert!(ledger.claim_letters("b", NOW, 10).unwrap().is_empty());
    ledger
        .mark_deliveries(&Mailing::Letters, "a", &marks(&[5], &[]))
        .unwrap();
    assert_eq!(ledger.delivery_counts(&Mailing::Letters).unwrap().flying, 1);
    ledger
        .mark_deliveries(&Mailing::Letters, "a", &marks(&[], &sent(&[5])))
        .unwrap();
    assert_eq!(ledger.delivery_counts(&Mailing::Letters).unwrap().sent, 1);
}
