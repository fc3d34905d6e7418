//! Subscribers in a ledger on the disk.

use super::*;

const NOW: i64 = 1_000_000;

fn key() -> SigningKey {
    SigningKey::new([7; 32])
}

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (folder, ledger)
}

fn choice(digest: &str, selection: &str, confirmed: Option<i64>) -> Choice {
    Choice {
        digest: digest.to_owned(),
        selection: selection.to_owned(),
        language: "en".to_owned(),
        confirmed,
        ended: None,
        created: NOW,
    }
}

fn anna(choices: Vec<Choice>) -> Subscriber {
    Subscriber {
        id: 42,
        address: "Anna@Example.org".parse().unwrap(),
        name: Some("Anna".to_owned()),
        language: "en".to_owned(),
        state: State::Active,
        paused_until: None,
        generation: 0,
        created: NOW,
        choices,
    }
}

fn save(ledger: &mut Ledger, amendment: Amendment) {
    let find = [Find::Id(42)];
    ledger
        .amend_subscribers(&find, &key(), i64::MAX, NOW, |_| (vec![amendment], ()))
        .unwrap();
}

fn person(subscriber: Subscriber) -> Amendment {
    Amendment {
        subscriber: Some(subscriber),
        ..Amendment::default()
    }
}

fn run(ledger: &mut Ledger, sql: &'static str) {
    let query = sqlx::query(sql).execute(&mut ledger.connection);
    ledger.runtime.block_on(query).unwrap();
}

fn texts(ledger: &mut Ledger, sql: &'static str) -> Vec<String> {
    use sqlx::Row;
    let query = sqlx::query(sql).fetch_all(&mut ledger.connection);
    let rows = ledger.runtime.block_on(query).unwrap();
    rows.iter().map(|row| row.try_get(0).unwrap()).collect()
}

#[test]
fn a_subscriber_is_found_by_id_and_by_address_whatever_its_case() {
    let (_folder, mut ledger) = ledger();
    let choices = vec![
        choice("daily", "topic:water", None),
        choice("weekly", "", Some(NOW)),
    ];
    save(&mut ledger, person(anna(choices.clone())));
    let other = "anna@example.ORG".parse().unwrap();
    for find in [Find::Id(42), Find::Address(&other)] {
        let facts = ledger.subscriber_facts(find, &key()).unwrap();
        assert_eq!(facts.subscriber, Some(anna(choices.clone())));
        assert_eq!(facts.suppressed, None);
    }
    let nobody = ledger.subscriber_facts(Find::Id(7), &key()).unwrap();
    assert_eq!(nobody, Facts::default());
}

#[test]
fn choices_are_changed_added_and_removed_one_by_one() {
    let (_folder, mut ledger) = ledger();
    let first = vec![choice("daily", "", None), choice("weekly", "", Some(NOW))];
    save(&mut ledger, person(anna(first)));
    let second = vec![
        choice("daily", "topic:water", Some(NOW + 1)),
        choice("weekly", "", None),
    ];
    save(&mut ledger, person(anna(second.clone())));
    let facts = ledger.subscriber_facts(Find::Id(42), &key()).unwrap();
    assert_eq!(facts.subscriber.unwrap().choices, second);
}

#[test]
fn consents_are_added_to_the_history_and_never_replaced() {
    let (_folder, mut ledger) = ledger();
    let consent = |act: &str| Consent {
        at: NOW,
        act: act.to_owned(),
        source: "form".to_owned(),
        wording: "I want it.".to_owned(),
        choices: "weekly".to_owned(),
    };
    for acts in [vec!["asked"], vec!["confirmed", "changed"]] {
        let amendment = Amendment {
            consents: acts.into_iter().map(consent).collect(),
            ..person(anna(Vec::new()))
        };
        save(&mut ledger, amendment);
    }
    let history = ledger.consents(42).unwrap();
    let acts: Vec<&str> = history.iter().map(|consent| &*consent.act).collect();
    assert_eq!(acts, ["asked", "confirmed", "changed"]);
    assert_eq!(history[0], consent("asked"));
}

