//! The page of preferences: what a subscriber gets, and everything that they may do about it.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone};

use super::desk::Office;
use super::{Asked, offers, response};
use crate::config::Config;
use crate::language::LanguageId;
use crate::ledger::subscribers::{Facts, Find, Subscriber};
use crate::page::Choice;
use crate::page::subscriptions::{self as pages, Mistake, Notice};
use crate::publish;
use crate::subscribers::decide::{self, Preferences};
use crate::subscribers::links::Holder;
use crate::subscribers::wish::{self, Wish};
use crate::subscribers::{held, name};

/// The page of preferences, and what its forms ask for.
pub fn preferences(office: &mut Office, asked: &Asked) -> Response<Body> {
    let holder = match office.seal.links.open_preferences(asked.token()) {
        Ok(holder) => holder,
        Err(error) => return response::refused(office, error),
    };
    let find = Find::Id(holder.subscriber);
    let facts = match office.ledger.subscriber_facts(find, &office.seal.key) {
        Ok(facts) => facts,
        Err(error) => return response::unable(&error.into()),
    };
    let Some(subscriber) = decide::current(&facts, holder) else {
        return response::say(office, LanguageId::MAIN, Notice::Expired);
    };
    let shown = |office: &Office, mistake| page(office, &facts, subscriber, asked, mistake);
    if !asked.acts {
        return shown(office, None);
    }
    match asked.body.value("do") {
        "move" => match asked.body.value("address").parse() {
            Err(_) => shown(office, Some(Mistake::Address)),
            Ok(address) => {
                let (registrar, ledger) = office.registrar();
                let sent = registrar.ask_new_address(ledger, holder, &address, asked.now);
                done(office, subscriber, sent, Notice::AskedNewAddress)
            }
        },
        "leave" => {
            let (registrar, ledger) = office.registrar();
            let left = registrar.leave(ledger, subscriber.id, None, "preferences", asked.now);
            match left {
                Err(error) => response::unable(&error),
                Ok(_) => again(office, asked, holder),
            }
        }
        "export" => match held::everything(&mut office.ledger, subscriber, &office.seal.key) {
            Ok(everything) => {
                let json = format!("{everything:#}\n");
                response::file("subscriptions.json", json)
            }
            Err(error) => response::unable(&error.into()),
        },
        "erase" if asked.body.value("sure") != "yes" => shown(office, Some(Mistake::Unsure)),
        "erase" => {
            let (registrar, ledger) = office.registrar();
            let erased = registrar.erase(ledger, holder, asked.now);
            done(office, subscriber, erased, Notice::Erased)
        }
        _ => match wanted(office, subscriber, asked) {
            Err(mistake) => shown(office, Some(mistake)),
            Ok(wanted) => {
                let (registrar, ledger) = office.registrar();
                match registrar.save(ledger, holder, &wanted, asked.now) {
                    Err(error) => response::unable(&error),
                    Ok(_) => again(office, asked, holder),
                }
            }
        },
    }
}

fn done(
    office: &Office,
    subscriber: &Subscriber,
    result: Result<bool, crate::subscribers::registrar::RegistrarError>,
    kind: Notice,
) -> Response<Body> {
    match result {
        Err(error) => response::unable(&error),
        Ok(true) => response::say(office, language(office, subscriber), kind),
        Ok(false) => response::say(office, LanguageId::MAIN, Notice::Expired),
    }
}

/// The page as it is after something was saved.
fn again(office: &mut Office, asked: &Asked, holder: Holder) -> Response<Body> {
    let find = Find::Id(holder.subscriber);
    let facts = match office.ledger.subscriber_facts(find, &office.seal.key) {
        Ok(facts) => facts,
        Err(error) => return response::unable(&error.into()),
    };
    match decide::current(&facts, holder) {
        Some(subscriber) => page(office, &facts, subscriber, asked, None),
        None => response::say(office, LanguageId::MAIN, Notice::Expired),
    }
}

