//! A change set through all of it, once: scan, read, tag, settle, catalog, render, write.
//!
//! The order is what makes it safe. The ledger learns an id before anything is published under
//! it; a page is written before the feeds that link to it, and removed after them. The output's
//! manifest says what each file was made from, so that a build after a crash or a full disk makes
//! whatever is missing.

pub mod doubts;
mod first;
pub mod inspect;
pub mod intake;
pub mod issues;
pub mod labelled;
mod learning;
mod looking;
mod reading;
mod renames;
mod report;
pub mod retag;
mod settled;
mod standing;
#[cfg(test)]
mod tests;
mod view;
mod writing;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use crate::catalog::store::Store;
use crate::catalog::{Catalog, Number, Record, Stat, Topic};
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::fingerprint::Fingerprint;
use crate::ledger::{IssueError, Ledger, LedgerError, TombstoneRecord};
use crate::output::{Output, OutputError};
use crate::page;
use crate::publish::{Archives, EntryCache, Publisher, Tombstones, Unit, item_path};
use crate::scan::Found;
use crate::setup::Setup;

use issues::{Begin, Issues};
pub use learning::ENOUGH_ITEMS;
use learning::Learning;
use looking::other_files;
pub use report::{Counts, Progress, Report, Stage};

/// Why the pipeline cannot go on; what was published stays as it was.
#[derive(Debug, Error)]
pub enum PipelineError {
    /// The configuration or a template is wrong.
    #[error("{} problems in the configuration or the templates", .0.len())]
    Setup(Vec<Problem>),
    /// Another process works on this newsroom.
    #[error("another tidings works on this newsroom (it holds {})", .0.display())]
    Locked(PathBuf),
    /// The state folder cannot be used.
    #[error("{}: {source}", path.display())]
    State {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An issue cannot be changed.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// A newsroom at work: its setup, catalog, ledger and output.
pub struct Newsroom {
    setup: Setup,
    catalog: Catalog,
    store: Store,
    ledger: Ledger,
    /// The WebSub hubs elsewhere that are told which feeds changed.
    hubs: Vec<String>,
    output: Output,
    files: HashMap<Arc<str>, Stat>,
    /// The issues in the ledger.
    issues: Issues,
    /// Which of them begin to be sent once they are approved.
    begin: Begin,
    /// Those that are public with their items, for each digest of the config, oldest first.
    editions: Vec<Vec<Edition>>,
    /// What of each feed is sealed in archives.
    archives: Archives,
    /// What is gone.
    tombstones: Tombstones,
    /// Whether addresses have gone or moved, or come back, since they were last written.
    addresses_changed: bool,
    cache: EntryCache,
    /// The part that all pages of a language share.
    sites: Vec<page::Site>,
    learning: Learning,
    /// What the last scan could not look at.
    unseen: Vec<(String, Problem)>,
    /// What time it was when the last work began.
    now: DateTime<Utc>,
    /// Files changed less than this many nanoseconds ago may still be written to, and are left
    /// for later.
    settle: i64,
    /// Holds other processes off for as long as it lives.
    _lock: File,
}

impl Newsroom {
    /// Opens a newsroom, creates what it keeps on the disk where there is nothing yet, and keeps
    /// other processes off.
    ///
    /// # Errors
    /// When another process works on it, or its state, ledger or output cannot be opened.
    pub fn open(setup: Setup) -> Result<Newsroom, PipelineError> {
        let folder = setup.state_folder();
        let state = |path: &Path| {
            let path = path.to_owned();
            move |source| PipelineError::State { path, source }
        };
        std::fs::create_dir_all(&folder).map_err(state(&folder))?;
        let lock_path = folder.join("lock");
        let lock = File::create(&lock_path).map_err(state(&lock_path))?;
        lock.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => PipelineError::Locked(lock_path.clone()),
            std::fs::TryLockError::Error(source) => PipelineError::State {
                path: lock_path.clone(),
                source,
            },
        })?;
        let ((ledger, output), stored) = rayon::join(
            || {
                rayon::join(
                    || Ledger::open(&setup.root.join(&setup.config.ledger.file)),
                    || Output::open(&setup.root.join(&setup.config.output.folder)),
                )
            },
            || {
                let (store, records) = Store::open(&folder, &setup.settings)?;
                Ok((store, Catalog::load(&setup.config, records)))
            },
        );
        let mut ledger = ledger?;
        let (store, catalog) = stored.map_err(state(&folder))?;
        let hubs = setup.config.websub.hubs.iter().map(ToString::to_string);
        let hubs: Vec<String> = hubs.collect();
        if !hubs.is_empty() {
            ledger.recover_notices(&hubs, 0)?;
        }
        renames::record(&setup.config, &mut ledger)?;
        Ok(Newsroom {
            hubs,
            archives: Archives::load(&setup.config, ledger.seals()?),
            tombstones: Tombstones::load(ledger.tombstones()?),
            addresses_changed: true,
            ledger,
            output: output?,
            sites: crate::publish::sites(&setup.config),
            catalog,
            learning: Learning::load(&setup),
            setup,
            store,
            files: HashMap::new(),
            issues: Issues::default(),
            begin: Begin::default(),
            editions: Vec::new(),
            cache: EntryCache::default(),
            unseen: Vec::new(),
            now: DateTime::UNIX_EPOCH,
            settle: 0,
            _lock: lock,
        })
    }

