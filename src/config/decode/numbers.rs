//! Numbers, with or without a unit, each within what its key allows.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::de::DeValue;

use super::Section;
use crate::config::notes::Placed;
use crate::config::quantities::{self, Units};

impl Section<'_, '_> {
    /// A whole number within `range`.
    pub fn number(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let found = self.typed(key, "an integer", DeValue::as_integer)?;
        let number = u64::from_str_radix(found.value.as_str(), found.value.radix()).ok();
        self.within(key, number, range, &found)
    }

    /// A list of whole numbers, each within `range`.
    pub fn numbers(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<Vec<u64>> {
        let found = self.typed(key, "an array of integers", DeValue::as_array)?;
        let numbers = found.value.iter().filter_map(|member| {
            let number = member.get_ref().as_integer().and_then(|integer| {
                let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok()?;
                range.contains(&number).then_some(number)
            });
            if number.is_none() {
                let (least, most) = (range.start(), range.end());
                let expected = format!("numbers from {least} to {most}");
                self.wrong_type(&member.span(), key, &expected, member.get_ref());
            }
            number
        });
        Some(numbers.collect())
    }

    /// A number within `range`, with or without a decimal point.
    pub fn decimal(&self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let found = self.typed(key, "a number", |value| match value {
            DeValue::Float(float) => Some(float.as_str()),
            DeValue::Integer(integer) => Some(integer.as_str()),
            _ => None,
        })?;
        let number = found.value.replace('_', "").parse().ok();
        self.within(key, number, range, &found)
    }

    /// A number if it is within `range`; what was `found` is told of otherwise.
    fn within<N: PartialOrd + Display>(
        &self,
        key: &'static str,
        number: Option<N>,
        range: RangeInclusive<N>,
        found: &Placed<impl Display>,
    ) -> Option<N> {
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("{} is out of range", found.value);
            let (least, most) = range.into_inner();
            let help = format!("'{key}' takes a number from {least} to {most}");
            self.notes.error(&found.span, message, help);
        }
        number
    }

    /// A length of time within `range`, in milliseconds: an integer, or text such as `5 s`.
    pub fn time(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<Duration> {
        self.quantity(key, range, &quantities::TIMES)
            .map(Duration::from_millis)
    }

    /// A number of bytes within `range`: an integer, or text such as `10 MB`.
    pub fn size(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        self.quantity(key, range, &quantities::SIZES)
    }

    /// A number of units within `range`: an integer, or text with one of the units.
    fn quantity(
        &self,
        key: &'static str,
        range: RangeInclusive<u64>,
        units: &Units,
    ) -> Option<u64> {
        let found = self.table.get(key);
        if !found.is_some_and(|found| found.get_ref().is_str()) {
            return self.number(key, range);
        }
        let found = self.parsed_in_place(key, |text| units.parse(text))?;
        if range.contains(&found.value) {
            return Some(found.value);
        }
        let show = |number| units.show(number);
        let message = format!("{} is out of range", show(found.value));
        let (least, most) = range.into_inner();
        let help = format!("'{key}' takes from {} to {}", show(least), show(most));
        self.notes.error(&found.span, message, help);
        None
    }
}
