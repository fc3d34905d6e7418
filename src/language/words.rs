//! The words of languages: what templates say, and how dates and numbers are written.
//!
//! As with gettext, a text stands in the templates in English and is its own key: what nobody has
//! translated is said in English.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write};
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, TimeZone};

use super::{english, plural, russian};

/// How a language writes dates and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The months as they stand beside a day: `22 ноября`.
    pub months: [String; 12],
    /// The months as they stand alone: `ноябрь 2024`.
    pub months_alone: [String; 12],
    /// The months, shortened.
    pub short_months: [String; 12],
    /// The days of the week, Monday first.
    pub weekdays: [String; 7],
    /// What divides the digits of thousands.
    pub thousands: String,
    /// What divides the whole from its parts.
    pub decimal: String,
}

/// The words of one language.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    language: String,
    /// By the English text, the translation; of a word that is counted, all its forms.
    texts: HashMap<String, Vec<String>>,
    calendar: Calendar,
}

impl fmt::Debug for Words {
    /// Without its hundred texts.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Words")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl Words {
    /// What is built in for a BCP 47 language: English and Russian whole, for all others the
    /// English words.
    pub fn built_in(language: &str) -> Words {
        let primary = language.split('-').next().unwrap_or("");
        let (texts, calendar) = if primary.eq_ignore_ascii_case("ru") {
            (russian::texts(), russian::calendar())
        } else {
            (HashMap::new(), english::calendar())
        };
        Words {
            language: language.to_owned(),
            texts,
            calendar,
        }
    }

    /// The same words, with the translation of one more text: several forms where it is counted.
    pub fn with(mut self, text: &str, forms: Vec<String>) -> Words {
        if !forms.is_empty() {
            self.texts.insert(text.to_owned(), forms);
        }
        self
    }

    /// The same words, with dates and numbers in another manner.
    pub fn with_calendar(self, calendar: Calendar) -> Words {
        Words { calendar, ..self }
    }

    /// BCP 47 tag.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// How dates and numbers are written.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Whether it can say a text in its own words: English always can.
    pub fn knows(&self, text: &str) -> bool {
        super::lies_within(&self.language, "en") || self.texts.contains_key(text)
    }

    /// The text in this language, or as it is.
    pub fn say<'a>(&'a self, text: &'a str) -> &'a str {
        self.texts
            .get(text)
            .and_then(|forms| forms.first())
            .map_or(text, |found| found)
    }

    /// The text in this language, with values in the place of `{names}`.
    pub fn fill(&self, text: &str, values: &[(&str, &str)]) -> String {
        let mut filled = String::with_capacity(text.len() * 2);
        let mut rest = self.say(text);
        // What a value holds is never looked at again: braces in a title are braces.
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            let found = rest.find('}').and_then(|close| {
                let name = &rest[1..close];
                let value = values.iter().find(|(known, _)| *known == name)?;
                Some((close, value.1))
            });
            match found {
                Some((close, value)) => {
                    filled.push_str(value);
                    rest = &rest[close + 1..];
                }
                None => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    /// The number with its digits grouped.
    pub fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push_str(&self.calendar.thousands);
            }
            text.push(digit);
        }
        text
    }

    /// The word that goes with a number, by its English singular and plural.
    pub fn counted<'a>(&'a self, number: u64, one: &'a str, many: &'a str) -> &'a str {
        match self.texts.get(one) {
            Some(forms) => {
                let place = plural::form(&self.language, number);
                forms.get(place).or(forms.last()).map_or(many, |word| word)
            }
            None if number == 1 => one,
            None => many,
        }
    }

    /// A date in the form that chrono's `strftime` describes; the form is a text that may be
    /// translated too. `None` where chrono cannot read it.
    pub fn date<Z: TimeZone>(&self, moment: &DateTime<Z>, form: &str) -> Option<String>
    where
        Z::Offset: std::fmt::Display,
    {
        let mut text = String::new();
        let form = self.named(self.say(form), moment.month0(), moment.weekday());
        // Not `to_string`, which panics on a form that chrono cannot read.
        write!(text, "{}", moment.format(&form)).ok()?;
        Some(text)
    }

    /// A day, as [`Words::date`] writes it; `form` must be one that chrono can read.
    pub fn day(&self, day: NaiveDate, form: &str) -> String {
        let form = self.named(self.say(form), day.month0(), day.weekday());
        let mut text = String::new();
        match write!(text, "{}", day.format(&form)) {
            Ok(()) => text,
            Err(_) => day.to_string(),
        }
    }

    /// The form with the names of month and weekday written out.
    fn named(&self, form: &str, month0: u32, weekday: chrono::Weekday) -> String {
        let month = month0 as usize;
        let has_day = ["%d", "%-d", "%e", "%_d"]
            .iter()
            .any(|day| form.contains(day));
        let months = if has_day {
            &self.calendar.months
        } else {
            &self.calendar.months_alone
        };
        let plain = |name: &str| name.replace('%', "%%");
        let weekday = &self.calendar.weekdays[weekday.num_days_from_monday() as usize];
        let short: String = weekday.chars().take(3).collect();
        form.replace("%B", &plain(&months[month]))
            .replace("%b", &plain(&self.calendar.short_months[month]))
            .replace("%A", &plain(weekday))
            .replace("%a", &plain(&short))
    }
}

