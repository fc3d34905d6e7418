//! Answers: pages that nobody keeps, and what is said when there is none.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::desk::Office;
use crate::diagnostic::Problem;
use crate::language::LanguageId;
use crate::page::subscriptions::{self as pages, Notice, Said};
use crate::publish;
use crate::serve::files::{Answered, text};
use crate::subscribers::links::TokenError;
use crate::subscribers::registrar::RegistrarError;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// A page, or that it cannot be made.
pub fn page(status: StatusCode, page: Result<String, Problem>) -> Response<Body> {
    match page {
        Ok(page) => html(status, page),
        Err(problem) => {
            tracing::error!("a page of subscribers cannot be made: {}", problem.message);
            failed()
        }
    }
}

/// A page that is kept nowhere, tells nobody its address, and is shown within no other.
fn html(status: StatusCode, page: String) -> Response<Body> {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response.extensions_mut().insert(Answered("page"));
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ] {
        headers.insert(name, value);
    }
    response
}

/// A file for whoever asked for their data.
pub fn file(name: &str, json: String) -> Response<Body> {
    let mut response = html(StatusCode::OK, json);
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, media_type);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A notice, in a language of the site.
pub fn notice(office: &Office, language: LanguageId, said: Said) -> Response<Body> {
    let status = match said.kind {
        Notice::Foreign => StatusCode::NOT_FOUND,
        Notice::Expired => StatusCode::GONE,
        Notice::Taken => StatusCode::CONFLICT,
        Notice::TooMany => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::OK,
    };
    let site = publish::site(&office.setup.config, language);
    // All paths of subscribers but the forms of further languages stand at the root.
    let made = pages::notice(&office.setup.templates, &site, "subscriptions", &said);
    page(status, made)
}

/// A notice with nothing beside.
pub fn say(office: &Office, language: LanguageId, kind: Notice) -> Response<Body> {
    let said = Said {
        kind,
        preferences: None,
    };
    notice(office, language, said)
}

/// What is said of a token that opens nothing.
pub fn refused(office: &Office, error: TokenError) -> Response<Body> {
    let kind = match error {
        TokenError::Foreign => Notice::Foreign,
        TokenError::Expired => Notice::Expired,
    };
    say(office, LanguageId::MAIN, kind)
}

/// Nothing was changed, since the ledger or a template failed.
pub fn unable(error: &RegistrarError) -> Response<Body> {
    tracing::error!("a subscriber's request cannot be carried out: {error}");
    failed()
}

/// A client sent too many forms.
pub fn too_many(office: &mut Office, language: LanguageId) -> Response<Body> {
    let mut response = say(office, language, Notice::TooMany);
    let after = HeaderValue::from_static("3600");
    response.headers_mut().insert(header::RETRY_AFTER, after);
    response
}

/// The answer to a method that an address does not know.
pub fn not_allowed() -> Response<Body> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET, HEAD and POST.\n");
    let allow = HeaderValue::from_static("GET, HEAD, POST");
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// The answer to a form that is too large.
pub fn too_large() -> Response<Body> {
    text(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large.\n")
}

/// Too much is asked for, or the ledger cannot be had just now.
pub fn busy() -> Response<Body> {
    let words = "This cannot be done just now; come again in a moment. Nothing was changed.\n";
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, words);
    let after = HeaderValue::from_static("10");
    response.headers_mut().insert(header::RETRY_AFTER, after);
    response
}

fn failed() -> Response<Body> {
    let words = "This could not be done; nothing was changed. Try again later, please.\n";
    text(StatusCode::INTERNAL_SERVER_ERROR, words)
}
