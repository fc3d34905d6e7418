//! What every request goes through first: limits, the path below which the site stands, and
//! whether a file answers or a route; and on the way out the log and the figures.
//!
//! Nearly all that is asked for are files that are in memory. They are answered without a router,
//! which would cost as much as everything else together.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::uri::PathAndQuery;
use axum::http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header,
};
use chrono::Utc;
use hyper::body::Incoming;

use super::files::{Answer, Asked, Files, text};
use super::log::{Line, Log};
use super::metrics::Metrics;
use super::refusals::{Reason, Refusals};
use super::routes::Routes;

/// What every request goes through.
#[derive(Debug)]
pub struct Front {
    /// What is not a file.
    pub routes: Routes,
    /// Everything else.
    pub files: Files,
    /// The paths of routes that stand beside the mount: health and figures.
    pub beside: Vec<String>,
    /// The path below which the site stands, with a slash at both ends.
    pub mount: String,
    /// The most bytes of an address.
    pub url_length: usize,
    /// Proxies that are believed when they say whom they speak for.
    pub proxies: Vec<IpAddr>,
    /// The access log.
    pub log: Log,
    /// The figures.
    pub metrics: Arc<Metrics>,
    /// What was refused.
    pub refusals: Arc<Refusals>,
}

/// Where an address stands in respect of the mount.
enum Mounted<'a> {
    /// It stands beside the mount.
    Beside,
    /// This is its path within the site.
    Below(&'a str),
    /// It lacks the slash at its end.
    Unfinished,
    /// It is no address of the site.
    Outside,
}

impl Front {
    /// The answer to a request that came from `peer`.
    pub async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let client = self.client(request.headers(), peer.ip());
        let peer = SocketAddr::new(client, peer.port());
        if !self.log.is_on() {
            return self.counted(request, peer).await;
        }
        let start = Instant::now();
        // The log wants them when a route has long consumed the request.
        let method = request.method().clone();
        let uri = request.uri().clone();
        let version = request.version();
        let headers = logged(request.headers());
        let response = self.counted(request, peer).await;
        self.log.note(&Line {
            at: Utc::now(),
            client,
            method: &method,
            uri: &uri,
            version,
            headers: &headers,
            status: response.status().as_u16(),
            bytes: match method {
                Method::HEAD => Some(0),
                _ => response.body().size_hint().exact(),
            },
            took: start.elapsed(),
        });
        response
    }

    async fn counted(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let answer = self.answered(request, peer).await;
        let status = answer.response.status().as_u16();
        self.metrics.answered(status, answer.kind);
        answer.response
    }

    async fn answered(&self, request: Request<Incoming>, peer: SocketAddr) -> Answer {
        let (uri, headers) = (request.uri(), request.headers());
        if let Some(refusal) = self.refused(uri, headers, request.version(), peer.ip()) {
            return refusal.into();
        }
        let path = match self.mounted(uri.path()) {
            Mounted::Unfinished => return self.finished(uri).into(),
            Mounted::Outside => {
                return text(StatusCode::NOT_FOUND, "There is nothing here.\n").into();
            }
            Mounted::Beside => uri.path(),
            Mounted::Below(path) if self.routes.has(path) => path,
            Mounted::Below(path) => {
                let asked = Asked {
                    method: request.method(),
                    path,
                    query: uri.query(),
                    headers,
                };
                return self.files.answer(asked).await;
            }
        };
        let within = match uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        // Apart, so that what waits for requests for files is small.
        Box::pin(self.routed(request, within, peer)).await
    }

    /// The answer of a route, whose address within the site is `within`.
    async fn routed(&self, request: Request<Incoming>, within: String, peer: SocketAddr) -> Answer {
        let mut request = request.map(Body::new);
        // A part of an address is one.
        if let Ok(within) = PathAndQuery::try_from(within) {
            *request.uri_mut() = within.into();
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        self.routes.answer(request).await.into()
    }

    /// What can be refused without looking any further.
    fn refused(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        version: Version,
        client: IpAddr,
    ) -> Option<Response<Body>> {
        if uri.path_and_query().map_or(0, |path| path.as_str().len()) > self.url_length {
            self.refusals.note(client, Reason::LongAddress);
            return Some(text(StatusCode::URI_TOO_LONG, "The address is too long.\n"));
        }
        // RFC 9112, section 3.2.
        let hosts = headers.get_all(header::HOST).iter().count();
        if hosts > 1 || (hosts == 0 && version == Version::HTTP_11) {
            let words = "A request names one host.\n";
            return Some(text(StatusCode::BAD_REQUEST, words));
        }
        None
    }

    /// Who asks: the peer, or the one that a proxy speaks for.
    fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        if !self.proxies.contains(&peer) {
            return peer;
        }
        let values = headers.get_all("x-forwarded-for").iter();
        let mut addresses: Vec<IpAddr> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|address| address.trim().parse().ok())
            .collect();
        // Each proxy adds the address that it saw; what stands before that may be invented.
        while let Some(address) = addresses.pop() {
            if !self.proxies.contains(&address) {
                return address;
            }
        }
        peer
    }

    fn mounted<'a>(&self, path: &'a str) -> Mounted<'a> {
        if self.beside.iter().any(|beside| beside == path) {
            return Mounted::Beside;
        }
        if self.mount == "/" {
            return Mounted::Below(path);
        }
        // Without its last slash, with which the path within the site begins.
        let folder = &self.mount[..self.mount.len() - 1];
        match path.strip_prefix(folder) {
            Some("") => Mounted::Unfinished,
            Some(within) if within.starts_with('/') => Mounted::Below(within),
            _ => Mounted::Outside,
        }
    }

    fn finished(&self, uri: &Uri) -> Response<Body> {
        let mut response = text(StatusCode::MOVED_PERMANENTLY, "It has moved.\n");
        let query = uri.query().map(|query| format!("?{query}"));
        let location = format!("{}{}", self.mount, query.unwrap_or_default());
        if let Ok(location) = HeaderValue::from_str(&location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// The headers that the log may show.
fn logged(headers: &HeaderMap) -> HeaderMap {
    let mut seen = HeaderMap::new();
    for name in [header::USER_AGENT, header::REFERER] {
        if let Some(value) = headers.get(&name) {
            seen.insert(name, value.clone());
        }
    }
    seen
}
