use super::*;
use crate::websub::hub::tests::settings;

const TOPIC: &str = "https://news.example.org/atom.xml";
const DAY: i64 = 86_400_000;

fn request(callback: &str) -> SubscriptionRequest {
    SubscriptionRequest {
        key: SubscriptionKey {
            topic: TOPIC.to_owned(),
            callback: callback.to_owned(),
        },
        subscribes: true,
        secret: Some(Secret("hush".to_owned())),
        lease: 864_000,
    }
}

fn empty() -> State {
    State::new(settings(), Vec::new(), Vec::new())
}

/// Has a request confirmed at `now`, the feed being at version 1.
fn confirm(state: &mut State, request: SubscriptionRequest, now: i64) -> Vec<HubChange> {
    state.ask(request.clone()).unwrap();
    let job = state.next().unwrap();
    assert_eq!(job, Job::Verify(request));
    let outcome = Outcome::Confirmed {
        sent: now,
        version: 1,
    };
    state.finished(&job, outcome, now)
}

fn subscribed(callback: &str) -> State {
    let mut state = empty();
    confirm(&mut state, request(callback), 0);
    state
}

fn all_jobs(state: &mut State) -> Vec<Job> {
    std::iter::from_fn(|| state.next()).collect()
}

const READER: &str = "https://reader.example/1";
const FAILED: Outcome = Outcome::Failed { retry_after: None };

#[test]
fn a_request_becomes_a_subscription_only_when_its_callback_confirms_it() {
    let mut state = empty();
    let asked = state.ask(request(READER)).unwrap();
    assert_eq!(asked, [HubChange::Asked(request(READER))]);
    assert_eq!((state.len(), state.topics().len()), (0, 1));
    let job = state.next().unwrap();
    let changes = state.finished(&job, FAILED, 0);
    assert_eq!(changes, [HubChange::Answered(request(READER).key)]);
    assert_eq!((state.len(), state.topics().len()), (0, 0));

    let changes = confirm(&mut state, request(READER), 5_000);
    let [HubChange::Answered(_), HubChange::Subscribed(subscription)] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(subscription.expires, 5_000 + 864_000_000);
    assert_eq!(subscription.delivered, 1);
    assert_eq!(state.len(), 1);
}

#[test]
fn a_feed_that_changed_is_delivered_once_and_one_that_did_not_is_not() {
    let mut state = subscribed(READER);
    state.saw(TOPIC, Some(1), 10);
    state.tick(10);
    assert_eq!(state.next(), None);
    state.saw(TOPIC, Some(2), 20);
    state.tick(20);
    state.tick(21);
    let jobs = all_jobs(&mut state);
    let [Job::Deliver(key, Some(secret))] = &jobs[..] else {
        panic!("{jobs:?}");
    };
    assert_eq!((&*key.callback, &*secret.0), (READER, "hush"));
    state.finished(&jobs[0], Outcome::Delivered { version: 2 }, 30);
    state.tick(40);
    assert_eq!(state.next(), None);
}

#[test]
fn a_change_during_a_delivery_is_delivered_after_it() {
    let mut state = subscribed(READER);
    state.saw(TOPIC, Some(2), 0);
    state.tick(0);
    let job = state.next().unwrap();
    state.saw(TOPIC, Some(3), 1);
    state.tick(1);
    assert_eq!(state.next(), None);
    state.finished(&job, Outcome::Delivered { version: 2 }, 2);
    state.tick(3);
    assert!(matches!(state.next(), Some(Job::Deliver(..))));
}

#[test]
fn a_failed_delivery_is_tried_again_later_and_later_then_given_up_until_the_next_change() {
    let mut state = subscribed(READER);
    state.saw(TOPIC, Some(2), 0);
    let mut now = 0;
    let mut tries = 0;
    let mut last = 0;
    while now < 9 * DAY {
        state.tick(now);
        if let Some(job) = state.next() {
            assert!(tries < 2 || now - last > 0);
            tries += 1;
            last = now;
            state.finished(&job, FAILED, now);
        }
        now += 1_000;
    }
    assert_eq!(tries, 10);
    assert!(state.gave_up(&request(READER).key));
    // It is still subscribed (WebSub, section 7).
    assert_eq!(state.len(), 1);
    state.saw(TOPIC, Some(3), now);
    state.tick(now);
    let job = state.next().unwrap();
    state.finished(&job, Outcome::Delivered { version: 3 }, now);
    assert!(!state.gave_up(&request(READER).key));
}

