//! Feeds on demand: `/feed?select=…&format=…` for any selection, and `/build/`, where people put
//! one together.
//!
//! A selection has one address: whatever else means the same is redirected to it, so that caches
//! here and on the way know one feed once. What a request may cost is bounded: its length, the
//! conditions of its selection, and how many are worked on at a time.

mod build;
mod query;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::routing::any;
use tokio::sync::Semaphore;
use xxhash_rust::xxh3::xxh3_64;

use super::conditional::{Validators, Verdict};
use super::encoding::Coding;
use super::files::Answered;
use super::headers::{allow_other_sites, insert};
use super::items::{Current, Items};
use super::kind::{self, Kind};
use super::routes::Routes;
use super::version::tag_value;
use crate::diagnostic::{Problem, Style, render};
use crate::feed::{self, Format};
use crate::language::LanguageId;
use crate::publish::on_demand::{BUILD_PATH, FEED_PATH, encode, feed_url};
use crate::publish::topic::below;
use crate::selection::Selection;
use crate::setup::Setup;

use query::asked;

/// The most requests that are worked on at a time, and that wait for it.
const AT_WORK: usize = 2;
const WAITING: usize = 64;

/// The most bytes of feeds that are kept.
const CACHE_BYTES: u64 = 32 << 20;

/// How long a redirect to a feed's own address holds.
const REDIRECT_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=86400");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");

/// What answers for feeds that no file holds.
pub struct OnDemand {
    items: Items,
    /// `Cache-Control` of feeds and of pages.
    cache_control: [String; 2],
    /// The folders of the site's languages, the main one first.
    folders: Vec<String>,
    feeds: quick_cache::sync::Cache<(String, Format, Coding), Arc<Made>, Weight>,
    work: Semaphore,
    waiting: AtomicUsize,
}

/// A feed as it was made.
struct Made {
    /// The newsroom's version then.
    version: u64,
    etag: String,
    modified: SystemTime,
    bytes: Bytes,
}

#[derive(Clone)]
struct Weight;

impl quick_cache::Weighter<(String, Format, Coding), Arc<Made>> for Weight {
    fn weight(&self, key: &(String, Format, Coding), made: &Arc<Made>) -> u64 {
        (key.0.len() + made.bytes.len() + 256) as u64
    }
}

impl OnDemand {
    /// Feeds on demand of a newsroom.
    pub fn new(setup: &Setup) -> OnDemand {
        let cache = &setup.config.serve.cache;
        let languages = setup.config.site.languages();
        OnDemand {
            items: Items::new(&setup.root),
            cache_control: [cache.feeds.clone(), cache.pages.clone()],
            folders: languages
                .map(|(_, language)| language.folder.clone())
                .collect(),
            feeds: quick_cache::sync::Cache::with_weighter(1_024, CACHE_BYTES, Weight),
            work: Semaphore::new(AT_WORK),
            waiting: AtomicUsize::new(0),
        }
    }

    /// What answers at [`FEED_PATH`], and at [`BUILD_PATH`] in every language.
    pub fn routes(self) -> Routes {
        let state = Arc::new(self);
        let feed = any(feed).with_state(state.clone());
        let mut routes = Routes::new().route(&format!("/{FEED_PATH}"), feed);
        for (language, folder) in (0u8..).map(LanguageId).zip(&state.folders) {
            let path = format!("/{}", below(folder, BUILD_PATH));
            let page = any(move |state: State<Arc<OnDemand>>, request: Request| {
                answer(state, request, move |on_demand, query, _| {
                    on_demand.page(language, query)
                })
            });
            let page = page.with_state(state.clone());
            routes = routes
                .route(path.trim_end_matches('/'), any(to_page))
                .route(&path, page);
        }
        routes
    }
}

async fn feed(state: State<Arc<OnDemand>>, request: Request) -> Response<Body> {
    answer(state, request, OnDemand::feed).await
}

async fn to_page(request: Request) -> Response<Body> {
    let query = request.uri().query().map(|query| format!("?{query}"));
    redirect(&format!("{BUILD_PATH}{}", query.unwrap_or_default()))
}

/// Has a request answered on a thread of its own, when its turn comes.
async fn answer(
    State(on_demand): State<Arc<OnDemand>>,
    request: Request,
    work: impl FnOnce(&OnDemand, &str, &HeaderMap) -> Response<Body> + Send + 'static,
) -> Response<Body> {
    match *request.method() {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => {
            let mut response = respond(StatusCode::NO_CONTENT, Body::empty());
            let headers = response.headers_mut();
            headers.insert(
                header::ALLOW,
                HeaderValue::from_static("GET, HEAD, OPTIONS"),
            );
            allow_other_sites(headers);
            return response;
        }
        _ => {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
            let allow = HeaderValue::from_static("GET, HEAD, OPTIONS");
            response.headers_mut().insert(header::ALLOW, allow);
            return response;
        }
    }
    let busy = || {
        let mut response = text(
            StatusCode::SERVICE_UNAVAILABLE,
            "Busy; come again in a moment.\n",
        );
        let after = HeaderValue::from_static("5");
        response.headers_mut().insert(header::RETRY_AFTER, after);
        response
    };
    let Some(_place) = Place::take(&on_demand.waiting) else {
        tracing::warn!("a request for a feed on demand was refused: too many wait");
        return busy();
    };
    // Fails only when it is closed, which nobody does.
    let Ok(_turn) = on_demand.work.acquire().await else {
        return busy();
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let headers = request.headers().clone();
    let state = on_demand.clone();
    let made = tokio::task::spawn_blocking(move || work(&state, &query, &headers));
    made.await.unwrap_or_else(|_| busy())
}

/// A place among those that wait or are worked on.
struct Place<'a>(&'a AtomicUsize);

