use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::taxonomy::fixture;

static SAMPLE: LazyLock<Taxonomy> = LazyLock::new(fixture::sample);
static NAMES: LazyLock<Names> = LazyLock::new(|| Names::new(&SAMPLE));

fn facet(key: &str) -> FacetId {
    SAMPLE.facet_named(key).unwrap()
}

/// The slugs of the pieces of a value of the sample's facet `key`; `?text` where one has no term.
fn slugs(key: &str, value: &str) -> Vec<String> {
    let pieces = NAMES.split(facet(key), value);
    let slug = |piece: &Piece<'_, '_>| match piece.terms {
        [] => format!("?{}", piece.text),
        terms => {
            let slugs: Vec<&str> = terms.iter().map(|id| &*SAMPLE.term(*id).slug).collect();
            slugs.join("|")
        }
    };
    pieces.iter().map(slug).collect()
}

#[test]
fn the_sample_has_all_that_the_menus_of_a_real_page_list() {
    let count = |key: &str, parent: Option<&str>| {
        let parent = parent.map(|slug| SAMPLE.term_named(facet(key), slug).unwrap());
        let terms = SAMPLE.terms_of(facet(key));
        terms.filter(|(_, term)| term.parent == parent).count()
    };
    assert_eq!(count("field_of_work", None), 23);
    assert_eq!(count("meeting", None), 17);
    assert_eq!(count("department", Some("secretariat")), 12);
    assert_eq!(count("department", Some("institutions")), 3);
    // Twelve that are open, and the group of those that are not.
    assert_eq!(count("department", Some("field-operations")), 13);
    assert_eq!(count("country", Some("participating-states")), 57);
    assert_eq!(count("country", Some("asian-partners-for-co-operation")), 5);
    assert_eq!(
        count("country", Some("mediterranean-partners-for-co-operation")),
        6
    );
}

#[test]
fn closed_field_activities_are_all_in_their_group_and_nothing_else_is_closed() {
    let group = SAMPLE.term_named(facet("department"), "closed-field-activities");
    for (_, term) in SAMPLE.terms_of(facet("department")) {
        assert_eq!(term.closed, term.parent == group, "{}", term.name);
    }
}

#[test]
fn no_name_of_the_sample_is_ambiguous() {
    assert_eq!(clashes(&SAMPLE), []);
}

#[test]
fn every_term_of_the_sample_answers_to_its_name_slug_and_aliases() {
    for (id, described) in SAMPLE.facets() {
        for (term, it) in SAMPLE.terms_of(id) {
            for name in all_names(it) {
                assert_eq!(NAMES.find(id, name), [term], "{name}");
                let pieces = NAMES.split(id, name);
                assert_eq!(pieces.len(), 1, "{name}");
                assert_eq!(pieces[0].terms, [term], "{name}");
                for word in &described.optional_words {
                    for variant in [
                        format!("{word} {name}"),
                        format!("the {word} {name}"),
                        format!("{word}/{name}"),
                        format!("{name} of the {word}"),
                        format!("{word} {name} (closed)"),
                    ] {
                        assert_eq!(NAMES.find(id, &variant), [term], "{variant}");
                    }
                }
            }
        }
    }
}

