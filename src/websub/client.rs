//! HTTP requests to hubs and subscribers.
//!
//! Every request ends within its time and reads a bounded answer. Redirects are never followed
//! here: who may follow one says so and asks anew. Strangers are called at public addresses only:
//! the name is resolved here, every address of it is looked at, and the connection goes to what
//! was looked at, so that a name cannot mean something else a moment later.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use thiserror::Error;
use url::{Host, Url};

use super::address::is_public;

/// How long a connection may take to be made.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// How long a whole request may take.
const WHOLE_TIME: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are looked at.
const ANSWER_LIMIT: usize = 4_096;

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callee {
    /// A server that the operator named: wherever it is.
    Configured,
    /// A server that somebody else named: at a public address.
    Stranger,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Where it sends us instead.
    pub location: Option<String>,
    /// How many seconds it asks us to wait.
    pub retry_after: Option<i64>,
    /// The beginning of the body; empty unless it was asked for.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer. Names no address: callbacks are secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallError {
    /// The address is one that strangers may not have us call.
    #[error("its address is not public")]
    Forbidden,
    /// The answer did not come in time.
    #[error("no answer in time")]
    TimedOut,
    /// There is no connection, or it broke.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
}

/// Makes requests.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    callee: Callee,
}

impl Client {
    /// A client that names itself as that of the site at `base_url`.
    ///
    /// # Errors
    /// When the TLS library cannot be set up.
    pub fn new(callee: Callee, base_url: &Url) -> Result<Client, String> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIME)
            .timeout(WHOLE_TIME)
            .pool_max_idle_per_host(2)
            .user_agent(format!("Tidings (WebSub; +{base_url})"));
        let builder = match callee {
            Callee::Configured => builder,
            // A proxy would resolve the names itself.
            Callee::Stranger => builder.no_proxy().dns_resolver(Arc::new(PublicOnly)),
        };
        let http = builder.build().map_err(|error| error.to_string())?;
        Ok(Client { http, callee })
    }

    /// Asks for a document; the answer has the beginning of the body.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, url: &Url) -> Result<Answer, CallError> {
        self.check(url)?;
        self.send(self.http.get(url.clone()), true).await
    }

    /// Sends a body; that of the answer is not looked at.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, CallError> {
        self.check(url)?;
        let request = self.http.post(url.clone()).headers(headers).body(body);
        self.send(request, false).await
    }

    /// An address in the place of a name is never resolved, so it is looked at here.
    fn check(&self, url: &Url) -> Result<(), CallError> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(CallError::Forbidden),
        };
        if self.callee == Callee::Configured || is_public(address) {
            Ok(())
        } else {
            Err(CallError::Forbidden)
        }
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        wants_body: bool,
    ) -> Result<Answer, CallError> {
        let mut response = request.send().await.map_err(call_error)?;
        let text = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let mut answer = Answer {
            status: response.status().as_u16(),
            location: text(LOCATION),
            retry_after: text(RETRY_AFTER).and_then(|text| seconds(&text, SystemTime::now())),
            body: Vec::new(),
        };
        while wants_body && answer.body.len() < ANSWER_LIMIT {
            let Some(chunk) = response.chunk().await.map_err(call_error)? else {
                break;
            };
            let room = ANSWER_LIMIT - answer.body.len();
            answer
                .body
                .extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Ok(answer)
    }
}

/// How many seconds `Retry-After` asks to wait: a number of them, or a date (RFC 9110, section
/// 10.2.3).
fn seconds(text: &str, now: SystemTime) -> Option<i64> {
    if let Ok(seconds) = text.trim().parse::<u64>() {
        return Some(i64::try_from(seconds).unwrap_or(i64::MAX));
    }
    let until = httpdate::parse_http_date(text.trim()).ok()?;
    let wait = until.duration_since(now).unwrap_or_default();
    i64::try_from(wait.as_secs()).ok()
}

/// The operating system's certificates, checked by ring. Set for this client alone: a process
/// may have others.
pub(crate) fn tls() -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| error.to_string())?
        .with_no_client_auth();
    Ok(config)
}

/// Resolves names to public addresses; a name that has any other is refused whole.
struct PublicOnly;

#[derive(Debug, Error)]
#[error("not a public address")]
struct NotPublic;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            if addresses.iter().all(|address| is_public(address.ip())) {
                Ok(Box::new(addresses.into_iter()) as Addrs)
            } else {
                Err(NotPublic.into())
            }
        })
    }
}

fn call_error(error: reqwest::Error) -> CallError {
    if error.is_timeout() {
        return CallError::TimedOut;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut innermost = None;
    while let Some(current) = cause {
        if current.is::<NotPublic>() {
            return CallError::Forbidden;
        }
        innermost = Some(current.to_string());
        cause = current.source();
    }
    // The innermost cause names no address; the outer ones do.
    CallError::Unreachable(
        match error.is_connect() || error.is_request() || error.is_body() {
            true => innermost.unwrap_or_default(),
            false => "the answer is no HTTP".to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn client(callee: Callee) -> Client {
        Client::new(callee, &Url::parse("https://news.example.org/").unwrap()).unwrap()
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    }

    #[test]
    fn a_stranger_at_this_machine_is_not_called_by_whatever_name() {
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let client = client(Callee::Stranger);
            for host in [
                "127.0.0.1",
                "localhost",
                "2130706433",
                "0x7f.1",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "169.254.169.254",
            ] {
                let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
                assert_eq!(client.get(&url).await, Err(CallError::Forbidden), "{host}");
            }
            let accepted = tokio::time::timeout(Duration::from_millis(50), listener.accept());
            assert!(accepted.await.is_err());
        });
    }

    #[test]
    fn redirects_are_told_and_not_followed_and_long_answers_are_cut() {
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/", listener.local_addr().unwrap());
            tokio::spawn(async move {
                for answer in [
                    "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(100_000)),
                ] {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let mut request = [0; 1_000];
                    let _ = stream.read(&mut request).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
            let client = client(Callee::Configured);
            let url = Url::parse(&url).unwrap();
            let answer = client.get(&url).await.unwrap();
            assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/elsewhere")));
            let answer = client.get(&url).await.unwrap();
            assert_eq!((answer.status, answer.body.len()), (200, ANSWER_LIMIT));
        });
    }

    #[test]
    fn the_time_that_a_server_asks_for_is_a_number_of_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_717);
        assert_eq!(seconds("120", now), Some(120));
        assert_eq!(seconds(" 0 ", now), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(60));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(0));
        for nonsense in ["", "-1", "soon", "1.5"] {
            assert_eq!(seconds(nonsense, now), None, "{nonsense}");
        }
        assert_eq!(seconds("18446744073709551615", now), Some(i64::MAX));
    }

    #[test]
    fn an_error_does_not_name_the_callback() {
        runtime().block_on(async {
            let url = Url::parse("http://127.0.0.1:1/capability").unwrap();
            let error = client(Callee::Configured).get(&url).await.unwrap_err();
            assert!(!error.to_string().contains("capability"), "{error}");
        });
    }
}
