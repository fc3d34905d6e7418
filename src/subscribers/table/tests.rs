//! Tables that go out and come in.

mod long;

use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;

use super::export::export;
use super::import::{BadRow, ImportError, Options, Outcome, Told, import};
use super::{guard, unguard};
use crate::config::{self, Config};
use crate::ledger::Ledger;
use crate::ledger::subscribers::{Amendment, Find, Reason, State};
use crate::mail::address::Address;
use crate::signing::SigningKey;
use crate::subscribers::decide;
use crate::subscribers::wish;

const NOW: i64 = 1_732_521_600_000;

const CONFIGURATION: &str = r#"
[site]
title = "News"
base_url = "https://news.example.org/"
contact = "press@example.org"
languages = ["en", "ru"]
[facet.topic]
terms = [{ name = "Water" }, { name = "Energy" }]
[[digest]]
slug = "weekly"
title = "The week"
schedule = "Mon 09:00"
[[digest]]
slug = "daily"
title = "The day"
schedule = "daily 07:00"
period = "day"
choices = "daily"
"#;

fn config() -> Config {
    let read = config::read(CONFIGURATION, Path::new("feeds.toml"));
    read.unwrap_or_else(|problems| panic!("{problems:?}")).0
}

fn key() -> SigningKey {
    SigningKey::new([7; 32])
}

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (folder, ledger)
}

fn options(config: &Config) -> Options {
    Options {
        consent: "fair".to_owned(),
        wishes: vec![wish::whole(config, "weekly").unwrap()],
        language: "en".to_owned(),
        dry_run: false,
    }
}

fn take(ledger: &mut Ledger, table: &str) -> Result<(Outcome, Vec<BadRow>), ImportError> {
    let options = options(&config());
    take_with(ledger, table, &options)
}

/// The same, without recording anything.
fn try_out(ledger: &mut Ledger, table: &str) -> Result<(Outcome, Vec<BadRow>), ImportError> {
    let options = Options {
        dry_run: true,
        ..options(&config())
    };
    take_with(ledger, table, &options)
}

fn take_with(
    ledger: &mut Ledger,
    table: &str,
    options: &Options,
) -> Result<(Outcome, Vec<BadRow>), ImportError> {
    let config = config();
    let mut bad = Vec::new();
    let mut hear = |told: Told<'_>| {
        if let Told::Bad(row) = told {
            bad.push(row.clone());
        }
        ControlFlow::Continue(())
    };
    let book = (ledger, &key());
    let outcome = import(table.as_bytes(), book, &config, options, NOW, &mut hear)?;
    Ok((outcome, bad))
}