#[test]
fn a_subscriber_may_ask_for_time() {
    let mut state = subscribed(READER);
    state.saw(TOPIC, Some(2), 0);
    state.tick(0);
    let job = state.next().unwrap();
    state.finished(
        &job,
        Outcome::Failed {
            retry_after: Some(600),
        },
        0,
    );
    state.tick(599_000);
    assert_eq!(state.next(), None);
    state.tick(600_000);
    assert!(state.next().is_some());
}

#[test]
fn a_subscriber_that_is_gone_is_subscribed_no_more() {
    let mut state = subscribed(READER);
    state.saw(TOPIC, Some(2), 0);
    state.tick(0);
    let job = state.next().unwrap();
    let changes = state.finished(&job, Outcome::Gone, 0);
    assert_eq!(changes, [HubChange::Ended(request(READER).key)]);
    assert_eq!(state.len(), 0);
}

#[test]
fn a_lease_ends_unless_it_is_renewed_and_renewing_loses_no_delivery() {
    let mut state = subscribed(READER);
    state.saw(TOPIC, Some(2), 0);
    // Renewed on the ninth day, with another secret.
    let renewed = SubscriptionRequest {
        secret: Some(Secret("new".to_owned())),
        ..request(READER)
    };
    let changes = confirm(&mut state, renewed, 9 * DAY);
    let Some(HubChange::Subscribed(subscription)) = changes.last() else {
        panic!("{changes:?}");
    };
    assert_eq!(
        (subscription.delivered, subscription.expires),
        (1, 19 * DAY)
    );
    assert_eq!(state.len(), 1);
    assert_eq!(state.tick(10 * DAY), []);
    let job = state.next().unwrap();
    assert_eq!(
        job,
        Job::Deliver(request(READER).key, Some(Secret("new".to_owned())))
    );
    state.finished(&job, Outcome::Delivered { version: 2 }, 10 * DAY);
    assert_eq!(
        state.tick(19 * DAY),
        [HubChange::Ended(request(READER).key)]
    );
    assert_eq!(state.len(), 0);
}

#[test]
fn a_request_that_is_not_confirmed_leaves_the_subscription_as_it_was() {
    let mut state = subscribed(READER);
    let leave = SubscriptionRequest {
        subscribes: false,
        ..request(READER)
    };
    state.ask(leave.clone()).unwrap();
    let job = state.next().unwrap();
    state.finished(&job, FAILED, 0);
    assert_eq!(state.len(), 1);
    state.ask(leave).unwrap();
    let job = state.next().unwrap();
    let outcome = Outcome::Confirmed {
        sent: 0,
        version: 1,
    };
    let changes = state.finished(&job, outcome, 0);
    let key = request(READER).key;
    assert_eq!(
        changes,
        [HubChange::Answered(key.clone()), HubChange::Ended(key)]
    );
    assert_eq!(state.len(), 0);
}

#[test]
fn a_later_request_takes_the_place_of_an_earlier_one() {
    let mut state = empty();
    state.ask(request(READER)).unwrap();
    let later = SubscriptionRequest {
        secret: None,
        ..request(READER)
    };
    state.ask(later.clone()).unwrap();
    let [first, second] = &all_jobs(&mut state)[..] else {
        panic!("two calls");
    };
    assert!(!state.is_wanted(first) && state.is_wanted(second));
    let outcome = Outcome::Confirmed {
        sent: 0,
        version: 1,
    };
    assert_eq!(state.finished(first, outcome, 0), []);
    let changes = state.finished(second, outcome, 0);
    assert!(matches!(&changes[1], HubChange::Subscribed(found) if found.secret.is_none()));
}

#[test]
fn subscriptions_are_limited_in_all_and_for_a_host_and_who_finds_no_room_is_told() {
    let mut state = empty();
    for number in 0..60 {
        confirm(
            &mut state,
            request(&format!("https://big.example/{number}")),
            0,
        );
    }
    state.ask(request("https://big.example/60")).unwrap();
    let job = state.next().unwrap();
    let Job::Deny(_, reason) = &job else {
        panic!("{job:?}")
    };
    assert!(reason.contains("host"), "{reason}");
    state.finished(&job, FAILED, 0);
    // A renewal finds room.
    confirm(&mut state, request("https://big.example/0"), 1);
    for number in 0..40 {
        confirm(
            &mut state,
            request(&format!("https://r{number}.example/")),
            0,
        );
    }
    assert_eq!(state.len(), 100);
    state.ask(request("https://late.example/")).unwrap();
    let job = state.next().unwrap();
    assert!(
        matches!(&job, Job::Deny(_, reason) if !reason.contains("host")),
        "{job:?}"
    );
    assert_eq!(state.len(), 100);
}

