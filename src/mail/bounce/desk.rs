//! What follows from what came back: the ledger keeps each report once, and a subscriber whose
//! mailbox is gone, or who complained, gets nothing more.
//!
//! A report is recorded before anything is done about it, and what is done can be done twice: so a
//! process that dies in between leaves nothing undone that the next does not do.

use std::fmt;
use std::time::Duration;

use ring::digest::{SHA256, digest};

use super::notice::{Event, Notice};
use super::read::{Reading, Report, read};
use super::status::Severity;
use super::who::{Proof, Who};
use crate::config::Bounces;
use crate::ledger::bounces::{BounceRecord, Kind};
use crate::ledger::subscribers::{Facts, Find, Reason, Subscriber};
use crate::ledger::{Ledger, LedgerError};
use crate::mail::address::Address;
use crate::mail::verp::ReturnPath;
use crate::subscribers::decide;

/// The most octets of a message that are read and kept. What a report says stands at its
/// beginning; what follows is the mail that it is about.
pub const MESSAGE_LIMIT: usize = 1024 * 1024;

/// Takes reports in.
#[derive(Debug)]
pub struct Desk<'a> {
    ledger: &'a mut Ledger,
    proof: &'a Proof,
    soft_limit: usize,
    soft_window: Duration,
}

/// A report that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it is.
    pub kind: Kind,
    /// Tells it from others.
    pub fingerprint: String,
    /// About whom; `None` where that is not known, or nobody any more.
    pub address: Option<Address>,
    /// The code and what the server said, or what is wrong with it.
    pub detail: String,
    /// What was done about it.
    pub effect: String,
    /// Whether it had come before.
    pub is_known: bool,
}

impl Taken {
    /// Whether somebody must look at it.
    pub fn is_open(&self) -> bool {
        matches!(self.kind, Kind::Forged | Kind::Unreadable)
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Hard => "hard bounce",
            Kind::Soft => "soft bounce",
            Kind::Complaint => "complaint",
            Kind::Unsubscribe => "unsubscribing",
            Kind::Nothing => "nothing to do",
            Kind::Forged => "forged",
            Kind::Unreadable => "not understood",
        };
        write!(formatter, "{what}")?;
        if let Some(address) = &self.address {
            write!(formatter, ", {address}")?;
        }
        write!(formatter, ": {}", self.effect)?;
        if !self.detail.is_empty() {
            write!(formatter, " ({})", self.detail)?;
        }
        if self.is_known {
            formatter.write_str("; it had come before")?;
        }
        Ok(())
    }
}

