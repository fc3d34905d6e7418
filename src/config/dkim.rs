//! `[[mail.dkim]]`: the keys that messages are signed with.

use std::path::PathBuf;

use super::decode::Section;
use super::mail::domain;
use super::notes::Wrong;

/// A key, and where its public half is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dkim {
    /// The domain that vouches for the messages, in ASCII.
    pub domain: String,
    /// The name of the key below `_domainkey` of that domain.
    pub selector: String,
    /// The private key: relative to `feeds.toml`, or absolute.
    pub key: PathBuf,
}

pub(super) fn read(mail: &Section<'_, '_>) -> Vec<Dkim> {
    let mut keys: Vec<Dkim> = Vec::new();
    for section in mail.sections("dkim", "mail.dkim") {
        section.require("domain", "\"example.org\"");
        section.require("selector", "\"tidings\"");
        section.require("key", "\"/etc/tidings/dkim.pem\"");
        let named = section.parsed("domain", domain);
        let selector = section.parsed_in_place("selector", selector);
        let key = section.line("key");
        let span = section.span.clone();
        let notes = section.notes();
        section.finish();
        let (Some(domain), Some(selector), Some(key)) = (named, selector, key) else {
            continue;
        };
        let key = Dkim {
            domain,
            selector: selector.value,
            key: PathBuf::from(key.value),
        };
        let is_same =
            |other: &Dkim| (&other.domain, &other.selector) == (&key.domain, &key.selector);
        if keys.iter().any(is_same) {
            let message = format!(
                "two keys have the record {}._domainkey.{}",
                key.selector, key.domain
            );
            notes.error(&span, message, "give each key a selector of its own");
            continue;
        }
        keys.push(key);
    }
    keys
}

/// A name below a domain: one or more labels (RFC 6376, section 3.1).
fn selector(text: &str) -> Result<String, Wrong> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if text.split('.').all(is_label) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Wrong::new(
        format!("'{text}' is not a selector"),
        "write letters, digits and hyphens: 'tidings' for tidings._domainkey.example.org",
    ))
}
