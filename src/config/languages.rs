//! `[site] languages` and `[language.*]`: the languages of the site and their words.

use std::collections::HashMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::decode::Section;
use super::notes::Placed;
use super::{Language, defaults, values};
use crate::diagnostic::did_you_mean;
use crate::language::{Calendar, LanguageId, Phrasebook, Words, direction, own_name};

/// What `[site]` says of languages.
pub(super) struct Stated {
    /// The main one, where it is stated.
    pub main: Option<Placed<String>>,
    /// Those that have pages and feeds, where they are stated.
    pub all: Option<Placed<Vec<Placed<String>>>>,
}

impl Stated {
    /// Reads the two keys of `[site]`.
    pub fn read(site: &Section<'_, '_>) -> Stated {
        Stated {
            main: site.parsed_in_place("language", values::language),
            all: site.lines("languages").map(|list| Placed {
                span: list.span,
                value: list
                    .value
                    .into_iter()
                    .filter_map(|line| site.parse_line(line, values::language))
                    .collect(),
            }),
        }
    }
}

/// What is said in `[language.*]` of one language.
#[derive(Default)]
struct Told {
    name: Option<String>,
    title: Option<String>,
    description: Option<String>,
    direction: Option<&'static str>,
}

/// The languages of the site, the main one first, and the words of all languages.
///
/// `title` and `description` are the site's own, for languages that state none.
pub(super) fn read(
    document: &Section<'_, '_>,
    stated: Stated,
    title: &str,
    description: &str,
) -> (Vec<Language>, Phrasebook) {
    let tags = tags(document, stated);
    let mut told: HashMap<String, Told> = HashMap::new();
    let mut words: Vec<Words> = tags.iter().map(|tag| Words::built_in(tag)).collect();
    if let Some(all) = document.section("language", "language") {
        for (key, section) in all.named_sections() {
            let Some(Placed { value: tag, .. }) = section.parse_line(key, values::language) else {
                continue;
            };
            let (about, said) = language(&tag, section);
            words.push(said);
            told.insert(tag.to_ascii_lowercase(), about);
        }
    }
    let languages = tags.iter().enumerate().map(|(place, tag)| {
        let about = told.remove(&tag.to_ascii_lowercase()).unwrap_or_default();
        let name = about.name.or_else(|| own_name(tag).map(str::to_owned));
        Language {
            folder: match place {
                0 => String::new(),
                _ => tag.to_ascii_lowercase(),
            },
            name: name.unwrap_or_else(|| tag.clone()),
            title: about.title.unwrap_or_else(|| title.to_owned()),
            description: about.description.unwrap_or_else(|| description.to_owned()),
            direction: about.direction.unwrap_or_else(|| direction(tag)),
            tag: tag.clone(),
        }
    });
    (languages.collect(), Phrasebook::new(words))
}

/// Where `source` speaks of a language of the site: at the table of its words, else at its own,
/// else where `languages` names it; `None` where it does so nowhere.
pub fn place(source: &str, tag: &str) -> Option<Range<usize>> {
    let document = DeTable::parse(source).ok()?;
    let document = document.get_ref();
    let is_it = |text: &str| text.eq_ignore_ascii_case(tag);
    let own = || {
        let all = document.get("language")?.get_ref().as_table()?;
        let (key, table) = all.iter().find(|(key, _)| is_it(key.get_ref()))?;
        let inner = table.get_ref().as_table()?;
        let strings = inner.iter().find(|(key, _)| key.get_ref() == "strings");
        Some(strings.map_or(key.span(), |(key, _)| key.span()))
    };
    let named = || {
        let site = document.get("site")?.get_ref().as_table()?;
        let mut all = site.get("languages")?.get_ref().as_array()?.iter();
        let named = all.find(|one| one.get_ref().as_str().is_some_and(is_it));
        named.map(Spanned::span)
    };
    own().or_else(named)
}