/// What the form says.
fn wanted(office: &Office, subscriber: &Subscriber, asked: &Asked) -> Result<Preferences, Mistake> {
    let config = &office.setup.config;
    let form = &asked.body;
    let name = name::name(form.value("name")).map_err(|_| Mistake::Name)?;
    let mut wishes = offers::wishes(config, form)?;
    // Selections of one's own that stay, by their place among those that were shown.
    let kept = form.values("own");
    let own = own(subscriber).into_iter();
    wishes.extend(own.filter(|wish| kept.contains(&value(wish))));
    // A digest that is not offered any more has no tick, and is given up only by leaving.
    wishes.extend(unoffered(config, subscriber));
    wishes.sort();
    wishes.dedup();
    if offers::are_too_many(&wishes) {
        return Err(Mistake::TooMany);
    }
    let language = config.site.language_of(form.value("language"));
    let language = language.map(|id| config.site.language(id).tag.clone());
    Ok(Preferences {
        wishes,
        language: language.unwrap_or_else(|| subscriber.language.clone()),
        name,
        paused_until: moment(config, form.value("paused_until")),
    })
}

/// The beginning of a day in the site's zone.
fn moment(config: &Config, day: &str) -> Option<i64> {
    let day: NaiveDate = day.parse().ok()?;
    let moment = config
        .site
        .timezone
        .from_local_datetime(&day.and_time(NaiveTime::MIN))
        .earliest()?;
    Some(moment.timestamp_millis())
}

fn day(config: &Config, moment: i64) -> String {
    let moment = DateTime::from_timestamp_millis(moment).unwrap_or_default();
    let moment = moment.with_timezone(&config.site.timezone);
    moment.format("%Y-%m-%d").to_string()
}

fn own(subscriber: &Subscriber) -> Vec<Wish> {
    let chosen = decide::chosen(subscriber).into_iter();
    chosen.filter(|wish| !wish.selection.is_empty()).collect()
}

fn unoffered(config: &Config, subscriber: &Subscriber) -> Vec<Wish> {
    let chosen = decide::chosen(subscriber).into_iter();
    let offered = |slug: &str| {
        let mut digests = config.digests.iter();
        digests.any(|digest| digest.slug == slug && digest.mail)
    };
    chosen
        .filter(|wish| wish.selection.is_empty() && !offered(&wish.digest))
        .collect()
}

/// What the form calls a selection of one's own.
fn value(wish: &Wish) -> String {
    decide::fingerprint(std::slice::from_ref(wish))
}

fn language(office: &Office, subscriber: &Subscriber) -> LanguageId {
    let language = office.setup.config.site.language_of(&subscriber.language);
    language.unwrap_or(LanguageId::MAIN)
}

fn page(
    office: &Office,
    facts: &Facts,
    subscriber: &Subscriber,
    asked: &Asked,
    mistake: Option<Mistake>,
) -> Response<Body> {
    let config = &office.setup.config;
    let id = language(office, subscriber);
    // Whoever made a mistake finds what they had filled in.
    let given = mistake.map(|_| &asked.body);
    let chosen = decide::chosen(subscriber).into_iter();
    let whole = chosen.filter(|wish| wish.selection.is_empty());
    let held: Vec<String> = whole.map(|wish| wish.digest).collect();
    let ticked = given.map_or(held, |form| form.values("digest"));
    let own = own(subscriber).into_iter().map(|wish| Choice {
        value: value(&wish),
        name: wish::words(config, &wish, id),
        items: None,
        depth: 0,
        checked: given.is_none_or(|form| form.values("own").contains(&value(&wish))),
    });
    let languages = config.site.languages().map(|(other, language)| Choice {
        value: language.tag.clone(),
        name: language.name.clone(),
        items: None,
        depth: 0,
        checked: other == id,
    });
    let languages: Vec<Choice> = match config.site.languages.len() {
        1 => Vec::new(),
        _ => languages.collect(),
    };
    let paused = subscriber.paused_until.filter(|until| *until > asked.now);
    let form = pages::Preferences {
        token: asked.token().to_owned(),
        address: subscriber.address.to_string(),
        name: subscriber.name.clone().unwrap_or_default(),
        digests: offers::digests(config, id, &ticked),
        own: own.collect(),
        carriers: offers::carriers(config, id, given.map_or("", |form| form.value("carrier"))),
        groups: offers::groups(
            config,
            id,
            &given.map_or(Vec::new(), |form| form.values("term")),
        ),
        languages,
        paused_until: paused.map_or_else(String::new, |until| day(config, until)),
        suppressed: facts.suppressed.is_some(),
        saved: asked.acts && mistake.is_none(),
        mistake,
    };
    let site = publish::site(config, id);
    let page = pages::preferences(&office.setup.templates, &site, &form);
    let status = match mistake {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    response::page(status, page)
}