    /// From now on, leaves files alone that were changed less than this ago, and lists them in
    /// [`Report::deferred`]: somebody may still be writing to them.
    pub fn leave_alone_younger_than(&mut self, age: Duration) {
        self.settle = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
    }

    /// Configuration and templates.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The items.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Brings the output up to date with everything there is.
    ///
    /// # Errors
    /// When the ledger or the disk fails. Problems of single files are in the report.
    pub fn build(
        &mut self,
        now: DateTime<Utc>,
        progress: &dyn Progress,
    ) -> Result<Report, PipelineError> {
        let start = Instant::now();
        self.now = now;
        progress.start(Stage::Scan, 0);
        let scan = self.setup.scanner.all();
        self.files = other_files(&scan.found);
        let seen: HashSet<&str> = scan.found.iter().map(|found| &*found.path).collect();
        let is_lost = |path: &str| !seen.contains(path) && !scan.is_unseen(path);
        let gone: Vec<Arc<str>> = if self.catalog.is_empty() {
            // Who deleted the catalog may have deleted items with it: the ledger knows them.
            let published = self.ledger.published_paths()?.into_iter();
            published
                .filter(|path| is_lost(path))
                .map(Arc::from)
                .collect()
        } else {
            let records = self.catalog.records().map(|(_, record)| &record.path);
            records.filter(|path| is_lost(path)).cloned().collect()
        };
        drop(seen);
        let (changed, deferred) = self.to_read(scan.found, now);
        self.unseen = scan.unseen;
        self.forget_tombstones(now);
        let (mut report, _) = self.take_in(changed, gone, now, progress)?;
        report.deferred = deferred;
        self.addresses_changed = true;
        self.seal(self.catalog.topics())?;
        self.load_issues(now, &mut report)?;
        let everything = self.publisher().everything();
        let is_complete = self.output.is_complete(everything);
        let (units, stale) = match is_complete {
            true => (Vec::new(), Vec::new()),
            false => self.all_units(),
        };
        let problems = report.problems.len();
        self.publish(units, stale, progress, &mut report)?;
        if !is_complete && report.problems.len() == problems {
            self.output.set_complete(everything)?;
        }
        self.write_addresses()?;
        retag::keep(&self.setup)?;
        report.took = start.elapsed();
        Ok(report)
    }

    /// Every unit there is to publish, and the files of the output that belong to none.
    fn all_units(&self) -> (Vec<Unit>, Vec<String>) {
        let publisher = self.publisher();
        let units = publisher.units();
        // Fingerprints take a tenth of the memory of the paths themselves.
        let fingerprint = |path: &str| Fingerprint::default().text(path).finish();
        let paths = units.iter().flat_map(|unit| publisher.paths(unit));
        let wanted: HashSet<u64> = paths.map(|path| fingerprint(&path)).collect();
        let stale = self
            .output
            .paths()
            .filter(|path| !wanted.contains(&fingerprint(path)))
            .map(str::to_owned)
            .collect();
        (units, stale)
    }

