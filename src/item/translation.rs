//! How an item says of which others it is a translation.

use serde::{Deserialize, Serialize};

use super::Format;

/// How an item is tied to the same piece of news in other languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TranslationLink {
    /// `translation_of`: the path of another item, or its id.
    Of(Box<str>),
    /// `translations`: a key that all translations share.
    Shared(Box<str>),
    /// Its file's name, `flood.ru.md`: the path without language and ending, as `flood.md` and
    /// `flood.de.txt` have it too.
    Beside(Box<str>),
}

/// The language that a file's name states, and the path without it: `ru` and `news/flood` for
/// `news/flood.ru.md`. Only the languages of the site count, so that no other name is mistaken
/// for one.
pub fn by_file_name<'l>(path: &str, languages: &'l [String]) -> Option<(&'l str, String)> {
    let stem = stem(path)?;
    let (rest, tag) = stem.rsplit_once('.')?;
    let is_name = !rest.is_empty() && !rest.ends_with('/');
    let language = languages
        .iter()
        .find(|language| is_name && language.eq_ignore_ascii_case(tag))?;
    Some((language, rest.to_owned()))
}

/// The path of an item without its ending.
pub fn stem(path: &str) -> Option<&str> {
    let (stem, extension) = path.rsplit_once('.')?;
    Format::of(extension).map(|_| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_states_one_of_the_languages_of_the_site() {
        let languages = ["en".to_owned(), "sr-Latn".to_owned()];
        let found = |path| by_file_name(path, &languages);
        assert_eq!(found("a/b.EN.md"), Some(("en", "a/b".to_owned())));
        assert_eq!(found("b.sr-latn.txt"), Some(("sr-Latn", "b".to_owned())));
        for path in [
            "a/b.md",
            "a/b.no.md",
            "a/.en.md",
            "a/b.en.pdf",
            "en.md",
            "a.en/b.md",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
