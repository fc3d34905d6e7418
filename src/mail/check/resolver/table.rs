//! Records in a table.

use std::net::IpAddr;

use super::{Answer, LookupError, Resolver, reverse};

/// Records in a table, as a zone file has them: to try them before they are published, and for
/// tests.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Name, type and value.
    records: Vec<(String, String, String)>,
}

impl Table {
    /// Reads lines of `name TYPE value`, in which `IN` may stand before the type, and the strings
    /// of a `TXT` record between quotation marks; `;` begins a comment. `FAIL` as a type has
    /// look-ups of the name fail.
    ///
    /// # Errors
    /// The number of the first line that is none, with what is wrong.
    pub fn read(text: &str) -> Result<Table, (usize, &'static str)> {
        let mut table = Table::default();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(';') {
                continue;
            }
            let (name, rest) = word(line).ok_or((at + 1, "there is a name alone"))?;
            let (mut kind, mut value) = word(rest).ok_or((at + 1, "there is no value"))?;
            if kind.eq_ignore_ascii_case("IN") {
                (kind, value) = word(value).ok_or((at + 1, "there is no value"))?;
            }
            let kind = kind.to_ascii_uppercase();
            if !["TXT", "MX", "A", "AAAA", "PTR", "FAIL"].contains(&kind.as_str()) {
                return Err((at + 1, "the type is none of TXT, MX, A, AAAA, PTR"));
            }
            let value = match value.starts_with('"') {
                // Of "one" "two", every second part stands between quotation marks.
                true => value.split('"').skip(1).step_by(2).collect(),
                false => value.to_owned(),
            };
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            table.records.push((name, kind, value));
        }
        Ok(table)
    }

    fn find(&self, name: &str, kind: &str) -> Answer<String> {
        let name = name.to_ascii_lowercase();
        let of_name = || self.records.iter().filter(|(known, ..)| *known == name);
        if of_name().any(|(_, kind, _)| kind == "FAIL") {
            return Err(LookupError {
                name,
                why: "the table says so".to_owned(),
            });
        }
        let found = of_name().filter(|(_, known, _)| known == kind);
        Ok(found.map(|(.., value)| value.clone()).collect())
    }
}

fn word(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    (!rest.is_empty()).then_some((word, rest))
}

impl Resolver for Table {
    fn texts(&self, name: &str) -> Answer<String> {
        self.find(name, "TXT")
    }

    fn exchanges(&self, name: &str) -> Answer<String> {
        let mut found: Vec<(u16, String)> = self
            .find(name, "MX")?
            .iter()
            .filter_map(|value| {
                let (preference, host) = value.split_once(' ')?;
                let host = match host.trim().trim_end_matches('.') {
                    "" => ".",
                    host => host,
                };
                Some((preference.parse().ok()?, host.to_owned()))
            })
            .collect();
        found.sort();
        Ok(found.into_iter().map(|(_, host)| host).collect())
    }

    fn addresses(&self, name: &str) -> Answer<IpAddr> {
        let mut found = self.find(name, "A")?;
        found.extend(self.find(name, "AAAA")?);
        Ok(found
            .iter()
            .filter_map(|value| value.parse().ok())
            .collect())
    }

    fn names(&self, address: IpAddr) -> Answer<String> {
        let mut found = self.find(&reverse(address), "PTR")?;
        found.extend(self.find(&address.to_string(), "PTR")?);
        let names = found
            .iter()
            .map(|name| name.trim_end_matches('.').to_owned());
        Ok(names.collect())
    }

    fn exists(&self, name: &str) -> Result<bool, LookupError> {
        self.find(name, "FAIL")?;
        let name = name.to_ascii_lowercase();
        let is_within = |known: &str| {
            known
                .strip_suffix(&name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        Ok(self.records.iter().any(|(known, ..)| is_within(known)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_zone_files_are_written() {
        let table = Table::read(
            "; a comment\n\nexample.org. IN TXT \"v=spf1 \" \"-all\"\nexample.org MX 20 b.example.\n\
             example.org MX 10 a.example\nA.example A 192.0.2.1\n192.0.2.1 PTR a.example.\nbad FAIL x\n",
        )
        .unwrap();
        assert_eq!(table.texts("example.org").unwrap(), ["v=spf1 -all"]);
        assert_eq!(
            table.exchanges("Example.org").unwrap(),
            ["a.example", "b.example"]
        );
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        assert_eq!(table.addresses("a.example").unwrap(), [address]);
        assert_eq!(table.names(address).unwrap(), ["a.example"]);
        assert!(table.texts("other.example").unwrap().is_empty());
        assert!(table.texts("bad").is_err());
        assert!(table.exists("example").unwrap() && table.exists("A.example").unwrap());
        assert!(!table.exists("b.example").unwrap() && !table.exists("ample").unwrap());
        assert!(table.exists("bad").is_err());
        assert_eq!(Table::read("\nx NS y").unwrap_err().0, 2);
        assert!(Table::read("x").is_err());
    }
}
