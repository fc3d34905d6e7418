//! What a run did, and how far it is.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::{Catalog, Record, State};
use crate::diagnostic::Problem;
use crate::output::Changes;

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Looking at folders.
    Scan,
    /// Reading and tagging items.
    Read,
    /// Rendering and writing files.
    Write,
}

/// Told how far a run is; called from several threads.
pub trait Progress: Sync {
    /// A stage of so many steps begins.
    fn start(&self, stage: Stage, steps: usize);
    /// One step is done.
    fn step(&self, stage: Stage);
    /// The run is over.
    fn finish(&self);
}

/// For those who do not want to know.
impl Progress for () {
    fn start(&self, _: Stage, _: usize) {}
    fn step(&self, _: Stage) {}
    fn finish(&self) {}
}

/// What a newsroom holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items that stand in feeds.
    pub live: usize,
    /// Items that wait for their moment.
    pub scheduled: usize,
    /// Items that their authors took back.
    pub withdrawn: usize,
    /// Files that cannot be published as they are, and never were.
    pub refused: usize,
    /// Topics with items, each of which is a feed.
    pub feeds: usize,
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Report {
    /// Items published that were not there before.
    pub added: usize,
    /// Items that were published before and were read again.
    pub changed: usize,
    /// Items that left the feeds: deleted, withdrawn, or put under embargo.
    pub removed: usize,
    /// Issues of digests that were composed, and drafts that changed.
    pub issues: Vec<String>,
    /// Drafts that wait for a person, and why.
    pub waiting: Vec<String>,
    /// How long it took.
    pub took: Duration,
    /// What was written and removed.
    pub output: Changes,
    /// What went wrong that is no item's fault: templates, foreign files.
    pub problems: Vec<Problem>,
    /// Files that may still be written to and were left for later, absolute.
    pub deferred: Vec<PathBuf>,
    /// The files that were read in this run, by path.
    pub read: Vec<Arc<str>>,
}

impl Report {
    /// What becomes of a batch, seen against the catalog before it.
    pub(super) fn of_records(before: &Catalog, records: &[Record], gone: &[Arc<str>]) -> Report {
        let was_live = |path: &str| {
            before
                .at_path(path)
                .is_some_and(|record| record.identity().is_some())
        };
        let mut report = Report {
            removed: gone.iter().filter(|path| was_live(path)).count(),
            read: records.iter().map(|record| record.path.clone()).collect(),
            ..Report::default()
        };
        for record in records {
            match (&record.state, was_live(&record.path)) {
                (State::Live(_), true) => report.changed += 1,
                (State::Live(_), false) => report.added += 1,
                (_, true) => report.removed += 1,
                (_, false) => {}
            }
        }
        report
    }

    pub(super) fn add(&mut self, changes: Changes) {
        self.output.written += changes.written;
        self.output.bytes += changes.bytes;
        self.output.removed += changes.removed;
    }
}
