//! What another taxonomy would change: every item tagged twice, under the configuration that it
//! was published with and under another. Nothing is written.
//!
//! A build leaves a copy of its `feeds.toml` beside the ledger, so that there is something to
//! compare with after the file was changed.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::inspect::give_settled;
use super::intake::{Outcome, take_in};
use super::learning::Learning;
use super::{PipelineError, other_files};
use crate::catalog::{Record, State};
use crate::diagnostic::Problem;
use crate::ledger::LedgerError;
use crate::setup::{CONFIG_FILE, Setup};
use crate::tag::Origin;
use crate::taxonomy::TermId;

/// A term as both configurations know it: `facet:slug`.
type Name = String;

/// What changes when one configuration takes another's place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The items whose tags change, by path.
    pub items: Vec<Changed>,
    /// Terms with another number of items than before, by name: before and after.
    pub counts: BTreeMap<Name, (usize, usize)>,
    /// Terms that were renamed or merged: the old name, the new one, and how many items go along.
    pub renamed: Vec<(Name, Name, usize)>,
    /// How many items were compared.
    pub compared: usize,
    /// What is wrong with items that cannot be compared; they stay as they are.
    pub problems: Vec<Problem>,
}

/// One item whose tags change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its file.
    pub path: Arc<str>,
    /// Its title.
    pub title: String,
    /// The terms that it gets, and who says so.
    pub gained: Vec<(Name, Origin)>,
    /// The terms that it loses, and who said so.
    pub lost: Vec<(Name, Origin)>,
}

/// Where a build keeps the configuration that it published with.
pub fn kept(setup: &Setup) -> PathBuf {
    setup.state_folder().join(CONFIG_FILE)
}

/// Keeps the configuration, unless it is kept already.
pub(super) fn keep(setup: &Setup) -> Result<(), PipelineError> {
    let path = kept(setup);
    let write = || -> io::Result<()> {
        if fs::read(&path).is_ok_and(|before| before == setup.source.as_bytes()) {
            return Ok(());
        }
        let beside = path.with_extension("toml.new");
        fs::write(&beside, &setup.source)?;
        fs::rename(&beside, &path)
    };
    write().map_err(|source| PipelineError::State { path, source })
}

