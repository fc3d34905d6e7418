//! The rules on consent.

use super::decide::*;
use super::links::Holder;
use super::wish::Wish;
use crate::ledger::subscribers::{Amendment, Choice, Facts, Reason, State, Subscriber};

const NOW: i64 = 1_000_000;
const HOLDER: Holder = Holder {
    subscriber: 42,
    generation: 0,
};
const SOURCE: Source<'static> = Source {
    place: "form",
    wording: "I want it.",
};

fn wish(digest: &str, selection: &str) -> Wish {
    Wish {
        digest: digest.to_owned(),
        selection: selection.to_owned(),
        language: "en".to_owned(),
    }
}

fn request(wishes: &[Wish]) -> SignUp {
    SignUp {
        address: "anna@example.org".parse().unwrap(),
        language: "en".to_owned(),
        wishes: wishes.to_vec(),
    }
}

fn facts(subscriber: Option<Subscriber>) -> Facts {
    Facts {
        subscriber,
        ..Facts::default()
    }
}

/// What the ledger has after an amendment.
fn after(amendment: &Amendment, before: &Facts) -> Facts {
    let subscriber = amendment.subscriber.clone();
    facts(subscriber.or(before.subscriber.clone()))
}

fn ask(facts: &Facts, wishes: &[Wish]) -> (Amendment, Reply) {
    sign_up(facts, &request(wishes), SOURCE, 3, 42, NOW)
}

/// Somebody who confirmed these.
fn subscribed(wishes: &[Wish]) -> Facts {
    let (amendment, _) = ask(&Facts::default(), wishes);
    let asked = after(&amendment, &Facts::default());
    let shown = fingerprint(&pending(asked.subscriber.as_ref().unwrap()));
    let (amendment, _) = confirm(&asked, HOLDER, &shown, SOURCE, NOW);
    after(&amendment, &asked)
}

fn chosen_of(facts: &Facts) -> Vec<Wish> {
    chosen(facts.subscriber.as_ref().unwrap())
}

#[test]
fn nothing_comes_of_a_request_but_a_letter() {
    let (amendment, reply) = ask(&Facts::default(), &[wish("weekly", "")]);
    let subscriber = amendment.subscriber.unwrap();
    assert_eq!((reply, subscriber.state), (Reply::Confirm, State::Pending));
    assert!(chosen(&subscriber).is_empty());
    assert_eq!(pending(&subscriber), [wish("weekly", "")]);
    let consent = &amendment.consents[0];
    assert_eq!((&*consent.act, &*consent.source), ("asked", "form"));
    assert_eq!(consent.wording, "I want it.");
}

#[test]
fn confirming_keeps_when_where_and_in_which_words() {
    let (amendment, _) = ask(
        &Facts::default(),
        &[wish("daily", "topic:water"), wish("weekly", "")],
    );
    let asked = after(&amendment, &Facts::default());
    let shown = fingerprint(&pending(asked.subscriber.as_ref().unwrap()));
    let source = Source {
        place: "link in a letter",
        ..SOURCE
    };
    let (amendment, confirmation) = confirm(&asked, HOLDER, &shown, source, NOW + 5);
    assert!(matches!(confirmation, Confirmation::Done(_)));
    let subscriber = amendment.subscriber.unwrap();
    assert_eq!(subscriber.state, State::Active);
    assert!(
        subscriber
            .choices
            .iter()
            .all(|choice| choice.confirmed == Some(NOW + 5))
    );
    let consent = &amendment.consents[0];
    assert_eq!((consent.at, &*consent.act), (NOW + 5, "confirmed"));
    assert_eq!(consent.choices, "daily: topic:water; weekly");
    // Once more changes nothing.
    let done = facts(Some(subscriber));
    let (amendment, confirmation) = confirm(&done, HOLDER, &shown, source, NOW + 9);
    assert!(matches!(confirmation, Confirmation::Already(_)));
    assert_eq!(amendment, Amendment::default());
}

#[test]
fn only_what_the_page_showed_is_confirmed() {
    let (amendment, _) = ask(&Facts::default(), &[wish("weekly", "")]);
    let first = after(&amendment, &Facts::default());
    let shown = fingerprint(&pending(first.subscriber.as_ref().unwrap()));
    // Meanwhile a stranger asks for something else with the same address.
    let (amendment, _) = ask(&first, &[wish("daily", "")]);
    let second = after(&amendment, &first);
    let holder = Holder {
        generation: 1,
        ..HOLDER
    };
    let (_, confirmation) = confirm(&second, holder, &shown, SOURCE, NOW);
    assert!(matches!(confirmation, Confirmation::Changed(_)));
    // And the link of the first letter is void.
    let (_, confirmation) = confirm(&second, HOLDER, &shown, SOURCE, NOW);
    assert_eq!(confirmation, Confirmation::Gone);
}

