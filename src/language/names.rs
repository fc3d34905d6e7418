//! What languages call themselves.

/// The name of a BCP 47 language in that language: `Русский` for `ru`. A tag with a script or a
/// region has its language's name unless it has one of its own; `None` where we know none.
pub fn own_name(tag: &str) -> Option<&'static str> {
    let mut range = tag;
    loop {
        let found = NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(range));
        match (found, range.rfind('-')) {
            (Some((_, name)), _) => return Some(name),
            (None, Some(end)) => range = &range[..end],
            (None, None) => return None,
        }
    }
}

/// The languages of Europe, of Central Asia and of their neighbours, and those of the United
/// Nations.
const NAMES: &[(&str, &str)] = &[
    ("ar", "العربية"),
    ("az", "Azərbaycanca"),
    ("be", "Беларуская"),
    ("bg", "Български"),
    ("bs", "Bosanski"),
    ("ca", "Català"),
    ("cnr", "Crnogorski"),
    ("cs", "Čeština"),
    ("cy", "Cymraeg"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("es", "Español"),
    ("et", "Eesti"),
    ("eu", "Euskara"),
    ("fa", "فارسی"),
    ("fi", "Suomi"),
    ("fr", "Français"),
    ("ga", "Gaeilge"),
    ("he", "עברית"),
    ("hr", "Hrvatski"),
    ("hu", "Magyar"),
    ("hy", "Հայերեն"),
    ("is", "Íslenska"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ka", "ქართული"),
    ("kk", "Қазақша"),
    ("ko", "한국어"),
    ("ky", "Кыргызча"),
    ("lb", "Lëtzebuergesch"),
    ("lt", "Lietuvių"),
    ("lv", "Latviešu"),
    ("mk", "Македонски"),
    ("mn", "Монгол"),
    ("mt", "Malti"),
    ("nb", "Norsk bokmål"),
    ("nl", "Nederlands"),
    ("nn", "Norsk nynorsk"),
    ("no", "Norsk"),
    ("pl", "Polski"),
    ("ps", "پښتو"),
    ("pt", "Português"),
    ("rm", "Rumantsch"),
    ("ro", "Română"),
    ("rom", "Romani"),
    ("ru", "Русский"),
    ("sk", "Slovenčina"),
    ("sl", "Slovenščina"),
    ("sq", "Shqip"),
    ("sr", "Српски"),
    ("sr-Latn", "Srpski"),
    ("sv", "Svenska"),
    ("tg", "Тоҷикӣ"),
    ("tk", "Türkmençe"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("uz", "Oʻzbekcha"),
    ("uz-Cyrl", "Ўзбекча"),
    ("zh", "中文"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_of_a_tag_is_taken() {
        assert_eq!(own_name("ru-BY"), Some("Русский"));
        assert_eq!(own_name("SR-latn-ME"), Some("Srpski"));
        assert_eq!(own_name("sr-Cyrl"), Some("Српски"));
        assert_eq!(own_name("xx"), None);
    }
}
