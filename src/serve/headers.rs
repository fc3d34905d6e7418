//! The headers of answers that are files: prepared once for each version.
//!
//! Pure: what is known of a file in, headers out.

use std::time::SystemTime;

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use url::Url;

use super::encoding::Coding;
use super::kind::{self, Kind};
use super::path;
use super::version::tag_value;
use crate::config::serve::Cache;

/// Which headers scripts of other sites may read, beside those that they always may.
const EXPOSED: HeaderValue = HeaderValue::from_static("ETag, IM, Link");
/// How much of an address a page's links tell other sites.
const REFERRER: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
/// A delta is for one client only; the second word lets a cache that knows RFC 3229 keep it.
const DELTA_CACHE: HeaderValue = HeaderValue::from_static("no-store, im");
const DELTA_VARY: HeaderValue = HeaderValue::from_static("accept-encoding, a-im, if-none-match");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");

/// What all headers are made from.
#[derive(Debug, Clone)]
pub struct Headers {
    cache: Cache,
    base_url: Url,
    hubs: Vec<String>,
}

impl Headers {
    /// Headers of a site at `base_url`, whose feeds are pushed by these WebSub hubs.
    pub fn new(cache: Cache, base_url: Url, hubs: Vec<String>) -> Headers {
        Headers {
            cache,
            base_url,
            hubs,
        }
    }

    /// Those of a file as it is.
    pub fn of_file(
        &self,
        path: &str,
        kind: Kind,
        bytes: &[u8],
        etag: &str,
        modified: SystemTime,
    ) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(kind::media_type(path, kind, bytes)),
        );
        headers.insert(header::ETAG, tag_value(etag));
        insert(
            &mut headers,
            header::LAST_MODIFIED,
            &httpdate::fmt_http_date(modified),
        );
        insert(&mut headers, header::CACHE_CONTROL, self.cache_of(kind));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if kind::is_compressible(path) {
            headers.insert(header::VARY, VARY);
        }
        if let Some(policy) = kind::policy(path, kind) {
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(policy),
            );
        }
        if kind == Kind::Page {
            headers.insert(header::REFERRER_POLICY, REFERRER);
        }
        if kind.is_for_other_sites() {
            allow_other_sites(&mut headers);
        }
        if matches!(kind, Kind::Feed(_)) {
            self.link(&mut headers, path);
        }
        headers
    }

    fn cache_of(&self, kind: Kind) -> &str {
        match kind {
            Kind::Feed(_) | Kind::Opml => &self.cache.feeds,
            Kind::Archive(_) => &self.cache.archives,
            Kind::Page => &self.cache.pages,
            Kind::Media => &self.cache.media,
            Kind::Asset => &self.cache.assets,
        }
    }

    /// `Link` headers of a feed (WebSub, section 4): its hubs and its own address.
    fn link(&self, headers: &mut HeaderMap, path: &str) {
        if self.hubs.is_empty() {
            return;
        }
        let own = format!("{}{}", self.base_url, path::encode(path));
        let hubs = self.hubs.iter().map(|hub| format!("<{hub}>; rel=\"hub\""));
        for link in hubs.chain([format!("<{own}>; rel=\"self\"")]) {
            if let Ok(value) = HeaderValue::from_str(&link) {
                headers.append(header::LINK, value);
            }
        }
    }

    /// Those of a file in a coding, made from those of the file as it is.
    pub fn of_coded(&self, plain: &HeaderMap, etag: &str, coding: Coding) -> HeaderMap {
        let mut headers = plain.clone();
        headers.insert(header::ETAG, tag_value(etag));
        if let Some(name) = coding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        headers
    }

    /// Those of a delta. Its entity tag is that of the whole which the client then has
    /// (RFC 3229, section 10.4.1).
    pub fn of_delta(&self, plain: &HeaderMap, etag: &str, coding: Coding) -> HeaderMap {
        let mut headers = self.of_coded(plain, etag, coding);
        headers.insert(
            HeaderName::from_static("im"),
            HeaderValue::from_static("feed"),
        );
        headers.insert(header::CACHE_CONTROL, DELTA_CACHE);
        headers.insert(header::VARY, DELTA_VARY);
        headers.remove(header::ACCEPT_RANGES);
        headers
    }

    /// What of an answer's headers a 304 repeats (RFC 9110, section 15.4.5).
    pub fn brief(&self, headers: &HeaderMap) -> HeaderMap {
        let names = [
            header::ETAG,
            header::CACHE_CONTROL,
            header::VARY,
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
        ];
        let found = names.into_iter().filter_map(|name| {
            let value = headers.get(&name)?.clone();
            Some((name, value))
        });
        found.collect()
    }
}

/// Lets pages of any other site read an answer.
pub fn allow_other_sites(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// Sets a header, unless its value is none.
pub fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
