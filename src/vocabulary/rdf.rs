//! RDF files to resources: what is said of each subject, in the order of the file.

use std::collections::HashMap;

use oxrdf::{NamedOrBlankNode, Term, Triple};
use oxrdfxml::RdfXmlParser;
use oxttl::TurtleParser;

use super::{Context, Format};
use crate::diagnostic::Problem;

/// All subjects of a file.
#[derive(Default)]
pub(super) struct Resources {
    /// Each subject with its predicates and objects, in the order in which they were met.
    pub all: Vec<Resource>,
    places: HashMap<String, usize>,
}

/// What is said of one subject.
pub(super) struct Resource {
    /// Its IRI, or `_:` and the name of a blank node.
    pub iri: String,
    /// Predicates and objects.
    pub said: Vec<(String, Term)>,
}

impl Resources {
    /// The place of a subject.
    pub fn place(&self, iri: &str) -> Option<usize> {
        self.places.get(iri).copied()
    }

    fn add(&mut self, triple: Triple) {
        let iri = match triple.subject {
            NamedOrBlankNode::NamedNode(node) => node.into_string(),
            NamedOrBlankNode::BlankNode(node) => node.to_string(),
        };
        let place = *self.places.entry(iri.clone()).or_insert_with(|| {
            self.all.push(Resource {
                iri,
                said: Vec::new(),
            });
            self.all.len() - 1
        });
        let predicate = triple.predicate.into_string();
        self.all[place].said.push((predicate, triple.object));
    }

    /// Says of every resource with labels that are resources (SKOS-XL, Appendix B of the SKOS
    /// Reference) what those spell, as SKOS says it. A label without a literal form stays as it is.
    fn spell_out_labels(&mut self) {
        let form = format!("{SKOS_XL}literalForm");
        let forms: HashMap<String, Vec<Term>> = self
            .all
            .iter()
            .map(|label| {
                let said = label
                    .said
                    .iter()
                    .filter(|(predicate, _)| *predicate == form);
                let texts = said.map(|(_, text)| text.clone()).collect();
                (label.iri.clone(), texts)
            })
            .filter(|(_, texts): &(_, Vec<Term>)| !texts.is_empty())
            .collect();
        if forms.is_empty() {
            return;
        }
        for resource in &mut self.all {
            let said = std::mem::take(&mut resource.said).into_iter();
            resource.said = said
                .flat_map(|(predicate, object)| {
                    let label = predicate.strip_prefix(SKOS_XL);
                    let label = label.filter(|it| it.ends_with("Label") && *it != "Label");
                    match (label, node(&object).and_then(|label| forms.get(&label))) {
                        (Some(label), Some(texts)) => {
                            let plain = format!("{}{label}", super::said::SKOS);
                            texts
                                .iter()
                                .map(|text| (plain.clone(), text.clone()))
                                .collect()
                        }
                        _ => vec![(predicate, object)],
                    }
                })
                .collect();
        }
    }
}

/// SKOS-XL: labels that are resources of their own.
const SKOS_XL: &str = "http://www.w3.org/2008/05/skos-xl#";

/// The name of a node as [`Resource::iri`] has it; `None` for literals.
pub(super) fn node(term: &Term) -> Option<String> {
    match term {
        Term::NamedNode(node) => Some(node.as_str().to_owned()),
        Term::BlankNode(node) => Some(node.to_string()),
        _ => None,
    }
}

/// Reads a whole file.
///
/// # Errors
/// With the place of the first mistake. Nothing of a broken file is used, since nobody can tell
/// what the rest of it would have said.
pub(super) fn read(
    bytes: &[u8],
    format: Format,
    context: Context<'_>,
) -> Result<Resources, Vec<Problem>> {
    let source = match std::str::from_utf8(bytes) {
        Ok(source) => source.strip_prefix('\u{feff}').unwrap_or(source),
        Err(error) => {
            let message = format!("byte {} is not UTF-8", error.valid_up_to());
            return Err(vec![
                Problem::error(message).help("save the file in the encoding UTF-8"),
            ]);
        }
    };
    let base = context.base();
    match format {
        Format::RdfXml => rdf_xml(source, &base),
        _ => turtle(source, &base),
    }
    .map(|mut resources| {
        resources.spell_out_labels();
        resources
    })
    .map_err(|problem| {
        let help = "mend it, or fetch the file again if it was cut short: none of it was used";
        vec![problem.help(help)]
    })
}

fn turtle(source: &str, base: &str) -> Result<Resources, Problem> {
    let mut resources = Resources::default();
    let parser = TurtleParser::new()
        .with_base_iri(base)
        .map_err(|error| bad_base(base, &error))?;
    for triple in parser.for_slice(source) {
        match triple {
            Ok(triple) => resources.add(triple),
            Err(error) => {
                let location = error.location();
                let offset = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                let span = offset(location.start.offset)..offset(location.end.offset);
                let message = format!("this is not Turtle: {}", error.message());
                return Err(Problem::error(message).at(source, span));
            }
        }
    }
    Ok(resources)
}

fn rdf_xml(source: &str, base: &str) -> Result<Resources, Problem> {
    let mut resources = Resources::default();
    let parser = RdfXmlParser::new()
        .with_base_iri(base)
        .map_err(|error| bad_base(base, &error))?;
    let mut parser = parser.for_slice(source);
    while let Some(triple) = parser.next() {
        match triple {
            Ok(triple) => resources.add(triple),
            Err(error) => {
                let at = usize::try_from(parser.buffer_position()).unwrap_or(usize::MAX);
                let at = at.min(source.len());
                let message = format!("this is not RDF/XML: {error}");
                return Err(Problem::error(message).at(source, at..at));
            }
        }
    }
    Ok(resources)
}

fn bad_base(base: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::error(format!("'{base}' cannot be the scheme's address: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_are_resources_say_what_they_spell() {
        let turtle = r#"
            @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
            @prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
            <http://a.example/water> a skos:Concept ;
                skosxl:prefLabel <http://a.example/label/1> ;
                skosxl:altLabel [ a skosxl:Label ; skosxl:literalForm "Waters"@en ] ;
                skosxl:hiddenLabel <http://a.example/label/none> .
            <http://a.example/label/1> a skosxl:Label ;
                skosxl:literalForm "Water"@en , "Вода"@ru .
        "#;
        let context = Context {
            languages: &["en"],
            scheme: "http://a.example/",
        };
        let resources = read(turtle.as_bytes(), Format::Turtle, context).unwrap();
        let place = resources.place("http://a.example/water").unwrap();
        let said = resources.all[place].said.iter();
        let said: Vec<String> = said.map(|(what, of)| format!("{what} {of}")).collect();
        let skos = super::super::said::SKOS;
        for expected in [
            format!("{skos}prefLabel \"Water\"@en"),
            format!("{skos}prefLabel \"Вода\"@ru"),
            format!("{skos}altLabel \"Waters\"@en"),
            // A label that says nothing stays, to be told as left out.
            format!("{SKOS_XL}hiddenLabel <http://a.example/label/none>"),
        ] {
            assert!(said.contains(&expected), "{expected}: {said:#?}");
        }
    }
}
