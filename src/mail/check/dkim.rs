//! The records of DKIM keys (RFC 6376, section 3.6): whether they are there and fit the keys. Pure
//! but for the resolver.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::resolver::Resolver;
use super::{Finding, Sender, Verdict};
use crate::mail::dkim::{Key, Signer};

const AREA: &str = "DKIM";

pub(super) fn check(sender: &Sender<'_>, resolver: &dyn Resolver) -> Vec<Finding> {
    if sender.signers.is_empty() {
        let message = "messages are not signed here; whether the relay signs them cannot be told";
        return vec![
            Finding::new(AREA, Verdict::Unknown, message).help(
                "large receivers refuse newsletters without DKIM: see that the relay signs, or add [[mail.dkim]] to feeds.toml",
            ),
        ];
    }
    let mut findings: Vec<Finding> = sender
        .signers
        .iter()
        .map(|signer| of_key(signer, resolver))
        .collect();
    if !sender
        .signers
        .iter()
        .any(|signer| signer.is_aligned(sender.from))
    {
        let message = format!(
            "no DKIM key vouches for {}, the domain of the sender",
            sender.from
        );
        let help = format!("add a [[mail.dkim]] with domain = \"{}\"", sender.from);
        findings.push(Finding::new(AREA, Verdict::Bad, message).help(help));
    }
    let mut keys = sender.signers.iter().map(|signer| signer.key());
    if keys.all(|key| matches!(key, Key::Ed25519(_))) {
        let message = "all keys are of Ed25519, which many receivers cannot check yet (RFC 8463)";
        findings.push(
            Finding::new(AREA, Verdict::Doubtful, message)
                .help("add a [[mail.dkim]] with an RSA key: messages then carry both signatures"),
        );
    }
    findings
}

fn of_key(signer: &Signer, resolver: &dyn Resolver) -> Finding {
    let name = signer.record_name();
    let bad = |message: String| {
        Finding::new(AREA, Verdict::Bad, message).record(&name, "TXT", signer.record())
    };
    let mut records = match resolver.texts(&name) {
        Ok(records) => records,
        Err(error) => return Finding::new(AREA, Verdict::Unknown, error.to_string()),
    };
    if records.len() > 1 {
        return bad(format!(
            "there are {} records at {name}; keep one",
            records.len()
        ));
    }
    let Some(record) = records.pop() else {
        return bad(format!(
            "the public half of the key is not published at {name}"
        ))
        .help("until it is, receivers take the signature for a forged one");
    };
    let tags = tags(&record);
    // Their names are compared with their case (RFC 6376, section 3.2).
    let tag = |name: &str| {
        let found = tags.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let twice = tags
        .iter()
        .enumerate()
        .find(|(place, (name, _))| tags[..*place].iter().any(|(before, _)| before == name));
    let has = |name: &str, wanted: &str| {
        tag(name).is_none_or(|list| {
            list.split(':')
                .any(|word| word == "*" || word.eq_ignore_ascii_case(wanted))
        })
    };
    let key = signer.key();
    match tag("p") {
        _ if tag("v").is_some_and(|version| version != "DKIM1") => bad(format!(
            "the record at {name} is of no version that is known"
        )),
        _ if tags.iter().skip(1).any(|(name, _)| name == "v") => bad(format!(
            "the record at {name} does not begin with 'v=DKIM1'"
        )),
        _ if twice.is_some() => {
            let twice = twice.map_or("", |(_, (name, _))| name);
            bad(format!("the record at {name} says '{twice}=' twice"))
        }
        None => bad(format!("the record at {name} holds no key (no 'p=')")),
        Some("") => bad(format!("the key at {name} is withdrawn ('p=' is empty)")),
        _ if !tag("k").unwrap_or("rsa").eq_ignore_ascii_case(key.name()) => {
            let found = tag("k").unwrap_or("rsa");
            bad(format!(
                "the record at {name} is for a key of kind {found}, but yours is {}",
                key.name()
            ))
        }
        Some(public) if STANDARD.decode(public).is_err() => {
            bad(format!("the key at {name} is damaged: it is no Base64"))
        }
        Some(public) if public != key.public() => {
            bad(format!("the record at {name} holds another key than yours"))
        }
        _ if !has("h", "sha256") => bad(format!(
            "the record at {name} does not allow SHA-256 ('h=')"
        )),
        _ if !has("s", "email") => bad(format!("the record at {name} is not for mail ('s=')")),
        _ if tag("t").is_some_and(|flags| flags.split(':').any(|flag| flag == "y")) => {
            let message =
                format!("the record at {name} says that the domain is only testing ('t=y')");
            Finding::new(AREA, Verdict::Doubtful, message)
                .help("take 't=y' out: receivers may pass over the signature")
                .record(&name, "TXT", signer.record())
        }
        _ => {
            let bits = key
                .bits()
                .map_or(String::new(), |bits| format!(", {bits} bits"));
            let message = format!("the key at {name} is yours ({}{bits})", key.algorithm());
            Finding::new(AREA, Verdict::Good, message)
        }
    }
}

/// The tags of a record, without white space in their values (RFC 6376, section 3.2).
pub(super) fn tags(record: &str) -> Vec<(String, String)> {
    let tags = record.split(';').filter_map(|tag| tag.split_once('='));
    tags.map(|(name, value)| {
        let value = value.split_whitespace().collect();
        (name.trim().to_owned(), value)
    })
    .collect()
}
