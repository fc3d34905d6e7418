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
            "Thurs, Mon,thu 08:30",
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
        "Mo 09:00",
        "Mondays 09:00",
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