/// The words of all languages that are spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrasebook {
    /// By lower-case tag.
    languages: BTreeMap<String, Arc<Words>>,
    english: Arc<Words>,
}

impl Default for Phrasebook {
    fn default() -> Phrasebook {
        Phrasebook::new(Vec::new())
    }
}

impl Phrasebook {
    /// These languages, and what is built in.
    pub fn new(languages: Vec<Words>) -> Phrasebook {
        let built_in = ["en", "ru"].map(Words::built_in);
        let languages: BTreeMap<String, Arc<Words>> = built_in
            .into_iter()
            .chain(languages)
            .map(|words| (words.language.to_ascii_lowercase(), Arc::new(words)))
            .collect();
        let english = languages
            .get("en")
            .cloned()
            .unwrap_or_else(|| Arc::new(Words::built_in("en")));
        Phrasebook { languages, english }
    }

    /// The words of a language: those of its tag, else of the tag without its last parts, else
    /// English.
    pub fn words(&self, language: &str) -> &Words {
        self.found(language)
    }

    /// As [`Phrasebook::words`], to be kept.
    pub fn share(&self, language: &str) -> Arc<Words> {
        Arc::clone(self.found(language))
    }

    fn found(&self, language: &str) -> &Arc<Words> {
        let lower = language.to_ascii_lowercase();
        let mut range = lower.as_str();
        loop {
            if let Some(words) = self.languages.get(range) {
                return words;
            }
            match range.rfind('-') {
                Some(end) => range = &range[..end],
                None => return &self.english,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    #[test]
    fn dates_are_written_as_the_language_writes_them() {
        let moment = Utc.with_ymd_and_hms(2024, 11, 22, 8, 5, 0).unwrap();
        let russian = Words::built_in("ru-RU");
        let form = "%-d %B %Y";
        assert_eq!(russian.date(&moment, form).unwrap(), "22 ноября 2024");
        assert_eq!(russian.date(&moment, "%B %Y").unwrap(), "ноябрь 2024");
        assert_eq!(
            russian.day(moment.date_naive(), "%A, %-d %b"),
            "пятница, 22 нояб."
        );
        let english = Words::built_in("en");
        assert_eq!(english.date(&moment, form).unwrap(), "22 November 2024");
        assert_eq!(english.date(&moment, "%Q"), None);
        let hungarian = Words::built_in("hu").with(form, vec!["%Y. %B %-d.".to_owned()]);
        assert_eq!(hungarian.date(&moment, form).unwrap(), "2024. November 22.");
    }

    #[test]
    fn numbers_take_the_form_of_the_word_that_goes_with_them() {
        let russian = Words::built_in("ru");
        let counted = |number| russian.counted(number, "item", "items");
        assert_eq!(
            [1, 3, 7, 21].map(counted),
            ["материал", "материала", "материалов", "материал"]
        );
        assert_eq!(russian.number(1_234_567), "1\u{a0}234\u{a0}567");
        let english = Words::built_in("en");
        assert_eq!(english.counted(21, "item", "items"), "items");
        assert_eq!(english.number(1_234), "1,234");
    }

    #[test]
    fn values_are_put_in_once() {
        let words = Words::built_in("en");
        let values = [("title", "{site} {"), ("site", "S")];
        assert_eq!(
            words.fill("{title}: {site}, {nobody} {", &values),
            "{site} {: S, {nobody} {"
        );
    }

    #[test]
    fn the_nearest_language_speaks() {
        let book = Phrasebook::new(vec![
            Words::built_in("sr").with("Home", vec!["Почетна".into()]),
        ]);
        assert_eq!(book.words("sr-Latn-ME").say("Home"), "Почетна");
        assert_eq!(book.words("RU").say("Home"), "Главная");
        assert_eq!(book.words("fi").say("Home"), "Home");
        assert!(!book.words("sr").knows("Newsletters"));
        assert!(book.words("en-GB").knows("Newsletters"));
    }
}
