//! Telling hubs elsewhere which feeds changed.
//!
//! The recommendation leaves open how (section 6); all public hubs take a form with
//! `hub.mode=publish` and a `hub.url` for each feed. What is to be told stands in the ledger
//! since before the feeds were written, and leaves it when the hub has heard it: so nothing is
//! forgotten when the process dies or the hub is away. Publishing waits for none of this.

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use axum::body::Bytes;
use chrono::Utc;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use thiserror::Error;
use tokio::task::JoinSet;
use url::Url;

use super::client::{Answer, CallError, Callee, Client};
use super::retry;
use crate::ledger::websub::Notice;
use crate::ledger::{Ledger, LedgerError};
use crate::setup::Setup;

/// The most redirects that a hub's answer may lead through.
const REDIRECTS: usize = 3;

/// The longest sleep between two looks at what is due.
const LONGEST_SLEEP: Duration = Duration::from_secs(3_600);

/// After a failure of the ledger, how long until it is asked again.
const LEDGER_PAUSE: Duration = Duration::from_secs(10);

/// Why hubs cannot be told anything.
#[derive(Debug, Error)]
pub enum PublisherError {
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Requests cannot be made from here.
    #[error("hubs cannot be told: {0}")]
    Network(String),
}

/// What became of telling one hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The hub.
    pub hub: String,
    /// How many feeds it has heard of.
    pub heard: usize,
    /// How many it has not.
    pub missed: usize,
    /// Why not.
    pub problem: Option<String>,
    /// Whether those are tried again, or were tried too often.
    pub again: bool,
}

/// Tells hubs what the ledger says they must be told. Its calls block.
pub struct Publisher {
    ledger: Ledger,
    caller: Caller,
    runtime: tokio::runtime::Runtime,
    /// How many feeds a hub takes at a time, where it was found to take fewer than configured.
    batches: HashMap<String, usize>,
    batch: usize,
}

#[derive(Clone)]
struct Caller {
    base_url: Url,
    configured: Client,
    /// For where hubs send us.
    elsewhere: Client,
}

impl Publisher {
    /// What tells the hubs of a newsroom; `None` where it has none.
    ///
    /// # Errors
    /// When the ledger cannot be opened, or requests cannot be made from here.
    pub fn open(setup: &Setup) -> Result<Option<Publisher>, PublisherError> {
        let websub = &setup.config.websub;
        if websub.hubs.is_empty() {
            return Ok(None);
        }
        let base_url = setup.config.site.base_url.clone();
        let client = |callee| Client::new(callee, &base_url).map_err(PublisherError::Network);
        let elsewhere = if websub.allow_private {
            Callee::Configured
        } else {
            Callee::Stranger
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| PublisherError::Network(error.to_string()))?;
        Ok(Some(Publisher {
            ledger: Ledger::open(&setup.root.join(&setup.config.ledger.file))?,
            caller: Caller {
                configured: client(Callee::Configured)?,
                elsewhere: client(elsewhere)?,
                base_url,
            },
            runtime,
            batches: HashMap::new(),
            batch: websub.batch,
        }))
    }

    /// Tells every hub what is due, all hubs at the same time; what became of it, by hub.
    ///
    /// # Errors
    /// When the ledger cannot be used.
    pub fn tell(&mut self, now: i64) -> Result<Vec<Told>, LedgerError> {
        let notices = self.ledger.due_notices(now)?;
        let mut calls = JoinSet::new();
        for of_hub in notices.chunk_by(|a, b| a.hub == b.hub) {
            let batch = self.batches.get(&of_hub[0].hub);
            let batch = batch.copied().unwrap_or(self.batch);
            let call = tell_hub(self.caller.clone(), of_hub.to_vec(), batch);
            calls.spawn_on(call, self.runtime.handle());
        }
        let outcomes = self.runtime.block_on(calls.join_all());
        let mut told: Vec<Told> = Vec::new();
        for outcome in outcomes {
            self.ledger.settle_notices(&outcome.heard)?;
            let again = self.put_off(&outcome, now)?;
            if outcome.batch < self.batch {
                self.batches.insert(outcome.hub.clone(), outcome.batch);
            }
            told.push(Told {
                hub: outcome.hub,
                heard: outcome.heard.len(),
                missed: outcome.missed.len(),
                problem: outcome.problem,
                again,
            });
        }
        told.sort_by(|a, b| a.hub.cmp(&b.hub));
        Ok(told)
    }

    /// Whether what a hub missed will be tried again; what was tried too often is forgotten.
    fn put_off(&mut self, outcome: &HubOutcome, now: i64) -> Result<bool, LedgerError> {
        let mut again = true;
        for notice in &outcome.missed {
            let notice = std::slice::from_ref(notice);
            match retry::next(notice[0].attempts + 1, now, outcome.retry_after) {
                Some(due) => self.ledger.postpone_notices(notice, due)?,
                None => {
                    self.ledger.settle_notices(notice)?;
                    again = false;
                }
            }
        }
        Ok(again)
    }