fn written(ledger: &mut Ledger) -> String {
    let mut bytes = Vec::new();
    export(ledger, &mut bytes, &mut |_| ()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Lines and reasons.
fn reasons(bad: &[BadRow]) -> Vec<String> {
    let rows = bad.iter();
    rows.map(|row| format!("{}: {}", row.line, row.reason))
        .collect()
}

fn find(ledger: &mut Ledger, address: &str) -> Option<crate::ledger::subscribers::Subscriber> {
    let address: Address = address.parse().unwrap();
    let facts = ledger.subscriber_facts(Find::Address(&address), &key());
    facts.unwrap().subscriber
}

#[test]
fn every_bad_row_is_told_with_its_line_and_reason_and_the_others_are_taken() {
    let (_folder, mut ledger) = ledger();
    let table = "E-Mail;Name;Digests;Language;State\n\
                 anna@example.org;Anna;weekly | daily: topic:water;en;\n\
                 nobody;;;;\n\
                 \"a\r\nBcc: b@example.org\";;;;\n\
                 bob@example.org;\"Bob\nX-Header: 1\";;;\n\
                 carl@example.org;Carl;monthly;;\n\
                 dora@example.org;Dora;daily: topic:fire;;\n\
                 emil@example.org;Emil;weekly: topic:water;;\n\
                 fay@example.org;Fay;;xx;\n\
                 gus@example.org;Gus;;;pending\n\
                 hal@example.org;Hal;;;maybe\n\
                 ida@example.org;Ida\n\
                 почта@почта.рф;;;ru;\n";
    let (outcome, bad) = take(&mut ledger, table).unwrap();
    insta::assert_snapshot!(reasons(&bad).join("\n"));
    assert_eq!((outcome.added, outcome.bad), (2, 10));
    let anna = find(&mut ledger, "anna@example.org").unwrap();
    assert_eq!(decide::chosen(&anna).len(), 2);
    let consents = ledger.consents(anna.id).unwrap();
    assert_eq!(
        (&*consents[0].act, &*consents[0].source),
        ("imported", "import: fair")
    );
    assert_eq!(find(&mut ledger, "почта@почта.рф").unwrap().language, "ru");
}

#[test]
fn who_left_or_was_stopped_is_not_brought_back() {
    let (_folder, mut ledger) = ledger();
    take(
        &mut ledger,
        "address\nanna@example.org\nbob@example.org\ncarl@example.org\n",
    )
    .unwrap();
    let key = key();
    for (address, digest) in [
        ("anna@example.org", None),
        ("bob@example.org", Some("weekly")),
    ] {
        let address: Address = address.parse().unwrap();
        ledger
            .amend_subscribers(&[Find::Address(&address)], &key, i64::MAX, NOW, |facts| {
                let (amendment, _) = decide::leave(&facts[0], digest, "page", NOW).unwrap();
                (vec![amendment], ())
            })
            .unwrap();
    }
    let carl: Address = "carl@example.org".parse().unwrap();
    ledger
        .amend_subscribers(&[Find::Address(&carl)], &key, i64::MAX, NOW, |facts| {
            (
                vec![decide::erase(facts[0].subscriber.as_ref().unwrap())],
                (),
            )
        })
        .unwrap();
    let dora = Amendment {
        suppress: Some(("dora@example.org".parse().unwrap(), Reason::Bounce)),
        ..Amendment::default()
    };
    ledger
        .amend_subscribers(&[], &key, i64::MAX, NOW, |_| (vec![dora], ()))
        .unwrap();
    let again = "address\nANNA@example.org\nbob@example.org\ncarl@example.org\ndora@example.org\n";
    let (outcome, bad) = take(&mut ledger, again).unwrap();
    assert_eq!(
        reasons(&bad),
        [
            "2: they have unsubscribed; only they themselves may subscribe again",
            "3: they have unsubscribed; only they themselves may subscribe again",
            "4: the address is never mailed again (erased)",
            "5: the address is never mailed again (bounce)",
        ]
    );
    assert_eq!((outcome.added, outcome.changed), (0, 0));
    assert!(find(&mut ledger, "carl@example.org").is_none());
}

#[test]
fn a_digest_that_was_left_stays_left_and_the_rest_is_taken() {
    let (_folder, mut ledger) = ledger();
    take(
        &mut ledger,
        "address,choices\nanna@example.org,weekly | daily\n",
    )
    .unwrap();
    let anna: Address = "anna@example.org".parse().unwrap();
    ledger
        .amend_subscribers(&[Find::Address(&anna)], &key(), i64::MAX, NOW, |facts| {
            let (amendment, _) = decide::leave(&facts[0], Some("daily"), "page", NOW).unwrap();
            (vec![amendment], ())
        })
        .unwrap();
    let more = "address,choices\nanna@example.org,daily | daily: topic:water\n";
    let (outcome, bad) = take(&mut ledger, more).unwrap();
    assert_eq!(outcome.changed, 1);
    assert!(
        bad[0].reason.contains("unsubscribed from 'daily'"),
        "{bad:?}"
    );
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let (_folder, mut ledger) = ledger();
    take(&mut ledger, "address\nbob@example.org\n").unwrap();
    let before = written(&mut ledger);
    let table = "address,state,choices\n\
                 anna@example.org,,\nnobody,,\nAnna@example.org,,daily\nanna@example.org,,daily\n\
                 bob@example.org,,\nbob@example.org,ended,\nbob@example.org,,daily\n\
                 anna@example.org,ended,\nanna@example.org,,\n";
    let tried = try_out(&mut ledger, table).unwrap();
    assert_eq!(written(&mut ledger), before);
    // A row is judged by what those before it would have made of somebody.
    assert_eq!(
        reasons(&tried.1),
        [
            "3: the address cannot be used: an address has the form name@example.org",
            "8: they have unsubscribed; only they themselves may subscribe again",
            "10: they have unsubscribed; only they themselves may subscribe again",
        ]
    );
    assert_eq!(take(&mut ledger, table).unwrap(), tried);
}

#[test]
fn the_same_address_twice_is_one_subscriber() {
    let (_folder, mut ledger) = ledger();
    let table = "address,choices\nanna@example.org,weekly\nAnna@Example.org,daily\nanna@example.org,daily\n";
    let (outcome, bad) = take(&mut ledger, table).unwrap();
    assert_eq!(
        (outcome.added, outcome.changed, outcome.unchanged),
        (1, 1, 1)
    );
    assert_eq!(bad, []);
}

#[test]
fn tables_that_cannot_be_read_say_why() {
    let (_folder, mut ledger) = ledger();
    let error = |ledger: &mut Ledger, table: &str| take(ledger, table).unwrap_err().to_string();
    assert_eq!(error(&mut ledger, ""), "the table is empty");
    assert_eq!(
        error(&mut ledger, "anna@example.org\nbob@example.org\n"),
        "the first line names no column 'address'; it has 'anna@example.org'"
    );
    assert_eq!(
        error(&mut ledger, "address,e-mail\n"),
        "the first line names the column 'address' twice"
    );
    // A quotation mark that is never closed takes no more memory than any row.
    let endless = format!("address\na@example.org\n\"b{}", "x\n".repeat(3 << 20));
    assert_eq!(
        error(&mut ledger, &endless),
        "line 3: a quotation mark is opened and not closed"
    );
    assert!(find(&mut ledger, "a@example.org").is_some());
}

#[test]
fn cells_that_spreadsheets_would_run_are_guarded_and_come_back() {
    for (text, expected) in [
        ("=1+1", "'=1+1"),
        ("+43 1", "'+43 1"),
        ("-x@example.org", "'-x@example.org"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("'=1", "''=1"),
        ("''", "'''"),
        ("'t Hooft", "'t Hooft"),
        ("Anna", "Anna"),
    ] {
        assert_eq!(guard(text), expected);
        assert_eq!(unguard(expected), text);
    }
}

#[test]
fn the_table_of_some_subscribers() {
    let (_folder, mut ledger) = ledger();
    let table = "address,name,state,choices,left,consented,consent_source,consent_wording\n\
                 anna@example.org,\"O'Hara, Anna\",,weekly | daily: topic:(water or energy),,2024-11-20T10:00:00Z,fair,I want it.\n\
                 bob@example.org,=Bob,ended,,weekly,,,\n";
    take(&mut ledger, table).unwrap();
    assert_eq!(
        find(&mut ledger, "bob@example.org").unwrap().state,
        State::Ended
    );
    insta::assert_snapshot!(written(&mut ledger));
}

fn rows() -> impl Strategy<Value = Vec<(String, String, String, usize, usize)>> {
    let name = "[=+@'a-zа-я\" ,;-]{0,12}";
    let row = (
        "[a-z+=-][a-z0-9]{0,6}",
        name,
        "[ -~]{1,20}",
        0..4_usize,
        0..4_usize,
    );
    prop::collection::vec(row, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_exported_is_imported_to_the_same(rows in rows()) {
        let (_folder, mut first) = ledger();
        let lists = ["weekly", "daily", "weekly | daily: topic:water", "daily: topic:energy"];
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["address", "name", "consent_source", "choices", "state", "left"]).unwrap();
        for (local, name, source, list, state) in rows {
            let state = if state == 0 { "ended" } else { "active" };
            let left = if list == 0 { "daily" } else { "" };
            let address = format!("{local}@example.org");
            writer.write_record([&address, &name, &source, lists[list], state, left]).unwrap();
        }
        let table = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        take(&mut first, &table).unwrap();
        let table = written(&mut first);
        let (_folder, mut second) = ledger();
        let (_, bad) = take(&mut second, &table).unwrap();
        prop_assert_eq!(bad, []);
        prop_assert_eq!(written(&mut second), table);
    }
    #[test]
    fn every_guarded_cell_comes_back(text in "['=+@a-]{0,6}") {
        let guarded = guard(&text);
        prop_assert_eq!(unguard(&guarded), &text);
        prop_assert!(!guarded.starts_with(['=', '+', '-', '@']));
    }
}
