use super::*;
use crate::taxonomy::fixture;

/// A council, and a department with two offices.
fn taxonomy(inherit: bool) -> Taxonomy {
    fixture::from_toml(&format!(
        "
        [facet.body]
        name = 'Body'
        issues = true
        inherit = {inherit}
        terms = [
            {{ name = 'Council' }},
            {{ name = 'Department' }},
            {{ name = 'Water office', parent = 'department' }},
            {{ name = 'Energy office', parent = 'department' }},
        ]
        "
    ))
}

/// What comes of an item that states `stated` where the rules give or suggest `guessed`, the
/// likeliest first: whether that is right, and whether to the letter.
fn judged(inherit: bool, stated: &[&str], guessed: &[&str], are_given: bool) -> Issuer {
    let taxonomy = taxonomy(inherit);
    let terms = |slugs: &[&str]| -> Vec<TermId> {
        let find = |slug: &&str| {
            taxonomy
                .terms_of(FacetId(0))
                .find(|(_, it)| it.slug == **slug)
        };
        slugs.iter().map(|slug| find(slug).unwrap().0).collect()
    };
    let guessed = terms(guessed);
    let scores = (0..guessed.len()).map(|rank| 9.0 - rank as f32);
    let mut item = Labelled {
        given: if are_given {
            guessed.clone()
        } else {
            Vec::new()
        },
        issuers: vec![(FacetId(0), terms(stated))],
        ..Labelled::default()
    };
    item.example.rules = guessed.into_iter().zip(scores).collect();
    issuers(&taxonomy, &[item])[0]
}

#[test]
fn the_first_guess_is_right_if_it_is_any_of_the_stated_issuers() {
    for are_given in [true, false] {
        for (stated, guessed, right) in [
            (&["council"][..], &["council", "water-office"][..], 1),
            (&["council", "water-office"], &["water-office"], 1),
            (&["water-office"], &["council", "water-office"], 0),
            (&["council"], &[], 0),
        ] {
            let issuer = judged(true, stated, guessed, are_given);
            let given = usize::from(are_given && !guessed.is_empty());
            assert_eq!(
                (issuer.items, issuer.right, issuer.exact),
                (1, right, right)
            );
            assert_eq!(
                issuer.given,
                (given, given * right),
                "{stated:?} {guessed:?}"
            );
        }
    }
    assert_eq!(judged(true, &[], &["council"], true).items, 0);
}

#[test]
fn a_part_of_the_stated_issuer_is_right_but_not_to_the_letter() {
    for (stated, guessed, right) in [
        ("department", "water-office", 1),
        ("water-office", "department", 1),
        ("water-office", "energy-office", 0),
        ("department", "council", 0),
    ] {
        let issuer = judged(true, &[stated], &[guessed], true);
        assert_eq!(
            (issuer.right, issuer.exact),
            (right, 0),
            "{stated} {guessed}"
        );
        let apart = judged(false, &[stated], &[guessed], true);
        assert_eq!((apart.right, apart.exact), (0, 0), "{stated} {guessed}");
    }
}
