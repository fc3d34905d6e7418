//! `[facet.*]`: tables to the [`Taxonomy`].

use std::collections::HashMap;

use url::Url;

use super::decode::Section;
use super::former::{self, Former};
use super::labels::{self, Meanings};
use super::languages::names_in;
use super::notes::{Notes, Placed, Wrong};
use super::parents::parents;
use super::successors::successors;
use super::{Language, Site, defaults, values};
use crate::feed;
use crate::language::LanguageId;
use crate::selection;
use crate::taxonomy::keyword::Keyword;
use crate::taxonomy::names;
use crate::taxonomy::slug::slug;
use crate::taxonomy::{Facet, FacetId, Taxonomy, Term, TermId, UnknownTerms};

/// The names in the output's root that are taken, which no facet may have as its slug.
const RESERVED_PATHS: [&str; 7] = [
    "news",
    "feeds",
    "digests",
    "media",
    "subscribe",
    "sitemap",
    feed::ARCHIVE_FOLDER,
];

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

/// All facets, in the order of the document.
pub(super) fn read(
    document: &Section<'_, '_>,
    site: Option<&Site>,
    meanings: &mut Meanings,
) -> Taxonomy {
    let base_url = site.map(|site| &site.base_url);
    let languages = site.map_or(&[][..], |site| &site.languages);
    let mut taxonomy = Taxonomy {
        language: site.map_or_else(String::new, |site| site.language.clone()),
        ..Taxonomy::default()
    };
    let Some(facets) = document.section("facet", "facet") else {
        return taxonomy;
    };
    for (key, section) in facets.named_sections() {
        let Ok(number) = u8::try_from(taxonomy.facets.len()) else {
            let help = "join facets whose terms belong together";
            section
                .notes()
                .error(&key.span, "more than 256 facets", help);
            break;
        };
        let drafts = drafts(&section, languages);
        let optional_words = optional_words(&section);
        let terms = terms(
            drafts,
            FacetId(number),
            &taxonomy,
            &optional_words,
            &section,
        );
        let surroundings = Surroundings {
            base_url,
            languages,
            taxonomy: &taxonomy,
            optional_words,
        };
        let facet = facet(&key, section, surroundings, meanings, terms.len());
        taxonomy.facets.push(facet);
        taxonomy.terms.extend(terms);
    }
    taxonomy
}

/// What a facet is read among.
struct Surroundings<'a> {
    base_url: Option<&'a Url>,
    languages: &'a [Language],
    taxonomy: &'a Taxonomy,
    optional_words: Vec<String>,
}

fn facet(
    key: &Placed<String>,
    section: Section<'_, '_>,
    surroundings: Surroundings<'_>,
    meanings: &mut Meanings,
    term_count: usize,
) -> Facet {
    let Surroundings {
        base_url,
        languages,
        taxonomy,
        optional_words,
    } = surroundings;
    let notes = section.notes();
    let names = names_in(&section, "names", languages);
    let plurals = names_in(&section, "plurals", languages);
    let name = section.line("name");
    let plural = section.line("plural");
    let slug_found = section.parsed_in_place("slug", values::stated_slug);
    let name_span = name.as_ref().map_or(&key.span, |name| &name.span).clone();
    let name = name.map_or_else(|| name_from(&key.value), |name| name.value);
    let plural = plural.map_or_else(|| name.clone(), |plural| plural.value);
    let slug = slug_found.unwrap_or_else(|| Placed {
        value: slug(&name),
        span: name_span,
    });
    check_key(key, taxonomy, notes);
    check_slug(&slug, &key.value, languages, taxonomy, notes);

    // Everything that it is called is a label, beside those that are listed.
    let translated = names.iter().chain(&plurals).map(|(_, name)| name);
    let own = [&name, &plural, &key.value, &slug.value]
        .into_iter()
        .chain(translated)
        .map(|label| Placed {
            value: label.clone(),
            span: key.span.clone(),
        });
    let stated = section
        .lines("labels")
        .map_or(Vec::new(), |list| list.value);
    let meaning = format!("the facet '{}'", key.value);
    let mut labels = Vec::new();
    let all_labels = own.chain(stated).collect();
    labels::add(&mut labels, &meaning, all_labels, meanings, &section);

    let start = taxonomy.terms.len();
    let facet = Facet {
        labels,
        optional_words,
        issues: section.boolean("issues").unwrap_or(defaults::ISSUES),
        places: section.boolean("places").unwrap_or(defaults::PLACES),
        inherit: section.boolean("inherit").unwrap_or(defaults::INHERIT),
        unknown: section
            .choice(
                "unknown",
                &[
                    ("publish", UnknownTerms::Publish),
                    ("hold", UnknownTerms::Hold),
                ],
            )
            .unwrap_or(UnknownTerms::Publish),
        rule_threshold: section
            .number("rule_threshold", 1..=1_000)
            .unwrap_or(defaults::RULE_THRESHOLD) as u32,
        rule_limit: section
            .number("rule_limit", 0..=1_000)
            .unwrap_or(defaults::RULE_LIMIT) as usize,
        rule_share: section
            .number("rule_share", 0..=100)
            .map_or(defaults::RULE_SHARE, |percent| percent as f32 / 100.0),
        scheme: section.parsed("scheme", values::scheme).unwrap_or_else(|| {
            let base = base_url.map_or("", Url::as_str);
            format!("{base}{}/", slug.value)
        }),
        terms: term_number(start)..term_number(start + term_count),
        key: key.value.clone(),
        slug: slug.value,
        name,
        plural,
        names,
        plurals,
    };
    section.finish();
    facet
}