#[test]
fn issuers_are_found_as_real_pages_write_them() {
    for (value, expected) in [
        (
            "OSCE Secretariat, Transnational Threats Department",
            &["secretariat", "transnational-threats-department"][..],
        ),
        (
            "Office of the Co-ordinator of OSCE Economic and Environmental Activities, \
             Transnational Threats Department, OSCE Secretariat",
            &[
                "office-of-the-co-ordinator-of-osce-economic-and-environmental-activities",
                "transnational-threats-department",
                "secretariat",
            ],
        ),
        ("OSCE Chairmanship", &["chairpersonship"]),
        ("OSCE Chairpersonship", &["chairpersonship"]),
        ("OSCE Secretary General", &["secretary-general"]),
        (
            "OSCE Special Monitoring Mission to Ukraine (closed)",
            &["special-monitoring-mission-to-ukraine"],
        ),
        (
            "OSCE Project Co-ordinator in Baku (closed)",
            &["project-co-ordinator-in-baku"],
        ),
        (
            "OSCE Office for Democratic Institutions and Human Rights",
            &["office-for-democratic-institutions-and-human-rights"],
        ),
        (
            "ODIHR",
            &["office-for-democratic-institutions-and-human-rights"],
        ),
        (
            "OSCE/ODIHR",
            &["office-for-democratic-institutions-and-human-rights"],
        ),
        ("Permanent Council", &["permanent-council"]),
        (
            "Asian Partners for Co-operation",
            &["asian-partners-for-co-operation"],
        ),
        ("OSCE Presence in Albania", &["presence-in-albania"]),
        ("The OSCE Centre in Ashgabat", &["centre-in-ashgabat"]),
        ("OSCE Mission to Kosovo", &["mission-in-kosovo"]),
        (
            "OSCE Missions of Long Duration in Kosovo, Sandjak and Vojvodina, OSCE Mission to Serbia",
            &[
                "mission-of-long-duration-in-kosovo-sandjak-and-vojvodina",
                "mission-to-serbia",
            ],
        ),
    ] {
        assert_eq!(slugs("department", value), expected, "{value}");
    }
}

#[test]
fn fields_are_found_as_real_pages_write_them() {
    for (value, expected) in [
        ("Countering terrorism", &["countering-terrorism"][..]),
        (
            "Elections, Gender equality, Media freedom and development, Roma and Sinti, Youth",
            &[
                "elections",
                "gender-equality",
                "media-freedom-and-development",
                "roma-and-sinti",
                "youth",
            ],
        ),
        ("Climate change", &["environmental-activities"]),
        ("Media laws", &["media-freedom-and-development"]),
        ("Media self-regulation", &["media-freedom-and-development"]),
        ("Safety of journalists", &["media-freedom-and-development"]),
        (
            "Women, peace and security; Policing",
            &["gender-equality", "policing"],
        ),
        (
            "Policing and Migration / Youth",
            &["policing", "migration", "youth"],
        ),
        (
            "Policing, Fishing and Youth, Elections",
            &["policing", "?Fishing and Youth", "elections"],
        ),
    ] {
        assert_eq!(slugs("field_of_work", value), expected, "{value}");
    }
}

#[test]
fn subfields_and_older_names_are_not_lost() {
    for (value, expected) in [
        ("Minority rights", "national-minority-issues"),
        (
            "Military reform and co-operation",
            "reform-and-co-operation-in-the-security-sector",
        ),
        (
            "Security sector reform",
            "reform-and-co-operation-in-the-security-sector",
        ),
        (
            "Combating human trafficking",
            "combating-trafficking-in-human-beings",
        ),
        ("Human trafficking", "combating-trafficking-in-human-beings"),
        ("Trafficking", "combating-trafficking-in-human-beings"),
        ("Small arms and light weapons", "arms-control"),
        ("Anti-terrorism", "countering-terrorism"),
        ("Combatting terrorism", "countering-terrorism"),
        ("Cyber security", "cyber-ict-security"),
        ("Gender", "gender-equality"),
        ("Media", "media-freedom-and-development"),
        ("Freedom of expression", "media-freedom-and-development"),
        ("Digital switchover", "media-freedom-and-development"),
        ("Tolerance", "tolerance-and-non-discrimination"),
        ("Hate crime", "tolerance-and-non-discrimination"),
        ("Roma & Sinti issues", "roma-and-sinti"),
        ("Economic & environmental activities", "economic-activities"),
        ("Water management", "environmental-activities"),
        ("Energy", "environmental-activities"),
        ("Local government", "good-governance"),
        ("Judicial reform", "rule-of-law"),
        ("Community policing", "policing"),
        ("Police", "policing"),
        ("Organised crime", "policing"),
        ("Freedom of religion or belief", "human-rights"),
        ("Refugees and displaced persons", "migration"),
        ("Parliaments", "democratization"),
        ("Election observation", "elections"),
        ("Young people", "youth"),
        (
            "Dialogue facilitation",
            "conflict-prevention-and-resolution",
        ),
        ("Border security, Customs", "border-management"),
    ] {
        let found = slugs("field_of_work", value);
        assert!(
            found.iter().all(|slug| slug == expected),
            "{value}: {found:?}"
        );
    }
}