#[test]
fn a_stranger_changes_nothing_of_a_subscriber_and_voids_none_of_their_links() {
    let before = subscribed(&[wish("weekly", "")]);
    let (amendment, reply) = ask(&before, &[wish("weekly", "")]);
    assert_eq!((amendment, reply), (Amendment::default(), Reply::Known));
    let (amendment, reply) = ask(&before, &[wish("daily", "")]);
    assert_eq!(reply, Reply::Confirm);
    let asked = after(&amendment, &before);
    assert_eq!(chosen_of(&asked), [wish("weekly", "")]);
    assert_eq!(asked.subscriber.unwrap().generation, 0);
}

#[test]
fn who_complained_or_was_barred_is_not_written_to_and_others_may_come_back() {
    for (reason, expected) in [
        (Reason::Complaint, Reply::Silence),
        (Reason::Editor, Reply::Silence),
        (Reason::Erased, Reply::Confirm),
        (Reason::Bounce, Reply::Confirm),
    ] {
        let barred = Facts {
            suppressed: Some(reason),
            ..Facts::default()
        };
        let (amendment, reply) = ask(&barred, &[wish("weekly", "")]);
        assert_eq!(reply, expected, "{reason:?}");
        // Only their own confirmation lifts it.
        assert_eq!(amendment.lift, None);
        if reply == Reply::Confirm {
            let asked = Facts {
                suppressed: Some(reason),
                ..after(&amendment, &barred)
            };
            let shown = fingerprint(&pending(asked.subscriber.as_ref().unwrap()));
            let (amendment, _) = confirm(&asked, HOLDER, &shown, SOURCE, NOW);
            assert!(amendment.lift.is_some());
        }
    }
}

#[test]
fn nobody_gets_many_letters() {
    let enough = Facts {
        letters: 3,
        ..Facts::default()
    };
    let (amendment, reply) = ask(&enough, &[wish("weekly", "")]);
    assert_eq!((amendment, reply), (Amendment::default(), Reply::Silence));
}

fn preferences(wishes: &[Wish]) -> Preferences {
    Preferences {
        wishes: wishes.to_vec(),
        language: "en".to_owned(),
        name: None,
        paused_until: None,
    }
}

#[test]
fn preferences_add_and_give_up_at_once_and_the_history_says_both() {
    let before = subscribed(&[wish("weekly", "")]);
    let wanted = preferences(&[wish("daily", "topic:water")]);
    let (amendment, subscriber) = save(&before, HOLDER, &wanted, SOURCE, NOW + 1).unwrap();
    assert_eq!(chosen(&subscriber), [wish("daily", "topic:water")]);
    let acts: Vec<(&str, &str)> = amendment
        .consents
        .iter()
        .map(|consent| (&*consent.act, &*consent.choices))
        .collect();
    assert_eq!(
        acts,
        [
            ("unsubscribed", "weekly"),
            ("confirmed", "daily: topic:water")
        ]
    );
    // What was given up is known, so that no import brings it back.
    let weekly = subscriber
        .choices
        .iter()
        .find(|choice| choice.digest == "weekly");
    assert_eq!(weekly.unwrap().ended, Some(NOW + 1));
    let void = Holder {
        generation: 1,
        ..HOLDER
    };
    assert!(save(&before, void, &wanted, SOURCE, NOW).is_none());
}

#[test]
fn nothing_changed_is_nothing_written() {
    let before = subscribed(&[wish("weekly", "")]);
    let wanted = preferences(&[wish("weekly", "")]);
    let (amendment, _) = save(&before, HOLDER, &wanted, SOURCE, NOW + 1).unwrap();
    assert_eq!(amendment, Amendment::default());
}

#[test]
fn a_pause_in_the_past_is_none() {
    let before = subscribed(&[wish("weekly", "")]);
    let pause = |until| Preferences {
        paused_until: Some(until),
        ..preferences(&[wish("weekly", "")])
    };
    let (amendment, subscriber) = save(&before, HOLDER, &pause(NOW + 9), SOURCE, NOW).unwrap();
    assert_eq!(subscriber.paused_until, Some(NOW + 9));
    assert_eq!(amendment.consents[0].act, "paused");
    let (_, subscriber) = save(&before, HOLDER, &pause(NOW - 9), SOURCE, NOW).unwrap();
    assert_eq!(subscriber.paused_until, None);
}

