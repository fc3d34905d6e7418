//! Looking at a newsroom without changing anything: for checking, explaining and listing, also
//! while another process publishes it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::intake::{self, Intake, Outcome, keep_last_good, take_in};
use super::learning::{self, Learning};
use super::looking::{has_errors, other_files};
use super::settled::{self, SettledBefore};
use crate::catalog::{Catalog, Identity, Record, Stat, State};
use crate::diagnostic::Problem;
use crate::identity::{self, Candidate, Settled};
use crate::item::{Item, decisions};
use crate::learn;
use crate::ledger::{Ledger, LedgerError, Lookup, Publication, SettledTags};
use crate::scan::Found;
use crate::setup::Setup;
use crate::tag::Tagging;
use crate::taxonomy::FacetId;

/// A newsroom as its files say it is.
pub struct Inspection {
    /// All items, with the identities that they have or would get.
    pub catalog: Catalog,
    /// Their titles, by path.
    pub titles: HashMap<Arc<str>, String>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

/// Reads every item. Nothing is written; where the newsroom was published before, identities
/// come from its ledger.
///
/// # Errors
/// When there is a ledger and it cannot be read.
pub fn all(setup: &Setup, now: DateTime<Utc>) -> Result<Inspection, LedgerError> {
    let scan = setup.scanner.all();
    let files = other_files(&scan.found);
    let items = scan.items();
    let learning = Learning::load(setup);
    let model = learning.model.as_ref();
    let outcomes: Vec<(Outcome, String)> = items
        .par_iter()
        .map(|found| {
            let outcome = take_in(setup, model, found, now.timestamp_millis(), |path| {
                files.contains_key(path)
            });
            let title = match &outcome {
                Outcome::Good(intake) => intake.title.clone(),
                Outcome::Bad { .. } => String::new(),
            };
            (outcome, title)
        })
        .collect();
    let mut records = Vec::new();
    let mut candidates = Vec::new();
    let mut titles = HashMap::new();
    for (outcome, title) in outcomes {
        match outcome {
            Outcome::Good(intake) => {
                let Intake {
                    record, candidate, ..
                } = *intake;
                titles.insert(record.path.clone(), title);
                candidates.extend(candidate.map(|candidate| (records.len(), candidate)));
                records.push(record);
            }
            Outcome::Bad { found, problems } => {
                records.push(keep_last_good(setup, model, &found, problems, None));
            }
        }
    }
    give_settled(setup, &mut records)?;
    give_identities(setup, &mut records, candidates, now)?;
    let mut problems: Vec<Problem> = scan
        .unseen
        .into_iter()
        .map(|(_, problem)| problem)
        .collect();
    problems.extend(learning.problem());
    problems.extend(
        records
            .iter()
            .flat_map(|record| record.problems.iter().cloned()),
    );
    let mut catalog = Catalog::default();
    catalog.apply(&setup.config, records, &[]);
    problems.extend(catalog.translation_problems(&setup.config));
    Ok(Inspection {
        catalog,
        titles,
        problems,
    })
}

/// One item, read and tagged.
pub struct Inspected {
    /// What the file states; `None` when it cannot be read as an item.
    pub item: Option<Item>,
    /// Its tags, with their evidence.
    pub tagging: Tagging,
    /// The language of its text, if the model never saw it: then only what is stated and what
    /// rules say counts.
    pub unseen: Option<String>,
    /// Its record, with the identity that it has or would get.
    pub record: Record,
}

/// Reads one item, which may lie outside the items' folders: then it is read as if it lay inside.
///
/// # Errors
/// When there is a ledger and it cannot be read.
pub fn one(
    setup: &Setup,
    found: &Found,
    files: &HashMap<Arc<str>, Stat>,
    now: DateTime<Utc>,
) -> Result<Inspected, LedgerError> {
    let has_sidecar = setup
        .root
        .join(decisions::sidecar_path(&found.path))
        .is_file();
    let item = intake::read_decided(setup, found, has_sidecar)
        .ok()
        .map(|reading| reading.item);
    let learning = Learning::load(setup);
    let model = learning.model.as_ref();
    let tagged = item
        .as_ref()
        .map(|item| intake::tag(setup, model, item, true));
    let (mut records, candidates) =
        match take_in(setup, model, found, now.timestamp_millis(), |path| {
            files.contains_key(path)
        }) {
            Outcome::Good(intake) => {
                let candidate = intake.candidate.clone();
                (
                    vec![intake.record],
                    candidate
                        .map(|candidate| (0, candidate))
                        .into_iter()
                        .collect(),
                )
            }
            Outcome::Bad { problems, .. } => (
                vec![keep_last_good(setup, model, found, problems, None)],
                Vec::new(),
            ),
        };
    give_settled(setup, &mut records)?;
    give_identities(setup, &mut records, candidates, now)?;
    let record = records.remove(0);
    let (mut tagging, unseen) = tagged.map_or_else(Default::default, |it| (it.tagging, it.unseen));
    let definitions = learning::definitions(&setup.config);
    let rows = settled_rows(setup, &[record.view])?;
    let settled = SettledBefore::new(&setup.config.taxonomy, &definitions, &rows);
    for (facet, _) in &definitions {
        if learn::is_open(&setup.config.taxonomy, &tagging, *facet) {
            settled.correct((record.view, &record.refused), *facet, &mut tagging);
        }
    }
    Ok(Inspected {
        item,
        tagging,
        unseen,
        record,
    })
}

/// Gives records the tags that were settled for them.
pub(super) fn give_settled(setup: &Setup, records: &mut [Record]) -> Result<(), LedgerError> {
    let taxonomy = &setup.config.taxonomy;
    let definitions = learning::definitions(&setup.config);
    let mut open: Vec<(usize, FacetId)> = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let facets = definitions.iter().map(|(facet, _)| *facet);
        let facets = facets.filter(|facet| settled::is_open(taxonomy, record, *facet));
        open.extend(facets.map(|facet| (at, facet)));
    }
    let mut views: Vec<u64> = open.iter().map(|(at, _)| records[*at].view).collect();
    views.dedup();
    let rows = settled_rows(setup, &views)?;
    let settled = SettledBefore::new(taxonomy, &definitions, &rows);
    for (at, facet) in open {
        settled.give(&mut records[at], facet);
    }
    Ok(())
}

