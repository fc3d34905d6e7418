//! The stretch of time that an issue covers: a day, an ISO 8601 week or a month of a time zone.
//!
//! Spans of one period and zone tile time: each ends in the instant in which the next one
//! starts, over every change of the clock. Pure arithmetic on the calendar; nothing here asks
//! what time it is.

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta,
    TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

use crate::config::Period;
use crate::diagnostic::Problem;
use crate::digest::schedule::Schedule;
use crate::language::Words;

/// One day, week or month in one time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its name in paths and commands: `2024-11-22`, `2024-W47` or `2024-11`.
    pub label: String,
    /// The local midnight in which it starts; it belongs to the span. Where the clock jumps over
    /// that midnight, the first instant after the jump; where midnight comes twice, the first.
    pub start: DateTime<Utc>,
    /// The local midnight in which the next span starts; it does not belong to the span.
    pub end: DateTime<Utc>,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
    /// Its length.
    pub period: Period,
    /// The zone of its midnights.
    pub timezone: Tz,
}

/// Why a text names no span of a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The text has none of the known forms.
    #[error("'{text}' does not name {}", kind(*period))]
    Malformed {
        /// The text as given.
        text: String,
        /// What the digest covers.
        period: Period,
    },
    /// The text names a span of another length than the digest's.
    #[error("'{text}' is {}, but each issue of this digest covers {}", kind(*given), kind(*period))]
    OtherPeriod {
        /// The text as given.
        text: String,
        /// What it names.
        given: Period,
        /// What the digest covers.
        period: Period,
    },
    /// The text has the right form, and the calendar has no such day, week or month.
    #[error("'{text}' is not in the calendar")]
    NotInCalendar {
        /// The text as given.
        text: String,
        /// What the digest covers.
        period: Period,
    },
}

impl PeriodError {
    /// What to write instead, in one sentence.
    pub fn help(&self) -> String {
        let (PeriodError::Malformed { period, .. }
        | PeriodError::OtherPeriod { period, .. }
        | PeriodError::NotInCalendar { period, .. }) = self;
        match period {
            Period::Day => "write a date ('2024-11-22') or 'last'".to_owned(),
            Period::Week => {
                "write a week ('2024-W47'; a year has 52 or 53), a date in it ('2024-11-22') or \
                 'last'"
                    .to_owned()
            }
            Period::Month => {
                "write a month ('2024-11'), a date in it ('2024-11-22') or 'last'".to_owned()
            }
            Period::AtOnce => {
                "write the issue's moment ('20241125T080000Z') or 'last' for now".to_owned()
            }
        }
    }
}

impl From<PeriodError> for Problem {
    fn from(error: PeriodError) -> Problem {
        Problem::error(error.to_string()).help(error.help())
    }
}

fn kind(period: Period) -> &'static str {
    match period {
        Period::Day => "a day",
        Period::Week => "a week",
        Period::Month => "a month",
        Period::AtOnce => "a moment",
    }
}

/// How labels of moments are written, in UTC: `20241125T080000Z`.
const MOMENT: &str = "%Y%m%dT%H%M%SZ";

impl Span {
    /// The moment of an issue that comes at once: the second that holds `instant`. Its label is
    /// that second, `20241125T080000Z`.
    pub fn at(instant: DateTime<Utc>, timezone: Tz) -> Span {
        let start = instant.trunc_subsecs(0);
        let day = start.with_timezone(&timezone).date_naive();
        Span {
            label: start.format(MOMENT).to_string(),
            start,
            end: start + TimeDelta::seconds(1),
            first_day: day,
            last_day: day,
            period: Period::AtOnce,
            timezone,
        }
    }

