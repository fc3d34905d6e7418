//! Dates as people and programs write them.
//!
//! One hand-written parser instead of a list of format strings: it tells a date that cannot be
//! read from one that does not exist, and it can read a date at the start of a longer text.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum DateError {
    /// It is not in a form that is known.
    #[error("is not a date")]
    Unreadable,
    /// Its form is known, but the calendar or the clock has no such moment.
    #[error("does not exist")]
    Impossible,
    /// Its year is not one of 1900 to 2200.
    #[error("is not between 1900 and 2200")]
    OutOfRange,
}

/// Reads a whole text as a moment: `22 November 2024`, `Nov 22, 2024`, `2024-11-22`,
/// `22.11.2024`, `22/11/2024` (by `day_first`), each alone (midnight in `zone`) or with a time
/// (`10:00`, `10:00:30`, `10.30 am`) and a zone; with them RFC 3339 and RFC 2822. Month names
/// are English or Russian. A local time that a change of the clocks leaves out is moved on by
/// the length of the gap; of one that occurs twice the earlier is taken.
///
/// # Errors
/// See [`DateError`].
pub(super) fn parse(text: &str, zone: Tz, day_first: bool) -> Result<DateTime<Utc>, DateError> {
    let mut cursor = Cursor { rest: text.trim() };
    let date = cursor.date(day_first)?;
    let (time, offset) = cursor.time_and_zone()?;
    let local = date.and_time(time);
    match offset {
        None => Ok(in_zone(local, zone)),
        Some(Zone::Offset(offset)) => match offset.from_local_datetime(&local).single() {
            Some(moment) => Ok(moment.to_utc()),
            None => Err(DateError::Impossible),
        },
        Some(Zone::Named(named)) => Ok(in_zone(local, named)),
    }
}

/// The date at the start of a text, and what follows it.
pub(super) fn leading(text: &str, day_first: bool) -> Option<(NaiveDate, &str)> {
    let mut cursor = Cursor { rest: text };
    let date = cursor.date(day_first).ok()?;
    Some((date, cursor.rest))
}

/// Midnight of a date in a zone.
pub(super) fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    in_zone(date.and_time(NaiveTime::MIN), zone)
}

fn in_zone(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    if let Some(moment) = zone.from_local_datetime(&local).earliest() {
        return moment.to_utc();
    }
    // In a gap: the offset that was in force before it moves the time on by the gap's length.
    // Years are between 1900 and 2200, so that a day can be taken away.
    let before = zone.offset_from_utc_datetime(&(local - chrono::Duration::days(1)));
    (local - chrono::Offset::fix(&before)).and_utc()
}

