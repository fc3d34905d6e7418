use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{DEPTH_LIMIT, Facts, LENGTH_LIMIT, Selection, SelectionError};
use crate::taxonomy::fixture::{self, facet};
use crate::taxonomy::{FacetId, Taxonomy, Term, TermId};

/// Two facets: field_of_work (policing 0, migration 1, countering-terrorism 2) and country
/// (kazakhstan 3, albania 4, and 5).
fn taxonomy() -> Taxonomy {
    let term = |facet, slug: &str, name: &str| Term {
        slug: slug.to_owned(),
        ..fixture::term(FacetId(facet), name)
    };
    Taxonomy {
        language: String::new(),
        facets: vec![facet("field_of_work", 0..3), facet("country", 3..6)],
        terms: vec![
            term(0, "policing", "Policing"),
            term(0, "migration", "Migration"),
            term(0, "countering-terrorism", "Fight against terror"),
            term(1, "kazakhstan", "Kazakhstan"),
            term(1, "albania", "Albania"),
            term(1, "and", "And"),
        ],
    }
}

pub(super) fn parse(text: &str) -> Result<Selection, SelectionError> {
    Selection::parse(text, &taxonomy())
}

fn selects(text: &str, terms: &[u16], published: &str, language: &str, kind: Option<&str>) -> bool {
    let terms: Vec<TermId> = terms.iter().copied().map(TermId).collect();
    let published: DateTime<Utc> = published.parse().unwrap();
    let selection = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    selection.matches(&Facts {
        terms: &terms,
        published,
        language,
        kind,
    })
}

fn selects_terms(text: &str, terms: &[u16]) -> bool {
    selects(text, terms, "2024-06-01T12:00:00Z", "en", None)
}

#[test]
fn terms_are_found_by_the_facets_key_or_slug() {
    assert!(selects_terms("field_of_work:policing", &[0, 3]));
    assert!(selects_terms("field-of-work:Policing", &[0, 3]));
    assert!(!selects_terms("field_of_work:migration", &[0, 3]));
}

#[test]
fn not_binds_before_and_and_and_before_or() {
    let text = "country:albania or not field_of_work:policing and country:kazakhstan";
    assert!(selects_terms(text, &[4]));
    assert!(selects_terms(text, &[3]));
    assert!(selects_terms(text, &[0, 4]));
    assert!(!selects_terms(text, &[0, 3]));
    assert!(!selects_terms(text, &[]));
}

#[test]
fn a_facet_is_distributed_over_its_parentheses() {
    let spread = parse("field_of_work:(policing or migration and not countering-terrorism)");
    let written = parse(
        "field_of_work:policing or field_of_work:migration and not field_of_work:countering-terrorism",
    );
    assert_eq!(spread, written);
    assert!(selects_terms("country:(kazakhstan or (albania))", &[4]));
    assert_eq!(
        parse("language:(ru or not en)"),
        parse("lang:ru or not lang:en")
    );
}

#[test]
fn everything_is_a_star_or_all() {
    assert!(selects_terms("*", &[]));
    assert!(selects_terms("ALL", &[0]));
    assert!(!selects_terms("not *", &[0]));
    assert_eq!(parse("all"), Ok(Selection::everything()));
}

#[test]
fn after_includes_its_day_and_before_does_not_in_utc() {
    for (text, moment, expected) in [
        ("after:2024-01-01", "2024-01-01T00:00:00Z", true),
        ("after:2024-01-01", "2023-12-31T23:59:59Z", false),
        ("after:2024-01-01", "2024-01-01T00:30:00+01:00", false),
        ("before:2024-12-31", "2024-12-30T23:59:59Z", true),
        ("before:2024-12-31", "2024-12-31T00:00:00Z", false),
    ] {
        assert_eq!(
            selects(text, &[], moment, "en", None),
            expected,
            "{text} {moment}"
        );
    }
}

#[test]
fn a_language_covers_its_regions_and_scripts() {
    for (text, language, expected) in [
        ("language:ru", "ru", true),
        ("lang:ru", "ru-BY", true),
        ("language:RU", "ru-by", true),
        ("language:sr-Latn", "sr-Latn-RS", true),
        ("language:sr-Latn", "sr-Cyrl", false),
        ("language:ru", "rue", false),
        ("language:ru", "r", false),
        ("language:ru", "é", false),
    ] {
        let found = selects(text, &[], "2024-01-01T00:00:00Z", language, None);
        assert_eq!(found, expected, "{text} {language}");
    }
}

#[test]
fn a_type_is_compared_without_regard_to_case_and_spaces() {
    let found = |text, kind| selects(text, &[], "2024-01-01T00:00:00Z", "en", kind);
    assert!(found("type:press-release", Some("Press release")));
    assert!(found("type:Press-Release", Some("PRESS  RELEASE")));
    assert!(!found("type:press-release", Some("News item")));
    assert!(!found("type:press-release", None));
}

#[test]
fn mistakes_are_marked_and_mended() {
    let mut report = String::new();
    for text in [
        "",
        "   ",
        "field_of_wrok:policing",
        "feld:policing",
        "field_of_work:polising",
        "field_of_work:fight-against-terror",
        "field_of_work:kazakhstan",
        "country:atlantis",
        "country:",
        "kazakhstan",
        "atlantis",
        "country:albania country:kazakhstan",
        "country:albania and",
        "country:albania or or country:kazakhstan",
        "not",
        "(country:albania",
        "country:albania)",
        "country:(albania kazakhstan)",
        "country:(albania or field_of_work:policing)",
        "country:()",
        "after:2024-13-01",
        "after:+2024-1-1",
        "before:(2024-01-01)",
        "language:interlingua",
        "type:—",
        "after",
    ] {
        let error = parse(text).expect_err(text);
        let marked = &text[error.span.clone()];
        let help = error.help.as_deref().unwrap_or("-");
        report += &format!(
            "{text}\n    {error} at {} '{marked}'\n    {help}\n",
            error.span.start
        );
    }
    insta::assert_snapshot!(report);
}

