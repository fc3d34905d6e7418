//! The macros of SPF records (RFC 7208, section 7): what stands for the address that sends, or the
//! domain that it sends for. Pure.

use std::net::IpAddr;

/// The most octets of a name (RFC 1035, section 2.3.4).
const NAME_OCTETS: usize = 253;

/// A domain as a record writes it: `_spf.example.org`, `%{ir}.%{d}.list.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Macro {
        letter: char,
        /// How many of the last parts are kept; `None`: all.
        keep: Option<usize>,
        is_reversed: bool,
        /// What divides it into parts.
        dividers: String,
    },
}

/// What macros stand for, as far as it is known before a message is there.
pub(super) struct Facts<'a> {
    /// The address that sends.
    pub address: Option<IpAddr>,
    /// The domain whose record is looked at.
    pub domain: &'a str,
    /// The domain of the return path.
    pub sender: &'a str,
}

impl Spec {
    /// Reads a domain; `None` where it is none (RFC 7208, section 7.1).
    pub(super) fn read(text: &str) -> Option<Spec> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            rest = &rest[character.len_utf8()..];
            match character {
                '%' => match rest.chars().next()? {
                    '{' => {
                        let (inner, behind) = rest[1..].split_once('}')?;
                        if !literal.is_empty() {
                            parts.push(Part::Literal(std::mem::take(&mut literal)));
                        }
                        parts.push(of_macro(inner)?);
                        rest = behind;
                    }
                    escaped @ ('%' | '_' | '-') => {
                        literal.push_str(match escaped {
                            '%' => "%",
                            '_' => " ",
                            _ => "%20",
                        });
                        rest = &rest[1..];
                    }
                    _ => return None,
                },
                '!'..='~' => literal.push(character),
                _ => return None,
            }
        }
        if !literal.is_empty() {
            if !ends_as_a_domain(&literal, parts.is_empty()) {
                return None;
            }
            parts.push(Part::Literal(literal));
        }
        (!parts.is_empty()).then_some(Spec(parts))
    }

    /// The domain that it is; `None` where that depends on the message.
    pub(super) fn expand(&self, facts: &Facts<'_>) -> Option<String> {
        let mut name = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => name.push_str(text),
                Part::Macro {
                    letter,
                    keep,
                    is_reversed,
                    dividers,
                } => {
                    let value = value(*letter, facts)?;
                    let mut parts: Vec<&str> = value.split(|c| dividers.contains(c)).collect();
                    if *is_reversed {
                        parts.reverse();
                    }
                    let kept = keep.map_or(0, |keep| parts.len().saturating_sub(keep));
                    name.push_str(&parts[kept..].join("."));
                }
            }
        }
        let mut name = name.trim_end_matches('.');
        while name.len() > NAME_OCTETS {
            name = name.split_once('.')?.1;
        }
        Some(name.to_ascii_lowercase())
    }
}

/// What a macro stands for; `None` where only the message tells.
fn value(letter: char, facts: &Facts<'_>) -> Option<String> {
    match letter {
        'd' => Some(facts.domain.to_owned()),
        'o' => Some(facts.sender.to_owned()),
        'i' => Some(match facts.address? {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let octets = address.octets();
                let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
                let digits: Vec<String> = digits.map(|digit| format!("{digit:x}")).collect();
                digits.join(".")
            }
        }),
        'v' => Some(match facts.address? {
            IpAddr::V4(_) => "in-addr".to_owned(),
            IpAddr::V6(_) => "ip6".to_owned(),
        }),
        _ => None,
    }
}

/// What stands in the braces: `ir`, `d2`, `l1r-`.
fn of_macro(text: &str) -> Option<Part> {
    let mut characters = text.chars();
    let letter = characters.next()?.to_ascii_lowercase();
    // The letters c, r and t stand only in explanations.
    if !"slodiphv".contains(letter) {
        return None;
    }
    let rest = characters.as_str();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at(digits);
    let keep = match digits {
        "" => None,
        digits => Some(digits.parse().ok().filter(|keep| *keep > 0)?),
    };
    let (is_reversed, dividers) = match rest.strip_prefix(['r', 'R']) {
        Some(dividers) => (true, dividers),
        None => (false, rest),
    };
    if !dividers.chars().all(|c| ".-+,/_=".contains(c)) {
        return None;
    }
    let dividers = if dividers.is_empty() { "." } else { dividers };
    Some(Part::Macro {
        letter,
        keep,
        is_reversed,
        dividers: dividers.to_owned(),
    })
}

/// Whether a text ends in a dot and a label that can be a top-level domain, so that it is neither
/// a bare word nor an address.
fn ends_as_a_domain(text: &str, is_whole: bool) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let Some((before, label)) = text.rsplit_once('.') else {
        return false;
    };
    let is_label = !label.is_empty()
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.bytes().all(|byte| byte.is_ascii_digit())
        && !label.starts_with('-')
        && !label.ends_with('-');
    is_label && !(is_whole && before.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str, address: &str) -> Option<String> {
        let facts = Facts {
            address: address.parse().ok(),
            domain: "email.example.com",
            sender: "strong-bad.email.example.com",
        };
        Spec::read(text).unwrap().expand(&facts)
    }

    #[test]
    fn macros_stand_for_what_section_7_4_says() {
        let four = "192.0.2.3";
        for (text, expected) in [
            ("%{d}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{o-}", "strong.bad.email.example.com"),
            (
                "%{ir}.%{v}._spf.%{d2}",
                "3.2.0.192.in-addr._spf.example.com",
            ),
            ("%{I}.Example.org.", "192.0.2.3.example.org"),
            ("a%%b.example.org", "a%b.example.org"),
        ] {
            assert_eq!(expanded(text, four).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(
            expanded("%{ir}.%{v}.example.org", "2001:db8::cb01").as_deref(),
            Some("1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.example.org")
        );
    }

    #[test]
    fn what_only_the_message_tells_is_not_guessed() {
        for text in [
            "%{l}.example.org",
            "%{s}.example.org",
            "%{h}",
            "%{p}.example.org",
        ] {
            assert_eq!(expanded(text, "192.0.2.3"), None, "{text}");
        }
        assert_eq!(expanded("%{i}.example.org", "unknown"), None);
    }

    #[test]
    fn a_name_that_grows_too_long_loses_what_stands_first() {
        let long = format!("%{{d}}.{}example.org", "abcdefghi.".repeat(23));
        let name = expanded(&long, "192.0.2.3").unwrap();
        assert!(
            name.len() <= NAME_OCTETS && name.starts_with("example.com.abcdefghi."),
            "{name}"
        );
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for text in [
            "",
            "localhost",
            "192.0.2.1",
            "example.org.%",
            "%{x}.example.org",
            "%{d0}",
            "%{d.example",
            "%{dx}",
            "%a.example.org",
            "%{c}.example.org",
            "пример.рф",
            "example.-a",
            ".org",
            "a..",
        ] {
            assert_eq!(Spec::read(text), None, "{text}");
        }
    }
}
