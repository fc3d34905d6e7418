mod guises;
mod hostile;
mod issuers;

use std::cell::Cell;
use std::fmt::Write;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Problem, Severity};
use crate::item::{Item, Stated};
use crate::taxonomy::fixture;

static SAMPLE: LazyLock<Taxonomy> = LazyLock::new(fixture::sample);
static TAGGER: LazyLock<Tagger> = LazyLock::new(|| Tagger::new(&SAMPLE));

fn item(title: &str, stated: &[(FacetId, &str)]) -> Item {
    let stated = stated.iter().map(|(facet, text)| {
        let text = (*text).to_owned();
        let (line, column) = (7, 12);
        (*facet, Stated { text, line, column })
    });
    Item {
        stated: stated.collect(),
        ..Item::titled(title)
    }
}

/// An item of the sample newsroom.
fn sample_item(title: &str, stated: &[(&str, &str)]) -> Item {
    let facet = |key: &str| SAMPLE.facet_named(key).unwrap();
    let stated: Vec<_> = stated.iter().map(|(key, it)| (facet(key), *it)).collect();
    item(title, &stated)
}

fn tagged(item: &Item, body: &str) -> Tagging {
    TAGGER.tag(&SAMPLE, item, || Cow::Borrowed(body))
}

/// A tagging in words, one tag or unknown value a line.
fn written(taxonomy: &Taxonomy, tagging: &Tagging) -> String {
    let mut out = String::new();
    let name = |id: TermId| taxonomy.path(id);
    for tag in &tagging.tags {
        write!(out, "{} {:?}", name(tag.term), tag.origin).unwrap();
        if let Some(child) = tag.through {
            write!(out, " through {}", name(child)).unwrap();
        }
        for it in &tag.evidence {
            write!(out, ", '{}' {:?} {}", it.text, it.part, it.weight).unwrap();
        }
        out.push('\n');
    }
    for unknown in &tagging.unknown {
        let nearest = unknown.nearest.map(name);
        let Unknown { text, column, .. } = unknown;
        writeln!(out, "unknown '{text}' at {column}, nearest {nearest:?}").unwrap();
    }
    out
}

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

/// The score of the only term for a title and a body.
fn score(keywords: &str, title: &str, body: &str) -> f32 {
    let taxonomy = fixture::from_toml(&format!(
        "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\n\
         terms = [{{ name = 'Topic', keywords = [{keywords}] }}]",
    ));
    let tagger = Tagger::new(&taxonomy);
    let tagging = tagger.tag(&taxonomy, &item(title, &[]), || Cow::Borrowed(body));
    tagging.tags.first().map_or(0.0, |tag| tag.score)
}

#[test]
fn weights_count_by_part_and_may_speak_against_a_term() {
    assert_eq!(score("'cyber ^2'", "Cyber", ""), 6.0);
    assert_eq!(
        score("'cyber ^2'", "", "Lead.\n\nCyber cyber cyber cyber"),
        6.0
    );
    assert_eq!(score("'cyber ^0.5'", "", "Cyber"), 1.0);
    assert_eq!(score("'cyber', 'cafe ^-1'", "Cyber", "A café"), 1.0);
    assert_eq!(score("'cyber', 'cafe ^-2'", "Cyber", "A café"), 0.0);
}

#[test]
fn terms_far_behind_the_best_are_suggested_only() {
    let taxonomy = fixture::from_toml(
        "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\nrule_share = 50\nterms = [\
             { name = 'A', keywords = ['a'] }, { name = 'B', keywords = ['b'] },\
             { name = 'C', keywords = ['c'] }]",
    );
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item("a", &[]), || "b\n\nc".into());
    assert_eq!(tagging.terms(), [TermId(0), TermId(1)]);
    let [suggested] = &tagging.suggestions[..] else {
        panic!("{:?}", tagging.suggestions)
    };
    assert_eq!((suggested.term, suggested.score), (TermId(2), 1.0));
    assert_eq!(suggested.threshold, 1.5);
}

#[test]
fn keywords_speak_in_texts_of_their_language_alone_but_abbreviations_everywhere() {
    let text = "Представители двенадцати стран обсудили с экспертами OSCE безопасность cyber сетей \
                и то, что полиция может сделать для молодёжи.";
    assert_eq!(score("'cyber'", "", text), 0.0);
    assert_eq!(score("'OSCE'", "", text), 2.0);
    let mut taxonomy = fixture::from_toml(
        "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\nterms = [{ name = 'Topic' }]",
    );
    let keyword = crate::taxonomy::keyword::Keyword::parse("~полиция", Some("ru"));
    taxonomy.terms[0].keywords = vec![keyword.unwrap()];
    let tagger = Tagger::new(&taxonomy);
    let text = text.replace("полиция", "полицию");
    let tagging = tagger.tag(&taxonomy, &item("", &[]), || Cow::Borrowed(&text));
    assert_eq!(tagging.tags[0].evidence[0].text, "полицию");
}

