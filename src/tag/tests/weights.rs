//! How much each find counts, and what is enough to give a term.

use super::*;

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
