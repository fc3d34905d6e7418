//! From changed files to the catalog: read, tagged, kept, given their identities.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::intake::{Intake, Outcome, keep_last_good, take_in_from};
use super::{Affected, Newsroom, PipelineError, Progress, Report, Stage};
use crate::catalog::store::Store;
use crate::catalog::{Catalog, Identity, Record, State, Subject, Topic, topics_of};
use crate::diagnostic::Problem;
use crate::identity::{self, Candidate, Settled};
use crate::learn::Model;
use crate::ledger::{Lookup, Publication, TombstoneRecord};
use crate::media;
use crate::publish::topic::folder;
use crate::scan::Found;
use crate::setup::Setup;
use crate::taxonomy::{FacetId, TermId};

/// How many files are read before their contents are put away: bounds the memory.
const READ_AT_ONCE: usize = 512;

impl Newsroom {
    /// Reads, tags and settles changed files and takes them into the catalog.
    pub(super) fn take_in(
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
        let mut waiting: Vec<Outcome> = Vec::new();
        for some in changed.chunks(READ_AT_ONCE) {
            let (setup, files) = (&self.setup, &self.files);
            let model = self.learning.model.as_ref();
            let read = || -> Vec<Outcome> {
                let base = &setup.config.site.base_url;
                // Neighbours nearly always lie in one folder.
                let outcomes = some.par_iter().map_init(
                    || media::FolderUrls::new(base),
                    |folders, found| {
                        let exists = |path: &str| files.contains_key(path);
                        let folder = folders.of(&found.path);
                        let now = milliseconds;
                        let outcome = take_in_from(setup, model, found, folder, now, exists);
                        progress.step(Stage::Read);
                        outcome
                    },
                );
                outcomes.collect()
            };
            // While one batch is read, the one before it is put away.
            let ready = std::mem::take(&mut waiting);
            let shelf = Shelf {
                setup,
                model,
                catalog: &self.catalog,
                store: &mut self.store,
            };
            let (read, put) = rayon::join(read, || {
                shelf.put_away(ready, &mut records, &mut candidates)
            });
            put.map_err(|source| self.state_error(source))?;
            waiting = read;
        }
        // Settling takes the most memory of all.
        drop(changed);
        let shelf = Shelf {
            setup: &self.setup,
            model: self.learning.model.as_ref(),
            catalog: &self.catalog,
            store: &mut self.store,
        };
        shelf
            .put_away(waiting, &mut records, &mut candidates)
            .map_err(|source| self.state_error(source))?;
        let mut problems = Vec::new();
        self.settle_tags(&mut records, &mut candidates, &mut problems)?;
        let settlement = self.settle(&mut records, candidates, &gone, milliseconds)?;
        let mut report = Report::of_records(&self.catalog, &records, &gone);
        report.problems.extend(problems);
        let mut affected = Affected {
            paths: records.iter().map(|record| record.path.clone()).collect(),
            left_pages: settlement.left_pages,
            ..Affected::default()
        };
        let publications = settlement.publications;
        (affected.topics, affected.before, affected.related) = if self.catalog.is_empty() {
            self.keep_first(&publications, records, &gone)?
        } else {
            self.ledger.record(&publications)?;
            self.store
                .commit(records.iter(), &gone)
                .map_err(|source| self.state_error(source))?;
            self.catalog.apply(&self.setup.config, records, &gone)
        };
        for tombstone in &settlement.tombstones {
            self.tombstones.add(tombstone.clone());
        }
        affected.tombstones = settlement.tombstones;
        Ok((report, affected))
    }