    /// How long until something is due; `None`: nothing is.
    fn rest(&mut self, now: i64) -> Result<Option<Duration>, LedgerError> {
        let next = self.ledger.next_notice()?;
        Ok(next.map(|due| Duration::from_millis(u64::try_from(due - now).unwrap_or(0))))
    }
}

struct HubOutcome {
    hub: String,
    heard: Vec<Notice>,
    missed: Vec<Notice>,
    problem: Option<String>,
    retry_after: Option<i64>,
    /// How many feeds the hub takes at a time.
    batch: usize,
}

/// Tells one hub, in as few requests as it takes: one that finds a request too much gets the same
/// in halves.
async fn tell_hub(caller: Caller, mut notices: Vec<Notice>, batch: usize) -> HubOutcome {
    let mut outcome = HubOutcome {
        hub: notices
            .first()
            .map(|first| first.hub.clone())
            .unwrap_or_default(),
        heard: Vec::new(),
        missed: Vec::new(),
        problem: None,
        retry_after: None,
        batch,
    };
    while !notices.is_empty() {
        let some = notices[..notices.len().min(outcome.batch)].to_vec();
        match caller.call(&outcome.hub, &some).await {
            Ok(answer) if answer.is_success() => {
                notices.drain(..some.len());
                outcome.heard.extend(some);
            }
            Ok(answer) if is_too_much(answer.status) && some.len() > 1 => {
                outcome.batch = some.len() / 2;
            }
            Ok(answer) => {
                outcome.problem = Some(format!("it answered with status {}", answer.status));
                outcome.retry_after = answer.retry_after;
                break;
            }
            Err(error) => {
                outcome.problem = Some(error.to_string());
                break;
            }
        }
    }
    outcome.missed = notices;
    outcome
}

/// The answers by which hubs say that a request names too many feeds.
fn is_too_much(status: u16) -> bool {
    matches!(status, 400 | 413 | 414 | 422)
}

impl Caller {
    /// Sends one request, and follows where the hub sends it: 307 and 308 alone keep it whole.
    async fn call(&self, hub: &str, notices: &[Notice]) -> Result<Answer, CallError> {
        let unreachable = |why: &str| CallError::Unreachable(why.to_owned());
        let mut url = Url::parse(hub).map_err(|error| unreachable(&error.to_string()))?;
        let body = Bytes::from(self.form(notices));
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form);
        let mut client = &self.configured;
        for _ in 0..=REDIRECTS {
            let answer = client.post(&url, headers.clone(), body.clone()).await?;
            let target = match (answer.status, &answer.location) {
                (307 | 308, Some(location)) => url.join(location).ok(),
                _ => return Ok(answer),
            };
            url = target
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .ok_or_else(|| unreachable("it sends us to what is no web address"))?;
            client = &self.elsewhere;
        }
        Err(unreachable("it sends us round in circles"))
    }

    fn form(&self, notices: &[Notice]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("hub.mode", "publish");
        for notice in notices {
            form.append_pair("hub.url", &format!("{}{}", self.base_url, notice.topic));
        }
        form.finish()
    }
}

/// A thread that tells hubs whenever something is due, while a newsroom is watched. Ends when it
/// is dropped, or with the process: what is under way then is told again by the next.
pub struct Notifier(Sender<()>);

impl Notifier {
    /// Starts the thread of a newsroom that has hubs. `tell` hears what became of each.
    ///
    /// # Errors
    /// As those of [`Publisher::open`], and when no thread can be started.
    pub fn start(
        setup: &Setup,
        tell: impl Fn(Result<Told, LedgerError>) + Send + 'static,
    ) -> Result<Option<Notifier>, PublisherError> {
        let Some(mut publisher) = Publisher::open(setup)? else {
            return Ok(None);
        };
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new()
            .name("hubs".to_owned())
            .spawn(move || {
                loop {
                    let sleep = round(&mut publisher, &tell);
                    match receiver.recv_timeout(sleep) {
                        Ok(()) => while receiver.try_recv().is_ok() {},
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            })
            .map_err(|error| PublisherError::Network(error.to_string()))?;
        Ok(Some(Notifier(sender)))
    }

    /// Says that something was published.
    pub fn wake(&self) {
        // Fails only when the thread is gone, and with it the process.
        let _ = self.0.send(());
    }
}

/// Tells what is due; how long until something may be due again.
fn round(publisher: &mut Publisher, tell: &impl Fn(Result<Told, LedgerError>)) -> Duration {
    let now = Utc::now().timestamp_millis();
    let result = publisher.tell(now);
    let told = match result {
        Ok(told) => told,
        Err(error) => {
            tell(Err(error));
            return LEDGER_PAUSE;
        }
    };
    for one in told {
        tell(Ok(one));
    }
    match publisher.rest(Utc::now().timestamp_millis()) {
        Ok(rest) => rest.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP),
        Err(error) => {
            tell(Err(error));
            LEDGER_PAUSE
        }
    }
}
