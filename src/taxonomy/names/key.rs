//! The key of a name: what is left of it when all that writers vary is taken away.
//!
//! A key is the name's words in a row without anything between them, so that `Co-operation`,
//! `co operation` and a slug's `co-operation` are one. It is never shown to anybody.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that names are written with or without, or that are mixed up: `Mission in Kosovo` and
/// `Mission to Kosovo`, `Roma and Sinti` and `Roma & Sinti`.
const SMALL_WORDS: [&str; 9] = ["the", "and", "of", "on", "in", "to", "for", "at", "with"];

/// Spellings of one sound in British and in American English, or in use side by side; the first
/// that fits is taken. Not meant to give right words, only the same letters for both.
const SPELLINGS: [(&str, &str); 9] = [
    ("programme", "program"),
    ("centre", "center"),
    ("dgement", "dgment"),
    ("logue", "log"),
    ("ence", "ense"),
    ("our", "or"),
    ("ll", "l"),
    ("tting", "ting"),
    ("tted", "ted"),
];

/// The key of `name`; `optional` holds the keys of words that a name may bear or lack. Empty only
/// if `name` has neither letters nor digits.
pub(super) fn of(name: &str, optional: &[String]) -> String {
    let plain = plain(without_closed(name));
    let mut key = String::with_capacity(plain.len());
    let mut after_optional = false;
    for word in words(&plain).filter(|word| !SMALL_WORDS.contains(word)) {
        let start = key.len();
        push(word, &mut key);
        // "ACME's Council" is the Council.
        let is_ending = after_optional && word == "s";
        after_optional = optional.iter().any(|optional| *optional == key[start..]);
        if after_optional || is_ending {
            key.truncate(start);
        }
    }
    if key.is_empty() {
        // Nothing but small and optional words: then they are the name.
        for word in words(&plain) {
            push(word, &mut key);
        }
    }
    key
}

/// Cuts a last bracket that begins with `closed`: `Office in Baku (closed)`.
pub(super) fn without_closed(name: &str) -> &str {
    let name = name.trim_end();
    let Some((before, note)) = name.strip_suffix(')').and_then(|it| it.rsplit_once('(')) else {
        return name;
    };
    let is_closed = note
        .trim_start()
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case("closed"));
    if is_closed && !before.trim().is_empty() {
        before
    } else {
        name
    }
}

/// Small letters without accents; letters that Unicode does not take apart (ł, đ, ø, ı) as their
/// nearest Latin ones. Other scripts keep their letters and vowel signs.
fn plain(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut plain = String::with_capacity(name.len());
    for letter in name.nfkd() {
        match letter {
            '\u{300}'..='\u{36f}' => {}
            '\u{80}'..='\u{24f}' if letter.is_alphabetic() => {
                let latin = deunicode::deunicode_char(letter).unwrap_or_default();
                plain.extend(latin.chars().flat_map(char::to_lowercase));
            }
            _ => plain.extend(letter.to_lowercase()),
        }
    }
    plain
}

fn words(plain: &str) -> impl Iterator<Item = &str> {
    plain
        .split(|letter: char| !(letter.is_alphanumeric() || is_combining_mark(letter)))
        .filter(|word| !word.is_empty())
}

fn push(word: &str, key: &mut String) {
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        let spelling = SPELLINGS.iter().find(|(from, _)| rest.starts_with(from));
        if let Some((from, to)) = spelling {
            key.push_str(to);
            rest = &rest[from.len()..];
        } else {
            // -ise and -ize, -yse and -yze.
            key.push(if letter == 'z' { 's' } else { letter });
            rest = &rest[letter.len_utf8()..];
        }
    }
}
