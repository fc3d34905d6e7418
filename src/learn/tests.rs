//! Taxonomies and texts that are larger or stranger than any that is meant.

use std::fmt::Write;

use super::*;
use crate::item::{Body, Item};
use crate::tag::{Passages, Tagger};
use crate::taxonomy::{FacetId, Taxonomy, TermId, fixture};

const FACET: FacetId = FacetId(0);

fn aim() -> Aim {
    Aim {
        facets: vec![FACET],
        precision: 0.9,
        clue: Clue::Both,
        language: "en".to_owned(),
        least: LEAST_ITEMS,
    }
}

/// A text that only one subject has.
fn text(subject: usize, number: usize) -> Text {
    Text {
        title: format!("Report {number}"),
        lead: format!("The quuxat{subject}q was repaired with the help of the mayor."),
        body: format!("It is said that a zorgon{subject}z of district {number} will be next."),
        language: Some("en".to_owned()),
    }
}

/// `each` examples of every subject in `subjects`, whose terms `term` tells.
fn train_on(
    taxonomy: &Taxonomy,
    (subjects, each): (usize, usize),
    term: impl Fn(usize, usize) -> TermId + Sync,
) -> Option<Trained> {
    let source = |at: usize| {
        let (subject, number) = (at % subjects, at / subjects);
        let yes = vec![term(subject, number)];
        Some(Example {
            text: text(subject, at),
            rules: Vec::new(),
            known: vec![Known {
                yes,
                no: Vec::new(),
            }],
        })
    };
    train(taxonomy, &aim(), subjects * each, &source)
}

fn likeliest(model: &Model, text: &Text) -> Option<TermId> {
    let reading = model.read(&text.passages());
    model
        .guess(FACET, &reading, &[])
        .first()
        .map(|guess| guess.term)
}

fn terms(count: usize, more: &str) -> Taxonomy {
    let mut facet = "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\nterms = [\n".to_owned();
    for number in 0..count {
        writeln!(
            facet,
            "{{ name = 'Subject {number}', keywords = ['thing {number}'] }},"
        )
        .unwrap();
    }
    fixture::from_toml(&(facet + more + "]"))
}

#[test]
fn of_ten_thousand_terms_those_are_learned_that_have_items_and_rules_speak_for_the_rest() {
    let taxonomy = terms(10_000, "");
    let trained = train_on(&taxonomy, (100, 4), |subject, _| {
        TermId(subject as u16 * 100)
    })
    .unwrap();
    // What is kept grows with the terms that have items, not with the taxonomy.
    assert_eq!(trained.facets[0].terms.len(), 100);
    let bytes = postcard::to_stdvec(&trained).unwrap().len();
    assert!(bytes < 4_000_000, "{bytes}");
    let model = trained.ready(&taxonomy);
    assert_eq!(likeliest(&model, &text(42, 7)), Some(TermId(4_200)));
    let reading = model.read(&text(42, 7).passages());
    let guesses = model.guess(FACET, &reading, &[(TermId(9_999), 5.0)]);
    assert!(guesses.iter().any(|guess| guess.term == TermId(9_999)));
    assert!(
        guesses.len() <= 65,
        "only the likeliest are looked at: {}",
        guesses.len()
    );
}

#[test]
fn fifty_megabytes_of_text_become_no_more_than_their_words_and_leave_nothing_behind() {
    let taxonomy = terms(20, "");
    let model = train_on(&taxonomy, (20, 4), |subject, _| TermId(subject as u16));
    let model = model.unwrap().ready(&taxonomy);
    let tagger = Tagger::new(&taxonomy);
    let small = text(7, 7);
    let item = |times: usize| Item {
        body: Body::Markdown((small.body.clone() + "\n\n").repeat(times)),
        summary: Some(small.lead.clone()),
        ..Item::titled(&small.title)
    };
    let times = 50_000_000 / small.body.len();
    let mut before: Option<(usize, usize)> = None;
    for item in [item(1), item(times)] {
        let text = item.body.to_text();
        let mut tagging = tagger.tag(&taxonomy, &item, || text.as_str().into());
        let passages = Passages::new(&item, &text);
        let unseen = complete(&model, &taxonomy, (&passages, &[]), &mut tagging, false);
        assert_eq!(unseen, None);
        let likeliest = tagging.tags.iter().chain(&tagging.suggestions).next();
        assert_eq!(likeliest.map(|tag| tag.term), Some(TermId(7)));
        let features = model.read(&passages).text.iter().count();
        let kept = model.bytes_kept();
        if let Some((features_before, kept_before)) = before {
            // The last word of a line stands beside the next one's first.
            assert!(features <= features_before + 2);
            assert!(kept <= kept_before + 100_000, "{kept} after {kept_before}");
        }
        before = Some((features, kept));
    }
}

#[test]
fn a_term_that_one_other_replaced_teaches_that_one_and_is_never_given() {
    let more = "{ name = 'Old', replaced_by = ['subject-0'] },\n\
                { name = 'Split', replaced_by = ['subject-1', 'subject-2'] },";
    let taxonomy = terms(4, more);
    let (old, split) = (TermId(4), TermId(5));
    assert_eq!(taxonomy.term(old).replaced_by, [TermId(0)]);
    // Of the first subject's items half bear the old term; all of the fifth's bear the divided one.
    let term = |subject: usize, number: usize| match (subject, number % 2) {
        (0, 0) => old,
        (4, _) => split,
        (subject, _) => TermId(subject as u16),
    };
    let trained = train_on(&taxonomy, (5, 12), term).unwrap();
    let learned = &trained.facets[0].terms;
    assert_eq!(
        learned,
        &["subject-0", "subject-1", "subject-2", "subject-3"]
    );
    let model = trained.ready(&taxonomy);
    assert_eq!(likeliest(&model, &text(0, 1)), Some(TermId(0)));
    assert_eq!(likeliest(&model, &text(3, 1)), Some(TermId(3)));
}

#[test]
fn a_model_from_before_a_term_was_replaced_gives_it_no_more() {
    let before = terms(4, "");
    let trained = train_on(&before, (4, 12), |subject, _| TermId(subject as u16)).unwrap();
    let after = "[facet.topic]\nname = 'Topic'\nterms = [\n\
                 { name = 'Subject 0', replaced_by = ['subject-1'] }, { name = 'Subject 1' },\n\
                 { name = 'Subject 2' }, { name = 'Subject 3' }]";
    let after = fixture::from_toml(after);
    assert_ne!(
        definition(&before, FACET, 0.9),
        definition(&after, FACET, 0.9)
    );
    let model = trained.ready(&after);
    let reading = model.read(&text(0, 1).passages());
    let guesses = model.guess(FACET, &reading, &[]);
    assert!(
        guesses.iter().all(|guess| guess.term != TermId(0)),
        "{guesses:?}"
    );
}

#[test]
fn nothing_is_learned_and_none_tried_where_no_term_has_three_items() {
    let taxonomy = terms(40, "");
    assert_eq!(
        train_on(&taxonomy, (40, 2), |subject, _| TermId(subject as u16)),
        None
    );
    assert!(!is_enough([2, 1, 2]));
    assert!(!is_enough([]));
    assert!(is_enough([1, 3]));
}
