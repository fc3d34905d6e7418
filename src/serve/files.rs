//! Answers requests for files of the output: which file is meant, what the client has of it
//! already, and how much of it is to be sent.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};

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

/// What the log and the metrics want to know of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Answered(pub &'static str);

impl Files {
    /// Serves these versions below the path `mount`, which begins and ends with a slash.
    pub fn new(versions: Arc<Versions>, forwarding: Forwarding, mount: &str) -> Files {
        Files {
            versions,
            forwarding,
            mount: mount.to_owned(),
        }
    }

    /// The answer to a request, whose address is relative to the mount.
    pub async fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
        match self.try_answer(method, uri, headers).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!("{}: {error}", uri.path().escape_default());
                let mut response = text(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The disk failed. Try again later.\n",
                );
                let later = HeaderValue::from_static("10");
                response.headers_mut().insert(header::RETRY_AFTER, later);
                response
            }
        }
    }

    async fn try_answer(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> io::Result<Response<Body>> {
        if method == Method::OPTIONS {
            return self.options(uri, headers).await;
        }
        if method != Method::GET && method != Method::HEAD {
            let mut response = text(
                StatusCode::METHOD_NOT_ALLOWED,
                "Files can only be read: use GET or HEAD.\n",
            );
            response.headers_mut().insert(header::ALLOW, ALLOWED);
            return Ok(response);
        }
        let Some(local) = path::resolve(uri.path()) else {
            return self.not_found(method, headers).await;
        };
        if !local.is_canonical {
            return Ok(self.moved(&local.path, uri));
        }
        let coding = Coding::chosen(headers);
        let name = if local.is_folder() {
            format!("{}index.html", local.path)
        } else {
            local.path.clone()
        };
        // Only pages have notices; for the others one look less.
        if is_page(&name) {
            match self.forwarding.fate(&local.path) {
                Some(Fate::Gone(notice)) => return self.gone(method, &notice, coding).await,
                Some(Fate::Moved(target)) => return Ok(self.moved(&target, uri)),
                None => {}
            }
        }
        match self.versions.get(&name, coding).await? {
            Found::File(found) => self.file(method, &name, found, coding, headers).await,
            Found::Folder if !local.is_folder() => Ok(self.moved(&format!("{}/", local.path), uri)),
            Found::Folder => self.not_found(method, headers).await,
            Found::Nothing => match self.forwarding.fate(&local.path) {
                Some(Fate::Moved(target)) => Ok(self.moved(&target, uri)),
                _ => self.not_found(method, headers).await,
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
    ) -> io::Result<Response<Body>> {
        let mut status = StatusCode::OK;
        match validators_of(&found).judge(headers) {
            Verdict::NotModified => return Ok(bare(StatusCode::NOT_MODIFIED, &found)),
            Verdict::Failed => return Ok(bare(StatusCode::PRECONDITION_FAILED, &found)),
            Verdict::Send => {}
        }
        if matches!(found.kind, Kind::Feed(_)) && delta::is_wanted(headers) {
            for tag in conditional::tags(headers, &header::IF_NONE_MATCH) {
                if let Some(delta) = self.versions.delta(name, &found, coding, tag).await? {
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
                let mut response = bare(StatusCode::RANGE_NOT_SATISFIABLE, &found);
                let all = format!("bytes */{}", found.length);
                insert(response.headers_mut(), header::CONTENT_RANGE, &all);
                Ok(response)
            }
        }
    }

    fn whole(
        &self,
        method: &Method,
        status: StatusCode,
        found: &Representation,
    ) -> io::Result<Response<Body>> {
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
        let mut response = respond(status, body, found.kind);
        *response.headers_mut() = found.headers.clone();
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from(found.length));
        Ok(response)
    }

    /// A 206 with one part, or with several as `multipart/byteranges` (RFC 9110, section 15.3.7).
    fn parts(
        &self,
        parts: &[std::ops::Range<u64>],
        found: &Representation,
    ) -> io::Result<Response<Body>> {
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
        let mut response = respond(StatusCode::PARTIAL_CONTENT, body, found.kind);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// What may be done with a file, and for feeds what scripts of other sites may do.
    async fn options(&self, uri: &Uri, headers: &HeaderMap) -> io::Result<Response<Body>> {
        let mut response = respond(StatusCode::NO_CONTENT, Body::empty(), Kind::Asset);
        response.headers_mut().insert(header::ALLOW, ALLOWED);
        // `OPTIONS *` asks about the server.
        if uri.path() == "*" {
            return Ok(response);
        }
        let local = path::resolve(uri.path()).filter(|local| !local.is_folder());
        let kind = match &local {
            Some(local) => match self.versions.get(&local.path, Coding::Identity).await? {
                Found::File(found) => Some(found.kind),
                Found::Folder | Found::Nothing => None,
            },
            None => None,
        };
        if kind.is_some_and(Kind::is_for_other_sites) {
            let answer = response.headers_mut();
            allow_other_sites(answer);
            if headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
                answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED);
                answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
                let a_day = HeaderValue::from_static("86400");
                answer.insert(header::ACCESS_CONTROL_MAX_AGE, a_day);
            }
        }
        Ok(response)
    }

    fn moved(&self, target: &str, uri: &Uri) -> Response<Body> {
        let query = uri.query().map(|query| format!("?{query}"));
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
        response
    }

    async fn gone(
        &self,
        method: &Method,
        notice: &str,
        coding: Coding,
    ) -> io::Result<Response<Body>> {
        let fallback = "It was withdrawn.\n";
        self.page(method, StatusCode::GONE, notice, coding, fallback)
            .await
    }

    async fn not_found(&self, method: &Method, headers: &HeaderMap) -> io::Result<Response<Body>> {
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
    ) -> io::Result<Response<Body>> {
        let Found::File(found) = self.versions.get(name, coding).await? else {
            return Ok(text(status, fallback));
        };
        let mut response = self.whole(method, status, &found)?;
        let headers = response.headers_mut();
        for name in [header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES] {
            headers.remove(name);
        }
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=60"),
        );
        Ok(response)
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

fn respond(status: StatusCode, body: Body, kind: Kind) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.extensions_mut().insert(Answered(kind.name()));
    response
}

/// An answer without content: the client has it, or cannot have it.
fn bare(status: StatusCode, found: &Representation) -> Response<Body> {
    let mut response = respond(status, Body::empty(), found.kind);
    *response.headers_mut() = found.brief.clone();
    response
}

/// An answer in a few words.
pub fn text(status: StatusCode, words: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(words));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    let nosniff: HeaderName = header::X_CONTENT_TYPE_OPTIONS;
    headers.insert(nosniff, HeaderValue::from_static("nosniff"));
    response
}
