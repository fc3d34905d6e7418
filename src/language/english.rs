//! English, in which the templates are written.

use super::words::Calendar;

/// The months.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// How English writes dates and numbers.
pub(super) fn calendar() -> Calendar {
    Calendar {
        months: MONTHS.map(str::to_owned),
        months_alone: MONTHS.map(str::to_owned),
        short_months: MONTHS.map(|month| month[..3].to_owned()),
        weekdays: [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ]
        .map(str::to_owned),
        thousands: ",".to_owned(),
        decimal: ".".to_owned(),
    }
}
