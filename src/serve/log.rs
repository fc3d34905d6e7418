//! The access log: a line for each request, in the Common Log Format, the combined one or JSON.
//!
//! What could hold secrets is left out: cookies and authorization always are, and so are the values
//! of queries and the referrer's.

use std::io::{self, Write};
use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use chrono::{DateTime, Utc};

use super::lines::Lines;
use crate::config::serve::LogFormat;

/// Parts of a query whose values are no secrets: they say which news are asked for.
const PLAIN_PARAMETERS: [&str; 4] = ["select", "format", "limit", "after"];

/// A request and its answer, as far as the log is concerned.
#[derive(Debug)]
pub struct Line<'a> {
    /// When the answer was ready.
    pub at: DateTime<Utc>,
    /// Who asked.
    pub client: IpAddr,
    /// How.
    pub method: &'a Method,
    /// For what.
    pub uri: &'a Uri,
    /// In which version of HTTP.
    pub version: Version,
    /// With what else.
    pub headers: &'a HeaderMap,
    /// The status of the answer.
    pub status: u16,
    /// The length of its body, where it is known.
    pub bytes: Option<u64>,
    /// How long it took to have the answer ready.
    pub took: Duration,
}

/// Writes lines in a format.
#[derive(Debug, Clone)]
pub struct Log {
    format: LogFormat,
    lines: Lines,
}

impl Log {
    /// A log that is written to `sink`.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn new(format: LogFormat, sink: Box<dyn Write + Send>) -> io::Result<Log> {
        let lines = Lines::new(sink)?;
        Ok(Log { format, lines })
    }

    /// Waits until all that was noted is written, but not for ever.
    pub fn flush(&self) {
        self.lines.flush();
    }

    /// Whether anything is written at all.
    pub fn is_on(&self) -> bool {
        self.format != LogFormat::Off
    }

    /// Writes a line, unless nothing is to be written.
    pub fn note(&self, line: &Line<'_>) {
        let text = match self.format {
            LogFormat::Off => return,
            LogFormat::Common => common(line),
            LogFormat::Combined => format!(
                "{} \"{}\" \"{}\"",
                common(line),
                referrer(line.headers),
                agent(line.headers)
            ),
            LogFormat::Json => json(line),
        };
        self.lines.write(text);
    }
}

/// `127.0.0.1 - - [24/Nov/2024:10:00:00 +0000] "GET /atom.xml HTTP/1.1" 200 1234`
fn common(line: &Line<'_>) -> String {
    let bytes = line
        .bytes
        .map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
    format!(
        "{} - - [{}] \"{} {} {:?}\" {} {bytes}",
        line.client,
        line.at.format("%d/%b/%Y:%H:%M:%S +0000"),
        escaped(line.method.as_str().as_bytes()),
        escaped(target(line.uri).as_bytes()),
        line.version,
        line.status,
    )
}

fn json(line: &Line<'_>) -> String {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    serde_json::json!({
        "time": line.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "client": line.client.to_string(),
        "method": line.method.as_str(),
        "path": target(line.uri),
        "status": line.status,
        "bytes": line.bytes,
        "took_ms": (line.took.as_secs_f64() * 1e6).round() / 1e3,
        "referrer": line.headers.get(header::REFERER).map(|value| text(without_query(value))),
        "agent": line.headers.get(header::USER_AGENT).map(|value| text(value.as_bytes())),
    })
    .to_string()
}

fn referrer(headers: &HeaderMap) -> String {
    headers
        .get(header::REFERER)
        .map_or_else(|| "-".to_owned(), |value| escaped(without_query(value)))
}

fn agent(headers: &HeaderMap) -> String {
    headers
        .get(header::USER_AGENT)
        .map_or_else(|| "-".to_owned(), |value| escaped(value.as_bytes()))
}

fn without_query(value: &HeaderValue) -> &[u8] {
    let bytes = value.as_bytes();
    let end = bytes.iter().position(|byte| matches!(byte, b'?' | b'#'));
    &bytes[..end.unwrap_or(bytes.len())]
}

/// The address as it is written down: without the values of its query that might be secrets.
fn target(uri: &Uri) -> String {
    let Some(query) = uri.query() else {
        return uri.path().to_owned();
    };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, _)) if !PLAIN_PARAMETERS.contains(&name) => format!("{name}=..."),
        _ => part.to_owned(),
    });
    let parts: Vec<String> = parts.collect();
    format!("{}?{}", uri.path(), parts.join("&"))
}

/// Text that cannot end a line, close a quotation or reach a terminal: quotation marks,
/// backslashes, control characters and what is not ASCII stand as `\x22`.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.push_str(&format!("\\x{byte:02x}")),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn line<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Line<'a> {
        Line {
            at: DateTime::from_timestamp(1_732_442_400, 0).unwrap(),
            client: Ipv4Addr::LOCALHOST.into(),
            method: &Method::GET,
            uri,
            version: Version::HTTP_11,
            headers,
            status: 200,
            bytes: Some(1_234),
            took: Duration::from_micros(1_500),
        }
    }

    #[test]
    fn a_line_has_the_common_form() {
        let uri = "/atom.xml".parse().unwrap();
        assert_eq!(
            common(&line(&uri, &HeaderMap::new())),
            "127.0.0.1 - - [24/Nov/2024:10:00:00 +0000] \"GET /atom.xml HTTP/1.1\" 200 1234"
        );
    }

    #[test]
    fn secrets_and_control_characters_stay_out() {
        let uri = "/a?select=all&token=hunter2&plain".parse().unwrap();
        let mut headers = HeaderMap::new();
        let agent = HeaderValue::from_bytes(b"evil\t\"\xff\\").unwrap();
        headers.insert(header::USER_AGENT, agent);
        let referrer = HeaderValue::from_static("https://example.org/?session=hunter2");
        headers.insert(header::REFERER, referrer);
        headers.insert(header::COOKIE, HeaderValue::from_static("hunter2"));
        let line = line(&uri, &headers);
        assert!(common(&line).contains("GET /a?select=all&token=...&plain HTTP"));
        assert_eq!(super::agent(&headers), r"evil\x09\x22\xff\x5c");
        assert_eq!(super::referrer(&headers), "https://example.org/");
        let json = json(&line);
        assert!(!json.contains("hunter2"), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["status"], 200);
        assert_eq!(read["took_ms"], 1.5);
    }
}
