//! Which address is what: the files of the output, and what is not a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::routing::get;

use super::files::{Files, text};
use super::metrics::{self, Metrics};
use crate::config::serve::{Limits, Metrics as Where};
use crate::output::status::Status;

/// Where load balancers ask whether the server is well.
const HEALTH: &str = "/health";
/// Where the figures are at an address of their own.
const METRICS: &str = "/metrics";

/// The router of a site: `extra` addresses first, then files.
pub fn site(
    files: Files,
    extra: Router,
    place: &Where,
    metrics: &Arc<Metrics>,
    output: &Path,
) -> Router {
    let files = Arc::new(files);
    let answer = move |request: Request| {
        let files = files.clone();
        async move {
            let (method, uri, headers) = (request.method(), request.uri(), request.headers());
            files.answer(method, uri, headers).await
        }
    };
    let path = match place {
        Where::Path(path) => Some(path.as_str()),
        Where::Off | Where::Address(_) => None,
    };
    extra.merge(own(path, metrics, output)).fallback(answer)
}

/// The router of the figures' own address.
pub fn figures(metrics: &Arc<Metrics>, output: &Path) -> Router {
    own(Some(METRICS), metrics, output)
}

/// The paths that stand beside the site, wherever that is.
pub fn beside(place: &Where) -> Vec<String> {
    let path = match place {
        Where::Path(path) => Some(path.clone()),
        Where::Off | Where::Address(_) => None,
    };
    path.into_iter().chain([HEALTH.to_owned()]).collect()
}

#[derive(Debug, Clone)]
struct Own {
    metrics: Arc<Metrics>,
    output: PathBuf,
}

fn own(path: Option<&str>, metrics: &Arc<Metrics>, output: &Path) -> Router {
    let own = Own {
        metrics: metrics.clone(),
        output: output.to_owned(),
    };
    let router = Router::new().route(HEALTH, get(health));
    let router = match path {
        Some(path) => router.route(path, get(all_figures)),
        None => router,
    };
    router.with_state(own)
}

/// Well is a server that has something to serve.
async fn health(State(own): State<Own>) -> Response<Body> {
    let mut response = if own.output.is_dir() {
        text(StatusCode::OK, "ok\n")
    } else {
        text(
            StatusCode::SERVICE_UNAVAILABLE,
            "The output folder is not there.\n",
        )
    };
    never_stored(&mut response);
    response
}

async fn all_figures(State(own): State<Own>) -> Response<Body> {
    let figures = own.metrics.text(&Status::read(&own.output));
    let mut response = Response::new(Body::from(figures));
    let media_type = HeaderValue::from_static(metrics::MEDIA_TYPE);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    never_stored(&mut response);
    response
}

fn never_stored(response: &mut Response<Body>) {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
}

/// A router whose requests have bodies of a bounded size and are given up after a time.
pub fn limited(router: Router, limits: &Limits) -> Router {
    let time = limits.transfer_timeout;
    router
        .layer(middleware::from_fn_with_state(time, in_time))
        .layer(DefaultBodyLimit::max(limits.body_size))
}

async fn in_time(State(time): State<Duration>, request: Request, next: Next) -> Response<Body> {
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => text(
            StatusCode::REQUEST_TIMEOUT,
            "The request did not come in time.\n",
        ),
    }
}