#[test]
fn a_longer_keyword_hides_those_inside_it_within_its_facet_alone() {
    let taxonomy = fixture::from_toml(
        "[facet.topic]\nname = 'Topic'\nterms = [\
             { name = 'Climate', keywords = ['climate'] },\
             { name = 'Economy', keywords = ['investment climate'] }]\n\
         [facet.other]\nname = 'Other'\nterms = [{ name = 'Climate', keywords = ['climate'] }]",
    );
    let item = item("A better investment climate", &[]);
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item, || "".into());
    assert_eq!(tagging.terms(), [TermId(1), TermId(2)]);
}

#[test]
fn a_summary_that_repeats_the_first_paragraph_is_not_counted_twice() {
    let taxonomy = fixture::from_toml(
        "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\n\
         terms = [{ name = 'Elections', keywords = ['elections'] }]",
    );
    let tagger = Tagger::new(&taxonomy);
    let mut item = item("News", &[]);
    item.summary = Some("Observers spoke of elections and the rul...".to_owned());
    let body = "Observers spoke of elections and the rule of law today.\n\nMore later.";
    let score = |item: &Item| {
        let tagging = tagger.tag(&taxonomy, item, || Cow::Borrowed(body));
        tagging.tags[0].score
    };
    assert_eq!(score(&item), 2.0);
    // A lead that stands apart: twice in it would be no more, but lead and body make three.
    item.summary = Some("Elections are near.".to_owned());
    assert_eq!(score(&item), 3.0);
}

#[test]
fn rules_give_the_best_terms_up_to_the_limit() {
    let taxonomy = fixture::from_toml(
        "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\nrule_limit = 2\nterms = [\
             { name = 'A', keywords = ['a'] }, { name = 'B', keywords = ['b'] },\
             { name = 'C', keywords = ['c', 'd'] }, { name = 'E', keywords = ['e'] }]",
    );
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item("a b c d", &[]), || "e".into());
    assert_eq!(tagging.terms(), [TermId(0), TermId(2)]);
}

#[test]
fn a_taxonomy_without_facets_gives_no_tags() {
    let taxonomy = Taxonomy::default();
    let tagging = Tagger::new(&taxonomy).tag(&taxonomy, &item("News", &[]), || "".into());
    assert_eq!(tagging, Tagging::default());
}

/// Words of the sample, and letters of all sorts.
fn prose() -> impl Strategy<Value = String> {
    let names: Vec<String> = SAMPLE
        .terms
        .iter()
        .flat_map(|term| {
            let keywords = term.keywords.iter().map(|keyword| keyword.text.clone());
            keywords.chain([term.name.clone()])
        })
        .collect();
    let word = prop_oneof![
        prop::sample::select(names),
        prop::sample::select(vec![", ", "\n\n", " and ", "-", "İ", "\u{ad}", "ß", "; "])
            .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn tags_are_sorted_unique_and_explained(
        title in prose(),
        body in prose(),
        summary in prop::option::of(prose()),
        stated in prop::collection::vec((0..4u8, prose()), 0..4),
    ) {
        let stated: Vec<_> = stated.iter().map(|(id, it)| (FacetId(*id), it.as_str())).collect();
        let mut item = item(&title, &stated);
        item.summary = summary;
        let tagging = tagged(&item, &body);
        prop_assert!(tagging.terms().is_sorted_by(|one, other| one < other));
        for tag in &tagging.tags {
            match tag.through {
                None => prop_assert!(!tag.evidence.is_empty()),
                Some(child) => {
                    prop_assert!(SAMPLE.ancestors(child).any(|above| above == tag.term));
                    let own = tagging.tags.iter().find(|it| it.term == child).unwrap();
                    prop_assert!(own.through.is_none());
                }
            }
        }
        prop_assert_eq!(tagging, tagged(&item, &body));
    }
}

/// Run with `--ignored --nocapture` to see what tagging costs.
#[test]
#[ignore = "a measurement, not a check"]
fn speed() {
    let stated = sample_item(
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
    let open = sample_item("Dialogue on critical infrastructure", &[]);
    let paragraph = "Experts and officials from 12 countries discussed the security of energy \
                     networks, the rule of law and what young people expect of the police.\n\n";
    let body = paragraph.repeat(3000 / paragraph.len());
    for (name, item) in [("stated", &stated), ("rules, 3 kB", &open)] {
        // The best of many short runs: the others tell of what else the machine did.
        let run = |_| {
            let start = std::time::Instant::now();
            for _ in 0..100 {
                std::hint::black_box(tagged(item, &body));
            }
            start.elapsed() / 100
        };
        println!("{name}: {:?} an item", (0..50).map(run).min().unwrap());
    }
    let start = std::time::Instant::now();
    std::hint::black_box(Tagger::new(&SAMPLE));
    println!("compiling: {:?}", start.elapsed());
}
