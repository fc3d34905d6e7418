//! A vocabulary as SKOS.

use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, TermRef, TripleRef};
use oxrdfxml::RdfXmlSerializer;
use oxttl::TurtleSerializer;

use super::said::{DCTERMS, OWL, SKOS};
use super::{Concept, Context, Format, Vocabulary};
use crate::diagnostic::Problem;

const PREFIXES: [(&str, &str); 3] = [("skos", SKOS), ("dcterms", DCTERMS), ("owl", OWL)];

/// Statements in the order in which they are written.
#[derive(Default)]
struct Statements(Vec<(NamedNode, NamedNode, oxrdf::Term)>);

impl Statements {
    fn say(&mut self, subject: &NamedNode, predicate: &NamedNode, object: impl Into<oxrdf::Term>) {
        self.0
            .push((subject.clone(), predicate.clone(), object.into()));
    }
}

/// Writes Turtle or RDF/XML.
pub(super) fn rdf(
    vocabulary: &Vocabulary,
    format: Format,
    context: Context<'_>,
) -> Result<Vec<u8>, Problem> {
    let statements = statements(vocabulary, context)?;
    let triples = statements.0.iter().map(|(subject, predicate, object)| {
        TripleRef::new(subject, predicate.as_ref(), TermRef::from(object))
    });
    let written = match format {
        Format::RdfXml => {
            let mut serializer = RdfXmlSerializer::new();
            for (name, iri) in PREFIXES {
                serializer = serializer.with_prefix(name, iri).map_err(impossible)?;
            }
            let mut writer = serializer.for_writer(Vec::new());
            let written = triples.map(|triple| writer.serialize_triple(triple));
            written
                .collect::<Result<(), _>>()
                .and_then(|()| writer.finish())
        }
        _ => {
            let mut serializer = TurtleSerializer::new();
            for (name, iri) in PREFIXES {
                serializer = serializer.with_prefix(name, iri).map_err(impossible)?;
            }
            let mut writer = serializer.for_writer(Vec::new());
            let written = triples.map(|triple| writer.serialize_triple(triple));
            written
                .collect::<Result<(), _>>()
                .and_then(|()| writer.finish())
        }
    };
    written.map_err(impossible)
}

fn impossible(error: impl std::fmt::Display) -> Problem {
    Problem::error(format!("the vocabulary cannot be written: {error}"))
}

fn statements(vocabulary: &Vocabulary, context: Context<'_>) -> Result<Statements, Problem> {
    let node = |iri: String| {
        NamedNode::new(&iri).map_err(|error| {
            Problem::error(format!("'{iri}' is no IRI: {error}"))
                .help("look at the facet's 'scheme' and the terms' 'matches'")
        })
    };
    let base = context.base();
    let concept = |slug: &str| node(format!("{base}{slug}"));
    let skos = |name: &str| NamedNode::new_unchecked(format!("{SKOS}{name}"));
    let dcterms = |name: &str| NamedNode::new_unchecked(format!("{DCTERMS}{name}"));
    let kind = named(rdf::TYPE);
    let main = context.main();

    let mut out = Statements::default();
    let scheme = node(context.scheme.to_owned())?;
    out.say(&scheme, &kind, skos("ConceptScheme"));
    if !vocabulary.name.is_empty() {
        out.say(
            &scheme,
            &skos("prefLabel"),
            in_language(&vocabulary.name, main),
        );
    }
    for top in vocabulary.concepts.iter().filter(|it| it.parent.is_none()) {
        out.say(&scheme, &skos("hasTopConcept"), concept(&top.slug)?);
    }
    let mut narrower: std::collections::HashMap<&str, Vec<&Concept>> = Default::default();
    for child in &vocabulary.concepts {
        if let Some(parent) = &child.parent {
            narrower.entry(parent).or_default().push(child);
        }
    }
    for it in &vocabulary.concepts {
        let own = concept(&it.slug)?;
        out.say(&own, &kind, skos("Concept"));
        out.say(&own, &skos("inScheme"), scheme.clone());
        if it.parent.is_none() {
            out.say(&own, &skos("topConceptOf"), scheme.clone());
        }
        let notation = Literal::new_simple_literal(&it.slug);
        out.say(&own, &skos("notation"), notation);
        out.say(&own, &skos("prefLabel"), in_language(&it.name, main));
        for (language, name) in &it.names {
            out.say(&own, &skos("prefLabel"), in_language(name, language));
        }
        for alias in &it.aliases {
            out.say(&own, &skos("altLabel"), in_language(alias, main));
        }
        for (language, keyword) in &it.keywords {
            let language = language.as_deref().unwrap_or(main);
            out.say(&own, &skos("hiddenLabel"), in_language(keyword, language));
        }
        if let Some(parent) = &it.parent {
            out.say(&own, &skos("broader"), concept(parent)?);
        }
        for child in narrower.get(it.slug.as_str()).into_iter().flatten() {
            out.say(&own, &skos("narrower"), concept(&child.slug)?);
        }
        for iri in &it.matches {
            out.say(&own, &skos("exactMatch"), node(iri.clone())?);
        }
        history(it, &own, &concept, &mut out, [&skos, &dcterms])?;
    }
    Ok(out)
}

/// What a concept was, and what took its place: once for machines, once for people.
fn history(
    it: &Concept,
    own: &NamedNode,
    concept: &dyn Fn(&str) -> Result<NamedNode, Problem>,
    out: &mut Statements,
    [skos, dcterms]: [&dyn Fn(&str) -> NamedNode; 2],
) -> Result<(), Problem> {
    for slug in &it.was {
        out.say(own, &dcterms("replaces"), concept(slug)?);
        let note = in_language(&format!("Was '{slug}' before."), "en");
        out.say(own, &skos("historyNote"), note);
    }
    if it.closed {
        let deprecated = NamedNode::new_unchecked(format!("{OWL}deprecated"));
        let yes = Literal::new_typed_literal("true", xsd::BOOLEAN);
        out.say(own, &deprecated, yes);
    }
    for slug in &it.replaced_by {
        out.say(own, &dcterms("isReplacedBy"), concept(slug)?);
    }
    if !it.replaced_by.is_empty() {
        let note = format!("Replaced by '{}'.", it.replaced_by.join("', '"));
        out.say(own, &skos("changeNote"), in_language(&note, "en"));
    }
    Ok(())
}

fn named(node: NamedNodeRef<'_>) -> NamedNode {
    node.into_owned()
}

/// A text in a language; without one where the tag is none that RDF allows.
fn in_language(text: &str, language: &str) -> Literal {
    Literal::new_language_tagged_literal(text, language)
        .unwrap_or_else(|_| Literal::new_simple_literal(text))
}
