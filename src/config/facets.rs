//! `[facet.*]`: tables to the [`Taxonomy`].

use url::Url;

use super::decode::Section;
use super::labels::{self, Meanings};
use super::languages::names_in;
use super::notes::{Notes, Placed};
use super::terms::{drafts, term_number, terms};
use super::{Language, Site, defaults, values};
use crate::feed;
use crate::selection;
use crate::taxonomy::slug::slug;
use crate::taxonomy::{Facet, FacetId, Taxonomy, UnknownTerms};

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