    /// The span that `text` names: a label (`2024-W47` for a weekly digest, `2024-11` for a
    /// monthly one), a date (`2024-11-22`: the span that holds it), or `last` (the newest one
    /// that has ended at `now`).
    ///
    /// # Errors
    /// Text of no known form, a label of another period, or a date that does not exist.
    pub fn parse(
        text: &str,
        period: Period,
        timezone: Tz,
        now: DateTime<Utc>,
    ) -> Result<Span, PeriodError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("last") {
            return Ok(Span::last_ended(now, period, timezone));
        }
        if period == Period::AtOnce {
            let moment = NaiveDateTime::parse_from_str(text, MOMENT);
            let malformed = |_| PeriodError::Malformed {
                text: text.to_owned(),
                period,
            };
            let moment = moment.map_err(malformed)?;
            return Ok(Span::at(moment.and_utc(), timezone));
        }
        let named = Named::read(text).ok_or_else(|| PeriodError::Malformed {
            text: text.to_owned(),
            period,
        })?;
        if named.period != Period::Day && named.period != period {
            return Err(PeriodError::OtherPeriod {
                text: text.to_owned(),
                given: named.period,
                period,
            });
        }
        named
            .first_day
            .and_then(|day| Span::of_day(day, period, timezone))
            .ok_or_else(|| PeriodError::NotInCalendar {
                text: text.to_owned(),
                period,
            })
    }

    /// The span of an issue by its label alone: the digest may have had another period then. `None`
    /// for a text that is no label.
    pub fn labelled(label: &str, timezone: Tz) -> Option<Span> {
        if let Ok(moment) = NaiveDateTime::parse_from_str(label, MOMENT) {
            return Some(Span::at(moment.and_utc(), timezone));
        }
        let named = Named::read(label)?;
        Span::of_day(named.first_day?, named.period, timezone)
    }

    /// The span that holds `instant`. Instants outside the years 1 to 9999, of which labels
    /// cannot speak, count as the nearest one inside.
    pub fn containing(instant: DateTime<Utc>, period: Period, timezone: Tz) -> Span {
        if period == Period::AtOnce {
            return Span::at(instant, timezone);
        }
        let (first, last) = (first_day_of_all(), last_day_of_all());
        let utc_day = instant.date_naive();
        let day = if utc_day <= first || utc_day >= last {
            utc_day.clamp(first, last)
        } else {
            instant.with_timezone(&timezone).date_naive()
        };
        let mut span = Span::around(day, period, timezone);
        // A clock that is set back over midnight repeats the end of a day that is over already.
        while instant >= span.end {
            match span.next() {
                Some(next) => span = next,
                None => break,
            }
        }
        while instant < span.start {
            match span.previous() {
                Some(previous) => span = previous,
                None => break,
            }
        }
        span
    }

    /// The newest span that has ended at `now`.
    pub fn last_ended(now: DateTime<Utc>, period: Period, timezone: Tz) -> Span {
        let current = Span::containing(now, period, timezone);
        if period == Period::AtOnce {
            return current;
        }
        current.previous().unwrap_or(current)
    }

    /// The span before this one; `None` before the year 1.
    pub fn previous(&self) -> Option<Span> {
        Span::of_day(self.first_day.pred_opt()?, self.period, self.timezone)
    }

    /// The span after this one; `None` after the year 9999.
    pub fn next(&self) -> Option<Span> {
        Span::of_day(self.last_day.succ_opt()?, self.period, self.timezone)
    }

    /// When the issue that covers it is due: at the first moment of `schedule`, whose times are
    /// those of the span's zone, that does not come before its end. `None` when the schedule has
    /// no such moment in the calendar.
    pub fn due(&self, schedule: &Schedule) -> Option<DateTime<Utc>> {
        let before = self.end.checked_sub_signed(TimeDelta::seconds(1))?;
        let due = schedule.next_after(before.with_timezone(&self.timezone))?;
        Some(due.with_timezone(&Utc))
    }

    /// Whether `instant` lies in it.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Its days as readers see them: `22 November 2024`, `18–24 November 2024`,
    /// `28 October – 3 November 2024`, `30 December 2024 – 5 January 2025`, `November 2024`; the
    /// months in the language of `words`.
    pub fn in_words(&self, words: &Words) -> String {
        let (first, last) = (self.first_day, self.last_day);
        // Spaces that do not break keep a day with its month.
        let day = |date: NaiveDate| words.day(date, "%-d\u{a0}%B");
        let month = |date: NaiveDate| words.day(date, "%B\u{a0}%Y");
        match self.period {
            Period::Day | Period::AtOnce => format!("{} {}", day(first), first.year()),
            Period::Month => month(first),
            Period::Week if first.year() != last.year() => format!(
                "{} {} – {} {}",
                day(first),
                first.year(),
                day(last),
                last.year()
            ),
            Period::Week if first.month() != last.month() => {
                format!("{} – {} {}", day(first), day(last), last.year())
            }
            Period::Week => format!("{}–{} {}", first.day(), day(last), last.year()),
        }
    }

    /// The span that holds `day`, if that day lies in the years 1 to 9999.
    fn of_day(day: NaiveDate, period: Period, timezone: Tz) -> Option<Span> {
        (first_day_of_all()..=last_day_of_all())
            .contains(&day)
            .then(|| Span::around(day, period, timezone))
    }

    /// The span that holds `day`, which the caller has found to lie in the years 1 to 9999.
    fn around(day: NaiveDate, period: Period, timezone: Tz) -> Span {
        let (label, first_day, next_day) = match period {
            Period::Day | Period::AtOnce => {
                (day.format("%Y-%m-%d").to_string(), day, day + Days::new(1))
            }
            Period::Week => {
                let week = day.iso_week();
                let into = u64::from(day.weekday().num_days_from_monday());
                let monday = day - Days::new(into);
                (
                    format!("{:04}-W{:02}", week.year(), week.week()),
                    monday,
                    monday + Days::new(7),
                )
            }
            Period::Month => {
                let first = day - Days::new(u64::from(day.day0()));
                (
                    day.format("%Y-%m").to_string(),
                    first,
                    first + Months::new(1),
                )
            }
        };
        Span {
            label,
            start: start_of_day(first_day, timezone),
            end: start_of_day(next_day, timezone),
            first_day,
            last_day: next_day - Days::new(1),
            period,
            timezone,
        }
    }
}

