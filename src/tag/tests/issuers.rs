//! Issuers and countries found in the text: nothing of the organization is known but its taxonomy.

use super::*;

static ACME: LazyLock<Taxonomy> = LazyLock::new(|| {
    fixture::from_toml(
        "
        [facet.body]
        name = 'Body'
        issues = true
        rule_threshold = 3
        rule_share = 60
        optional_words = ['ACME']
        terms = [
            { name = 'Council', aliases = ['Chair'] },
            { name = 'Offices' },
            { name = 'Bureau in Lisbon', parent = 'offices' },
            { name = 'Bureau in Portugal', parent = 'offices', closed = true },
            { name = 'Mission to Norway', parent = 'offices' },
            { name = 'Institute for Weights, Measures and Standards', places = ['Geneva'], aliases = ['IWMS'] },
            { name = 'Project Co-ordinator in Rome', parent = 'offices' },
            { name = 'Co-ordinator of ACME Works' },
        ]
        [facet.country]
        name = 'Country'
        places = true
        rule_threshold = 1
        terms = [{ name = 'Portugal' }, { name = 'Norway' }, { name = 'Switzerland' }, { name = 'Italy', places = ['Ostia'] }]
        ",
    )
});
static ACME_TAGGER: LazyLock<Tagger> = LazyLock::new(|| Tagger::new(&ACME));

fn slugs(title: &str, body: &str, facet: u8) -> (Vec<String>, Vec<String>) {
    let tagging = ACME_TAGGER.tag(&ACME, &item(title, &[]), || Cow::Borrowed(body));
    let of = |tags: &[Tag]| {
        let tags = tags
            .iter()
            .filter(|tag| ACME.term(tag.term).facet == FacetId(facet));
        tags.map(|tag| ACME.term(tag.term).slug.clone()).collect()
    };
    (of(&tagging.tags), of(&tagging.suggestions))
}

fn issuers(title: &str, body: &str) -> Vec<String> {
    slugs(title, body, 0).0
}

fn countries(body: &str) -> Vec<String> {
    slugs("", body, 1).0
}

#[test]
fn one_that_acts_issues_and_one_that_is_mentioned_does_not() {
    for (body, expected) in [
        (
            "Judges met today at a seminar organized by the ACME Bureau in Lisbon.\n\n\
             A guide of the Mission to Norway was handed out.",
            "bureau-in-lisbon",
        ),
        (
            "OSLO, 3 May 2023 – The ACME Mission to Norway handed over boats today.\n\n\
             The Bureau in Lisbon did so last year.",
            "mission-to-norway",
        ),
        (
            "Boats were handed over.\n\n\
             “They float,” said Jon Berg, Head of the ACME Mission to Norway, to the Bureau in Lisbon.",
            "mission-to-norway",
        ),
        (
            "The Institute for Weights, Measures & Standards has published a guide.",
            "institute-for-weights-measures-and-standards",
        ),
        (
            "A course, held with the support of the ACME Project Coordinator in Rome, ended.",
            "project-co-ordinator-in-rome",
        ),
        (
            "IWMS urges States to measure better.",
            "institute-for-weights-measures-and-standards",
        ),
    ] {
        assert_eq!(issuers("", body), [expected], "{body}");
    }
}

#[test]
fn all_that_act_together_issue_together() {
    let body = "The event was organized by the ACME Institute for Weights, Measures and Standards, \
                the ACME Bureau in Lisbon and the Mission to Norway.";
    assert_eq!(
        issuers("", body),
        [
            "bureau-in-lisbon",
            "mission-to-norway",
            "institute-for-weights-measures-and-standards"
        ]
    );
}

#[test]
fn a_dateline_alone_makes_a_suggestion_of_who_sits_there() {
    let (given, suggested) = slugs("", "GENEVA, 3 May 2023 – Clocks were compared.", 0);
    assert!(given.is_empty());
    assert_eq!(suggested, ["institute-for-weights-measures-and-standards"]);
    // Of two that are named after the country, the one that is open.
    let (given, suggested) = slugs("", "PORTO, 3 May 2023 – Boats were built.", 0);
    assert!(given.is_empty());
    assert_eq!(suggested, ["bureau-in-lisbon", "bureau-in-portugal"]);
}

#[test]
fn a_name_that_is_a_common_word_needs_the_word_that_names_may_bear() {
    assert_eq!(
        issuers("", "The council has urged the chair to go."),
        [""; 0]
    );
    assert_eq!(
        issuers("", "The ACME Chair has urged all to go."),
        ["council"]
    );
    assert_eq!(
        issuers("ACME Offices open doors", "Offices opened."),
        [""; 0]
    );
}

#[test]
fn the_city_in_which_a_body_sits_is_not_the_country_of_its_news() {
    assert_eq!(
        countries("GENEVA, 3 May 2023 – Oslo will host a fair."),
        ["norway"]
    );
    assert_eq!(
        countries("PORTO, 3 May 2023 – Boats were built."),
        ["portugal"]
    );
    assert_eq!(
        countries("OSTIA, 3 May 2023 – Boats were built."),
        ["italy"]
    );
    assert_eq!(countries("Portuguese boats were built."), ["portugal"]);
    assert_eq!(countries("Members of the bar in Bergen met."), [""; 0]);
}

#[test]
fn in_other_languages_names_and_datelines_still_speak() {
    let body = "ЖЕНЕВА – Представители двенадцати стран обсудили с экспертами IWMS измерение часов \
                и то, что институт может сделать для молодёжи.";
    let (given, suggested) = slugs("", body, 0);
    assert!(given.is_empty());
    assert_eq!(suggested, ["institute-for-weights-measures-and-standards"]);
}
