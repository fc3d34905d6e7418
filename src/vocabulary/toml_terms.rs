//! Concepts as terms of `feeds.toml`.

use std::collections::HashMap;
use std::fmt::Write;

use super::{Concept, Vocabulary};
use crate::diagnostic::Problem;
use crate::taxonomy::names::Names;
use crate::taxonomy::slug::{fold, slug};
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// What a vocabulary adds to a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Additions {
    /// TOML to be put at the end of `feeds.toml`; empty where all is there already.
    pub toml: String,
    /// How many terms it holds.
    pub terms: usize,
    /// How many concepts are terms of the facet already.
    pub known: usize,
    /// Where concepts and terms do not agree.
    pub problems: Vec<Problem>,
}

/// The terms that a vocabulary has and the facet `key` has not. `present` is the facet, if
/// `feeds.toml` has it.
///
/// What is there is never changed: where a concept says otherwise, that is reported.
pub fn additions(
    vocabulary: &Vocabulary,
    key: &str,
    taxonomy: &Taxonomy,
    present: Option<FacetId>,
) -> Additions {
    let mut out = Additions {
        toml: String::new(),
        terms: 0,
        known: 0,
        problems: Vec::new(),
    };
    let names = Names::new(taxonomy);
    // The slugs under which concepts are known in the facet.
    let mut known: HashMap<&str, String> = HashMap::new();
    if let Some(facet) = present {
        for concept in &vocabulary.concepts {
            let term = taxonomy.term_named(facet, &concept.slug).or_else(|| {
                match names.find(facet, &concept.name) {
                    [only] => Some(*only),
                    _ => None,
                }
            });
            if let Some(id) = term {
                let term = taxonomy.term(id);
                known.insert(&concept.slug, term.slug.clone());
                out.known += 1;
                out.problems.extend(disagreement(taxonomy, id, concept));
            }
        }
    }
    let slug_of = |slug: &String| known.get(slug.as_str()).unwrap_or(slug).clone();
    let mut aliases = Aliases::new(vocabulary, &known);
    for concept in &vocabulary.concepts {
        if known.contains_key(concept.slug.as_str()) {
            continue;
        }
        let concept = Concept {
            parent: concept.parent.as_ref().map(slug_of),
            replaced_by: concept.replaced_by.iter().map(slug_of).collect(),
            aliases: aliases.of(
                concept,
                present.map(|facet| (&names, facet)),
                &mut out.problems,
            ),
            ..concept.clone()
        };
        out.toml.push('\n');
        term(&mut out.toml, key, &concept, &taxonomy.language);
        out.terms += 1;
    }
    if present.is_none() && out.terms > 0 {
        let mut head = format!("\n[facet.{}]\n", bare_or_quoted(key));
        if !vocabulary.name.is_empty() {
            let _ = writeln!(head, "name = {}", quoted(&vocabulary.name));
        }
        out.toml.insert_str(0, &head);
    }
    out
}

/// What a concept says otherwise than the term that it is.
fn disagreement(taxonomy: &Taxonomy, id: TermId, concept: &Concept) -> Option<Problem> {
    let term = taxonomy.term(id);
    let mut differences = Vec::new();
    if term.name != concept.name {
        differences.push(format!("the name is '{}'", concept.name));
    }
    let parent = term
        .parent
        .map(|parent| taxonomy.term(parent).slug.as_str());
    if concept.parent.is_some() && parent != concept.parent.as_deref() {
        let above = concept.parent.as_deref().unwrap_or("none");
        differences.push(format!("the parent is '{above}'"));
    }
    let missing: Vec<&str> = concept
        .matches
        .iter()
        .filter(|iri| !term.matches.contains(iri))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        differences.push(format!("it matches {}", missing.join(" and ")));
    }
    if differences.is_empty() {
        return None;
    }
    let message = format!(
        "the term '{}' is there already, and stays as it is",
        term.slug
    );
    let help = format!(
        "in the file {}: change it by hand if that is better",
        differences.join(", ")
    );
    Some(Problem::warning(message).help(help))
}

