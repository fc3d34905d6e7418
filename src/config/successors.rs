//! `replaced_by`: the terms that took the place of one that was retired.

use super::bearers::Bearers;
use super::notes::Notes;
use super::terms::Draft;

/// The places of each term's successors; those left out that cannot be any. What is replaced is
/// not looked for in texts any more: its keywords are taken away.
pub(super) fn successors(drafts: &mut [Draft], notes: &Notes<'_>) -> Vec<Vec<usize>> {
    let bearers = Bearers::of(drafts);
    let found: Vec<Vec<usize>> = drafts
        .iter()
        .enumerate()
        .map(|(own, draft)| {
            let mut places = Vec::new();
            for slug in &draft.replaced_by {
                let name = &slug.value;
                match bearers.find(slug, "successor", notes) {
                    None => {}
                    Some(place) if place == own => {
                        let message = format!("'{name}' cannot replace itself");
                        notes.error(&slug.span, message, "name the terms that took its place");
                    }
                    Some(place) if places.contains(&place) => {
                        let message = format!("the successor '{name}' is named twice");
                        notes.warning(&slug.span, message, "name it once");
                    }
                    Some(place) => {
                        if !drafts[place].replaced_by.is_empty() {
                            let message = format!("the successor '{name}' was replaced itself");
                            let help = "name those that are in use now";
                            notes.warning(&slug.span, message, help);
                        }
                        places.push(place);
                    }
                }
            }
            places
        })
        .collect();
    for (draft, successors) in drafts.iter_mut().zip(&found) {
        if !successors.is_empty() && !draft.keywords.is_empty() {
            let message = format!("the keywords of '{}' do nothing", draft.name.value);
            let help = "it was replaced, so that no text is given to it: \
                        move its keywords to its successors";
            notes.warning(&draft.replaced_by[0].span, message, help);
            draft.keywords.clear();
        }
    }
    found
}
