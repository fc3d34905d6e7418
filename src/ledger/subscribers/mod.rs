//! Subscribers, what they chose and agreed to, whom never to mail again, and letters to them.
//!
//! What becomes of a subscriber is decided by [`crate::subscribers`]; here facts are read, the
//! decision is asked for, and what it says is written, all in one transaction, so that two
//! processes never decide on what the other has just changed.

mod count;
mod held;
mod load;
mod save;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use sqlx::Connection;

use super::{Ledger, LedgerError};
use crate::mail::address::Address;
use crate::signing::SigningKey;

pub use count::{Counts, DigestCount};
pub use held::MailRecord;

/// Where somebody stands. Times are milliseconds since 1970 UTC, here and below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Asked for, and nothing confirmed yet.
    Pending,
    /// Gets mail.
    Active,
    /// Left everything.
    Ended,
}

impl State {
    /// The word for it, in the ledger and for people.
    pub fn word(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Active => "active",
            State::Ended => "ended",
        }
    }

    fn of(word: &str) -> Result<State, sqlx::Error> {
        let states = [State::Pending, State::Active, State::Ended];
        let found = states.into_iter().find(|state| state.word() == word);
        found.ok_or_else(|| sqlx::Error::Decode(format!("unknown state '{word}'").into()))
    }
}

/// Why an address is never mailed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Mail to it comes back.
    Bounce,
    /// Its owner reported a mail as spam.
    Complaint,
    /// Its owner had everything erased.
    Erased,
    /// An editor said so.
    Editor,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 4] = [
        Reason::Bounce,
        Reason::Complaint,
        Reason::Erased,
        Reason::Editor,
    ];

    /// The word for it, in the ledger and for people.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Bounce => "bounce",
            Reason::Complaint => "complaint",
            Reason::Erased => "erased",
            Reason::Editor => "editor",
        }
    }

    fn of(word: &str) -> Result<Reason, sqlx::Error> {
        let found = Reason::ALL.into_iter().find(|reason| reason.word() == word);
        found.ok_or_else(|| sqlx::Error::Decode(format!("unknown reason '{word}'").into()))
    }
}

/// A person who gets mail, or asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Random, so that it tells nothing.
    pub id: i64,
    /// Where mail goes.
    pub address: Address,
    /// As they call themselves, plain text of one line.
    pub name: Option<String>,
    /// BCP 47 tag of the pages and letters that they get.
    pub language: String,
    /// Where they stand.
    pub state: State,
    /// Until when nothing is sent.
    pub paused_until: Option<i64>,
    /// A new one voids the links that were handed out.
    pub generation: i64,
    /// When they first asked; of a pending one, when they last did.
    pub created: i64,
    /// What they chose, in the order of digests.
    pub choices: Vec<Choice>,
}

/// A digest, or a selection of one's own that goes out with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The slug of the digest.
    pub digest: String,
    /// Empty: the digest as it is. Else the normal form of a selection.
    pub selection: String,
    /// BCP 47 tag of the digest then.
    pub language: String,
    /// When it was confirmed; `None`: not yet, or not any more.
    pub confirmed: Option<i64>,
    /// When it was given up.
    pub ended: Option<i64>,
    /// When it was asked for, the last time.
    pub created: i64,
}

impl Choice {
    /// Whether it waits to be confirmed: never given up, or asked for again since.
    pub fn is_pending(&self) -> bool {
        let asked_again = self.ended.is_none_or(|ended| self.created > ended);
        self.confirmed.is_none() && asked_again
    }

    /// Whether mail comes of it.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed.is_some()
    }
}

/// What somebody agreed to, or took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// When.
    pub at: i64,
    /// What was done: `asked`, `confirmed`, `changed`, `unsubscribed`, ...
    pub act: String,
    /// Where: `form`, `preferences`, `one-click`, `import: fair 2024`.
    pub source: String,
    /// The words that they agreed to, as they were shown.
    pub wording: String,
    /// The choices that it is about, for people: `weekly; daily: topic:water`.
    pub choices: String,
}

