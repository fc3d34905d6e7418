//! Ledgers of all earlier versions, opened by this one.
//!
//! `tests/ledgers` has what each version could write down first. A ledger here was made by the first
//! version and lived through all others up to some version, each of which left something in it.

use sha2::{Digest as _, Sha384};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Connection, Executor};
use tidings::ledger::LedgerError;
use tidings::ledger::Lookup;
use tidings::ledger::deliveries::{Counts, Mailing};

use super::*;

/// Each version's number, what its migration was, and what it left in the ledger. The second is
/// the start of the SHA-384 of a file that is never to be changed: SQLite would refuse the ledgers
/// that it was applied to.
const VERSIONS: [(i64, &str, &str); 10] = [
    (1, "309e1bce45354fdc", include_str!("../ledgers/0001.sql")),
    (2, "203852241b987633", include_str!("../ledgers/0002.sql")),
    (3, "c087a5945197c870", include_str!("../ledgers/0003.sql")),
    (8, "35124b4c766d4d47", include_str!("../ledgers/0008.sql")),
    (11, "3d4aa1861d39faf0", include_str!("../ledgers/0011.sql")),
    (20, "03129b457a42fde5", include_str!("../ledgers/0020.sql")),
    (21, "48f55fc86d5d5015", include_str!("../ledgers/0021.sql")),
    (22, "e1f79e90630eb5b2", include_str!("../ledgers/0022.sql")),
    (23, "524d37480c4f88f3", include_str!("../ledgers/0023.sql")),
    (24, "1a4bb467c4636d02", include_str!("../ledgers/0024.sql")),
];

const ISSUES_SINCE_20: [&str; 8] = [
    "2024-W40 skipped",
    "2024-W41 draft",
    "2024-W42 approved",
    "2024-W43 sending",
    "2024-W44 paused",
    "2024-W45 sent",
    "2024-W46 cancelled",
    "2024-W47 sent",
];

fn migrations() -> Migrator {
    sqlx::migrate!("src/ledger/migrations")
}

/// Runs SQL on a ledger, or what else needs its connection.
fn on(newsroom: &Newsroom, work: impl AsyncFnOnce(&mut AnyConnection)) {
    let file = newsroom.path(".tidings/ledger.sqlite");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    sqlx::any::install_default_drivers();
    runtime.block_on(async {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        work(&mut connection).await;
        connection.close().await.unwrap();
    });
}

/// A newsroom whose ledger was last used by the version with this number.
fn newsroom_of(version: i64) -> Newsroom {
    let newsroom = newsroom("", MAIL);
    on(&newsroom, async |connection| {
        for (number, _, left) in VERSIONS.iter().filter(|(number, ..)| *number <= version) {
            let mut until = migrations();
            let all = until.migrations.to_mut();
            all.retain(|migration| migration.version <= *number);
            until.run(&mut *connection).await.unwrap();
            connection.execute(*left).await.unwrap();
        }
    });
    newsroom
}

/// `2024-W47 sent`: all issues.
fn states(newsroom: &Newsroom) -> Vec<String> {
    let issues = ledger(newsroom).issues().unwrap().into_iter();
    issues
        .map(|issue| format!("{} {}", issue.period, issue.state))
        .collect()
}

fn expected_states(version: i64) -> Vec<&'static str> {
    let all = ISSUES_SINCE_20;
    if version >= 20 {
        all.to_vec()
    } else {
        vec![all[7]]
    }
}

fn deliveries(newsroom: &Newsroom, period: &str) -> Counts {
    let mailing = Mailing::Issue {
        digest: "weekly".to_owned(),
        period: period.to_owned(),
    };
    ledger(newsroom).delivery_counts(&mailing).unwrap()
}

#[test]
fn a_migration_that_was_released_is_never_changed() {
    for (number, sum, _) in VERSIONS {
        let all = migrations();
        let found = all.iter().find(|migration| migration.version == number);
        let digest = Sha384::digest(found.unwrap().sql.as_str().as_bytes());
        let start: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(start, sum, "migration {number}");
    }
}

#[test]
fn everything_is_still_there_in_a_ledger_of_any_earlier_version() {
    for (version, ..) in VERSIONS {
        let newsroom = newsroom_of(version);
        // Twice: what was brought up to date stays so.
        for _ in 0..2 {
            let mut ledger = ledger(&newsroom);
            let ids = ["tag:a", "tag:gone"].map(str::to_owned).to_vec();
            let lookup = Lookup {
                ids,
                ..Lookup::default()
            };
            let found = ledger.find(&lookup).unwrap();
            let known: Vec<(&str, Option<i64>)> = found
                .iter()
                .map(|one| (one.page.as_str(), one.gone))
                .collect();
            let gone = ("2023/gone", Some(1_710_000_000_000));
            assert_eq!(known, [("2024/title-of-a", None), gone], "{version}");
            assert_eq!(ledger.last_sequence().unwrap(), 2, "{version}");
            assert_eq!(ledger.seals().unwrap().len(), usize::from(version >= 2));
            assert_eq!(ledger.tombstones().unwrap().len(), 1, "{version}");
            let moved = ledger.former_pages().unwrap().len();
            assert_eq!(moved, usize::from(version >= 3));
            assert_eq!(
                ledger.due_notices(9).unwrap().len(),
                usize::from(version >= 8)
            );
            assert_eq!(
                ledger.settled(&[7]).unwrap().len(),
                usize::from(version >= 11)
            );
            assert_eq!(states(&newsroom), expected_states(version), "{version}");
            let sent = ledger.issue("weekly", "2024-W47").unwrap().unwrap();
            assert_eq!(sent.items, ["tag:a"], "{version}");
            if version >= 20 {
                let draft = ledger.issue("weekly", "2024-W41").unwrap().unwrap();
                assert_eq!(draft.edits.subject.as_deref(), Some("Drafted"));
                let frozen = ledger.frozen("weekly", "2024-W45").unwrap().unwrap();
                assert!(frozen.contains("What we sent"));
                assert_eq!(
                    steps(&newsroom, "2024-W42"),
                    ["schedule drafted", "ana approved"]
                );
            }
            let subscribers = ledger.subscribers_after("", 10).unwrap();
            let addresses: Vec<String> = subscribers
                .iter()
                .map(|one| one.address.to_string())
                .collect();
            if version >= 21 {
                assert_eq!(addresses, ["ana@example.org", "ben@example.org"]);
                assert!(subscribers[0].choices[0].is_confirmed());
                assert_eq!(ledger.consents(1).unwrap().len(), 1);
            }
            let soft = ledger.count_soft_bounces(2, 0).unwrap();
            assert_eq!(soft, u64::from(version >= 23));
        }
    }
}

