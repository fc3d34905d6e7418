use chrono_tz::{
    America::{Havana, Sao_Paulo, St_Johns},
    Europe::Vienna,
    Pacific::Apia,
};
use proptest::prelude::*;

use super::*;
use crate::language::Words;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn parse(text: &str, period: Period) -> Span {
    Span::parse(text, period, Vienna, utc("2024-11-25T08:00:00Z")).unwrap()
}

fn refusal(text: &str, period: Period) -> String {
    let error = Span::parse(text, period, Vienna, utc("2024-11-25T08:00:00Z")).unwrap_err();
    format!("{error}; {}", error.help())
}

#[test]
fn a_week_runs_from_monday_midnight_to_monday_midnight() {
    let week = parse("2024-W47", Period::Week);
    assert_eq!(week.start, utc("2024-11-17T23:00:00Z"));
    assert_eq!(week.end, utc("2024-11-24T23:00:00Z"));
    assert!(week.contains(week.start));
    assert!(!week.contains(week.end));
}

#[test]
fn a_date_names_the_span_that_holds_it() {
    assert_eq!(parse("2024-11-24", Period::Week).label, "2024-W47");
    assert_eq!(parse("2024-11-25", Period::Week).label, "2024-W48");
    assert_eq!(parse("2024-11-24", Period::Month).label, "2024-11");
    assert_eq!(parse("2024-11-24", Period::Day).label, "2024-11-24");
}

#[test]
fn last_is_the_newest_span_that_has_ended() {
    assert_eq!(parse("last", Period::Week).label, "2024-W47");
    assert_eq!(parse(" Last ", Period::Month).label, "2024-10");
    assert_eq!(parse("last", Period::Day).label, "2024-11-24");
    // A span has ended in the very instant in which the next one starts.
    let monday = utc("2024-11-24T23:00:00Z");
    assert_eq!(
        Span::last_ended(monday, Period::Week, Vienna).label,
        "2024-W47"
    );
    let before = monday - TimeDelta::seconds(1);
    assert_eq!(
        Span::last_ended(before, Period::Week, Vienna).label,
        "2024-W46"
    );
}

#[test]
fn weeks_of_a_change_of_the_clock_are_an_hour_shorter_or_longer() {
    let spring = parse("2024-W13", Period::Week);
    assert_eq!(spring.end - spring.start, TimeDelta::hours(7 * 24 - 1));
    let autumn = parse("2024-W43", Period::Week);
    assert_eq!(autumn.end - autumn.start, TimeDelta::hours(7 * 24 + 1));
}

#[test]
fn iso_years_differ_from_calendar_years_at_their_edges() {
    assert_eq!(parse("2024-12-30", Period::Week).label, "2025-W01");
    assert_eq!(parse("2021-01-03", Period::Week).label, "2020-W53");
    assert_eq!(
        parse("2020-W53", Period::Week).next().unwrap().label,
        "2021-W01"
    );
    assert_eq!(
        parse("2025-W01", Period::Week).previous().unwrap().label,
        "2024-W52"
    );
    assert_eq!(parse("2024-w02", Period::Week).label, "2024-W02");
}

