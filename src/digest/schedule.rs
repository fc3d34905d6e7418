//! When a digest is due: `Mon 09:00`, `Mon,Thu 08:30`, `daily 07:00`, `day 1 09:00`,
//! `last day 17:00`, five cron words, or `at once`: whenever there is something new.
//!
//! Pure: moments in, moments out. The calendar is croner's; what a change of clocks does to it
//! is decided here: a time that the clocks leave out comes at the first moment after the gap,
//! and a time that they show twice comes once, the first time.

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{DateTime, Days, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};

use crate::diagnostic::did_you_mean;

/// The forms that a schedule may have, for messages.
const FORMS: &str = "write 'Mon 09:00', 'Mon,Thu 08:30', 'daily 07:00', 'day 1 09:00', \
                     'last day 17:00', 'at once' or five cron words such as '0 9 * * 1'";

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// The last day of a month that every month has.
const LAST_COMMON_DAY: u32 = 28;

/// When a digest is due. Two schedules are equal when their texts are.
#[derive(Clone)]
pub struct Schedule {
    /// As written in `feeds.toml`, without spaces at its ends.
    pub text: String,
    description: String,
    /// `None`: at once.
    cron: Option<Cron>,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

impl fmt::Debug for Schedule {
    /// The text alone: croner's tables fill pages.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Schedule").field(&self.text).finish()
    }
}

/// Why a text is not a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    /// What is wrong, in one sentence without a full stop: `'25:00' is not a time of day`.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Schedule {
    /// Reads a schedule. Words and weekdays may have any letter case; weekdays may be written
    /// with three letters or more; times are hours and minutes of the 24-hour clock.
    ///
    /// # Errors
    ///
    /// A text in none of the forms above, an impossible time or day, and cron words that no date
    /// fits.
    pub fn parse(text: &str) -> Result<Schedule, ScheduleError> {
        let text = text.trim();
        let joined = text.replace(", ", ",");
        let words: Vec<&str> = joined.split_whitespace().collect();
        let lowered: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let lowered: Vec<&str> = lowered.iter().map(String::as_str).collect();
        let (pattern, description) = match lowered[..] {
            [] => return Err(wrong("the schedule is empty", FORMS)),
            ["at", "once"] => {
                return Ok(Schedule {
                    text: text.to_owned(),
                    description: "as soon as there is something new".to_owned(),
                    cron: None,
                });
            }
            ["daily", time] => {
                let time = Time::parse(time)?;
                (time.cron("*", "*"), format!("every day at {time}"))
            }
            ["last", "day", time] => {
                let time = Time::parse(time)?;
                let description = format!("on the last day of every month at {time}");
                (time.cron("L", "*"), description)
            }
            ["day", day, time] => {
                let (day, time) = (day_of_month(day)?, Time::parse(time)?);
                let description = format!("on day {day} of every month at {time}");
                (time.cron(&day.to_string(), "*"), description)
            }
            [days, time] => {
                let (days, time) = (weekdays(days)?, Time::parse(time)?);
                let numbers: Vec<String> = days.iter().map(|day| (day + 1).to_string()).collect();
                let names: Vec<&str> = days.iter().map(|day| WEEKDAYS[*day]).collect();
                let description = format!("every {} at {time}", listed(&names));
                (time.cron("*", &numbers.join(",")), description)
            }
            [_, _, _, _, _] => (words.join(" "), String::new()),
            _ => return Err(wrong(format!("'{text}' is not a schedule"), FORMS)),
        };
        let cron = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build()
            .parse(&pattern)
            .map_err(|error| {
                let reason = match error {
                    CronError::InvalidPattern(reason)
                    | CronError::IllegalCharacters(reason)
                    | CronError::ComponentError(reason) => reason,
                    other => other.to_string(),
                };
                let reason = reason.trim_end_matches('.');
                wrong(format!("'{text}' is not a schedule: {reason}"), FORMS)
            })?;
        let description = if description.is_empty() {
            cron_description(&cron)
        } else {
            description
        };
        let schedule = Schedule {
            text: text.to_owned(),
            description,
            cron: Some(cron),
        };
        // Any moment serves: dates repeat themselves after 400 years at the latest.
        if schedule.civil_from(NaiveDateTime::default()).is_none() {
            let help = "name a day that some month has";
            return Err(wrong(format!("no date ever fits '{text}'"), help));
        }
        Ok(schedule)
    }

    /// Whether it follows no calendar: an issue is due as soon as there is something new.
    pub fn is_at_once(&self) -> bool {
        self.cron.is_none()
    }

    /// The first moment later than `moment` at which the schedule is due, in the zone of
    /// `moment`; `None` beyond the years that dates are computed for, and where it follows no
    /// calendar.
    pub fn next_after(&self, moment: DateTime<Tz>) -> Option<DateTime<Tz>> {
        let zone = moment.timezone();
        let start = moment.naive_local().checked_sub_days(slack(moment))?;
        std::iter::successors(self.civil_from(start), |time| self.civil_after(*time))
            .filter_map(|time| moment_of(time, zone))
            .find(|due| *due > moment)
    }

    /// The last moment not later than `moment` at which the schedule was due, in the zone of
    /// `moment`; `None` before the years that dates are computed for, and where it follows no
    /// calendar.
    pub fn last_before_or_at(&self, moment: DateTime<Tz>) -> Option<DateTime<Tz>> {
        let zone = moment.timezone();
        let start = moment.naive_local().checked_add_days(slack(moment))?;
        std::iter::successors(self.civil_until(start), |time| self.civil_before(*time))
            .filter_map(|time| moment_of(time, zone))
            .find(|due| *due <= moment)
    }

    /// The schedule in words, to stand within a sentence: `every Monday at 09:00`.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// The first time on the wall at or after `time`, whether or not the clocks show it.
    fn civil_from(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron.as_ref()?.find_next_occurrence(&time, true).ok()
    }

    fn civil_after(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron.as_ref()?.find_next_occurrence(&time, false).ok()
    }

    /// The last time on the wall at or before `time`.
    fn civil_until(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        let cron = self.cron.as_ref()?;
        cron.find_previous_occurrence(&time, true).ok()
    }

    fn civil_before(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        let cron = self.cron.as_ref()?;
        cron.find_previous_occurrence(&time, false).ok()
    }
}