/// Tags every item under both configurations and compares. What was settled for an item stays, as
/// it would in a build: where the definition of its facet is the same.
///
/// # Errors
/// When there is a ledger and it cannot be read.
pub fn compare(before: &Setup, after: &Setup, now: DateTime<Utc>) -> Result<Changes, LedgerError> {
    let scan = after.scanner.all();
    let files = other_files(&scan.found);
    let learned = [before, after].map(Learning::load);
    let read = |setup: &Setup, learning: &Learning, found: &crate::scan::Found| {
        let model = learning.model.as_ref();
        take_in(setup, model, found, now.timestamp_millis(), |path| {
            files.contains_key(path)
        })
    };
    let former = former_names(after);
    let pairs: Vec<Result<Pair, Vec<Problem>>> = scan
        .items()
        .into_par_iter()
        .map(|found| {
            let (after_it, title) = match read(after, &learned[1], found) {
                Outcome::Good(intake) => (intake.record, intake.title),
                Outcome::Bad { problems, .. } => return Err(problems),
            };
            // What could not be read before was not tagged.
            let before_it = match read(before, &learned[0], found) {
                Outcome::Good(intake) => Some(intake.record),
                Outcome::Bad { .. } => None,
            };
            Ok((before_it, after_it, title))
        })
        .collect();
    let mut changes = Changes::default();
    let (mut old, mut new, mut titles) = (Vec::new(), Vec::new(), Vec::new());
    for pair in pairs {
        match pair {
            Ok((before_it, after_it, title)) => {
                old.push(before_it);
                new.push(after_it);
                titles.push(title);
            }
            Err(problems) => changes.problems.extend(problems),
        }
    }
    give_settled(after, &mut new)?;
    let mut known: Vec<Record> = old.iter().flatten().cloned().collect();
    give_settled(before, &mut known)?;
    let mut known = known.into_iter();
    let old = old
        .into_iter()
        .map(|record| record.and_then(|_| known.next()));
    let rows = old
        .zip(new)
        .zip(titles)
        .map(|((old, new), title)| row((before, after), &former, old, new, title));
    let mut renamed: BTreeMap<(Name, Name), usize> = BTreeMap::new();
    for row in rows {
        changes.compared += 1;
        for name in row.before {
            changes.counts.entry(name).or_default().0 += 1;
        }
        for name in row.after {
            changes.counts.entry(name).or_default().1 += 1;
        }
        for pair in row.renamed {
            *renamed.entry(pair).or_default() += 1;
        }
        if !row.changed.gained.is_empty() || !row.changed.lost.is_empty() {
            changes.items.push(row.changed);
        }
    }
    changes.counts.retain(|_, (before, after)| before != after);
    changes.renamed = renamed
        .into_iter()
        .map(|((old, new), items)| (old, new, items))
        .collect();
    changes.items.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// An item as both configurations tag it, and its title.
type Pair = (Option<Record>, Record, String);

/// One item under both configurations.
struct Row {
    before: Vec<Name>,
    after: Vec<Name>,
    renamed: Vec<(Name, Name)>,
    changed: Changed,
}

fn row(
    (before, after): (&Setup, &Setup),
    former: &HashMap<Name, Name>,
    old: Option<Record>,
    new: Record,
    title: String,
) -> Row {
    let mut renamed = Vec::new();
    // A withdrawn item has no tags that anybody sees.
    let terms = |record: &Record| match record.state {
        State::Withdrawn(_) => Box::default(),
        _ => record.terms.clone(),
    };
    let mut had: BTreeMap<Name, Origin> = BTreeMap::new();
    for tag in old.as_ref().map(terms).unwrap_or_default().iter() {
        let name = name(before, tag.term);
        let name = match former.get(&name) {
            Some(now) if !exists(after, &name) => {
                renamed.push((name, now.clone()));
                now.clone()
            }
            _ => name,
        };
        had.insert(name, tag.origin);
    }
    let has: BTreeMap<Name, Origin> = terms(&new)
        .iter()
        .map(|tag| (name(after, tag.term), tag.origin))
        .collect();
    let without = |all: &BTreeMap<Name, Origin>, others: &BTreeMap<Name, Origin>| {
        all.iter()
            .filter(|(name, _)| !others.contains_key(*name))
            .map(|(name, origin)| (name.clone(), *origin))
            .collect::<Vec<_>>()
    };
    Row {
        changed: Changed {
            path: new.path.clone(),
            title,
            gained: without(&has, &had),
            lost: without(&had, &has),
        },
        before: had.into_keys().collect(),
        after: has.into_keys().collect(),
        renamed,
    }
}

fn name(setup: &Setup, term: TermId) -> Name {
    let taxonomy = &setup.config.taxonomy;
    let term = taxonomy.term(term);
    format!("{}:{}", taxonomy.facet(term.facet).key, term.slug)
}

fn exists(setup: &Setup, name: &str) -> bool {
    let taxonomy = &setup.config.taxonomy;
    name.split_once(':').is_some_and(|(facet, slug)| {
        let facet = taxonomy.facet_named(facet);
        facet.is_some_and(|facet| taxonomy.term_named(facet, slug).is_some())
    })
}

/// What terms were called before, by what they are called now.
fn former_names(setup: &Setup) -> HashMap<Name, Name> {
    let taxonomy = &setup.config.taxonomy;
    let mut former = HashMap::new();
    for (facet_id, facet) in taxonomy.facets() {
        for (_, term) in taxonomy.terms_of(facet_id) {
            for slug in &term.was {
                let now = format!("{}:{}", facet.key, term.slug);
                former.insert(format!("{}:{slug}", facet.key), now);
            }
        }
    }
    former
}
