//! Slugs: the names that things have in paths.
//!
//! Pure text. Nothing here knows what the slug is for.

use deunicode::deunicode_with_tofu;

/// The most characters of a slug that [`slug`] makes: short enough for every file system, with
/// room for a suffix.
pub const MADE_LIMIT: usize = 80;

/// The most characters of a slug that [`is_slug`] accepts.
pub const STATED_LIMIT: usize = 100;

/// The slug of a text: `Roma and Sinti` becomes `roma-and-sinti`, `Cyber/ICT Security` becomes
/// `cyber-ict-security`, `Prishtinë` becomes `prishtine`.
///
/// At most [`MADE_LIMIT`] characters, cut between words where that is possible. Empty when the
/// text has no letter or digit.
pub fn slug(text: &str) -> String {
    let mut slug = fold(text);
    if slug.len() > MADE_LIMIT {
        // A slug is ASCII, so every byte is a character; a word longer than the limit is cut.
        let end = match slug[..=MADE_LIMIT].rfind('-') {
            Some(at) if at > 0 => at,
            _ => MADE_LIMIT,
        };
        slug.truncate(end);
    }
    slug
}

/// The text in the form in which names are compared: letters and digits in lower case without
/// accents, everything between them one hyphen. Like [`slug`], but of any length.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for character in deunicode_with_tofu(text, " ").chars() {
        if character.is_ascii_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push('-');
            }
            gap = false;
            folded.push(character.to_ascii_lowercase());
        } else if character != '\'' {
            // An apostrophe stands within a word: `women's` is one word.
            gap = true;
        }
    }
    folded
}

/// Whether a text is fit to be one segment of a path as it stands: lower-case ASCII letters,
/// digits and single hyphens between them, at most [`STATED_LIMIT`] characters.
pub fn is_slug(text: &str) -> bool {
    text.len() <= STATED_LIMIT
        && text.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_plain_words_with_hyphens() {
        for (text, expected) in [
            ("Roma and Sinti", "roma-and-sinti"),
            ("Cyber/ICT Security", "cyber-ict-security"),
            ("  Prishtinë / Priština ", "prishtine-pristina"),
            ("Women's rights, men’s duties", "womens-rights-mens-duties"),
            ("Co-operation – and more…", "co-operation-and-more"),
            ("Українa", "ukrayina"),
            ("Mu\u{308}nchen", "munchen"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\u{0}b\r\nc", "a-b-c"),
            ("—", ""),
            ("", ""),
        ] {
            assert_eq!(slug(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_long_slug_is_cut_between_words() {
        let made = slug(&"security ".repeat(20));
        assert_eq!(made, "security-".repeat(8) + "security");
        assert_eq!(slug(&"x".repeat(200)).len(), MADE_LIMIT);
    }

    #[test]
    fn a_stated_slug_is_a_plain_lower_case_segment() {
        for good in ["a", "2024", "countering-terrorism"] {
            assert!(is_slug(good), "{good:?}");
        }
        for bad in [
            "", "-", "a-", "-a", "a--b", "A", "a_b", "a/b", "..", "é", "a b", "a\n",
        ] {
            assert!(!is_slug(bad), "{bad:?}");
        }
        assert!(!is_slug(&"a".repeat(STATED_LIMIT + 1)));
    }

    proptest! {
        #[test]
        fn a_slug_is_empty_or_valid_and_its_own_slug(text in "\\PC{0,120}") {
            let made = slug(&text);
            prop_assert!(made.is_empty() || is_slug(&made), "{made:?}");
            prop_assert_eq!(slug(&made), made);
        }
    }
}
