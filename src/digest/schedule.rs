//! When a digest is due: `Mon 09:00`, `Mon,Thu 08:30`, `daily 07:00`, `day 1 09:00`,
//! `last day 17:00`, or five cron words.
//!
//! Pure: moments in, moments out. The calendar is croner's; what a change of clocks does to it
//! is decided here: a time that the clocks leave out comes at the first moment after the gap,
//! and a time that they show twice comes once, the first time.

use chrono::{DateTime, Days, MappedLocalTime, NaiveDateTime, TimeZone};
use chrono_tz::{GapInfo, Tz};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::diagnostic::did_you_mean;

/// The forms that a schedule may have, for messages.
const FORMS: &str = "write 'Mon 09:00', 'Mon,Thu 08:30', 'daily 07:00', 'day 1 09:00', \
                     'last day 17:00' or five cron words such as '0 9 * * 1'";

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
#[derive(Debug, Clone)]
pub struct Schedule {
    /// As written in `feeds.toml`, without spaces at its ends.
    pub text: String,
    description: String,
    cron: Cron,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

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
    /// in full; times are hours and minutes of the 24-hour clock.
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
                let reason = error.to_string();
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
            cron,
        };
        // Any moment serves: dates repeat themselves after 400 years at the latest.
        if schedule.civil_from(NaiveDateTime::default()).is_none() {
            let help = "name a day that some month has";
            return Err(wrong(format!("no date ever fits '{text}'"), help));
        }
        Ok(schedule)
    }

    /// The first moment later than `moment` at which the schedule is due, in the zone of
    /// `moment`; `None` only beyond the years that dates are computed for.
    pub fn next_after(&self, moment: DateTime<Tz>) -> Option<DateTime<Tz>> {
        let zone = moment.timezone();
        let slack = moment.naive_local().checked_sub_days(CLOCK_CHANGE)?;
        std::iter::successors(self.civil_from(slack), |time| self.civil_after(*time))
            .filter_map(|time| moment_of(time, zone))
            .find(|due| *due > moment)
    }

    /// The last moment not later than `moment` at which the schedule was due, in the zone of
    /// `moment`; `None` only before the years that dates are computed for.
    pub fn last_before_or_at(&self, moment: DateTime<Tz>) -> Option<DateTime<Tz>> {
        let zone = moment.timezone();
        let slack = moment.naive_local().checked_add_days(CLOCK_CHANGE)?;
        std::iter::successors(self.civil_before(slack), |time| self.civil_before(*time))
            .filter_map(|time| moment_of(time, zone))
            .find(|due| *due <= moment)
    }

    /// The schedule in words, to stand within a sentence: `every Monday at 09:00`.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// The first time on the wall at or after `time`, whether or not the clocks show it.
    fn civil_from(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron.find_next_occurrence(&time, true).ok()
    }

    fn civil_after(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron.find_next_occurrence(&time, false).ok()
    }

    fn civil_before(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron.find_previous_occurrence(&time, false).ok()
    }
}

/// More than any change of clocks; the largest left out a whole day (Samoa, 30 December 2011).
const CLOCK_CHANGE: Days = Days::new(2);

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

