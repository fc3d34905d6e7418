//! `parent`: which term a term is under.

use std::collections::HashMap;

use super::facets::Draft;
use super::notes::Notes;
use crate::diagnostic::did_you_mean;
use crate::taxonomy::hierarchy::break_circles;
use crate::taxonomy::slug::fold;

/// The places of the parents, those left out that do not exist or close a circle.
pub(super) fn parents(drafts: &[Draft], notes: &Notes<'_>) -> Vec<Option<usize>> {
    let slugs = places(drafts);
    let mut parents: Vec<Option<usize>> = drafts
        .iter()
        .map(|draft| {
            let parent = draft.parent.as_ref()?;
            let found = slugs.get(parent.value.as_str());
            if found.is_none() {
                let message = format!("the parent '{}' does not exist", parent.value);
                notes.absent(&parent.span, message, slug_help(&parent.value, drafts));
            }
            found.copied()
        })
        .collect();
    break_circles(&mut parents, |circle| {
        let names: Vec<&str> = circle
            .iter()
            .chain(circle.first())
            .map(|place| drafts[*place].slug.value.as_str())
            .collect();
        let first = circle.iter().min().copied().unwrap_or_default();
        if let Some(parent) = &drafts[first].parent {
            let message = format!("parents in a circle: {}", names.join(" > "));
            notes.error(&parent.span, message, "remove one of these parents");
        }
    });
    parents
}

/// The place of each slug; of two terms with one slug, that of the first.
pub(super) fn places(drafts: &[Draft]) -> HashMap<&str, usize> {
    let places = drafts.iter().enumerate().rev();
    places
        .map(|(place, draft)| (draft.slug.value.as_str(), place))
        .collect()
}

/// What to do about a slug that no term has.
pub(super) fn slug_help(slug: &str, drafts: &[Draft]) -> String {
    let folded = fold(slug);
    let by_name = drafts
        .iter()
        .find(|draft| fold(&draft.name.value) == folded);
    let slugs = drafts.iter().map(|draft| draft.slug.value.as_str());
    match by_name
        .map(|draft| draft.slug.value.as_str())
        .or_else(|| did_you_mean(slug, slugs))
    {
        Some(near) => format!("did you mean '{near}'?"),
        None => "write the slug of a term of the same facet".to_owned(),
    }
}
