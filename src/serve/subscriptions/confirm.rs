//! Links in letters: that an address is one's own, and that a new one is.

use axum::body::Body;
use axum::http::{Response, StatusCode};

use super::desk::Office;
use super::{Asked, response};
use crate::language::LanguageId;
use crate::ledger::subscribers::{Find, Subscriber};
use crate::page::subscriptions::{self as pages, Notice, Said};
use crate::publish;
use crate::subscribers::decide::{self, Confirmation, Move};
use crate::subscribers::{registrar, wish};

/// The page that a confirming link opens, and its button.
pub fn confirm(office: &mut Office, asked: &Asked) -> Response<Body> {
    let holder = match office.seal.links.open_confirm(asked.token(), asked.now) {
        Ok(holder) => holder,
        Err(error) => return response::refused(office, error),
    };
    // What is shown first is confirmed by nobody: no list of choices has this fingerprint.
    let shown = match asked.acts {
        true => asked.body.value("shown"),
        false => "",
    };
    let (registrar, ledger) = office.registrar();
    let confirmation = registrar.confirm(ledger, holder, shown, asked.now);
    match confirmation {
        Err(error) => response::unable(&error),
        Ok(Confirmation::Changed(subscriber)) => page(office, &subscriber, asked.token()),
        Ok(Confirmation::Done(subscriber) | Confirmation::Already(subscriber)) => {
            confirmed(office, &subscriber, Notice::Confirmed)
        }
        Ok(Confirmation::Gone) => response::say(office, LanguageId::MAIN, Notice::Expired),
    }
}

/// What is asked for, with the button that confirms it.
fn page(office: &Office, subscriber: &Subscriber, token: &str) -> Response<Body> {
    let config = &office.setup.config;
    let language = language(office, subscriber);
    let waiting = decide::pending(subscriber);
    let words = waiting.iter();
    let form = pages::Confirm {
        token: token.to_owned(),
        shown: decide::fingerprint(&waiting),
        choices: words
            .map(|wish| wish::words(config, wish, language))
            .collect(),
        consent: registrar::wording(config, language),
        address: None,
    };
    let site = publish::site(config, language);
    let page = pages::confirm(&office.setup.templates, &site, &form);
    response::page(StatusCode::OK, page)
}

fn confirmed(office: &Office, subscriber: &Subscriber, kind: Notice) -> Response<Body> {
    let links = &office.seal.links;
    let preferences = links.preferences(subscriber.id, subscriber.generation);
    let said = Said {
        kind,
        preferences: Some(preferences),
    };
    response::notice(office, language(office, subscriber), said)
}

fn language(office: &Office, subscriber: &Subscriber) -> LanguageId {
    let language = office.setup.config.site.language_of(&subscriber.language);
    language.unwrap_or(LanguageId::MAIN)
}

/// The page on which a new address is confirmed, and its button.
pub fn new_address(office: &mut Office, asked: &Asked) -> Response<Body> {
    let opened = office.seal.links.open_new_address(asked.token(), asked.now);
    let (holder, address) = match opened {
        Ok(opened) => opened,
        Err(error) => return response::refused(office, error),
    };
    if !asked.acts {
        let facts = office
            .ledger
            .subscriber_facts(Find::Id(holder.subscriber), &office.seal.key);
        let facts = match facts {
            Ok(facts) => facts,
            Err(error) => return response::unable(&error.into()),
        };
        let Some(subscriber) = decide::current(&facts, holder) else {
            return response::say(office, LanguageId::MAIN, Notice::Expired);
        };
        let form = pages::Confirm {
            token: asked.token().to_owned(),
            shown: String::new(),
            choices: Vec::new(),
            consent: String::new(),
            address: Some(address.to_string()),
        };
        let site = publish::site(&office.setup.config, language(office, subscriber));
        let page = pages::confirm(&office.setup.templates, &site, &form);
        return response::page(StatusCode::OK, page);
    }
    let (registrar, ledger) = office.registrar();
    match registrar.move_to(ledger, holder, &address, asked.now) {
        Err(error) => response::unable(&error),
        Ok(Move::Gone) => response::say(office, LanguageId::MAIN, Notice::Expired),
        Ok(Move::Taken) => response::say(office, LanguageId::MAIN, Notice::Taken),
        Ok(Move::Done(before)) => {
            // Its links hold from now on.
            let moved = Subscriber {
                generation: before.generation + 1,
                ..before
            };
            confirmed(office, &moved, Notice::Moved)
        }
    }
}
