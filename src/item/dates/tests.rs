use super::*;
use chrono_tz::Europe::Vienna;

fn read(text: &str) -> Result<String, DateError> {
    parse(text, Vienna, true).map(|moment| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[test]
fn every_usual_form_of_a_day_is_its_midnight_here() {
    for text in [
        "22 November 2024",
        "22 Nov 2024",
        "22 Nov. 2024",
        "22nd of November, 2024",
        "November 22, 2024",
        "Nov 22 2024",
        "NOVEMBER 22nd, 2024",
        "2024-11-22",
        "2024/11/22",
        "22.11.2024",
        "22/11/2024",
        "22-11-2024",
        "22-Nov-2024",
        "Friday, 22 November 2024",
        "Fri 22 Nov 2024",
        "22. November 2024",
        "22 ноября 2024 г.",
        "22 ноя 2024",
        "22\u{A0}November\u{A0}2024",
    ] {
        assert_eq!(read(text).as_deref(), Ok("2024-11-21T23:00:00Z"), "{text}");
    }
    assert_eq!(read("9 May 2024"), read("09.05.2024"));
    assert_eq!(read("9 мая 2024"), read("9 май 2024"));
    assert_eq!(read("1 марта 2024"), read("2024-03-01"));
    assert_eq!(read("5 Sept 2024"), read("5 September 2024"));
}

#[test]
fn the_setting_says_whether_day_or_month_stands_first() {
    let american = |text| parse(text, Tz::UTC, false).map(|moment| moment.date_naive().to_string());
    assert_eq!(american("03/04/2024").as_deref(), Ok("2024-03-04"));
    assert_eq!(american("03.04.2024").as_deref(), Ok("2024-04-03"));
    assert_eq!(american("22/11/2024"), Err(DateError::Impossible));
    assert_eq!(read("11/22/2024"), Err(DateError::Impossible));
}

#[test]
fn times_and_zones_are_read() {
    for text in [
        "2024-11-22T10:00:00+01:00",
        "2024-11-22T09:00:00Z",
        "2024-11-22 10:00",
        "2024-11-22T10:00",
        "22 November 2024, 10:00",
        "22 November 2024 at 10.00 am",
        "Fri, 22 Nov 2024 10:00:00 +0100",
        "Fri, 22 Nov 2024 10:00:00 +0100 (CET)",
        "22 Nov 2024 09:00:00 GMT",
        "2024-11-22 09:00:00.000 UTC",
        "2024-11-22T04:00:00-05",
        "22 November 2024 - 10:00",
        "22/11/2024 10:00 CET",
        "2024-11-22t09:00:00z",
        "22 Nov 2024 14:30 Asia/Kolkata",
        "November 22, 2024 10am",
    ] {
        assert_eq!(read(text).as_deref(), Ok("2024-11-22T09:00:00Z"), "{text}");
    }
    assert_eq!(
        read("2024-11-22 12:30 am").as_deref(),
        Ok("2024-11-21T23:30:00Z")
    );
    assert_eq!(
        read("2016-12-31T23:59:60Z").as_deref(),
        Ok("2016-12-31T23:59:59Z")
    );
}

#[test]
fn a_time_in_the_gap_moves_on_and_one_in_the_fold_is_the_earlier() {
    assert_eq!(
        read("2024-03-31 02:30").as_deref(),
        Ok("2024-03-31T01:30:00Z")
    );
    assert_eq!(
        read("2024-10-27 02:30").as_deref(),
        Ok("2024-10-27T00:30:00Z")
    );
    let beirut = chrono_tz::Asia::Beirut;
    // The clocks went from midnight to one o'clock.
    let start = parse("27 March 2022", beirut, true).map(|moment| moment.to_rfc3339());
    assert_eq!(start.as_deref(), Ok("2022-03-26T22:00:00+00:00"));
}

#[test]
fn what_does_not_exist_is_told_from_what_cannot_be_read() {
    for text in [
        "31 February 2024",
        "2023-02-29",
        "32.01.2024",
        "2024-13-01",
        "2024-11-22 24:00",
        "2024-11-22 10:61",
        "2024-11-22T10:00:00+99:00",
        "0 May 2024",
    ] {
        assert_eq!(read(text), Err(DateError::Impossible), "{text}");
    }
    for text in [
        "",
        "tomorrow",
        "22 November",
        "22 November 24",
        "22 Foo 2024",
        "2024",
        "2024-11",
        "2024-11-22 soon",
        "2024-11-221",
        "22-11/2024",
        "99999999999999999999",
        "22 Nov 20245",
    ] {
        assert_eq!(read(text), Err(DateError::Unreadable), "{text}");
    }
    for text in [
        "1 January 1899",
        "0001-01-01",
        "2201-01-01",
        "9999-12-31T23:59:59+00:00",
    ] {
        assert_eq!(read(text), Err(DateError::OutOfRange), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", day_first: bool) {
        let _ = parse(&text, Vienna, day_first);
    }

    #[test]
    fn what_chrono_writes_is_read_back(seconds in -2_200_000_000i64..7_200_000_000) {
        let moment = DateTime::from_timestamp(seconds, 0).expect("in range");
        proptest::prop_assert_eq!(parse(&moment.to_rfc3339(), Vienna, true), Ok(moment));
        proptest::prop_assert_eq!(parse(&moment.to_rfc2822(), Vienna, true), Ok(moment));
    }
}
