//! Answers requests for files of the output: which file is meant, what the client has of it
//! already, and how much of it is to be sent.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use super::body::{Piece, Pieces};
use super::conditional::{self, Validators, Verdict};
use super::encoding::Coding;
use super::forwarding::Forwarding;
use super::headers::{allow_other_sites, insert};
use super::kind::Kind;
use super::range::{self, Wanted};
use super::version::{Content, Found, Representation, Versions};
use super::{delta, path};
use crate::output::addresses::Fate;

/// What a file may be asked for with.
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
/// The headers that scripts of other sites may send for a feed: those that make polling cheap.
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("A-IM, Accept, If-Modified-Since, If-None-Match, If-Range, Range");
/// How long a moved address may be taken as moved without asking again.
const MOVED_CACHE: HeaderValue = HeaderValue::from_static("max-age=3600");
/// The page for addresses that hold nothing.
const NOT_FOUND: &str = "404.html";
/// What separates the parts of an answer with several; no text of ours holds it.
const BOUNDARY: &str = "3d6b6a416f9e4ab5tidings";

/// The files of the output over HTTP.
#[derive(Debug)]
pub struct Files {
    versions: Arc<Versions>,
    forwarding: Forwarding,
    /// The path below which the site stands: `/`, or `/news/`.
    mount: String,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How.
    pub method: &'a Method,
    /// The path within the site, as the client wrote it: with a slash in front.
    pub path: &'a str,
    /// What follows the question mark.
    pub query: Option<&'a str>,
    /// With what else.
    pub headers: &'a HeaderMap,
}

/// An answer, and what the metrics want to know of it.
#[derive(Debug)]
pub struct Answer {
    /// What is sent.
    pub response: Response<Body>,
    /// The name of the kind of file that it is about.
    pub kind: &'static str,
}

