//! What people and editors do about subscriptions, carried out on the ledger: each is one
//! transaction, decided by `decide`, and its letters are kept in the same one.
//!
//! Whoever calls knows the time and has the ledger open. An answer never tells a stranger whether
//! an address is known: that is in the letter alone.

mod correspondence;

use thiserror::Error;

use super::decide::{self, Confirmation, Move, Preferences, Reply, SignUp, Source};
use super::enter::{self, Entered, Entry, NotEntered};
use super::links::Holder;
use crate::config::Config;
use crate::diagnostic::Problem;
use crate::language::LanguageId;
use crate::ledger::subscribers::{Amendment, Facts, Find, Reason, Subscriber};
use crate::ledger::{Ledger, LedgerError};
use crate::mail::address::Address;
use crate::mail::message::Seal;
use crate::setup::Setup;
use crate::signing::SigningKey;
use crate::template::Templates;

/// Over which time letters to one address are counted, in milliseconds: a day.
const LETTERS_COUNTED: i64 = 86_400_000;

/// Why something could not be done. Nothing was changed then.
#[derive(Debug, Error)]
pub enum RegistrarError {
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The letter cannot be written.
    #[error("{}", .0.message)]
    Letter(Box<Problem>),
}

impl From<Problem> for RegistrarError {
    fn from(problem: Problem) -> RegistrarError {
        RegistrarError::Letter(Box::new(problem))
    }
}

/// Whoever keeps the register of subscribers.
pub struct Registrar<'a> {
    config: &'a Config,
    templates: &'a Templates,
    seal: &'a Seal,
}

