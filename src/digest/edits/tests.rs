use super::*;
use crate::digest::samples::{digest, entries, site, taxonomy, week};

/// The id of an entry of the sample newsroom.
fn id(slug: &str) -> String {
    format!("tag:news.harbour.example,2024:{slug}")
}

fn to(item: &str, before: &str) -> Edit {
    Edit::Move(Move {
        item: id(item),
        before: id(before),
    })
}

fn edited(all: Vec<Edit>) -> Edits {
    let mut edits = Edits::default();
    for edit in all {
        edits.make(edit).unwrap();
    }
    edits
}

fn issue(edits: &Edits) -> Issue {
    let composed = edits.compose(&digest(), &taxonomy(), &site(), &week(), entries());
    composed.unwrap()
}

/// `Elections: observers registers`
fn outline(edits: &Edits) -> Vec<String> {
    let issue = issue(edits);
    let line = |heading: &str, entries: &[Arc<Entry>]| {
        let slugs = entries
            .iter()
            .filter_map(|entry| entry.id.rsplit(':').next());
        format!("{heading}: {}", slugs.collect::<Vec<_>>().join(" "))
    };
    let headline = issue.headline.iter();
    let headline = headline.map(|entry| line("headline", std::slice::from_ref(entry)));
    let groups = issue.groups.iter();
    let groups =
        groups.map(|group| line(group.heading.as_deref().unwrap_or("other"), &group.entries));
    headline.chain(groups).collect()
}

#[test]
fn without_edits_an_issue_is_as_it_is_made() {
    let made = compose::compose(&digest(), &taxonomy(), &site(), &week(), entries());
    assert_eq!(Some(issue(&Edits::default())), made);
}

#[test]
fn a_headline_stands_above_all_groups_and_nowhere_else() {
    let edits = edited(vec![Edit::Headline(Some(id("procurement")))]);
    assert_eq!(
        outline(&edits),
        [
            "headline: procurement",
            "Elections: observers registers",
            "Youth: youth-forum",
            "other: lamp",
        ]
    );
    assert_eq!(issue(&edits).total, 5);
    assert!(
        issue(&edits)
            .preheader
            .starts_with("\u{201c}Open by default")
    );
    let none = edited(vec![
        Edit::Headline(Some(id("procurement"))),
        Edit::Headline(None),
    ]);
    assert_eq!(none, Edits::default());
}

#[test]
fn pinned_items_stand_first_in_their_groups() {
    let edits = edited(vec![Edit::Pin(id("registers"))]);
    assert_eq!(outline(&edits)[0], "Elections: registers observers");
    let both = edited(vec![Edit::Pin(id("registers")), Edit::Pin(id("observers"))]);
    assert_eq!(outline(&both)[0], "Elections: registers observers");
    let mut none = both;
    none.make(Edit::Unpin(id("registers"))).unwrap();
    none.make(Edit::Unpin(id("observers"))).unwrap();
    assert_eq!(none, Edits::default());
}

#[test]
fn an_item_moves_within_its_group_and_into_another() {
    let within = edited(vec![to("registers", "observers")]);
    assert_eq!(outline(&within)[0], "Elections: registers observers");
    let across = edited(vec![to("lamp", "registers")]);
    assert_eq!(
        outline(&across),
        [
            "Elections: observers lamp registers",
            "Public procurement: procurement",
            "Youth: youth-forum",
        ]
    );
    // It is the last move of an item that counts, also over its being pinned.
    let twice = edited(vec![
        Edit::Pin(id("lamp")),
        to("lamp", "registers"),
        to("lamp", "youth-forum"),
    ]);
    assert_eq!(outline(&twice)[2], "Youth: lamp youth-forum");
    assert_eq!(twice.moves.len(), 1);
}

#[test]
fn a_dropped_item_is_not_counted_and_has_no_place_until_it_is_restored() {
    let mut edits = edited(vec![
        Edit::Pin(id("observers")),
        Edit::Headline(Some(id("observers"))),
        Edit::Drop(id("observers")),
    ]);
    assert_eq!(outline(&edits)[0], "Elections: registers");
    assert!(issue(&edits).subject.contains("4 items"));
    for edit in [
        Edit::Pin(id("observers")),
        Edit::Headline(Some(id("observers"))),
        to("observers", "registers"),
        to("registers", "observers"),
    ] {
        assert_eq!(edits.make(edit), Err(EditError::Dropped(id("observers"))));
    }
    edits.make(Edit::Restore(id("observers"))).unwrap();
    assert_eq!(edits, Edits::default());
}

#[test]
fn what_is_edited_of_an_item_that_is_not_there_does_nothing() {
    let edits = edited(vec![
        Edit::Pin(id("gone")),
        Edit::Headline(Some(id("gone"))),
        to("gone", "lamp"),
        to("lamp", "gone"),
    ]);
    assert_eq!(outline(&edits), outline(&Edits::default()));
}

#[test]
fn subject_preheader_and_introduction_are_those_of_the_editor() {
    let edits = edited(vec![
        Edit::Subject(Some("Observers\r\nBcc: all@victim.example".to_owned())),
        Edit::Preheader(Some("Nine\nregisters".to_owned())),
        Edit::Introduction(Some(
            "A *busy* week: [read on](/about/).\n\n<script>alert(1)</script>".to_owned(),
        )),
    ]);
    let issue = issue(&edits);
    assert_eq!(issue.subject, "Observers Bcc: all@victim.example");
    assert_eq!(issue.preheader, "Nine registers");
    assert_eq!(issue.introduction, None);
    let opening = issue.opening.unwrap();
    assert_eq!(
        opening.text.lines().next(),
        Some("A busy week: read on (https://news.harbour.example/about/).")
    );
    let html = opening.html;
    assert!(
        html.contains("<em>busy</em>")
            && html.contains("\"https://news.harbour.example/about/\"")
            && !html.contains("<script"),
        "{html}"
    );
    let none = edited(vec![Edit::Introduction(Some("  \n".to_owned()))]);
    assert_eq!(self::issue(&none).introduction, None);
    assert_eq!(self::issue(&none).opening, None);
}

#[test]
fn an_empty_or_endless_line_is_refused() {
    let mut edits = Edits::default();
    assert_eq!(
        edits.make(Edit::Subject(Some(" \n".to_owned()))),
        Err(EditError::Empty("subject"))
    );
    let error = edits.make(Edit::Preheader(Some("x".repeat(201))));
    assert_eq!(
        error.unwrap_err().to_string(),
        "the preheader has 201 characters; the most are 200"
    );
    let error = edits.make(Edit::Introduction(Some("x".repeat(10_001))));
    assert!(error.is_err());
    assert_eq!(edits.make(to("lamp", "lamp")), Err(EditError::BeforeItself));
    assert_eq!(edits, Edits::default());
}

#[test]
fn edits_survive_being_written_down() {
    let edits = edited(vec![
        Edit::Subject(Some("S".to_owned())),
        Edit::Pin(id("lamp")),
        to("lamp", "observers"),
        Edit::Drop(id("registers")),
    ]);
    let json = serde_json::to_string(&edits).unwrap();
    assert_eq!(serde_json::from_str::<Edits>(&json).unwrap(), edits);
    assert_eq!(
        serde_json::from_str::<Edits>("{}").unwrap(),
        Edits::default()
    );
}
