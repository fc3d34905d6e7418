//! Names of subscribers, as they may stand in a header.

use thiserror::Error;

/// The most characters of a name.
const LIMIT: usize = 100;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// A line break or another character that nobody sees.
    #[error("the name holds {0:?}, which no name has")]
    Character(char),
    /// Over a hundred characters.
    #[error("the name has more than {LIMIT} characters")]
    Length,
}

/// A name without the spaces around it; `None` where there is none.
///
/// # Errors
/// Control characters, line and direction marks, which could start another header or show an
/// address that is not there, and names that are too long.
pub fn name(text: &str) -> Result<Option<String>, NameError> {
    let text = text.trim_matches([' ', '\t', '\u{a0}']);
    let wrong = |c: &char| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
    };
    if let Some(character) = text.chars().find(wrong) {
        return Err(NameError::Character(character));
    }
    if text.chars().count() > LIMIT {
        return Err(NameError::Length);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_people_write_them() {
        assert_eq!(
            name("  Zoë O'Neill, Dr. ").unwrap().unwrap(),
            "Zoë O'Neill, Dr."
        );
        assert_eq!(name("Анна").unwrap().unwrap(), "Анна");
        assert_eq!(name("  "), Ok(None));
    }

    #[test]
    fn what_could_be_a_header_or_a_disguise_is_refused() {
        for text in [
            "Anna\r\nBcc: all@example.org",
            "An\0na",
            "An\u{202e}na",
            "An\u{2028}na",
        ] {
            assert!(
                matches!(name(text), Err(NameError::Character(_))),
                "{text:?}"
            );
        }
        assert_eq!(name(&"a".repeat(101)), Err(NameError::Length));
    }
}