    /// Gives records their identities, and tells the ledger what has gone or moved.
    fn settle(
        &mut self,
        records: &mut [Record],
        candidates: Vec<(usize, Candidate)>,
        gone: &[Arc<str>],
        now: i64,
    ) -> Result<Settlement, PipelineError> {
        let (places, candidates): (Vec<usize>, Vec<Candidate>) = candidates.into_iter().unzip();
        let known = self.known_publications(records, &candidates, gone)?;
        let removed: HashSet<&str> = gone.iter().map(|path| &**path).collect();
        let read: HashSet<&str> = places.iter().map(|place| &*records[*place].path).collect();
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
            match ledger.find(&Lookup {
                pages: vec![page.to_owned()],
                ..Lookup::default()
            }) {
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
        let mut settled = identity::settle(candidates, &known, exists, is_taken, now, authority);
        if let Some(error) = failure {
            return Err(error.into());
        }
        let known_by_id: HashMap<&str, &Publication> =
            known.iter().map(|row| (&*row.id, row)).collect();
        let mut held: Vec<(usize, String)> = Vec::new();
        for (place, settled) in places.iter().zip(&mut settled) {
            let publication = match settled {
                Settled::Publish(publication) => publication,
                Settled::Duplicate { holder } => {
                    held.push((*place, std::mem::take(holder)));
                    continue;
                }
            };
            records[*place].state = State::Live(Identity::of(publication));
            let before = known_by_id.get(&*publication.id);
            let terms = before.and_then(|before| before.terms.as_deref());
            if let Some(terms) = terms
                && self
                    .archives
                    .have_passed(&self.setup.config, &records[*place], terms)
            {
                publication.sequence = 0;
            }
        }
        identity::number(&mut settled, self.ledger.last_sequence()?);
        for (place, settled) in places.iter().zip(&settled) {
            if let (State::Live(identity), Some(publication)) =
                (&mut records[*place].state, settled.publication())
            {
                identity.sequence = publication.sequence;
            }
        }
        for (place, holder) in held {
            let problem = identity::duplicate(&holder).in_file(Path::new(&*records[place].path));
            let Record {
                path,
                stat,
                problems,
                ..
            } = records[place].clone();
            let problems = problems.into_iter().chain([problem]).collect();
            records[place] = last_good(
                (&self.setup, self.learning.model.as_ref()),
                &self.catalog,
                &self.store,
                &Found {
                    path,
                    stat,
                    format: None,
                },
                problems,
            );
        }
        let published = settled.iter().filter_map(Settled::publication);
        let used: HashSet<&str> = published.map(|row| &*row.id).collect();
        let said = |page: &str| self.tombstones.at_page(page);
        let batch = endings(records, removed);
        let left = identity::ended(&known, &batch, &used, said, now);
        let is_new = |row: &Publication| known_by_id.get(&*row.id).copied() != Some(row);
        let mut publications: Vec<Publication> = settled
            .into_iter()
            .filter_map(Settled::into_publication)
            .filter(is_new)
            .collect();
        let tombstones = self.tombstones_of(&left, &batch);
        let moved: Vec<(String, String)> = publications
            .iter()
            .filter_map(|row| Some((known_by_id.get(&*row.id)?, row)))
            .filter(|(before, row)| before.page != row.page)
            .map(|(before, row)| (before.page.clone(), row.id.clone()))
            .collect();
        let back = publications
            .iter()
            .filter_map(|row| known_by_id.get(&*row.id))
            .filter(|before| before.gone.is_some());
        for before in back {
            self.tombstones.remove(&before.page);
            self.addresses_changed = true;
        }
        publications.extend(left);
        self.addresses_changed |= !moved.is_empty() || !tombstones.is_empty();
        self.ledger.record_former_pages(&moved)?;
        self.ledger.record_tombstones(&tombstones)?;
        Ok(Settlement {
            publications,
            tombstones,
            left_pages: moved.into_iter().map(|(page, _)| page).collect(),
        })
    }

    /// What is to be said in the place of publications that go. The catalog still has them.
    fn tombstones_of(
        &self,
        gone: &[Publication],
        batch: &identity::Batch<'_>,
    ) -> Vec<TombstoneRecord> {
        let config = &self.setup.config;
        let feeds = |row: &Publication| -> Vec<String> {
            if let Some(said) = self.tombstones.at_page(&row.page) {
                return said.feeds.clone();
            }
            let record = self.catalog.at_path(&row.path);
            let is_it = |record: &&Record| record.identity().is_some_and(|own| *own.id == row.id);
            match record.filter(is_it) {
                Some(record) => topics_of(config, record)
                    .into_iter()
                    .map(|topic| folder(config, topic))
                    .collect(),
                None => self.feeds_by_terms(row.terms.as_deref().unwrap_or_default()),
            }
        };
        gone.iter()
            .map(|row| {
                let withdrawal = batch.withdrawals.get(&*row.path);
                TombstoneRecord {
                    id: row.id.clone(),
                    page: row.page.clone(),
                    gone: row.gone.unwrap_or_default(),
                    by: withdrawal.and_then(|withdrawal| withdrawal.by.clone()),
                    reason: withdrawal.and_then(|withdrawal| withdrawal.reason.clone()),
                    feeds: feeds(row),
                }
            })
            .collect()
    }

    /// The folders of the feeds that an item stood in, as far as its terms tell: the catalog,
    /// which knew its language and type too, was deleted. Of feeds that it may have stood in,
    /// those that were published.
    fn feeds_by_terms(&self, terms: &str) -> Vec<String> {
        let config = &self.setup.config;
        let taxonomy = &config.taxonomy;
        let terms: Vec<TermId> = terms
            .split(' ')
            .filter_map(|path| path.split_once('/'))
            .filter_map(|(facet, slug)| taxonomy.term_named(taxonomy.facet_named(facet)?, slug))
            .collect();
        let of_facet = |facet: FacetId| {
            let terms = terms.iter().copied();
            terms.filter(move |term| taxonomy.term(*term).facet == facet)
        };
        let mut subjects = vec![Subject::All];
        let single = config.feeds.facets.iter();
        subjects.extend(single.flat_map(|facet| of_facet(*facet)).map(Subject::Term));
        for (first, second) in &config.feeds.pairs {
            for term in of_facet(*first) {
                subjects.extend(of_facet(*second).map(|other| Subject::Pair(term, other)));
            }
        }
        let selections = (0u16..).zip(&config.selections);
        subjects.extend(selections.map(|(at, _)| Subject::Selection(at)));
        let folders = subjects.into_iter().flat_map(|subject| {
            let languages = config.site.languages();
            languages.map(move |(language, _)| Topic::main(subject).in_language(language))
        });
        let folders = folders.map(|topic| folder(config, topic));
        let published: HashSet<&str> = self.output.paths().collect();
        let is_published = |folder: &str| {
            let formats = config.feeds.formats.iter();
            formats
                .map(|format| format.file_name())
                .any(|name| match folder {
                    "" => published.contains(name),
                    folder => published.contains(&*format!("{folder}/{name}")),
                })
        };
        folders
            .filter(|folder| published.is_empty() || is_published(folder))
            .collect()
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
}

/// What becomes of a batch.
struct Settlement {
    /// What the ledger must know before any of it is published.
    publications: Vec<Publication>,
    /// What is to be said in the place of items that go; the ledger knows it.
    tombstones: Vec<TombstoneRecord>,
    /// The pages that items have left.
    left_pages: Vec<String>,
}

/// Where read items are put.
struct Shelf<'a> {
    setup: &'a Setup,
    model: Option<&'a Model>,
    catalog: &'a Catalog,
    store: &'a mut Store,
}

impl Shelf<'_> {
    /// Keeps the contents of what was read, and makes records of all of it.
    fn put_away(
        self,
        outcomes: Vec<Outcome>,
        records: &mut Vec<Record>,
        candidates: &mut Vec<(usize, Candidate)>,
    ) -> io::Result<()> {
        let mut contents = Vec::with_capacity(outcomes.len());
        let mut kept = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            match outcome {
                Outcome::Good(intake) => {
                    let Intake {
                        record,
                        candidate,
                        content,
                        ..
                    } = *intake;
                    candidates.extend(candidate.map(|candidate| (records.len(), candidate)));
                    kept.push(records.len());
                    contents.push(content);
                    records.push(record);
                }
                Outcome::Bad { found, problems } => {
                    records.push(last_good(
                        (self.setup, self.model),
                        self.catalog,
                        self.store,
                        &found,
                        problems,
                    ));
                }
            }
        }
        let extents = self.store.keep(&contents)?;
        for (at, extent) in kept.into_iter().zip(extents) {
            records[at].content = extent;
        }
        Ok(())
    }
}

/// The record of a file that cannot be published as it is: its last good version, if any.
fn last_good(
    (setup, model): (&Setup, Option<&Model>),
    catalog: &Catalog,
    store: &Store,
    found: &Found,
    problems: Vec<Problem>,
) -> Record {
    let before = catalog
        .at_path(&found.path)
        .filter(|record| record.state != State::Refused);
    let last = before.and_then(|record| {
        let item = store.content(record.content).ok()?;
        Some((record.clone(), item))
    });
    keep_last_good(setup, model, found, problems, last)
}

/// What the records of a batch, and the paths that are gone, say of items that are live no more.
fn endings<'a>(records: &'a [Record], removed: HashSet<&'a str>) -> identity::Batch<'a> {
    let mut batch = identity::Batch {
        removed,
        ..identity::Batch::default()
    };
    for record in records {
        match &record.state {
            State::Withdrawn(withdrawal) => {
                batch.dormant.insert(&record.path);
                batch.withdrawals.insert(&record.path, withdrawal);
            }
            State::Scheduled(_) => {
                batch.dormant.insert(&record.path);
            }
            State::Live(_) | State::Refused => {}
        }
    }
    batch
}
