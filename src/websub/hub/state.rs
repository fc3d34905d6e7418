//! What the hub knows, and what follows from what happens to it.
//!
//! Pure: the clock is an argument, calls to subscribers are handed out as [`Job`]s and come back
//! with their outcomes, and what must outlive the process is handed out as changes for the ledger.
//!
//! A subscription says itself what is to be done: the feed as the subscriber has it
//! (`delivered`), the feed that it is to have (`wanted`), and when to try (`due`). So a feed that
//! changes three times while a subscriber is away reaches it once, as it is then; and what was
//! under way when the process died is found again.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Settings;
use super::line::Line;
use super::request::{Refusal, host_of};
use crate::ledger::websub::{
    HubChange, Secret, Subscription, SubscriptionKey, SubscriptionRequest,
};
use crate::websub::retry;

/// The most requests that wait to be confirmed, in all and for one host.
const REQUESTS: usize = 1_000;
const REQUESTS_OF_HOST: usize = 50;

/// The most calls at a time, in all and to one host: to confirm requests, to deliver, and to
/// deliver to hosts that failed the last time. Each has its own, so that none waits for another.
const CHECKS: (usize, usize) = (16, 2);
const DELIVERIES: (usize, usize) = (32, 4);
const SLOW_DELIVERIES: (usize, usize) = (8, 1);

/// How long a feed must be gone before its subscribers are told so, in milliseconds: a day, since
/// the feed of a topic comes back with the topic's next item.
const GONE_AFTER: i64 = 86_400_000;

/// `due` of a delivery that was given up.
const NEVER: i64 = i64::MAX;

/// A call to a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// To confirm that it made a request.
    Verify(SubscriptionRequest),
    /// To tell it that there is no subscription, and why.
    Deny(SubscriptionKey, &'static str),
    /// To hand over a feed.
    Deliver(SubscriptionKey, Option<Secret>),
}