#[test]
fn length_and_depth_are_bounded() {
    let nested = |depth: usize| "(".repeat(depth) + "*" + &")".repeat(depth);
    assert!(parse(&nested(DEPTH_LIMIT)).is_ok());
    let error = parse(&nested(DEPTH_LIMIT + 1)).unwrap_err();
    assert_eq!(error.span, DEPTH_LIMIT..DEPTH_LIMIT + 1);
    assert!(parse(&"(".repeat(100_000)).is_err());
    assert!(parse(&"(".repeat(LENGTH_LIMIT)).is_err());
    let nots = "not ".repeat(LENGTH_LIMIT / 4 - 1) + "*";
    assert_eq!(parse(&nots), parse("not *"));
    let many = vec!["country:albania"; 800].join(" or ");
    assert!(parse(&many).is_ok());
}

#[test]
fn the_canonical_form_has_no_more_parentheses_than_it_needs() {
    for (text, canonical) in [
        ("((country:albania))", "country:albania"),
        (
            "country:(albania or kazakhstan) AND not not Field-Of-Work:policing",
            "(country:albania or country:kazakhstan) and field_of_work:policing",
        ),
        ("not (country:albania or all)", "not (country:albania or *)"),
        (
            "country:and and (country:albania and lang:EN)",
            "country:and and country:albania and language:en",
        ),
        (
            "not(type:Spot-Report)and after:2024-02-29",
            "not type:spot-report and after:2024-02-29",
        ),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), canonical);
        assert_eq!(parse(canonical), parse(text));
    }
}

/// Any selection as someone could write it, with parentheses in any place.
pub(super) fn selections() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("*".to_owned()),
        Just("field_of_work:policing".to_owned()),
        Just("field-of-work:migration".to_owned()),
        Just("country:(kazakhstan or not albania)".to_owned()),
        Just("country:and".to_owned()),
        Just("language:sr-Latn".to_owned()),
        Just("type:press-release".to_owned()),
        Just("after:2024-03-01".to_owned()),
        Just("before:2024-09-01".to_owned()),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("not ({a})")),
            inner.clone().prop_map(|a| format!("not not {a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and {b}")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{a} OR ({b})")),
        ]
    })
}

#[derive(Debug)]
struct Item {
    terms: Vec<TermId>,
    published: DateTime<Utc>,
    language: &'static str,
    kind: Option<&'static str>,
}

impl Item {
    fn facts(&self) -> Facts<'_> {
        Facts {
            terms: &self.terms,
            published: self.published,
            language: self.language,
            kind: self.kind,
        }
    }
}

fn items() -> impl Strategy<Value = Item> {
    (
        prop::collection::btree_set(0u16..6, 0..6),
        1_700_000_000i64..1_740_000_000,
        prop::sample::select(vec!["en", "ru-BY", "sr-Latn"]),
        prop::sample::select(vec![None, Some("Press release"), Some("News")]),
    )
        .prop_map(|(terms, seconds, language, kind)| Item {
            terms: terms.into_iter().map(TermId).collect(),
            published: DateTime::from_timestamp(seconds, 0).unwrap(),
            language,
            kind,
        })
}

proptest! {
    #[test]
    fn the_canonical_form_parses_to_an_equal_selection(text in selections()) {
        let selection = parse(&text).unwrap();
        let canonical = selection.to_string();
        let again = parse(&canonical).unwrap();
        prop_assert_eq!(&again, &selection);
        prop_assert_eq!(again.to_string(), canonical);
    }

    #[test]
    fn selections_obey_the_laws_of_boolean_algebra(
        a in selections(), b in selections(), c in selections(), item in items(),
    ) {
        let facts = item.facts();
        let holds = |text: String| parse(&text).unwrap().matches(&facts);
        let (x, y) = (holds(a.clone()), holds(b.clone()));
        prop_assert_eq!(holds(format!("({a}) and ({b})")), x && y);
        prop_assert_eq!(holds(format!("({b}) or ({a})")), x || y);
        prop_assert_eq!(holds(format!("not not ({a})")), x);
        prop_assert_eq!(
            holds(format!("not (({a}) and ({b}))")),
            holds(format!("not ({a}) or not ({b})"))
        );
        prop_assert_eq!(
            holds(format!("not (({a}) or ({b}))")),
            holds(format!("not ({a}) and not ({b})"))
        );
        prop_assert_eq!(
            holds(format!("({a}) and (({b}) or ({c}))")),
            holds(format!("({a}) and ({b}) or ({a}) and ({c})"))
        );
    }

    #[test]
    fn the_canonical_form_selects_the_same_items(text in selections(), item in items()) {
        let selection = parse(&text).unwrap();
        let again = parse(&selection.to_string()).unwrap();
        prop_assert_eq!(again.matches(&item.facts()), selection.matches(&item.facts()));
    }

    #[test]
    fn no_text_makes_the_parser_panic_and_marks_lie_within_it(text in any::<String>()) {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.span.clone()).is_some(), "{error:?}");
        }
    }

    #[test]
    fn no_order_of_words_makes_the_parser_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", ":", "and", "or", "not", "*", "country", "albania", "language", "type",
                "after", "2024-01-01", "é", " ",
            ]),
            0..20,
        )
    ) {
        let text = words.concat();
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.span.clone()).is_some(), "{error:?}");
        }
        let _ = parse(&words.join(" "));
    }
}
