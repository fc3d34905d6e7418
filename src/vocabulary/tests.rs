mod any;
mod tables;

use std::path::Path;

use super::*;
use crate::config::{self, Config};
use crate::diagnostic::Severity;

const SCHEME: &str = "https://news.example.org/topics/";
const ALL: [Format; 3] = [Format::Turtle, Format::RdfXml, Format::Csv];

fn context() -> Context<'static> {
    Context {
        languages: &["en", "ru"],
        scheme: SCHEME,
    }
}

fn concept(slug: &str, name: &str) -> Concept {
    Concept {
        slug: slug.to_owned(),
        name: name.to_owned(),
        ..Concept::default()
    }
}

fn good(source: &str, format: Format) -> Vocabulary {
    let reading = read(source.as_bytes(), format, context(), None).unwrap();
    assert_eq!(reading.problems, [], "{source}");
    reading.vocabulary
}

/// Messages of problems, each with its line where it has one.
fn said(problems: &[Problem]) -> Vec<String> {
    let line = |problem: &Problem| {
        let line = problem.excerpt.as_ref().map(|it| format!("{}: ", it.line));
        format!("{}{}", line.unwrap_or_default(), problem.message)
    };
    problems.iter().map(line).collect()
}

/// The slugs of what was read, in its order.
fn slugs(reading: &Reading) -> Vec<&str> {
    let concepts = reading.vocabulary.concepts.iter();
    concepts.map(|it| it.slug.as_str()).collect()
}

fn sample() -> Config {
    let source = include_str!("../../feeds.toml");
    config::read(source, Path::new("feeds.toml")).unwrap().0
}

#[test]
fn a_concept_is_written_and_read_with_all_that_a_term_has() {
    let whole = Vocabulary {
        name: "Topics".to_owned(),
        concepts: vec![
            concept("water", "Water"),
            Concept {
                names: vec![("ru".to_owned(), "Климат".to_owned())],
                aliases: vec!["Weather; long term".to_owned()],
                keywords: vec![
                    (None, "climat*".to_owned()),
                    (Some("ru".to_owned()), "климат".to_owned()),
                ],
                parent: Some("water".to_owned()),
                was: vec!["weather".to_owned()],
                closed: true,
                replaced_by: vec!["water".to_owned()],
                matches: vec!["http://eurovoc.europa.eu/5482".to_owned()],
                ..concept("climate", "\"Climate\" <change> & more, a lot")
            },
        ],
    };
    for format in ALL {
        let written = write(&whole, format, context()).unwrap();
        let text = String::from_utf8(written).unwrap();
        let read = good(&text, format);
        assert_eq!(read.concepts, whole.concepts, "{format:?}\n{text}");
    }
}

#[test]
fn the_turtle_of_a_facet_says_what_other_tools_look_for() {
    let vocabulary = Vocabulary {
        name: "Topics".to_owned(),
        concepts: vec![
            concept("water", "Water"),
            Concept {
                parent: Some("water".to_owned()),
                was: vec!["weather".to_owned()],
                replaced_by: vec!["water".to_owned()],
                closed: true,
                aliases: vec!["Weather".to_owned()],
                matches: vec!["http://eurovoc.europa.eu/5482".to_owned()],
                ..concept("climate", "Climate")
            },
        ],
    };
    let written = write(&vocabulary, Format::Turtle, context()).unwrap();
    insta::assert_snapshot!(String::from_utf8(written).unwrap());
}

