//! `terms` of a facet: tables to [`Term`]s, checked against one another.

use std::collections::HashMap;

use super::decode::Section;
use super::former::{self, Former};
use super::languages::names_in;
use super::notes::{Notes, Placed, Wrong};
use super::parents::parents;
use super::successors::successors;
use super::{Language, values};
use crate::language::LanguageId;
use crate::taxonomy::keyword::Keyword;
use crate::taxonomy::names;
use crate::taxonomy::slug::slug;
use crate::taxonomy::{FacetId, Taxonomy, Term, TermId};

/// A term before those that it speaks of are looked up.
pub(super) struct Draft {
    pub name: Placed<String>,
    names: Vec<(LanguageId, String)>,
    pub slug: Placed<String>,
    /// Whether the slug is written out rather than made from the name.
    slug_is_stated: bool,
    was: Vec<Placed<String>>,
    aliases: Vec<Placed<String>>,
    pub keywords: Vec<Keyword>,
    places: Vec<String>,
    pub parent: Option<Placed<String>>,
    closed: bool,
    pub replaced_by: Vec<Placed<String>>,
    matches: Vec<String>,
}

/// The terms as written: `terms = [...]`, then `[[facet.*.term]]`.
pub(super) fn drafts(section: &Section<'_, '_>, languages: &[Language]) -> Vec<Draft> {
    let name = section.name();
    let below = name.trim_matches(['[', ']']).to_owned();
    let mut drafts = Vec::new();
    for (key, name) in [
        ("terms", format!("{below}.terms")),
        ("term", format!("{below}.term")),
    ] {
        for table in section.sections(key, &name) {
            drafts.extend(draft(table, languages));
        }
    }
    drafts
}

fn draft(table: Section<'_, '_>, languages: &[Language]) -> Option<Draft> {
    let name = table.required_line("name", "\"Countering terrorism\"");
    let names = names_in(&table, "names", languages);
    let stated = table.parsed_in_place("slug", values::stated_slug);
    let slug_is_stated = stated.is_some();
    let was = former::read(&table);
    let aliases = table.lines("aliases").map_or(Vec::new(), |list| list.value);
    let keywords = keywords(&table);
    let places = table.lines("places").map_or(Vec::new(), |list| list.value);
    let parent = table.line("parent");
    let closed = table.boolean("closed").unwrap_or(false);
    let replaced_by = table
        .lines("replaced_by")
        .map_or(Vec::new(), |list| list.value);
    let matches = matches(&table);
    let notes = table.notes();
    table.finish();
    let name = name?;
    let slug = stated.unwrap_or_else(|| Placed {
        value: slug(&name.value),
        span: name.span.clone(),
    });
    if slug.value.is_empty() {
        let message = format!("no slug can be made from '{}'", name.value);
        notes.error(&name.span, message, "add a 'slug'");
    }
    Some(Draft {
        name,
        names,
        slug,
        slug_is_stated,
        was,
        aliases,
        keywords,
        places: places.into_iter().map(|place| place.value).collect(),
        parent,
        closed,
        replaced_by,
        matches,
    })
}

/// Concepts of other vocabularies, each an absolute IRI.
fn matches(table: &Section<'_, '_>) -> Vec<String> {
    let lines = table.lines("matches").map_or(Vec::new(), |list| list.value);
    lines
        .into_iter()
        .filter_map(|line| table.parse_line(line, values::scheme))
        .map(|iri| iri.value)
        .collect()
}

/// `keywords = ["police"]`, or by language: `keywords = { en = ["police"], ru = ["полиция"] }`.
fn keywords(table: &Section<'_, '_>) -> Vec<Keyword> {
    if !table.is_table("keywords") {
        let listed = table.lines("keywords").map_or(Vec::new(), |it| it.value);
        return parsed_keywords(table, listed, None);
    }
    let Some(by_language) = table.section("keywords", "keywords") else {
        return Vec::new();
    };
    let mut keywords = Vec::new();
    for (language, listed) in by_language.named_lines() {
        if let Some(language) = by_language.parse_line(language, values::language) {
            keywords.extend(parsed_keywords(table, listed, Some(&language.value)));
        }
    }
    keywords
}

