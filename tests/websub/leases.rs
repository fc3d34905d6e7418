//! How long subscriptions last.

use std::time::Duration;

use crate::common::http::Serving;
use crate::common::{self, Newsroom};
use crate::subscriber::{Subscriber, polite};
use crate::{newsroom, newsroom_with, publish, settle, subscribe};

#[test]
fn a_lease_is_brought_within_the_bounds_that_are_configured() {
    let websub =
        "allow_private = true\nshortest_lease = \"1 h\"\nlease = \"2 h\"\nlongest_lease = \"3 h\"";
    let newsroom = newsroom_with(websub);
    let serving = Serving::start(&newsroom);
    let subscriber = Subscriber::start(polite);
    for (asked, given) in [
        (Some("1"), "3600"),
        (Some("7000"), "7000"),
        (Some("999999999"), "10800"),
        (Some("0"), "7200"),
        (None, "7200"),
    ] {
        let more: Vec<(&str, &str)> = asked
            .map(|asked| ("hub.lease_seconds", asked))
            .into_iter()
            .collect();
        subscribe(&serving, &subscriber.callback(), &more);
        let got = subscriber.verification("subscribe");
        assert_eq!(got.parameter("hub.lease_seconds"), given, "{asked:?}");
        settle();
    }
}

#[test]
fn bounds_of_leases_that_contradict_one_another_are_told() {
    for (lines, expected) in [
        (
            "shortest_lease = \"2 h\"\nlongest_lease = \"1 h\"",
            "longer than 'longest_lease'",
        ),
        (
            "lease = \"1 h\"\nshortest_lease = \"2 h\"",
            "must be allowed",
        ),
        ("shortest_lease = \"0 s\"", "shortest_lease"),
        ("longest_lease = \"9999 days\"", "longest_lease"),
    ] {
        let newsroom = Newsroom::new();
        let websub = format!("\n[websub]\nhub = \"embedded\"\n{lines}\n");
        newsroom.write("feeds.toml", format!("{}{websub}", common::CONFIGURATION));
        let told = newsroom.tidings(&["check"]).assert().failure();
        let told = common::stderr(&told);
        assert!(told.contains(expected), "no {expected} in {told}");
        assert!(told.contains("feeds.toml:"), "{told}");
    }
}

#[test]
fn a_lease_that_ran_out_ends_the_subscription_and_renewing_keeps_it() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let (lazy, eager) = (Subscriber::start(polite), Subscriber::start(polite));
    for subscriber in [&lazy, &eager] {
        subscribe(
            &serving,
            &subscriber.callback(),
            &[("hub.lease_seconds", "4")],
        );
        subscriber.verification("subscribe");
    }
    settle();
    subscribe(
        &serving,
        &eager.callback(),
        &[("hub.lease_seconds", "3600")],
    );
    eager.verification("subscribe");
    std::thread::sleep(Duration::from_secs(5));
    publish(&newsroom, "Second");
    eager.delivery();
    lazy.hears_nothing_for(Duration::from_secs(1));
}