enum Zone {
    Offset(FixedOffset),
    Named(Tz),
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, accepted: &[char]) -> bool {
        match self.rest.strip_prefix(accepted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A number of ASCII digits, with how many there are.
    fn number(&mut self) -> Option<(u32, usize)> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let value = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        Some((value, digits))
    }

    /// Letters, without moving on.
    fn word(&self) -> &'a str {
        let end = self
            .rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(self.rest.len());
        &self.rest[..end]
    }

    fn skip_word(&mut self, words: &[&str]) -> bool {
        let word = self.word();
        let found = words.iter().any(|other| word.eq_ignore_ascii_case(other));
        if found {
            self.rest = &self.rest[word.len()..];
        }
        found
    }

    fn month(&mut self) -> Option<u32> {
        let word = self.word();
        let month = month(word)?;
        self.rest = &self.rest[word.len()..];
        self.eat(&['.']);
        Some(month)
    }

    fn year(&mut self) -> Result<i32, DateError> {
        match self.number() {
            Some((year, 4)) => i32::try_from(year).map_err(|_| DateError::OutOfRange),
            _ => Err(DateError::Unreadable),
        }
    }

    fn date(&mut self, day_first: bool) -> Result<NaiveDate, DateError> {
        self.weekday();
        let (year, month, day) = if let Some(month) = self.month() {
            // November 22, 2024
            self.spaces();
            let day = self.day()?;
            self.eat(&[',']);
            self.spaces();
            (self.year()?, month, day)
        } else {
            let (first, digits) = self.number().ok_or(DateError::Unreadable)?;
            match digits {
                4 => self.after_year(first)?,
                1 | 2 => self.after_day(first, day_first)?,
                _ => return Err(DateError::Unreadable),
            }
        };
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(DateError::Unreadable);
        }
        let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(DateError::Impossible)?;
        if (1900..=2200).contains(&date.year()) {
            Ok(date)
        } else {
            Err(DateError::OutOfRange)
        }
    }

    /// `-11-22` after the year.
    fn after_year(&mut self, year: u32) -> Result<(i32, u32, u32), DateError> {
        let year = i32::try_from(year).map_err(|_| DateError::OutOfRange)?;
        let separator = self.separator().ok_or(DateError::Unreadable)?;
        let month = self.two_digits()?;
        if !self.eat(&[separator]) {
            return Err(DateError::Unreadable);
        }
        Ok((year, month, self.two_digits()?))
    }

    /// `.11.2024`, `/11/2024`, ` November 2024`, `-Nov-2024` after the day (or, with a slash or
    /// a hyphen and not `day_first`, after the month).
    fn after_day(&mut self, first: u32, day_first: bool) -> Result<(i32, u32, u32), DateError> {
        let numeric = self.rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if numeric && let Some(separator) = self.separator() {
            let second = self.two_digits()?;
            if !self.eat(&[separator]) {
                return Err(DateError::Unreadable);
            }
            let year = self.year()?;
            return Ok(if day_first || separator == '.' {
                (year, second, first)
            } else {
                (year, first, second)
            });
        }
        self.skip_word(&["st", "nd", "rd", "th"]);
        self.eat(&['.', '-']);
        self.spaces();
        if self.skip_word(&["of"]) {
            self.spaces();
        }
        let month = self.month().ok_or(DateError::Unreadable)?;
        self.eat(&[',', '-']);
        self.spaces();
        Ok((self.year()?, month, first))
    }

    fn day(&mut self) -> Result<u32, DateError> {
        let day = self.two_digits()?;
        self.skip_word(&["st", "nd", "rd", "th"]);
        Ok(day)
    }

    fn two_digits(&mut self) -> Result<u32, DateError> {
        match self.number() {
            Some((value, 1 | 2)) => Ok(value),
            _ => Err(DateError::Unreadable),
        }
    }

    fn separator(&mut self) -> Option<char> {
        let separator = self.rest.chars().next().filter(|c| "-/.".contains(*c))?;
        self.rest = &self.rest[separator.len_utf8()..];
        Some(separator)
    }

    fn weekday(&mut self) {
        let word = self.word();
        if is_weekday(word) {
            self.rest = &self.rest[word.len()..];
            self.eat(&['.']);
            self.eat(&[',']);
            self.spaces();
        }
    }

    fn time_and_zone(&mut self) -> Result<(NaiveTime, Option<Zone>), DateError> {
        // The Russian abbreviation of 'year'.
        self.spaces();
        if self.skip_word(&["г"]) {
            self.eat(&['.']);
        }
        self.eat(&[',']);
        self.spaces();
        if self.rest.is_empty() {
            return Ok((NaiveTime::MIN, None));
        }
        if self.rest.starts_with(['T', 't']) && self.word().len() == 1 {
            self.rest = &self.rest[1..];
        } else {
            self.eat(&['-', '–']);
            self.spaces();
            self.skip_word(&["at"]);
        }
        self.spaces();
        let time = self.time()?;
        self.spaces();
        let zone = self.zone()?;
        Ok((time, zone))
    }

    fn time(&mut self) -> Result<NaiveTime, DateError> {
        let mut hour = self.two_digits()?;
        let mut minute = 0;
        let mut second = 0;
        let mut nanosecond = 0;
        let stated = self.eat(&[':', '.']);
        if stated {
            minute = self.two_digits()?;
            if self.eat(&[':']) {
                // A leap second is taken for the one before it.
                second = self
                    .two_digits()
                    .map(|value| if value == 60 { 59 } else { value })?;
                if self.eat(&['.', ',']) {
                    let before = self.rest;
                    let digits = before.bytes().take_while(u8::is_ascii_digit).count();
                    let kept = &before[..digits.min(9)];
                    nanosecond = format!("{kept:0<9}")
                        .parse()
                        .map_err(|_| DateError::Unreadable)?;
                    self.rest = &before[digits..];
                }
            }
        }
        self.spaces();
        let afternoon = self.skip_word(&["pm"]);
        if afternoon || self.skip_word(&["am"]) {
            if !(1..=12).contains(&hour) {
                return Err(DateError::Impossible);
            }
            hour = hour % 12 + if afternoon { 12 } else { 0 };
        } else if !stated {
            return Err(DateError::Unreadable);
        }
        NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond).ok_or(DateError::Impossible)
    }

    fn zone(&mut self) -> Result<Option<Zone>, DateError> {
        // RFC 2822 lets a comment follow: +0100 (CET).
        let name = match self.rest.split_once('(') {
            Some((name, comment)) if comment.ends_with(')') && !name.trim().is_empty() => {
                name.trim()
            }
            _ => self.rest.trim_matches(['(', ')', ' ']),
        };
        let hours = |hours: i32| Ok(FixedOffset::east_opt(hours * 3600).map(Zone::Offset));
        match name.to_ascii_uppercase().as_str() {
            "" => return Ok(None),
            "Z" | "UTC" | "GMT" | "UT" => return hours(0),
            "CET" | "BST" => return hours(1),
            "CEST" | "EET" => return hours(2),
            "EEST" | "MSK" => return hours(3),
            "EDT" => return hours(-4),
            "EST" | "CDT" => return hours(-5),
            "CST" | "MDT" => return hours(-6),
            "MST" | "PDT" => return hours(-7),
            "PST" => return hours(-8),
            _ => {}
        }
        let Some((sign, digits)) = name
            .strip_prefix('+')
            .map(|digits| (1, digits))
            .or_else(|| name.strip_prefix(['-', '−']).map(|digits| (-1, digits)))
        else {
            let named = name.parse().map_err(|_| DateError::Unreadable)?;
            return Ok(Some(Zone::Named(named)));
        };
        let digits = digits.replacen(':', "", 1);
        if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DateError::Unreadable);
        }
        let value: i32 = digits.parse().map_err(|_| DateError::Unreadable)?;
        let (hours, minutes) = if digits.len() == 2 {
            (value, 0)
        } else {
            (value / 100, value % 100)
        };
        if minutes > 59 {
            return Err(DateError::Impossible);
        }
        FixedOffset::east_opt(sign * (hours * 60 + minutes) * 60)
            .map(|offset| Some(Zone::Offset(offset)))
            .ok_or(DateError::Impossible)
    }
}