impl Job {
    /// Whose subscription it is, to what.
    pub fn key(&self) -> &SubscriptionKey {
        match self {
            Job::Verify(request) => &request.key,
            Job::Deny(key, _) | Job::Deliver(key, _) => key,
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The subscriber echoed the challenge that was sent at this time; the feed was then at this
    /// version.
    Confirmed { sent: i64, version: u64 },
    /// It took the feed of this version.
    Delivered { version: u64 },
    /// It wants no more of it (410).
    Gone,
    /// Anything else, with the seconds that it asks us to wait.
    Failed { retry_after: Option<i64> },
}

#[derive(Debug, Clone, Copy)]
enum Version {
    Known(u64),
    /// The feed has not been there since.
    GoneSince(i64),
}

pub(super) struct State {
    settings: Settings,
    subscriptions: BTreeMap<SubscriptionKey, Subscription>,
    per_host: HashMap<String, usize>,
    /// Not confirmed yet; a later request of the same key replaces an earlier one.
    requests: HashMap<SubscriptionKey, SubscriptionRequest>,
    versions: HashMap<String, Version>,
    /// Whose delivery waits in line or is under way.
    delivering: HashSet<SubscriptionKey>,
    /// The hosts whose last delivery failed.
    failing: HashSet<String>,
    checks: Line<Job>,
    deliveries: Line<Job>,
    slow: Line<Job>,
    /// Which jobs went by the slow line.
    by_slow_line: HashSet<SubscriptionKey>,
}

impl State {
    /// The state that the ledger holds.
    pub fn new(
        settings: Settings,
        subscriptions: Vec<Subscription>,
        requests: Vec<SubscriptionRequest>,
    ) -> State {
        let mut state = State {
            settings,
            subscriptions: BTreeMap::new(),
            per_host: HashMap::new(),
            requests: HashMap::new(),
            versions: HashMap::new(),
            delivering: HashSet::new(),
            failing: HashSet::new(),
            checks: Line::new(CHECKS.0, CHECKS.1),
            deliveries: Line::new(DELIVERIES.0, DELIVERIES.1),
            slow: Line::new(SLOW_DELIVERIES.0, SLOW_DELIVERIES.1),
            by_slow_line: HashSet::new(),
        };
        for subscription in subscriptions {
            if subscription.attempts > 0 {
                state.failing.insert(host_of(&subscription.key.callback));
            }
            state.put(subscription);
        }
        for request in requests {
            state.admit(request);
        }
        state
    }

    /// How many subscriptions there are.
    pub fn len(&self) -> usize {
        self.subscriptions.len()
    }

    /// Whether there is any subscription to a feed, or any request for one.
    pub fn topics(&self) -> Vec<String> {
        let subscribed = self.subscriptions.keys().map(|key| &key.topic);
        let asked = self.requests.keys().map(|key| &key.topic);
        let mut topics: Vec<String> = subscribed.chain(asked).cloned().collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    }

    /// Takes a request; what is to be recorded before its sender is told so.
    ///
    /// # Errors
    /// When too much waits already.
    pub fn ask(&mut self, request: SubscriptionRequest) -> Result<Vec<HubChange>, Refusal> {
        let host = host_of(&request.key.callback);
        let too_much = |status, message: &str| Refusal {
            status,
            message: message.to_owned(),
            retry_after: Some(60),
        };
        if self.checks.len() >= REQUESTS {
            return Err(too_much(
                503,
                "too many requests wait to be confirmed; come again later",
            ));
        }
        if self.checks.len_of(&host) >= REQUESTS_OF_HOST {
            let message = "too many requests of this callback's host wait to be confirmed; come \
                           again later";
            return Err(too_much(429, message));
        }
        if request.subscribes
            && let Some(reason) = self.no_room(&request.key)
        {
            self.checks.push(&host, Job::Deny(request.key, reason));
            return Ok(Vec::new());
        }
        let change = HubChange::Asked(request.clone());
        self.admit(request);
        Ok(vec![change])
    }

    fn admit(&mut self, request: SubscriptionRequest) {
        let host = host_of(&request.key.callback);
        self.requests.insert(request.key.clone(), request.clone());
        self.checks.push(&host, Job::Verify(request));
    }

    /// Why there can be no new subscription; renewals always find room.
    fn no_room(&self, key: &SubscriptionKey) -> Option<&'static str> {
        if self.subscriptions.contains_key(key) {
            return None;
        }
        let of_host = self.per_host.get(&host_of(&key.callback));
        if self.subscriptions.len() >= self.settings.subscriptions {
            Some("this hub has as many subscriptions as it takes")
        } else if of_host.is_some_and(|count| *count >= self.settings.subscriptions_per_host) {
            Some("this hub has as many subscriptions of this callback's host as it takes")
        } else {
            None
        }
    }

    /// Tells what the feed holds now: the fingerprint of its bytes, or `None` where it is not
    /// there.
    pub fn saw(&mut self, topic: &str, version: Option<u64>, now: i64) {
        let before = self.versions.get(topic);
        let seen = match (version, before) {
            (Some(version), _) => Version::Known(version),
            (None, Some(Version::GoneSince(since))) => Version::GoneSince(*since),
            (None, _) => Version::GoneSince(now),
        };
        self.versions.insert(topic.to_owned(), seen);
    }

    /// Ends what has expired and puts in line what is due; what is to be recorded.
    pub fn tick(&mut self, now: i64) -> Vec<HubChange> {
        let mut ended = Vec::new();
        let mut denied = Vec::new();
        let mut due = Vec::new();
        for (key, subscription) in &mut self.subscriptions {
            if self.delivering.contains(key) {
                continue;
            }
            if subscription.expires <= now {
                ended.push(key.clone());
                continue;
            }
            match self.versions.get(&key.topic) {
                Some(Version::GoneSince(since)) if since + GONE_AFTER <= now => {
                    denied.push(key.clone());
                }
                Some(Version::Known(version)) if *version != subscription.delivered => {
                    if subscription.wanted != *version {
                        subscription.wanted = *version;
                        subscription.attempts = 0;
                        subscription.due = now;
                    }
                    if subscription.due <= now {
                        due.push((key.clone(), subscription.secret.clone()));
                    }
                }
                _ => {}
            }
        }
        let mut changes = Vec::new();
        for key in ended.into_iter().chain(denied.iter().cloned()) {
            self.remove(&key);
            changes.push(HubChange::Ended(key));
        }
        for key in denied {
            let host = host_of(&key.callback);
            self.checks.push(&host, Job::Deny(key, "this feed is gone"));
        }
        for (key, secret) in due {
            let host = host_of(&key.callback);
            self.delivering.insert(key.clone());
            if self.failing.contains(&host) {
                self.by_slow_line.insert(key.clone());
                self.slow.push(&host, Job::Deliver(key, secret));
            } else {
                self.deliveries.push(&host, Job::Deliver(key, secret));
            }
        }
        let topics: HashSet<String> = self.topics().into_iter().collect();
        self.versions.retain(|topic, _| topics.contains(topic));
        changes
    }

    /// The next call to make, if there may be one more.
    pub fn next(&mut self) -> Option<Job> {
        let quick = self.next_quick().or_else(|| self.slow.take());
        quick.or_else(|| self.checks.take())
    }

    /// The next delivery to a host that did not fail the last time; those that have failed since
    /// they were put in line go over to the slow one.
    fn next_quick(&mut self) -> Option<Job> {
        loop {
            let job = self.deliveries.take()?;
            let host = host_of(&job.key().callback);
            if !self.failing.contains(&host) {
                return Some(job);
            }
            self.deliveries.done(&host);
            self.by_slow_line.insert(job.key().clone());
            self.slow.push(&host, job);
        }
    }

    /// Tells how a call ended; what is to be recorded.
    pub fn finished(&mut self, job: &Job, outcome: Outcome, now: i64) -> Vec<HubChange> {
        let host = host_of(&job.key().callback);
        match job {
            Job::Verify(request) => {
                self.checks.done(&host);
                self.verified(request, outcome)
            }
            Job::Deny(..) => {
                self.checks.done(&host);
                Vec::new()
            }
            Job::Deliver(key, _) => {
                if self.by_slow_line.remove(key) {
                    self.slow.done(&host);
                } else {
                    self.deliveries.done(&host);
                }
                self.delivering.remove(key);
                if matches!(outcome, Outcome::Failed { .. }) {
                    self.failing.insert(host);
                } else {
                    self.failing.remove(&host);
                }
                self.delivered(key, outcome, now)
            }
        }
    }

    fn verified(&mut self, request: &SubscriptionRequest, outcome: Outcome) -> Vec<HubChange> {
        if self.requests.get(&request.key) != Some(request) {
            // A later request took its place, and has a call of its own.
            return Vec::new();
        }
        self.requests.remove(&request.key);
        let answered = HubChange::Answered(request.key.clone());
        let Outcome::Confirmed { sent, version } = outcome else {
            return vec![answered];
        };
        if !request.subscribes {
            self.remove(&request.key);
            return vec![answered, HubChange::Ended(request.key.clone())];
        }
        if let Some(reason) = self.no_room(&request.key) {
            let host = host_of(&request.key.callback);
            self.checks
                .push(&host, Job::Deny(request.key.clone(), reason));
            return vec![answered];
        }
        let before = self.subscriptions.get(&request.key);
        let subscription = Subscription {
            secret: request.secret.clone(),
            expires: sent.saturating_add(request.lease.saturating_mul(1_000)),
            // Whoever renews keeps its place; whoever is new has read the feed a moment ago.
            ..before.cloned().unwrap_or(Subscription {
                key: request.key.clone(),
                secret: None,
                expires: 0,
                delivered: version,
                wanted: version,
                attempts: 0,
                due: 0,
            })
        };
        self.put(subscription.clone());
        vec![answered, HubChange::Subscribed(subscription)]
    }

    fn delivered(&mut self, key: &SubscriptionKey, outcome: Outcome, now: i64) -> Vec<HubChange> {
        let Some(subscription) = self.subscriptions.get_mut(key) else {
            return Vec::new();
        };
        match outcome {
            Outcome::Gone => {
                self.remove(key);
                return vec![HubChange::Ended(key.clone())];
            }
            Outcome::Delivered { version } => {
                subscription.delivered = version;
                subscription.wanted = version;
                subscription.attempts = 0;
                subscription.due = 0;
            }
            Outcome::Confirmed { .. } => {}
            Outcome::Failed { retry_after } => {
                subscription.attempts += 1;
                // It is not ended by that: the next change is tried anew (WebSub, section 7).
                subscription.due =
                    retry::next(subscription.attempts, now, retry_after).unwrap_or(NEVER);
            }
        }
        vec![HubChange::Subscribed(subscription.clone())]
    }

    /// Whether a delivery was given up.
    pub fn gave_up(&self, key: &SubscriptionKey) -> bool {
        let found = self.subscriptions.get(key);
        found.is_some_and(|subscription| subscription.due == NEVER)
    }

    /// Forgets a request that could not be recorded.
    pub fn forget(&mut self, request: &SubscriptionRequest) {
        if self.requests.get(&request.key) == Some(request) {
            self.requests.remove(&request.key);
        }
    }

    /// Whether a job that waited in line is still to be done.
    pub fn is_wanted(&self, job: &Job) -> bool {
        match job {
            Job::Verify(request) => self.requests.get(&request.key) == Some(request),
            Job::Deny(..) => true,
            Job::Deliver(key, _) => self.subscriptions.contains_key(key),
        }
    }

    fn put(&mut self, subscription: Subscription) {
        let key = subscription.key.clone();
        let host = host_of(&key.callback);
        if self.subscriptions.insert(key, subscription).is_none() {
            *self.per_host.entry(host).or_default() += 1;
        }
    }

    fn remove(&mut self, key: &SubscriptionKey) {
        if self.subscriptions.remove(key).is_some() {
            let host = host_of(&key.callback);
            if let Some(count) = self.per_host.get_mut(&host) {
                *count -= 1;
                if *count == 0 {
                    self.per_host.remove(&host);
                    self.failing.remove(&host);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
