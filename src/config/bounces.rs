//! `[mail.bounces]`: how mails that came back and complaints are heard of.

use std::path::PathBuf;
use std::time::Duration;

use super::decode::Section;
use super::defaults;
use super::notes::Wrong;
use super::read::count;
use crate::mail::address::Address;
use crate::mail::verp::TOKEN_LENGTH;

/// The environment variable that holds the secret of the webhook.
pub const SECRET_VARIABLE: &str = "TIDINGS_BOUNCE_SECRET";
/// The most octets of a local part (RFC 5321, section 4.5.3.1.1).
const LOCAL_OCTETS: usize = 64;

/// How bounces and complaints come in, and what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounces {
    /// The mailbox that return paths are made of: `bounces@example.org` for
    /// `bounces+…@example.org`. `None`: bounces go to the digest's sender.
    pub address: Option<Address>,
    /// The mailbox that unsubscribes by mail; its mail must arrive where bounces do.
    pub unsubscribe: Option<Address>,
    /// The folder in maildir form that such mails arrive in: relative to `feeds.toml`, or absolute.
    pub maildir: Option<PathBuf>,
    /// Whether `tidings serve` takes reports at `/mail/bounces`, signed with the secret that
    /// [`SECRET_VARIABLE`] holds.
    pub webhook: bool,
    /// How many soft bounces within [`Bounces::soft_window`] end a subscription.
    pub soft_limit: usize,
    /// How long soft bounces count.
    pub soft_window: Duration,
}

impl Default for Bounces {
    fn default() -> Bounces {
        Bounces {
            address: None,
            unsubscribe: None,
            maildir: None,
            webhook: false,
            soft_limit: count(defaults::SOFT_BOUNCES),
            soft_window: Duration::from_millis(defaults::SOFT_BOUNCE_WINDOW),
        }
    }
}

pub(super) fn read(mail: &Section<'_, '_>) -> Bounces {
    let mut bounces = Bounces::default();
    let Some(section) = mail.section("bounces", "mail.bounces") else {
        return bounces;
    };
    bounces.address = section.parsed("address", mailbox);
    bounces.unsubscribe = section.parsed("unsubscribe", mailbox);
    bounces.maildir = section.line("maildir").map(|line| line.value.into());
    bounces.webhook = section.boolean("webhook").unwrap_or(false);
    if let Some(limit) = section.number("soft_limit", 1..=1_000) {
        bounces.soft_limit = count(limit);
    }
    let window = 3_600_000..=3_650 * 86_400_000;
    if let Some(window) = section.time("soft_window", window) {
        bounces.soft_window = window;
    }
    section.finish();
    bounces
}

/// An address that has room for a token behind its local part.
fn mailbox(text: &str) -> Result<Address, Wrong> {
    let address: Address = text.parse().map_err(|error| {
        Wrong::new(
            format!("'{text}' is not an e-mail address: {error}"),
            "write one such as 'bounces@example.org'",
        )
    })?;
    if !address.local().is_ascii() || address.local().contains('+') {
        return Err(Wrong::new(
            format!("'{text}' cannot be a mailbox for bounces"),
            "write a plain name before the @: '+' and a token are put behind it",
        ));
    }
    if address.local().len() + TOKEN_LENGTH > LOCAL_OCTETS {
        return Err(Wrong::new(
            format!(
                "'{}' leaves no room for the token that is put behind it",
                address.local()
            ),
            format!(
                "write at most {} characters before the @",
                LOCAL_OCTETS - TOKEN_LENGTH
            ),
        ));
    }
    Ok(address)
}
