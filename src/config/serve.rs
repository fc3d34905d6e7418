//! `[serve]`: how the output is handed out over HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::decode::Section;
use super::notes::Wrong;
use super::read::count;
use super::values;

/// How the output is handed out over HTTP.
#[derive(Debug, Clone)]
pub struct Serve {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Certificate and key, where it speaks TLS.
    pub tls: Option<Tls>,
    /// What is written about each request.
    pub log: LogFormat,
    /// Where the figures for Prometheus are to be had.
    pub metrics: Metrics,
    /// Proxies that are believed when they say in `X-Forwarded-For` whom they speak for.
    pub proxies: Vec<IpAddr>,
    /// The most memory that versions of files may take, in bytes.
    pub memory: u64,
    /// Whether feeds are made on demand, of any selection.
    pub on_demand: bool,
    /// `[serve.cache]`
    pub cache: Cache,
    /// `[serve.limits]`
    pub limits: Limits,
}

/// Files in PEM, relative to `feeds.toml`, read again when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and those of its issuers, in this order.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What is written about each request, one line each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// The Common Log Format.
    Common,
    /// The same with referrer and user agent.
    Combined,
    /// A JSON object.
    Json,
    /// Nothing.
    Off,
}

/// Where the figures for Prometheus are to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metrics {
    /// Nowhere.
    Off,
    /// At `/metrics` of an address of their own, which need not be public.
    Address(SocketAddr),
    /// At this path of the server.
    Path(String),
}

/// The `Cache-Control` of each kind of file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Feeds, and the list of them.
    pub feeds: String,
    /// Sealed archive documents of feeds.
    pub archives: String,
    /// HTML pages.
    pub pages: String,
    /// Files that items point at.
    pub media: String,
    /// The style sheet, the icon and everything else.
    pub assets: String,
}

impl Cache {
    /// The same for all kinds.
    pub fn same(value: &str) -> Cache {
        Cache {
            feeds: value.to_owned(),
            archives: value.to_owned(),
            pages: value.to_owned(),
            media: value.to_owned(),
            assets: value.to_owned(),
        }
    }
}

impl Default for Cache {
    fn default() -> Cache {
        Cache {
            feeds: "public, max-age=60, stale-while-revalidate=600".to_owned(),
            archives: "public, max-age=3600, stale-while-revalidate=86400".to_owned(),
            pages: "public, max-age=60, stale-while-revalidate=600".to_owned(),
            media: "public, max-age=86400, stale-while-revalidate=604800".to_owned(),
            assets: "public, max-age=3600, stale-while-revalidate=86400".to_owned(),
        }
    }
}

/// What a client may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most connections at once; more are turned away with 503.
    pub connections: usize,
    /// The most bytes of a request's line and headers.
    pub header_size: usize,
    /// The most bytes of a request's address.
    pub url_length: usize,
    /// The most bytes of a request's body.
    pub body_size: usize,
    /// How long a request's head may take, and an idle connection may wait for one.
    pub header_timeout: Duration,
    /// How long a client may take for a request's body, and for each part of an answer.
    pub transfer_timeout: Duration,
    /// How long what is being sent may go on when the server is told to stop.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            // Leaves room in the 1,024 descriptors that systems give by default.
            connections: 900,
            header_size: 16 << 10,
            url_length: 4_096,
            body_size: 64 << 10,
            header_timeout: Duration::from_secs(15),
            transfer_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

impl Default for Serve {
    fn default() -> Serve {
        Serve {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            log: LogFormat::Combined,
            metrics: Metrics::Off,
            proxies: Vec::new(),
            on_demand: false,
            memory: 128 << 20,
            cache: Cache::default(),
            limits: Limits::default(),
        }
    }
}