#[test]
fn leaving_a_digest_leaves_what_goes_out_with_it_and_is_done_once() {
    let wishes = [
        wish("daily", ""),
        wish("weekly", ""),
        wish("weekly", "topic:water"),
    ];
    let before = subscribed(&wishes);
    let (amendment, subscriber) = leave(&before, Some("weekly"), "one-click", NOW + 1).unwrap();
    assert_eq!(chosen(&subscriber), [wish("daily", "")]);
    assert_eq!(subscriber.state, State::Active);
    assert_eq!(amendment.consents[0].source, "one-click");
    let left = after(&amendment, &before);
    let (amendment, _) = leave(&left, Some("weekly"), "one-click", NOW + 2).unwrap();
    assert_eq!(amendment, Amendment::default());
    let (_, subscriber) = leave(&left, None, "page", NOW + 3).unwrap();
    assert_eq!(subscriber.state, State::Ended);
    assert!(leave(&Facts::default(), None, "page", NOW).is_none());
}

#[test]
fn leaving_takes_back_what_waits_to_be_confirmed() {
    let (amendment, _) = ask(&Facts::default(), &[wish("weekly", "")]);
    let asked = after(&amendment, &Facts::default());
    let (_, subscriber) = leave(&asked, Some("weekly"), "mail", NOW).unwrap();
    assert!(pending(&subscriber).is_empty());
    assert_eq!(subscriber.state, State::Ended);
}

#[test]
fn who_left_may_ask_again_and_has_left_until_they_confirm() {
    let before = subscribed(&[wish("weekly", "")]);
    let (amendment, _) = leave(&before, None, "page", NOW).unwrap();
    let left = after(&amendment, &before);
    let (amendment, reply) = ask(&left, &[wish("weekly", "")]);
    assert_eq!(reply, Reply::Confirm);
    let asked = after(&amendment, &left);
    let subscriber = asked.subscriber.clone().unwrap();
    assert_eq!(subscriber.state, State::Ended);
    assert_eq!(subscriber.choices[0].ended, Some(NOW));
    let shown = fingerprint(&pending(&subscriber));
    let (amendment, _) = confirm(&asked, HOLDER, &shown, SOURCE, NOW + 7);
    let subscriber = amendment.subscriber.unwrap();
    assert_eq!(subscriber.state, State::Active);
    let expected = Choice {
        confirmed: Some(NOW + 7),
        ended: None,
        created: NOW + 1,
        ..subscriber.choices[0].clone()
    };
    assert_eq!(subscriber.choices, [expected]);
}

#[test]
fn a_suppressed_address_leaves_everything() {
    let before = subscribed(&[wish("weekly", "")]);
    let address = "anna@example.org".parse().unwrap();
    let amendment = suppress(&before, &address, Reason::Complaint, NOW);
    assert_eq!(amendment.subscriber.unwrap().state, State::Ended);
    assert_eq!(
        amendment.suppress,
        Some((address.clone(), Reason::Complaint))
    );
    // Somebody unknown is suppressed all the same.
    let amendment = suppress(&Facts::default(), &address, Reason::Editor, NOW);
    assert_eq!(
        (amendment.subscriber, amendment.suppress.is_some()),
        (None, true)
    );
}

#[test]
fn a_new_address_voids_the_links_in_the_old_mailbox() {
    let before = subscribed(&[wish("weekly", "")]);
    let new = "anna@example.net".parse().unwrap();
    let (amendments, moved) = move_to(&before, &Facts::default(), HOLDER, &new, NOW);
    assert_eq!(moved, Move::Done(before.subscriber.clone().unwrap()));
    let subscriber = amendments[1].subscriber.clone().unwrap();
    assert_eq!((&subscriber.address, subscriber.generation), (&new, 1));
    assert_eq!(chosen(&subscriber), [wish("weekly", "")]);
    // The link works once.
    let after = facts(Some(subscriber));
    let (_, moved) = move_to(&after, &after, HOLDER, &new, NOW);
    assert_eq!(moved, Move::Gone);
}

#[test]
fn nobody_moves_to_an_address_with_subscriptions_of_its_own() {
    let before = subscribed(&[wish("weekly", "")]);
    let mut other = before.subscriber.clone().unwrap();
    other.id = 7;
    other.address = "bob@example.org".parse().unwrap();
    let address = other.address.clone();
    let (_, moved) = move_to(&before, &facts(Some(other.clone())), HOLDER, &address, NOW);
    assert_eq!(moved, Move::Taken);
    // One that was only asked for gives way.
    other.state = State::Pending;
    let (amendments, moved) = move_to(&before, &facts(Some(other)), HOLDER, &address, NOW);
    assert!(matches!(moved, Move::Done(_)));
    assert_eq!(amendments[0].erase.as_ref().unwrap().id, 7);
}