    /// Brings the output up to date with what has changed at or below some paths (absolute), and
    /// with the clock.
    ///
    /// # Errors
    /// As those of [`Newsroom::build`].
    pub fn update(
        &mut self,
        paths: &BTreeSet<PathBuf>,
        now: DateTime<Utc>,
        progress: &dyn Progress,
    ) -> Result<Report, PipelineError> {
        let start = Instant::now();
        self.now = now;
        let mut changed: Vec<Found> = Vec::new();
        let mut gone: Vec<Arc<str>> = Vec::new();
        let mut touched: HashSet<Arc<str>> = HashSet::new();
        let mut deferred: Vec<PathBuf> = Vec::new();
        for path in paths {
            let scan = self.setup.scanner.below(path);
            let Some(name) = self.setup.scanner.relative(path) else {
                continue;
            };
            self.merge_scan(
                &name,
                scan,
                now,
                &mut deferred,
                (&mut changed, &mut gone, &mut touched),
            );
        }
        self.add_waiting(&mut changed, &touched, now);
        changed.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        changed.dedup_by(|a, b| a.path == b.path);
        let mut said: HashSet<String> = self.forget_tombstones(now).into_iter().collect();
        let (mut report, mut affected) = self.take_in(changed, gone, now, progress)?;
        report.deferred = deferred;
        let tombstones = affected.tombstones.iter();
        said.extend(tombstones.flat_map(|tombstone| tombstone.feeds.iter().cloned()));
        let topics = self.publisher().topics_in(&said);
        affected.topics.extend(topics);
        let sealed = self.seal(affected.topics.iter().copied())?;
        let former = self.update_issues(&self.ids(&affected), now, &mut report)?;
        let publisher = self.publisher();
        let mut units = publisher.units_of_topics(&affected.topics);
        let mut stale: Vec<String> = former
            .iter()
            .flat_map(|unit| publisher.paths(unit))
            .collect();
        for topic in &affected.topics {
            let unit = Unit::Feeds(*topic);
            if units.binary_search(&unit).is_err() {
                stale.extend(publisher.topic_paths(*topic));
            }
        }
        units.extend(publisher.issue_units());
        units.extend(sealed);
        if self.setup.config.pages.enabled {
            let gone = affected.tombstones.iter();
            units.extend(gone.map(|tombstone| Unit::Gone(tombstone.page.as_str().into())));
        }
        for record in &affected.before {
            units.extend(publisher.sealed_units_of(record));
        }
        let mut addresses_changed = !affected.tombstones.is_empty();
        for topic in &affected.topics {
            // Its files went when its last item did, or when nothing was left to say of that.
            if self.catalog.items(*topic).len() <= affected.paths.len() {
                units.extend(publisher.sealed_units(*topic));
                addresses_changed = true;
            }
        }
        units.extend(publisher.related_units(&affected.related));
        let after = affected.paths.iter();
        let after = after.filter_map(|path| self.catalog.at_path(path));
        let related = affected.related.iter();
        let related = related.filter_map(|number| self.catalog.get(*number));
        let touched_records = affected.before.iter().chain(after).chain(related);
        let (sitemaps, old_sitemaps) = publisher.sitemap_units(touched_records);
        units.extend(sitemaps);
        stale.extend(old_sitemaps);
        for path in &affected.paths {
            units.extend(publisher.item_units(path));
        }
        units.extend(touched.iter().filter_map(|path| publisher.file_unit(path)));
        units.retain(|unit| publisher.is_wanted(unit));
        units.sort_unstable();
        units.dedup();
        let kept: HashSet<String> = units
            .iter()
            .flat_map(|unit| publisher.paths(unit))
            .collect();
        let pages = affected
            .before
            .iter()
            .filter_map(Record::identity)
            .map(|identity| item_path(&identity.page));
        let files = affected
            .before
            .iter()
            .flat_map(|record| &record.files)
            .filter(|path| !publisher.is_pointed_at(path));
        stale.extend(pages);
        stale.extend(affected.left_pages.iter().map(|page| item_path(page)));
        stale.extend(files.map(|path| format!("{}/{path}", crate::media::FOLDER)));
        stale.retain(|path| !kept.contains(path));
        self.addresses_changed |= addresses_changed;
        self.publish(units, stale, progress, &mut report)?;
        self.write_addresses()?;
        report.took = start.elapsed();
        Ok(report)
    }

    /// Lets feeds say what is gone for as long as is configured. Returns the folders of the feeds
    /// that say less than before.
    fn forget_tombstones(&mut self, now: DateTime<Utc>) -> Vec<String> {
        let time = self.setup.config.feeds.tombstones;
        let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
        let since = now.checked_sub_signed(time);
        let shorter = self
            .tombstones
            .show_since(since.unwrap_or(DateTime::UNIX_EPOCH));
        // Feeds may end with the last that they said.
        self.addresses_changed |= !shorter.is_empty();
        shorter
    }

    /// Makes ready what the next change will most likely need; for a newsroom that is watched.
    pub fn prepare(&self) {
        self.publisher().prepare_entries();
    }

    /// The ids of the items that a batch touched.
    fn ids(&self, affected: &Affected) -> HashSet<String> {
        let after = affected
            .paths
            .iter()
            .filter_map(|path| self.catalog.at_path(path));
        let records = affected.before.iter().chain(after);
        records
            .filter_map(|record| record.identity())
            .map(|identity| identity.id.to_string())
            .collect()
    }

    fn state_error(&self, source: io::Error) -> PipelineError {
        PipelineError::State {
            path: self.setup.state_folder(),
            source,
        }
    }

    fn publisher(&self) -> Publisher<'_> {
        Publisher {
            setup: &self.setup,
            now: self.now,
            catalog: &self.catalog,
            contents: self.store.contents(),
            files: &self.files,
            editions: &self.editions,
            archives: &self.archives,
            tombstones: &self.tombstones,
            cache: &self.cache,
            sites: &self.sites,
            item_pages: self.sites.iter().map(|_| OnceLock::new()).collect(),
        }
    }
}

/// What a batch touched in the catalog.
#[derive(Default)]
struct Affected {
    topics: BTreeSet<Topic>,
    /// The records that were replaced or removed, as they were.
    before: Vec<Record>,
    /// The items whose pages link to translations among those.
    related: BTreeSet<Number>,
    /// What is said in the place of items that went.
    tombstones: Vec<TombstoneRecord>,
    /// The pages that items have left for others.
    left_pages: Vec<String>,
    /// The files that were read.
    paths: Vec<Arc<str>>,
}
