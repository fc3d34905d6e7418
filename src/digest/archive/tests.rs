use super::*;
use crate::config::Period;
use crate::digest::compose::compose;
use crate::digest::period::Span;
use crate::digest::samples::{
    digest, due, entries, feeds, pages, site, taxonomy, templates, utc, week,
};
use crate::feed::Format;

fn edition() -> Edition {
    let issue = compose(&digest(), &taxonomy(), &site(), &week(), entries()).unwrap();
    Edition { issue, due: due() }
}

/// The issue of the week before, in which nothing happened.
fn quiet_edition() -> Edition {
    let span = week().previous().unwrap();
    let issue = compose(&digest(), &taxonomy(), &site(), &span, Vec::new()).unwrap();
    Edition {
        issue,
        due: utc("2024-11-18T08:00:00Z"),
    }
}

/// What a page has between the header and the footer of the site.
fn main_part(page: &str) -> &str {
    let (_, rest) = page.split_once("<main").unwrap();
    let (main, _) = rest.split_once("</main>").unwrap();
    main.split_once(">\n").unwrap().1
}

fn feed(editions: &[Edition]) -> Feed {
    archive_feed(&digest(), editions, &site(), &feeds(), &templates()).unwrap()
}

#[test]
fn the_web_page_of_an_issue() {
    let page = issue_page(&edition().issue, &pages(), &templates()).unwrap();
    insta::assert_snapshot!(main_part(&page));
}

#[test]
fn the_page_of_all_issues() {
    let editions = [quiet_edition(), edition()];
    let page = index_page(&digest(), &editions, &pages(), &Format::ALL, &templates()).unwrap();
    let feed = "title=\"Weekly digest (Atom)\" \
                href=\"https://news.harbour.example/digests/weekly/atom.xml\"";
    assert!(page.contains(feed), "{page}");
    insta::assert_snapshot!(main_part(&page));
}

#[test]
fn an_issue_is_five_files_in_a_folder_of_its_own() {
    let files = issue_files(&digest(), &edition(), &site(), &pages(), &templates()).unwrap();
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "digests/weekly/2024-W47/index.html",
            "digests/weekly/2024-W47/mail.html",
            "digests/weekly/2024-W47/mail.txt",
            "digests/weekly/2024-W47/mail.eml",
            "digests/weekly/2024-W47/issue.json",
        ]
    );
    assert!(files.iter().all(|file| !file.bytes.is_empty()));
}

#[test]
fn the_web_page_shows_what_the_mail_had_no_room_for() {
    let mut edition = edition();
    edition.issue.group_limit = 1;
    let page = issue_page(&edition.issue, &pages(), &templates()).unwrap();
    assert!(page.contains("Nine voter registers checked"));
    // The mail links here.
    assert!(page.contains("id=\"topic-elections\""));
}

#[test]
fn the_entries_of_the_archive_feed_are_the_issues() {
    let feed = feed(&[quiet_edition(), edition()]);
    assert_eq!(feed.id, "tag:news.harbour.example,2024:digests/weekly");
    assert_eq!(feed.home, "https://news.harbour.example/digests/weekly/");
    assert_eq!(feed.formats, Format::ALL);
    let ids: Vec<_> = feed.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "tag:news.harbour.example,2024:digests/weekly/2024-W47",
            "tag:news.harbour.example,2024:digests/weekly/2024-W46",
        ]
    );
    let newest = &feed.entries[0];
    assert_eq!(newest.title, "Weekly digest: 5 items, 18–24 November 2024");
    assert_eq!(newest.published, due());
    assert_eq!(newest.updated, due());
    assert_eq!(
        newest.url,
        "https://news.harbour.example/digests/weekly/2024-W47/"
    );
    insta::assert_snapshot!(newest.content);
    let quiet = &feed.entries[1].content;
    assert!(quiet.contains("There was no news"), "{quiet}");
}

#[test]
fn an_item_that_is_mended_later_updates_its_issue() {
    let mut late = entries();
    Arc::make_mut(&mut late[0]).updated = utc("2024-12-02T10:00:00Z");
    let issue = compose(&digest(), &taxonomy(), &site(), &week(), late).unwrap();
    let feed = feed(&[Edition { issue, due: due() }]);
    assert_eq!(feed.updated, utc("2024-12-02T10:00:00Z"));
    assert_eq!(feed.entries[0].published, due());
}

#[test]
fn every_issue_stands_in_one_document_and_sealed_ones_stay_as_they_are() {
    let feeds = Feeds {
        limit: 4,
        archives: Archiving::Topics,
        ..feeds()
    };
    for issues in 0..40 {
        let division = Division::of(issues, &feeds);
        let mut all: Vec<usize> = Vec::new();
        for number in 1..=division.sealed() {
            let sealed = division.of_document(Some(number));
            let later = Division::of(issues + 7, &feeds);
            assert_eq!(sealed, later.of_document(Some(number)));
            all.extend(sealed);
        }
        let polled = division.of_document(None);
        assert!(
            polled.len() >= issues.min(4) && polled.len() < 6,
            "{polled:?}"
        );
        all.extend(polled);
        assert!(all.into_iter().eq(0..issues), "{issues} issues");
    }
}

#[test]
fn a_feed_without_archives_holds_the_newest_issues_only() {
    let feeds = Feeds {
        limit: 1,
        archives: Archiving::Nothing,
        ..feeds()
    };
    let division = Division::of(2, &feeds);
    assert_eq!(division.sealed(), 0);
    assert_eq!(division.of_document(None), 1..2);
}

#[test]
fn a_digest_without_issues_has_an_empty_feed() {
    let feed = feed(&[]);
    assert!(feed.entries.is_empty());
    assert_eq!(feed.updated, DateTime::UNIX_EPOCH);
}

#[test]
fn labels_of_every_period_are_plain_path_segments() {
    for period in [Period::Day, Period::Week, Period::Month] {
        let label = Span::containing(due(), period, site().timezone).label;
        assert!(label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    }
}
