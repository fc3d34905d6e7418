//! The pages of subscribers: the public form, and what the links in letters and issues lead to.
//!
//! No page needs a password, a cookie or a script: a link carries a token that is signed for one
//! purpose. GET shows and never changes, since programs that look into links follow them; a
//! button's POST acts. What somebody may know of a subscriber is only said to who holds a link.

mod confirm;
mod desk;
mod form;
mod limits;
mod offers;
mod preferences;
mod response;
mod sign_up;
mod unsubscribe;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, Response};
use axum::routing::any;
use chrono::Utc;

use super::Task;
use super::routes::Routes;
use crate::language::LanguageId;
use crate::setup::Setup;
use crate::subscribers::links::{
    CONFIRM_PATH, NEW_ADDRESS_PATH, PREFERENCES_PATH, SIGN_UP_PATH, UNSUBSCRIBE_PATH,
};
use desk::{Desk, Office};
use form::Form;
use limits::Limits;

/// The most bytes of a form: every term of a large taxonomy ticked.
const FORM_LIMIT: usize = 64 << 10;
/// When the answer to the public form leaves, counted from when it came: whether an address is
/// known must not be told from how long it took.
const ANSWER_AFTER: Duration = Duration::from_millis(250);
/// How often what nobody confirmed is looked for.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
/// How long after its link has expired a request is kept, in milliseconds: a day.
const GRACE: i64 = 86_400_000;
/// How long letters are kept that were sent, in milliseconds: thirty days.
const LETTERS_KEPT: i64 = 30 * 86_400_000;

/// Answers for subscribers.
#[derive(Clone)]
pub struct Subscriptions(Arc<Inner>);

struct Inner {
    desk: Desk,
    limits: Limits,
    /// The path of the form in each language, without a slash at its beginning.
    forms: Vec<(String, LanguageId)>,
}

/// What was asked.
struct Asked {
    /// Whether something is to be done, and not only shown.
    acts: bool,
    query: Form,
    body: Form,
    /// Of the public form: the language of its address.
    language: LanguageId,
    /// Milliseconds since 1970 UTC.
    now: i64,
}

impl Asked {
    /// The token of a link: in its query, or in the form that came of it.
    fn token(&self) -> &str {
        match self.query.value("token") {
            "" => self.body.value("token"),
            token => token,
        }
    }
}

/// What answers a request, on the desk's thread.
type Work = fn(&mut Office, &Asked) -> Response<Body>;

/// Who is held to a number of requests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limited {
    /// Whoever causes a letter.
    Yes,
    /// A link's holder: mail programs of very many people ask from few addresses.
    No,
}

impl Subscriptions {
    /// Those of a newsroom.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn new(setup: &Setup) -> std::io::Result<Subscriptions> {
        let config = &setup.config;
        let forms = config.site.languages().map(|(id, language)| {
            let path = match language.folder.as_str() {
                "" => SIGN_UP_PATH.to_owned(),
                folder => format!("{folder}/{SIGN_UP_PATH}"),
            };
            (path, id)
        });
        Ok(Subscriptions(Arc::new(Inner {
            desk: Desk::start(&setup.root)?,
            limits: Limits::new(config.subscriptions.requests_per_hour),
            forms: forms.collect(),
        })))
    }

    /// What answers at the paths of subscribers.
    pub fn routes(&self) -> Routes {
        let mut routes = Routes::new();
        for (path, language) in &self.0.forms {
            let handler = any(form).with_state((self.clone(), *language));
            routes = routes.route(&format!("/{path}"), handler);
        }
        let links: [(&str, Work, Limited); 4] = [
            (CONFIRM_PATH, confirm::confirm, Limited::No),
            (NEW_ADDRESS_PATH, confirm::new_address, Limited::No),
            (PREFERENCES_PATH, preferences::preferences, Limited::No),
            (UNSUBSCRIBE_PATH, unsubscribe::unsubscribe, Limited::No),
        ];
        for (path, work, limited) in links {
            let handler = any(link).with_state((self.clone(), work, limited));
            routes = routes.route(&format!("/{path}"), handler);
        }
        routes
    }

    /// What is done beside answering, for as long as the server runs.
    pub fn tasks(&self) -> Vec<Task> {
        let inner = self.0.clone();
        vec![Box::pin(async move {
            loop {
                // Busy now, it is done an hour later.
                let _ = inner.desk.ask(tidy).await;
                tokio::time::sleep(TIDY_EVERY).await;
            }
        })]
    }
}

/// Forgets what nobody confirmed, and letters that were sent long ago.
fn tidy(office: &mut Office) {
    let now = Utc::now().timestamp_millis();
    let within = office.setup.config.subscriptions.confirm_within.as_millis();
    let within = i64::try_from(within).unwrap_or(i64::MAX);
    let asked_before = now.saturating_sub(within).saturating_sub(GRACE);
    let done = office
        .ledger
        .forget_unconfirmed(asked_before, now - LETTERS_KEPT);
    match done {
        Ok(0) => {}
        Ok(gone) => tracing::info!("{gone} subscriptions that nobody confirmed were forgotten"),
        Err(error) => tracing::error!("{error}"),
    }
}

async fn form(
    State((subscriptions, language)): State<(Subscriptions, LanguageId)>,
    request: Request,
) -> Response<Body> {
    let start = tokio::time::Instant::now();
    let acts = request.method() == Method::POST;
    let answer = answer(
        &subscriptions.0,
        request,
        language,
        sign_up::sign_up,
        Limited::Yes,
    )
    .await;
    if acts {
        tokio::time::sleep_until(start + ANSWER_AFTER).await;
    }
    answer
}

async fn link(
    State((subscriptions, work, limited)): State<(Subscriptions, Work, Limited)>,
    request: Request,
) -> Response<Body> {
    answer(&subscriptions.0, request, LanguageId::MAIN, work, limited).await
}

async fn answer(
    inner: &Inner,
    request: Request,
    language: LanguageId,
    work: Work,
    limited: Limited,
) -> Response<Body> {
    let acts = match *request.method() {
        Method::GET | Method::HEAD => false,
        Method::POST => true,
        _ => return response::not_allowed(),
    };
    let client = client(&request);
    let query = Form::read(request.uri().query().unwrap_or_default().as_bytes());
    let body = match to_bytes(request.into_body(), FORM_LIMIT).await {
        Ok(body) => Form::read(&body),
        Err(_) => return response::too_large(),
    };
    if acts && limited == Limited::Yes && !inner.limits.allows(client, Instant::now()) {
        tracing::warn!("refused {client}: it sent as many forms as may be in an hour");
        let asked = inner
            .desk
            .ask(move |office| response::too_many(office, language));
        return asked.await.unwrap_or_else(|_| response::busy());
    }
    let asked = Asked {
        acts,
        query,
        body,
        language,
        now: Utc::now().timestamp_millis(),
    };
    let done = inner.desk.ask(move |office| work(office, &asked));
    done.await.unwrap_or_else(|_| response::busy())
}

/// Who asks, as far as the front could tell.
fn client(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(peer)| peer.ip())
}
