//! `parent`: which term a term is under.

use super::bearers::Bearers;
use super::notes::Notes;
use super::terms::Draft;
use crate::taxonomy::hierarchy::break_circles;

/// The places of the parents, those left out that do not exist or close a circle.
pub(super) fn parents(drafts: &[Draft], notes: &Notes<'_>) -> Vec<Option<usize>> {
    let bearers = Bearers::of(drafts);
    let mut parents: Vec<Option<usize>> = drafts
        .iter()
        .map(|draft| bearers.find(draft.parent.as_ref()?, "parent", notes))
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
