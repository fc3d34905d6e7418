//! A change set through all of it, once: scan, read, tag, settle, catalog, render, write.
//!
//! The order is what makes it safe. The ledger learns an id before anything is published under
//! it; a page is written before the feeds that link to it, and removed after them; the catalog
//! is remembered last, so that whatever a crash interrupts is done again.

pub mod inspect;
pub mod intake;
mod issues;
mod report;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use thiserror::Error;

use crate::catalog::store::Store;
use crate::catalog::{Catalog, Identity, Record, Stat, State, Topic};
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::identity::{self, Candidate, Settled};
use crate::ledger::{IssueRecord, Ledger, LedgerError, Lookup, Publication};
use crate::output::{Output, OutputError, Put};
use crate::page;
use crate::publish::{Document, EntryCache, Publisher, Unit, item_path};
use crate::scan::{Found, Scan, is_at_or_below};
use crate::setup::Setup;
use intake::{Intake, Outcome, keep_last_good, take_in};

pub use report::{Counts, Progress, Report, Stage};

/// How many files are read before their contents are put away: bounds the memory.
const READ_AT_ONCE: usize = 512;

/// How many units are rendered before their files are remembered: bounds the memory, and what a
/// crash makes to be done again.
const RENDER_AT_ONCE: usize = 4_096;

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
    output: Output,
    files: HashMap<Arc<str>, Stat>,
    /// The issues in the ledger.
    issues: Vec<IssueRecord>,
    /// The same with their items, for each digest of the config, oldest first.
    editions: Vec<Vec<Edition>>,
    cache: EntryCache,
    site: page::Site,
    /// What the last scan could not look at.
    unseen: Vec<(String, Problem)>,
    /// When it was last looked at which issues are due.
    issues_seen: DateTime<Utc>,
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
            std::fs::TryLockError::Error(source) => PipelineError::State { path: lock_path.clone(), source },
        })?;
        let (store, records) = Store::open(&folder, &setup.settings).map_err(state(&folder))?;
        let mut catalog = Catalog::default();
        catalog.apply(&setup.config, records, &[]);
        Ok(Newsroom {
            ledger: Ledger::open(&setup.root.join(&setup.config.ledger.file))?,
            output: Output::open(&setup.root.join(&setup.config.output.folder))?,
            site: crate::publish::site(&setup.config),
            setup,
            catalog,
            store,
            files: HashMap::new(),
            issues: Vec::new(),
            editions: Vec::new(),
            cache: EntryCache::default(),
            unseen: Vec::new(),
            issues_seen: DateTime::UNIX_EPOCH,
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

    /// What there is, in numbers.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { feeds: self.catalog.topics().len(), ..Counts::default() };
        for (_, record) in self.catalog.records() {
            match record.state {
                State::Live(_) => counts.live += 1,
                State::Scheduled(_) => counts.scheduled += 1,
                State::Withdrawn => counts.withdrawn += 1,
                State::Refused => counts.refused += 1,
            }
        }
        counts
    }

    /// Everything that is wrong now: with folders, and with the files of items.
    pub fn problems(&self) -> Vec<Problem> {
        let mut records: Vec<&Record> = self.catalog.records().map(|(_, record)| record).collect();
        records.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let unseen = self.unseen.iter().map(|(_, problem)| problem.clone());
        unseen.chain(records.iter().flat_map(|record| record.problems.iter().cloned())).collect()
    }

    /// The next moment at which something is to be done though no file changes: an embargo ends
    /// or an issue is due. One that has passed counts until it is dealt with.
    pub fn next_moment(&self) -> Option<DateTime<Utc>> {
        let digests = self.setup.config.digests.iter();
        let issues = digests.filter_map(|digest| digest.schedule.next_after(self.issues_seen.with_timezone(&digest.timezone)));
        let issue = issues.map(|due| due.with_timezone(&Utc)).min();
        self.next_release().into_iter().chain(issue).min()
    }

    fn next_release(&self) -> Option<DateTime<Utc>> {
        let scheduled = self.catalog.records().filter_map(|(_, record)| match record.state {
            State::Scheduled(at) => Some(at),
            _ => None,
        });
        scheduled.min().map(crate::entry::from_milliseconds)
    }

    /// Brings the output up to date with everything there is.
    ///
    /// # Errors
    /// When the ledger or the disk fails. Problems of single files are in the report.
    pub fn build(&mut self, now: DateTime<Utc>, progress: &dyn Progress) -> Result<Report, PipelineError> {
        let start = Instant::now();
        progress.start(Stage::Scan, 0);
        let scan = self.setup.scanner.all();
        self.files = other_files(&scan.found);
        let seen: HashSet<&str> = scan.found.iter().map(|found| &*found.path).collect();
        let gone: Vec<Arc<str>> = self
            .catalog
            .records()
            .filter(|(_, record)| !seen.contains(&*record.path) && !scan.is_unseen(&record.path))
            .map(|(_, record)| record.path.clone())
            .collect();
        let (changed, deferred) = self.to_read(&scan.found, now);
        drop(seen);
        self.unseen = scan.unseen;
        let (mut report, _) = self.take_in(changed, gone, now, progress)?;
        report.deferred = deferred;
        self.load_issues(now, &mut report)?;
        let publisher = self.publisher();
        let units = publisher.units();
        let wanted: HashSet<String> = units.iter().flat_map(|unit| publisher.paths(unit)).collect();
        let stale = self.output.paths().filter(|path| !wanted.contains(*path)).map(str::to_owned).collect();
        drop(wanted);
        self.publish(units, stale, progress, &mut report)?;
        report.took = start.elapsed();
        Ok(report)
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
        let mut changed: Vec<Found> = Vec::new();
        let mut gone: Vec<Arc<str>> = Vec::new();
        let mut touched: HashSet<Arc<str>> = HashSet::new();
        let mut deferred: Vec<PathBuf> = Vec::new();
        for path in paths {
            let scan = self.setup.scanner.below(path);
            let Some(name) = self.setup.scanner.relative(path) else {
                continue;
            };
            self.merge_scan(&name, scan, now, &mut deferred, (&mut changed, &mut gone, &mut touched));
        }
        self.add_waiting(&mut changed, &touched, now);
        changed.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        changed.dedup_by(|a, b| a.path == b.path);
        let (mut report, affected) = self.take_in(changed, gone, now, progress)?;
        report.deferred = deferred;
        self.update_issues(&self.ids(&affected), now, &mut report)?;
        let publisher = self.publisher();
        let mut units = publisher.units_of_topics(&affected.topics);
        let mut stale: Vec<String> = Vec::new();
        for topic in &affected.topics {
            let unit = Unit::Topic(*topic);
            if units.binary_search(&unit).is_err() {
                stale.extend(publisher.topic_paths(*topic));
            }
        }
        units.extend(publisher.issue_units());
        for path in &affected.paths {
            units.extend(publisher.item_units(path));
        }
        units.extend(touched.iter().filter_map(|path| publisher.file_unit(path)));
        units.sort_unstable();
        units.dedup();
        let kept: HashSet<String> = units.iter().flat_map(|unit| publisher.paths(unit)).collect();
        let pages = affected.before.iter().filter_map(Record::identity).map(|identity| item_path(&identity.page));
        let files = affected.before.iter().flat_map(|record| &record.files).filter(|path| !publisher.is_pointed_at(path));
        stale.extend(pages);
        stale.extend(files.map(|path| format!("{}/{path}", crate::media::FOLDER)));
        stale.retain(|path| !kept.contains(path));
        self.publish(units, stale, progress, &mut report)?;
        report.took = start.elapsed();
        Ok(report)
    }

    /// The ids of the items that a batch touched.
    fn ids(&self, affected: &Affected) -> HashSet<String> {
        let after = affected.paths.iter().filter_map(|path| self.catalog.at_path(path));
        let records = affected.before.iter().chain(after);
        records.filter_map(|record| record.identity()).map(|identity| identity.id.to_string()).collect()
    }

    /// Sorts the result of scanning one path into what changed, what is gone, and what was
    /// touched that is no item.
    fn merge_scan(
        &mut self,
        name: &str,
        scan: Scan,
        now: DateTime<Utc>,
        deferred: &mut Vec<PathBuf>,
        (changed, gone, touched): (&mut Vec<Found>, &mut Vec<Arc<str>>, &mut HashSet<Arc<str>>),
    ) {
        let seen: HashSet<&str> = scan.found.iter().map(|found| &*found.path).collect();
        let missing = |path: &str| is_at_or_below(path, name) && !seen.contains(path) && !scan.is_unseen(path);
        // A single file is the common case, and a look-up; only a folder means looking at all.
        if let Some(record) = self.catalog.at_path(name) {
            gone.extend(missing(&record.path).then(|| record.path.clone()));
        } else {
            let records = self.catalog.records().filter(|(_, record)| missing(&record.path));
            gone.extend(records.map(|(_, record)| record.path.clone()));
        }
        let lost: Vec<Arc<str>> = self.files.keys().filter(|path| missing(path)).cloned().collect();
        for path in lost {
            self.files.remove(&path);
            touched.insert(path);
        }
        for (path, stat) in other_files(&scan.found) {
            if self.files.insert(path.clone(), stat) != Some(stat) {
                touched.insert(path);
            }
        }
        let (read, young) = self.to_read(&scan.found, now);
        changed.extend(read);
        deferred.extend(young);
        self.unseen.retain(|(path, _)| !is_at_or_below(path, name));
        self.unseen.extend(scan.unseen);
    }

    /// The files that must be read, and those that must be but are too young yet.
    fn to_read(&self, found: &[Found], now: DateTime<Utc>) -> (Vec<Found>, Vec<PathBuf>) {
        let now_nanoseconds = now.timestamp_nanos_opt().unwrap_or(i64::MAX);
        let is_young = |found: &Found| {
            let age = now_nanoseconds.saturating_sub(found.stat.modified);
            (0..self.settle).contains(&age)
        };
        let due = found.iter().filter(|found| self.needs_reading(found, now));
        let (young, ready): (Vec<Found>, Vec<Found>) = due.cloned().partition(is_young);
        let young = young.iter().map(|found| self.setup.root.join(&*found.path));
        (ready, young.collect())
    }

    /// Adds the items that have not changed but must be read again: those whose moment has come,
    /// those that point at a touched file, and those that were refused and may be right now.
    fn add_waiting(&self, changed: &mut Vec<Found>, touched: &HashSet<Arc<str>>, now: DateTime<Utc>) {
        for (_, record) in self.catalog.records() {
            let due = matches!(record.state, State::Scheduled(at) if at <= now.timestamp_millis());
            let points = !touched.is_empty() && record.files.iter().any(|path| touched.contains(&**path));
            if due || points || has_errors(record) {
                let scan = self.setup.scanner.below(&self.setup.root.join(&*record.path));
                changed.extend(scan.found);
            }
        }
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
        !record.files.is_empty() && record.files.iter().any(|path| {
            let missing = record.problems.iter().any(|problem| problem.message.contains(&**path));
            missing == self.files.contains_key(&**path)
        })
    }

    /// Reads, tags and settles changed files and takes them into the catalog.
    fn take_in(
        &mut self,
        changed: Vec<Found>,
        gone: Vec<Arc<str>>,
        now: DateTime<Utc>,
        progress: &dyn Progress,
    ) -> Result<(Report, Affected), PipelineError> {
        progress.start(Stage::Read, changed.len());
        let milliseconds = now.timestamp_millis();
        let mut records: Vec<Record> = Vec::with_capacity(changed.len());
        let mut candidates: Vec<(usize, Candidate)> = Vec::new();
        for some in changed.chunks(READ_AT_ONCE) {
            let outcomes: Vec<Outcome> = some
                .par_iter()
                .map(|found| {
                    let outcome = take_in(&self.setup, found, milliseconds, |path| self.files.contains_key(path));
                    progress.step(Stage::Read);
                    outcome
                })
                .collect();
            self.put_away(outcomes, &mut records, &mut candidates)?;
        }
        self.settle(&mut records, candidates, &gone, milliseconds)?;
        let report = Report::of_records(&self.catalog, &records, &gone);
        let mut affected = Affected {
            paths: records.iter().map(|record| record.path.clone()).collect(),
            ..Affected::default()
        };
        self.store.commit(records.iter(), &gone).map_err(|source| self.state_error(source))?;
        (affected.topics, affected.before) = self.catalog.apply(&self.setup.config, records, &gone);
        Ok((report, affected))
    }

    /// Keeps the contents of what was read, and makes records of all of it.
    fn put_away(
        &mut self,
        outcomes: Vec<Outcome>,
        records: &mut Vec<Record>,
        candidates: &mut Vec<(usize, Candidate)>,
    ) -> Result<(), PipelineError> {
        let mut contents = Vec::with_capacity(outcomes.len());
        let mut kept = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            match outcome {
                Outcome::Good(intake) => {
                    let Intake { record, candidate, content, .. } = *intake;
                    candidates.extend(candidate.map(|candidate| (records.len(), candidate)));
                    kept.push(records.len());
                    contents.push(content);
                    records.push(record);
                }
                Outcome::Bad { found, problems } => records.push(self.last_good(&found, problems)),
            }
        }
        let extents = self.store.keep(&contents).map_err(|source| self.state_error(source))?;
        for (at, extent) in kept.into_iter().zip(extents) {
            records[at].content = extent;
        }
        Ok(())
    }

    fn last_good(&self, found: &Found, problems: Vec<Problem>) -> Record {
        let before = self.catalog.at_path(&found.path).filter(|record| record.state != State::Refused);
        let last = before.and_then(|record| {
            let item = self.store.content(record.content).ok()?;
            Some((record.clone(), item))
        });
        keep_last_good(&self.setup, found, problems, last)
    }

    fn state_error(&self, source: io::Error) -> PipelineError {
        PipelineError::State { path: self.setup.state_folder(), source }
    }

    /// Gives records their identities and tells the ledger.
    fn settle(
        &mut self,
        records: &mut [Record],
        candidates: Vec<(usize, Candidate)>,
        gone: &[Arc<str>],
        now: i64,
    ) -> Result<(), PipelineError> {
        let (places, candidates): (Vec<usize>, Vec<Candidate>) = candidates.into_iter().unzip();
        let known = self.known_publications(records, &candidates, gone)?;
        let removed: HashSet<&str> = gone.iter().map(|path| &**path).collect();
        let read: HashSet<&str> = candidates.iter().map(|candidate| &*candidate.path).collect();
        let exists = |path: &str| {
            !removed.contains(path) && (read.contains(path) || self.catalog.at_path(path).is_some())
        };
        let mut pages: HashSet<String> = known.iter().map(|row| row.page.clone()).collect();
        let mut failure = None;
        let ledger = &mut self.ledger;
        let empty = known.is_empty() && ledger.is_empty()?;
        let is_taken = |page: &str| {
            // A page with a number at its end was not among the pages looked up before.
            if empty || pages.contains(page) {
                return pages.contains(page);
            }
            match ledger.find(&Lookup { pages: vec![page.to_owned()], ..Lookup::default() }) {
                Ok(found) => {
                    let taken = !found.is_empty();
                    pages.extend(found.into_iter().map(|row| row.page));
                    taken
                }
                Err(error) => {
                    failure = Some(error);
                    false
                }
            }
        };
        let authority = &self.setup.config.site.tag_authority;
        let settled = identity::settle(&candidates, &known, exists, is_taken, now, authority);
        if let Some(error) = failure {
            return Err(error.into());
        }
        let mut publications = Vec::with_capacity(settled.len());
        let mut held: HashMap<usize, String> = HashMap::new();
        for (place, settled) in places.into_iter().zip(settled) {
            match settled {
                Settled::Publish(publication) => {
                    records[place].state = State::Live(Identity::of(&publication));
                    publications.push(publication);
                }
                Settled::Duplicate { holder } => {
                    held.insert(place, holder);
                }
            }
        }
        for (place, holder) in held {
            let problem = identity::duplicate(&holder).in_file(Path::new(&*records[place].path));
            let Record { path, stat, problems, .. } = records[place].clone();
            let problems = problems.into_iter().chain([problem]).collect();
            records[place] = self.last_good(&Found { path, stat, format: None }, problems);
        }
        let used: HashSet<&str> = publications.iter().map(|row| &*row.id).collect();
        let left = gone_publications(&known, records, &removed, &used, now);
        publications.retain(|publication| !known.contains(publication));
        publications.extend(left);
        Ok(self.ledger.record(&publications)?)
    }

    /// The publications that may be those of the candidates, or that end with this batch.
    fn known_publications(
        &mut self,
        records: &[Record],
        candidates: &[Candidate],
        gone: &[Arc<str>],
    ) -> Result<Vec<Publication>, PipelineError> {
        if self.ledger.is_empty()? {
            return Ok(Vec::new());
        }
        let paths = records.iter().map(|record| &record.path).chain(gone);
        let lookup = Lookup::of(paths.map(|path| path.to_string()), candidates);
        Ok(self.ledger.find(&lookup)?)
    }

    fn publisher(&self) -> Publisher<'_> {
        Publisher {
            setup: &self.setup,
            catalog: &self.catalog,
            store: &self.store,
            files: &self.files,
            editions: &self.editions,
            cache: &self.cache,
            site: &self.site,
            item_pages: OnceLock::new(),
        }
    }

    /// Renders and writes what is not up to date, then removes what is stale. Units come in the
    /// order in which they must be written.
    fn publish(
        &mut self,
        units: Vec<Unit>,
        stale: Vec<String>,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        let publisher = self.publisher();
        let due: Vec<(Unit, u64, Vec<String>)> = units
            .into_par_iter()
            .filter_map(|unit| {
                let inputs = publisher.inputs(&unit);
                let paths = publisher.paths(&unit);
                let current = paths.iter().all(|path| self.output.is_current(path, inputs));
                (!current).then_some((unit, inputs, paths))
            })
            .collect();
        progress.start(Stage::Write, due.len());
        for some in due.chunks(RENDER_AT_ONCE) {
            let paths = some.iter().flat_map(|(_, _, paths)| paths.iter().map(String::as_str));
            self.output.announce(paths)?;
            let publisher = self.publisher();
            let results: Vec<Result<Vec<Put>, Failure>> = some
                .par_iter()
                .map(|(unit, inputs, _)| {
                    let puts = render_and_put(&publisher, &self.output, unit, *inputs);
                    progress.step(Stage::Write);
                    puts
                })
                .collect();
            let mut puts = Vec::new();
            let mut disk = None;
            for result in results {
                match result {
                    Ok(some) => puts.extend(some),
                    Err(Failure::Render(problem)) => report.problems.push(problem),
                    Err(Failure::Write(error @ OutputError::Disk { .. })) => disk = Some(error),
                    Err(Failure::Write(error)) => report.problems.push(Problem::error(error.to_string())),
                }
            }
            report.add(self.output.commit(puts)?);
            if let Some(error) = disk {
                return Err(error.into());
            }
        }
        report.add(self.output.remove(&stale)?);
        progress.finish();
        Ok(())
    }
}

