//! Which form of a word goes with a number.
//!
//! The rules for whole numbers of the Unicode CLDR (cldr.unicode.org, "Language Plural Rules"),
//! for the languages that own names are known of; the forms of a word are listed in CLDR's order
//! (zero, one, two, few, many, other), without those that the language has not.

/// The place, among the forms of a word in `language`, of the one that goes with `number`.
pub(super) fn form(language: &str, number: u64) -> usize {
    let primary = language
        .split('-')
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    let (tens, units) = (number % 100, number % 10);
    let teen = (11..=19).contains(&tens);
    match primary.as_str() {
        "ja" | "ko" | "zh" | "vi" | "th" | "id" | "ms" => 0,
        "fr" | "hy" | "fa" => usize::from(number > 1),
        "be" | "bs" | "cnr" | "hr" | "ru" | "sr" | "uk" => match units {
            1 if tens != 11 => 0,
            2..=4 if !(12..=14).contains(&tens) => 1,
            _ => 2,
        },
        "pl" => match units {
            _ if number == 1 => 0,
            2..=4 if !(12..=14).contains(&tens) => 1,
            _ => 2,
        },
        "cs" | "sk" => match number {
            1 => 0,
            2..=4 => 1,
            _ => 2,
        },
        "sl" => match tens {
            1 => 0,
            2 => 1,
            3 | 4 => 2,
            _ => 3,
        },
        "lt" => match units {
            1 if !teen => 0,
            2..=9 if !teen => 1,
            _ => 2,
        },
        "lv" => match units {
            _ if units == 0 || teen => 0,
            1 => 1,
            _ => 2,
        },
        "ro" => match number {
            1 => 0,
            _ if number == 0 || (1..=19).contains(&tens) => 1,
            _ => 2,
        },
        "is" | "mk" => usize::from(units != 1 || tens == 11),
        "he" => match number {
            1 => 0,
            2 => 1,
            _ => 2,
        },
        "ar" => match number {
            0..=2 => number as usize,
            _ if (3..=10).contains(&tens) => 3,
            _ if tens >= 11 => 4,
            _ => 5,
        },
        "cy" => match number {
            0..=3 => number as usize,
            6 => 4,
            _ => 5,
        },
        "ga" => match number {
            1 => 0,
            2 => 1,
            3..=6 => 2,
            7..=10 => 3,
            _ => 4,
        },
        "mt" => match number {
            1 => 0,
            2 => 1,
            _ if number == 0 || (3..=10).contains(&tens) => 2,
            _ if (11..=19).contains(&tens) => 3,
            _ => 4,
        },
        _ => usize::from(number != 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(language: &str, numbers: &[u64]) -> Vec<usize> {
        let forms = numbers.iter().map(|number| form(language, *number));
        forms.collect()
    }

    #[test]
    fn each_language_counts_in_its_own_way() {
        assert_eq!(forms("en", &[0, 1, 2, 21]), [1, 0, 1, 1]);
        assert_eq!(forms("fr-CH", &[0, 1, 2]), [0, 0, 1]);
        assert_eq!(
            forms("ru", &[0, 1, 2, 5, 11, 12, 21, 22, 25, 111]),
            [2, 0, 1, 2, 2, 2, 0, 1, 2, 2]
        );
        assert_eq!(forms("pl", &[1, 2, 5, 12, 21, 22]), [0, 1, 2, 2, 2, 1]);
        assert_eq!(
            forms("ar", &[0, 1, 2, 3, 10, 11, 99, 100, 103]),
            [0, 1, 2, 3, 3, 4, 4, 5, 3]
        );
        assert_eq!(forms("lt", &[1, 2, 10, 11, 21]), [0, 1, 2, 2, 0]);
        assert_eq!(forms("sl", &[1, 2, 3, 5, 101]), [0, 1, 2, 3, 0]);
        assert_eq!(forms("ro", &[0, 1, 19, 20, 101]), [1, 0, 1, 2, 1]);
        assert_eq!(forms("zh", &[0, 1, 2]), [0, 0, 0]);
    }
}