#[test]
fn the_sample_goes_out_and_comes_back_with_the_same_terms() {
    let config = sample();
    let tags: Vec<&str> = config
        .site
        .languages
        .iter()
        .map(|language| language.tag.as_str())
        .collect();
    for (id, facet) in config.taxonomy.facets() {
        let context = Context {
            languages: &tags,
            scheme: &facet.scheme,
        };
        let original = of_facet(&config.taxonomy, id, context);
        for format in ALL {
            let written = write(&original, format, context).unwrap();
            let reading = read(&written, format, context, None).unwrap();
            assert_eq!(reading.problems, [], "{} {format:?}", facet.key);
            assert_eq!(reading.vocabulary.concepts, original.concepts);

            // ... and through feeds.toml.
            let site = format!(
                "[site]\ntitle = \"News\"\nbase_url = \"https://news.example.org/\"\nlanguages = {tags:?}\n"
            );
            let added = additions(&reading.vocabulary, &facet.key, &Taxonomy::default(), None);
            assert_eq!(added.terms, original.concepts.len());
            let source = format!("{site}{}", added.toml);
            let (again, _) = config::read(&source, Path::new("feeds.toml"))
                .unwrap_or_else(|problems| panic!("{problems:?}\n{source}"));
            let id = again.taxonomy.facet_named(&facet.key).unwrap();
            assert_eq!(
                of_facet(&again.taxonomy, id, context).concepts,
                original.concepts
            );
        }
    }
}

const PREFIXES: &str = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\
    @prefix owl: <http://www.w3.org/2002/07/owl#> .\n";

fn turtle(text: &str) -> Reading {
    let source = format!("{PREFIXES}{text}");
    read(source.as_bytes(), Format::Turtle, context(), None).unwrap()
}

#[test]
fn relative_iris_blank_nodes_and_inverse_relations_are_understood() {
    let reading = turtle(
        "<> a skos:ConceptScheme ; skos:prefLabel \"Topics\"@en .\n\
         <water> a skos:Concept ; skos:prefLabel \"Water\"@en-GB, \"Eau\"@fr, \"Вода\"@ru-RU ;\n\
           skos:narrower <rivers>, _:lakes .\n\
         <rivers> a skos:Concept ; skos:prefLabel \"Rivers\" .\n\
         _:lakes skos:prefLabel \"Lakes\"@en ; skos:inScheme <> .\n",
    );
    assert_eq!(reading.vocabulary.name, "Topics");
    let concepts = &reading.vocabulary.concepts;
    let slugs: Vec<_> = concepts
        .iter()
        .map(|it| (it.slug.as_str(), it.parent.as_deref()))
        .collect();
    assert_eq!(
        slugs,
        [
            ("water", None),
            ("rivers", Some("water")),
            ("lakes", Some("water"))
        ]
    );
    assert_eq!(concepts[0].names, [("ru".to_owned(), "Вода".to_owned())]);
    assert_eq!(
        said(&reading.problems),
        ["names in other languages were left out: fr (1)"]
    );
}

#[test]
fn what_cannot_be_a_term_is_reported() {
    let reading = turtle(
        "<a> a skos:Concept ; skos:prefLabel \"Air\"@en ; skos:notation \"x\" ; skos:broader <b> ;\n\
           skos:definition \"What we breathe.\"@en ; skos:closeMatch <http://example.org/air> .\n\
         <b> a skos:Concept ; skos:prefLabel \"Breath\"@en ; skos:notation \"x\" ; skos:broader <a>, <c> .\n\
         <c> a skos:Concept ; skos:prefLabel \"Clouds\"@en ; skos:notation \"06.2\" ; skos:broader <gone> .\n\
         <d> a skos:Concept .\n",
    );
    assert_eq!(
        said(&reading.problems),
        [
            "the notation 'x' of 'Breath' is taken by another",
            "the notation '06.2' of 'Clouds' is no slug",
            "what is above 'Clouds', https://news.example.org/topics/gone, is not in the file",
            "'Breath' is under several concepts; 'Air' was taken",
            "concepts in a circle: Air > Breath > Air",
            "https://news.example.org/topics/d has no skos:prefLabel",
            "not understood and left out: skos:closeMatch (1), skos:definition (1)",
        ]
    );
    assert_eq!(slugs(&reading), ["x", "x-2", "clouds", "d"]);
}

