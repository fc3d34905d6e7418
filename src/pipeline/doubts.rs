//! The review list: every item whose tags an editor should look at. Reads, and writes nothing.

use std::path::Path;

use rayon::prelude::*;

use super::inspect::settled_rows;
use super::intake::{self, Tagged};
use super::learning::{self, Learning};
use super::looking::other_files;
use super::settled::SettledBefore;
use super::view::view;
use crate::diagnostic::Problem;
use crate::item::{Item, decisions};
use crate::learn::{self, Model};
use crate::ledger::LedgerError;
use crate::review::{self, Doubt, Reason};
use crate::scan::Found;
use crate::setup::Setup;
use crate::tag::{Origin, Passages, Tagging, decided};
use crate::taxonomy::{FacetId, TermId};

/// An item read for review.
struct Looked {
    found: Found,
    item: Item,
    tagged: Tagged,
    view: u64,
    refused: Vec<TermId>,
    /// What the text alone speaks for against what is stated, by facet.
    conflicts: Vec<(FacetId, Vec<crate::tag::Tag>)>,
}

/// All doubts, conflicts first, then the newest; and what is wrong with the model or with files
/// that cannot be read.
///
/// # Errors
/// When there is a ledger and it cannot be read.
pub fn all(setup: &Setup) -> Result<(Vec<Doubt>, Vec<Problem>), LedgerError> {
    let scan = setup.scanner.all();
    let others = other_files(&scan.found);
    let items = scan.items();
    let learning = Learning::load(setup);
    let looked: Vec<Result<Option<Looked>, Vec<Problem>>> = items
        .par_iter()
        .map(|found| {
            let has_sidecar = others.contains_key(&*decisions::sidecar_path(&found.path));
            let reading = intake::read_decided(setup, found, has_sidecar).map_err(|problems| {
                let file = Path::new(&*found.path);
                let placed = problems.into_iter().map(|problem| problem.in_file(file));
                placed.collect::<Vec<_>>()
            })?;
            Ok(look(setup, learning.model.as_ref(), found, reading.item))
        })
        .collect();
    let mut problems: Vec<Problem> = learning.problem().into_iter().collect();
    let mut doubtful = Vec::new();
    for looked in looked {
        match looked {
            Ok(looked) => doubtful.extend(looked),
            Err(found) => problems.extend(found),
        }
    }
    let definitions = learning::definitions(&setup.config);
    let views: Vec<u64> = doubtful.iter().map(|looked| looked.view).collect();
    let rows = settled_rows(setup, &views)?;
    let settled = SettledBefore::new(&setup.config.taxonomy, &definitions, &rows);
    let mut doubts: Vec<Doubt> = doubtful
        .into_iter()
        .flat_map(|looked| of(setup, &settled, looked))
        .collect();
    doubts.sort_by(|a, b| {
        let key = |doubt: &Doubt| (doubt.reason, std::cmp::Reverse(doubt.published));
        key(a).cmp(&key(b)).then_with(|| a.path.cmp(&b.path))
    });
    Ok((doubts, problems))
}

/// Tags an item as a build would; `None` if nothing about it can be doubtful.
fn look(setup: &Setup, model: Option<&Model>, found: &Found, item: Item) -> Option<Looked> {
    let taxonomy = &setup.config.taxonomy;
    let tagged = intake::tag(setup, model, &item, true);
    let refused = decided::refused(taxonomy, &item);
    let (open, closed): (Vec<FacetId>, Vec<FacetId>) = setup
        .config
        .tags
        .learn
        .iter()
        .partition(|facet| learn::is_open(taxonomy, &tagged.tagging, **facet));
    let conflicts: Vec<_> = closed
        .into_iter()
        .filter_map(|facet| conflict(setup, model?, facet, &item, &tagged.tagging, &refused))
        .collect();
    (!open.is_empty() || !conflicts.is_empty()).then(|| Looked {
        found: found.clone(),
        view: view(&setup.config, &item),
        item,
        tagged,
        refused,
        conflicts,
    })
}

/// What the text alone speaks for, if that contradicts what is stated and no editor has decided.
fn conflict(
    setup: &Setup,
    model: &Model,
    facet: FacetId,
    item: &Item,
    tagging: &Tagging,
    refused: &[TermId],
) -> Option<(FacetId, Vec<crate::tag::Tag>)> {
    let taxonomy = &setup.config.taxonomy;
    let own = tagging.tags.iter();
    let own = own.filter(|tag| tag.through.is_none() && taxonomy.term(tag.term).facet == facet);
    let (editors, stated): (Vec<_>, Vec<_>) = own.partition(|tag| tag.origin == Origin::Editor);
    if !editors.is_empty() {
        return None;
    }
    let stated: Vec<TermId> = stated.iter().map(|tag| tag.term).collect();
    let text = item.body.to_text();
    let passages = Passages::new(item, &text);
    let reading = model.read(&passages);
    if reading.unseen.is_some() {
        return None;
    }
    let (given, suggested) = setup.tagger.propose(taxonomy, &[facet], &passages);
    let rules = given
        .iter()
        .chain(&suggested)
        .map(|tag| (tag.term, tag.score));
    let guesses = model.guess(facet, &reading, &rules.collect::<Vec<_>>());
    let suggested = review::of_stated(taxonomy, &stated, refused, &guesses)?;
    Some((facet, suggested))
}

/// What is doubtful about one item, when what was settled before counts.
fn of(setup: &Setup, settled: &SettledBefore<'_>, looked: Looked) -> Vec<Doubt> {
    let taxonomy = &setup.config.taxonomy;
    let Looked {
        found,
        item,
        tagged,
        view,
        refused,
        conflicts,
    } = looked;
    let Tagged {
        mut tagging,
        unseen,
    } = tagged;
    let mut reasons: Vec<(FacetId, Reason, Vec<crate::tag::Tag>)> = Vec::new();
    for facet in &setup.config.tags.learn {
        if learn::is_open(taxonomy, &tagging, *facet) {
            settled.correct((view, &refused), *facet, &mut tagging);
            let doubt = review::of_open(taxonomy, *facet, &tagging);
            reasons.extend(doubt.map(|(reason, suggested)| (*facet, reason, suggested)));
        }
    }
    let conflicts = conflicts.into_iter();
    reasons.extend(conflicts.map(|(facet, suggested)| (facet, Reason::Conflict, suggested)));
    let lead = crate::item::summary(&item);
    reasons
        .into_iter()
        .map(|(facet, reason, suggested)| {
            let own = tagging.tags.iter().filter(|tag| tag.through.is_none());
            let own = own.filter(|tag| taxonomy.term(tag.term).facet == facet);
            Doubt {
                path: found.path.to_string(),
                title: item.title.clone(),
                lead: lead.clone(),
                published: item
                    .published
                    .map_or(0, |(date, _)| date.timestamp_millis()),
                unseen: unseen.clone(),
                facet,
                reason,
                given: own.map(|tag| (tag.term, tag.origin)).collect(),
                suggested,
            }
        })
        .collect()
}
