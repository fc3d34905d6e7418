//! Whether mail will arrive: what the DNS says of the sender, and what a message looks like, told
//! before the first one is sent.
//!
//! Records are looked up through a [`Resolver`]: the system's, or a table of records, which tests
//! use and with which records can be tried before they are published. Everything else is pure.

mod dkim;
mod dmarc;
mod host;
mod message;
pub mod resolver;
pub mod sample;
mod spf;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::mail::dkim::Signer;

pub use message::inspect;
pub use resolver::{Answer, LookupError, Resolver};

/// How well something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It cannot be told from here.
    Unknown,
    /// Mail arrives, but less well than it could.
    Doubtful,
    /// Mail will be refused or taken for spam.
    Bad,
}

impl Verdict {
    /// The word for it, in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Good => "good",
            Verdict::Unknown => "unknown",
            Verdict::Doubtful => "doubtful",
            Verdict::Bad => "bad",
        }
    }
}

/// A record to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The whole name, without a dot at its end.
    pub name: String,
    /// `TXT`, `MX`
    pub kind: &'static str,
    /// As it is typed into the form of a DNS provider.
    pub value: String,
}

impl Record {
    /// As a line of a zone file; texts are cut into strings of at most 255 characters (RFC 1035,
    /// section 3.3.14).
    pub fn zone_line(&self) -> String {
        let value = match self.kind {
            "TXT" => {
                let strings = self.value.as_bytes().chunks(255);
                let strings = strings.map(|part| format!("\"{}\"", String::from_utf8_lossy(part)));
                strings.collect::<Vec<_>>().join(" ")
            }
            _ => self.value.clone(),
        };
        format!("{}. IN {} {value}", self.name, self.kind)
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `SPF`, `DKIM`, `DMARC`, `MX`, `host`, `message`.
    pub area: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The record that mends it.
    pub record: Option<Record>,
}

impl Finding {
    /// A finding with nothing but its message.
    pub fn new(area: &'static str, verdict: Verdict, message: impl Into<String>) -> Finding {
        Finding {
            area,
            verdict,
            message: message.into(),
            help: None,
            record: None,
        }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// Adds the record that mends it.
    pub fn record(mut self, name: &str, kind: &'static str, value: impl Into<String>) -> Finding {
        self.record = Some(Record {
            name: name.to_owned(),
            kind,
            value: value.into(),
        });
        self
    }
}

/// A sender of mails: the domains that the DNS is asked about, all in ASCII.
#[derive(Debug)]
pub struct Sender<'a> {
    /// The domain of `From`.
    pub from: &'a str,
    /// The domain of the return path.
    pub bounces: &'a str,
    /// The domains of further mailboxes that must be reached.
    pub mailboxes: Vec<&'a str>,
    /// The relay's host, where one is named.
    pub relay: Option<&'a str>,
    /// The keys that messages are signed with.
    pub signers: Vec<&'a Signer>,
}

/// What the DNS says of a sender.
pub fn records(sender: &Sender<'_>, resolver: &dyn Resolver) -> Vec<Finding> {
    let (relay, mut findings) = host::addresses(sender.relay, resolver);
    let relay: &[IpAddr] = &relay;
    let spf = spf::check(sender, relay, resolver);
    let dkim = dkim::check(sender, resolver);
    findings.extend(dmarc::check(sender, &spf, &dkim, resolver));
    findings.extend(spf);
    findings.extend(dkim);
    let mut mailboxes = vec![sender.from, sender.bounces];
    mailboxes.extend(&sender.mailboxes);
    mailboxes.sort_unstable();
    mailboxes.dedup();
    for domain in mailboxes {
        findings.push(host::mailboxes(domain, resolver));
    }
    findings.sort_by_key(|finding| finding.area);
    findings
}
