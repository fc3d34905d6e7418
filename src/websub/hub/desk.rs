//! The hub's ledger, on a thread of its own: its calls block.
//!
//! Changes are recorded in the order in which they come, as many at once as have come meanwhile.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};

use tokio::sync::oneshot;

use crate::ledger::Ledger;
use crate::ledger::websub::{HubChange, Subscription, SubscriptionRequest};

/// The most changes of one transaction.
const AT_ONCE: usize = 1_000;

struct Entry {
    changes: Vec<HubChange>,
    done: Option<oneshot::Sender<Result<(), String>>>,
}

pub(super) struct Desk(Sender<Entry>);

impl Desk {
    /// Opens the ledger; also what it holds for the hub.
    pub async fn open(
        ledger: &Path,
    ) -> Result<(Desk, Vec<Subscription>, Vec<SubscriptionRequest>), String> {
        let (sender, receiver) = mpsc::channel();
        let (opened, answer) = oneshot::channel();
        let file = ledger.to_owned();
        std::thread::Builder::new()
            .name("hub ledger".to_owned())
            .spawn(move || match load(&file) {
                Ok((mut ledger, subscriptions, requests)) => {
                    // Fails when nobody waits any more: then there is nothing to record either.
                    let _ = opened.send(Ok((subscriptions, requests)));
                    serve(&mut ledger, &receiver);
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            })
            .map_err(|error| format!("no thread can be started: {error}"))?;
        let (subscriptions, requests) = answer
            .await
            .map_err(|_| "the ledger's thread ended".to_owned())??;
        Ok((Desk(sender), subscriptions, requests))
    }

    /// Records changes, some time soon. What is lost when the process dies before is done again.
    pub fn record(&self, changes: Vec<HubChange>) {
        if !changes.is_empty() {
            // The thread ends with the sender, so that it is there.
            let _ = self.0.send(Entry {
                changes,
                done: None,
            });
        }
    }

    /// Records changes, and waits until they are kept.
    ///
    /// # Errors
    /// When the ledger refuses, in words.
    pub async fn keep(&self, changes: Vec<HubChange>) -> Result<(), String> {
        let (sender, receiver) = oneshot::channel();
        let _ = self.0.send(Entry {
            changes,
            done: Some(sender),
        });
        receiver
            .await
            .unwrap_or_else(|_| Err("the ledger's thread ended".to_owned()))
    }
}

type Loaded = (Ledger, Vec<Subscription>, Vec<SubscriptionRequest>);

fn load(file: &Path) -> Result<Loaded, String> {
    let load = || {
        let mut ledger = Ledger::open(file)?;
        let subscriptions = ledger.subscriptions()?;
        let requests = ledger.subscription_requests()?;
        Ok((ledger, subscriptions, requests))
    };
    load().map_err(|error: crate::ledger::LedgerError| error.to_string())
}

fn serve(ledger: &mut Ledger, receiver: &Receiver<Entry>) {
    while let Ok(first) = receiver.recv() {
        let mut changes = first.changes;
        let mut waiting: Vec<_> = first.done.into_iter().collect();
        while changes.len() < AT_ONCE
            && let Ok(next) = receiver.try_recv()
        {
            changes.extend(next.changes);
            waiting.extend(next.done);
        }
        let result = ledger
            .record_hub(&changes)
            .map_err(|error| error.to_string());
        if let Err(error) = &result {
            tracing::error!("the hub cannot record what happened: {error}");
        }
        for done in waiting {
            let _ = done.send(result.clone());
        }
    }
}