/// Words that names may bear or lack; single ones, since they are left out one by one.
fn optional_words(section: &Section<'_, '_>) -> Vec<String> {
    let listed = section
        .lines("optional_words")
        .map_or(Vec::new(), |list| list.value);
    for word in listed
        .iter()
        .filter(|word| word.value.contains(char::is_whitespace))
    {
        let help = "write each word as a text of its own: [\"OSCE\", \"European\"]";
        section
            .notes()
            .error(&word.span, "an optional word holds white space", help);
    }
    listed.into_iter().map(|word| word.value).collect()
}

/// `Field of work`, from `field_of_work`.
fn name_from(key: &str) -> String {
    let spaced = key.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => spaced,
    }
}

/// [`terms`] lets no term in that has no number.
fn term_number(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

fn check_key(key: &Placed<String>, taxonomy: &Taxonomy, notes: &Notes<'_>) {
    let name = &key.value;
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    if !is_plain {
        let help = format!("write 'facet.{}'", slug(name).replace('-', "_"));
        notes.error(&key.span, format!("'{name}' cannot be a facet's key"), help);
    } else if selection::RESERVED.contains(&name.as_str()) {
        let message = format!("'{name}' has another meaning in selections");
        notes.error(&key.span, message, "choose another key");
    } else if taxonomy.facet_named(name).is_some() {
        let message = format!("'{name}' is already the slug of another facet");
        notes.error(&key.span, message, "give one of the two another name");
    }
}

fn check_slug(
    slug: &Placed<String>,
    key: &str,
    languages: &[Language],
    taxonomy: &Taxonomy,
    notes: &Notes<'_>,
) {
    let name = slug.value.as_str();
    let help = "give the facet another 'slug'";
    if name.is_empty() {
        let message = format!("no slug can be made for the facet '{key}'");
        notes.error(&slug.span, message, help);
    } else if RESERVED_PATHS.contains(&name) || selection::RESERVED.contains(&name) {
        let message = format!("the facet's slug '{name}' is taken by Tidings itself");
        notes.error(&slug.span, message, help);
    } else if languages.iter().any(|language| language.folder == name) {
        let message = format!("the facet's slug '{name}' is the folder of a language");
        notes.error(&slug.span, message, help);
    } else if taxonomy.facet_named(name).is_some() {
        let message = format!("another facet has the slug '{name}'");
        notes.error(&slug.span, message, help);
    }
}

/// The terms as written: `terms = [...]`, then `[[facet.*.term]]`.
fn drafts(section: &Section<'_, '_>, languages: &[Language]) -> Vec<Draft> {
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
fn terms(
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
