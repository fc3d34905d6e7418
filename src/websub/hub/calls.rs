//! What the hub does: looks at feeds, and calls subscribers.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use rand::distr::{Alphanumeric, SampleString};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LINK};
use xxhash_rust::xxh3::xxh3_64;

use super::request::{host_of, with_parameters};
use super::state::{Job, Outcome};
use super::{Inner, Open, now};
use crate::ledger::websub::{Secret, SubscriptionKey, SubscriptionRequest};
use crate::serve::kind::{self, Kind};
use crate::websub::client::CallError;
use crate::websub::{signature, topic};

/// The most feeds whose bytes are kept while they are delivered.
const KEPT: usize = 16;

/// The length of a challenge: more than can be guessed.
const CHALLENGE_LENGTH: usize = 40;

/// What tells that a file is another one, without reading it.
type Stamp = (u64, i64, i64, u64);

/// The feeds as they were last seen on the disk.
#[derive(Default)]
pub(super) struct Feeds {
    stamps: Mutex<HashMap<String, Option<Stamp>>>,
    bytes: Mutex<HashMap<String, (Stamp, Feed)>>,
}

#[derive(Clone)]
struct Feed {
    version: u64,
    bytes: Bytes,
}

/// Looks whether the feeds that somebody subscribed to have changed, and tells the state.
pub(super) async fn look_at_feeds(hub: &Arc<Inner>, open: &Open) {
    let topics = open.state().topics();
    let known = lock(&open.feeds.stamps).clone();
    let inner = hub.clone();
    // Reading a file may take long where the disk does; the runtime has others to serve.
    let looked = tokio::task::spawn_blocking(move || {
        let looks = topics.into_iter().filter_map(|topic| {
            let file = inner.file(&topic)?;
            let stamp = stamp(&file).ok();
            (known.get(&topic) != Some(&stamp)).then(|| {
                let version = stamp.and_then(|_| fs::read(&file).ok());
                (topic, stamp, version.map(|bytes| xxh3_64(&bytes)))
            })
        });
        looks.collect::<Vec<_>>()
    });
    // Fails only when the runtime ends.
    let Ok(looked) = looked.await else { return };
    let mut state = open.state();
    let mut stamps = lock(&open.feeds.stamps);
    for (topic, stamp, version) in looked {
        state.saw(&topic, version, now());
        // One that could be seen and not read is looked at again.
        if stamp.is_some() == version.is_some() {
            stamps.insert(topic, stamp);
        }
    }
    if stamps.len() > 2 * known_topics(&state) + KEPT {
        stamps.clear();
    }
}

fn known_topics(state: &super::State) -> usize {
    state.topics().len()
}

/// Makes a call and tells the state how it ended.
pub(super) async fn carry_out(hub: Arc<Inner>, job: Job) {
    let Some(open) = hub.open.get() else { return };
    let is_wanted = open.state().is_wanted(&job);
    let outcome = match &job {
        _ if !is_wanted => Outcome::Gone,
        Job::Verify(request) => verify(&hub, open, request).await,
        Job::Deny(key, reason) => deny(&hub, key, reason).await,
        Job::Deliver(key, secret) => deliver(&hub, open, key, secret.as_ref()).await,
    };
    let (changes, gave_up) = {
        let mut state = open.state();
        let changes = state.finished(&job, outcome, now());
        (changes, state.gave_up(job.key()))
    };
    if is_wanted {
        log(&job, outcome, gave_up);
    }
    open.desk.record(changes);
    hub.wake.notify_one();
}

/// Asks whether the subscriber made the request (WebSub, section 5.3).
async fn verify(hub: &Arc<Inner>, open: &Open, request: &SubscriptionRequest) -> Outcome {
    const FAILED: Outcome = Outcome::Failed { retry_after: None };
    let key = &request.key;
    // What changes from now on is delivered.
    let version = match hub.feed(open, &key.topic).await {
        Ok(feed) => feed.version,
        Err(_) => 0,
    };
    let challenge = Alphanumeric.sample_string(&mut rand::rng(), CHALLENGE_LENGTH);
    let lease = request.lease.to_string();
    let mode = if request.subscribes {
        "subscribe"
    } else {
        "unsubscribe"
    };
    let mut parameters = vec![
        ("hub.mode", mode),
        ("hub.topic", &*key.topic),
        ("hub.challenge", &*challenge),
    ];
    if request.subscribes {
        parameters.push(("hub.lease_seconds", &*lease));
    }
    let Some(url) = with_parameters(&key.callback, &parameters) else {
        return FAILED;
    };
    let sent = now();
    match hub.client.get(&url).await {
        Ok(answer) if answer.is_success() && answer.body == challenge.as_bytes() => {
            Outcome::Confirmed { sent, version }
        }
        Ok(_) => FAILED,
        Err(error) => {
            tracing::debug!(host = host_of(&key.callback), "verification: {error}");
            FAILED
        }
    }
}

/// Tells a subscriber that there is no subscription (WebSub, section 5.2).
async fn deny(hub: &Arc<Inner>, key: &SubscriptionKey, reason: &str) -> Outcome {
    let parameters = [
        ("hub.mode", "denied"),
        ("hub.topic", &*key.topic),
        ("hub.reason", reason),
    ];
    if let Some(url) = with_parameters(&key.callback, &parameters) {
        // Whatever the answer, there is nothing more to say.
        let _ = hub.client.get(&url).await;
    }
    Outcome::Failed { retry_after: None }
}