fn parsed_keywords(
    table: &Section<'_, '_>,
    listed: Vec<Placed<String>>,
    language: Option<&str>,
) -> Vec<Keyword> {
    let parse = |text: &str| {
        Keyword::parse(text, language).map_err(|error| Wrong {
            message: error.message,
            help: Some(error.help),
            span: Some(error.span),
        })
    };
    listed
        .into_iter()
        .filter_map(|line| table.parse_line(line, parse))
        .map(|keyword| keyword.value)
        .collect()
}

/// The terms of one facet, checked against one another.
pub(super) fn terms(
    mut drafts: Vec<Draft>,
    facet: FacetId,
    taxonomy: &Taxonomy,
    optional_words: &[String],
    section: &Section<'_, '_>,
) -> Vec<Term> {
    let notes = section.notes();
    let start = taxonomy.terms.len();
    let room = usize::from(u16::MAX) - start;
    if drafts.len() > room {
        let help = "Tidings has numbers for 65535 terms in all facets together";
        notes.error(&section.span, "too many terms", help);
        drafts.truncate(room);
    }
    check_names(&drafts, optional_words, notes);
    let mut former = Former::default();
    let parents = parents(&drafts, notes);
    let successors = successors(&mut drafts, notes);
    let number = |place: usize| TermId(term_number(start + place));
    let terms = drafts
        .into_iter()
        .zip(parents)
        .zip(successors)
        .map(|((draft, parent), successors)| Term {
            facet,
            was: former.take(&draft.name.value, &draft.slug.value, draft.was),
            slug: draft.slug.value,
            name: draft.name.value,
            names: draft.names,
            aliases: draft.aliases.into_iter().map(|alias| alias.value).collect(),
            keywords: draft.keywords,
            places: draft.places,
            parent: parent.map(number),
            closed: draft.closed || !successors.is_empty(),
            replaced_by: successors.into_iter().map(number).collect(),
            matches: draft.matches,
        })
        .collect();
    former.check("term", notes);
    terms
}

/// Each slug once; each name and alias of one term only, whatever its case, accents, spelling and
/// small words. Terms under different parents may share a name: stated beside one of these, it is
/// clear.
fn check_names(drafts: &[Draft], optional_words: &[String], notes: &Notes<'_>) {
    let mut bearers: HashMap<String, (usize, &Placed<String>)> = HashMap::new();
    let mut slugs: HashMap<&str, usize> = HashMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        let mut name_is_taken = false;
        let stated_slug = draft.slug_is_stated.then_some(&draft.slug);
        let names = std::iter::once(&draft.name).chain(&draft.aliases);
        for (at, name) in names.chain(stated_slug).enumerate() {
            let key = comparable(&name.value, optional_words);
            let (bearer, first) = *bearers.entry(key).or_insert((place, name));
            let other = &drafts[bearer];
            let same_slug = at > 0 && other.slug.value == draft.slug.value;
            if bearer == place || same_slug || told_apart(draft, other) {
                continue;
            }
            name_is_taken |= at == 0;
            let message = format!("the name '{}' is ambiguous", name.value);
            let also = match first.value == name.value {
                true => "bears it too".to_owned(),
                false => format!("is called '{}', which is the same", first.value),
            };
            let help = format!(
                "the term '{}' {also}, on line {}: take it from one of the two",
                other.name.value,
                notes.line(&first.span)
            );
            notes.error(&name.span, message, help);
        }
        let first = *slugs.entry(&draft.slug.value).or_insert(place);
        // Where the slug is made from a name that is taken, the name is the mistake.
        if first != place && (draft.slug_is_stated || !name_is_taken) {
            let message = format!("duplicate slug '{}'", draft.slug.value);
            let help = format!(
                "the term '{}' has it too: give one of the two another 'slug'",
                drafts[first].name.value
            );
            notes.error(&draft.slug.span, message, help);
        }
    }
}

/// Whether two terms are under different parents and neither is under the other.
fn told_apart(one: &Draft, other: &Draft) -> bool {
    match (&one.parent, &other.parent) {
        (Some(first), Some(second)) => {
            first.value != second.value
                && first.value != other.slug.value
                && second.value != one.slug.value
        }
        _ => false,
    }
}

/// The form in which names are compared; that of a name without any letter is the name.
fn comparable(name: &str, optional_words: &[String]) -> String {
    let key = names::key(name, optional_words);
    if key.is_empty() {
        name.to_lowercase()
    } else {
        key
    }
}

/// [`terms`] lets no term in that has no number.
pub(super) fn term_number(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}
