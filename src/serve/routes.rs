//! What is not a file: which address is answered by what.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::routing::{MethodRouter, get};
use tower_service::Service;

use super::files::text;
use super::metrics::{self, Metrics};
use crate::config::serve::{Limits, Metrics as Where};
use crate::output::status::Status;

/// Where load balancers ask whether the server is well.
const HEALTH: &str = "/health";
/// Where the figures are at an address of their own.
const METRICS: &str = "/metrics";

/// What answers at addresses that are no files: each is one path, within the site.
#[derive(Debug, Clone, Default)]
pub struct Routes(Vec<(String, MethodRouter)>);

impl Routes {
    /// None.
    pub fn new() -> Routes {
        Routes::default()
    }

    /// These, and one more.
    pub fn route(mut self, path: &str, answer: MethodRouter) -> Routes {
        self.0.push((path.to_owned(), answer));
        self
    }

    /// These, and others.
    pub fn merge(mut self, others: Routes) -> Routes {
        self.0.extend(others.0);
        self
    }

    /// These, with bodies of requests of a bounded size, and given up after a time.
    pub fn limited(self, limits: &Limits) -> Routes {
        let time = limits.transfer_timeout;
        let limited = self.0.into_iter().map(|(path, answer)| {
            let answer = answer
                .layer::<_, Infallible>(middleware::from_fn_with_state(time, in_time))
                .layer(DefaultBodyLimit::max(limits.body_size));
            (path, answer)
        });
        Routes(limited.collect())
    }

    /// Whether one of them answers at a path.
    pub fn has(&self, path: &str) -> bool {
        self.0.iter().any(|(routed, _)| routed == path)
    }

    /// The answer to a request, whose address is within the site.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        let path = request.uri().path();
        let Some((_, answer)) = self.0.iter().find(|(routed, _)| routed == path) else {
            return text(StatusCode::NOT_FOUND, "There is nothing here.\n");
        };
        let result = answer.clone().call(request).await;
        result.unwrap_or_else(|never| match never {})
    }
}

/// The routes of a site: `extra` ones, and its own.
pub fn site(extra: Routes, place: &Where, metrics: &Arc<Metrics>, output: &Path) -> Routes {
    let path = match place {
        Where::Path(path) => Some(path.as_str()),
        Where::Off | Where::Address(_) => None,
    };
    extra.merge(own(path, metrics, output))
}

/// The router of the figures' own address.
pub fn figures(metrics: &Arc<Metrics>, output: &Path) -> Router {
    let routes = own(Some(METRICS), metrics, output).0;
    let routed = routes.into_iter();
    routed.fold(Router::new(), |router, (path, answer)| {
        router.route(&path, answer)
    })
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

fn own(path: Option<&str>, metrics: &Arc<Metrics>, output: &Path) -> Routes {
    let own = Own {
        metrics: metrics.clone(),
        output: output.to_owned(),
    };
    let routes = Routes::new().route(HEALTH, get(health).with_state(own.clone()));
    match path {
        Some(path) => routes.route(path, get(all_figures).with_state(own)),
        None => routes,
    }
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

async fn in_time(State(time): State<Duration>, request: Request, next: Next) -> Response<Body> {
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => text(
            StatusCode::REQUEST_TIMEOUT,
            "The request did not come in time.\n",
        ),
    }
}
