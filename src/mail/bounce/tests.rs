use proptest::prelude::*;

use super::*;
use crate::mail::verp::ReturnPath;
use crate::signing::SigningKey;
use crate::subscribers::links::Links;

fn proof() -> Proof {
    let key = SigningKey::new([7; 32]);
    let links = Links::new("https://news.example/", key.clone());
    Proof {
        links,
        key,
        former: Vec::new(),
    }
}

fn path() -> ReturnPath {
    ReturnPath::new(12, 1, 1_732_521_600_000)
}

/// A fixture with what belongs to subscriber 12 filled in.
fn filled(fixture: &str) -> String {
    let Proof { links, key, .. } = proof();
    let mailbox = "bounces@news.example".parse().unwrap();
    let leaving = "unsubscribe@news.example".parse().unwrap();
    fixture
        .replace("{path}", &path().address(&mailbox, &key))
        .replace("{unsubscribe}", &links.unsubscribe(12, 1, "weekly"))
        .replace(
            "{leave}",
            &links.unsubscribe_address(&leaving, 12, 1, "weekly"),
        )
        .replace('\n', "\r\n")
}

fn read_fixture(fixture: &str) -> Reading {
    read(filled(fixture).as_bytes(), &proof())
}

/// `hard 5.1.1`
fn failure(fixture: &str) -> String {
    let reading = read_fixture(fixture);
    assert_eq!(reading.who, Some(Who::Path(path())));
    match reading.report {
        Report::Failed {
            severity, status, ..
        } => {
            let status = status.map_or(String::new(), |status| format!(" {status}"));
            format!("{severity:?}{status}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn servers_of_all_sorts_are_understood() {
    assert_eq!(failure(include_str!("fixtures/postfix.eml")), "Hard 5.1.1");
    assert_eq!(
        failure(include_str!("fixtures/exchange.eml")),
        "Hard 5.1.10"
    );
    assert_eq!(
        failure(include_str!("fixtures/gmail-full.eml")),
        "Soft 5.2.2"
    );
    assert_eq!(failure(include_str!("fixtures/policy.eml")), "Soft 5.7.1");
    assert_eq!(failure(include_str!("fixtures/expired.eml")), "Soft 4.4.1");
    assert_eq!(failure(include_str!("fixtures/vague.eml")), "Hard 5.1.0");
    assert_eq!(failure(include_str!("fixtures/qmail.eml")), "Hard 5.1.1");
    assert_eq!(failure(include_str!("fixtures/exim.eml")), "Hard 5.0.0");
}

#[test]
fn a_server_s_words_are_kept_on_one_line() {
    let Report::Failed { detail, .. } = read_fixture(include_str!("fixtures/postfix.eml")).report
    else {
        panic!();
    };
    assert_eq!(
        detail,
        "550 5.1.1 <anna@mail.example>: Recipient address rejected: User unknown in virtual mailbox table"
    );
}

#[test]
fn a_complaint_is_traced_by_the_links_of_the_mail_that_it_is_about() {
    for fixture in [
        include_str!("fixtures/arf.eml"),
        include_str!("fixtures/hotmail.eml"),
    ] {
        let reading = read_fixture(fixture);
        assert_eq!(
            reading.report,
            Report::Complaint {
                kind: "abuse".to_owned()
            }
        );
        let who = Who::Subscriber {
            subscriber: 12,
            generation: 1,
        };
        assert_eq!(reading.who, Some(who));
    }
    // Where the return path is not taken out, it is the better proof.
    let whole = include_str!("fixtures/arf.eml").replace("redacted@news.example", "{path}");
    assert_eq!(read_fixture(&whole).who, Some(Who::Path(path())));
}

#[test]
fn what_is_no_complaint_is_none() {
    for kind in ["not-spam", "auth-failure"] {
        let fixture =
            include_str!("fixtures/arf.eml").replace("Type: abuse", &format!("Type: {kind}"));
        assert!(
            matches!(read_fixture(&fixture).report, Report::Nothing { .. }),
            "{kind}"
        );
    }
}

#[test]
fn a_mail_to_the_address_that_unsubscribes_does_so_whatever_it_says() {
    let reading = read_fixture(include_str!("fixtures/unsubscribe.eml"));
    assert_eq!(reading.report, Report::Unsubscribe);
    assert!(matches!(
        reading.who,
        Some(Who::Leaver { subscriber: 12, .. })
    ));
    let answer = include_str!("fixtures/unsubscribe.eml")
        .replace("Subject: unsubscribe", "Auto-Submitted: auto-replied");
    assert!(matches!(
        read_fixture(&answer).report,
        Report::Nothing { .. }
    ));
}

#[test]
fn delays_receipts_and_answering_machines_lead_to_nothing() {
    for fixture in [
        include_str!("fixtures/sendmail-delay.eml"),
        include_str!("fixtures/receipt.eml"),
        include_str!("fixtures/holiday.eml"),
    ] {
        let report = read_fixture(fixture).report;
        assert!(matches!(report, Report::Nothing { .. }), "{report:?}");
    }
}

#[test]
fn what_is_not_understood_is_said_to_be_so() {
    for fixture in [
        include_str!("fixtures/person.eml"),
        include_str!("fixtures/unknown.eml"),
        "",
        "\n\n\n",
        "garbage without a colon",
        "Subject: x\n\nbody",
    ] {
        let report = read_fixture(fixture).report;
        assert!(
            matches!(report, Report::Unreadable { .. }),
            "{fixture}: {report:?}"
        );
    }
}

#[test]
fn a_report_on_nobody_is_not_believed() {
    // Everything is right but the proof.
    let fixture = include_str!("fixtures/postfix.eml")
        .replace("{path}", "bounces@news.example")
        .replace(
            "{unsubscribe}",
            "https://news.example/unsubscribe?token=12.1.weekly.madeup",
        );
    let reading = read_fixture(&fixture);
    assert!(
        matches!(reading.report, Report::Unreadable { .. }),
        "{reading:?}"
    );
    assert_eq!(reading.who, None);
}

#[test]
fn a_return_path_that_was_made_up_is_told() {
    let whole = filled(include_str!("fixtures/postfix.eml"));
    let forged = whole.replace("bounces+000000000000000c", "bounces+000000000000000d");
    let reading = read(forged.as_bytes(), &proof());
    assert_eq!(reading.report, Report::Forged);
    assert_eq!(reading.who, None);
}

#[test]
fn bare_line_feeds_are_read_as_well() {
    let text = filled(include_str!("fixtures/exchange.eml")).replace("\r\n", "\n");
    let reading = read(text.as_bytes(), &proof());
    assert!(matches!(
        reading.report,
        Report::Failed {
            severity: Severity::Hard,
            ..
        }
    ));
    let text = filled(include_str!("fixtures/arf.eml")).replace("\r\n", "\n");
    assert!(read(text.as_bytes(), &proof()).who.is_some());
}

#[test]
fn a_report_that_is_cut_off_is_read_as_far_as_it_goes() {
    let whole = filled(include_str!("fixtures/postfix.eml"));
    for end in 0..whole.len() {
        let _ = read(&whole.as_bytes()[..end], &proof());
    }
    let cut = &whole[..whole.find("Undelivered Message Headers").unwrap()];
    assert!(matches!(
        read(cut.as_bytes(), &proof()).report,
        Report::Failed { .. }
    ));
}

proptest! {
    #[test]
    fn no_octets_make_reading_panic(octets in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read(&octets, &proof());
    }

    #[test]
    fn no_damage_to_a_report_makes_it_about_somebody_else(
        at in 0..3_000_usize,
        octets in prop::collection::vec(any::<u8>(), 1..6),
    ) {
        let mut whole = filled(include_str!("fixtures/postfix.eml")).into_bytes();
        let at = at.min(whole.len());
        let end = (at + octets.len()).min(whole.len());
        whole.splice(at..end, octets);
        match read(&whole, &proof()).who {
            Some(Who::Path(found)) => prop_assert_eq!(found, path()),
            Some(Who::Subscriber { subscriber, .. }) => prop_assert_eq!(subscriber, 12),
            Some(other) => prop_assert!(false, "{:?}", other),
            None => {}
        }
    }
}
