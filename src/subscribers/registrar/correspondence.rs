//! The letters that the registrar writes, each about one subscriber.

use super::Registrar;
use crate::diagnostic::Problem;
use crate::language::LanguageId;
use crate::ledger::subscribers::{Letter, State, Subscriber};
use crate::mail::address::Address;
use crate::subscribers::letters::{self, Content, Kind, To};
use crate::subscribers::links::Links;
use crate::subscribers::{decide, wish};

impl Registrar<'_> {
    /// The letter that asks to confirm what waits.
    pub(super) fn confirmation(
        &self,
        subscriber: &Subscriber,
        language: LanguageId,
        now: i64,
    ) -> Result<Letter, Problem> {
        let (id, generation) = (subscriber.id, subscriber.generation);
        let expires = self.expires(now);
        let links = self.links();
        let content = Content {
            link: links.confirm(id, generation, expires),
            expires: Some(moment(expires)),
            preferences: (subscriber.state == State::Active)
                .then(|| links.preferences(id, generation)),
            choices: self.words(&decide::pending(subscriber), language),
            consent: self.wording(language),
        };
        self.letter(Kind::Confirm, subscriber, language, &content, now)
    }

    /// The letter that says what comes already.
    pub(super) fn known(
        &self,
        subscriber: &Subscriber,
        language: LanguageId,
        now: i64,
    ) -> Result<Letter, Problem> {
        let preferences = self
            .links()
            .preferences(subscriber.id, subscriber.generation);
        let content = Content {
            preferences: Some(preferences),
            choices: self.words(&decide::chosen(subscriber), language),
            ..Content::default()
        };
        self.letter(Kind::Known, subscriber, language, &content, now)
    }

    /// The letter that asks a new address whether mail shall come there.
    pub(super) fn new_address(
        &self,
        subscriber: &Subscriber,
        address: &Address,
        now: i64,
    ) -> Result<Letter, Problem> {
        let expires = self.expires(now);
        let (id, generation) = (subscriber.id, subscriber.generation);
        let content = Content {
            link: self.links().new_address(id, generation, address, expires),
            expires: Some(moment(expires)),
            ..Content::default()
        };
        let to = To {
            subscriber: id,
            address,
            language: self.language(&subscriber.language),
        };
        self.write(Kind::NewAddress, to, &content, now)
    }

    /// The letter to the old address, where somebody may wonder.
    pub(super) fn moved(&self, before: &Subscriber, now: i64) -> Result<Letter, Problem> {
        let language = self.language(&before.language);
        self.letter(Kind::OldAddress, before, language, &Content::default(), now)
    }

    fn links(&self) -> &Links {
        &self.seal.links
    }

    fn expires(&self, now: i64) -> i64 {
        let time = self.config.subscriptions.confirm_within.as_millis();
        now.saturating_add(i64::try_from(time).unwrap_or(i64::MAX))
    }

    fn words(&self, wishes: &[wish::Wish], language: LanguageId) -> Vec<String> {
        let words = wishes.iter();
        words
            .map(|wish| wish::words(self.config, wish, language))
            .collect()
    }

    fn letter(
        &self,
        kind: Kind,
        subscriber: &Subscriber,
        language: LanguageId,
        content: &Content,
        now: i64,
    ) -> Result<Letter, Problem> {
        let to = To {
            subscriber: subscriber.id,
            address: &subscriber.address,
            language,
        };
        self.write(kind, to, content, now)
    }

    fn write(
        &self,
        kind: Kind,
        to: To<'_>,
        content: &Content,
        now: i64,
    ) -> Result<Letter, Problem> {
        letters::write(
            self.config,
            self.templates,
            self.seal,
            kind,
            to,
            content,
            now,
        )
    }
}

/// A moment as templates take it.
fn moment(milliseconds: i64) -> String {
    chrono::DateTime::from_timestamp_millis(milliseconds)
        .unwrap_or_default()
        .to_rfc3339()
}
