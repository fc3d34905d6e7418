//! Which of the files that a scan found must be read.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Newsroom;
use crate::catalog::{Record, Stat, State};
use crate::fingerprint::Fingerprint;
use crate::item::decisions;
use crate::scan::{Found, Scan, is_at_or_below};

impl Newsroom {
    /// Sorts the result of scanning one path into what changed, what is gone, and what was
    /// touched that is no item.
    pub(super) fn merge_scan(
        &mut self,
        name: &str,
        scan: Scan,
        now: DateTime<Utc>,
        deferred: &mut Vec<PathBuf>,
        (changed, gone, touched): (&mut Vec<Found>, &mut Vec<Arc<str>>, &mut HashSet<Arc<str>>),
    ) {
        let seen: HashSet<&str> = scan.found.iter().map(|found| &*found.path).collect();
        let missing = |path: &str| {
            is_at_or_below(path, name) && !seen.contains(path) && !scan.is_unseen(path)
        };
        let is_single_file = matches!(&scan.found[..], [found] if *found.path == *name);
        // A single file is the common case, and a look-up; only a folder means looking at all.
        if let Some(record) = self.catalog.at_path(name) {
            gone.extend(missing(&record.path).then(|| record.path.clone()));
        } else if !is_single_file {
            let records = self
                .catalog
                .records()
                .filter(|(_, record)| missing(&record.path));
            gone.extend(records.map(|(_, record)| record.path.clone()));
        }
        let lost: Vec<Arc<str>> = self
            .files
            .keys()
            .filter(|path| missing(path))
            .cloned()
            .collect();
        for path in lost {
            self.files.remove(&path);
            touched.insert(path);
        }
        for (path, stat) in other_files(&scan.found) {
            if self.files.insert(path.clone(), stat) != Some(stat) {
                touched.insert(path);
            }
        }
        let (read, young) = self.to_read(scan.found, now);
        changed.extend(read);
        deferred.extend(young);
        self.unseen.retain(|(path, _)| !is_at_or_below(path, name));
        self.unseen.extend(scan.unseen);
    }

    /// The files that must be read, and those that must be but are too young yet.
    pub(super) fn to_read(
        &self,
        found: Vec<Found>,
        now: DateTime<Utc>,
    ) -> (Vec<Found>, Vec<PathBuf>) {
        let now_nanoseconds = now.timestamp_nanos_opt().unwrap_or(i64::MAX);
        let is_young = |found: &Found| {
            let age = now_nanoseconds.saturating_sub(found.stat.modified);
            (0..self.settle).contains(&age)
        };
        let due = found
            .into_iter()
            .map(|found| self.with_sidecar(found))
            .filter(|found| self.needs_reading(found, now));
        let (young, ready): (Vec<Found>, Vec<Found>) = due.partition(is_young);
        let young = young.iter().map(|found| self.setup.root.join(&*found.path));
        (ready, young.collect())
    }

    /// Adds the items that have not changed but must be read again: those whose moment has come,
    /// those that point at a touched file, and those that were refused and may be right now.
    pub(super) fn add_waiting(
        &self,
        changed: &mut Vec<Found>,
        touched: &HashSet<Arc<str>>,
        now: DateTime<Utc>,
    ) {
        for (_, record) in self.catalog.special() {
            let due = matches!(record.state, State::Scheduled(at) if at <= now.timestamp_millis());
            let points =
                !touched.is_empty() && record.files.iter().any(|path| touched.contains(&**path));
            if due || points || has_errors(record) {
                let scan = self
                    .setup
                    .scanner
                    .below(&self.setup.root.join(&*record.path));
                let found = scan.found.into_iter();
                changed.extend(found.map(|found| self.with_sidecar(found)));
            }
        }
        for path in touched {
            let Some(item) = path.strip_suffix(decisions::SIDECAR) else {
                continue;
            };
            let scan = self.setup.scanner.below(&self.setup.root.join(item));
            let found = scan
                .found
                .into_iter()
                .filter(|found| found.format.is_some());
            changed.extend(found.map(|found| self.with_sidecar(found)));
        }
    }

    /// An item's file with what tells that its sidecar has changed.
    fn with_sidecar(&self, mut found: Found) -> Found {
        if found.format.is_none() {
            return found;
        }
        let Some(sidecar) = self.files.get(&*decisions::sidecar_path(&found.path)) else {
            return found;
        };
        let stat = &mut found.stat;
        stat.modified = stat.modified.max(sidecar.modified);
        stat.changed = stat.changed.max(sidecar.changed);
        // The size must stay the item's own.
        stat.inode = Fingerprint::default()
            .number(stat.inode)
            .number(sidecar.inode)
            .number(sidecar.size)
            .number(sidecar.modified.cast_unsigned())
            .finish();
        found
    }

    fn needs_reading(&self, found: &Found, now: DateTime<Utc>) -> bool {
        if found.format.is_none() {
            return false;
        }
        let Some(record) = self.catalog.at_path(&found.path) else {
            return true;
        };
        record.stat != found.stat
            || has_errors(record)
            || matches!(record.state, State::Scheduled(at) if at <= now.timestamp_millis())
            || self.files_changed(record)
    }

    /// Whether a file that the record points at came or went since it was read.
    fn files_changed(&self, record: &Record) -> bool {
        !record.files.is_empty()
            && record.files.iter().any(|path| {
                let missing = record
                    .problems
                    .iter()
                    .any(|problem| problem.message.contains(&**path));
                missing == self.files.contains_key(&**path)
            })
    }
}

pub(super) fn has_errors(record: &Record) -> bool {
    record
        .problems
        .iter()
        .any(|problem| problem.severity == crate::diagnostic::Severity::Error)
}

/// The files of a scan that are not items.
pub(super) fn other_files(found: &[Found]) -> HashMap<Arc<str>, Stat> {
    let others = found.iter().filter(|found| found.format.is_none());
    others
        .map(|found| (found.path.clone(), found.stat))
        .collect()
}