impl Place<'_> {
    fn take(waiting: &AtomicUsize) -> Option<Place<'_>> {
        let taken = waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < AT_WORK + WAITING).then_some(count + 1)
        });
        taken.is_ok().then_some(Place(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl OnDemand {
    fn feed(&self, query: &str, headers: &HeaderMap) -> Response<Body> {
        let current = match self.items.current() {
            Ok(current) => current,
            Err(why) => return unready(&why),
        };
        let Some(current) = &*current else {
            return unready("nothing has been published yet");
        };
        let setup = current.setup();
        let base_url = &setup.config.site.base_url;
        let (selection, format) = match asked(query, &setup.config.taxonomy) {
            Ok(asked) => asked,
            Err(problem) => return refused(&problem),
        };
        let own = format!(
            "select={}&format={}",
            encode(&selection.text),
            format.word()
        );
        if query != own {
            return redirect(&format!("{FEED_PATH}?{own}"));
        }
        let coding = Coding::chosen(headers);
        match self.made(current, &selection, format, coding) {
            Ok(made) => {
                let url = feed_url(base_url, &selection.text, format);
                self.send(&made, format, coding, &url, headers)
            }
            Err(problem) => {
                tracing::error!("a feed on demand cannot be made: {}", problem.message);
                text(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The feed cannot be made.\n",
                )
            }
        }
    }

    /// The feed in a coding, made anew only when something was published since.
    fn made(
        &self,
        current: &Current,
        selection: &Selection,
        format: Format,
        coding: Coding,
    ) -> Result<Arc<Made>, Problem> {
        let key = (selection.text.clone(), format, coding);
        if let Some(known) = self.feeds.get(&key)
            && known.version == current.version()
        {
            return Ok(known);
        }
        let feed = current.publisher().feed_on_demand(selection)?;
        let bytes = feed::render(&feed, format);
        let fingerprint = xxh3_64(&bytes);
        let coded = coding.apply(&bytes);
        let coded = coded.map_err(|error| Problem::error(error.to_string()))?;
        let seconds = u64::try_from(feed.updated.timestamp()).unwrap_or(0);
        let made = Arc::new(Made {
            version: current.version(),
            etag: format!("\"{fingerprint:016x}{}\"", coding.suffix()),
            modified: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
            bytes: coded.into(),
        });
        self.feeds.insert(key, made.clone());
        Ok(made)
    }

    fn send(
        &self,
        made: &Made,
        format: Format,
        coding: Coding,
        url: &str,
        asked: &HeaderMap,
    ) -> Response<Body> {
        let validators = Validators {
            etag: &made.etag,
            modified: made.modified,
        };
        let (status, body) = match validators.judge(asked) {
            Verdict::Send => (StatusCode::OK, Body::from(made.bytes.clone())),
            Verdict::NotModified => (StatusCode::NOT_MODIFIED, Body::empty()),
            Verdict::Failed => (StatusCode::PRECONDITION_FAILED, Body::empty()),
        };
        let mut response = respond(status, body);
        response.extensions_mut().insert(Answered("on demand"));
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag_value(&made.etag));
        let modified = httpdate::fmt_http_date(made.modified);
        insert(headers, header::LAST_MODIFIED, &modified);
        insert(headers, header::CACHE_CONTROL, &self.cache_control[0]);
        headers.insert(header::VARY, VARY);
        allow_other_sites(headers);
        if status == StatusCode::OK {
            let media_type = kind::media_type("", Kind::Feed(format), &[]);
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            insert(headers, header::LINK, &format!("<{url}>; rel=\"self\""));
            if let Some(name) = coding.name() {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
            }
        }
        response
    }
}

/// What is wrong with a request, drawn with its place.
fn refused(problem: &Problem) -> Response<Body> {
    let drawn = render(std::slice::from_ref(problem), Style::Plain);
    text(StatusCode::BAD_REQUEST, drawn)
}

fn unready(why: &str) -> Response<Body> {
    tracing::warn!("feeds on demand cannot be made: {why}");
    let mut response = text(
        StatusCode::SERVICE_UNAVAILABLE,
        "There is nothing to make feeds of yet.\n",
    );
    let after = HeaderValue::from_static("10");
    response.headers_mut().insert(header::RETRY_AFTER, after);
    response
}

/// A redirect to an address beside this one.
fn redirect(location: &str) -> Response<Body> {
    let mut response = respond(StatusCode::MOVED_PERMANENTLY, Body::empty());
    let headers = response.headers_mut();
    insert(headers, header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, REDIRECT_CACHE);
    allow_other_sites(headers);
    response
}

fn text(status: StatusCode, words: impl Into<String>) -> Response<Body> {
    let mut response = respond(status, Body::from(words.into()));
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    allow_other_sites(headers);
    response
}

fn respond(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let nosniff = HeaderValue::from_static("nosniff");
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_wait_and_places_are_given_back() {
        let waiting = AtomicUsize::new(0);
        let mut places: Vec<_> = std::iter::from_fn(|| Place::take(&waiting)).collect();
        assert_eq!(places.len(), AT_WORK + WAITING);
        places.pop();
        assert!(Place::take(&waiting).is_some());
    }
}