impl std::fmt::Display for Time {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// The weekdays named in `mon,thursday`, from 0 for Monday, in the order of the week, each once.
fn weekdays(text: &str) -> Result<Vec<usize>, ScheduleError> {
    let mut days = text
        .split(',')
        .map(|name| {
            let found = WEEKDAYS.iter().position(|day| {
                name.eq_ignore_ascii_case(day) || name.eq_ignore_ascii_case(&day[..3])
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

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Timelike, Weekday};
    use proptest::prelude::*;

    use super::*;

    const ZONES: [Tz; 7] = [
        Tz::UTC,
        Tz::Europe__Vienna,
        Tz::America__New_York,
        // Half an hour of summer time.
        Tz::Australia__Lord_Howe,
        // Clocks changed at midnight.
        Tz::America__Sao_Paulo,
        Tz::Asia__Beirut,
        // 30 December 2011 was left out.
        Tz::Pacific__Apia,
    ];

    fn moment(zone: Tz, text: &str) -> DateTime<Tz> {
        DateTime::parse_from_rfc3339(text)
            .unwrap()
            .with_timezone(&zone)
    }

    fn following(schedule: &str, zone: Tz, from: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(schedule).unwrap();
        let first = schedule.next_after(moment(zone, from));
        std::iter::successors(first, |due| schedule.next_after(*due))
            .take(count)
            .map(|due| due.to_rfc3339())
            .collect()
    }

    #[test]
    fn the_simple_words_mean_what_they_say() {
        for (text, description, expected) in [
            (
                "Mon 09:00",
                "every Monday at 09:00",
                "2024-11-25T09:00:00+01:00",
            ),
            (
                "monday 9:00",
                "every Monday at 09:00",
                "2024-11-25T09:00:00+01:00",
            ),
            (
                "Thu, Mon,thu 08:30",
                "every Monday and Thursday at 08:30",
                "2024-11-25T08:30:00+01:00",
            ),
            (
                "  daily   07:05 ",
                "every day at 07:05",
                "2024-11-23T07:05:00+01:00",
            ),
            (
                "Sun 00:00",
                "every Sunday at 00:00",
                "2024-11-24T00:00:00+01:00",
            ),
            (
                "day 1 09:00",
                "on day 1 of every month at 09:00",
                "2024-12-01T09:00:00+01:00",
            ),
            (
                "last day 17:00",
                "on the last day of every month at 17:00",
                "2024-11-30T17:00:00+01:00",
            ),
            (
                "0 9 * * 1",
                "at 09:00, on Monday",
                "2024-11-25T09:00:00+01:00",
            ),
            (
                "30 6 1 1 *",
                "at 06:30, on day 1, in January",
                "2025-01-01T06:30:00+01:00",
            ),
        ] {
            let schedule = Schedule::parse(text).unwrap();
            assert_eq!(schedule.describe(), description, "{text}");
            let from = "2024-11-22T23:59:00+01:00";
            let found = following(text, Tz::Europe__Vienna, from, 1);
            assert_eq!(found, [expected], "{text}");
        }
    }

    #[test]
    fn a_schedule_is_due_at_its_moment_and_next_a_week_later() {
        let schedule = Schedule::parse("Mon 09:00").unwrap();
        let due = moment(Tz::Europe__Vienna, "2024-11-25T09:00:00+01:00");
        assert_eq!(schedule.last_before_or_at(due), Some(due));
        assert_eq!(schedule.next_after(due), Some(due + Duration::days(7)));
        let before = due - Duration::seconds(1);
        assert_eq!(schedule.next_after(before), Some(due));
        assert_eq!(
            schedule.last_before_or_at(before),
            Some(due - Duration::days(7))
        );
    }

    #[test]
    fn a_time_in_a_gap_comes_once_at_its_end() {
        assert_eq!(
            following(
                "daily 02:30",
                Tz::Europe__Vienna,
                "2026-03-28T12:00:00+01:00",
                2
            ),
            ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
        );
        assert_eq!(
            following(
                "daily 00:30",
                Tz::America__Sao_Paulo,
                "2018-11-03T12:00:00-03:00",
                2
            ),
            ["2018-11-04T01:00:00-02:00", "2018-11-05T00:30:00-02:00"]
        );
        // Samoa went from 29 to 31 December: the issue of the 30th comes at the 31st's midnight.
        assert_eq!(
            following(
                "daily 09:00",
                Tz::Pacific__Apia,
                "2011-12-29T08:00:00-10:00",
                3
            ),
            [
                "2011-12-29T09:00:00-10:00",
                "2011-12-31T00:00:00+14:00",
                "2011-12-31T09:00:00+14:00"
            ]
        );
    }

    #[test]
    fn a_time_that_the_clocks_show_twice_comes_once() {
        assert_eq!(
            following(
                "daily 02:30",
                Tz::Europe__Vienna,
                "2026-10-24T12:00:00+02:00",
                2
            ),
            ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]
        );
        // Asked between the two.
        let schedule = Schedule::parse("daily 02:30").unwrap();
        let between = moment(Tz::Europe__Vienna, "2026-10-25T02:10:00+01:00");
        assert_eq!(
            schedule.next_after(between).unwrap().to_rfc3339(),
            "2026-10-26T02:30:00+01:00"
        );
        assert_eq!(
            schedule.last_before_or_at(between).unwrap().to_rfc3339(),
            "2026-10-25T02:30:00+02:00"
        );
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_mend() {
        let mut report = String::new();
        for text in [
            "",
            "Mon",
            "09:00",
            "Mon 9",
            "Mon 24:00",
            "Mon 09:60",
            "Mon 09:0",
            "Mon +9:00",
            "Mondya 09:00",
            "Mon Thu 09:00",
            "never 09:00",
            "day 0 09:00",
            "day 31 09:00",
            "day one 09:00",
            "0 9 31 2 *",
            "0 9 * * 8",
            "0 9 * *",
            "0 0 9 * * 1",
            "a b c d e",
        ] {
            let error = Schedule::parse(text).expect_err(text);
            report += &format!("{text}\n    {error}\n    {}\n", error.help);
        }
        insta::assert_snapshot!(report);
    }

    fn zones() -> impl Strategy<Value = Tz> {
        prop::sample::select(ZONES.to_vec())
    }

    /// From 2010 to 2027, over all kinds of clock changes.
    fn seconds() -> std::ops::Range<i64> {
        1_262_304_000..1_830_000_000
    }

    proptest! {
        #[test]
        fn each_day_of_a_month_has_one_daily_issue(
            zone in zones(), start in seconds(), hour in 0u32..24, minute in 0u32..60,
        ) {
            let schedule = Schedule::parse(&format!("daily {hour}:{minute:02}")).unwrap();
            let first_day = DateTime::from_timestamp(start, 0).unwrap().date_naive();
            let days: Vec<NaiveDate> = first_day.iter_days().take(40).collect();
            // Just before the first day's issue, whatever the clocks do on that day.
            let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
            let mut due = moment_of(days[0].and_time(time), zone).unwrap() - Duration::seconds(1);
            for day in days {
                due = schedule.next_after(due).unwrap();
                prop_assert_eq!(due, moment_of(day.and_time(time), zone).unwrap());
                let left_out = zone.from_local_datetime(&day.and_time(time)).earliest().is_none();
                if !left_out {
                    prop_assert_eq!(due.date_naive(), day);
                    prop_assert_eq!((due.hour(), due.minute()), (hour, minute));
                }
            }
        }

        #[test]
        fn each_week_has_one_weekly_issue(zone in zones(), start in seconds(), hour in 0u32..24) {
            let schedule = Schedule::parse(&format!("Mon {hour}:30")).unwrap();
            let mut due = DateTime::from_timestamp(start, 0).unwrap().with_timezone(&zone);
            due = schedule.next_after(due).unwrap();
            for _ in 0..30 {
                let next = schedule.next_after(due).unwrap();
                prop_assert_eq!((next.date_naive() - due.date_naive()).num_days(), 7);
                prop_assert_eq!(next.weekday(), Weekday::Mon);
                due = next;
            }
        }

        #[test]
        fn next_is_later_and_last_is_its_inverse(
            zone in zones(), start in seconds(),
            text in prop::sample::select(vec![
                "daily 02:30", "daily 00:00", "Mon,Thu 01:59", "day 28 02:00", "last day 23:59",
                "0 * * * *", "*/20 2 * * *", "0 9 29 2 *",
            ]),
        ) {
            let schedule = Schedule::parse(text).unwrap();
            let asked = DateTime::from_timestamp(start, 0).unwrap().with_timezone(&zone);
            let next = schedule.next_after(asked).unwrap();
            prop_assert!(next > asked);
            prop_assert_eq!(schedule.last_before_or_at(next), Some(next));
            let last = schedule.last_before_or_at(asked).unwrap();
            prop_assert!(last <= asked);
            prop_assert_eq!(schedule.next_after(last), Some(next));
            prop_assert_eq!(
                schedule.last_before_or_at(next - Duration::seconds(1)),
                Some(last)
            );
        }

        #[test]
        fn no_text_makes_reading_panic(text in any::<String>()) {
            let _ = Schedule::parse(&text);
        }

        #[test]
        fn no_cron_words_make_reading_panic(text in "[-*/,0-9LW#?+a-c ]{0,24}") {
            let _ = Schedule::parse(&text);
        }
    }
}
