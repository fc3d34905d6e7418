//! The public form.
//!
//! Its answer is the same whoever's address is given, and nothing is sent but one letter. Scripts
//! that fill in every field are told from people by a field that nobody sees; they get the same
//! answer too.

use axum::body::Body;
use axum::http::{Response, StatusCode};

use super::desk::Office;
use super::form::Form;
use super::{Asked, offers, response};
use crate::entry::Translation;
use crate::language::LanguageId;
use crate::page::subscriptions::{self as pages, Mistake, Notice};
use crate::publish;
use crate::subscribers::decide::SignUp;
use crate::subscribers::links::SIGN_UP_PATH;
use crate::subscribers::registrar;

/// The form, and what it asks for.
pub fn sign_up(office: &mut Office, asked: &Asked) -> Response<Body> {
    if !asked.acts {
        // What is ticked may stand in the address, so that other pages can lead here.
        return form(office, asked.language, &asked.query, None, asked.now);
    }
    let site = &office.setup.config.site;
    let language = site.language_of(asked.body.value("language"));
    let language = language.unwrap_or(asked.language);
    match request(office, asked, language) {
        Err(mistake) => form(office, language, &asked.body, Some(mistake), asked.now),
        Ok(_) if !asked.body.value("website").is_empty() => {
            tracing::info!("a form was filled in by a script, and nothing was done");
            response::say(office, language, Notice::Asked)
        }
        Ok(request) => {
            let (registrar, ledger) = office.registrar();
            match registrar.sign_up(ledger, &request, "form", asked.now) {
                Ok(_) => response::say(office, language, Notice::Asked),
                Err(error) => response::unable(&error),
            }
        }
    }
}

fn request(office: &Office, asked: &Asked, language: LanguageId) -> Result<SignUp, Mistake> {
    let config = &office.setup.config;
    let form = &asked.body;
    let address = form
        .value("address")
        .parse()
        .map_err(|_| Mistake::Address)?;
    let wishes = offers::wishes(config, form)?;
    if wishes.is_empty() {
        return Err(Mistake::Nothing);
    }
    if office
        .seal
        .links
        .open_form(form.value("token"), asked.now)
        .is_err()
    {
        return Err(Mistake::Stale);
    }
    Ok(SignUp {
        address,
        language: config.site.language(language).tag.clone(),
        wishes,
    })
}

/// The form, filled in with what somebody has given already.
fn form(
    office: &Office,
    language: LanguageId,
    given: &Form,
    mistake: Option<Mistake>,
    now: i64,
) -> Response<Body> {
    let config = &office.setup.config;
    let form = pages::SignUp {
        token: office.seal.links.form(now),
        address: given.value("address").chars().take(254).collect(),
        digests: offers::digests(config, language, &given.values("digest")),
        carriers: offers::carriers(config, language, given.value("carrier")),
        groups: offers::groups(config, language, &given.values("term")),
        consent: registrar::wording(config, language),
        mistake,
    };
    let translations = translations(office);
    let path = match (mistake, config.site.language(language).folder.as_str()) {
        // What was sent came to the root, whatever the language.
        (Some(_), _) | (None, "") => SIGN_UP_PATH.to_owned(),
        (None, folder) => format!("{folder}/{SIGN_UP_PATH}"),
    };
    let site = publish::site(config, language);
    let templates = &office.setup.templates;
    let page = pages::sign_up(templates, &site, &path, &form, &translations);
    let status = match mistake {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    response::page(status, page)
}

/// The form in each language of the site; none where it has one alone.
fn translations(office: &Office) -> Vec<Translation> {
    let site = &office.setup.config.site;
    if site.languages.len() < 2 {
        return Vec::new();
    }
    let languages = site.languages().map(|(id, language)| Translation {
        language: language.tag.clone(),
        url: format!("{}{SIGN_UP_PATH}", site.home(id)),
    });
    languages.collect()
}
