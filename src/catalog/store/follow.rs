//! The catalog of a newsroom that another process publishes: read, kept up to date, and never
//! written.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Contents, Frame, KIND, Record, Settings};
use crate::journal::Reader;

/// Follows the catalog as it is written.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    journal: Reader,
    contents: Contents,
    settings: Settings,
}

/// What became of the catalog since the last look.
#[derive(Debug)]
pub enum Followed {
    /// These records are new or changed, these paths are gone.
    Changed(Vec<Record>, Vec<Arc<str>>),
    /// Another catalog took its place: it must be opened anew.
    Replaced,
}

impl Follower {
    /// Opens the catalog in `folder`, with its records; `None` where nothing was published yet.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn open(folder: &Path) -> io::Result<Option<(Follower, Vec<Record>)>> {
        let path = folder.join("catalog");
        let mut start = None;
        let mut batch = Batch::default();
        let journal = Reader::open(&path, KIND, |frame| match frame {
            Frame::Start(settings, generation) => start = Some((settings, generation)),
            other => batch.take(other),
        })?;
        let (Some(journal), Some((settings, generation))) = (journal, start) else {
            return Ok(None);
        };
        let contents = File::open(folder.join(format!("contents-{generation}")))?;
        let follower = Follower {
            path,
            journal,
            contents: Contents(contents),
            settings,
        };
        Ok(Some((follower, batch.split().0)))
    }

    /// Under which settings the records were made.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The contents of the items.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// What was written since the last look.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn follow(&mut self) -> io::Result<Followed> {
        let mut batch = Batch::default();
        let mut is_other = false;
        let same = self.journal.read_on(&self.path, |frame| match frame {
            Frame::Start(..) => is_other = true,
            other => batch.take(other),
        })?;
        if !same || is_other {
            return Ok(Followed::Replaced);
        }
        let (changed, gone) = batch.split();
        Ok(Followed::Changed(changed, gone))
    }
}

/// What frames say in the end, each path once.
#[derive(Default)]
struct Batch(HashMap<Arc<str>, Option<Box<Record>>>);

impl Batch {
    fn take(&mut self, frame: Frame) {
        match frame {
            Frame::Start(..) => {}
            Frame::Put(record) => drop(self.0.insert(record.path.clone(), Some(record))),
            Frame::Removed(path) => drop(self.0.insert(path, None)),
        }
    }

    fn split(self) -> (Vec<Record>, Vec<Arc<str>>) {
        let mut changed = Vec::new();
        let mut gone = Vec::new();
        for (path, record) in self.0 {
            match record {
                Some(record) => changed.push(*record),
                None => gone.push(path),
            }
        }
        (changed, gone)
    }
}