#[test]
fn erasing_leaves_a_hash_and_no_trace_of_the_address() {
    let (folder, mut ledger) = ledger();
    let subscriber = anna(vec![choice("weekly", "", Some(NOW))]);
    let letter = Letter {
        address: subscriber.address.clone(),
        kind: "confirm",
        return_path: "news@example.org".to_owned(),
        message: b"To: anna@example.org\r\n\r\n".to_vec(),
    };
    let amendment = Amendment {
        letters: vec![letter],
        ..person(subscriber.clone())
    };
    save(&mut ledger, amendment);
    run(
        &mut ledger,
        "INSERT INTO delivery (digest, period, subscriber, choices, state, due, reply) \
         VALUES ('weekly', 'W1', 42, 1, 'sent', 1, 'to anna'), \
         ('weekly', 'W2', 42, 1, 'waiting', 1, 'to anna')",
    );
    let amendment = Amendment {
        erase: Some(subscriber.clone()),
        suppress: Some((subscriber.address.clone(), Reason::Erased)),
        ..Amendment::default()
    };
    save(&mut ledger, amendment);
    let facts = ledger
        .subscriber_facts(Find::Address(&subscriber.address), &key())
        .unwrap();
    assert_eq!(facts.subscriber, None);
    assert_eq!(facts.suppressed, Some(Reason::Erased));
    let replies = texts(
        &mut ledger,
        "SELECT period FROM delivery WHERE reply IS NULL",
    );
    assert_eq!(replies, ["W1", "W2"]);
    let states = texts(&mut ledger, "SELECT state FROM delivery ORDER BY period");
    assert_eq!(states, ["sent", "cancelled"]);
    assert!(texts(&mut ledger, "SELECT address FROM letter").is_empty());
    // Nor in the file itself, once it is tidied up.
    run(&mut ledger, "VACUUM");
    drop(ledger);
    let bytes = std::fs::read(folder.path().join("ledger.sqlite")).unwrap();
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    assert!(!text.contains("anna"));
}

#[test]
fn who_leaves_while_an_issue_is_sent_does_not_get_it() {
    let (_folder, mut ledger) = ledger();
    let both = vec![
        choice("daily", "", Some(NOW)),
        choice("weekly", "", Some(NOW)),
        choice("weekly", "topic:water", Some(NOW)),
    ];
    save(&mut ledger, person(anna(both)));
    run(
        &mut ledger,
        "INSERT INTO delivery (digest, period, subscriber, choices, state, due, reply) \
         VALUES ('weekly', 'W1', 42, 1, 'waiting', 1, 'to anna'), \
         ('daily', 'D1', 42, 1, 'waiting', 1, 'to anna'), \
         ('daily', 'D0', 42, 1, 'flying', 1, 'to anna')",
    );
    let after = anna(vec![
        choice("daily", "", None),
        choice("weekly", "", None),
        choice("weekly", "topic:water", Some(NOW)),
    ]);
    save(&mut ledger, person(after));
    let states = texts(&mut ledger, "SELECT state FROM delivery ORDER BY period");
    assert_eq!(states, ["flying", "cancelled", "waiting"]);
}

#[test]
fn letters_to_an_address_are_counted_whatever_its_case() {
    let (_folder, mut ledger) = ledger();
    for address in ["anna@example.org", "ANNA@example.org", "bob@example.org"] {
        let letter = Letter {
            address: address.parse().unwrap(),
            kind: "confirm",
            return_path: "news@example.org".to_owned(),
            message: Vec::new(),
        };
        let amendment = Amendment {
            letters: vec![letter],
            ..Amendment::default()
        };
        save(&mut ledger, amendment);
    }
    let anna: Address = "anna@example.org".parse().unwrap();
    let mut letters_since = |since| {
        let find = [Find::Address(&anna)];
        ledger
            .amend_subscribers(&find, &key(), since, NOW, |facts| {
                (Vec::new(), facts[0].letters)
            })
            .unwrap()
    };
    assert_eq!(letters_since(NOW), 2);
    assert_eq!(letters_since(NOW + 1), 0);
}

