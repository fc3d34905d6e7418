//! Watching a newsroom: notices changes, waits until they are whole, and runs the pipeline.
//!
//! Notifications are only a hint. The kernel drops them when there are too many and never tells
//! of files in folders that appeared a moment ago; so a folder that appears is scanned, doubt
//! means a scan of everything, and everything is scanned now and then anyway.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use chrono::Utc;
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::diagnostic::Problem;
use crate::pipeline::{Newsroom, PipelineError, Progress, Report};
use crate::setup::{CONFIG_FILE, Setup};

/// However long changes keep coming, what has come by then is published.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A file that was written to and not closed is taken as it is after this long without a write:
/// some writers never tell that they are done.
const UNCLOSED_WAIT: Duration = Duration::from_secs(1);

/// After a failure of the disk or the ledger, how long until everything is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// How often it is looked whether somebody approved or edited an issue in another process.
const LEDGER_LOOK: Duration = Duration::from_secs(2);

/// What reaches the watching loop.
#[derive(Debug)]
pub enum Signal {
    /// Something changed at these paths.
    Changed(Vec<PathBuf>),
    /// These files are being written to.
    Writing(Vec<PathBuf>),
    /// Something may have changed anywhere.
    Anything,
    /// The end.
    Stop,
}

/// What the watching loop has to tell.
pub enum News<'a> {
    /// A batch went through; the newsroom as it is after it.
    Published(&'a Report, &'a Newsroom),
    /// The configuration or a template changed and is wrong; the last good one stays in force.
    SetupRefused(&'a [Problem]),
    /// The configuration or a template changed and is in force.
    SetupTaken,
    /// The disk or the ledger failed; it will be tried again.
    Failed(&'a PipelineError),
    /// Notifications cannot be had; the folders are scanned instead.
    Polling(String),
}

/// Makes the channel that stops the loop: send [`Signal::Stop`] on it.
pub fn channel() -> (Sender<Signal>, Receiver<Signal>) {
    mpsc::channel()
}

/// Publishes everything, then every change, until told to stop.
///
/// # Errors
/// When the first build fails; later failures are told and tried again.
pub fn run(
    newsroom: Newsroom,
    (sender, receiver): (Sender<Signal>, Receiver<Signal>),
    progress: &dyn Progress,
    mut tell: impl FnMut(News<'_>),
) -> Result<(), PipelineError> {
    let mut newsroom = Some(newsroom);
    while let Some(current) = newsroom.take() {
        newsroom = watch_setup(current, &sender, &receiver, progress, &mut tell)?;
    }
    Ok(())
}

/// Watches under one setup. Returns the newsroom under the next one, or `None` at the end.
fn watch_setup(
    mut newsroom: Newsroom,
    sender: &Sender<Signal>,
    receiver: &Receiver<Signal>,
    progress: &dyn Progress,
    tell: &mut impl FnMut(News<'_>),
) -> Result<Option<Newsroom>, PipelineError> {
    let settings = newsroom.setup().config.watch.clone();
    newsroom.leave_alone_younger_than(settings.debounce);
    // The notifications first, then the scan: nothing falls between them.
    let (watcher, polling) = if settings.poll {
        (None, false)
    } else {
        match notifications(newsroom.setup(), sender) {
            Ok(watcher) => (Some(watcher), false),
            Err(error) => {
                tell(News::Polling(error.to_string()));
                (None, true)
            }
        }
    };
    // Without notifications the scans are all there is: often enough to be of use.
    let rescan = if polling {
        settings.rescan.min(Duration::from_secs(2))
    } else {
        settings.rescan
    };
    let _watcher = watcher;
    let report = newsroom.build(Utc::now(), progress)?;
    tell(News::Published(&report, &newsroom));
    newsroom.prepare();
    let mut pending = Pending {
        deferred: report.deferred,
        ..Pending::new(settings.debounce)
    };
    pending.settle_deferred();
    let mut next_scan = Instant::now() + rescan;
    let mut failed = false;
    loop {
        let now = Instant::now();
        let mut wake = next_scan.min(pending.due().unwrap_or(next_scan));
        if !newsroom.setup().config.digests.is_empty() {
            wake = wake.min(now + LEDGER_LOOK);
        }
        if let Some(moment) = newsroom.next_moment() {
            let wait = (moment - Utc::now()).to_std().unwrap_or_default();
            wake = wake.min(now + wait.min(rescan));
        }
        match receiver.recv_timeout(wake.saturating_duration_since(now)) {
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Ok(signal) => {
                pending.note(signal, Instant::now());
                continue;
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let scan_due = Instant::now() >= next_scan;
        let moment_due = newsroom
            .next_moment()
            .is_some_and(|moment| moment <= Utc::now());
        // Where the ledger fails, the update finds out and tells.
        let approved = newsroom.issues_changed().unwrap_or(true);
        let Some(batch) = pending.take(Instant::now(), scan_due || moment_due || approved) else {
            continue;
        };
        if batch.everything || scan_due || concerns_setup(newsroom.setup(), &batch.paths) {
            match reload(newsroom.setup()) {
                Ok(None) => {}
                Ok(Some(setup)) => {
                    tell(News::SetupTaken);
                    // The lock must be free before the newsroom is opened anew.
                    let begin = newsroom.begins().clone();
                    drop(newsroom);
                    let mut next = Newsroom::open(*setup)?;
                    next.begin_issues(begin);
                    return Ok(Some(next));
                }
                Err(problems) => tell(News::SetupRefused(&problems)),
            }
        }
        let mut paths = batch.paths;
        if batch.everything || scan_due {
            paths.extend(newsroom.setup().scanner.folders());
        }
        // After a failure nobody knows what reached the output; a build finds out.
        let result = if std::mem::take(&mut failed) {
            newsroom.build(Utc::now(), progress)
        } else {
            newsroom.update(&paths, Utc::now(), progress)
        };
        next_scan = if scan_due || batch.everything {
            Instant::now() + rescan
        } else {
            next_scan
        };
        match result {
            Ok(mut report) => {
                pending.deferred = std::mem::take(&mut report.deferred);
                pending.settle_deferred();
                tell(News::Published(&report, &newsroom));
            }
            Err(error) => {
                tell(News::Failed(&error));
                failed = true;
                next_scan = Instant::now() + RETRY_AFTER;
            }
        }
    }
}

/// The setup as it is on the disk now, if it differs from the one in force.
fn reload(current: &Setup) -> Result<Option<Box<Setup>>, Vec<Problem>> {
    let fresh = Setup::load(&current.root)?;
    Ok((fresh.fingerprint != current.fingerprint).then(|| Box::new(fresh)))
}

fn concerns_setup(setup: &Setup, paths: &BTreeSet<PathBuf>) -> bool {
    let templates = setup.root.join(&setup.config.pages.templates);
    let config = setup.root.join(CONFIG_FILE);
    paths
        .iter()
        .any(|path| *path == config || path.starts_with(&templates))
}

/// Subscribes to the kernel's notifications for the items, the templates and the configuration.
fn notifications(setup: &Setup, sender: &Sender<Signal>) -> notify::Result<RecommendedWatcher> {
    let sender = sender.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if let Some(signal) = signal(event) {
            // Fails only when the loop has ended, and then nobody wants to know.
            let _ = sender.send(signal);
        }
    })?;
    let templates = setup.root.join(&setup.config.pages.templates);
    let folders = setup.scanner.folders().chain([templates]);
    for folder in folders.filter(|folder| folder.is_dir()) {
        watcher.watch(&folder, RecursiveMode::Recursive)?;
    }
    watcher.watch(&setup.root, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// What a notification means, if anything. Our own reading causes some; those mean nothing.
fn signal(event: notify::Result<notify::Event>) -> Option<Signal> {
    let event = match event {
        // The flag comes without a path, so it must be looked at before the paths are.
        Ok(event) if event.need_rescan() => return Some(Signal::Anything),
        Ok(event) => event,
        Err(_) => return Some(Signal::Anything),
    };
    match event.kind {
        EventKind::Modify(ModifyKind::Data(_)) => Some(Signal::Writing(event.paths)),
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_) => Some(Signal::Changed(event.paths)),
        _ => None,
    }
}

/// What has been noticed and not yet been published.
struct Pending {
    debounce: Duration,
    paths: BTreeSet<PathBuf>,
    everything: bool,
    /// Files that are written to, and when they last were.
    writing: HashMap<PathBuf, Instant>,
    /// When the first and the last of the changes were noticed.
    noticed: Option<(Instant, Instant)>,
    /// Files that were too young to be read, to be looked at again.
    deferred: Vec<PathBuf>,
}

struct Batch {
    paths: BTreeSet<PathBuf>,
    everything: bool,
}

impl Pending {
    fn new(debounce: Duration) -> Pending {
        Pending {
            debounce,
            paths: BTreeSet::new(),
            everything: false,
            writing: HashMap::new(),
            noticed: None,
            deferred: Vec::new(),
        }
    }

    fn note(&mut self, signal: Signal, now: Instant) {
        match signal {
            Signal::Changed(paths) => {
                let relevant = paths.into_iter().filter(|path| !is_noise(path));
                for path in relevant {
                    self.writing.remove(&path);
                    self.paths.insert(path);
                    self.touch(now);
                }
            }
            Signal::Writing(paths) => {
                for path in paths.into_iter().filter(|path| !is_noise(path)) {
                    self.paths.remove(&path);
                    self.writing.insert(path, now);
                }
            }
            Signal::Anything => {
                self.everything = true;
                self.touch(now);
            }
            Signal::Stop => {}
        }
    }

    fn touch(&mut self, now: Instant) {
        let (first, _) = self.noticed.unwrap_or((now, now));
        self.noticed = Some((first, now));
    }

    fn settle_deferred(&mut self) {
        if !self.deferred.is_empty() {
            self.paths.extend(std::mem::take(&mut self.deferred));
            self.touch(Instant::now());
        }
    }

    /// When the next batch is ready.
    fn due(&self) -> Option<Instant> {
        let quiet = self
            .noticed
            .map(|(first, last)| (last + self.debounce).min(first + LONGEST_WAIT));
        let unclosed = self
            .writing
            .values()
            .min()
            .map(|since| *since + UNCLOSED_WAIT);
        quiet.into_iter().chain(unclosed).min()
    }

    /// The next batch, if it is ready or something else is due anyway.
    fn take(&mut self, now: Instant, anyway: bool) -> Option<Batch> {
        if !anyway && self.due().is_none_or(|due| due > now) {
            return None;
        }
        let unclosed = self
            .writing
            .extract_if(|_, since| *since + UNCLOSED_WAIT <= now);
        self.paths.extend(unclosed.map(|(path, _)| path));
        self.noticed = None;
        Some(Batch {
            paths: std::mem::take(&mut self.paths),
            everything: std::mem::take(&mut self.everything),
        })
    }
}

/// Names that editors and downloads use for a moment; nothing is lost by not looking at once.
fn is_noise(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| crate::scan::is_hidden(&name.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBOUNCE: Duration = Duration::from_millis(80);

    fn changed(path: &str) -> Signal {
        Signal::Changed(vec![path.into()])
    }

    #[test]
    fn a_batch_waits_for_quiet_and_holds_all_that_came() {
        let start = Instant::now();
        let mut pending = Pending::new(DEBOUNCE);
        assert!(pending.due().is_none());
        pending.note(changed("/a.md"), start);
        pending.note(changed("/b.md"), start + DEBOUNCE / 2);
        assert!(pending.take(start + DEBOUNCE, false).is_none());
        let batch = pending.take(start + DEBOUNCE * 2, false).unwrap();
        assert_eq!(batch.paths.len(), 2);
        assert!(pending.due().is_none());
    }

    #[test]
    fn a_file_that_is_being_written_holds_back_only_itself() {
        let start = Instant::now();
        let mut pending = Pending::new(DEBOUNCE);
        pending.note(changed("/a.md"), start);
        pending.note(Signal::Writing(vec!["/video.md".into()]), start);
        pending.note(Signal::Writing(vec!["/video.md".into()]), start + DEBOUNCE);
        let batch = pending.take(start + DEBOUNCE * 2, false).unwrap();
        assert_eq!(batch.paths, BTreeSet::from([PathBuf::from("/a.md")]));
        pending.note(changed("/video.md"), start + DEBOUNCE * 3);
        let batch = pending.take(start + DEBOUNCE * 5, false).unwrap();
        assert_eq!(batch.paths, BTreeSet::from([PathBuf::from("/video.md")]));
    }

    #[test]
    fn a_file_that_is_never_closed_is_taken_in_the_end() {
        let start = Instant::now();
        let mut pending = Pending::new(DEBOUNCE);
        pending.note(Signal::Writing(vec!["/a.md".into()]), start);
        assert_eq!(pending.due(), Some(start + UNCLOSED_WAIT));
        let batch = pending.take(start + UNCLOSED_WAIT, false).unwrap();
        assert_eq!(batch.paths.len(), 1);
    }

    #[test]
    fn endless_changes_do_not_put_a_batch_off_for_ever() {
        let start = Instant::now();
        let mut pending = Pending::new(DEBOUNCE);
        let mut now = start;
        while now < start + LONGEST_WAIT {
            pending.note(changed("/a.md"), now);
            now += DEBOUNCE / 2;
        }
        assert!(pending.take(now, false).is_some());
    }

    #[test]
    fn a_lost_notification_means_looking_at_everything() {
        let event = notify::Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        assert!(matches!(signal(Ok(event)), Some(Signal::Anything)));
        assert!(matches!(
            signal(Err(notify::Error::generic("x"))),
            Some(Signal::Anything)
        ));
    }

    #[test]
    fn our_own_reading_means_nothing() {
        let event = notify::Event::new(EventKind::Access(AccessKind::Open(AccessMode::Any)));
        assert!(signal(Ok(event)).is_none());
    }
}