/// The tags of the site's languages, the main one first.
fn tags(document: &Section<'_, '_>, stated: Stated) -> Vec<String> {
    let notes = document.notes();
    let default = || defaults::LANGUAGE.to_owned();
    let Some(all) = stated.all else {
        return vec![stated.main.map_or_else(default, |main| main.value)];
    };
    let mut tags: Vec<String> = Vec::new();
    for Placed { value, span } in all.value {
        let is_known = |tag: &String| tag.eq_ignore_ascii_case(&value);
        if tags.iter().any(is_known) {
            let message = format!("the language '{value}' is listed already");
            notes.error(&span, message, "remove it");
        } else if tags.len() > usize::from(u8::MAX) {
            notes.error(&span, "more than 256 languages", "remove some");
            break;
        } else {
            tags.push(value);
        }
    }
    if tags.is_empty() {
        let help = "name at least one: 'languages = [\"en\", \"ru\"]'";
        notes.error(&all.span, "no language", help);
    }
    if let Some(main) = stated.main {
        match tags
            .iter()
            .position(|tag| tag.eq_ignore_ascii_case(&main.value))
        {
            Some(place) => tags[..=place].rotate_right(1),
            None => {
                let message = format!(
                    "the main language '{}' is not among 'languages'",
                    main.value
                );
                let help = format!(
                    "add \"{}\" to 'languages', or change 'language'",
                    main.value
                );
                notes.error(&main.span, message, help);
                tags.insert(0, main.value);
            }
        }
    }
    if tags.is_empty() {
        tags.push(default());
    }
    tags
}

/// One `[language.*]`.
fn language(tag: &str, section: Section<'_, '_>) -> (Told, Words) {
    let about = Told {
        name: section.line("name").map(|line| line.value),
        title: section.line("title").map(|line| line.value),
        description: section.text("description").map(|text| text.value),
        direction: section.choice("direction", &[("ltr", "ltr"), ("rtl", "rtl")]),
    };
    let built_in = Words::built_in(tag);
    let own = built_in.calendar();
    let months: Option<[String; 12]> = names(&section, "months");
    let alone = names(&section, "months_alone").or_else(|| months.clone());
    let short = names(&section, "short_months").or_else(|| months.clone());
    let calendar = Calendar {
        months_alone: alone.unwrap_or_else(|| own.months_alone.clone()),
        short_months: short.unwrap_or_else(|| own.short_months.clone()),
        months: months.unwrap_or_else(|| own.months.clone()),
        weekdays: names(&section, "weekdays").unwrap_or_else(|| own.weekdays.clone()),
        thousands: sign(&section, "thousands").unwrap_or_else(|| own.thousands.clone()),
        decimal: sign(&section, "decimal").unwrap_or_else(|| own.decimal.clone()),
    };
    let mut words = built_in.with_calendar(calendar);
    let name = section.name().trim_matches(['[', ']']).to_owned();
    if let Some(strings) = section.section("strings", &format!("{name}.strings")) {
        for (text, forms) in strings.named_texts() {
            let forms = forms.into_iter().map(|form| form.value).collect();
            words = words.with(&text.value, forms);
        }
    }
    section.finish();
    (about, words)
}

/// A list of so many names.
fn names<const COUNT: usize>(
    section: &Section<'_, '_>,
    key: &'static str,
) -> Option<[String; COUNT]> {
    let list = section.lines(key)?;
    let names: Vec<String> = list.value.into_iter().map(|line| line.value).collect();
    let found = names.len();
    let names = names.try_into().ok();
    if names.is_none() {
        let message = format!("'{key}' has {found} names");
        let help = format!("write all {COUNT}, in the order of the calendar");
        section.notes().error(&list.span, message, help);
    }
    names
}

/// What stands between digits, spaces included; may be empty.
fn sign(section: &Section<'_, '_>, key: &'static str) -> Option<String> {
    section.raw(key).map(|text| text.value)
}

/// The languages that names are given in, `names = { ru = "..." }`, each with its number.
/// Languages that the site does not have are warned of: nobody would see those names.
pub(super) fn names_in(
    section: &Section<'_, '_>,
    key: &'static str,
    languages: &[Language],
) -> Vec<(LanguageId, String)> {
    let name = section.name().trim_matches(['[', ']']).to_owned();
    let Some(table) = section.section(key, &format!("{name}.{key}")) else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for (tag, forms) in table.named_texts() {
        let place = languages
            .iter()
            .position(|language| language.tag.eq_ignore_ascii_case(&tag.value));
        let id = place.and_then(|place| u8::try_from(place).ok());
        match (id, forms.into_iter().next()) {
            (Some(id), Some(name)) => names.push((LanguageId(id), name.value)),
            (None, _) => {
                let tags = languages.iter().map(|language| language.tag.as_str());
                let help = match did_you_mean(&tag.value, tags) {
                    Some(near) => format!("did you mean '{near}'?"),
                    None => format!("add \"{}\" to 'languages' in [site]", tag.value),
                };
                let message = format!("the site has no language '{}'", tag.value);
                section.notes().warning(&tag.span, message, help);
            }
            _ => {}
        }
    }
    names.sort_by_key(|(id, _)| *id);
    names
}
