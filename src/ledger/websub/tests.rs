//! Subscriptions, requests and notices in the ledger.

use super::*;

const HUB: &str = "https://hub.example/";

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (folder, ledger)
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn subscription() -> Subscription {
    Subscription {
        key: SubscriptionKey {
            topic: "https://news.example/atom.xml".to_owned(),
            callback: "https://reader.example/x?a=1".to_owned(),
        },
        secret: Some(Secret("hush".to_owned())),
        expires: 5,
        delivered: u64::MAX,
        wanted: 7,
        attempts: 2,
        due: 9,
    }
}

#[test]
fn what_was_announced_by_a_process_that_died_is_told_by_the_next() {
    let (folder, mut ledger) = ledger();
    ledger
        .announce_topics(&texts(&[HUB]), &texts(&["a/atom.xml", "rss.xml"]), 1)
        .unwrap();
    assert_eq!(ledger.next_notice().unwrap(), None);
    drop(ledger);
    let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    ledger.recover_notices(&texts(&[HUB]), 10).unwrap();
    let due = ledger.due_notices(10).unwrap();
    let topics: Vec<&str> = due.iter().map(|notice| &*notice.topic).collect();
    assert_eq!(topics, ["a/atom.xml", "rss.xml"]);
    assert!(ledger.due_notices(9).unwrap().is_empty());
}

#[test]
fn what_did_not_change_is_not_told() {
    let (_folder, mut ledger) = ledger();
    ledger
        .announce_topics(&texts(&[HUB]), &texts(&["a/atom.xml", "rss.xml"]), 1)
        .unwrap();
    ledger
        .record_notices(&texts(&[HUB]), &texts(&["rss.xml"]), 10)
        .unwrap();
    ledger.recover_notices(&texts(&[HUB]), 20).unwrap();
    let due = ledger.due_notices(20).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].topic, "rss.xml");
}

#[test]
fn what_a_failed_publish_left_behind_is_told_with_the_next() {
    let (_folder, mut ledger) = ledger();
    let hubs = texts(&[HUB]);
    ledger
        .announce_topics(&hubs, &texts(&["a/rss.xml"]), 1)
        .unwrap();
    ledger
        .announce_topics(&hubs, &texts(&["a/rss.xml", "rss.xml"]), 2)
        .unwrap();
    ledger.record_notices(&hubs, &[], 2).unwrap();
    let due = ledger.due_notices(2).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].topic, "a/rss.xml");
}

#[test]
fn a_change_while_a_hub_is_told_is_told_again() {
    let (_folder, mut ledger) = ledger();
    let change = |ledger: &mut Ledger, now| {
        ledger
            .record_notices(&texts(&[HUB]), &texts(&["rss.xml"]), now)
            .unwrap();
    };
    change(&mut ledger, 10);
    let told = ledger.due_notices(10).unwrap();
    change(&mut ledger, 11);
    ledger.settle_notices(&told).unwrap();
    let again = ledger.due_notices(11).unwrap();
    assert_eq!(again.len(), 1);
    ledger.postpone_notices(&again, 99).unwrap();
    assert_eq!(ledger.next_notice().unwrap(), Some(99));
    assert_eq!(ledger.due_notices(99).unwrap()[0].attempts, 1);
    let due = ledger.due_notices(99).unwrap();
    ledger.settle_notices(&due).unwrap();
    assert_eq!(ledger.next_notice().unwrap(), None);
}

#[test]
fn a_hub_that_is_configured_no_more_is_forgotten() {
    let (_folder, mut ledger) = ledger();
    let hubs = texts(&[HUB, "https://other.example/"]);
    ledger
        .record_notices(&hubs, &texts(&["rss.xml"]), 1)
        .unwrap();
    ledger.recover_notices(&texts(&[HUB]), 1).unwrap();
    let due = ledger.due_notices(1).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].hub, HUB);
}

#[test]
fn requests_and_subscriptions_survive_reopening() {
    let (folder, mut ledger) = ledger();
    let request = SubscriptionRequest {
        key: subscription().key,
        subscribes: true,
        secret: None,
        lease: 60,
    };
    let other = Subscription {
        secret: None,
        ..subscription()
    };
    ledger
        .record_hub(&[
            HubChange::Asked(request.clone()),
            HubChange::Subscribed(other),
            HubChange::Subscribed(subscription()),
        ])
        .unwrap();
    drop(ledger);
    let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    assert_eq!(ledger.subscription_requests().unwrap(), [request]);
    assert_eq!(ledger.subscriptions().unwrap(), [subscription()]);
    let key = subscription().key;
    let ended = [HubChange::Answered(key.clone()), HubChange::Ended(key)];
    ledger.record_hub(&ended).unwrap();
    assert!(ledger.subscription_requests().unwrap().is_empty());
    assert!(ledger.subscriptions().unwrap().is_empty());
}

#[test]
fn two_processes_may_write_at_the_same_time() {
    let (folder, ledger) = ledger();
    drop(ledger);
    let file = folder.path().join("ledger.sqlite");
    let writers: Vec<_> = (0..4i64)
        .map(|writer| {
            let file = file.clone();
            std::thread::spawn(move || {
                let mut ledger = Ledger::open(&file).unwrap();
                for turn in 0..25 {
                    let topic = format!("{writer}-{turn}/atom.xml");
                    ledger.record_notices(&texts(&[HUB]), &[topic], 1).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let mut ledger = Ledger::open(&file).unwrap();
    assert_eq!(ledger.due_notices(1).unwrap().len(), 100);
}

#[test]
fn two_processes_may_create_the_ledger_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.sqlite");
    let openers: Vec<_> = (0..4)
        .map(|_| {
            let file = file.clone();
            std::thread::spawn(move || Ledger::open(&file).map(drop))
        })
        .collect();
    for opener in openers {
        opener.join().unwrap().unwrap();
    }
}

#[test]
fn a_secret_is_never_shown() {
    assert!(!format!("{:?}", subscription()).contains("hush"));
}
