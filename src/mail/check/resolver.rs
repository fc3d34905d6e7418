//! Where records are looked up.

use std::net::IpAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::{RData, RecordType};
use thiserror::Error;

/// The DNS could not be asked, or gave no answer: nothing is known, which is not the same as that
/// there is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{name} cannot be looked up: {why}")]
pub struct LookupError {
    /// What was asked for.
    pub name: String,
    /// What went wrong.
    pub why: String,
}

/// What was found; empty where there is no such record.
pub type Answer<T> = Result<Vec<T>, LookupError>;

/// Looks records up. Names are in ASCII, without a dot at their end.
pub trait Resolver {
    /// The `TXT` records of a name, each with its strings joined.
    fn texts(&self, name: &str) -> Answer<String>;
    /// The `MX` records of a name, the preferred first; `.` for a domain that takes no mail.
    fn exchanges(&self, name: &str) -> Answer<String>;
    /// The `A` and `AAAA` records of a name.
    fn addresses(&self, name: &str) -> Answer<IpAddr>;
    /// The `PTR` records of an address.
    fn names(&self, address: IpAddr) -> Answer<String>;
}

/// The resolver that the system is set up to use.
pub struct System {
    resolver: TokioResolver,
    runtime: tokio::runtime::Runtime,
}

impl System {
    /// Reads the system's settings.
    ///
    /// # Errors
    /// When there are none that can be used.
    pub fn new() -> Result<System, LookupError> {
        let failed = |why: String| LookupError {
            name: "the DNS".to_owned(),
            why,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let resolver = runtime
            .block_on(async { TokioResolver::builder_tokio()?.build() })
            .map_err(|error: NetError| failed(error.to_string()))?;
        Ok(System { resolver, runtime })
    }

    fn look_up<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Answer<T> {
        // With a dot, nothing is tried below the system's own domain.
        let asked = format!("{name}.");
        let answer = self.runtime.block_on(self.resolver.lookup(asked, kind));
        match answer {
            Ok(answer) => {
                let records = answer.answers().iter();
                Ok(records.filter_map(|record| read(&record.data)).collect())
            }
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(LookupError {
                name: name.to_owned(),
                why: error.to_string(),
            }),
        }
    }
}

impl Resolver for System {
    fn texts(&self, name: &str) -> Answer<String> {
        self.look_up(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => {
                let octets: Vec<u8> = text
                    .txt_data
                    .iter()
                    .flat_map(|part| part.to_vec())
                    .collect();
                Some(String::from_utf8_lossy(&octets).into_owned())
            }
            _ => None,
        })
    }

    fn exchanges(&self, name: &str) -> Answer<String> {
        let mut found = self.look_up(name, RecordType::MX, |data| match data {
            RData::MX(exchange) => {
                let host = exchange.exchange.to_ascii();
                let host = match host.trim_end_matches('.') {
                    "" => ".",
                    host => host,
                };
                Some((exchange.preference, host.to_owned()))
            }
            _ => None,
        })?;
        found.sort();
        Ok(found.into_iter().map(|(_, host)| host).collect())
    }

    fn addresses(&self, name: &str) -> Answer<IpAddr> {
        let mut found = self.look_up(name, RecordType::A, |data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            _ => None,
        })?;
        found.extend(self.look_up(name, RecordType::AAAA, |data| match data {
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })?);
        Ok(found)
    }

    fn names(&self, address: IpAddr) -> Answer<String> {
        self.look_up(&reverse(address), RecordType::PTR, |data| match data {
            RData::PTR(name) => Some(name.0.to_ascii().trim_end_matches('.').to_owned()),
            _ => None,
        })
    }
}

/// The name that an address has in the tree of reverse look-ups.
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = address.octets().into_iter().rev();
            let digits = digits.map(|octet| format!("{:x}.{:x}.", octet & 15, octet >> 4));
            digits.collect::<String>() + "ip6.arpa"
        }
    }
}

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_in_the_reverse_tree() {
        assert_eq!(
            reverse("192.0.2.7".parse().unwrap()),
            "7.2.0.192.in-addr.arpa"
        );
        let long = reverse("2001:db8::1".parse().unwrap());
        assert!(
            long.starts_with("1.0.0.0.") && long.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"),
            "{long}"
        );
    }

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
        assert_eq!(Table::read("\nx NS y").unwrap_err().0, 2);
        assert!(Table::read("x").is_err());
    }
}
