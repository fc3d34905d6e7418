//! Sizes and times as people write them: a whole number with a unit.

use super::notes::Wrong;

/// Units of one sort.
pub(super) struct Units {
    /// Each unit with what it is in the smallest one, which stands first.
    names: &'static [(&'static str, u64)],
    /// How many of them are written; the rest is understood only.
    shown: usize,
    /// What to write instead of something that is no quantity.
    help: &'static str,
}

/// Units of size, each with its bytes.
pub(super) const SIZES: Units = Units {
    names: &[
        ("B", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ],
    shown: 4,
    help: "write a size such as '10 MB'",
};

/// Units of time, each with its milliseconds.
pub(super) const TIMES: Units = Units {
    names: &[
        ("ms", 1),
        ("s", 1_000),
        ("min", 60_000),
        ("h", 3_600_000),
        ("day", 86_400_000),
        ("days", 86_400_000),
    ],
    shown: 6,
    help: "write a time such as '80 ms' or '5 s'",
};

impl Units {
    /// The number of smallest units that a text such as `10 MB` stands for.
    pub fn parse(&self, text: &str) -> Result<u64, Wrong> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim();
        let unit = self
            .names
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit));
        number
            .parse()
            .ok()
            .zip(unit)
            .and_then(|(number, (_, factor)): (u64, _)| number.checked_mul(*factor))
            .ok_or_else(|| {
                let names: Vec<&str> = self.names.iter().map(|(name, _)| *name).collect();
                Wrong::new(
                    format!("'{text}' is not a number with a unit"),
                    format!("{}; the units are {}", self.help, names.join(", ")),
                )
            })
    }

    /// The number in the largest unit that leaves no fraction.
    pub fn show(&self, number: u64) -> String {
        let unit = self.names[..self.shown]
            .iter()
            .rev()
            .find(|(_, factor)| number >= *factor && number.is_multiple_of(*factor));
        match unit {
            Some((name, factor)) => format!("{} {name}", number / factor),
            None => format!("{number} {}", self.names[0].0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units() {
        assert_eq!(SIZES.parse("10 MB"), Ok(10_000_000));
        assert_eq!(SIZES.parse("64kib"), Ok(65_536));
        assert_eq!(TIMES.parse("80 ms"), Ok(80));
        assert_eq!(TIMES.parse("2min"), Ok(120_000));
        for bad in [
            "",
            "MB",
            "10",
            "-1 MB",
            "1.5 MB",
            "10 parsecs",
            "99999999999999999999 GB",
            "99999999999999 GB",
        ] {
            assert!(SIZES.parse(bad).is_err(), "{bad}");
        }
        assert_eq!(SIZES.show(10_000_000), "10 MB");
        assert_eq!(SIZES.show(1_500), "1500 B");
        assert_eq!(TIMES.show(60_000), "1 min");
        assert_eq!(TIMES.show(0), "0 ms");
    }
}
