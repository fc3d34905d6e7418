//! An SPF record taken apart (RFC 7208, sections 4.6, 5 and 6): a mistake anywhere in it spoils all
//! of it. Pure.

use std::net::IpAddr;

use super::macros::Spec;

/// What a record says of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Pass,
    Fail,
    SoftFail,
    Neutral,
    /// It depends on the message: the record holds a macro.
    Depends,
}

/// A record.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// In order.
    pub directives: Vec<Directive>,
    /// Whose record holds where nothing matches.
    pub redirect: Option<Spec>,
}

/// A mechanism, and what is said where it matches.
#[derive(Debug)]
pub(super) struct Directive {
    /// As it is written.
    pub text: String,
    pub said: Said,
    pub mechanism: Mechanism,
}

/// What an address is compared with. `None` in place of a domain stands for that of the record.
#[derive(Debug)]
pub(super) enum Mechanism {
    All,
    Include(Spec),
    A(Option<Spec>, Lengths),
    Mx(Option<Spec>, Lengths),
    Ptr(Option<Spec>),
    Network(IpAddr, u32),
    Exists(Spec),
}

/// How many bits of an address count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lengths {
    pub four: u32,
    pub six: u32,
}

impl Lengths {
    const WHOLE: Lengths = Lengths { four: 32, six: 128 };

    /// Of an address like this.
    pub(super) fn of(self, address: IpAddr) -> u32 {
        match address {
            IpAddr::V4(_) => self.four,
            IpAddr::V6(_) => self.six,
        }
    }
}

impl Record {
    /// Reads a record that begins with `v=spf1`.
    ///
    /// # Errors
    /// The first mistake, in words.
    pub(super) fn read(text: &str) -> Result<Record, String> {
        let mut record = Record::default();
        let mut explains = false;
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            let Some((name, value)) = modifier(term) else {
                record.directives.push(directive(term)?);
                continue;
            };
            let spec = Spec::read(value);
            match name.to_ascii_lowercase().as_str() {
                "redirect" => {
                    let target = spec.ok_or_else(|| not_understood(term))?;
                    if record.redirect.replace(target).is_some() {
                        return Err("it holds 'redirect' twice".to_owned());
                    }
                }
                "exp" => {
                    if spec.is_none() {
                        return Err(not_understood(term));
                    }
                    if std::mem::replace(&mut explains, true) {
                        return Err("it holds 'exp' twice".to_owned());
                    }
                }
                // Unknown ones are passed over.
                _ => {}
            }
        }
        Ok(record)
    }

    /// Where `all` stands.
    pub(super) fn all(&self) -> Option<usize> {
        self.directives
            .iter()
            .position(|directive| matches!(directive.mechanism, Mechanism::All))
    }
}

fn not_understood(term: &str) -> String {
    format!("'{term}' is not understood")
}

/// `redirect=example.org`; a mechanism may hold a `=` only behind its `:`.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_name.then_some((name, value))
}

fn directive(term: &str) -> Result<Directive, String> {
    let (said, mechanism) = match term.as_bytes().first() {
        Some(b'+') => (Said::Pass, &term[1..]),
        Some(b'-') => (Said::Fail, &term[1..]),
        Some(b'~') => (Said::SoftFail, &term[1..]),
        Some(b'?') => (Said::Neutral, &term[1..]),
        _ => (Said::Pass, term),
    };
    let read = read(mechanism).ok_or_else(|| {
        let value = mechanism.split_once(':').map_or("", |(_, value)| value);
        match value.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) if !mechanism.starts_with("ip4:") => {
                format!(
                    "{}; an address is written 'ip4:{value}'",
                    not_understood(mechanism)
                )
            }
            Ok(IpAddr::V6(_)) if !mechanism.starts_with("ip6:") => {
                format!(
                    "{}; an address is written 'ip6:{value}'",
                    not_understood(mechanism)
                )
            }
            _ => not_understood(mechanism),
        }
    })?;
    Ok(Directive {
        text: mechanism.to_owned(),
        said,
        mechanism: read,
    })
}