impl<'a> Desk<'a> {
    /// Keeps what comes in `ledger`, and does what `limits` say.
    pub fn new(ledger: &'a mut Ledger, proof: &'a Proof, limits: &Bounces) -> Desk<'a> {
        Desk {
            ledger,
            proof,
            soft_limit: limits.soft_limit,
            soft_window: limits.soft_window,
        }
    }

    /// Takes a message in that came by `source` at `now`, in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the ledger refuses; the same message may be brought again.
    pub fn take(&mut self, message: &[u8], source: &str, now: i64) -> Result<Taken, LedgerError> {
        let message = &message[..message.len().min(MESSAGE_LIMIT)];
        let reading = read(message, self.proof);
        self.settle(reading, message, source, now)
    }

    /// Takes a notice in that came by the webhook at `now`.
    ///
    /// # Errors
    /// When the ledger refuses; the same notice may be brought again.
    pub fn take_notice(&mut self, notice: &Notice, now: i64) -> Result<Taken, LedgerError> {
        let who = match &notice.return_path {
            Some(path) => {
                let local = path.split('@').next().unwrap_or_default();
                match ReturnPath::read(local, &self.proof.key) {
                    Some(Ok(path)) => Some(Who::Path(path)),
                    Some(Err(_)) | None => None,
                }
            }
            None => None,
        };
        let who = who.or_else(|| notice.recipient.clone().map(Who::Address));
        let detail = notice.detail.clone();
        let report = match notice.event {
            Event::Bounce { status } => Report::Failed {
                severity: status.map_or(Severity::Soft, |status| status.severity(&detail)),
                status,
                detail,
            },
            Event::Complaint => Report::Complaint { kind: detail },
            Event::Unsubscribe => Report::Unsubscribe,
        };
        self.settle(
            Reading { report, who },
            notice.text.as_bytes(),
            "webhook",
            now,
        )
    }

    fn settle(
        &mut self,
        reading: Reading,
        message: &[u8],
        source: &str,
        now: i64,
    ) -> Result<Taken, LedgerError> {
        let facts = match &reading.who {
            Some(Who::Address(address)) => self
                .ledger
                .subscriber_facts(Find::Address(address), &self.proof.key)?,
            Some(Who::Path(ReturnPath { subscriber, .. }))
            | Some(Who::Subscriber { subscriber, .. } | Who::Leaver { subscriber, .. }) => self
                .ledger
                .subscriber_facts(Find::Id(*subscriber), &self.proof.key)?,
            None => Facts::default(),
        };
        let mut record = record(&reading, facts.subscriber.as_ref(), message, source, now);
        // A token that unsubscribes is checked against what the subscriber has.
        let digest = match (&reading.who, &facts.subscriber) {
            (Some(Who::Leaver { local, .. }), Some(subscriber)) => {
                let digest = self.left_digest(local, subscriber);
                if digest.is_none() {
                    record.kind = Kind::Forged;
                    record.detail = "the address that unsubscribes was made up".to_owned();
                    record.message = Some(message.to_vec());
                }
                digest
            }
            _ => None,
        };
        let done = self.ledger.record_bounce(&record)?;
        let is_known = done.is_some();
        let effect = match done {
            Some(effect) => effect,
            None => {
                let effect = self.act(&record, &reading, facts.subscriber.as_ref(), digest, now)?;
                self.ledger.settle_bounce(&record.fingerprint, &effect)?;
                effect
            }
        };
        let status = record.status.as_deref();
        let detail = match status {
            Some(status) if !record.detail.contains(status) => {
                format!("{status} {}", record.detail).trim_end().to_owned()
            }
            _ => record.detail,
        };
        Ok(Taken {
            kind: record.kind,
            fingerprint: record.fingerprint,
            address: facts.subscriber.map(|subscriber| subscriber.address),
            detail,
            effect,
            is_known,
        })
    }

    /// Which digest an address that unsubscribes leaves. Such addresses hold for ever, and so for
    /// every generation that the subscriber had.
    fn left_digest(&self, local: &str, subscriber: &Subscriber) -> Option<String> {
        let mut digests: Vec<&str> = subscriber
            .choices
            .iter()
            .map(|choice| choice.digest.as_str())
            .collect();
        digests.dedup();
        let found = digests.into_iter().find(|digest| {
            self.slugs_of(digest).any(|slug| {
                (0..=subscriber.generation).any(|generation| {
                    let links = &self.proof.links;
                    links.unsubscribes_from(local, subscriber.id, generation, slug)
                })
            })
        });
        found.map(str::to_owned)
    }

    /// The slug of a digest, and those that it had: a message may be older than its name.
    fn slugs_of<'s>(&'s self, digest: &'s str) -> impl Iterator<Item = &'s str> {
        let former = self.proof.former.iter();
        let former = former.filter(move |(_, now)| now == digest);
        std::iter::once(digest).chain(former.map(|(was, _)| was.as_str()))
    }

    /// Does what follows, and says it.
    fn act(
        &mut self,
        record: &BounceRecord,
        reading: &Reading,
        subscriber: Option<&Subscriber>,
        digest: Option<String>,
        now: i64,
    ) -> Result<String, LedgerError> {
        match record.kind {
            Kind::Nothing => return Ok("nothing follows from it".to_owned()),
            Kind::Forged => return Ok("refused, and kept for somebody to look at".to_owned()),
            Kind::Unreadable => return Ok("kept for somebody to look at".to_owned()),
            Kind::Hard | Kind::Soft | Kind::Complaint | Kind::Unsubscribe => {}
        }
        let Some(subscriber) = subscriber else {
            // The webhook may speak of people who were never here, or were erased.
            return Ok("nobody with this address or id is subscribed".to_owned());
        };
        let is_current = match &reading.who {
            Some(Who::Path(path)) => path.is_of(subscriber.generation),
            Some(Who::Subscriber { generation, .. }) => *generation == subscriber.generation,
            _ => true,
        };
        match record.kind {
            Kind::Unsubscribe => self.leave(subscriber.id, digest.as_deref(), now),
            // Whoever complained wants no more, wherever it goes now.
            Kind::Complaint if !is_current => self.leave(subscriber.id, None, now),
            Kind::Complaint => self.suppress(subscriber.id, Reason::Complaint, now),
            // Letters go to addresses that nobody has confirmed.
            _ if !is_current => Ok("it was no issue to the address that they have now".to_owned()),
            Kind::Hard => self.suppress(subscriber.id, Reason::Bounce, now),
            _ => {
                let window = i64::try_from(self.soft_window.as_millis()).unwrap_or(i64::MAX);
                let since = now.saturating_sub(window);
                let number = self.ledger.count_soft_bounces(subscriber.id, since)?;
                if number < self.soft_limit as u64 {
                    return Ok(format!("{number} of {} counted", self.soft_limit));
                }
                let effect = self.suppress(subscriber.id, Reason::Bounce, now)?;
                Ok(format!("{number} of {} counted: {effect}", self.soft_limit))
            }
        }
    }

    fn suppress(&mut self, id: i64, reason: Reason, now: i64) -> Result<String, LedgerError> {
        self.ledger.amend_subscribers(
            &[Find::Id(id)],
            &self.proof.key,
            i64::MAX,
            now,
            |facts| match facts
                .first()
                .and_then(|facts| Some((facts, facts.subscriber.as_ref()?)))
            {
                Some((facts, subscriber)) => {
                    let address = &subscriber.address;
                    (vec![decide::suppress(facts, address, reason, now)], ())
                }
                None => (Vec::new(), ()),
            },
        )?;
        Ok("nothing is sent there any more".to_owned())
    }

    fn leave(&mut self, id: i64, digest: Option<&str>, now: i64) -> Result<String, LedgerError> {
        self.ledger.amend_subscribers(
            &[Find::Id(id)],
            &self.proof.key,
            i64::MAX,
            now,
            |facts| {
                let left = facts
                    .first()
                    .and_then(|facts| decide::leave(facts, digest, "mail", now));
                (
                    left.map(|(amendment, _)| amendment).into_iter().collect(),
                    (),
                )
            },
        )?;
        Ok(match digest {
            Some(digest) => format!("unsubscribed from '{digest}'"),
            None => "unsubscribed from everything".to_owned(),
        })
    }
}

