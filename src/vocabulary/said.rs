//! What is said of a resource: the vocabularies' namespaces, and what stands under a predicate.

use oxrdf::Term;

use super::rdf::Resource;

/// Simple Knowledge Organization System.
pub(super) const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
/// Dublin Core.
pub(super) const DCTERMS: &str = "http://purl.org/dc/terms/";
/// Web Ontology Language.
pub(super) const OWL: &str = "http://www.w3.org/2002/07/owl#";
/// Older names of Dublin Core's elements.
pub(super) const DC: &str = "http://purl.org/dc/elements/1.1/";
pub(super) const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
pub(super) const RDFS_LABEL: &str = "http://www.w3.org/2000/01/rdf-schema#label";

pub(super) fn is(resource: &Resource, class: &str) -> bool {
    objects(resource, RDF_TYPE).any(
        |it| matches!(it, Term::NamedNode(node) if node.as_str().strip_prefix(SKOS) == Some(class)),
    )
}

/// Whether it is one, by its type or, where it has none of SKOS, by what is said of it.
pub(super) fn is_concept(resource: &Resource) -> bool {
    let other = ["ConceptScheme", "Collection", "OrderedCollection"];
    is(resource, "Concept")
        || (other.iter().all(|class| !is(resource, class))
            && ["prefLabel", "broader", "inScheme", "topConceptOf"]
                .iter()
                .filter(|name| objects(resource, &format!("{SKOS}{name}")).next().is_some())
                .count()
                >= 2)
}

pub(super) fn is_in(resource: &Resource, scheme: &str) -> bool {
    ["inScheme", "topConceptOf"].iter().any(|name| {
        objects(resource, &format!("{SKOS}{name}"))
            .any(|it| matches!(it, Term::NamedNode(node) if node.as_str() == scheme))
    })
}

pub(super) fn objects<'r>(
    resource: &'r Resource,
    predicate: &str,
) -> impl Iterator<Item = &'r Term> {
    resource
        .said
        .iter()
        .filter(move |(said, _)| said == predicate)
        .map(|(_, object)| object)
}

/// The texts under a predicate with their languages, in order, each once.
pub(super) fn texts<'r>(resource: &'r Resource, name: &str) -> Vec<(Option<&'r str>, String)> {
    let predicate = match name.contains(':') {
        true => name.to_owned(),
        false => format!("{SKOS}{name}"),
    };
    let mut texts: Vec<(Option<&str>, String)> = Vec::new();
    for object in objects(resource, &predicate) {
        if let Term::Literal(literal) = object {
            // Names are of one line here.
            let words: Vec<&str> = literal.value().split_whitespace().collect();
            let found = (literal.language(), words.join(" "));
            if !found.1.is_empty() && !texts.contains(&found) {
                texts.push(found);
            }
        }
    }
    texts
}

/// `skos:definition`, for people.
pub(super) fn shortened(predicate: &str) -> String {
    let spaces = [
        ("skos:", SKOS),
        ("dcterms:", DCTERMS),
        ("owl:", OWL),
        ("dc:", DC),
        ("rdf:", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
        ("rdfs:", "http://www.w3.org/2000/01/rdf-schema#"),
        ("skosxl:", "http://www.w3.org/2008/05/skos-xl#"),
    ];
    let short = spaces.iter().find_map(|(prefix, space)| {
        let name = predicate.strip_prefix(space)?;
        Some(format!("{prefix}{name}"))
    });
    short.unwrap_or_else(|| predicate.to_owned())
}

pub(super) fn last_segment(iri: &str) -> &str {
    iri.trim_end_matches(['/', '#'])
        .rsplit(['/', '#', ':'])
        .next()
        .unwrap_or(iri)
}