#[test]
fn spelling_accents_case_and_punctuation_make_no_difference() {
    for (key, value, expected) in [
        ("field_of_work", "DEMOCRATISATION", "democratization"),
        (
            "field_of_work",
            "Reform and cooperation in the security sector",
            "reform-and-co-operation-in-the-security-sector",
        ),
        (
            "field_of_work",
            "Reform & Co-operation, Security Sector",
            "reform-and-co-operation-in-the-security-sector",
        ),
        (
            "field_of_work",
            "Cyber – ICT security.",
            "cyber-ict-security",
        ),
        ("field_of_work", "Labor migration", "migration"),
        (
            "field_of_work",
            "countering-terrorism",
            "countering-terrorism",
        ),
        (
            "department",
            "Program Office in Bishkek",
            "programme-office-in-bishkek",
        ),
        (
            "department",
            "Conflict Prevention Center",
            "conflict-prevention-centre",
        ),
        (
            "department",
            "Project Coordinator in Uzbekistan",
            "project-co-ordinator-in-uzbekistan",
        ),
        ("country", "TURKIYE", "turkiye"),
        ("country", "Tu\u{308}rkiye", "turkiye"),
        ("country", "Bosnia & Herzegovina", "bosnia-and-herzegovina"),
        ("country", "Netherlands", "the-netherlands"),
        ("country", "U.S.A.", "united-states-of-america"),
    ] {
        assert_eq!(slugs(key, value), [expected], "{value}");
    }
}

#[test]
fn letters_that_unicode_does_not_take_apart_fall_together_with_their_latin_ones() {
    let same = |one: &str, other: &str| assert_eq!(key::of(one, &[]), key::of(other, &[]));
    same("Łukasz Đorđe", "lukasz dorde");
    same("Kırklareli İzmir", "KIRKLARELI IZMIR");
    same("Straße", "strasse");
    same("Украина", "УКРАИНА");
    assert_ne!(key::of("Сербия", &[]), key::of("Сирия", &[]));
}

#[test]
fn small_and_optional_words_alone_are_still_names() {
    assert_eq!(key::of("The", &[]), "the");
    assert_eq!(key::of("OSCE", &["osce".to_owned()]), "osce");
    assert_eq!(key::of("(closed)", &[]), "closed");
    assert_eq!(key::of(" – ", &[]), "");
}

#[test]
fn nothing_stands_in_a_value_without_letters() {
    assert_eq!(slugs("department", ""), [""; 0]);
    assert_eq!(slugs("department", " –, ;"), [""; 0]);
    assert_eq!(slugs("department", "/ and /"), ["?/ and /"]);
}

#[test]
fn a_text_under_the_wrong_label_is_one_piece() {
    let text = "Elections, ".repeat(500);
    let pieces = NAMES.split(facet("field_of_work"), &text);
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].terms, []);
}

#[test]
fn the_nearest_name_is_near() {
    let nearest = |key, text| {
        let term = NAMES.nearest(facet(key), text);
        term.map(|id| SAMPLE.term(id).name.as_str())
    };
    assert_eq!(
        nearest("field_of_work", "Countring terorism"),
        Some("Countering terrorism")
    );
    assert_eq!(
        nearest("field_of_work", "Climat chnage"),
        Some("Environmental activities")
    );
    assert_eq!(
        nearest("department", "OSCE Mission in Bosnia and Hercegovina"),
        Some("Mission to Bosnia and Herzegovina")
    );
    assert_eq!(nearest("country", "Kazahstan"), Some("Kazakhstan"));
    assert_eq!(nearest("field_of_work", "Fishing quotas"), None);
    assert_eq!(nearest("field_of_work", ""), None);
}