fn read(mechanism: &str) -> Option<Mechanism> {
    let end = mechanism.find([':', '/']).unwrap_or(mechanism.len());
    let (name, rest) = mechanism.split_at(end);
    // In a macro, a slash divides parts.
    let slash = |value: &str| {
        let behind = value.rfind('}').map_or(0, |brace| brace + 1);
        value[behind..]
            .find('/')
            .map_or(value.len(), |at| behind + at)
    };
    let (target, lengths) = match rest.strip_prefix(':') {
        Some("") => return None,
        Some(value) => {
            let (target, lengths) = value.split_at(slash(value));
            (Some(target), lengths)
        }
        None => (None, rest),
    };
    let spec = || target.map(Spec::read);
    let of_domain = || match spec() {
        Some(None) => None,
        Some(found) => Some(found),
        None => Some(None),
    };
    let is_short = lengths.is_empty();
    match name.to_ascii_lowercase().as_str() {
        "all" if rest.is_empty() => Some(Mechanism::All),
        "include" if is_short => Some(Mechanism::Include(spec()??)),
        "exists" if is_short => Some(Mechanism::Exists(spec()??)),
        "ptr" if is_short => Some(Mechanism::Ptr(of_domain()?)),
        "a" => Some(Mechanism::A(of_domain()?, both(lengths)?)),
        "mx" => Some(Mechanism::Mx(of_domain()?, both(lengths)?)),
        "ip4" => {
            let address = IpAddr::V4(target?.parse().ok()?);
            Some(Mechanism::Network(address, one(lengths, 32)?))
        }
        "ip6" => {
            let address = IpAddr::V6(target?.parse().ok()?);
            Some(Mechanism::Network(address, one(lengths, 128)?))
        }
        _ => None,
    }
}

/// `/24`, `//64`, `/24//64` or nothing.
fn both(text: &str) -> Option<Lengths> {
    if text.is_empty() {
        return Some(Lengths::WHOLE);
    }
    let (four, six) = text
        .split_once("//")
        .map_or((text, None), |(four, six)| (four, Some(six)));
    Some(Lengths {
        four: one(four, 32)?,
        six: match six {
            Some(digits) => number(digits, 128)?,
            None => 128,
        },
    })
}

/// `/24` or nothing.
fn one(text: &str, most: u32) -> Option<u32> {
    if text.is_empty() {
        return Some(most);
    }
    number(text.strip_prefix('/')?, most)
}

fn number(digits: &str, most: u32) -> Option<u32> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    digits
        .parse()
        .ok()
        .filter(|length| is_plain && *length <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_record_is_read() {
        let record = Record::read(
            "v=spf1 a a:b.example/24 mx//64 -MX:%{d2}/24//48 ptr ?ptr:c.example ip4:192.0.2.0/24 \
             ip6:2001:db8::/32 ~exists:%{l1r-/}.d.example include:e.example  x-mine=1 exp=f.example -all",
        );
        let record = record.unwrap();
        assert_eq!(record.directives.len(), 11);
        assert_eq!(record.all(), Some(10));
        assert!(record.redirect.is_none());
        let lengths = |place: usize| match &record.directives[place].mechanism {
            Mechanism::A(_, lengths) | Mechanism::Mx(_, lengths) => *lengths,
            other => panic!("{other:?}"),
        };
        assert_eq!(lengths(1), Lengths { four: 24, six: 128 });
        assert_eq!(lengths(2), Lengths { four: 32, six: 64 });
        assert_eq!(lengths(3), Lengths { four: 24, six: 48 });
    }

    #[test]
    fn every_mistake_spoils_a_record() {
        for term in [
            "all:example.org",
            "include",
            "include:",
            "include:a",
            "exists",
            "ip4",
            "ip4:",
            "ip4:1.2.3",
            "ip4:2001:db8::1",
            "ip6:192.0.2.1",
            "ip4:192.0.2.0/33",
            "ip4:192.0.2.0/",
            "ip4:192.0.2.0/024",
            "ip6:2001:db8::/129",
            "a/24/64",
            "a//129",
            "mx:",
            "ptr/24",
            "a:%{q}.example.org",
            "ipv4:192.0.2.1",
            "redirect=",
            "redirect=a",
            "exp=",
            "redirect=a.example redirect=b.example",
            "exp=a.example exp=b.example",
            "--all",
            "+",
            "=x",
            "1x=y",
        ] {
            assert!(
                Record::read(&format!("v=spf1 {term} -all")).is_err(),
                "{term}"
            );
        }
        let told = Record::read("v=spf1 a:192.0.2.1 -all").unwrap_err();
        assert!(
            told.ends_with("an address is written 'ip4:192.0.2.1'"),
            "{told}"
        );
    }
}
