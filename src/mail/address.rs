//! E-mail addresses: what is accepted, and how two are told to be the same person's.
//!
//! Only plain `local@domain` addresses are accepted (RFC 5321, section 4.1.2, with the
//! internationalised forms of RFC 6531): no quoted local parts, no comments, no address literals,
//! since no list of subscribers needs them and each has carried an injection somewhere. What is
//! accepted holds no space, control character, bracket, comma or quotation mark, so that it can
//! stand in an SMTP command and a header as it is.

use std::fmt;
use std::str::FromStr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The most octets of a local part (RFC 5321, section 4.5.3.1.1).
const LOCAL_OCTETS: usize = 64;
/// The most octets of a whole address: a path of 256 without its brackets (RFC 5321, section
/// 4.5.3.1.3).
const ADDRESS_OCTETS: usize = 254;
/// What a local part may hold beside letters, digits and dots (`atext`, RFC 5322, section 3.2.3).
const LOCAL_SIGNS: &str = "!#$%&'*+-/=?^_`{|}~";

/// An address that mail can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    local: String,
    /// As people read it: `почта.рф`, lower case.
    domain: String,
    /// As the DNS has it: `xn--80a1acny.xn--p1ai`.
    ascii_domain: String,
}

/// Why a text is no address that mail is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// There is no `@`, or nothing on one side of it.
    #[error("an address has the form name@example.org")]
    Form,
    /// A line break, space, bracket, quotation mark or control character.
    #[error("it holds {0:?}, which cannot stand in an address")]
    Character(char),
    /// Dots at an end, or two in a row.
    #[error("the part before the @ has a dot too many")]
    Dots,
    /// A local part of over 64 octets, or an address of over 254.
    #[error("it is longer than an address may be")]
    Length,
    /// Not the name of a host with at least two parts.
    #[error("what stands after the @ is not the name of a mail domain")]
    Domain,
}

impl Address {
    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What stands after the `@`, as people read it, lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The domain as the DNS and mail headers without SMTPUTF8 have it.
    pub fn ascii_domain(&self) -> &str {
        &self.ascii_domain
    }

    /// Whether a relay must offer SMTPUTF8 (RFC 6531) to take it. A domain alone never needs
    /// that.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// As it stands in an SMTP command and in headers: the domain in ASCII.
    pub fn wire(&self) -> String {
        format!("{}@{}", self.local, self.ascii_domain)
    }

    /// What two addresses of one person have in common: the whole without regard to case. Servers
    /// may tell cases of local parts apart (RFC 5321, section 2.4); none that matters does, and
    /// mailing one person twice is worse.
    pub fn key(&self) -> String {
        let local: String = self.local.nfc().flat_map(char::to_lowercase).collect();
        format!("{local}@{}", self.ascii_domain)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.local, self.domain)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Form)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Form);
        }
        let wrong = |c: &char| {
            let is_sign = c.is_ascii() && (c.is_ascii_alphanumeric() || LOCAL_SIGNS.contains(*c));
            let is_letter = !c.is_ascii() && c.is_alphanumeric() || is_mark(*c);
            !(*c == '.' || is_sign || is_letter)
        };
        if let Some(character) = local.chars().find(wrong) {
            return Err(AddressError::Character(character));
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(AddressError::Dots);
        }
        if let Some(character) = domain.chars().find(|c| c.is_control() || c.is_whitespace()) {
            return Err(AddressError::Character(character));
        }
        let (domain, ascii_domain) = domain_names(domain).ok_or(AddressError::Domain)?;
        let local: String = local.nfc().collect();
        let octets = local.len() + 1 + domain.len().max(ascii_domain.len());
        if local.len() > LOCAL_OCTETS || octets > ADDRESS_OCTETS {
            return Err(AddressError::Length);
        }
        Ok(Address {
            local,
            domain,
            ascii_domain,
        })
    }
}

/// Marks that letters of some scripts are written with: they follow a letter, and are none.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

/// A mail domain as people read it and as the DNS has it (UTS 46); at least two labels, the last
/// not a number.
fn domain_names(text: &str) -> Option<(String, String)> {
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(
            text.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Check,
            DnsLength::Verify,
        )
        .ok()?;
    let (unicode, checked) =
        uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    checked.ok()?;
    let (_, last) = ascii.rsplit_once('.')?;
    let is_name = !last.bytes().all(|byte| byte.is_ascii_digit());
    let unicode = unicode.into_owned();
    is_name.then(|| (unicode, ascii.into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Address, AddressError> {
        text.parse()
    }

    #[test]
    fn ordinary_addresses_are_taken_as_they_are() {
        for text in [
            "anna@example.org",
            "anna.o'neill+news@mail.example.org",
            "почта@почта.рф",
            "x@a-b.example",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_international_domain_has_a_form_for_the_wire() {
        let address = parse("info@Почта.рф").unwrap();
        assert_eq!(address.wire(), "info@xn--80a1acny.xn--p1ai");
        assert_eq!(address.domain(), "почта.рф");
        assert!(!address.needs_smtputf8());
        assert!(parse("инфо@почта.рф").unwrap().needs_smtputf8());
        assert_eq!(parse("info@xn--80a1acny.xn--p1ai").unwrap(), address);
    }

    #[test]
    fn case_does_not_make_another_person() {
        let keys = ["Anna@Example.ORG", "anna@example.org"].map(|text| parse(text).unwrap().key());
        assert_eq!(keys[0], keys[1]);
    }

    #[test]
    fn what_could_be_an_injection_or_no_mailbox_is_refused_with_its_reason() {
        use AddressError::{Character, Domain, Dots, Empty, Form, Length};
        let long = format!("{}@example.org", "a".repeat(65));
        for (text, error) in [
            ("", Empty),
            ("anna", Form),
            ("@example.org", Form),
            ("anna@", Form),
            ("anna@example.org\r\nBcc: all", Character('\r')),
            ("an na@example.org", Character(' ')),
            ("\"anna\"@example.org", Character('"')),
            ("anna(comment)@example.org", Character('(')),
            ("<anna@example.org>", Character('<')),
            ("anna,bob@example.org", Character(',')),
            ("anna\u{202e}@example.org", Character('\u{202e}')),
            ("a@b@example.org", Character('@')),
            (".anna@example.org", Dots),
            ("an..na@example.org", Dots),
            ("anna@localhost", Domain),
            ("anna@127.0.0.1", Domain),
            ("anna@[127.0.0.1]", Domain),
            ("anna@exa_mple.org", Domain),
            ("anna@-example.org", Domain),
            ("anna@example..org", Domain),
            (&long, Length),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_can_stand_in_a_command_and_parses_to_itself(text in ".{0,20}@.{0,20}") {
            if let Ok(address) = parse(&text) {
                let wire = address.wire();
                prop_assert!(!wire.contains(|c: char| c.is_control() || c.is_whitespace() || "<>,\"()".contains(c)));
                prop_assert_eq!(parse(&address.to_string()).unwrap(), address.clone());
                prop_assert_eq!(parse(&wire).unwrap(), address);
            }
        }
    }
}