#[test]
fn one_scheme_of_several_can_be_chosen() {
    let source = format!(
        "{PREFIXES}<one> a skos:ConceptScheme . <two> a skos:ConceptScheme ; skos:prefLabel \"Two\" .\n\
         <a> a skos:Concept ; skos:prefLabel \"A\" ; skos:inScheme <one> .\n\
         <b> a skos:Concept ; skos:prefLabel \"B\" ; skos:topConceptOf <two> .\n"
    );
    let of = |only| read(source.as_bytes(), Format::Turtle, context(), only);
    let all = of(None).unwrap();
    assert_eq!(said(&all.problems), ["the file holds 2 schemes"]);
    assert_eq!(all.vocabulary.concepts.len(), 2);
    let two = of(Some("https://news.example.org/topics/two")).unwrap();
    assert_eq!(
        (two.vocabulary.name.as_str(), two.problems.len()),
        ("Two", 0)
    );
    assert_eq!(two.vocabulary.concepts, [concept("b", "B")]);
    let none = of(Some("https://news.example.org/topics/three")).unwrap_err();
    assert!(none[0].help.as_ref().unwrap().contains("topics/one"));
}

#[test]
fn a_file_that_was_cut_short_is_refused_with_the_place() {
    let whole = write(
        &Vocabulary {
            name: "Topics".to_owned(),
            concepts: vec![concept("water", "Water"), concept("air", "Air")],
        },
        Format::Turtle,
        context(),
    )
    .unwrap();
    let cut = &whole[..whole.len() - 8];
    let problems = read(cut, Format::Turtle, context(), None).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].severity, Severity::Error);
    let lines = std::str::from_utf8(cut).unwrap().lines().count();
    assert_eq!(problems[0].excerpt.as_ref().unwrap().line, lines);

    let xml =
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description";
    let problems = read(xml.as_bytes(), Format::RdfXml, context(), None).unwrap_err();
    assert!(problems[0].message.starts_with("this is not RDF/XML"));
    assert!(problems[0].excerpt.is_some());

    for (format, text) in [
        (Format::Turtle, ""),
        (Format::Csv, ""),
        (Format::Csv, "name\n"),
    ] {
        assert!(read(text.as_bytes(), format, context(), None).is_err());
    }
}

#[test]
fn only_what_a_facet_has_not_is_added_and_differences_are_told() {
    let source = "[site]\ntitle = \"News\"\nbase_url = \"https://news.example.org/\"\n\
        [facet.topic]\nterms = [{ name = \"Water\", aliases = [\"Rivers\"] }]\n";
    let (config, _) = config::read(source, Path::new("feeds.toml")).unwrap();
    let vocabulary = Vocabulary {
        name: "Topics".to_owned(),
        concepts: vec![
            Concept {
                matches: vec!["http://example.org/water".to_owned()],
                ..concept("h2o", "WATER")
            },
            Concept {
                parent: Some("h2o".to_owned()),
                aliases: vec!["Rivers".to_owned(), "Ponds".to_owned()],
                ..concept("lakes", "Lakes")
            },
            Concept {
                aliases: vec!["Ponds".to_owned()],
                ..concept("pools", "Pools")
            },
        ],
    };
    let facet = config.taxonomy.facet_named("topic");
    let added = additions(&vocabulary, "topic", &config.taxonomy, facet);
    assert_eq!((added.terms, added.known), (2, 1));
    assert_eq!(
        added.toml,
        "\n[[facet.topic.term]]\nname = \"Lakes\"\nparent = \"water\"\naliases = [\"Ponds\"]\n\
         \n[[facet.topic.term]]\nname = \"Pools\"\n"
    );
    assert_eq!(
        said(&added.problems),
        [
            "the term 'water' is there already, and stays as it is",
            "the alias 'Rivers' of 'Lakes' was left out",
            "the alias 'Ponds' of 'Pools' was left out",
        ]
    );
    let (after, _) =
        config::read(&format!("{source}{}", added.toml), Path::new("feeds.toml")).unwrap();
    assert_eq!(after.taxonomy.terms.len(), 3);
}