/// Hands the whole feed over, signed where the subscriber gave a secret (WebSub, section 7).
async fn deliver(
    hub: &Arc<Inner>,
    open: &Open,
    key: &SubscriptionKey,
    secret: Option<&Secret>,
) -> Outcome {
    const FAILED: Outcome = Outcome::Failed { retry_after: None };
    let feed = match hub.feed(open, &key.topic).await {
        Ok(feed) => feed,
        Err(error) => {
            tracing::error!(topic = key.topic, "a feed cannot be read: {error}");
            return FAILED;
        }
    };
    let Some((headers, url)) = headers(hub, key, secret, &feed).zip(key.callback.parse().ok())
    else {
        return FAILED;
    };
    match hub.client.post(&url, headers, feed.bytes).await {
        Ok(answer) if answer.is_success() => Outcome::Delivered {
            version: feed.version,
        },
        Ok(answer) if answer.status == 410 => Outcome::Gone,
        Ok(answer) => Outcome::Failed {
            retry_after: answer.retry_after,
        },
        Err(error) => {
            if error == CallError::Forbidden {
                tracing::warn!(
                    host = host_of(&key.callback),
                    "a callback now leads to an address that is not public"
                );
            }
            FAILED
        }
    }
}

fn headers(
    hub: &Inner,
    key: &SubscriptionKey,
    secret: Option<&Secret>,
    feed: &Feed,
) -> Option<HeaderMap> {
    let format = topic::format(&key.topic)?;
    let mut headers = HeaderMap::new();
    // The very type that the server gives it.
    let media_type = kind::media_type("", Kind::Feed(format), &[]);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let link = topic::link_header(&key.topic, &hub.settings.hubs);
    headers.insert(LINK, HeaderValue::from_str(&link).ok()?);
    if let Some(Secret(secret)) = secret {
        let signature = signature::sign(secret, &feed.bytes);
        let value = HeaderValue::from_str(&signature).ok()?;
        headers.insert("x-hub-signature", value);
    }
    Some(headers)
}

impl Inner {
    /// The file of a topic; `None` for what is no topic of this site (any more).
    pub(super) fn file(&self, topic: &str) -> Option<std::path::PathBuf> {
        let path = topic::path(&self.settings.base_url, topic)?;
        Some(self.output.join(path))
    }

    /// A feed as it stands on the disk, read once for many deliveries.
    async fn feed(self: &Arc<Self>, open: &Open, topic: &str) -> io::Result<Feed> {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let file = self.file(topic).ok_or_else(gone)?;
        let known = lock(&open.feeds.bytes).get(topic).cloned();
        let read = tokio::task::spawn_blocking(move || {
            let stamp = stamp(&file)?;
            if let Some((known, feed)) = known
                && known == stamp
            {
                return Ok((stamp, feed));
            }
            let bytes = Bytes::from(fs::read(&file)?);
            let version = xxh3_64(&bytes);
            Ok::<_, io::Error>((stamp, Feed { version, bytes }))
        });
        let (stamp, feed) = read.await.map_err(io::Error::other)??;
        let mut kept = lock(&open.feeds.bytes);
        if kept.len() >= KEPT && !kept.contains_key(topic) {
            kept.clear();
        }
        kept.insert(topic.to_owned(), (stamp, feed.clone()));
        Ok(feed)
    }
}

fn stamp(file: &Path) -> io::Result<Stamp> {
    let found = fs::metadata(file)?;
    if !found.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok((found.len(), found.mtime(), found.mtime_nsec(), found.ino()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One line for each thing that an operator may ask about later. Callbacks are secrets: their
/// hosts must do.
fn log(job: &Job, outcome: Outcome, gave_up: bool) {
    let key = job.key();
    let (host, topic) = (host_of(&key.callback), &key.topic);
    match (job, outcome) {
        (Job::Verify(request), Outcome::Confirmed { .. }) if request.subscribes => {
            tracing::info!(host, topic, lease = request.lease, "subscribed");
        }
        (Job::Verify(_), Outcome::Confirmed { .. }) => {
            tracing::info!(host, topic, "unsubscribed");
        }
        (Job::Verify(_), _) => {
            tracing::info!(host, topic, "a request was not confirmed by its callback");
        }
        (Job::Deny(_, reason), _) => tracing::info!(host, topic, reason, "denied"),
        (Job::Deliver(..), Outcome::Delivered { .. }) => {
            tracing::debug!(host, topic, "delivered");
        }
        (Job::Deliver(..), Outcome::Gone) => {
            tracing::info!(
                host,
                topic,
                "the subscriber is gone: its subscription is ended"
            );
        }
        (Job::Deliver(..), _) if gave_up => {
            tracing::warn!(
                host,
                topic,
                "a delivery was given up; the next change is tried anew"
            );
        }
        (Job::Deliver(..), _) => {
            tracing::info!(host, topic, "a delivery failed; it will be tried again");
        }
    }
}
