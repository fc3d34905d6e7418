//! The preview of issues: how each looks at a desk and on a phone, by day and by night, without
//! pictures and as text, what it weighs and which headers it has.
//!
//! On this machine only. Issues are looked at and never changed. What is shown is shown in frames
//! that run nothing and fetch nothing from elsewhere.

mod frame;
mod page;

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use chrono::Utc;

use super::routes::Routes;
use crate::config::{Digest, MailImages};
use crate::diagnostic::{Problem, Style, render};
use crate::digest::message::Bodies;
use crate::ledger::LedgerError;
use crate::mail::edition::{self, Making};
use crate::mail::message::{Recipient, Seal};
use crate::mail::seal;
use crate::pipeline::issues::reader::{IssueReader, Read};

/// Where an issue is shown.
pub const ISSUE: &str = "/_tidings/issue";
/// The frames in which it is.
const FRAME: &str = "/_tidings/issue/frame";
/// All issues.
const ISSUES: &str = "/_tidings/issues";

/// Whom the message of a preview is addressed to; nobody has this number.
const NOBODY: i64 = 0;

/// Shows issues.
#[derive(Clone)]
pub struct DigestPreview(Arc<Mutex<IssueReader>>);

/// What is asked for, from the address's query.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    digest: Option<String>,
    period: Option<String>,
    /// How a frame looks.
    look: frame::Look,
}

impl DigestPreview {
    /// Shows the issues that `reader` reads.
    pub fn new(reader: IssueReader) -> DigestPreview {
        DigestPreview(Arc::new(Mutex::new(reader)))
    }

    /// A number that changes when what is shown does.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn version(&self) -> Result<u64, LedgerError> {
        self.reader(IssueReader::version)
    }

    /// The query of the page of an issue: that of the last one where none is named.
    ///
    /// # Errors
    /// There is no such issue, or it cannot be rendered.
    pub fn query(&self, digest: Option<&str>, period: Option<&str>) -> Result<String, Problem> {
        self.reader(|reader| {
            reader.read(digest, period, |read| {
                edition::render(read.setup, read.digest, read.edition)?;
                Ok(query(&read.record.digest, &read.record.period))
            })
        })
    }

    /// What answers.
    pub fn routes(&self) -> Routes {
        let issue = get(issue).with_state(self.clone());
        Routes::new()
            .route(ISSUE, issue)
            .route(FRAME, get(framed).with_state(self.clone()))
            .route(ISSUES, get(issues).with_state(self.clone()))
    }

    fn reader<T>(&self, work: impl FnOnce(&mut IssueReader) -> T) -> T {
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut reader)
    }

    fn issue(&self, asked: &Asked) -> Result<String, Problem> {
        self.reader(|reader| {
            let key = reader.ledger().signing_key();
            let key = key.map_err(|error| Problem::error(error.to_string()))?;
            let (digest, period) = (asked.digest.as_deref(), asked.period.as_deref());
            reader.read(digest, period, |read| {
                let bodies = edition::render(read.setup, read.digest, read.edition)?;
                // Without the keys of signatures there are headers all the same.
                let seal = seal::load(read.setup, key);
                let (message, problems) = match seal {
                    Ok(seal) => match message(&read, bodies.clone(), &seal) {
                        Ok(message) => (message, Vec::new()),
                        Err(problem) => (Vec::new(), vec![problem]),
                    },
                    Err(problems) => (Vec::new(), problems),
                };
                Ok(page::issue(&read, &bodies, &message, &problems))
            })
        })
    }

    fn frame(&self, asked: &Asked) -> Result<String, Problem> {
        let (digest, period) = (asked.digest.as_deref(), asked.period.as_deref());
        self.reader(|reader| {
            reader.read(digest, period, |read| {
                // A frame has no message to look for pictures in.
                let digest = Digest {
                    images: MailImages::Link,
                    ..read.digest.clone()
                };
                let bodies = edition::render(read.setup, &digest, read.edition)?;
                let base_url = read.setup.config.site.base_url.as_str();
                Ok(asked.look.apply(&bodies.html, base_url))
            })
        })
    }
}

/// The message that a subscriber would get.
fn message(read: &Read<'_>, bodies: Bodies, seal: &Seal) -> Result<Vec<u8>, Problem> {
    let making = Making {
        mark: "",
        sent_as: &read.digest.slug,
        date: read.edition.due,
    };
    let prepared = edition::prepare(read.setup, read.digest, read.edition, bodies, &making)?;
    let recipient = Recipient {
        subscriber: NOBODY,
        generation: 0,
        address: "reader@example.org".parse().map_err(|error| {
            Problem::error(format!("the reader of a preview has no address: {error}"))
        })?,
        name: None,
    };
    prepared
        .message(&recipient, seal, Utc::now())
        .map(|(_, message)| message)
        .map_err(|error| Problem::error(format!("the message cannot be signed: {error}")))
}

/// The query that names an issue.
fn query(digest: &str, period: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("digest", digest)
        .append_pair("period", period)
        .finish()
}

impl Asked {
    fn read(query: &str) -> Asked {
        let mut asked = Asked::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "digest" => asked.digest = Some(value.into_owned()),
                "period" => asked.period = Some(value.into_owned()),
                "dark" => asked.look.dark = value == "yes",
                "pictures" => asked.look.pictures = value != "no",
                _ => {}
            }
        }
        asked
    }
}

async fn issue(state: State<DigestPreview>, request: Request) -> Response<Body> {
    answer(state, request, page::POLICY, DigestPreview::issue).await
}

async fn framed(state: State<DigestPreview>, request: Request) -> Response<Body> {
    let asked = Asked::read(request.uri().query().unwrap_or_default());
    let policy = asked.look.policy();
    answer(state, request, policy, DigestPreview::frame).await
}

async fn issues(state: State<DigestPreview>, request: Request) -> Response<Body> {
    let list = |preview: &DigestPreview, _: &Asked| {
        let records = preview.reader(IssueReader::records);
        let records = records.map_err(|error| Problem::error(error.to_string()))?;
        Ok(page::issues(&records))
    };
    answer(state, request, page::POLICY, list).await
}

/// Has a page made on a thread where blocking is allowed.
async fn answer(
    State(preview): State<DigestPreview>,
    request: Request,
    policy: &'static str,
    make: impl FnOnce(&DigestPreview, &Asked) -> Result<String, Problem> + Send + 'static,
) -> Response<Body> {
    let asked = Asked::read(request.uri().query().unwrap_or_default());
    let made = tokio::task::spawn_blocking(move || make(&preview, &asked)).await;
    let (status, html) = match made {
        Ok(Ok(html)) => (StatusCode::OK, html),
        Ok(Err(problem)) => {
            let words = render(&[problem], Style::Plain);
            (StatusCode::UNPROCESSABLE_ENTITY, page::failed(&words))
        }
        Err(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            page::failed("The preview failed; see the terminal.\n"),
        ),
    };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let values = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in values {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