#[test]
fn what_nobody_confirms_is_forgotten() {
    let (_folder, mut ledger) = ledger();
    let mut pending = anna(vec![choice("weekly", "", None)]);
    pending.state = State::Pending;
    save(&mut ledger, person(pending));
    assert_eq!(ledger.forget_unconfirmed(NOW, NOW).unwrap(), 0);
    assert_eq!(ledger.forget_unconfirmed(NOW + 1, NOW).unwrap(), 1);
    let facts = ledger.subscriber_facts(Find::Id(42), &key()).unwrap();
    assert_eq!(facts.subscriber, None);
    let kept = anna(vec![
        choice("daily", "", None),
        choice("weekly", "", Some(NOW)),
    ]);
    save(&mut ledger, person(kept));
    assert_eq!(ledger.forget_unconfirmed(NOW + 1, NOW).unwrap(), 0);
    let facts = ledger.subscriber_facts(Find::Id(42), &key()).unwrap();
    let choices = facts.subscriber.unwrap().choices;
    assert_eq!(choices, [choice("weekly", "", Some(NOW))]);
}

#[test]
fn people_are_counted_by_digest_and_state() {
    let (_folder, mut ledger) = ledger();
    let mut left = choice("daily", "", None);
    left.ended = Some(NOW);
    let mut subscriber = anna(vec![
        left,
        choice("monthly", "", None),
        choice("weekly", "", Some(NOW)),
        choice("weekly", "topic:water", Some(NOW)),
    ]);
    subscriber.paused_until = Some(NOW + 10);
    let amendment = Amendment {
        suppress: Some(("bob@example.org".parse().unwrap(), Reason::Bounce)),
        ..person(subscriber)
    };
    save(&mut ledger, amendment);
    let counts = ledger.subscriber_counts(NOW).unwrap();
    assert_eq!(counts.states["active"], 1);
    assert_eq!(counts.paused, 1);
    assert_eq!(counts.suppressed["bounce"], 1);
    let expected = DigestCount {
        confirmed: 1,
        own: 1,
        ..DigestCount::default()
    };
    assert_eq!(counts.digests["weekly"], expected);
    assert_eq!(counts.digests["daily"].ended, 1);
    assert_eq!(counts.digests["monthly"].pending, 1);
}

#[test]
fn pages_of_subscribers_follow_the_addresses() {
    let (_folder, mut ledger) = ledger();
    for (id, address) in [
        (1, "c@example.org"),
        (2, "a@example.org"),
        (3, "b@example.org"),
    ] {
        let subscriber = Subscriber {
            id,
            address: address.parse().unwrap(),
            ..anna(vec![choice("weekly", "", None)])
        };
        save(&mut ledger, person(subscriber));
    }
    let first = ledger.subscribers_after("", 2).unwrap();
    let ids: Vec<i64> = first.iter().map(|subscriber| subscriber.id).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(first[0].choices.len(), 1);
    let rest = ledger.subscribers_after("b@example.org", 2).unwrap();
    assert_eq!(rest.len(), 1);
}

#[test]
fn subscribers_follow_a_digest_to_its_new_name() {
    let (_folder, mut ledger) = ledger();
    let choices = vec![
        choice("week", "", Some(NOW)),
        choice("week", "topic:water", Some(NOW)),
    ];
    save(&mut ledger, person(anna(choices)));
    ledger.rename_digest("week", "weekly").unwrap();
    ledger.rename_digest("week", "weekly").unwrap();
    let facts = ledger.subscriber_facts(Find::Id(42), &key()).unwrap();
    let choices = facts.subscriber.unwrap().choices;
    assert!(choices.iter().all(|choice| choice.digest == "weekly"));
    assert_eq!(choices.len(), 2);
}