/// A mail to one person that is no issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub address: Address,
    /// What it is for: `confirm`, `known`, `new-address`, `old-address`.
    pub kind: &'static str,
    /// Who the relay is told it is from.
    pub return_path: String,
    /// The whole message, from its first header on.
    pub message: Vec<u8>,
}

/// Whom to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find<'a> {
    /// Whoever has this address.
    Address(&'a Address),
    /// The one with this id.
    Id(i64),
}

/// What the ledger knows when something is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The one looked up, if there is such a one.
    pub subscriber: Option<Subscriber>,
    /// Why the address is never mailed again, if it is not.
    pub suppressed: Option<Reason>,
    /// How many letters were made out to the address lately.
    pub letters: u64,
}

/// What was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amendment {
    /// The subscriber as it is to be; `None` leaves it as it is. The id is that of the facts, or
    /// a new one.
    pub subscriber: Option<Subscriber>,
    /// What is added to the history of consents, of the subscriber above.
    pub consents: Vec<Consent>,
    /// Letters to send.
    pub letters: Vec<Letter>,
    /// An address to suppress, and why. One that is stays with its first reason.
    pub suppress: Option<(Address, Reason)>,
    /// An address whose suppression is over.
    pub lift: Option<Address>,
    /// A subscriber of whom nothing is kept.
    pub erase: Option<Subscriber>,
}

impl Ledger {
    /// Looks subscribers up, has `decide` say what becomes of each (in the same order), and
    /// records that: all of it, or nothing. `key` hashes suppressed addresses; letters are
    /// counted that were made since `letters_since`; `now` is when all of this happens.
    ///
    /// # Errors
    /// When the database refuses; nothing is recorded then.
    pub fn amend_subscribers<T>(
        &mut self,
        finds: &[Find<'_>],
        key: &SigningKey,
        letters_since: i64,
        now: i64,
        decide: impl FnOnce(&[Facts]) -> (Vec<Amendment>, T),
    ) -> Result<T, LedgerError> {
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            let facts = load::facts(&mut transaction, finds, key, letters_since).await?;
            let (amendments, result) = decide(&facts);
            save::amendments(&mut transaction, &facts, &amendments, key, now).await?;
            transaction.commit().await?;
            Ok(result)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// What is known of one subscriber or address.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn subscriber_facts(
        &mut self,
        find: Find<'_>,
        key: &SigningKey,
    ) -> Result<Facts, LedgerError> {
        let facts = self.facts_on(std::slice::from_ref(&find), key)?;
        Ok(facts.into_iter().next().unwrap_or_default())
    }

    /// What is known of several, in their order; letters are not counted.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn facts_on(
        &mut self,
        finds: &[Find<'_>],
        key: &SigningKey,
    ) -> Result<Vec<Facts>, LedgerError> {
        let work = load::facts(&mut self.connection, finds, key, i64::MAX);
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// At most `limit` subscribers in the order of their addresses' keys, those after a key.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn subscribers_after(
        &mut self,
        address_key: &str,
        limit: usize,
    ) -> Result<Vec<Subscriber>, LedgerError> {
        let work = load::after(&mut self.connection, address_key, limit);
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// What a subscriber agreed to and took back, the oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn consents(&mut self, subscriber: i64) -> Result<Vec<Consent>, LedgerError> {
        let work = load::consents(&mut self.connection, subscriber);
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// The last consent of each of these subscribers, where there is one: what was confirmed,
    /// imported or added.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn last_consents(
        &mut self,
        subscribers: &[i64],
    ) -> Result<HashMap<i64, Consent>, LedgerError> {
        let work = load::last_consents(&mut self.connection, subscribers);
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// Forgets what nobody confirmed since `asked_before`, and letters that were settled before
    /// `settled_before`; returns how many subscribers went.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_unconfirmed(
        &mut self,
        asked_before: i64,
        settled_before: i64,
    ) -> Result<u64, LedgerError> {
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            let gone =
                save::forget_unconfirmed(&mut transaction, asked_before, settled_before).await?;
            transaction.commit().await?;
            Ok(gone)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}

/// How a suppressed address is kept: nobody without the newsroom's key can tell whose it is, or
/// try addresses against it.
pub fn address_hash(key: &SigningKey, address: &Address) -> String {
    key.sign("suppression", &address.key())
}
