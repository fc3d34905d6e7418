//! The languages of a site: their names, how they are written, and the words that templates say.
//!
//! Pure: knows neither configuration, items nor templates. English and Russian are built in;
//! `feeds.toml` adds others, and may reword these.

mod english;
mod names;
mod plural;
mod russian;
mod words;

pub use names::own_name;
pub use words::{Calendar, Phrasebook, Words};

/// A language of the site, by its place in the configuration; the first is the main one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageId(pub u8);

impl LanguageId {
    /// The main language, whose pages stand at the root.
    pub const MAIN: LanguageId = LanguageId(0);
}

/// What is said in one language, of what is said in several.
pub fn said(texts: &[(LanguageId, String)], language: LanguageId) -> Option<&str> {
    let found = texts.iter().find(|(other, _)| *other == language);
    found.map(|(_, text)| text.as_str())
}

/// What the program itself says to readers, beside what stands in templates: the English texts,
/// under which translations are found.
pub const OWN_PHRASES: [&str; 22] = [
    "Types",
    "Languages",
    "item",
    "no news",
    "B",
    "kB",
    "MB",
    "GB",
    "{title}: news from {site}.",
    "This topic was replaced by: {topics}.",
    "All issues of {title}.",
    "everything",
    "and",
    "or",
    "not {what}",
    "in {language}",
    "since {day}",
    "before {day}",
    "Each item at once",
    "Once a day",
    "Once a week",
    "Once a month",
];

/// The direction in which a BCP 47 language is written, as HTML's `dir` has it: by its script
/// where the tag names one, else by the one that it is mostly written in.
pub fn direction(language: &str) -> &'static str {
    let mut subtags = language.split('-');
    let primary = subtags.next().unwrap_or("").to_ascii_lowercase();
    let script = subtags.find(|subtag| subtag.len() == 4);
    let right_to_left = match script.map(str::to_ascii_lowercase).as_deref() {
        Some(script) => ["arab", "hebr", "syrc", "thaa", "nkoo", "adlm"].contains(&script),
        None => [
            "ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi",
        ]
        .contains(&primary.as_str()),
    };
    if right_to_left { "rtl" } else { "ltr" }
}

/// Whether the language tag lies within the range, by RFC 4647, section 3.3.1 (basic filtering):
/// the range is the whole tag, or its beginning up to a hyphen.
pub fn lies_within(tag: &str, range: &str) -> bool {
    tag.get(..range.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(range))
        && matches!(tag.as_bytes().get(range.len()), None | Some(b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_goes_by_the_script_before_the_language() {
        for tag in ["ar", "he-IL", "FA", "uz-Arab", "ckb"] {
            assert_eq!(direction(tag), "rtl", "{tag}");
        }
        for tag in ["en", "ru", "az-Latn-IR", "ar-Latn", ""] {
            assert_eq!(direction(tag), "ltr", "{tag}");
        }
    }

    #[test]
    fn a_range_takes_in_its_regions_and_scripts() {
        assert!(lies_within("ru", "ru") && lies_within("ru-BY", "RU"));
        assert!(!lies_within("rus", "ru") && !lies_within("ru", "ru-BY"));
    }
}
