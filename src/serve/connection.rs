//! Connections: accepted up to a limit, each served until it ends, is cut off or the server stops.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::front::Front;
use super::refusals::Reason;
use super::stream::Timed;
use super::tls::Certificate;
use super::workers::Dealer;
use crate::config::serve::Limits;

/// What one connection too many is told.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n\
Content-Type: text/plain; charset=utf-8\r\nContent-Length: 30\r\nConnection: close\r\n\r\n\
Too many connections at once.\n";
/// The most headers of a request.
const MOST_HEADERS: usize = 100;
/// How long to wait when the system has no more descriptors to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Where requests come in, and what they are measured by.
#[derive(Debug)]
pub struct Door {
    /// Answers requests.
    pub front: Arc<Front>,
    /// What a client may cost.
    pub limits: Limits,
    /// The certificate, where TLS is spoken.
    pub certificate: Option<Arc<Certificate>>,
}

/// Accepts connections until `stop` says true; then waits for what is being sent, but not for
/// ever.
pub async fn accept(
    listener: TcpListener,
    door: Arc<Door>,
    dealer: Dealer,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(door.limits.connections));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = told(&mut stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => match places.clone().try_acquire_owned() {
                Ok(place) => {
                    let (door, stop) = (door.clone(), stop.clone());
                    // It is to be woken by its worker's runtime, and no longer by this one.
                    let stream = stream.into_std();
                    dealer.deal(async move {
                        door.front.metrics.connection(1);
                        match stream.and_then(TcpStream::from_std) {
                            Ok(stream) => door.serve(stream, peer, stop).await,
                            Err(error) => {
                                tracing::warn!("a connection cannot be served: {error}");
                            }
                        }
                        door.front.metrics.connection(-1);
                        drop(place);
                    });
                }
                Err(_) => door.turn_away(&stream, peer),
            },
            Err(error) => {
                tracing::warn!("a connection cannot be accepted: {error}");
                sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let all = u32::try_from(door.limits.connections).unwrap_or(u32::MAX);
    if timeout(door.limits.shutdown_timeout, places.acquire_many(all))
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time and were cut off");
    }
}

/// Waits until the server is told to stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    // Fails only when the server is gone, which is an end as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

impl Door {
    fn turn_away(&self, stream: &TcpStream, peer: SocketAddr) {
        self.front.refusals.note(peer.ip(), Reason::Connections);
        if self.certificate.is_none() {
            // Nobody waits for a client that cannot even take this.
            let _ = stream.try_write(TOO_MANY);
        }
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr, stop: watch::Receiver<bool>) {
        // Answers are written whole; there is nothing to wait for.
        let _ = stream.set_nodelay(true);
        let sent = self.front.metrics.sent.clone();
        let stream = Timed::new(stream, self.limits.transfer_timeout, sent);
        let Some(certificate) = &self.certificate else {
            return self.talk(stream, peer, stop).await;
        };
        let handshake = certificate.acceptor().accept(stream);
        match timeout(self.limits.header_timeout, handshake).await {
            Ok(Ok(stream)) => self.talk(stream, peer, stop).await,
            Ok(Err(_)) => self.front.refusals.note(peer.ip(), Reason::Handshake),
            Err(_) => self.front.refusals.note(peer.ip(), Reason::SlowHead),
        }
    }

    async fn talk<S>(&self, stream: S, peer: SocketAddr, mut stop: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let was_asked = Arc::new(AtomicBool::new(false));
        let asked = was_asked.clone();
        let front = self.front.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let front = front.clone();
            async move {
                let response = front.answer(request, peer).await;
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_header_size(self.limits.header_size)
            .max_headers(MOST_HEADERS)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = told(&mut stop) => {
                if !was_asked.load(Ordering::Relaxed) {
                    // It has asked for nothing yet: nothing is lost.
                    return;
                }
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result
            && let Some(reason) = reason(&error, was_asked.load(Ordering::Relaxed))
        {
            self.front.refusals.note(peer.ip(), reason);
        }
    }
}

/// Why a connection was ended by us; `None` where the client ended it, or had every right to.
fn reason(error: &hyper::Error, was_asked: bool) -> Option<Reason> {
    if error.is_parse_too_large() {
        Some(Reason::LargeHead)
    } else if error.is_parse() {
        Some(Reason::Malformed)
    } else if error.is_timeout() {
        // One that was served and then fell silent is merely idle.
        (!was_asked).then_some(Reason::SlowHead)
    } else {
        let source = error.source()?.downcast_ref::<io::Error>()?;
        (source.kind() == io::ErrorKind::TimedOut).then_some(Reason::SlowReader)
    }
}
