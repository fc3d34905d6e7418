//! The model at work: tags of items that people left open are settled once, and the model is
//! trained anew when the archive has grown.

use std::collections::{HashMap, HashSet};

use super::intake::{self, term_paths, term_tags};
use super::settled::{self, SettledBefore};
use super::{Newsroom, PipelineError, labelled};
use crate::catalog::{Extent, Record, Stat};
use crate::config::Config;
use crate::diagnostic::Problem;
use crate::identity::Candidate;
use crate::learn::store::{self, ModelError};
use crate::learn::{self, Aim, Clue, Model};
use crate::setup::Setup;
use crate::taxonomy::{FacetId, TermId};

/// A facet with fewer labelled items than this is left to the rules: a model that has seen less is
/// sure of too little, and would take away what rules give.
pub const ENOUGH_ITEMS: usize = 100;

/// The name of the model's file in the state folder.
pub const MODEL_FILE: &str = "model";

/// The most items that a model learns from: the newest.
const MOST_ITEMS: usize = 100_000;

/// The model is trained anew when so many more items are labelled than it learned from, and a
/// tenth more.
const MORE_ITEMS: usize = 20;

/// A newsroom's model, or why there is none.
#[derive(Debug, Default)]
pub(super) struct Learning {
    pub model: Option<Model>,
    /// Why the model's file is of no use.
    pub broken: Option<ModelError>,
}

impl Learning {
    /// Loads the model of a newsroom, if it has one.
    pub fn load(setup: &Setup) -> Learning {
        if setup.config.tags.learn.is_empty() {
            return Learning::default();
        }
        match store::load(&setup.state_folder().join(MODEL_FILE)) {
            Ok(trained) => Learning {
                model: trained.map(|trained| trained.ready(&setup.config.taxonomy)),
                broken: None,
            },
            Err(error) => Learning {
                model: None,
                broken: Some(error),
            },
        }
    }

    /// What is to be said of a model's file that is of no use.
    pub fn problem(&self) -> Option<Problem> {
        let error = self.broken.as_ref()?;
        Some(Problem::warning(error.to_string()).help(
            "nothing need be done: it is trained anew; until then, tags come from what is stated and from rules",
        ))
    }
}

/// The facets that are learned, with their definitions of now.
pub(super) fn definitions(config: &Config) -> Vec<(FacetId, u64)> {
    let facets = config.tags.learn.iter();
    facets
        .map(|facet| {
            let definition = learn::definition(&config.taxonomy, *facet, config.tags.precision);
            (*facet, definition)
        })
        .collect()
}

/// What the model of a newsroom is to learn.
pub(super) fn aim(config: &Config) -> Aim {
    Aim {
        facets: config.tags.learn.clone(),
        precision: config.tags.precision,
        clue: Clue::Both,
        language: config.site.language.clone(),
        least: ENOUGH_ITEMS,
    }
}

impl Newsroom {
    /// Settles the tags of those read items that people left open: as they were settled before,
    /// or by the model and the rules of now. Trains the model first if that is due.
    pub(super) fn settle_tags(
        &mut self,
        records: &mut [Record],
        candidates: &mut [(usize, Candidate)],
        problems: &mut Vec<Problem>,
    ) -> Result<(), PipelineError> {
        let definitions = definitions(&self.setup.config);
        let taxonomy = &self.setup.config.taxonomy;
        let mut open: Vec<(usize, FacetId, u64)> = Vec::new();
        for (at, record) in records.iter().enumerate() {
            if record.content.length == 0 {
                continue;
            }
            let facets = definitions.iter();
            let facets = facets.filter(|(facet, _)| settled::is_open(taxonomy, record, *facet));
            open.extend(facets.map(|(facet, definition)| (at, *facet, *definition)));
        }
        if open.is_empty() && self.learning.broken.is_none() {
            return Ok(());
        }
        let mut views: Vec<u64> = open.iter().map(|(at, ..)| records[*at].view).collect();
        views.dedup();
        let rows = self.ledger.settled(&views)?;
        let known = SettledBefore::new(taxonomy, &definitions, &rows);
        open.retain(|(at, facet, _)| !known.give(&mut records[*at], *facet));
        let is_broken = self.learning.broken.is_some();
        if is_broken || (!open.is_empty() && self.is_due(records, &definitions)) {
            problems.extend(self.learning.problem());
            self.train(records)?;
            self.tag_again(records, &open);
        }
        let taxonomy = &self.setup.config.taxonomy;
        let rows: Vec<_> = open
            .iter()
            .map(|(at, facet, definition)| {
                settled::row(taxonomy, &records[*at], (*facet, *definition))
            })
            .collect();
        for (at, candidate) in candidates {
            candidate.terms = term_paths(taxonomy, &records[*at].terms);
        }
        Ok(self.ledger.settle(&rows)?)
    }