/// Tells the metrics of which kind an answer from a router is.
#[derive(Debug, Clone, Copy)]
pub struct Answered(pub &'static str);

impl From<Response<Body>> for Answer {
    fn from(mut response: Response<Body>) -> Answer {
        let answered = response.extensions_mut().remove::<Answered>();
        Answer {
            response,
            kind: answered.map_or("other", |Answered(kind)| kind),
        }
    }
}

impl Files {
    /// Serves these versions below the path `mount`, which begins and ends with a slash.
    pub fn new(versions: Arc<Versions>, forwarding: Forwarding, mount: &str) -> Files {
        Files {
            versions,
            forwarding,
            mount: mount.to_owned(),
        }
    }

    /// The answer to a request.
    pub async fn answer(&self, asked: Asked<'_>) -> Answer {
        match self.try_answer(asked).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!("{}: {error}", asked.path.escape_default());
                let mut response = text(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The disk failed. Try again later.\n",
                );
                let later = HeaderValue::from_static("10");
                response.headers_mut().insert(header::RETRY_AFTER, later);
                response.into()
            }
        }
    }

    async fn try_answer(&self, asked: Asked<'_>) -> io::Result<Answer> {
        let Asked {
            method, headers, ..
        } = asked;
        if method == Method::OPTIONS {
            return Box::pin(self.options(asked)).await;
        }
        if method != Method::GET && method != Method::HEAD {
            let mut response = text(
                StatusCode::METHOD_NOT_ALLOWED,
                "Files can only be read: use GET or HEAD.\n",
            );
            response.headers_mut().insert(header::ALLOW, ALLOWED);
            return Ok(response.into());
        }
        let Some(local) = path::resolve(asked.path) else {
            return Box::pin(self.not_found(method, headers)).await;
        };
        if !local.is_canonical {
            return Ok(self.moved(&local.path, asked.query));
        }
        let coding = Coding::chosen(headers);
        let name = match local.is_folder() {
            true => Cow::Owned(format!("{}index.html", local.path)),
            false => Cow::Borrowed(&*local.path),
        };
        // Only pages have notices; for the others one look less.
        if is_page(&name) {
            match self.forwarding.fate(&local.path) {
                Some(Fate::Gone(notice)) => {
                    return Box::pin(self.gone(method, &notice, coding)).await;
                }
                Some(Fate::Moved(target)) => return Ok(self.moved(&target, asked.query)),
                None => {}
            }
        }
        match self.versions.get(&name, coding).await? {
            Found::File(found) => self.file(method, &name, found, coding, headers).await,
            Found::Folder if !local.is_folder() => {
                Ok(self.moved(&format!("{}/", local.path), asked.query))
            }
            Found::Folder => Box::pin(self.not_found(method, headers)).await,
            Found::Nothing => match self.forwarding.fate(&local.path) {
                Some(Fate::Moved(target)) => Ok(self.moved(&target, asked.query)),
                Some(Fate::Gone(_)) => Ok(text(StatusCode::GONE, "This feed has ended.\n").into()),
                None => Box::pin(self.not_found(method, headers)).await,
            },
        }
    }

    async fn file(
        &self,
        method: &Method,
        name: &str,
        mut found: Arc<Representation>,
        coding: Coding,
        headers: &HeaderMap,
    ) -> io::Result<Answer> {
        let mut status = StatusCode::OK;
        match validators_of(&found).judge(headers) {
            Verdict::NotModified => return Ok(bare(StatusCode::NOT_MODIFIED, &found)),
            Verdict::Failed => return Ok(bare(StatusCode::PRECONDITION_FAILED, &found)),
            Verdict::Send => {}
        }
        if matches!(found.kind, Kind::Feed(_)) && delta::is_wanted(headers) {
            for tag in conditional::tags(headers, &header::IF_NONE_MATCH) {
                let delta = Box::pin(self.versions.delta(name, &found, coding, tag));
                if let Some(delta) = delta.await? {
                    found = delta;
                    status = StatusCode::IM_USED;
                    break;
                }
            }
        }
        let wanted = match headers.get(header::RANGE) {
            Some(value) if method == Method::GET && status == StatusCode::OK => {
                match validators_of(&found).may_send_parts(headers) {
                    true => range::parse(value.to_str().ok(), found.length),
                    false => Wanted::Whole,
                }
            }
            _ => Wanted::Whole,
        };
        match wanted {
            Wanted::Whole => self.whole(method, status, &found),
            Wanted::Parts(parts) => self.parts(&parts, &found),
            Wanted::Unsatisfiable => {
                let mut answer = bare(StatusCode::RANGE_NOT_SATISFIABLE, &found);
                let all = format!("bytes */{}", found.length);
                insert(answer.response.headers_mut(), header::CONTENT_RANGE, &all);
                Ok(answer)
            }
        }
    }

    fn whole(
        &self,
        method: &Method,
        status: StatusCode,
        found: &Representation,
    ) -> io::Result<Answer> {
        let body = if method == Method::HEAD {
            Body::empty()
        } else {
            let whole = Piece::File {
                offset: 0,
                length: found.length,
            };
            match &found.content {
                Content::Memory(bytes) => Body::from(bytes.clone()),
                Content::Disk(path) => Body::new(Pieces::new(found.open(path)?, [whole])),
            }
        };
        Ok(respond(status, body, found.kind, found.headers.clone()))
    }

    /// A 206 with one part, or with several as `multipart/byteranges` (RFC 9110, section 15.3.7).
    fn parts(&self, parts: &[std::ops::Range<u64>], found: &Representation) -> io::Result<Answer> {
        let mut pieces = Vec::new();
        let mut headers = found.headers.clone();
        let range = |part: &std::ops::Range<u64>| {
            format!("bytes {}-{}/{}", part.start, part.end - 1, found.length)
        };
        if let [part] = parts {
            pieces.push(piece(found, part));
            insert(&mut headers, header::CONTENT_RANGE, &range(part));
        } else {
            let media_type = headers.get(header::CONTENT_TYPE).cloned();
            let media_type = media_type.as_ref().and_then(|value| value.to_str().ok());
            for part in parts {
                let head = format!(
                    "\r\n--{BOUNDARY}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n",
                    media_type.unwrap_or("application/octet-stream"),
                    range(part)
                );
                pieces.push(Piece::Memory(head.into()));
                pieces.push(piece(found, part));
            }
            let end = format!("\r\n--{BOUNDARY}--\r\n");
            pieces.push(Piece::Memory(end.into()));
            let several = format!("multipart/byteranges; boundary={BOUNDARY}");
            insert(&mut headers, header::CONTENT_TYPE, &several);
        }
        let length: u64 = pieces.iter().map(Piece::length).sum();
        let body = match &found.content {
            Content::Disk(path) => Body::new(Pieces::new(found.open(path)?, pieces)),
            Content::Memory(_) => Body::from(joined(pieces)),
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        let status = StatusCode::PARTIAL_CONTENT;
        Ok(respond(status, body, found.kind, headers))
    }

    /// What may be done with a file, and for feeds what scripts of other sites may do.
    async fn options(&self, asked: Asked<'_>) -> io::Result<Answer> {
        let mut answer = HeaderMap::new();
        answer.insert(header::ALLOW, ALLOWED);
        // `OPTIONS *` asks about the server.
        let local = path::resolve(asked.path).filter(|local| !local.is_folder());
        let kind = match &local {
            Some(local) => match self.versions.get(&local.path, Coding::Identity).await? {
                Found::File(found) => Some(found.kind),
                Found::Folder | Found::Nothing => None,
            },
            None => None,
        };
        if kind.is_some_and(Kind::is_for_other_sites) {
            allow_other_sites(&mut answer);
            let method = header::ACCESS_CONTROL_REQUEST_METHOD;
            if asked.headers.contains_key(method) {
                answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED);
                answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
                let a_day = HeaderValue::from_static("86400");
                answer.insert(header::ACCESS_CONTROL_MAX_AGE, a_day);
            }
        }
        let status = StatusCode::NO_CONTENT;
        Ok(respond(status, Body::empty(), Kind::Asset, answer))
    }

    fn moved(&self, target: &str, query: Option<&str>) -> Answer {
        let query = query.map(|query| format!("?{query}"));
        let location = format!(
            "{}{}{}",
            self.mount,
            path::encode(target),
            query.unwrap_or_default()
        );
        let mut response = text(StatusCode::MOVED_PERMANENTLY, "It has moved.\n");
        let headers = response.headers_mut();
        insert(headers, header::LOCATION, &location);
        headers.insert(header::CACHE_CONTROL, MOVED_CACHE);
        allow_other_sites(headers);
        response.into()
    }

    async fn gone(&self, method: &Method, notice: &str, coding: Coding) -> io::Result<Answer> {
        // The page of a topic that ended has no notice of its own.
        let name = match self.versions.get(notice, coding).await? {
            Found::File(_) => notice,
            _ => NOT_FOUND,
        };
        let fallback = "It was withdrawn.\n";
        self.page(method, StatusCode::GONE, name, coding, fallback)
            .await
    }

    async fn not_found(&self, method: &Method, headers: &HeaderMap) -> io::Result<Answer> {
        let coding = Coding::chosen(headers);
        let fallback = "There is nothing at this address.\n";
        self.page(method, StatusCode::NOT_FOUND, NOT_FOUND, coding, fallback)
            .await
    }

    /// A page that is sent with another status than its own, without validators: what it says is
    /// about another address.
    async fn page(
        &self,
        method: &Method,
        status: StatusCode,
        name: &str,
        coding: Coding,
        fallback: &'static str,
    ) -> io::Result<Answer> {
        let Found::File(found) = self.versions.get(name, coding).await? else {
            return Ok(text(status, fallback).into());
        };
        let mut answer = self.whole(method, status, &found)?;
        let headers = answer.response.headers_mut();
        for name in [header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES] {
            headers.remove(name);
        }
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=60"),
        );
        Ok(answer)
    }
}

