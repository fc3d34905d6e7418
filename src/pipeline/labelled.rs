//! Items read to be learned from or asked about: what they state is set apart, and rules see their
//! text alone.

use rayon::prelude::*;

use super::intake;
use crate::diagnostic::Problem;
use crate::evaluate::Labelled;
use crate::item::{Item, decisions};
use crate::learn::{Example, Known, Text};
use crate::scan::Found;
use crate::setup::Setup;
use crate::tag::{Origin, Tag, decided};
use crate::taxonomy::{FacetId, TermId};

/// Reads items for evaluation; `facets` are those to predict. Files that cannot be read are left
/// out and come back as problems.
pub fn read(setup: &Setup, found: &[Found], facets: &[FacetId]) -> (Vec<Labelled>, Vec<Problem>) {
    let read: Vec<Result<Labelled, Vec<Problem>>> = found
        .par_iter()
        .map(|found| {
            let sidecar = setup.root.join(decisions::sidecar_path(&found.path));
            let reading =
                intake::read_decided(setup, found, sidecar.is_file()).map_err(|problems| {
                    let file = std::path::Path::new(&*found.path);
                    let placed = problems.into_iter().map(|problem| problem.in_file(file));
                    placed.collect::<Vec<_>>()
                })?;
            Ok(set_apart(setup, &found.path, reading.item, facets))
        })
        .collect();
    let mut items = Vec::with_capacity(read.len());
    let mut problems = Vec::new();
    for read in read {
        match read {
            Ok(item) => items.push(item),
            Err(found) => problems.extend(found),
        }
    }
    (items, problems)
}

/// What a model learns from one item.
pub fn example(setup: &Setup, item: Item, facets: &[FacetId]) -> Example {
    set_apart(setup, "", item, facets).example
}

fn set_apart(setup: &Setup, path: &str, mut item: Item, facets: &[FacetId]) -> Labelled {
    let taxonomy = &setup.config.taxonomy;
    let labels = setup.tagger.tag(taxonomy, &item, || "".into());
    let stated = |facet: FacetId| -> Vec<TermId> {
        let tags = labels.tags.iter();
        let own = tags.filter(|tag| tag.through.is_none() && is_of_people(tag));
        own.map(|tag| tag.term)
            .filter(|term| taxonomy.term(*term).facet == facet)
            .collect()
    };
    let refused = decided::refused(taxonomy, &item);
    let known = facets.iter().map(|facet| {
        let of_facet = |term: &&TermId| taxonomy.term(**term).facet == *facet;
        Known {
            yes: stated(*facet),
            no: refused.iter().filter(of_facet).copied().collect(),
        }
    });
    let known = known.collect();
    let issuing = taxonomy.facets().filter(|(_, facet)| facet.issues);
    let issuers = issuing.map(|(facet, _)| (facet, stated(facet))).collect();
    let values = item.stated.len();
    let unknown = labels.unknown.len();
    // From here on nothing is stated.
    item.stated.clear();
    item.decisions.clear();
    let text = item.body.to_text();
    let tagging = setup.tagger.tag(taxonomy, &item, || text.as_str().into());
    let own = |tags: &[Tag]| -> Vec<Tag> {
        let own = tags.iter().filter(|tag| tag.through.is_none());
        own.cloned().collect()
    };
    let (mut given, mut suggested) = (own(&tagging.tags), own(&tagging.suggestions));
    for tags in [&mut given, &mut suggested] {
        tags.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.term.cmp(&b.term))
        });
    }
    let rules = given
        .iter()
        .chain(&suggested)
        .map(|tag| (tag.term, tag.score));
    Labelled {
        path: path.to_owned(),
        example: Example {
            rules: rules.collect(),
            text: Text::of(&item),
            known,
        },
        given: given.iter().map(|tag| tag.term).collect(),
        issuers,
        values: (values, values.saturating_sub(unknown)),
    }
}

/// Whether people said so, rather than the program.
fn is_of_people(tag: &Tag) -> bool {
    matches!(tag.origin, Origin::Stated | Origin::Editor)
}
