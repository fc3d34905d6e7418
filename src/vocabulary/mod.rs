//! Facets in the forms of others: SKOS, the W3C's form for vocabularies
//! (<https://www.w3.org/TR/skos-reference/>), in Turtle or RDF/XML, and tables as CSV.
//!
//! Pure: a [`Vocabulary`] is the form between; bytes and taxonomies in, bytes and TOML out. What is
//! not understood is reported and never silently lost.

mod concepts;
mod notes;
mod rdf;
mod said;
mod table;
mod taken;
#[cfg(test)]
mod tests;
mod toml_terms;
mod write;

use crate::diagnostic::Problem;
use crate::taxonomy::{FacetId, Taxonomy};

pub use toml_terms::{Additions, additions};

/// The form in which a vocabulary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SKOS as Turtle.
    Turtle,
    /// SKOS as RDF/XML.
    RdfXml,
    /// A table with a head, one concept a row.
    Csv,
}

impl Format {
    /// The form that a file's extension (without its dot, in any case) stands for.
    pub fn of(extension: &str) -> Option<Format> {
        match extension.to_ascii_lowercase().as_str() {
            "ttl" | "turtle" | "nt" => Some(Format::Turtle),
            "rdf" | "xml" | "owl" | "rdfxml" => Some(Format::RdfXml),
            "csv" | "tsv" => Some(Format::Csv),
            _ => None,
        }
    }
}

/// The concepts of one scheme.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vocabulary {
    /// Its name in the main language; empty where it has none.
    pub name: String,
    /// Its concepts, in order.
    pub concepts: Vec<Concept>,
}

/// A concept: what becomes a term, with everything that it speaks of named by its slug.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Concept {
    /// Its slug, unique within the vocabulary (`skos:notation`).
    pub slug: String,
    /// Its name in the main language (`skos:prefLabel`).
    pub name: String,
    /// Its names in the site's other languages, by BCP 47 tag (`skos:prefLabel`).
    pub names: Vec<(String, String)>,
    /// Its other names (`skos:altLabel`).
    pub aliases: Vec<String>,
    /// Words that speak for it in a text, each with its language where that is not the main one
    /// (`skos:hiddenLabel`).
    pub keywords: Vec<(Option<String>, String)>,
    /// The one above it (`skos:broader`).
    pub parent: Option<String>,
    /// The slugs that it had before (`dcterms:replaces`).
    pub was: Vec<String>,
    /// Whether it is history (`owl:deprecated`).
    pub closed: bool,
    /// Those that took its place (`dcterms:isReplacedBy`).
    pub replaced_by: Vec<String>,
    /// The same concept elsewhere (`skos:exactMatch`): absolute IRIs.
    pub matches: Vec<String>,
}

/// What reading and writing must know of the newsroom.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The languages of the site as BCP 47 tags, the main one first; at least one.
    pub languages: &'a [&'a str],
    /// The scheme's IRI: concepts lie below it, and relative IRIs resolve against it.
    pub scheme: &'a str,
}

impl Context<'_> {
    fn main(&self) -> &str {
        self.languages.first().copied().unwrap_or("en")
    }

    /// What concepts' IRIs begin with.
    fn base(&self) -> String {
        match self.scheme.ends_with(['/', '#']) {
            true => self.scheme.to_owned(),
            false => format!("{}/", self.scheme),
        }
    }
}

/// A vocabulary that was read, with what is worth knowing about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What was understood.
    pub vocabulary: Vocabulary,
    /// What was not, and errors where a concept is left out for it; their `file` is left to the
    /// caller.
    pub problems: Vec<Problem>,
}

/// Reads a vocabulary. `only` picks one scheme, by its IRI, of a file that holds several.
///
/// # Errors
/// When the file as a whole cannot be read: it is cut short, no text, or without concepts.
pub fn read(
    bytes: &[u8],
    format: Format,
    context: Context<'_>,
    only: Option<&str>,
) -> Result<Reading, Vec<Problem>> {
    match format {
        Format::Csv => table::read(bytes, context),
        Format::Turtle | Format::RdfXml => {
            let resources = rdf::read(bytes, format, context)?;
            concepts::of(&resources, context, only).map_err(|problem| vec![problem])
        }
    }
}

/// Writes a vocabulary.
///
/// # Errors
/// When the scheme's IRI is none that RDF allows.
pub fn write(
    vocabulary: &Vocabulary,
    format: Format,
    context: Context<'_>,
) -> Result<Vec<u8>, Problem> {
    match format {
        Format::Csv => table::write(vocabulary, context),
        Format::Turtle | Format::RdfXml => write::rdf(vocabulary, format, context),
    }
}

/// A facet as a vocabulary.
pub fn of_facet(taxonomy: &Taxonomy, facet: FacetId, context: Context<'_>) -> Vocabulary {
    let slug = |id: &crate::taxonomy::TermId| taxonomy.term(*id).slug.clone();
    let language = |id: crate::language::LanguageId| {
        let found = context.languages.get(usize::from(id.0));
        found.map(|tag| (*tag).to_owned())
    };
    let concepts = taxonomy
        .terms_of(facet)
        .map(|(_, term)| Concept {
            slug: term.slug.clone(),
            name: term.name.clone(),
            names: term
                .names
                .iter()
                .filter_map(|(id, name)| Some((language(*id)?, name.clone())))
                .collect(),
            aliases: term.aliases.clone(),
            keywords: term
                .keywords
                .iter()
                .map(|keyword| (keyword.language.clone(), keyword.text.clone()))
                .collect(),
            parent: term.parent.as_ref().map(slug),
            was: term.was.clone(),
            closed: term.closed,
            replaced_by: term.replaced_by.iter().map(slug).collect(),
            matches: term.matches.clone(),
        })
        .collect();
    Vocabulary {
        name: taxonomy.facet(facet).name.clone(),
        concepts,
    }
}