fn validators_of(found: &Representation) -> Validators<'_> {
    Validators {
        etag: &found.etag,
        modified: found.modified,
    }
}

/// Whether the name is that of a page, or of a folder that has one.
fn is_page(name: &str) -> bool {
    name.ends_with(".html") || !name.rsplit('/').next().unwrap_or(name).contains('.')
}

fn piece(found: &Representation, part: &std::ops::Range<u64>) -> Piece {
    match &found.content {
        // A part lies inside the representation, whose length is that of the bytes.
        Content::Memory(bytes) => {
            Piece::Memory(bytes.slice(part.start as usize..part.end as usize))
        }
        Content::Disk(_) => Piece::File {
            offset: part.start,
            length: part.end - part.start,
        },
    }
}

/// Pieces of memory as one; a single one is not copied.
fn joined(mut pieces: Vec<Piece>) -> Bytes {
    if pieces.len() == 1
        && let Some(Piece::Memory(bytes)) = pieces.pop()
    {
        return bytes;
    }
    let mut whole = Vec::new();
    for piece in &pieces {
        if let Piece::Memory(bytes) = piece {
            whole.extend_from_slice(bytes);
        }
    }
    whole.into()
}

fn respond(status: StatusCode, body: Body, kind: Kind, headers: HeaderMap) -> Answer {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Answer {
        response,
        kind: kind.name(),
    }
}

/// An answer without content: the client has it, or cannot have it.
fn bare(status: StatusCode, found: &Representation) -> Answer {
    respond(status, Body::empty(), found.kind, found.brief.clone())
}

/// An answer in a few words.
pub fn text(status: StatusCode, words: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(words.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    let nosniff: HeaderName = header::X_CONTENT_TYPE_OPTIONS;
    headers.insert(nosniff, HeaderValue::from_static("nosniff"));
    response
}