fn record(
    reading: &Reading,
    subscriber: Option<&Subscriber>,
    message: &[u8],
    source: &str,
    now: i64,
) -> BounceRecord {
    let (kind, status, detail) = match &reading.report {
        Report::Failed {
            severity,
            status,
            detail,
        } => {
            let kind = match severity {
                Severity::Hard => Kind::Hard,
                Severity::Soft => Kind::Soft,
            };
            (
                kind,
                status.map(|status| status.to_string()),
                detail.clone(),
            )
        }
        Report::Complaint { kind } => (Kind::Complaint, None, kind.clone()),
        Report::Unsubscribe => (Kind::Unsubscribe, None, String::new()),
        Report::Nothing { what } => (Kind::Nothing, None, (*what).to_owned()),
        Report::Unreadable { why } => (Kind::Unreadable, None, (*why).to_owned()),
        Report::Forged => {
            let detail = "it came to a return path that this newsroom did not make";
            (Kind::Forged, None, detail.to_owned())
        }
    };
    let mailing = match reading.who {
        Some(Who::Path(path)) => Some(path.mailing),
        _ => None,
    };
    let is_kept = matches!(kind, Kind::Forged | Kind::Unreadable);
    let hash = digest(&SHA256, message);
    let fingerprint = hash.as_ref().iter().take(16);
    BounceRecord {
        fingerprint: fingerprint.map(|octet| format!("{octet:02x}")).collect(),
        at: now,
        kind,
        subscriber: subscriber.map(|subscriber| subscriber.id),
        mailing,
        status,
        detail,
        source: source.to_owned(),
        message: is_kept.then(|| message.to_vec()),
        effect: None,
    }
}
