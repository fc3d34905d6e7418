//! The desk over HTTP, on this machine alone.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use rand::distr::{Alphanumeric, SampleString};
use serde::Deserialize;
use thiserror::Error;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::page::STYLE;
use super::{Desk, Verdict};

/// 43 letters and digits of 62: 256 bits that nobody guesses.
const TOKEN_LENGTH: usize = 43;

/// No verdict is longer, in bytes.
const LONGEST_FORM: usize = 16 * 1024;

/// How long requests may go on after the desk was asked to stop.
const GRACE: Duration = Duration::from_secs(2);

/// What pages may do: nothing but show themselves and send their own forms.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Why there is no desk.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The address is one that others can reach.
    #[error("{0} can be reached from elsewhere: the review page is for this machine alone")]
    NotLoopback(SocketAddr),
    /// The address is in use, or not one of this machine.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gave no threads.
    #[error("cannot serve: {0}")]
    Start(#[from] std::io::Error),
}

/// A desk that is being served, until it is dropped.
pub struct Running {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
}

impl Running {
    /// Where the list is, token and all. Whoever knows it can decide.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only when the server has ended already.
            let _ = stop.send(());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(GRACE);
        }
    }
}

/// Serves a desk at `address`, which is one of this machine; port 0 takes any that is free.
///
/// # Errors
/// When others could reach the address, or it cannot be listened at.
pub fn start(desk: Desk, address: SocketAddr) -> Result<Running, DeskError> {
    if !address.ip().is_loopback() {
        return Err(DeskError::NotLoopback(address));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let listening = runtime.block_on(tokio::net::TcpListener::bind(address));
    let listener = listening.map_err(|source| DeskError::Listen { address, source })?;
    let here = listener.local_addr()?;
    let token = Alphanumeric.sample_string(&mut rand::rng(), TOKEN_LENGTH);
    let app = router(desk, &token, here);
    let (stop, stopped) = oneshot::channel::<()>();
    runtime.spawn(async move {
        let serving = axum::serve(listener, app).with_graceful_shutdown(async {
            // An error means that the sender is gone, which ends the desk as well.
            let _ = stopped.await;
        });
        // It ends only when it is asked to.
        let _ = serving.await;
    });
    Ok(Running {
        url: format!("http://{here}/{token}/"),
        stop: Some(stop),
        runtime: Some(runtime),
    })
}

type Shared = Arc<Mutex<Desk>>;

fn router(desk: Desk, token: &str, here: SocketAddr) -> Router {
    Router::new()
        .route(&format!("/{token}/"), get(list))
        .route(&format!("/{token}/style.css"), get(style))
        .route(&format!("/{token}/decide"), post(verdict))
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(Arc::new(Mutex::new(desk)))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            guard(here, request, next)
        }))
}

/// Answers only to the address that it was started at: a name that somebody made point here
/// (DNS rebinding) is refused. What is answered stays in no cache and tells no other site.
async fn guard(here: SocketAddr, request: Request, next: Next) -> Response {
    let host = text(request.headers(), &header::HOST);
    let names = [here.to_string(), format!("localhost:{}", here.port())];
    let is_own = |name: &str| names.iter().any(|own| own == name);
    let origin = text(request.headers(), &header::ORIGIN);
    // `null` is what browsers say where the referrer policy hides the address.
    let is_of_others = origin.is_some_and(|origin| {
        origin != "null" && !origin.strip_prefix("http://").is_some_and(is_own)
    });
    let mut response = match host.is_some_and(is_own) && !is_of_others {
        true => next.run(request).await,
        false => (
            StatusCode::FORBIDDEN,
            "this page is for this machine alone\n",
        )
            .into_response(),
    };
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    page: usize,
}

async fn list(State(desk): State<Shared>, Query(Page { page }): Query<Page>) -> Response {
    let desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    html(StatusCode::OK, desk.page(page, None))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

#[derive(Deserialize)]
struct Sent {
    path: String,
    facet: String,
    #[serde(default)]
    page: usize,
    accept: Option<String>,
    reject: Option<String>,
    add: Option<String>,
    skip: Option<String>,
}

async fn verdict(State(desk): State<Shared>, Form(sent): Form<Sent>) -> Response {
    let verdict = match sent {
        Sent {
            accept: Some(term), ..
        } => Verdict::Accept(term),
        Sent {
            reject: Some(term), ..
        } => Verdict::Reject(term),
        Sent {
            add: Some(term), ..
        } => Verdict::Add(term),
        Sent { skip: Some(_), .. } => Verdict::Skip,
        _ => return (StatusCode::BAD_REQUEST, "no verdict\n").into_response(),
    };
    let decided = {
        let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
        let decided = desk.decide(&sent.path, &sent.facet, &verdict);
        decided.map_err(|error| desk.page(sent.page, Some(&error.to_string())))
    };
    match decided {
        Ok(()) => Redirect::to(&format!("./?page={}", sent.page)).into_response(),
        Err(page) => html(StatusCode::UNPROCESSABLE_ENTITY, page),
    }
}

fn html(status: StatusCode, page: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, kind, page).into_response()
}
