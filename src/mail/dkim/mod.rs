//! DKIM signatures: RFC 6376 with RSA, RFC 8463 with Ed25519, over `ring`.
//!
//! A message may carry several, one for each selector: receivers that do not know Ed25519 pass
//! over it. Pure: keys and the time are given.

mod canonical;
mod key;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

pub use canonical::body_hash;
pub use key::{Key, KeyError};

/// What is signed where a message has it, and whether it is named once more than it is there, so
/// that nobody can add one (RFC 6376, section 8.15). RFC 8058, section 4, demands the fields of
/// unsubscribing.
const SIGNED: [(&str, bool); 17] = [
    ("From", true),
    ("To", true),
    ("Cc", true),
    ("Reply-To", true),
    ("Subject", true),
    ("Date", true),
    ("Message-ID", true),
    ("MIME-Version", true),
    ("Content-Type", true),
    ("Content-Language", false),
    ("List-Id", true),
    ("List-Unsubscribe", true),
    ("List-Unsubscribe-Post", true),
    ("List-Archive", false),
    ("Feedback-ID", false),
    ("Auto-Submitted", false),
    ("Precedence", false),
];

/// The cryptography refused to sign, which a sound key and machine never see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the message cannot be signed with the DKIM key: the RSA computation failed")]
pub struct SignError;

/// A key with the record that publishes its other half.
#[derive(Debug)]
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

impl Signer {
    /// Signs for `domain` with the key whose public half is at `selector._domainkey.domain`. Both
    /// are names in ASCII.
    pub fn new(domain: &str, selector: &str, key: Key) -> Signer {
        Signer {
            domain: domain.to_ascii_lowercase(),
            selector: selector.to_ascii_lowercase(),
            key,
        }
    }

    /// The domain that vouches for the message.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The name of its key below the domain.
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Where the record is.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// What the record says.
    pub fn record(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.key.name(), self.key.public())
    }

    /// Whether this domain vouches for mail from `domain`: it is the same, or a parent of it
    /// (relaxed alignment, RFC 7489 section 3.1.1, as far as it can be told without a list of
    /// registries).
    pub fn is_aligned(&self, domain: &str) -> bool {
        let domain = domain.to_ascii_lowercase();
        domain == self.domain
            || domain
                .strip_suffix(&self.domain)
                .is_some_and(|rest| rest.ends_with('.'))
    }

    /// The `DKIM-Signature` field with its line break, to be set before a header whose lines end
    /// in CRLF. `body_hash` is that of [`body_hash`], `at` the time in seconds since 1970 UTC.
    ///
    /// # Errors
    /// When the cryptography fails.
    pub fn sign(&self, header: &str, body_hash: &[u8; 32], at: i64) -> Result<String, SignError> {
        let fields = canonical::fields(header);
        let mut names = Vec::new();
        let mut signed = String::with_capacity(header.len() + 1024);
        for (name, is_closed) in SIGNED {
            // From the last to the first, as a verifier takes them (RFC 6376, section 5.4.2).
            let found = fields.iter().rev();
            for (_, value) in found.filter(|(found, _)| found.eq_ignore_ascii_case(name)) {
                names.push(name);
                signed.push_str(&canonical::field(name, value));
                signed.push_str("\r\n");
            }
            if is_closed {
                names.push(name);
            }
        }
        let mut field = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n s={}; t={at};\r\n h=",
            self.key.algorithm(),
            self.domain,
            self.selector
        );
        let mut column = 3;
        for (number, name) in names.iter().enumerate() {
            if number > 0 {
                field.push(':');
                if column + name.len() > 74 {
                    field.push_str("\r\n ");
                    column = 1;
                }
            }
            field.push_str(name);
            column += name.len() + 1;
        }
        field.push_str(";\r\n bh=");
        field.push_str(&STANDARD.encode(body_hash));
        field.push_str(";\r\n b=");
        let value = field.split_once(':').map_or("", |(_, value)| value);
        signed.push_str(&canonical::field("DKIM-Signature", value));
        let signature = self.key.sign(signed.as_bytes())?;
        for (number, part) in signature.as_bytes().chunks(72).enumerate() {
            if number > 0 {
                field.push_str("\r\n ");
            }
            field.extend(part.iter().map(|byte| char::from(*byte)));
        }
        field.push_str("\r\n");
        Ok(field)
    }
}
