use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::TooComplex;
use crate::selection::tests::{parse, selections};
use crate::selection::{Facts, Query, Selection};
use crate::taxonomy::TermId;

fn normal(text: &str) -> String {
    let selection = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    selection.normal().unwrap().text
}

/// Whether two selections agree about every item that could be: any terms, and every day,
/// language and type that makes a difference to what [`selections`] writes.
fn mean_the_same(a: &Selection, b: &Selection) -> bool {
    let terms = |bits: u16| -> Vec<TermId> {
        let all = 0..6u16;
        all.filter(|term| bits & (1 << term) != 0)
            .map(TermId)
            .collect()
    };
    let days = ["2024-01-05", "2024-06-05", "2024-11-05"];
    let languages = ["en", "sr", "sr-Latn-RS"];
    let kinds = [None, Some("News"), Some("Press release")];
    (0..64).all(|bits| {
        let terms = terms(bits);
        days.iter().all(|day| {
            let published: DateTime<Utc> = format!("{day}T12:00:00Z").parse().unwrap();
            languages.iter().all(|language| {
                kinds.iter().all(|kind| {
                    let facts = Facts {
                        terms: &terms,
                        published,
                        language,
                        kind: *kind,
                    };
                    a.matches(&facts) == b.matches(&facts)
                })
            })
        })
    })
}

#[test]
fn one_meaning_has_one_text() {
    for (text, expected) in [
        ("all", "*"),
        ("country:albania", "country:albania"),
        ("Country:Albania OR country:albania", "country:albania"),
        (
            "country:kazakhstan or field_of_work:policing or country:albania",
            "country:(albania or kazakhstan) or field_of_work:policing",
        ),
        (
            "field-of-work:policing and country:(kazakhstan or albania)",
            "country:(albania or kazakhstan) and field_of_work:policing",
        ),
        (
            "field_of_work:(policing and migration) and not country:albania",
            "field_of_work:(migration and policing) and not country:albania",
        ),
        (
            "(country:albania or language:en) and (type:news or field_of_work:policing)",
            "(country:albania or language:en) and (field_of_work:policing or type:news)",
        ),
        (
            "field_of_work:policing and country:albania or field_of_work:migration and country:kazakhstan",
            "country:albania and field_of_work:policing or country:kazakhstan and field_of_work:migration",
        ),
        // What adds nothing goes.
        (
            "country:albania and (country:albania or lang:en)",
            "country:albania",
        ),
        ("country:albania or not country:albania", "*"),
        ("country:albania and not country:albania", "not *"),
        (
            "not (country:albania or lang:en)",
            "not country:albania and not language:en",
        ),
        // Days lie in an order, languages within one another; an item has one type.
        ("after:2024-01-01 and after:2024-03-01", "after:2024-03-01"),
        ("after:2024-01-01 or after:2024-03-01", "after:2024-01-01"),
        ("not after:2024-03-01", "before:2024-03-01"),
        ("before:2024-01-01 and after:2024-03-01", "not *"),
        (
            "before:2024-03-01 and after:2024-01-01",
            "after:2024-01-01 and before:2024-03-01",
        ),
        ("lang:sr or lang:sr-Latn", "language:sr"),
        ("lang:sr-Latn and not lang:en", "language:sr-latn"),
        ("type:news and type:report", "not *"),
        ("type:news and not type:report", "type:news"),
        ("language:(ru or en)", "language:(en or ru)"),
    ] {
        assert_eq!(normal(text), expected, "{text}");
        assert_eq!(normal(expected), expected);
    }
}

#[test]
fn a_wide_selection_has_a_normal_form_and_one_beyond_all_bounds_has_none() {
    let list = |name: &str, ids: std::ops::Range<usize>| -> String {
        let kinds: Vec<String> = ids.map(|id| format!("{name}{id}")).collect();
        format!("type:({})", kinds.join(" or "))
    };
    let wide = format!("{} and country:(kazakhstan or albania)", list("a", 0..20));
    let expected = "country:(albania or kazakhstan) and type:(a0 or a1 or a10 or ";
    assert!(normal(&wide).starts_with(expected), "{}", normal(&wide));
    let many = parse(&list("a", 0..65)).unwrap().normal();
    assert_eq!(many, Err(TooComplex::Conditions(65)));
    // Whether an odd number of conditions hold cannot be said shortly.
    let values: Vec<String> = (0..14).map(|number| format!("land-{number}")).collect();
    assert_eq!(odd(&values), Err(TooComplex::Work));
    assert!(odd(&values[..3]).is_ok());
}

/// The normal form of "an odd number of these countries".
fn odd(values: &[String]) -> Result<Selection, TooComplex> {
    let query = values
        .iter()
        .zip(0u16..)
        .fold(Query::not(Query::All), |odd, (slug, id)| {
            let next = Query::Term {
                id: TermId(id),
                facet: "country".to_owned(),
                slug: slug.clone(),
            };
            Query::or(vec![
                Query::and(vec![odd.clone(), Query::not(next.clone())]),
                Query::and(vec![Query::not(odd), next]),
            ])
        });
    let text = query.to_string();
    Selection { text, query }.normal()
}

proptest! {
    #[test]
    fn the_normal_form_is_its_own_normal_form_and_reads_back(text in selections()) {
        let normal = parse(&text).unwrap().normal().unwrap();
        prop_assert_eq!(&normal.normal().unwrap().text, &normal.text);
        let again = parse(&normal.text).unwrap();
        prop_assert_eq!(&again, &normal);
        prop_assert_eq!(again.normal().unwrap().text, normal.text);
    }

    #[test]
    fn the_normal_form_selects_the_same_items(text in selections()) {
        let selection = parse(&text).unwrap();
        let normal = selection.normal().unwrap();
        prop_assert!(mean_the_same(&selection, &normal), "{} is not {}", normal.text, text);
    }

    #[test]
    fn two_selections_have_one_normal_form_exactly_when_they_mean_the_same(
        a in selections(), b in selections(),
    ) {
        let (a, b) = (parse(&a).unwrap(), parse(&b).unwrap());
        let one_text = a.normal().unwrap().text == b.normal().unwrap().text;
        prop_assert_eq!(one_text, mean_the_same(&a, &b), "{:?} {:?}", a.normal(), b.normal());
    }

    #[test]
    fn the_laws_of_boolean_algebra_do_not_change_the_normal_form(
        a in selections(), b in selections(), c in selections(),
    ) {
        let same = |x: String, y: String| normal(&x) == normal(&y);
        let turned = same(format!("({a}) and ({b})"), format!("({b}) and ({a})"));
        let opposite = same(format!("not (({a}) or ({b}))"), format!("not ({a}) and not ({b})"));
        let spread = same(
            format!("({a}) and (({b}) or ({c}))"),
            format!("({c}) and ({a}) or ({a}) and ({b})"),
        );
        let absorbed = same(format!("({a}) or ({a}) and ({b})"), a);
        prop_assert_eq!([turned, opposite, spread, absorbed], [true; 4]);
    }
}