#[test]
fn a_name_of_two_terms_finds_both_and_clashes_unless_their_parents_differ() {
    let clashing = |terms: &str| {
        let taxonomy =
            fixture::from_toml(&format!("[facet.unit]\nname = 'Unit'\nterms = [{terms}]"));
        let names = Names::new(&taxonomy);
        assert_eq!(names.find(FacetId(0), "gender unit").len(), 2);
        clashes(&taxonomy)
    };
    let pair = clashing("{ name = 'Gender unit' }, { name = 'Women', aliases = ['Gender Unit'] }");
    assert_eq!(
        pair,
        [Clash {
            facet: FacetId(0),
            name: "Gender Unit".to_owned(),
            terms: vec![TermId(0), TermId(1)],
        }]
    );
    let apart = clashing(
        "{ name = 'North' }, { name = 'South' }, \
         { name = 'Gender unit', slug = 'n', parent = 'north' }, \
         { name = 'Gender unit', slug = 's', parent = 'south' }",
    );
    assert_eq!(apart, []);
    let above = clashing(
        "{ name = 'North' }, { name = 'Gender unit', slug = 'n', parent = 'north' }, \
         { name = 'Gender unit', slug = 's', parent = 'n' }",
    );
    assert_eq!(above.len(), 1);
}

/// Text that writers put between, before and after words without meaning anything by it.
fn noise() -> impl Strategy<Value = String> {
    prop::sample::select(vec![" ", "  ", "-", "\u{2011}", " – ", ". ", "\u{a0}", "'"])
        .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn a_name_is_found_whatever_its_case_accents_and_punctuation(
        which in 0..SAMPLE.terms.len(),
        cases in prop::collection::vec(any::<bool>(), 1..40),
        accents in prop::collection::vec(0..6usize, 1..40),
        noise in prop::collection::vec(noise(), 1..20),
    ) {
        let term = &SAMPLE.terms[which];
        let mut noisy = String::new();
        let (mut cases, mut noise) = (cases.iter().cycle(), noise.iter().cycle());
        let mut accents = accents.iter().cycle();
        for letter in term.name.chars() {
            if letter == ' ' {
                noisy.push_str(noise.next().unwrap());
                continue;
            }
            match cases.next().unwrap() {
                true => noisy.extend(letter.to_uppercase()),
                false => noisy.extend(letter.to_lowercase()),
            }
            if letter.is_alphabetic() && *accents.next().unwrap() == 0 {
                noisy.push('\u{301}');
            }
        }
        let expected = [TermId(u16::try_from(which).unwrap())];
        prop_assert_eq!(NAMES.find(term.facet, &noisy), expected, "{}", noisy);
    }

    #[test]
    fn the_pieces_of_any_value_stand_in_it_in_order(value in any::<String>()) {
        let mut end = 0;
        for piece in NAMES.split(facet("department"), &value) {
            prop_assert!(piece.start >= end);
            end = piece.start + piece.text.len();
            prop_assert_eq!(&value[piece.start..end], piece.text);
        }
    }
}

#[test]
fn a_renamed_term_is_still_found_by_the_slug_that_it_had() {
    let mut taxonomy = fixture::from_toml(
        r#"
        [facet.field]
        name = "Field"
        terms = [{ name = "Combating trafficking" }, { name = "Policing" }]
        "#,
    );
    taxonomy.terms[0].was = vec!["human-trafficking".to_owned()];
    let names = Names::new(&taxonomy);
    let found = names.find(FacetId(0), "Human Trafficking");
    assert_eq!(found, [TermId(0)]);
}
