//! What every request goes through first: limits, the path below which the site stands, the
//! router; and on the way out the log and the figures.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::uri::PathAndQuery;
use axum::http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header,
};
use chrono::Utc;
use tower_service::Service;

use super::files::{Answered, text};
use super::log::{Line, Log};
use super::metrics::Metrics;
use super::refusals::{Reason, Refusals};

/// What every request goes through.
#[derive(Debug)]
pub struct Front {
    /// All that is asked for below the mount.
    pub site: Router,
    /// Paths that stand beside the mount: health and figures.
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
enum Mounted {
    /// It is the address within the site already.
    Here,
    /// This is its address within the site.
    Below(Uri),
    /// It lacks the slash at its end.
    Unfinished,
    /// It is no address of the site.
    Outside,
}

impl Front {
    /// The answer to a request that came from `peer`.
    pub async fn answer(&self, request: Request<Body>, peer: SocketAddr) -> Response<Body> {
        let start = Instant::now();
        let (mut parts, body) = request.into_parts();
        let client = self.client(&parts.headers, peer.ip());
        // The log wants them when the router has long consumed the request.
        let asked = (parts.method.clone(), parts.uri.clone(), parts.version);
        let seen = match self.log.is_on() {
            true => logged(&parts.headers),
            false => HeaderMap::new(),
        };
        let mut response = match self.refused(&parts.uri, &parts.headers, parts.version, client) {
            Some(refusal) => refusal,
            None => match self.mounted(&parts.uri) {
                Mounted::Unfinished => self.finished(&parts.uri),
                Mounted::Outside => text(StatusCode::NOT_FOUND, "There is nothing here.\n"),
                mounted => {
                    if let Mounted::Below(uri) = mounted {
                        parts.uri = uri;
                    }
                    parts
                        .extensions
                        .insert(ConnectInfo(SocketAddr::new(client, peer.port())));
                    let request = Request::from_parts(parts, body);
                    let result = self.site.clone().call(request).await;
                    result.unwrap_or_else(|never| match never {})
                }
            },
        };
        let answered = response.extensions_mut().remove::<Answered>();
        let kind = answered.map_or("other", |Answered(kind)| kind);
        let status = response.status().as_u16();
        self.metrics.answered(status, kind);
        let (method, uri, version) = &asked;
        self.log.note(&Line {
            at: Utc::now(),
            client,
            method,
            uri,
            version: *version,
            headers: &seen,
            status,
            bytes: match *method {
                Method::HEAD => Some(0),
                _ => response.body().size_hint().exact(),
            },
            took: start.elapsed(),
        });
        response
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

    fn mounted(&self, uri: &Uri) -> Mounted {
        let path = uri.path();
        if self.mount == "/" || self.beside.iter().any(|beside| beside == path) {
            return Mounted::Here;
        }
        let Some(rest) = path.strip_prefix(&self.mount) else {
            let is_mount = self.mount.strip_suffix('/') == Some(path);
            return if is_mount {
                Mounted::Unfinished
            } else {
                Mounted::Outside
            };
        };
        let below = match uri.query() {
            Some(query) => format!("/{rest}?{query}"),
            None => format!("/{rest}"),
        };
        // A part of an address is one.
        PathAndQuery::try_from(below).map_or(Mounted::Outside, |below| Mounted::Below(below.into()))
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
