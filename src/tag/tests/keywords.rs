//! Where keywords speak, and what of a text they match.

use std::cell::Cell;

use super::*;

#[test]
fn keywords_speak_where_nothing_is_stated() {
    let item = sample_item("Young voters meet border guards in Shkodër", &[]);
    let body = "TIRANA, 4 October 2019 – The OSCE Presence in\nAlbania organized a workshop \
                on counter\u{2011}terrorism for border police.\n\n\
                Terrorists were not invited; Terrorism, terrorism, terrorism, TERRORISM.\n\n\
                The workshop was funded by Norway.";
    insta::assert_snapshot!(written(&SAMPLE, &tagged(&item, body)), @r"
    field-of-work/border-management Rule, 'border guards' Title 6, 'border police' Lead 4
    field-of-work/countering-terrorism Rule, 'counter‑terrorism' Lead 6, 'Terrorists' Body 6
    field-of-work/elections Rule, 'voters' Title 6
    department/field-operations Rule through department/presence-in-albania
    department/presence-in-albania Rule, 'Presence in Albania' Lead 5, 'TIRANA' Lead 1.5
    country/participating-states Rule through country/albania
    country/albania Rule, 'TIRANA' Lead 2, 'Albania' Lead 2
    ");
}

#[test]
fn keywords_do_not_speak_where_something_is_stated() {
    let item = sample_item(
        "Terrorism and elections",
        &[("field_of_work", "Youth"), ("country", "Albania")],
    );
    let tagging = tagged(
        &item,
        "The Mission to Serbia spoke in Moscow, Moscow, Moscow.",
    );
    let terms: Vec<String> = tagging.terms().iter().map(|id| SAMPLE.path(*id)).collect();
    assert_eq!(
        terms,
        [
            "field-of-work/youth",
            "department/field-operations",
            "department/mission-to-serbia",
            "country/participating-states",
            "country/albania",
        ]
    );
}

#[test]
fn keywords_speak_where_what_is_stated_is_unknown() {
    let item = sample_item(
        "Elections are near",
        &[("field_of_work", "Balloting stuff")],
    );
    let tagging = tagged(&item, "");
    assert_eq!(tagging.tags[0].origin, Origin::Rule);
    assert_eq!(tagging.unknown.len(), 1);
}

#[test]
fn the_body_is_not_asked_for_when_everything_is_stated() {
    let asked = Cell::new(false);
    let facets = [
        ("field_of_work", "Youth"),
        ("department", "ODIHR"),
        ("country", "Malta"),
        ("meeting", "EEF"),
    ];
    let ask = || {
        asked.set(true);
        Cow::Borrowed("")
    };
    TAGGER.tag(&SAMPLE, &sample_item("", &facets), ask);
    assert!(!asked.get());
    TAGGER.tag(&SAMPLE, &sample_item("", &facets[1..]), ask);
    assert!(asked.get());
}

/// The evidence for `keywords` in a title, at a threshold of one.
fn evidence(keywords: &str, title: &str) -> Vec<String> {
    let taxonomy = fixture::from_toml(&format!(
        "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\n\
         terms = [{{ name = 'Topic', keywords = [{keywords}] }}]",
    ));
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item(title, &[]), || "".into());
    let evidence = tagging.tags.into_iter().flat_map(|tag| tag.evidence);
    evidence.map(|it| it.text).collect()
}

#[test]
fn keywords_match_whole_words_only() {
    let none: [&str; 0] = [];
    assert_eq!(evidence("'arms'", "Farms and armsmen, charms"), none);
    assert_eq!(evidence("'arms'", "arms"), ["arms"]);
    assert_eq!(evidence("'arms'", "(Arms)"), ["Arms"]);
    assert_eq!(evidence("'арм'", "армия"), none);
    assert_eq!(evidence("'caf'", "café, cafe\u{301}"), none);
    assert_eq!(
        evidence("'arms', 'smart event', 'event'", "art event"),
        ["event"]
    );
    assert_eq!(evidence("'U.S.'", "the U.S.-led talks"), ["U.S."]);
}

#[test]
fn keywords_match_across_line_breaks_hyphens_and_apostrophes() {
    assert_eq!(
        evidence("'counter-terrorism'", "Counter terrorism"),
        ["Counter terrorism"]
    );
    assert_eq!(
        evidence("'arms control'", "Arms\n   control\u{a0}now"),
        ["Arms control"]
    );
    assert_eq!(
        evidence("\"women's rights\"", "Women’s Rights"),
        ["Women’s Rights"]
    );
    assert_eq!(
        evidence("'migration'", "mi\u{ad}gra\u{ad}tion"),
        ["mi\u{ad}gra\u{ad}tion"]
    );
    assert_eq!(evidence("'çeşme'", "İSTANBUL, ÇEŞME, İzmir"), ["ÇEŞME"]);
}

#[test]
fn a_keyword_in_capitals_wants_capitals() {
    let none: [&str; 0] = [];
    assert_eq!(evidence("'US'", "Tell us. Us?"), none);
    assert_eq!(evidence("'US'", "The US tells"), ["US"]);
    assert_eq!(evidence("'ICT'", "ict"), none);
}

#[test]
fn a_wildcard_matches_any_ending_and_a_tilde_any_form() {
    let none: [&str; 0] = [];
    assert_eq!(
        evidence("'terroris*'", "Terrorists and bioterrorism"),
        ["Terrorists"]
    );
    assert_eq!(
        evidence("'women* right* of'", "women’s rights of today"),
        none
    );
    assert_eq!(
        evidence("'right* of women'", "The rights of women"),
        ["rights of women"]
    );
    assert_eq!(evidence("'~policy'", "Policies"), ["Policies"]);
    assert_eq!(evidence("'~policy'", "police, policing"), none);
    assert_eq!(
        evidence("'~train of ~judge'", "training of judges"),
        ["training of judges"]
    );
    assert_eq!(
        evidence("'~observe'", "observed; observation"),
        ["observed"]
    );
}

#[test]
fn spelling_and_accents_make_no_difference() {
    assert_eq!(
        evidence("'labour co-operation'", "Labor cooperation"),
        ["Labor cooperation"]
    );
    assert_eq!(
        evidence("'democratization'", "Democratisation"),
        ["Democratisation"]
    );
    assert_eq!(evidence("'Chisinau'", "CHIȘINĂU"), ["CHIȘINĂU"]);
    assert_eq!(evidence("'Priština'", "Pristina"), ["Pristina"]);
}

#[test]
fn two_halves_must_stand_near_in_either_order() {
    let none: [&str; 0] = [];
    let rule = "'women NEAR/2 politic*'";
    assert_eq!(
        evidence(rule, "Women who enter politics"),
        ["Women who enter politics"]
    );
    assert_eq!(evidence(rule, "politics, women"), ["politics, women"]);
    assert_eq!(evidence(rule, "women who would enter politics"), none);
    assert_eq!(
        evidence(rule, "women. Women in politics"),
        ["Women in politics"]
    );
    assert_eq!(evidence(rule, "women\n\npolitics"), none);
}

#[test]
fn what_is_excluded_does_not_count_where_it_stands() {
    let none: [&str; 0] = [];
    let rule = "'climate', '!climate of fear'";
    assert_eq!(evidence(rule, "A climate of fear"), none);
    assert_eq!(evidence(rule, "Climate of fear and climate"), ["climate"]);
}
