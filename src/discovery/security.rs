//! `/.well-known/security.txt` (RFC 9116): where to report weaknesses.

use chrono::{DateTime, SecondsFormat, Utc};

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// `mailto:`, `tel:` or https URLs, the preferred one first; at least one.
    pub contact: Vec<String>,
    /// When the file is to be trusted no more; required.
    pub expires: DateTime<Utc>,
    /// Where the key for mails is.
    pub encryption: Option<String>,
    /// Who is thanked.
    pub acknowledgments: Option<String>,
    /// The policy on reports.
    pub policy: Option<String>,
    /// Open positions in security.
    pub hiring: Option<String>,
    /// BCP 47 tags that reports may be written in.
    pub languages: Vec<String>,
}

/// The file that is to be found at the address `canonical`.
pub fn render(security: &Security, canonical: &str) -> Vec<u8> {
    let mut text = String::new();
    let mut field = |name: &str, value: &str| text.push_str(&format!("{name}: {value}\n"));
    for contact in &security.contact {
        field("Contact", contact);
    }
    let expires = security.expires.to_rfc3339_opts(SecondsFormat::Secs, true);
    field("Expires", &expires);
    let optional = [
        ("Encryption", &security.encryption),
        ("Acknowledgments", &security.acknowledgments),
        ("Policy", &security.policy),
        ("Hiring", &security.hiring),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            field(name, value);
        }
    }
    if !security.languages.is_empty() {
        field("Preferred-Languages", &security.languages.join(", "));
    }
    field("Canonical", canonical);
    text.into_bytes()
}
