//! The sender: brings each message to the relay exactly once, as fast as it may.
//!
//! One task claims what is due, makes messages of it and paces them (`feed`); each connection
//! sends what it is given (`line`); one thread writes all of it to the ledger (`desk`). What a
//! process had in hand that died is recovered first (`recover`). Whether an issue may be sent at
//! all is looked up while it is: a pause takes effect within a second, whichever process asked.

mod claimer;
mod clock;
mod desk;
mod feed;
mod limits;
mod line;
mod rates;
mod stock;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::config::mail::{AfterCrash, Mail};
use crate::diagnostic::Problem;
use crate::ledger::deliveries::{Counts, Mailing};
use crate::ledger::{Ledger, LedgerError};
use crate::mail::message::Seal;
use crate::mail::smtp::{Relay, SmtpError};
use crate::setup::Setup;

use clock::Clock;
pub use stock::{IssueStock, Stock};

/// Below the folder of the ledger: a file for each process that sends.
const CLAIMERS: &str = "senders";

/// Sends for one newsroom.
pub struct Sender {
    setup: Arc<Setup>,
    seal: Arc<Seal>,
    mail: Mail,
    relay: Relay,
    stop: Stop,
    clock: Clock,
}

/// Ends a run early: what is on its way is finished, everything else waits.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for the end.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody did.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is left to do.
    Done,
    /// What is left waits for a later try; the next is due then.
    Waits(DateTime<Utc>),
    /// What is left waits for somebody to mend this.
    Held(String),
    /// Somebody paused or cancelled the issue, another process ended it, or its digest has got
    /// another slug.
    Withdrawn,
    /// Too much went wrong: it should be paused for this reason.
    TooManyFailures(String),
    /// The end was asked for.
    Stopped,
}

/// What a run did.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// How many the relay took.
    pub sent: u64,
    /// How many it refused, or that were given up.
    pub failed: u64,
    /// Those of which nobody knows.
    pub uncertain: u64,
    /// How far the whole is.
    pub counts: Counts,
}

/// Why a run could not go on. Nothing is lost by it and nothing is sent twice.
#[derive(Debug, Error)]
pub enum SendError {
    /// The relay cannot be spoken to.
    #[error("{0}")]
    Relay(#[from] SmtpError),
    /// The ledger failed.
    #[error("{0}")]
    Ledger(Arc<LedgerError>),
    /// The ledger failed when what was sent was to be recorded.
    #[error(
        "what became of {count} messages could not be recorded: {source}; those that the relay may \
         have are not sent again, and `tidings send uncertain` lists them after the next `tidings \
         send`"
    )]
    Unsaved {
        /// How many.
        count: usize,
        /// What the ledger said.
        source: LedgerError,
    },
    /// The file that says that this process is alive.
    #[error("{} cannot be used: {source}", path.display())]
    Claimer {
        /// Its folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The runtime did not start.
    #[error("sending cannot begin: {0}")]
    Runtime(io::Error),
}

impl From<LedgerError> for SendError {
    fn from(error: LedgerError) -> SendError {
        SendError::Ledger(Arc::new(error))
    }
}

/// What is told while a run goes on.
pub trait Watcher: Send {
    /// How far it is; called about ten times a second.
    fn progress(&mut self, counts: &Counts);
    /// Something that somebody should know, once each.
    fn note(&mut self, text: &str);
}

/// Until when a run goes on that has nothing to do but wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Until everything is settled.
    UntilDone,
    /// It ends as soon as it would have to wait longer than this.
    AtMost(Duration),
}

impl Sender {
    /// A sender for the newsroom of `setup`, which must have `[mail]`; `variable` is the value of
    /// [`RELAY_VARIABLE`](crate::config::mail::RELAY_VARIABLE).
    ///
    /// # Errors
    /// When no relay is known.
    pub fn new(
        setup: Arc<Setup>,
        seal: Arc<Seal>,
        variable: Option<&str>,
        stop: Stop,
    ) -> Result<Sender, Problem> {
        let mail = setup.config.mail.clone().ok_or_else(|| {
            Problem::error("this newsroom does not mail its digests")
                .help("add [mail] to feeds.toml")
        })?;
        let relay = Relay::new(&mail, variable, &setup.root)?;
        Ok(Sender {
            setup,
            seal,
            mail,
            relay,
            stop,
            clock: Clock::system(),
        })
    }

    /// Sends what is due of `mailing`, and what falls due meanwhile.
    ///
    /// # Errors
    /// When relay or ledger fail. Everything that was not sent waits.
    pub fn run(
        &self,
        mut ledger: Ledger,
        mailing: &Mailing,
        stock: Stock,
        patience: Patience,
        watcher: &mut dyn Watcher,
    ) -> Result<Run, SendError> {
        let folder = self.claimers();
        let claimer = claimer::Claimer::new(&folder).map_err(|source| SendError::Claimer {
            path: folder.clone(),
            source,
        })?;
        self.recover(&mut ledger)?;
        let now = self.clock.milliseconds();
        ledger.release_deliveries(mailing, now, self.longest(), true)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.mail.connections.clamp(1, 4))
            .enable_all()
            .build()
            .map_err(SendError::Runtime)?;
        let book = desk::Book {
            mailing: mailing.clone(),
            claimer: claimer.name().to_owned(),
            counts_days: self.mail.warm_up.is_some(),
            clock: self.clock.clone(),
        };
        let (desk, clerk) = desk::open(ledger, book);
        let feeding = feed::feed(
            self,
            mailing,
            stock,
            patience,
            desk,
            claimer.name(),
            watcher,
        );
        let fed = runtime.block_on(feeding);
        // Lines that wait for a relay that does not answer are cut off: what they had in hand is
        // claimed or flying, and recovered as that.
        runtime.shutdown_timeout(Duration::from_millis(100));
        let (mut ledger, saved) = clerk.finish();
        if let Err(unsaved) = saved {
            return Err(SendError::Unsaved {
                count: unsaved.count,
                source: unsaved.error,
            });
        }
        let mut run = fed?;
        run.counts = ledger.delivery_counts(mailing)?;
        Ok(run)
    }

    /// Takes back what processes had in hand that died. Returns how many messages may have been
    /// sent of which nobody knows.
    ///
    /// # Errors
    /// When the ledger fails.
    pub fn recover(&self, ledger: &mut Ledger) -> Result<u64, LedgerError> {
        recover(ledger, &self.claimers(), self.resends(), &self.clock)
    }

    fn resends(&self) -> bool {
        self.mail.after_crash == AfterCrash::Resend
    }

    fn claimers(&self) -> PathBuf {
        self.setup.state_folder().join(CLAIMERS)
    }

    /// The longest that anything rightly waits, in milliseconds.
    fn longest(&self) -> i64 {
        let longest = self.mail.longest_pause.mul_f64(1.2).as_millis();
        i64::try_from(longest).unwrap_or(i64::MAX)
    }
}

/// Takes back what processes had in hand whose file in `folder` nobody holds any more.
fn recover(
    ledger: &mut Ledger,
    folder: &Path,
    resend: bool,
    clock: &Clock,
) -> Result<u64, LedgerError> {
    let mut doubtful = 0;
    for name in ledger.claimers()? {
        if let Some(death) = claimer::death(folder, &name) {
            let now = clock.milliseconds();
            doubtful += ledger.recover_claims(&name, death, resend, now)?;
            claimer::bury(folder, &name);
        }
    }
    Ok(doubtful)
}
