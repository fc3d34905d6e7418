//! The one thread that writes to the ledger while mails are sent.
//!
//! Connections hand in that a message is about to fly and what became of the one before. What has
//! come together while the last commit was made is committed together, so that eight connections
//! do not wait for one another. What cannot be written is kept and tried again: a full disk stops
//! sending and loses nothing that was sent.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::oneshot;

use super::limits::day_of;
use crate::ledger::deliveries::{Mailing, Settlement};
use crate::ledger::{Ledger, LedgerError};

/// How soon what could not be written is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often, once nothing more is to come.
const LAST_TRIES: u32 = 10;
/// The most orders that are committed together.
const GROUP_LIMIT: usize = 256;

type Work = Box<dyn FnOnce(&mut Ledger) + Send>;
type Done = oneshot::Sender<Result<(), Arc<LedgerError>>>;

enum Order {
    Fly(i64, Done),
    Settle(i64, Settlement),
    Work(Work),
}

/// What is handed in to the desk; may be cloned for every connection.
#[derive(Clone)]
pub struct Desk(Sender<Order>);

/// The thread behind the desk.
pub struct Clerk(JoinHandle<(Ledger, Result<(), Unsaved>)>);

/// What became of some messages could not be written.
#[derive(Debug)]
pub struct Unsaved {
    /// How many messages. They stay marked as flying.
    pub count: usize,
    /// Why.
    pub error: LedgerError,
}

/// The desk is closed: its thread is gone.
#[derive(Debug, Clone, Copy)]
pub struct Closed;

/// Opens a desk over `ledger` for one mailing; with `count_days`, what is sent is counted by day.
pub fn open(ledger: Ledger, mailing: Mailing, count_days: bool) -> (Desk, Clerk) {
    let (sender, receiver) = mpsc::channel();
    let clerk = std::thread::spawn(move || work(ledger, &mailing, count_days, &receiver));
    (Desk(sender), Clerk(clerk))
}

impl Desk {
    /// Records that the relay may have a message any moment; returns once that is committed.
    ///
    /// # Errors
    /// When it could not be: then the message must not be sent.
    pub async fn fly(&self, key: i64) -> Result<(), Arc<LedgerError>> {
        let (done, written) = oneshot::channel();
        // A desk that is closed drops `done`, which is found below.
        let _ = self.0.send(Order::Fly(key, done));
        written.await.unwrap_or_else(|_| {
            Err(Arc::new(LedgerError::Database {
                file: std::path::PathBuf::new(),
                source: sqlx::Error::WorkerCrashed,
            }))
        })
    }

    /// Hands in what became of a message; before anything that is handed in later is committed,
    /// this is.
    pub fn settle(&self, key: i64, settlement: Settlement) {
        // Fails only when the thread is gone; then the row stays as it is, and is recovered.
        let _ = self.0.send(Order::Settle(key, settlement));
    }

    /// Has something else done with the ledger, after all that was handed in before.
    ///
    /// # Errors
    /// When the desk is closed.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Ledger) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |ledger| {
            // Whoever asked may have gone.
            let _ = answer.send(question(ledger));
        });
        let _ = self.0.send(Order::Work(work));
        answered.await.map_err(|_| Closed)
    }
}

impl Clerk {
    /// Waits until all that was handed in is written, and gives the ledger back. Every [`Desk`]
    /// must be gone.
    ///
    /// # Errors
    /// When something could not be written, however often it was tried.
    pub fn finish(self) -> (Ledger, Result<(), Unsaved>) {
        match self.0.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn work(
    mut ledger: Ledger,
    mailing: &Mailing,
    count_days: bool,
    orders: &Receiver<Order>,
) -> (Ledger, Result<(), Unsaved>) {
    let mut settled: Vec<(i64, Settlement)> = Vec::new();
    let mut flying: Vec<(i64, Done)> = Vec::new();
    loop {
        let first = if settled.is_empty() {
            orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            orders.recv_timeout(RETRY_AFTER)
        };
        let mut next = match first {
            Ok(order) => Some(order),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let mut other = None;
        while let Some(order) = next.take() {
            match order {
                Order::Fly(key, done) => flying.push((key, done)),
                Order::Settle(key, settlement) => settled.push((key, settlement)),
                Order::Work(work) => {
                    other = Some(work);
                    break;
                }
            }
            if flying.len() + settled.len() >= GROUP_LIMIT {
                break;
            }
            next = orders.try_recv().ok();
        }
        commit(&mut ledger, mailing, count_days, &mut settled, &mut flying);
        if let Some(work) = other {
            work(&mut ledger);
        }
    }
    let mut tries = 0;
    loop {
        let result = write(&mut ledger, mailing, count_days, &[], &settled);
        match result {
            Ok(()) => return (ledger, Ok(())),
            Err(error) if tries == LAST_TRIES => {
                let count = settled.len();
                return (ledger, Err(Unsaved { count, error }));
            }
            Err(_) => {
                tries += 1;
                std::thread::sleep(RETRY_AFTER);
            }
        }
    }
}

fn commit(
    ledger: &mut Ledger,
    mailing: &Mailing,
    count_days: bool,
    settled: &mut Vec<(i64, Settlement)>,
    flying: &mut Vec<(i64, Done)>,
) {
    let keys: Vec<i64> = flying.iter().map(|(key, _)| *key).collect();
    let result = write(ledger, mailing, count_days, &keys, settled).map_err(Arc::new);
    if result.is_ok() {
        settled.clear();
    }
    for (_, done) in flying.drain(..) {
        // A connection that was dropped meanwhile does not send.
        let _ = done.send(result.clone());
    }
}

fn write(
    ledger: &mut Ledger,
    mailing: &Mailing,
    count_days: bool,
    flying: &[i64],
    settled: &[(i64, Settlement)],
) -> Result<(), LedgerError> {
    if flying.is_empty() && settled.is_empty() {
        return Ok(());
    }
    let now = Utc::now();
    let day = count_days.then(|| day_of(now));
    ledger.mark_deliveries(
        mailing,
        flying,
        settled,
        now.timestamp_millis(),
        day.as_deref(),
    )
}