/// What a text names, before anyone asks whether the calendar has it.
struct Named {
    period: Period,
    first_day: Option<NaiveDate>,
}

impl Named {
    fn read(text: &str) -> Option<Named> {
        let mut parts = text.split('-');
        let year = i32::try_from(digits(parts.next()?, 4)?).ok()?;
        let second = parts.next()?;
        let third = parts.next();
        if parts.next().is_some() {
            return None;
        }
        if let Some(week) = second.strip_prefix(['W', 'w']) {
            let week = digits(week, 2)?;
            return third.is_none().then(|| Named {
                period: Period::Week,
                first_day: NaiveDate::from_isoywd_opt(year, week, Weekday::Mon),
            });
        }
        let month = digits(second, 2)?;
        Some(match third {
            None => Named {
                period: Period::Month,
                first_day: NaiveDate::from_ymd_opt(year, month, 1),
            },
            Some(day) => Named {
                period: Period::Day,
                first_day: NaiveDate::from_ymd_opt(year, month, digits(day, 2)?),
            },
        })
    }
}

/// The number that exactly `count` ASCII digits write.
fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// The first instant of `day` in `timezone`.
fn start_of_day(day: NaiveDate, timezone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    match timezone.from_local_datetime(&midnight).earliest() {
        Some(start) => start.with_timezone(&Utc),
        None => end_of_gap(midnight, timezone),
    }
}

/// The first instant at which the clocks of `timezone` show no less than `local`, a time that
/// they jump over. No zone is further than a day from UTC, and no jump is longer than a day.
fn end_of_gap(local: NaiveDateTime, timezone: Tz) -> DateTime<Utc> {
    let mut before = local.and_utc() - TimeDelta::days(2);
    let mut after = local.and_utc() + TimeDelta::days(2);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if middle.with_timezone(&timezone).naive_local() < local {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

/// The first day of which labels can speak, a Monday.
fn first_day_of_all() -> NaiveDate {
    NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(NaiveDate::MIN)
}

/// The last day of which labels can speak.
fn last_day_of_all() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests;