    /// Whether a facet has so many more labelled items than the model learned from, or is so
    /// different, that it is worth learning again.
    fn is_due(&self, fresh: &[Record], definitions: &[(FacetId, u64)]) -> bool {
        let taxonomy = &self.setup.config.taxonomy;
        definitions.iter().any(|(facet, definition)| {
            let (items, before) = match &self.learning.model {
                Some(model) => model.trained().state(&taxonomy.facet(*facet).key),
                None => (0, 0),
            };
            let labelled =
                self.labelled(fresh, |record| !settled::is_open(taxonomy, record, *facet));
            let mut counts: HashMap<TermId, usize> = HashMap::new();
            for tag in labelled.iter().flat_map(|record| &*record.terms) {
                if tag.direct && taxonomy.term(tag.term).facet == *facet {
                    *counts.entry(tag.term).or_default() += 1;
                }
            }
            // Training would find nothing, at every build again.
            if !learn::is_enough(counts.into_values()) {
                return false;
            }
            let count = labelled.len();
            if items == 0 || before != *definition {
                count >= ENOUGH_ITEMS
            } else {
                count >= items + MORE_ITEMS.max(items / 10)
            }
        })
    }

    /// The items that some test picks, newest of all versions, in the order of their paths.
    fn labelled<'a>(
        &'a self,
        fresh: &'a [Record],
        pick: impl Fn(&Record) -> bool,
    ) -> Vec<&'a Record> {
        let read: HashSet<&str> = fresh.iter().map(|record| &*record.path).collect();
        let kept = self.catalog.records().map(|(_, record)| record);
        let mut all: Vec<&Record> = kept
            .filter(|record| !read.contains(&*record.path))
            .chain(fresh)
            .filter(|record| record.content.length > 0 && pick(record))
            .collect();
        if all.len() > MOST_ITEMS {
            let published = |record: &Record| record.identity().map_or(i64::MAX, |it| it.published);
            all.sort_by_key(|record| (std::cmp::Reverse(published(record)), record.path.clone()));
            all.truncate(MOST_ITEMS);
        }
        all.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        all
    }

    /// Trains the model on all labelled items and keeps it.
    fn train(&mut self, fresh: &[Record]) -> Result<(), PipelineError> {
        let taxonomy = &self.setup.config.taxonomy;
        let facets = &self.setup.config.tags.learn;
        let labelled = self.labelled(fresh, |record| {
            facets
                .iter()
                .any(|facet| !settled::is_open(taxonomy, record, *facet))
        });
        let extents: Vec<Extent> = labelled.iter().map(|record| record.content).collect();
        let source = |at: usize| {
            let item = self.store.content(*extents.get(at)?).ok()?;
            Some(labelled::example(&self.setup, item, facets))
        };
        let trained = learn::train(taxonomy, &aim(&self.setup.config), extents.len(), &source);
        let path = self.setup.state_folder().join(MODEL_FILE);
        match &trained {
            Some(trained) => store::save(&path, trained),
            None => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
        .map_err(|source| PipelineError::State { path, source })?;
        self.learning = Learning {
            model: trained.map(|trained| trained.ready(taxonomy)),
            broken: None,
        };
        Ok(())
    }

    /// Tags items again that were read before the model was trained.
    fn tag_again(&self, records: &mut [Record], open: &[(usize, FacetId, u64)]) {
        for (at, ..) in open {
            let record = &mut records[*at];
            if let Ok(item) = self.store.content(record.content) {
                let tagged = intake::tag(&self.setup, self.learning.model.as_ref(), &item, false);
                record.terms = term_tags(&tagged.tagging);
                intake::say_language(record, tagged.unseen.as_deref());
            }
        }
    }

    /// Trains the model now, whether or not that is due, and forgets what was settled, so that
    /// every item that people left open is tagged anew at the next build. How many items it
    /// learned from, for each facet; 0 where too few are labelled.
    ///
    /// # Errors
    /// When the ledger or the disk fails.
    pub fn train_now(&mut self, forget: bool) -> Result<Vec<(FacetId, usize)>, PipelineError> {
        self.train(&[])?;
        if forget {
            self.ledger.unsettle()?;
            let taxonomy = &self.setup.config.taxonomy;
            let facets = &self.setup.config.tags.learn;
            let is_open = |record: &Record| {
                facets
                    .iter()
                    .any(|facet| settled::is_open(taxonomy, record, *facet))
            };
            let records = self.catalog.records().map(|(_, record)| record);
            let unread = |record: &Record| Record {
                stat: Stat::default(),
                ..record.clone()
            };
            let again: Vec<Record> = records
                .filter(|record| is_open(record))
                .map(unread)
                .collect();
            self.store
                .commit(again.iter(), &[])
                .map_err(|source| self.state_error(source))?;
        }
        let config = &self.setup.config;
        let facets = config.tags.learn.iter();
        let items = |facet: FacetId| {
            let model = self.learning.model.as_ref();
            model.map_or(0, |model| {
                model.trained().state(&config.taxonomy.facet(facet).key).0
            })
        };
        Ok(facets.map(|facet| (*facet, items(*facet))).collect())
    }
}