impl<'a> Registrar<'a> {
    /// For a newsroom; `seal` signs its links and letters.
    pub fn new(setup: &'a Setup, seal: &'a Seal) -> Registrar<'a> {
        Registrar {
            config: &setup.config,
            templates: &setup.templates,
            seal,
        }
    }

    /// The words of consent in a language of the site.
    pub fn wording(&self, language: LanguageId) -> String {
        wording(self.config, language)
    }

    /// Takes a request of the public form: what comes of it is in the letter that it answers with.
    ///
    /// # Errors
    /// When the ledger refuses or the letter cannot be written.
    pub fn sign_up(
        &self,
        ledger: &mut Ledger,
        request: &SignUp,
        place: &str,
        now: i64,
    ) -> Result<Reply, RegistrarError> {
        let language = self.language(&request.language);
        let wording = self.wording(language);
        let source = Source {
            place,
            wording: &wording,
        };
        let limit = self.config.subscriptions.letters_per_day;
        let find = [Find::Address(&request.address)];
        self.amend(ledger, &find, now, |facts| {
            let facts = &facts[0];
            let (mut amendment, reply) =
                decide::sign_up(facts, request, source, limit, fresh_id(), now);
            let known = amendment.subscriber.as_ref().or(facts.subscriber.as_ref());
            let letter = match (reply, known) {
                (Reply::Confirm, Some(subscriber)) => {
                    Some(self.confirmation(subscriber, language, now)?)
                }
                (Reply::Known, Some(subscriber)) => Some(self.known(subscriber, language, now)?),
                _ => None,
            };
            amendment.letters.extend(letter);
            Ok((vec![amendment], reply))
        })
    }

    /// Confirms what was shown on the page of a link.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn confirm(
        &self,
        ledger: &mut Ledger,
        holder: Holder,
        shown: &str,
        now: i64,
    ) -> Result<Confirmation, RegistrarError> {
        self.amend(ledger, &[Find::Id(holder.subscriber)], now, |facts| {
            let language = facts[0].subscriber.as_ref();
            let language = self.language(language.map_or("", |known| &known.language));
            let wording = self.wording(language);
            let source = Source {
                place: "link in a letter",
                wording: &wording,
            };
            let (amendment, confirmation) = decide::confirm(&facts[0], holder, shown, source, now);
            Ok((vec![amendment], confirmation))
        })
    }

    /// Saves the page of preferences; `None` where its link holds no more.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn save(
        &self,
        ledger: &mut Ledger,
        holder: Holder,
        preferences: &Preferences,
        now: i64,
    ) -> Result<Option<Subscriber>, RegistrarError> {
        let wording = self.wording(self.language(&preferences.language));
        let source = Source {
            place: "preferences",
            wording: &wording,
        };
        self.amend(ledger, &[Find::Id(holder.subscriber)], now, |facts| {
            Ok(
                match decide::save(&facts[0], holder, preferences, source, now) {
                    Some((amendment, subscriber)) => (vec![amendment], Some(subscriber)),
                    None => (Vec::new(), None),
                },
            )
        })
    }

    /// Leaves one digest, or everything; `None` where there is no such subscriber. `place` is
    /// where: `one-click`, `page`, `mail`, `complaint`, `command line`.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn leave(
        &self,
        ledger: &mut Ledger,
        subscriber: i64,
        digest: Option<&str>,
        place: &str,
        now: i64,
    ) -> Result<Option<Subscriber>, RegistrarError> {
        self.amend(ledger, &[Find::Id(subscriber)], now, |facts| {
            Ok(match decide::leave(&facts[0], digest, place, now) {
                Some((amendment, subscriber)) => (vec![amendment], Some(subscriber)),
                None => (Vec::new(), None),
            })
        })
    }

    /// Asks the owner of a new address to confirm it; `false` where the link holds no more. The
    /// answer is the same whether somebody has the address already, and it has had letters enough.
    ///
    /// # Errors
    /// When the ledger refuses or the letter cannot be written.
    pub fn ask_new_address(
        &self,
        ledger: &mut Ledger,
        holder: Holder,
        address: &Address,
        now: i64,
    ) -> Result<bool, RegistrarError> {
        let find = [Find::Id(holder.subscriber), Find::Address(address)];
        self.amend(ledger, &find, now, |facts| {
            let Some(known) = decide::current(&facts[0], holder) else {
                return Ok((Vec::new(), false));
            };
            let barred = matches!(
                facts[1].suppressed,
                Some(Reason::Complaint | Reason::Editor)
            );
            let enough = facts[1].letters >= self.config.subscriptions.letters_per_day;
            if barred || enough || known.address == *address {
                return Ok((Vec::new(), true));
            }
            let letter = self.new_address(known, address, now)?;
            let amendment = Amendment {
                letters: vec![letter],
                ..Amendment::default()
            };
            Ok((vec![amendment], true))
        })
    }

    /// Moves a subscriber to the address that its owner has just confirmed, and tells the old one.
    ///
    /// # Errors
    /// When the ledger refuses or the letter cannot be written.
    pub fn move_to(
        &self,
        ledger: &mut Ledger,
        holder: Holder,
        address: &Address,
        now: i64,
    ) -> Result<Move, RegistrarError> {
        let find = [Find::Id(holder.subscriber), Find::Address(address)];
        self.amend(ledger, &find, now, |facts| {
            let (mut amendments, moved) =
                decide::move_to(&facts[0], &facts[1], holder, address, now);
            if let (Move::Done(before), Some(last)) = (&moved, amendments.last_mut()) {
                last.letters.push(self.moved(before, now)?);
            }
            // The first amendment is for the new address, and the facts of it stand second.
            amendments.reverse();
            Ok((amendments, moved))
        })
    }

    /// Erases the subscriber of a link; `false` where it holds no more.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn erase(
        &self,
        ledger: &mut Ledger,
        holder: Holder,
        now: i64,
    ) -> Result<bool, RegistrarError> {
        self.amend(ledger, &[Find::Id(holder.subscriber)], now, |facts| {
            let known = decide::current(&facts[0], holder);
            let amendments: Vec<Amendment> = known.map(decide::erase).into_iter().collect();
            let done = !amendments.is_empty();
            Ok((amendments, done))
        })
    }

    /// Ends all mail to an address for good.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn suppress(
        &self,
        ledger: &mut Ledger,
        address: &Address,
        reason: Reason,
        now: i64,
    ) -> Result<(), RegistrarError> {
        self.amend(ledger, &[Find::Address(address)], now, |facts| {
            Ok((vec![decide::suppress(&facts[0], address, reason, now)], ()))
        })
    }

    /// Enters somebody with the consent that an editor has; the last value says what of it was
    /// left out, and an inner error that it must not be done.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn enter(
        &self,
        ledger: &mut Ledger,
        entry: &Entry,
        now: i64,
    ) -> Result<Result<(Entered, Vec<NotEntered>), NotEntered>, RegistrarError> {
        self.amend(ledger, &[Find::Address(&entry.address)], now, |facts| {
            Ok(match enter::enter(&facts[0], entry, fresh_id(), now) {
                Ok((amendment, entered, left_out)) => (vec![amendment], Ok((entered, left_out))),
                Err(why) => (Vec::new(), Err(why)),
            })
        })
    }

    /// Ends the suppression of an address; returns what was known.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub fn lift(
        &self,
        ledger: &mut Ledger,
        address: &Address,
        now: i64,
    ) -> Result<Facts, RegistrarError> {
        self.amend(ledger, &[Find::Address(address)], now, |facts| {
            let amendment = Amendment {
                lift: Some(address.clone()),
                ..Amendment::default()
            };
            Ok((vec![amendment], facts[0].clone()))
        })
    }

    /// Which of the site's languages a tag is of.
    pub fn language(&self, tag: &str) -> LanguageId {
        self.config
            .site
            .language_of(tag)
            .unwrap_or(LanguageId::MAIN)
    }

    fn key(&self) -> &SigningKey {
        &self.seal.key
    }

    /// Has `decide` say what becomes of the facts; where it fails, nothing is changed.
    fn amend<T>(
        &self,
        ledger: &mut Ledger,
        find: &[Find<'_>],
        now: i64,
        decide: impl FnOnce(&[Facts]) -> Result<(Vec<Amendment>, T), Problem>,
    ) -> Result<T, RegistrarError> {
        let since = now - LETTERS_COUNTED;
        let result =
            ledger.amend_subscribers(find, self.key(), since, now, |facts| {
                match decide(facts) {
                    Ok((amendments, result)) => (amendments, Ok(result)),
                    Err(problem) => (Vec::new(), Err(problem)),
                }
            })?;
        Ok(result?)
    }
}

/// The words of consent in a language of the site.
pub fn wording(config: &Config, language: LanguageId) -> String {
    let language = config.site.language(language);
    let words = config.site.phrases.words(&language.tag);
    words.fill(
        &config.subscriptions.consent,
        &[("site", language.title.as_str())],
    )
}

/// Within what BIGINT holds, positive, and random, so that a link tells nothing.
pub(super) fn fresh_id() -> i64 {
    (rand::random::<u64>() >> 1).max(1).cast_signed()
}
