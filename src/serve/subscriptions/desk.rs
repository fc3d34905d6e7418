//! The desk: one thread that has configuration, templates and the ledger, since their calls block.
//!
//! What is asked of it is done in the order in which it comes. When more wait than it can have
//! done in good time, others are told to come again.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot;

use crate::ledger::Ledger;
use crate::mail::message::Seal;
use crate::mail::seal;
use crate::setup::{CONFIG_FILE, Setup};
use crate::subscribers::registrar::Registrar;

/// How many may wait.
const WAITING: usize = 256;
/// How often it is looked whether the configuration has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is at hand when something is done.
pub struct Office {
    /// Configuration and templates.
    pub setup: Setup,
    /// The register itself.
    pub ledger: Ledger,
    /// Signs links and letters.
    pub seal: Seal,
}

impl Office {
    fn open(root: &Path) -> Result<Office, String> {
        let setup = Setup::load(root).map_err(|problems| first(&problems))?;
        let file = setup.root.join(&setup.config.ledger.file);
        let mut ledger = Ledger::open(&file).map_err(|error| error.to_string())?;
        let key = ledger.signing_key().map_err(|error| error.to_string())?;
        let seal = seal::load(&setup, key).map_err(|problems| first(&problems))?;
        Ok(Office {
            setup,
            ledger,
            seal,
        })
    }

    /// Takes a changed configuration; one that is wrong leaves the last good one in force.
    fn refresh(&mut self) {
        let Ok(setup) = Setup::load(&self.setup.root) else {
            return;
        };
        if let Ok(seal) = seal::load(&setup, self.seal.key.clone()) {
            (self.setup, self.seal) = (setup, seal);
        }
    }

    /// Who keeps the register, and the register.
    pub fn registrar(&mut self) -> (Registrar<'_>, &mut Ledger) {
        (Registrar::new(&self.setup, &self.seal), &mut self.ledger)
    }
}

fn first(problems: &[crate::diagnostic::Problem]) -> String {
    let message = problems.first().map(|problem| problem.message.clone());
    message.unwrap_or_default()
}

/// Nothing can be done just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

type Job = Box<dyn FnOnce(Result<&mut Office, Busy>) + Send>;

/// Where things are asked for.
pub struct Desk(SyncSender<Job>);

impl Desk {
    /// The desk of the newsroom in `root`.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(root: &Path) -> std::io::Result<Desk> {
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        let root = root.to_owned();
        std::thread::Builder::new()
            .name("subscriptions".to_owned())
            .spawn(move || serve(&root, &receiver))?;
        Ok(Desk(sender))
    }

    /// Has something done, and waits for what comes of it.
    ///
    /// # Errors
    /// When too many wait, or the ledger cannot be had.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |office| {
            // Fails when nobody waits any more; it is done all the same.
            let _ = done.send(office.map(work));
        });
        self.0.try_send(job).map_err(|_| Busy)?;
        answer.await.unwrap_or(Err(Busy))
    }
}

/// Does what is asked until nobody can ask any more.
fn serve(root: &Path, receiver: &Receiver<Job>) {
    let mut office = None;
    let mut looked = Instant::now();
    let mut stamp = changed(root);
    while let Ok(job) = receiver.recv() {
        if office.is_none() {
            match Office::open(root) {
                Ok(opened) => office = Some(opened),
                Err(why) => tracing::error!("subscriptions cannot be served: {why}"),
            }
        } else if looked.elapsed() >= LOOK_EVERY {
            looked = Instant::now();
            let now = changed(root);
            if now != stamp {
                stamp = now;
                office.iter_mut().for_each(Office::refresh);
            }
        }
        job(office.as_mut().ok_or(Busy));
    }
}

fn changed(root: &Path) -> Option<SystemTime> {
    fs::metadata(root.join(CONFIG_FILE)).ok()?.modified().ok()
}
