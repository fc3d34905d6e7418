//! Issues for who only looks at them: previews, test mails, other senders.
//!
//! Takes no lock and publishes nothing, so that it may go on beside a process that does: items
//! come from the catalog that that one writes, issues from the ledger.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::editions;
use crate::config::Digest;
use crate::diagnostic::{Problem, did_you_mean};
use crate::digest::archive::Edition;
use crate::digest::frozen;
use crate::digest::period::Span;
use crate::entry::from_milliseconds;
use crate::fingerprint::Fingerprint;
use crate::ledger::{IssueRecord, Ledger, LedgerError};
use crate::serve::items::{Current, Items};
use crate::setup::Setup;

/// Reads issues of the newsroom in a folder.
pub struct IssueReader {
    root: PathBuf,
    items: Items,
    ledger: Ledger,
    /// Of the configuration and the templates that the items were read with.
    sources: u64,
}

/// An issue as it is now.
pub struct Read<'a> {
    /// Configuration and templates.
    pub setup: &'a Setup,
    /// Its digest.
    pub digest: &'a Digest,
    /// What the ledger knows of it.
    pub record: &'a IssueRecord,
    /// What stands in it.
    pub edition: &'a Edition,
}

impl IssueReader {
    /// Opens the ledger of a newsroom.
    ///
    /// # Errors
    /// When the ledger cannot be opened.
    pub fn open(setup: &Setup) -> Result<IssueReader, LedgerError> {
        Ok(IssueReader {
            root: setup.root.clone(),
            items: Items::new(&setup.root),
            ledger: Ledger::open(&setup.root.join(&setup.config.ledger.file))?,
            sources: sources(&setup.root),
        })
    }

    /// The ledger, for what else stands there.
    pub fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// A number that changes when an issue, an item, a template or the configuration does.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn version(&mut self) -> Result<u64, LedgerError> {
        let sources = sources(&self.root);
        if sources != self.sources {
            self.sources = sources;
            self.items = Items::new(&self.root);
        }
        let items = self.items.current();
        let items = items
            .ok()
            .and_then(|current| Some(current.as_ref()?.version()));
        let issues = self.ledger.issues_version()?;
        let version = Fingerprint::default()
            .number(sources)
            .number(items.map_or(0, |version| version + 1))
            .number(issues.cast_unsigned());
        Ok(version.finish())
    }

    /// All issues, those that were due last first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn records(&mut self) -> Result<Vec<IssueRecord>, LedgerError> {
        let mut records = self.ledger.issues()?;
        records.sort_by(|a, b| (b.due, &a.digest).cmp(&(a.due, &b.digest)));
        Ok(records)
    }

    /// Reads one issue: the last of the digest where no period is given, and the last of all where
    /// no digest is either.
    ///
    /// # Errors
    /// There is no such issue, nothing was published yet, or it cannot be read.
    pub fn read<T>(
        &mut self,
        slug: Option<&str>,
        period: Option<&str>,
        with: impl FnOnce(Read<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let records = self.records().map_err(ledger)?;
        let current = self.items.current().map_err(|why| {
            Problem::error(format!("the newsroom cannot be read: {why}"))
                .help("publish it with `tidings build`")
        })?;
        // `current` answers only when there is one.
        let Some(current) = &*current else {
            return Err(Problem::error("nothing has been published yet")
                .help("publish with `tidings build`"));
        };
        let setup = current.setup();
        if let Some(slug) = slug {
            known(slug, &setup.config.digests)?;
        }
        let found = records.iter().find(|record| {
            slug.is_none_or(|slug| slug == record.digest)
                && period.is_none_or(|period| period == record.period)
                && setup
                    .config
                    .digests
                    .iter()
                    .any(|digest| digest.slug == record.digest)
        });
        let record = found.ok_or_else(|| absent(slug, period, &records))?;
        let digest = known(&record.digest, &setup.config.digests)?;
        let frozen = match record.begun {
            true => self
                .ledger
                .frozen(&record.digest, &record.period)
                .map_err(ledger)?,
            false => None,
        };
        let edition = edition(current, digest, record, frozen.as_deref())?;
        with(Read {
            setup,
            digest,
            record,
            edition: &edition,
        })
    }
}

/// What was sent, once sending began; else what is there now.
fn edition(
    current: &Current,
    digest: &Digest,
    record: &IssueRecord,
    frozen: Option<&str>,
) -> Result<Edition, Problem> {
    let due = from_milliseconds(record.due);
    if let Some(json) = frozen {
        let span = Span::labelled(&record.period, digest.timezone).ok_or_else(|| {
            let message = format!(
                "the ledger has an issue of the unknown period '{}'",
                record.period
            );
            Problem::error(message).help("restore the ledger from its last copy")
        })?;
        let config = &current.setup().config;
        let thawed = frozen::thaw(json, digest, &config.taxonomy, &config.site, &span)
            .map_err(|error| Problem::error(error.to_string()))?;
        return Ok(Edition {
            issue: thawed.issue,
            due,
        });
    }
    let edition = editions::edition(&current.publisher(), digest, record)?;
    edition.ok_or_else(|| {
        let message = format!(
            "issue {} of digest '{}' has nothing for all: it carries what subscribers chose themselves",
            record.period, record.digest
        );
        Problem::error(message).help("send it with `tidings send`")
    })
}

fn known<'a>(slug: &str, digests: &'a [Digest]) -> Result<&'a Digest, Problem> {
    let found = digests.iter().find(|digest| digest.slug == slug);
    found.ok_or_else(|| {
        let slugs = digests.iter().map(|digest| digest.slug.as_str());
        let problem = Problem::error(format!("there is no digest '{slug}' in feeds.toml"));
        match did_you_mean(slug, slugs.clone()) {
            Some(near) => problem.help(format!("did you mean '{near}'?")),
            None => problem.help(format!(
                "there are: {}",
                slugs.collect::<Vec<_>>().join(", ")
            )),
        }
    })
}

fn absent(slug: Option<&str>, period: Option<&str>, records: &[IssueRecord]) -> Problem {
    let digest = slug.unwrap_or("DIGEST");
    let make = format!("make one with `tidings digest {digest} --for last`");
    let Some(period) = period else {
        let of = slug.map_or(String::new(), |slug| format!(" of digest '{slug}'"));
        return Problem::error(format!("there is no issue{of} yet")).help(make);
    };
    let own = records
        .iter()
        .filter(|record| slug.is_none_or(|slug| slug == record.digest));
    let periods: Vec<&str> = own.take(5).map(|record| record.period.as_str()).collect();
    let problem = Problem::error(format!("there is no issue {period} of digest '{digest}'"));
    match periods.is_empty() {
        true => problem.help(make),
        false => problem.help(format!("the last ones are: {}", periods.join(", "))),
    }
}

fn ledger(error: LedgerError) -> Problem {
    Problem::error(error.to_string())
}

/// A number that changes when the configuration or a template is written.
fn sources(root: &Path) -> u64 {
    let templates = walkdir::WalkDir::new(root.join("templates")).sort_by_file_name();
    let templates = templates.into_iter().filter_map(Result::ok);
    let paths =
        std::iter::once(root.join("feeds.toml")).chain(templates.map(walkdir::DirEntry::into_path));
    let print = paths.fold(Fingerprint::default(), |print, path| {
        let modified = path.metadata().and_then(|stat| stat.modified());
        let since = modified
            .ok()
            .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let nanoseconds = since.map_or(0, |since| since.as_nanos());
        print
            .text(&path.to_string_lossy())
            .number(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    });
    print.finish()
}