/// Which concept bears a name: each may name one term only.
struct Aliases {
    bearers: HashMap<String, String>,
}

impl Aliases {
    fn new(vocabulary: &Vocabulary, known: &HashMap<&str, String>) -> Aliases {
        let new = vocabulary
            .concepts
            .iter()
            .filter(|concept| !known.contains_key(concept.slug.as_str()));
        let mut bearers = HashMap::new();
        for concept in new {
            bearers
                .entry(fold(&concept.name))
                .or_insert_with(|| concept.slug.clone());
        }
        Aliases { bearers }
    }

    /// The aliases of a concept that no other bears; the others are reported.
    fn of(
        &mut self,
        concept: &Concept,
        present: Option<(&Names, FacetId)>,
        problems: &mut Vec<Problem>,
    ) -> Vec<String> {
        let mut kept = Vec::new();
        for alias in &concept.aliases {
            let folded = fold(alias);
            let bearer = self
                .bearers
                .entry(folded)
                .or_insert_with(|| concept.slug.clone());
            let in_use = present.is_some_and(|(names, facet)| !names.find(facet, alias).is_empty());
            if *bearer == concept.slug && !in_use {
                kept.push(alias.clone());
                continue;
            }
            let message = format!("the alias '{alias}' of '{}' was left out", concept.name);
            let help = match in_use {
                true => "a term of the facet bears this name".to_owned(),
                false => format!("'{bearer}' bears this name: items could not tell the two apart"),
            };
            problems.push(Problem::warning(message).help(help));
        }
        kept
    }
}

/// One term as a table.
fn term(out: &mut String, key: &str, concept: &Concept, language: &str) {
    let _ = writeln!(out, "[[facet.{}.term]]", bare_or_quoted(key));
    let mut line = |key: &str, value: String| {
        let _ = writeln!(out, "{key} = {value}");
    };
    line("name", quoted(&concept.name));
    if !concept.names.is_empty() {
        let names = concept.names.iter();
        let names = names.map(|(tag, name)| format!("{} = {}", bare_or_quoted(tag), quoted(name)));
        line(
            "names",
            format!("{{ {} }}", names.collect::<Vec<_>>().join(", ")),
        );
    }
    if concept.slug != slug(&concept.name) {
        line("slug", quoted(&concept.slug));
    }
    if let Some(parent) = &concept.parent {
        line("parent", quoted(parent));
    }
    for (key, list) in [
        ("was", &concept.was),
        ("aliases", &concept.aliases),
        ("replaced_by", &concept.replaced_by),
        ("matches", &concept.matches),
    ] {
        if !list.is_empty() {
            line(key, array(list.iter()));
        }
    }
    if concept.closed && concept.replaced_by.is_empty() {
        line("closed", "true".to_owned());
    }
    if !concept.keywords.is_empty() {
        line("keywords", keywords(&concept.keywords, language));
    }
}

fn keywords(keywords: &[(Option<String>, String)], main: &str) -> String {
    let mut languages: Vec<&Option<String>> = Vec::new();
    for (language, _) in keywords {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    let of = |wanted: &Option<String>| {
        array(
            keywords
                .iter()
                .filter(|(language, _)| language == wanted)
                .map(|(_, word)| word),
        )
    };
    match languages.as_slice() {
        [None] => of(&None),
        several => {
            let main = if main.is_empty() { "en" } else { main };
            let each = several.iter().map(|language| {
                let tag = language.as_deref().unwrap_or(main);
                format!("{} = {}", bare_or_quoted(tag), of(language))
            });
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
    }
}

fn array<'t>(texts: impl Iterator<Item = &'t String>) -> String {
    let texts: Vec<String> = texts.map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn quoted(text: &str) -> String {
    ::toml::Value::String(text.to_owned()).to_string()
}

fn bare_or_quoted(key: &str) -> String {
    let is_bare = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    match is_bare {
        true => key.to_owned(),
        false => quoted(key),
    }
}
