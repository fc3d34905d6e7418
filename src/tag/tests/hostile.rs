//! Texts and taxonomies that are larger, emptier or stranger than any that is meant.

use super::*;
use crate::taxonomy::keyword::Keyword;

/// A facet of ten thousand terms, each with a name, an alias and keywords of its own.
fn ten_thousand() -> Taxonomy {
    let mut text = "[facet.topic]\nname = 'Topic'\nrule_threshold = 1\nterms = [\n".to_owned();
    for number in 0..10_000 {
        writeln!(
            text,
            "{{ name = 'Subject {number}', aliases = ['Matter {number}'], \
             keywords = ['security of thing {number}', 'word{number}* NEAR/3 ~negotiate'] }},"
        )
        .unwrap();
    }
    fixture::from_toml(&(text + "]"))
}

#[test]
fn ten_thousand_terms_cost_a_text_no_more_than_its_own_finds() {
    let taxonomy = ten_thousand();
    let tagger = Tagger::new(&taxonomy);
    let text = "The security of thing 4321 was negotiated with word77s. ".repeat(50);
    let folded = Folded::new(&text);
    // The work is the number of heads that are met: those that stand in the text and those that
    // begin like one, never the number of rules.
    let met = tagger.rules.heads_met(&folded);
    assert!(met <= 50 * 16, "{met}");
    let tagging = tagger.tag(&taxonomy, &item("", &[]), || Cow::Borrowed(&text));
    // `word7*` begins like word77s too.
    assert_eq!(tagging.terms(), [TermId(7), TermId(77), TermId(4321)]);
    let stated = item("", &[(FacetId(0), "matter 9999, Subjekt 12")]);
    let tagging = tagger.tag(&taxonomy, &stated, || "".into());
    assert_eq!(tagging.terms(), [TermId(9999)]);
    assert_eq!(tagging.unknown[0].nearest, Some(TermId(12)));
    assert_eq!(crate::taxonomy::names::clashes(&taxonomy), []);
}

#[test]
fn an_empty_text_has_its_stated_tags_and_no_others() {
    for body in ["", " \n\n \u{a0}\n", "–", "\u{ad}\u{301}"] {
        let tagging = tagged(&sample_item("", &[]), body);
        assert_eq!(tagging, Tagging::default(), "{body:?}");
        let stated = sample_item("", &[("field_of_work", "Youth")]);
        assert_eq!(tagged(&stated, body).tags.len(), 1);
    }
}

#[test]
fn a_text_of_many_megabytes_costs_what_its_length_says() {
    // One paragraph, without an end of sentence: whatever looks around a find must not look far.
    let phrase = "the OSCE Mission to Skopje and the police, not a climate of fear, ";
    let text = phrase.repeat(100_000);
    let tagging = tagged(&sample_item("", &[]), &text);
    let slugs: Vec<&str> = tagging
        .tags
        .iter()
        .map(|it| &*SAMPLE.term(it.term).slug)
        .collect();
    assert!(slugs.contains(&"mission-to-skopje"), "{slugs:?}");
    assert!(slugs.contains(&"policing"), "{slugs:?}");
    assert!(!slugs.contains(&"environmental-activities"), "{slugs:?}");
}

#[test]
fn a_text_in_a_language_of_no_rules_is_told_apart() {
    let serbian = "Predstavnici dvanaest zemalja razgovarali su sa stručnjacima o bezbednosti \
                   energetskih mreža i o tome šta policija može da učini za mlade.";
    let item = sample_item("", &[]);
    let passages = Passages::new(&item, serbian);
    let language = TAGGER.unknown_language(&SAMPLE, &passages);
    assert!(language.is_some_and(|it| it != "en"));
    let english = "The officials of twelve countries spoke with experts on the security of \
                   energy networks and on what the police can do for the young.";
    let passages = Passages::new(&item, english);
    assert_eq!(TAGGER.unknown_language(&SAMPLE, &passages), None);
}

#[test]
fn why_tells_what_was_found_what_does_not_count_and_what_is_absent() {
    let mut taxonomy = fixture::from_toml(
        "[facet.topic]\nname = 'Topic'\nrule_threshold = 3\nterms = [\
             { name = 'Climate', keywords = ['climate', '!climate of fear', 'weather'] },\
             { name = 'Economy', keywords = ['investment climate'] }]",
    );
    let russian = Keyword::parse("~погода", Some("ru")).unwrap();
    taxonomy.terms[0].keywords.push(russian);
    let tagger = Tagger::new(&taxonomy);
    let item = item("", &[]);
    let text = "A climate of fear.\n\nThe climate.\n\nThe investment climate.";
    let why = tagger.why(&taxonomy, TermId(0), &Passages::new(&item, text));
    let tag = why.tag.unwrap();
    assert_eq!((tag.score, tag.threshold, why.given), (1.0, 3.0, false));
    let discounted: Vec<_> = why
        .discounted
        .iter()
        .map(|it| (it.evidence.part, it.within.as_str(), it.of))
        .collect();
    assert_eq!(
        discounted,
        [
            (Part::Lead, "!climate of fear", None),
            (Part::Body, "investment climate", Some(TermId(1)))
        ]
    );
    assert_eq!(why.absent, ["weather"]);
    assert_eq!(why.foreign, 1);
}
