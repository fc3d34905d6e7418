//! Where records are looked up: the DNS, or a table of records.

mod dns;
mod table;

use std::net::IpAddr;

use thiserror::Error;

pub use dns::Dns;
pub use table::Table;

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
    /// Whether there is anything at a name or below it; `false` where the DNS says that the name
    /// does not exist (NXDOMAIN, RFC 8020).
    ///
    /// # Errors
    /// When there is no answer.
    fn exists(&self, name: &str) -> Result<bool, LookupError>;
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
}