/// What a batch touched in the catalog.
#[derive(Default)]
struct Affected {
    topics: BTreeSet<Topic>,
    /// The records that were replaced or removed, as they were.
    before: Vec<Record>,
    /// The files that were read.
    paths: Vec<Arc<str>>,
}

enum Failure {
    Render(Problem),
    Write(OutputError),
}

fn render_and_put(publisher: &Publisher<'_>, output: &Output, unit: &Unit, inputs: u64) -> Result<Vec<Put>, Failure> {
    let documents = publisher.render(unit).map_err(Failure::Render)?;
    let put = |document: Document| match document {
        Document::Bytes(path, bytes) => output.put(&path, inputs, &bytes),
        Document::Copy(path, source) => output.copy(&path, inputs, &publisher.setup.root.join(&*source)),
    };
    documents.into_iter().map(put).collect::<Result<_, _>>().map_err(Failure::Write)
}

/// The publications that end with a batch: their file is gone, or its item is live no more.
fn gone_publications(
    known: &[Publication],
    records: &[Record],
    removed: &HashSet<&str>,
    used: &HashSet<&str>,
    now: i64,
) -> Vec<Publication> {
    let ended: HashSet<&str> = records
        .iter()
        .filter(|record| matches!(record.state, State::Withdrawn | State::Scheduled(_)))
        .map(|record| &*record.path)
        .collect();
    known
        .iter()
        .filter(|row| row.gone.is_none() && !used.contains(&*row.id))
        .filter(|row| removed.contains(&*row.path) || ended.contains(&*row.path))
        .map(|row| Publication { gone: Some(now), ..row.clone() })
        .collect()
}

fn has_errors(record: &Record) -> bool {
    record.problems.iter().any(|problem| problem.severity == crate::diagnostic::Severity::Error)
}

/// The files of a scan that are not items.
fn other_files(found: &[Found]) -> HashMap<Arc<str>, Stat> {
    let others = found.iter().filter(|found| found.format.is_none());
    others.map(|found| (found.path.clone(), found.stat)).collect()
}
