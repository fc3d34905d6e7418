//! The hub over HTTP: where subscribers send their requests.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::routing::any;

use super::request::{self, Refusal, Request, host_of};
use super::{HUB_PATH, Inner};
use crate::serve::routes::Routes;

/// The most bytes of a request: an address of each sort, a secret, and room.
const REQUEST_LIMIT: usize = 16 * 1024;

/// How long the log says no more of refused requests than that there were some.
const QUIET: Duration = Duration::from_secs(10);

pub(super) fn routes(hub: Arc<Inner>) -> Routes {
    Routes::new().route(&format!("/{HUB_PATH}"), any(answer).with_state(hub))
}

async fn answer(State(hub): State<Arc<Inner>>, request: HttpRequest) -> Response<Body> {
    if request.method() != Method::POST {
        let mut response = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "This is a WebSub hub. Feed readers subscribe here with a POST request.",
        );
        let headers = response.headers_mut();
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    match take(&hub, request).await {
        Ok(()) => text(
            StatusCode::ACCEPTED,
            "Accepted: your callback will be asked to confirm it.",
        ),
        Err(refusal) => {
            hub.note_refusal(&refusal);
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
            let mut response = text(status, &refusal.message);
            if let Some(seconds) = refusal.retry_after {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    }
}

impl Inner {
    /// Logs that a request was refused: the first of a sort at once, those of a flood summed up.
    fn note_refusal(&self, refusal: &Refusal) {
        let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        let Refusal {
            status, message, ..
        } = refusal;
        if let Some((since, count)) = quiet.get_mut(status)
            && since.elapsed() < QUIET
        {
            *count += 1;
            return;
        }
        let before = quiet.insert(*status, (Instant::now(), 0));
        match before.map_or(0, |(_, count)| count) {
            0 => tracing::warn!(status, "a hub request was refused: {message}"),
            more => tracing::warn!(status, more, "hub requests were refused: {message}"),
        }
    }
}

async fn take(hub: &Arc<Inner>, request: HttpRequest) -> Result<(), Refusal> {
    let refusal = |status: StatusCode, message: &str| Refusal {
        status: status.as_u16(),
        message: message.to_owned(),
        retry_after: None,
    };
    if !is_form(request.headers()) {
        let message = "send a form: application/x-www-form-urlencoded";
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let body = to_bytes(request.into_body(), REQUEST_LIMIT).await;
    let body = body.map_err(|_| {
        let message = format!("a request has at most {REQUEST_LIMIT} bytes");
        refusal(StatusCode::PAYLOAD_TOO_LARGE, &message)
    })?;
    let request = match request::read(&body, &hub.settings)? {
        Request::Publish => return Ok(()),
        Request::Subscription(request) => request,
    };
    let file = hub.file(&request.key.topic);
    let is_there = match &file {
        Some(file) => tokio::fs::metadata(file)
            .await
            .is_ok_and(|found| found.is_file()),
        None => false,
    };
    // Whoever leaves need not know that the feed is gone.
    if request.subscribes && !is_there {
        let message = "there is no feed at hub.topic";
        return Err(refusal(StatusCode::NOT_FOUND, message));
    }
    let busy = |message: &str| Refusal {
        retry_after: Some(5),
        ..refusal(StatusCode::SERVICE_UNAVAILABLE, message)
    };
    let open = hub
        .open
        .get()
        .ok_or_else(|| busy("the hub is starting; come again in some seconds"))?;
    let changes = open.state().ask(request.clone())?;
    if open.desk.keep(changes).await.is_err() {
        open.state().forget(&request);
        return Err(busy(
            "the request cannot be kept; come again in some seconds",
        ));
    }
    tracing::debug!(
        host = host_of(&request.key.callback),
        topic = request.key.topic,
        "asked"
    );
    hub.wake.notify_one();
    Ok(())
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE);
    value
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

fn text(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{message}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    response
}