#[test]
fn a_flood_of_requests_is_refused_and_delays_no_delivery() {
    let mut state = subscribed(READER);
    let mut refused = Vec::new();
    for number in 0..2_000 {
        let callback = format!("https://flood{}.example/{number}", number % 30);
        refused.extend(
            state
                .ask(request(&callback))
                .err()
                .map(|refusal| refusal.status),
        );
    }
    assert!(
        refused.contains(&503) && refused.len() >= 1_000,
        "{}",
        refused.len()
    );
    for number in 0..100 {
        let answer = state.ask(request(&format!("https://one.example/{number}")));
        assert!(answer.is_err());
    }
    // All that can be under way is, and none of it ends.
    let under_way = all_jobs(&mut state);
    assert_eq!(under_way.len(), CHECKS.0);
    state.saw(TOPIC, Some(2), 0);
    state.tick(0);
    assert!(matches!(state.next(), Some(Job::Deliver(..))));

    let mut state = empty();
    let of_one_host = |number| request(&format!("https://one.example/{number}"));
    let answers: Vec<_> = (0..60)
        .map(|number| state.ask(of_one_host(number)))
        .collect();
    let refused: Vec<u16> = answers
        .into_iter()
        .filter_map(|answer| Some(answer.err()?.status))
        .collect();
    assert_eq!(refused, [429; 10]);
}

#[test]
fn callbacks_that_hang_keep_nobody_else_waiting() {
    let mut state = empty();
    for number in 0..50 {
        confirm(
            &mut state,
            request(&format!("https://hangs.example/{number}")),
            0,
        );
    }
    for number in 0..30 {
        confirm(
            &mut state,
            request(&format!("https://r{number}.example/")),
            0,
        );
    }
    state.saw(TOPIC, Some(2), 0);
    state.tick(0);
    let hangs = |job: &Job| job.key().callback.contains("hangs");
    let (hanging, others): (Vec<Job>, Vec<Job>) = all_jobs(&mut state).into_iter().partition(hangs);
    // All other hosts have their turn, and few of its calls are under way.
    assert_eq!(others.len(), 30);
    assert!(hanging.len() <= DELIVERIES.1, "{}", hanging.len());
    for job in &others {
        state.finished(job, Outcome::Delivered { version: 2 }, 1);
    }
    // Once it has failed, a host has a line of its own, one call at a time.
    for job in &hanging {
        state.finished(job, FAILED, 10_000);
    }
    state.tick(20_000);
    let next = all_jobs(&mut state);
    assert_eq!(next.len(), SLOW_DELIVERIES.1);
    state.saw(TOPIC, Some(3), 20_001);
    state.tick(20_001);
    let quick = all_jobs(&mut state);
    assert_eq!(quick.iter().filter(|job| !hangs(job)).count(), 30);
    assert_eq!(quick.len(), 30);
}

#[test]
fn a_feed_that_is_gone_for_a_day_ends_its_subscriptions_with_a_word() {
    let mut state = subscribed(READER);
    state.saw(TOPIC, None, 0);
    assert_eq!(state.tick(DAY - 1), []);
    // It was back for a moment.
    state.saw(TOPIC, Some(1), DAY - 1);
    state.saw(TOPIC, None, DAY);
    assert_eq!(state.tick(DAY + 10), []);
    let changes = state.tick(2 * DAY);
    assert_eq!(changes, [HubChange::Ended(request(READER).key)]);
    assert_eq!(
        state.next(),
        Some(Job::Deny(request(READER).key, "this feed is gone"))
    );
}

#[test]
fn a_hub_that_was_away_goes_on_where_it_was() {
    let mut state = subscribed(READER);
    let changes = confirm(&mut state, request("https://other.example/"), 0);
    let Some(HubChange::Subscribed(subscription)) = changes.last().cloned() else {
        panic!("{changes:?}");
    };
    drop(state);
    let waiting = request("https://waiting.example/");
    let mut state = State::new(settings(), vec![subscription], vec![waiting.clone()]);
    assert_eq!(state.next(), Some(Job::Verify(waiting)));
    // The feed changed meanwhile.
    state.saw(TOPIC, Some(9), 1);
    state.tick(1);
    let job = state.next().unwrap();
    assert_eq!(job.key().callback, "https://other.example/");
}