pub(super) fn settled_rows(setup: &Setup, views: &[u64]) -> Result<Vec<SettledTags>, LedgerError> {
    let file = setup.root.join(&setup.config.ledger.file);
    // Looking must not make a ledger.
    if views.is_empty() || !file.is_file() {
        return Ok(Vec::new());
    }
    Ledger::open(&file)?.settled(views)
}

fn give_identities(
    setup: &Setup,
    records: &mut [Record],
    candidates: Vec<(usize, Candidate)>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (places, candidates): (Vec<usize>, Vec<Candidate>) = candidates.into_iter().unzip();
    let known = known_publications(setup, &candidates)?;
    let present: std::collections::HashSet<String> = candidates
        .iter()
        .map(|candidate| candidate.path.clone())
        .collect();
    let exists = |path: &str| present.contains(path) || setup.root.join(path).is_file();
    let pages: std::collections::HashSet<&str> = known.iter().map(|row| &*row.page).collect();
    let authority = &setup.config.site.tag_authority;
    let settled = identity::settle(
        candidates,
        &known,
        exists,
        |page| pages.contains(page),
        now.timestamp_millis(),
        authority,
    );
    for (place, settled) in places.into_iter().zip(settled) {
        let record = &mut records[place];
        match settled {
            Settled::Publish(publication) => record.state = State::Live(Identity::of(&publication)),
            Settled::Duplicate { holder } => {
                let problem = identity::duplicate(&holder).in_file(Path::new(&*record.path));
                let problems = std::mem::take(&mut record.problems);
                record.problems = problems.into_iter().chain([problem]).collect();
            }
        }
        debug_assert!(record.identity().is_some() || has_errors(record));
    }
    Ok(())
}

fn known_publications(
    setup: &Setup,
    candidates: &[Candidate],
) -> Result<Vec<Publication>, LedgerError> {
    let file = setup.root.join(&setup.config.ledger.file);
    // Looking must not make a ledger.
    if !file.is_file() {
        return Ok(Vec::new());
    }
    Ledger::open(&file)?.find(&Lookup::of(
        candidates.iter().map(|candidate| candidate.path.clone()),
        candidates,
    ))
}
