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

use tokio::sync::oneshot;

use super::clock::Clock;
use super::limits::day_of;
use crate::ledger::deliveries::{Mailing, Marks, Settlement};
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

/// What a desk records, and for whom.
#[derive(Debug, Clone)]
pub struct Book {
    /// What is sent.
    pub mailing: Mailing,
    /// Who has it in hand.
    pub claimer: String,
    /// Whether what is sent is counted by day.
    pub counts_days: bool,
    /// What time it is.
    pub clock: Clock,
}

/// Opens a desk over `ledger`.
pub fn open(ledger: Ledger, book: Book) -> (Desk, Clerk) {
    let (sender, receiver) = mpsc::channel();
    let clerk = std::thread::spawn(move || work(ledger, &book, &receiver));
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
    book: &Book,
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
        commit(&mut ledger, book, &mut settled, &mut flying);
        if let Some(work) = other {
            work(&mut ledger);
        }
    }
    let mut tries = 0;
    loop {
        let result = write(&mut ledger, book, &[], &settled);
        match result {
            Ok(()) => return (ledger, Ok(())),
            Err(error) if tries == LAST_TRIES => {
                // Those that are merely put back are so without it.
                let told = settled.iter();
                let told = told.filter(|(_, one)| !matches!(one, Settlement::PutBack(_)));
                let count = told.count();
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
    book: &Book,
    settled: &mut Vec<(i64, Settlement)>,
    flying: &mut Vec<(i64, Done)>,
) {
    let keys: Vec<i64> = flying.iter().map(|(key, _)| *key).collect();
    let result = write(ledger, book, &keys, settled).map_err(Arc::new);
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
    book: &Book,
    flying: &[i64],
    settled: &[(i64, Settlement)],
) -> Result<(), LedgerError> {
    if flying.is_empty() && settled.is_empty() {
        return Ok(());
    }
    let now = book.clock.now();
    let day = book.counts_days.then(|| day_of(now));
    let marks = Marks {
        flying,
        settled,
        day: day.as_deref(),
        now: now.timestamp_millis(),
    };
    ledger.mark_deliveries(&book.mailing, &book.claimer, &marks)
}
