//! What stands in brackets after a name: `Special Monitoring Mission to Ukraine (SMM)`.

/// A text in which a note stands in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted<'t> {
    /// What stands before the brackets: the name that the note is about.
    pub(super) before: &'t str,
    /// What stands in them.
    pub(super) note: &'t str,
    /// What stands after them: "(SMM) to Ukraine".
    pub(super) after: &'t str,
}

/// Takes the last note out of a text; `(closed ...)` at its end is none.
pub(super) fn noted(text: &str) -> Option<Noted<'_>> {
    let text = super::key::without_closed(text);
    let (before, rest) = text.rsplit_once('(')?;
    let (note, after) = rest.split_once(')')?;
    let (before, note, after) = (before.trim_end(), note.trim(), after.trim_end());
    (!before.is_empty() && !note.is_empty()).then_some(Noted {
        before,
        note,
        after,
    })
}

/// Whether a note is an abbreviation of a name: one word, whose capitals begin words of the name,
/// in order, and whose small letters go on from them. `PCUz` is one of `Project Co-ordinator in
/// Uzbekistan`.
pub(super) fn is_abbreviation(note: &str, name: &str) -> bool {
    let letters: Vec<char> = note.chars().collect();
    let capitals = letters
        .iter()
        .filter(|letter| letter.is_uppercase())
        .count();
    if capitals < 2 || !letters.iter().all(|letter| letter.is_alphabetic()) {
        return false;
    }
    let words: Vec<Vec<char>> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().chars().collect())
        .collect();
    let mut words = words.iter().map(Vec::as_slice);
    let mut rest: &[char] = &[];
    for letter in letters {
        let small = letter.to_lowercase().next().unwrap_or(letter);
        // "OMiK": a small letter goes on in its word, or begins a small word.
        if letter.is_lowercase() && rest.first() == Some(&small) {
            rest = &rest[1..];
            continue;
        }
        match words.by_ref().find(|word| word.first() == Some(&small)) {
            Some(word) => rest = &word[1..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_take_the_first_letters_of_words_in_their_order() {
        for (note, name) in [
            ("SMM", "OSCE Special Monitoring Mission to Ukraine"),
            (
                "ODIHR",
                "Office for Democratic Institutions and Human Rights",
            ),
            ("PCUz", "Project Co-ordinator in Uzbekistan"),
            ("OMiK", "OSCE Mission in Kosovo"),
            ("BiH", "Bosnia and Herzegovina"),
            ("RFoM", "Representative on Freedom of the Media"),
        ] {
            let is_short = note != "BiH";
            assert_eq!(is_abbreviation(note, name), is_short, "{note}");
        }
        for (note, name) in [
            ("SMM", "Mission to Skopje"),
            ("Vienna", "Secretariat"),
            ("S", "Secretariat"),
            ("Northern", "Ireland"),
            ("2014", "Special Monitoring Mission"),
            ("", "Secretariat"),
        ] {
            assert!(!is_abbreviation(note, name), "{note}");
        }
    }

    #[test]
    fn the_last_note_in_brackets_is_taken_out() {
        for (text, found) in [
            ("Mission (SMM)", Some(("Mission", "SMM", ""))),
            ("Mission ( SMM ) (closed)", Some(("Mission", "SMM", ""))),
            (
                "Mission (SMM) to Ukraine",
                Some(("Mission", "SMM", " to Ukraine")),
            ),
            ("Mission (closed)", None),
            ("(SMM)", None),
            ("Mission ()", None),
            ("Mission )(", None),
        ] {
            let noted = noted(text).map(|it| (it.before, it.note, it.after));
            assert_eq!(noted, found, "{text}");
        }
    }
}