/// More than any change of clocks; the largest left out a whole day (Samoa, 30 December 2011).
const CLOCK_CHANGE: Days = Days::new(2);

/// How far the clocks may be from those of `moment` nearby: a change of clocks makes times on the
/// wall that are later than another belong to moments that are earlier.
fn slack(moment: DateTime<Tz>) -> Days {
    let offset = moment.offset().fix();
    let is_steady = [
        moment.checked_sub_days(CLOCK_CHANGE),
        moment.checked_add_days(CLOCK_CHANGE),
    ]
    .iter()
    .all(|near| near.is_some_and(|near| near.offset().fix() == offset));
    if is_steady {
        Days::new(0)
    } else {
        CLOCK_CHANGE
    }
}

/// The moment at which the clocks of `zone` first show `time`, or, where they leave it out, the
/// first moment after the gap. A later time never has an earlier moment.
fn moment_of(time: NaiveDateTime, zone: Tz) -> Option<DateTime<Tz>> {
    match zone.from_local_datetime(&time) {
        MappedLocalTime::Single(moment) | MappedLocalTime::Ambiguous(moment, _) => Some(moment),
        MappedLocalTime::None => GapInfo::new(&time, &zone)?.end,
    }
}

/// Hours and minutes.
#[derive(Debug, Clone, Copy)]
struct Time {
    hour: u32,
    minute: u32,
}

impl Time {
    fn parse(text: &str) -> Result<Time, ScheduleError> {
        let number = |digits: &str, limit: u32| {
            let plain =
                (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            let number: Option<u32> = plain.then(|| digits.parse().ok()).flatten();
            number.filter(|number| *number < limit)
        };
        text.split_once(':')
            .filter(|(_, minute)| minute.len() == 2)
            .and_then(|(hour, minute)| {
                Some(Time {
                    hour: number(hour, 24)?,
                    minute: number(minute, 60)?,
                })
            })
            .ok_or_else(|| {
                let help = "write hours and minutes from 00:00 to 23:59: '09:00'";
                wrong(format!("'{text}' is not a time of day"), help)
            })
    }

    /// The cron words for this time on the days that fit.
    fn cron(self, days_of_month: &str, days_of_week: &str) -> String {
        format!(
            "{} {} {days_of_month} * {days_of_week}",
            self.minute, self.hour
        )
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// The weekdays named in `mon,thursday`, from 0 for Monday, in the order of the week, each once.
fn weekdays(text: &str) -> Result<Vec<usize>, ScheduleError> {
    let mut days = text
        .split(',')
        .map(|name| {
            let found = WEEKDAYS.iter().position(|day| {
                let start = day.get(..name.len());
                name.len() >= 3 && start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            });
            found.ok_or_else(|| {
                let help = match did_you_mean(name, WEEKDAYS) {
                    Some(day) => format!("did you mean '{day}'?"),
                    None => FORMS.to_owned(),
                };
                wrong(format!("'{name}' is not a weekday"), help)
            })
        })
        .collect::<Result<Vec<usize>, ScheduleError>>()?;
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

fn day_of_month(text: &str) -> Result<u32, ScheduleError> {
    let day: Option<u32> = text.parse().ok();
    match day {
        Some(day @ 1..=LAST_COMMON_DAY) => Ok(day),
        Some(29..=31) => Err(wrong(
            format!("not every month has a day {text}"),
            "write 'last day 09:00' for the last day of every month",
        )),
        _ => Err(wrong(
            format!("'{text}' is not a day of the month"),
            format!("write a number from 1 to {LAST_COMMON_DAY}: 'day 1 09:00'"),
        )),
    }
}

/// `Monday`, `Monday and Thursday`, `Monday, Wednesday and Friday`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// croner's own words with a small first letter and no full stop, to stand within a sentence.
fn cron_description(cron: &Cron) -> String {
    let description = cron.describe();
    let mut letters = description.trim_end_matches('.').chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn wrong(message: impl Into<String>, help: impl Into<String>) -> ScheduleError {
    ScheduleError {
        message: message.into(),
        help: help.into(),
    }
}
