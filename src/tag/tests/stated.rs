//! What items state.

use super::*;

#[test]
fn the_seed_pages_values_are_the_department_and_the_field() {
    let item = sample_item(
        "Dialogue on critical infrastructure",
        &[
            (
                "department",
                "OSCE Secretariat, Transnational Threats Department",
            ),
            ("field_of_work", "Countering terrorism"),
            ("country", "Turkmenistan"),
            ("meeting", "Media conferences"),
        ],
    );
    insta::assert_snapshot!(written(&SAMPLE, &tagged(&item, "")), @r"
    field-of-work/countering-terrorism Stated, 'Countering terrorism' Label 0
    department/secretariat Stated through department/transnational-threats-department
    department/transnational-threats-department Stated, 'Transnational Threats Department' Label 0
    country/participating-states Stated through country/turkmenistan
    country/turkmenistan Stated, 'Turkmenistan' Label 0
    meeting/media-conferences Stated, 'Media conferences' Label 0
    ");
}

#[test]
fn two_offices_and_their_secretariat_are_the_two_offices() {
    let value = "Office of the Co-ordinator of OSCE Economic and Environmental Activities, \
                 Transnational Threats Department, OSCE Secretariat";
    let tagging = tagged(&sample_item("", &[("department", value)]), "");
    insta::assert_snapshot!(written(&SAMPLE, &tagging), @r"
    department/secretariat Stated through department/office-of-the-co-ordinator-of-osce-economic-and-environmental-activities
    department/transnational-threats-department Stated, 'Transnational Threats Department' Label 0
    department/office-of-the-co-ordinator-of-osce-economic-and-environmental-activities Stated, 'Office of the Co-ordinator of OSCE Economic and Environmental Activities' Label 0
    ");
}

#[test]
fn a_parent_stated_apart_from_its_child_is_a_tag_of_its_own() {
    let item = sample_item(
        "",
        &[
            ("department", "OSCE Secretariat"),
            ("department", "Secretary General; OSCE Secretary-General"),
        ],
    );
    insta::assert_snapshot!(written(&SAMPLE, &tagged(&item, "")), @r"
    department/secretariat Stated, 'OSCE Secretariat' Label 0
    department/secretary-general Stated, 'Secretary General' Label 0, 'OSCE Secretary-General' Label 0
    ");
}

#[test]
fn an_unknown_value_is_reported_at_its_place_with_the_nearest_term() {
    let item = sample_item(
        "",
        &[("field_of_work", "Elections, Polizing, Fishing quotas")],
    );
    let tagging = tagged(&item, "");
    insta::assert_snapshot!(written(&SAMPLE, &tagging), @r#"
    field-of-work/elections Stated, 'Elections' Label 0
    unknown 'Polizing' at 23, nearest Some("field-of-work/policing")
    unknown 'Fishing quotas' at 33, nearest None
    "#);
    let told: Vec<Problem> = tagging
        .unknown
        .iter()
        .map(|it| it.problem(&SAMPLE))
        .collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        Problem {
            severity: Warning,
            message: "unknown field of work 'Polizing'",
            help: Some(
                "did you mean 'Policing'?",
            ),
            file: None,
            excerpt: None,
        },
        Problem {
            severity: Warning,
            message: "unknown field of work 'Fishing quotas'",
            help: Some(
                "to make it known, add it to [facet.field_of_work] in feeds.toml, as a term or as an alias of one",
            ),
            file: None,
            excerpt: None,
        },
    ]
    "#);
}

#[test]
fn a_facet_that_holds_back_makes_an_unknown_value_an_error() {
    let taxonomy = fixture::from_toml(
        "[facet.desk]\nname = 'Desk'\nunknown = 'hold'\nterms = [{ name = 'Sports' }]",
    );
    let tagging =
        Tagger::new(&taxonomy).tag(&taxonomy, &item("", &[(FacetId(0), "Sport")]), || "".into());
    let problem = tagging.unknown[0].problem(&taxonomy);
    assert_eq!(problem.severity, Severity::Error);
    assert_eq!(problem.help.as_deref(), Some("did you mean 'Sports'?"));
}

const NORTH_AND_SOUTH: &str = "
    [facet.unit]
    name = 'Unit'
    inherit = true
    terms = [
        { name = 'North' }, { name = 'South' },
        { name = 'Gender unit', slug = 'n', parent = 'north' },
        { name = 'Gender unit', slug = 's', parent = 'south' },
    ]";

#[test]
fn a_name_of_two_terms_is_decided_by_the_parent_beside_it() {
    let taxonomy = fixture::from_toml(NORTH_AND_SOUTH);
    let item = item("", &[(FacetId(0), "Gender unit, South")]);
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item, || "".into());
    insta::assert_snapshot!(written(&taxonomy, &tagging), @r"
    unit/south Stated through unit/s
    unit/s Stated, 'Gender unit' Label 0
    ");
}

#[test]
fn a_name_of_two_terms_is_never_guessed() {
    let taxonomy = fixture::from_toml(NORTH_AND_SOUTH);
    let item = item("", &[(FacetId(0), "Gender unit")]);
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item, || "".into());
    assert_eq!(tagging.tags, []);
    assert_eq!(tagging.unknown[0].ambiguous, [TermId(2), TermId(3)]);
    let problem = tagging.unknown[0].problem(&taxonomy);
    assert_eq!(
        problem.message,
        "'Gender unit' is the name of more than one unit"
    );
}

#[test]
fn where_parents_are_not_inherited_a_stated_parent_stays() {
    let taxonomy = fixture::from_toml(
        "[facet.unit]\nname = 'Unit'\nterms = [{ name = 'North' }, { name = 'Desk', parent = 'north' }]",
    );
    let item = item("", &[(FacetId(0), "North, Desk")]);
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item, || "".into());
    assert_eq!(tagging.terms(), [TermId(0), TermId(1)]);
}
