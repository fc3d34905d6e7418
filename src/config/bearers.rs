//! The terms of a facet by their slugs, for those that speak of one another.

use std::collections::HashMap;

use super::notes::{Notes, Placed};
use super::terms::Draft;
use crate::diagnostic::did_you_mean;
use crate::taxonomy::slug::fold;

/// Which term of a facet bears which slug.
pub(super) struct Bearers<'d> {
    drafts: &'d [Draft],
    places: HashMap<&'d str, usize>,
}

impl<'d> Bearers<'d> {
    /// Of two terms with one slug, the first counts as its bearer.
    pub fn of(drafts: &'d [Draft]) -> Bearers<'d> {
        let places = drafts.iter().enumerate().rev();
        Bearers {
            drafts,
            places: places
                .map(|(place, draft)| (draft.slug.value.as_str(), place))
                .collect(),
        }
    }

    /// The place of the term that a slug names; that there is none is noted. `role` is what the
    /// term is to the one that speaks of it: `parent`.
    pub fn find(&self, slug: &Placed<String>, role: &str, notes: &Notes<'_>) -> Option<usize> {
        let found = self.places.get(slug.value.as_str()).copied();
        if found.is_none() {
            let message = format!("the {role} '{}' does not exist", slug.value);
            notes.absent(&slug.span, message, self.help(&slug.value));
        }
        found
    }

    /// What to do about a slug that no term has.
    fn help(&self, slug: &str) -> String {
        let folded = fold(slug);
        let by_name = self
            .drafts
            .iter()
            .find(|draft| fold(&draft.name.value) == folded);
        let slugs = self.drafts.iter().map(|draft| draft.slug.value.as_str());
        match by_name
            .map(|draft| draft.slug.value.as_str())
            .or_else(|| did_you_mean(slug, slugs))
        {
            Some(near) => format!("did you mean '{near}'?"),
            None => "write the slug of a term of the same facet".to_owned(),
        }
    }
}
