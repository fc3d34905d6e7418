//! The ledger, in files of its own.

use super::*;

fn publication(number: u64) -> Publication {
    Publication {
        id: format!("tag:example.org,2024:{number}"),
        path: format!("news/{number}.md"),
        page: format!("2024/item-{number}"),
        view: u64::MAX - number,
        published: 1_000,
        updated: 2_000,
        gone: None,
        sequence: number,
        terms: None,
    }
}

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("odd ? name %/ledger.sqlite")).unwrap();
    (folder, ledger)
}

#[test]
fn publications_are_found_by_id_path_page_and_view() {
    let (_folder, mut ledger) = ledger();
    assert!(ledger.is_empty().unwrap());
    ledger
        .record(&[
            publication(1),
            publication(2),
            publication(3),
            publication(4),
            publication(5),
        ])
        .unwrap();
    assert!(!ledger.is_empty().unwrap());
    let lookup = Lookup {
        ids: vec![publication(1).id],
        paths: vec![publication(2).path, publication(1).path],
        pages: vec![publication(3).page],
        views: vec![publication(4).view, 7],
    };
    let found = ledger.find(&lookup).unwrap();
    assert_eq!(
        found,
        [
            publication(1),
            publication(2),
            publication(3),
            publication(4)
        ]
    );
}

#[test]
fn a_batch_larger_than_one_statement_is_recorded_whole_and_survives_reopening() {
    let (folder, mut ledger) = ledger();
    let all: Vec<Publication> = (0..10_000).map(publication).collect();
    ledger.record(&all).unwrap();
    drop(ledger);
    let mut ledger = Ledger::open(&folder.path().join("odd ? name %/ledger.sqlite")).unwrap();
    let paths = all.iter().map(|one| one.path.clone()).collect();
    let found = ledger
        .find(&Lookup {
            paths,
            ..Lookup::default()
        })
        .unwrap();
    assert_eq!(found.len(), all.len());
}

#[test]
fn a_batch_that_is_refused_leaves_nothing_behind_whether_it_is_the_first_or_not() {
    let (_folder, mut ledger) = ledger();
    let refused = |ledger: &mut Ledger| {
        let mut all: Vec<Publication> = (1_000..2_000).map(publication).collect();
        all[900].page = all[10].page.clone();
        assert!(ledger.record(&all).is_err());
    };
    refused(&mut ledger);
    assert!(ledger.is_empty().unwrap());
    ledger.record(&[publication(1)]).unwrap();
    refused(&mut ledger);
    assert_eq!(ledger.published_paths().unwrap(), [publication(1).path]);
    ledger.record(&[publication(2)]).unwrap();
    assert_eq!(ledger.published_paths().unwrap().len(), 2);
}

#[test]
fn the_file_alone_is_whole_once_the_ledger_is_closed() {
    let (folder, mut ledger) = ledger();
    ledger.record(&[publication(1)]).unwrap();
    drop(ledger);
    let copy = folder.path().join("copy.sqlite");
    std::fs::copy(folder.path().join("odd ? name %/ledger.sqlite"), &copy).unwrap();
    assert!(!Ledger::open(&copy).unwrap().is_empty().unwrap());
}

#[test]
fn recording_again_replaces() {
    let (_folder, mut ledger) = ledger();
    ledger.record(&[publication(1)]).unwrap();
    let changed = Publication {
        gone: Some(9),
        updated: 8,
        ..publication(1)
    };
    ledger.record(std::slice::from_ref(&changed)).unwrap();
    let found = ledger
        .find(&Lookup {
            ids: vec![changed.id.clone()],
            ..Lookup::default()
        })
        .unwrap();
    assert_eq!(found, [changed]);
}

#[test]
fn a_file_that_is_no_database_is_named_in_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.sqlite");
    std::fs::write(
        &file,
        "not a database, but long enough to be looked at as one".repeat(40),
    )
    .unwrap();
    let error = Ledger::open(&file).unwrap_err().to_string();
    assert!(error.contains("ledger.sqlite"), "{error}");
}

/// A ledger as it was before archives: the first migration, recorded as done, and two items.
fn ledger_of_the_first_version(file: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    sqlx::any::install_default_drivers();
    runtime.block_on(async {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        let mut first = sqlx::migrate!("src/ledger/migrations");
        first.migrations.to_mut().truncate(1);
        first.run(&mut connection).await.unwrap();
        let items = "INSERT INTO publication (id, path, page, view, published, updated, gone) VALUES \
             ('tag:a', 'news/a.md', '2024/a', 7, 2000, 2500, NULL), \
             ('tag:b', 'news/b.md', '2023/b', 8, 1000, 1000, 3000)";
        sqlx::raw_sql(items).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn an_old_ledger_is_brought_up_to_date_with_its_ids_and_in_order_of_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.sqlite");
    ledger_of_the_first_version(&file);
    let mut ledger = Ledger::open(&file).unwrap();
    let lookup = Lookup {
        paths: vec!["news/a.md".into(), "news/b.md".into()],
        ..Lookup::default()
    };
    let found = ledger.find(&lookup).unwrap();
    let expected = |id: &str, name: &str, year: u32| Publication {
        id: id.into(),
        path: format!("news/{name}.md"),
        page: format!("{year}/{name}"),
        ..publication(0)
    };
    assert_eq!(
        found,
        [
            Publication {
                view: 7,
                published: 2000,
                updated: 2500,
                sequence: 2,
                ..expected("tag:a", "a", 2024)
            },
            Publication {
                view: 8,
                published: 1000,
                updated: 1000,
                gone: Some(3000),
                sequence: 1,
                ..expected("tag:b", "b", 2023)
            },
        ]
    );
    assert_eq!(ledger.last_sequence().unwrap(), 2);
}

#[test]
fn seals_are_kept_by_feed_and_number() {
    let (folder, mut ledger) = ledger();
    let seal = |feed: &str, number: u32| SealRecord {
        feed: feed.into(),
        number,
        sequence: u64::from(number) * 25,
        updated: -5,
        source: u64::MAX,
    };
    let seals = [seal("", 1), seal("topic/water", 1), seal("topic/water", 2)];
    ledger.record_seals(&seals).unwrap();
    assert!(ledger.record_seals(&seals[..1]).is_err(), "sealed twice");
    drop(ledger);
    let mut ledger = Ledger::open(&folder.path().join("odd ? name %/ledger.sqlite")).unwrap();
    assert_eq!(ledger.seals().unwrap(), seals);
}

#[test]
fn a_full_disk_refuses_what_is_written_then_and_nothing_that_comes_once_there_is_room() {
    let (_folder, mut ledger) = ledger();
    ledger.record(&[publication(1)]).unwrap();
    // No more room than is taken.
    ledger.execute("PRAGMA max_page_count = 1");
    let large = Publication {
        path: "x".repeat(1_000_000),
        ..publication(2)
    };
    let refused = ledger.record(std::slice::from_ref(&large)).unwrap_err();
    assert!(matches!(refused, LedgerError::Full { .. }), "{refused:?}");
    assert!(refused.to_string().contains("make room there"), "{refused}");
    ledger.execute("PRAGMA max_page_count = 1000000");
    ledger.record(&[large]).unwrap();
}