/// Whether a word is a day of the week in English, whole or its first letters (three to five).
fn is_weekday(word: &str) -> bool {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let word = word.to_ascii_lowercase();
    let is_short = word.len() >= 3 && word.len() <= 5;
    NAMES
        .iter()
        .any(|name| word == *name || (is_short && name.starts_with(&word)))
}

/// Whether a text is the name of a month or a day of the week, as it stands in a date.
pub(crate) fn is_word_of_date(text: &str) -> bool {
    /// `сентября`: what is longer only begins like a month.
    const LONGEST: usize = 9;
    let word = text.trim_end_matches('.');
    word.chars().count() <= LONGEST && (month(word).is_some() || is_weekday(word))
}

/// The month of a name: English or Russian, whole or its first letters (three or more).
fn month(word: &str) -> Option<u32> {
    const ENGLISH: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    /// The stems that nominative, genitive and abbreviation share.
    const RUSSIAN: [&str; 12] = [
        "янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    ];
    if word.len() < 3 || word.len() > 20 {
        return None;
    }
    let word = word.to_lowercase();
    let found = if word.is_ascii() {
        ENGLISH.iter().position(|name| name.starts_with(&word))
    } else if word == "май" || word == "мая" {
        Some(4)
    } else {
        RUSSIAN
            .iter()
            .position(|stem| stem.chars().count() == 3 && word.starts_with(stem))
    };
    found.and_then(|index| u32::try_from(index + 1).ok())
}

#[cfg(test)]
mod tests;
