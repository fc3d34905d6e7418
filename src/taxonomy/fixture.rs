//! Taxonomies for tests: the sample newsroom's, or one written in a few lines of TOML.

use std::ops::Range;

use serde::Deserialize;

use super::keyword::Keyword;
use super::{Facet, FacetId, Taxonomy, Term, TermId, UnknownTerms};

#[derive(Deserialize)]
struct File {
    facet: toml::Table,
}

#[derive(Deserialize)]
struct FacetTable {
    name: String,
    plural: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    optional_words: Vec<String>,
    #[serde(default)]
    issues: bool,
    #[serde(default)]
    places: bool,
    #[serde(default)]
    inherit: bool,
    unknown: Option<String>,
    rule_threshold: Option<u32>,
    rule_limit: Option<usize>,
    #[serde(default)]
    rule_share: f32,
    terms: Vec<TermTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermTable {
    name: String,
    slug: Option<String>,
    /// Those in other languages are for readers alone here.
    #[serde(default, rename = "names")]
    _names: toml::Table,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    places: Vec<String>,
    parent: Option<String>,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    replaced_by: Vec<String>,
    #[serde(default)]
    matches: Vec<String>,
}

/// The taxonomy of the sample newsroom, `feeds.toml` at the top of the repository.
pub(crate) fn sample() -> Taxonomy {
    from_toml(include_str!("../../feeds.toml"))
}

/// The `[facet.*]` tables of `text`.
pub(crate) fn from_toml(text: &str) -> Taxonomy {
    let file: File = toml::from_str(text).unwrap();
    let mut taxonomy = Taxonomy::default();
    for (key, table) in file.facet {
        let table: FacetTable = table.try_into().unwrap();
        let facet = FacetId(u8::try_from(taxonomy.facets.len()).unwrap());
        let start = u16::try_from(taxonomy.terms.len()).unwrap();
        let slug_of = |term: &TermTable| term.slug.clone().unwrap_or_else(|| slug(&term.name));
        let slugs: Vec<String> = table.terms.iter().map(slug_of).collect();
        for (term, own) in table.terms.into_iter().zip(&slugs) {
            let named = |name: &String| {
                let place = slugs.iter().position(|slug| slug == name).unwrap();
                TermId(start + u16::try_from(place).unwrap())
            };
            let parent = term.parent.as_ref().map(named);
            taxonomy.terms.push(Term {
                slug: own.clone(),
                aliases: term.aliases,
                keywords: term
                    .keywords
                    .iter()
                    .map(|text| Keyword::parse(text, None).unwrap())
                    .collect(),
                places: term.places,
                parent,
                closed: term.closed,
                replaced_by: term.replaced_by.iter().map(named).collect(),
                matches: term.matches,
                ..self::term(facet, &term.name)
            });
        }
        let terms = start..u16::try_from(taxonomy.terms.len()).unwrap();
        let plain = self::facet(&key, terms);
        taxonomy.facets.push(Facet {
            plural: table.plural.unwrap_or_else(|| table.name.clone()),
            name: table.name,
            labels: table.labels,
            optional_words: table.optional_words,
            issues: table.issues,
            places: table.places,
            inherit: table.inherit,
            unknown: match table.unknown.as_deref() {
                Some("hold") => UnknownTerms::Hold,
                _ => UnknownTerms::Publish,
            },
            rule_threshold: table.rule_threshold.unwrap_or(plain.rule_threshold),
            rule_limit: table.rule_limit.unwrap_or(plain.rule_limit),
            rule_share: table.rule_share / 100.0,
            ..plain
        });
    }
    taxonomy
}

/// A facet with this key, of which nothing else is said.
pub(crate) fn facet(key: &str, terms: Range<u16>) -> Facet {
    let slug = key.replace('_', "-");
    Facet {
        key: key.to_owned(),
        scheme: format!("https://news.example.org/{slug}/"),
        slug,
        name: key.to_owned(),
        plural: key.to_owned(),
        names: Vec::new(),
        plurals: Vec::new(),
        labels: Vec::new(),
        optional_words: Vec::new(),
        issues: false,
        places: false,
        inherit: false,
        unknown: UnknownTerms::Publish,
        rule_threshold: 3,
        rule_limit: 3,
        rule_share: 0.0,
        terms,
    }
}

/// A term with this name, of which nothing else is said.
pub(crate) fn term(facet: FacetId, name: &str) -> Term {
    Term {
        facet,
        slug: slug(name),
        was: Vec::new(),
        name: name.to_owned(),
        names: Vec::new(),
        aliases: Vec::new(),
        keywords: Vec::new(),
        places: Vec::new(),
        parent: None,
        closed: false,
        replaced_by: Vec::new(),
        matches: Vec::new(),
    }
}

fn slug(name: &str) -> String {
    let plain = deunicode::deunicode(name).to_lowercase();
    let words: Vec<&str> = plain
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}