#[test]
fn what_was_sent_by_an_earlier_version_is_not_sent_again() {
    for version in [22, 23, 24] {
        let newsroom = newsroom_of(version);
        let mut running = open(&newsroom);
        running.begin_issues(Begin::All {
            who: "ana".to_owned(),
        });
        running.build(monday(), &()).unwrap();
        drop(running);
        let sent = Counts {
            sent: 1,
            failed: 1,
            ..Counts::default()
        };
        assert_eq!(deliveries(&newsroom, "2024-W45"), sent, "{version}");
        // It was published before there was mail.
        assert_eq!(deliveries(&newsroom, "2024-W47"), Counts::default());
        let on_its_way = Counts {
            sent: 1,
            waiting: 1,
            ..Counts::default()
        };
        assert_eq!(deliveries(&newsroom, "2024-W43"), on_its_way, "{version}");
        let mut ledger = ledger(&newsroom);
        let being_sent = tidings::mail::outbox::being_sent(&mut ledger).unwrap();
        let periods: Vec<&str> = being_sent.iter().map(|one| &*one.period).collect();
        // A person had approved the other one.
        assert_eq!(periods, ["2024-W42", "2024-W43"], "{version}");
    }
}

#[test]
fn no_draft_is_made_twice_of_what_an_earlier_version_published() {
    for (version, ..) in VERSIONS {
        let newsroom = newsroom_of(version);
        write(&newsroom, "a", "2024-11-20");
        write(&newsroom, "late", "2024-11-21");
        build(&newsroom, monday() + TimeDelta::hours(1));
        assert_eq!(states(&newsroom), expected_states(version), "{version}");
        write(&newsroom, "b", "2024-11-27");
        build(&newsroom, monday() + weeks(1));
        let newest = issues(&newsroom).pop().unwrap();
        assert_eq!(newest, "2024-W48 approved: b late", "{version}");
    }
}

#[test]
fn a_ledger_of_a_later_version_is_refused_and_left_alone() {
    let newsroom = newsroom_of(24);
    on(&newsroom, async |connection| {
        let later = "INSERT INTO _sqlx_migrations \
                     (version, description, success, checksum, execution_time) \
                     VALUES (9999, 'of the future', TRUE, x'00', 0)";
        connection.execute(later).await.unwrap();
    });
    let refused = Ledger::open(&newsroom.path(".tidings/ledger.sqlite")).unwrap_err();
    assert!(matches!(refused, LedgerError::Later { .. }), "{refused}");
    let told = newsroom.tidings(&["build"]).assert().failure();
    let told = common::stderr(&told);
    assert!(told.contains("by a later version of tidings"), "{told}");
    on(&newsroom, async |connection| {
        let forget = "DELETE FROM _sqlx_migrations WHERE version = 9999";
        connection.execute(forget).await.unwrap();
    });
    assert_eq!(states(&newsroom), ISSUES_SINCE_20);
}

#[test]
fn what_ends_in_the_middle_of_an_upgrade_is_gone_on_with() {
    // A table that is in the way ends the migration of 20 after its first changes, and that of 22
    // when those before it are done.
    for obstacle in ["digest_progress", "mail_day"] {
        let newsroom = newsroom_of(11);
        on(&newsroom, async |connection| {
            let sql = format!("CREATE TABLE {obstacle} (what TEXT)");
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::query(sql).execute(connection).await.unwrap();
        });
        for _ in 0..2 {
            let failed = Ledger::open(&newsroom.path(".tidings/ledger.sqlite"));
            let failed = failed.unwrap_err().to_string();
            assert!(failed.contains("cannot be brought up to date"), "{failed}");
        }
        on(&newsroom, async |connection| {
            let sql = sqlx::AssertSqlSafe(format!("DROP TABLE {obstacle}"));
            sqlx::query(sql).execute(connection).await.unwrap();
        });
        assert_eq!(states(&newsroom), ["2024-W47 sent"], "{obstacle}");
        write(&newsroom, "a", "2024-11-20");
        build(&newsroom, monday());
        assert_eq!(states(&newsroom), ["2024-W47 sent"], "{obstacle}");
    }
}
