//! Leaving: a page with a button by GET, and at once by POST, which mail programs send for their
//! own button (RFC 8058, section 3.2).

use axum::body::Body;
use axum::http::{Response, StatusCode};

use super::desk::Office;
use super::{Asked, response};
use crate::language::LanguageId;
use crate::ledger::subscribers::Find;
use crate::page::subscriptions::{self as pages, Notice, Said};
use crate::publish;
use crate::subscribers::wish::{self, Wish};

/// The page that unsubscribes, and the one click of a mail program (RFC 8058).
pub fn unsubscribe(office: &mut Office, asked: &Asked) -> Response<Body> {
    let token = asked.token();
    // Whatever the generation: an old mail still lets its reader out.
    let (holder, slug) = match office.seal.links.open_unsubscribe(token) {
        Ok(opened) => opened,
        Err(error) => return response::refused(office, error),
    };
    // The digest may have another name by now.
    let digest = wish::whole(&office.setup.config, slug);
    let digest = digest.map_or_else(|_| slug.to_owned(), |wish| wish.digest);
    if !asked.acts {
        let find = Find::Id(holder.subscriber);
        let facts = match office.ledger.subscriber_facts(find, &office.seal.key) {
            Ok(facts) => facts,
            Err(error) => return response::unable(&error.into()),
        };
        let tag = facts.subscriber.map(|subscriber| subscriber.language);
        let language = language(office, &tag.unwrap_or_default());
        let config = &office.setup.config;
        let whole = Wish {
            digest,
            selection: String::new(),
            language: String::new(),
        };
        let form = pages::Unsubscribe {
            token: token.to_owned(),
            digest: wish::words(config, &whole, language),
        };
        let site = publish::site(config, language);
        let page = pages::unsubscribe(&office.setup.templates, &site, &form);
        return response::page(StatusCode::OK, page);
    }
    let is_one_click = asked.body.value("List-Unsubscribe") == "One-Click";
    let place = if is_one_click { "one-click" } else { "page" };
    let (registrar, ledger) = office.registrar();
    let left = registrar.leave(ledger, holder.subscriber, Some(&digest), place, asked.now);
    match left {
        Err(error) => response::unable(&error),
        // Somebody who was erased has left all the more.
        Ok(None) => response::say(office, LanguageId::MAIN, Notice::Left),
        Ok(Some(subscriber)) => {
            let links = &office.seal.links;
            let is_current = holder.generation == subscriber.generation;
            let preferences =
                is_current.then(|| links.preferences(subscriber.id, subscriber.generation));
            let said = Said {
                kind: Notice::Left,
                preferences,
            };
            response::notice(office, language(office, &subscriber.language), said)
        }
    }
}

fn language(office: &Office, tag: &str) -> LanguageId {
    let language = office.setup.config.site.language_of(tag);
    language.unwrap_or(LanguageId::MAIN)
}
