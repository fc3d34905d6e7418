use super::*;

const NOW: i64 = 1_000_000;

fn candidate(path: &str, slug: &str, view: u64) -> Candidate {
    Candidate {
        path: path.into(),
        id: None,
        slug: slug.into(),
        slug_is_stated: false,
        view,
        published: Some(500),
        year: 2024,
        updated: None,
        terms: String::new(),
    }
}

fn settle_one(candidate: Candidate, known: &[Publication], files: &[&str]) -> Publication {
    let taken = |page: &str| known.iter().any(|row| row.page == page);
    let settled = settle(
        vec![candidate],
        known,
        |path| files.contains(&path),
        taken,
        NOW,
        "example.org,2024",
    );
    match settled.into_iter().next().unwrap() {
        Settled::Publish(publication) => publication,
        Settled::Duplicate { holder } => panic!("duplicate of {holder}"),
    }
}

fn published(path: &str, slug: &str, view: u64) -> Publication {
    settle_one(candidate(path, slug, view), &[], &[path])
}

#[test]
fn a_new_item_gets_a_minted_id_and_a_page_of_its_title() {
    let first = published("news/a.md", "title", 1);
    assert_eq!(first.id, "tag:example.org,2024:news/2024/title");
    assert_eq!(first.page, "2024/title");
    assert_eq!((first.published, first.updated), (500, 500));
}

#[test]
fn editing_the_title_keeps_id_and_page_and_moves_updated() {
    let first = published("news/a.md", "title", 1);
    let next = settle_one(
        candidate("news/a.md", "other-title", 2),
        std::slice::from_ref(&first),
        &["news/a.md"],
    );
    assert_eq!((next.id, next.page), (first.id, first.page));
    assert_eq!(next.updated, NOW);
}

#[test]
fn an_unchanged_view_does_not_move_updated() {
    let first = published("news/a.md", "title", 1);
    let next = settle_one(
        candidate("news/a.md", "title", 1),
        std::slice::from_ref(&first),
        &["news/a.md"],
    );
    assert_eq!(next, first);
}

#[test]
fn renaming_a_file_keeps_the_id() {
    let first = published("news/a.md", "title", 1);
    let next = settle_one(
        candidate("news/b.md", "title", 1),
        std::slice::from_ref(&first),
        &["news/b.md"],
    );
    assert_eq!((next.id, next.updated), (first.id, first.updated));
    assert_eq!(next.path, "news/b.md");
}

#[test]
fn renaming_and_editing_the_text_at_once_keeps_the_id_by_the_page() {
    let first = published("news/a.md", "title", 1);
    let next = settle_one(
        candidate("news/b.md", "title", 2),
        std::slice::from_ref(&first),
        &["news/b.md"],
    );
    assert_eq!(next.id, first.id);
}

#[test]
fn a_copy_of_a_file_is_an_item_of_its_own() {
    let first = published("news/a.md", "title", 1);
    let next = settle_one(
        candidate("news/b.md", "title", 1),
        std::slice::from_ref(&first),
        &["news/a.md", "news/b.md"],
    );
    assert_ne!(next.id, first.id);
    assert_eq!(next.page, "2024/title-2");
}

#[test]
fn an_item_that_was_deleted_and_comes_back_gets_its_old_id() {
    let mut first = published("news/a.md", "title", 1);
    first.gone = Some(700);
    let next = settle_one(
        candidate("news/a.md", "title", 1),
        std::slice::from_ref(&first),
        &["news/a.md"],
    );
    assert_eq!((&next.id, next.gone), (&first.id, None));
}

#[test]
fn two_files_that_state_one_id_are_a_duplicate_of_the_one_that_had_it() {
    let with_id = |path: &str, view| Candidate {
        id: Some("x".into()),
        ..candidate(path, path, view)
    };
    let first = settle_one(with_id("news/b.md", 1), &[], &[]);
    assert_eq!(first.id, "x");
    let both = [with_id("news/a.md", 2), with_id("news/b.md", 1)];
    let settled = settle(
        both.to_vec(),
        std::slice::from_ref(&first),
        |_| true,
        |_| false,
        NOW,
        "example.org,2024",
    );
    assert_eq!(
        settled[0],
        Settled::Duplicate {
            holder: "news/b.md".into()
        }
    );
    assert_eq!(settled[1], Settled::Publish(first));
    let fresh = settle(
        both.to_vec(),
        &[],
        |_| true,
        |_| false,
        NOW,
        "example.org,2024",
    );
    assert_eq!(
        fresh[1],
        Settled::Duplicate {
            holder: "news/a.md".into()
        }
    );
}

#[test]
fn an_id_stated_after_publication_does_not_replace_the_minted_one() {
    let first = published("news/a.md", "title", 1);
    let later = Candidate {
        id: Some("x".into()),
        ..candidate("news/a.md", "title", 2)
    };
    assert_eq!(
        settle_one(later, std::slice::from_ref(&first), &["news/a.md"]).id,
        first.id
    );
}

#[test]
fn another_stated_id_in_the_same_file_is_another_item() {
    let with_id = |id: &str| Candidate {
        id: Some(id.into()),
        ..candidate("news/a.md", "title", 1)
    };
    let first = settle_one(with_id("x"), &[], &[]);
    let next = settle_one(with_id("y"), &[first], &["news/a.md"]);
    assert_eq!((&*next.id, &*next.page), ("y", "2024/title-2"));
}

#[test]
fn a_changed_stated_slug_moves_the_page_but_not_the_id() {
    let first = published("news/a.md", "title", 1);
    let moved = Candidate {
        slug_is_stated: true,
        ..candidate("news/a.md", "better", 2)
    };
    let next = settle_one(moved, std::slice::from_ref(&first), &["news/a.md"]);
    assert_eq!((next.id, &*next.page), (first.id, "2024/better"));
}

#[test]
fn same_titles_in_one_batch_get_pages_of_their_own() {
    let both = vec![candidate("a.md", "title", 1), candidate("b.md", "title", 2)];
    let settled = settle(both, &[], |_| true, |_| false, NOW, "example.org,2024");
    let pages: Vec<&str> = settled
        .iter()
        .map(|one| match one {
            Settled::Publish(publication) => &*publication.page,
            Settled::Duplicate { .. } => "duplicate",
        })
        .collect();
    assert_eq!(pages, ["2024/title", "2024/title-2"]);
}

#[test]
fn an_item_without_a_date_keeps_the_moment_of_its_first_publication() {
    let undated = |view| Candidate {
        published: None,
        ..candidate("a.md", "title", view)
    };
    let first = settle_one(undated(1), &[], &[]);
    assert_eq!(first.published, NOW);
    let next = Publication {
        published: 42,
        updated: 42,
        ..first
    };
    assert_eq!(settle_one(undated(2), &[next], &["a.md"]).published, 42);
}
