//! About whom a report is: told by what only this newsroom can have made.
//!
//! The return path of every message names its subscriber, signed; so do the links in it. An
//! address alone proves nothing: anybody can write a report about anybody. Pure.

use mail_parser::Message;

use crate::mail::address::Address;
use crate::mail::verp::{Forged, ReturnPath};
use crate::signing::SigningKey;
use crate::subscribers::links::{Links, UNSUBSCRIBE_PATH};

/// What proofs are checked with.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Opens the links of messages.
    pub links: Links,
    /// Signs return paths.
    pub key: SigningKey,
    /// The slugs that digests had, each with the one that the digest has: addresses that
    /// unsubscribe hold for ever.
    pub former: Vec<(String, String)>,
}

/// About whom a report is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Told by a return path.
    Path(ReturnPath),
    /// Told by a link of the message that is reported.
    Subscriber {
        /// The subscriber's id.
        subscriber: i64,
        /// The generation that the link is of.
        generation: i64,
    },
    /// Told by an address that unsubscribes, its part before the `@`; the signature in it is
    /// checked when it is known which digests the subscriber has.
    Leaver {
        /// The subscriber's id.
        subscriber: i64,
        /// The part before the `@`.
        local: String,
    },
    /// Told by somebody who has the webhook's secret.
    Address(Address),
}

/// The header fields that say to whom a message was really delivered, the surest first.
const RECIPIENT_FIELDS: [&str; 7] = [
    "X-Original-To",
    "Delivered-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "To",
    "Cc",
];

/// To which of our own addresses a message came; `None` where it came to none that names anybody.
///
/// # Errors
/// When it came to one that was made up.
pub(super) fn addressee(message: &Message<'_>, proof: &Proof) -> Result<Option<Who>, Forged> {
    let mut texts = Vec::new();
    for name in RECIPIENT_FIELDS {
        let values = message.headers_raw();
        texts.extend(
            values
                .filter(|(found, _)| found.eq_ignore_ascii_case(name))
                .map(|(_, value)| value),
        );
    }
    in_addresses(texts.into_iter(), proof)
}

/// Whom return paths in a text name, such as that of a report about a message of ours.
///
/// # Errors
/// When it was made up.
pub(super) fn in_text(text: &str, proof: &Proof) -> Result<Option<Who>, Forged> {
    in_addresses(std::iter::once(text), proof)
}

fn in_addresses<'a>(
    texts: impl Iterator<Item = &'a str>,
    proof: &Proof,
) -> Result<Option<Who>, Forged> {
    let mut forged = None;
    for local in texts.flat_map(local_parts) {
        match ReturnPath::read(local, &proof.key) {
            Some(Ok(path)) => return Ok(Some(Who::Path(path))),
            Some(Err(error)) => forged = Some(error),
            None => {
                if let Some(subscriber) = Links::subscriber_in_address(local) {
                    let local = local.to_owned();
                    return Ok(Some(Who::Leaver { subscriber, local }));
                }
            }
        }
    }
    forged.map_or(Ok(None), Err)
}

/// Whom the links and the return path in a message of ours name, of which a report holds the
/// whole or the header.
pub(super) fn in_original(original: &str, proof: &Proof) -> Option<Who> {
    let header = original.split("\r\n\r\n").next().unwrap_or(original);
    let header = header.split("\n\n").next().unwrap_or(header);
    let unfolded = header
        .replace("\r\n ", " ")
        .replace("\n ", " ")
        .replace("\n\t", " ");
    let fields = unfolded.lines().filter_map(|line| line.split_once(':'));
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("Return-Path")
            && let Ok(Some(who @ Who::Path(_))) = in_text(value, proof)
        {
            return Some(who);
        }
        if name.eq_ignore_ascii_case("List-Unsubscribe")
            && let Some((_, rest)) = value.split_once(&format!("{UNSUBSCRIBE_PATH}?token="))
        {
            let token = rest.split(['>', ' ', ',']).next().unwrap_or_default();
            if let Ok((holder, _)) = proof.links.open_unsubscribe(token) {
                return Some(Who::Subscriber {
                    subscriber: holder.subscriber,
                    generation: holder.generation,
                });
            }
        }
    }
    None
}

/// The parts before the `@` of all that looks like an address.
fn local_parts(text: &str) -> impl Iterator<Item = &str> {
    let is_apart = |c: char| c.is_whitespace() || "<>,;:\"()[]".contains(c);
    text.split(is_apart)
        .filter_map(|word| Some(word.split_once('@')?.0))
}