/// Reads `[serve]`.
pub(super) fn read(document: &Section<'_, '_>) -> Serve {
    let mut serve = Serve::default();
    let Some(section) = document.section("serve", "serve") else {
        return serve;
    };
    set(&mut serve.address, section.parsed("address", address));
    set(&mut serve.log, section.choice("log", &LOG_FORMATS));
    set(&mut serve.metrics, section.parsed("metrics", metrics));
    if let Some(lines) = section.lines("proxies") {
        let parsed = lines.value.into_iter();
        let parsed = parsed.filter_map(|line| section.parse_line(line, ip_address));
        serve.proxies = parsed.map(|found| found.value).collect();
    }
    let memory = section.size("memory", 1_000_000..=1 << 40);
    set(&mut serve.memory, memory);
    set(&mut serve.on_demand, section.boolean("on_demand"));
    let certificate = section.parsed("certificate", values::relative_path);
    let key = section.parsed("key", values::relative_path);
    serve.tls = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        _ => None,
    };
    for (one, other, example) in [
        ("certificate", "key", "\"tls/key.pem\""),
        ("key", "certificate", "\"tls/certificate.pem\""),
    ] {
        if section.has(one) {
            section.require(other, example);
        }
    }
    if let Some(below) = section.section("cache", "serve.cache") {
        cache(&mut serve.cache, below);
    }
    if let Some(below) = section.section("limits", "serve.limits") {
        limits(&mut serve.limits, below);
    }
    section.finish();
    serve
}

const LOG_FORMATS: [(&str, LogFormat); 4] = [
    ("common", LogFormat::Common),
    ("combined", LogFormat::Combined),
    ("json", LogFormat::Json),
    ("off", LogFormat::Off),
];

fn cache(cache: &mut Cache, section: Section<'_, '_>) {
    set(&mut cache.feeds, section.parsed("feeds", cache_control));
    set(
        &mut cache.archives,
        section.parsed("archives", cache_control),
    );
    set(&mut cache.pages, section.parsed("pages", cache_control));
    set(&mut cache.media, section.parsed("media", cache_control));
    set(&mut cache.assets, section.parsed("assets", cache_control));
    section.finish();
}

fn limits(limits: &mut Limits, section: Section<'_, '_>) {
    let connections = section.number("connections", 1..=1_000_000);
    set(&mut limits.connections, connections.map(count));
    // Less than this no browser's request fits into.
    let header_size = section.size("header_size", 4_096..=1 << 20);
    let body_size = section.size("body_size", 1_024..=100 << 20);
    set(&mut limits.header_size, header_size.map(count));
    set(&mut limits.body_size, body_size.map(count));
    let url_length = section.number("url_length", 256..=65_000);
    set(&mut limits.url_length, url_length.map(count));
    let time = |key| section.time(key, 100..=3_600_000);
    set(&mut limits.header_timeout, time("header_timeout"));
    set(&mut limits.transfer_timeout, time("transfer_timeout"));
    set(&mut limits.shutdown_timeout, time("shutdown_timeout"));
    section.finish();
}

fn set<T>(value: &mut T, found: Option<T>) {
    if let Some(found) = found {
        *value = found;
    }
}

/// Where to listen: `127.0.0.1:8080`, `[::]:443`.
fn address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| {
        Wrong::new(
            format!("'{text}' is not an address to listen at"),
            "write an IP address and a port: '127.0.0.1:8080', or '[::]:443' for all interfaces",
        )
    })
}

fn ip_address(text: &str) -> Result<IpAddr, Wrong> {
    text.parse().map_err(|_| {
        Wrong::new(
            format!("'{text}' is not an IP address"),
            "write one such as '127.0.0.1' or '::1'",
        )
    })
}

fn metrics(text: &str) -> Result<Metrics, Wrong> {
    let is_path = |text: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        text.len() > 1 && text.starts_with('/') && text.bytes().all(is_plain)
    };
    if text == "off" {
        Ok(Metrics::Off)
    } else if is_path(text) {
        Ok(Metrics::Path(text.to_owned()))
    } else if let Ok(address) = text.parse() {
        Ok(Metrics::Address(address))
    } else {
        Err(Wrong::new(
            format!("'{text}' is neither an address nor a path"),
            "write an address of their own ('127.0.0.1:9187'), a path ('/metrics') or 'off'",
        ))
    }
}

/// A header's value: nothing in it may end the header.
fn cache_control(text: &str) -> Result<String, Wrong> {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if text.bytes().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("'{text}' cannot stand in a header"),
        "write directives of Cache-Control: 'public, max-age=60'",
    ))
}
