//! What strangers may try with the form.

use crate::common::http::{Answer, Serving};
use crate::{SUBSCRIPTIONS, ask, letters, link, newsroom, post, query, subscribe, with};

#[test]
fn nobody_learns_from_the_form_who_is_subscribed() {
    let newsroom = with(&format!("{SUBSCRIPTIONS}letters_per_day = 3\n"));
    let serving = Serving::start(&newsroom);
    subscribe(&newsroom, &serving, "known@example.org");
    newsroom
        .tidings(&["subscribers", "suppress", "barred@example.org"])
        .assert()
        .success();
    let answers: Vec<Answer> = [
        "new@example.org",
        "known@example.org",
        "barred@example.org",
        "new@example.org",
    ]
    .iter()
    .map(|address| ask(&serving, address, &[("digest", "weekly")]))
    .collect();
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
    }
    let found = letters(&newsroom);
    let kinds: Vec<(&str, &str)> = found
        .iter()
        .map(|letter| (&*letter.to, &*letter.kind))
        .collect();
    assert_eq!(
        kinds
            .iter()
            .filter(|(to, _)| *to == "barred@example.org")
            .count(),
        0
    );
    assert!(kinds.contains(&("known@example.org", "known")));
    let known = found.iter().find(|letter| letter.kind == "known").unwrap();
    assert_eq!(
        serving.get(&link(known)).status,
        200,
        "it leads to the preferences"
    );
    // Nobody is flooded with letters either.
    for _ in 0..4 {
        let answer = ask(&serving, "new@example.org", &[("digest", "weekly")]);
        assert_eq!(answer.body, answers[0].body);
    }
    let found = letters(&newsroom);
    assert_eq!(
        found
            .iter()
            .filter(|letter| letter.to == "new@example.org")
            .count(),
        3
    );
}

#[test]
fn what_is_wrong_or_hostile_is_refused_with_a_page_and_changes_nothing() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let weekly = [("digest", "weekly")];
    let long = format!("{}@example.org", "a".repeat(65));
    for address in [
        "",
        "anna",
        "anna@example.org\r\nBcc: all@example.org",
        "\"anna\"@example.org",
        "anna(x)@example.org",
        "anna@example.org, bob@example.org",
        "<script>alert(1)</script>@example.org",
        &long,
    ] {
        let answer = ask(&serving, address, &weekly);
        assert_eq!(answer.status, 422, "{address}");
        assert!(!answer.text().contains("<script"), "{address}");
    }
    for fields in [
        &[][..],
        &[("digest", "monthly")],
        &[("term", "topic:water")],
        &[("term", "topic:fire"), ("carrier", "daily")],
        &[
            ("term", "topic:water) or (topic:energy"),
            ("carrier", "weekly"),
        ],
        &[("term", "topic:water"), ("carrier", "weekly")],
    ] {
        let answer = ask(&serving, "anna@example.org", fields);
        assert_eq!(answer.status, 422, "{fields:?}");
        assert!(
            answer.text().contains("value=\"anna@example.org\""),
            "what was typed stays"
        );
    }
    // Forms that were not handed out here, and scripts that fill in every field.
    let fields = [
        ("address", "anna@example.org"),
        ("digest", "weekly"),
        ("token", "1.x"),
    ];
    assert_eq!(post(&serving, "/sign-up", &fields).status, 422);
    let answer = ask(
        &serving,
        "anna@example.org",
        &[("digest", "weekly"), ("website", "http://spam.example")],
    );
    assert_eq!(answer.status, 200);
    assert!(letters(&newsroom).is_empty());
    // Tokens that are made up or cut short.
    for path in ["/confirm", "/new-address", "/subscriptions", "/unsubscribe"] {
        for query in [
            "",
            "?token=",
            "?token=1.0.99.xxxxxxxxxxxxxxxxxxxxxx",
            "?token=%FF%00&token=x",
        ] {
            let target = format!("{path}{query}");
            assert_eq!(serving.get(&target).status, 404, "{target}");
            assert_eq!(post(&serving, &target, &[]).status, 404, "{target}");
        }
    }
    // A body that is too large.
    let large = "x".repeat(100_000);
    let answer = post(&serving, "/sign-up", &[("address", &large)]);
    assert_eq!(answer.status, 413);
    let rows = query(&newsroom, "SELECT id FROM subscriber");
    assert!(rows.is_empty());
}

#[test]
fn a_client_that_sends_very_many_forms_is_told_to_wait() {
    let newsroom = with(&format!("{SUBSCRIPTIONS}requests_per_hour = 2\n"));
    let serving = Serving::start(&newsroom);
    for number in 0..2 {
        let address = format!("a{number}@example.org");
        assert_eq!(ask(&serving, &address, &[("digest", "weekly")]).status, 200);
    }
    let answer = ask(&serving, "b@example.org", &[("digest", "weekly")]);
    assert_eq!(answer.status, 429);
    assert!(answer.text().contains("Too many requests"));
    assert_eq!(letters(&newsroom).len(), 2);
    // Looking, and leaving, are not held up.
    assert_eq!(serving.get("/sign-up").status, 200);
}