#[test]
fn a_midnight_that_the_clock_jumps_over_is_the_first_instant_after() {
    // In São Paulo the summer of 2018 began with a day that started at 01:00.
    let day = Span::parse("2018-11-04", Period::Day, Sao_Paulo, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(day.start, utc("2018-11-04T03:00:00Z"));
    assert_eq!(day.end - day.start, TimeDelta::hours(23));
    assert_eq!(day.previous().unwrap().end, day.start);
}

#[test]
fn a_midnight_that_comes_twice_is_the_first_of_the_two() {
    // Havana sets the clock back from 01:00 to 00:00.
    let day = Span::parse("2024-11-03", Period::Day, Havana, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(day.start, utc("2024-11-03T04:00:00Z"));
    assert_eq!(day.end - day.start, TimeDelta::hours(25));
}

#[test]
fn an_hour_repeated_across_midnight_belongs_to_the_new_day() {
    // St John's set the clock back from 00:01 to 23:01 of the day before.
    let repeated = utc("2010-11-07T03:00:00Z");
    assert_eq!(
        repeated
            .with_timezone(&St_Johns)
            .format("%F %R")
            .to_string(),
        "2010-11-06 23:30"
    );
    let span = Span::containing(repeated, Period::Day, St_Johns);
    assert_eq!(span.label, "2010-11-07");
    assert!(span.contains(repeated));
}

#[test]
fn a_day_that_never_was_is_empty() {
    // Samoa went from 29 to 31 December 2011.
    let day = Span::parse("2011-12-30", Period::Day, Apia, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(day.start, day.end);
    assert_eq!(day.start, utc("2011-12-30T10:00:00Z"));
    let next = Span::containing(day.start, Period::Day, Apia);
    assert_eq!(next.label, "2011-12-31");
}

#[test]
fn instants_that_labels_cannot_name_count_as_the_nearest_that_they_can() {
    for period in [Period::Day, Period::Week, Period::Month] {
        let first = Span::containing(DateTime::<Utc>::MIN_UTC, period, Vienna);
        assert!(first.label.starts_with("0001-"), "{}", first.label);
        assert_eq!(first.previous(), None);
        assert_eq!(
            Span::last_ended(DateTime::<Utc>::MIN_UTC, period, Vienna),
            first
        );
        let last = Span::containing(DateTime::<Utc>::MAX_UTC, period, Vienna);
        assert!(last.label.starts_with("9999-"), "{}", last.label);
        assert_eq!(last.next(), None);
    }
}

#[test]
fn what_names_no_span_is_refused_with_what_to_write() {
    let weeks =
        "write a week ('2024-W47'; a year has 52 or 53), a date in it ('2024-11-22') or 'last'";
    assert_eq!(
        refusal("next", Period::Week),
        format!("'next' does not name a week; {weeks}")
    );
    assert_eq!(
        refusal("2024-11", Period::Week),
        format!("'2024-11' is a month, but each issue of this digest covers a week; {weeks}")
    );
    assert_eq!(
        refusal("2024-W53", Period::Week),
        format!("'2024-W53' is not in the calendar; {weeks}")
    );
    assert_eq!(
        refusal("2024-W47", Period::Month),
        "'2024-W47' is a week, but each issue of this digest covers a month; \
         write a month ('2024-11'), a date in it ('2024-11-22') or 'last'"
    );
    assert_eq!(
        refusal("2023-02-29", Period::Day),
        "'2023-02-29' is not in the calendar; write a date ('2024-11-22') or 'last'"
    );
    for text in [
        "",
        "-",
        "2024",
        "2024-W",
        "2024-W4",
        "2024-W047",
        "2024-W47-1",
        "24-11-22",
        "2024-11-2",
        "2024-11-22-1",
        "+024-11-22",
        "2024-١١-22",
        "０-11-22",
        "-2024-11-22",
    ] {
        let error = Span::parse(text, Period::Day, Vienna, DateTime::UNIX_EPOCH).unwrap_err();
        assert!(
            matches!(error, PeriodError::Malformed { .. }),
            "{text}: {error}"
        );
    }
    for text in ["0000-01-01", "2024-13-01", "2024-00-10", "2024-04-31"] {
        let error = Span::parse(text, Period::Day, Vienna, DateTime::UNIX_EPOCH).unwrap_err();
        assert!(
            matches!(error, PeriodError::NotInCalendar { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn days_are_told_as_a_reader_expects() {
    let words = |text, period| {
        parse(text, period)
            .in_words(&Words::built_in("en"))
            .replace('\u{a0}', " ")
    };
    assert_eq!(words("2024-11-22", Period::Day), "22 November 2024");
    assert_eq!(words("2024-W47", Period::Week), "18–24 November 2024");
    assert_eq!(
        words("2024-W44", Period::Week),
        "28 October – 3 November 2024"
    );
    assert_eq!(
        words("2025-W01", Period::Week),
        "30 December 2024 – 5 January 2025"
    );
    assert_eq!(words("2024-11", Period::Month), "November 2024");
}

#[test]
fn an_issue_is_due_at_the_first_moment_after_its_span() {
    let due = |text, period, schedule| {
        let schedule = Schedule::parse(schedule).unwrap();
        let span = parse(text, period);
        let due = span.due(&schedule).unwrap();
        assert_eq!(Span::last_ended(due, period, Vienna), span);
        due
    };
    let monday = due("2024-W47", Period::Week, "Mon 09:00");
    assert_eq!(monday, utc("2024-11-25T08:00:00Z"));
    // Midnight itself is not too early.
    let midnight = due("2024-11-22", Period::Day, "daily 00:00");
    assert_eq!(midnight, utc("2024-11-22T23:00:00Z"));
    let friday = due("2024-W47", Period::Week, "Fri 17:00");
    assert_eq!(friday, utc("2024-11-29T16:00:00Z"));
}

fn any_period() -> impl Strategy<Value = Period> {
    prop_oneof![Just(Period::Day), Just(Period::Week), Just(Period::Month)]
}

proptest! {
    #[test]
    fn spans_tile_time_and_their_labels_name_them(
        // 1850 to 2150: from local mean time to the rules that hold for ever.
        seconds in -3_786_912_000_i64..5_680_281_600,
        period in any_period(),
        zone in 0..chrono_tz::TZ_VARIANTS.len(),
    ) {
        let timezone = chrono_tz::TZ_VARIANTS[zone];
        let instant = DateTime::from_timestamp(seconds, 0).unwrap();
        let span = Span::containing(instant, period, timezone);
        prop_assert!(span.contains(instant), "{span:?} does not hold {instant}");
        let (previous, next) = (span.previous().unwrap(), span.next().unwrap());
        prop_assert_eq!(previous.end, span.start);
        prop_assert_eq!(span.end, next.start);
        prop_assert_eq!(&next.previous().unwrap(), &span);
        for one in [&previous, &span, &next] {
            prop_assert!(one.start <= one.end);
            prop_assert_eq!(&Span::parse(&one.label, period, timezone, instant).unwrap(), one);
        }
    }

    #[test]
    fn no_text_makes_the_reading_of_a_period_panic(text in "\\PC{0,14}", period in any_period()) {
        let _ = Span::parse(&text, period, Vienna, DateTime::UNIX_EPOCH);
    }
}
