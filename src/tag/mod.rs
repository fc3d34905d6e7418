//! Which terms an item bears, and why: stated values resolved, keyword rules where none is stated.
//!
//! Pure: an item, a taxonomy and a compiled [`Tagger`] in, a [`Tagging`] out.

pub mod decided;
mod issuer;
pub mod language;
mod passages;
mod places;
mod rules;
mod score;
mod stated;
mod tagging;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod why;

pub use passages::Passages;
pub use tagging::{Evidence, Origin, Part, Tag, Tagging, Unknown};
pub use why::{Discounted, Why};

use std::borrow::Cow;

use crate::item::Item;
use crate::taxonomy::names::Names;
use crate::taxonomy::{FacetId, Taxonomy, TermId};
use issuer::{Fillers, Reading};
use places::{Dateline, Places};
use rules::{Found, Rules, Wanted};
use text::Folded;

/// All names and keywords of a taxonomy, compiled once for any number of items.
#[derive(Debug, Clone)]
pub struct Tagger {
    names: Names,
    rules: Rules,
    places: Places,
    fillers: Fillers,
}

/// The dateline of a part that has none.
static NOWHERE: Dateline = Dateline {
    places: Vec::new(),
    end: 0,
};

impl Tagger {
    /// Compiles the names and keywords of `taxonomy`, which takes some milliseconds.
    pub fn new(taxonomy: &Taxonomy) -> Tagger {
        let names = Names::new(taxonomy);
        Tagger {
            rules: Rules::new(taxonomy, &names),
            places: Places::new(taxonomy, &names),
            fillers: Fillers::new(taxonomy),
            names,
        }
    }

    /// Finds out which terms an item bears. `taxonomy` is the one that this was compiled from.
    ///
    /// `body` gives the item's text without markup, paragraphs divided by empty lines. It is
    /// called only if the item leaves a facet open that has keywords, since rendering it is dear.
    pub fn tag<'t>(
        &self,
        taxonomy: &Taxonomy,
        item: &Item,
        body: impl FnOnce() -> Cow<'t, str>,
    ) -> Tagging {
        let mut tagging = Tagging::default();
        for (facet, stated) in &item.stated {
            let Tagging { tags, unknown, .. } = &mut tagging;
            stated::read(taxonomy, &self.names, (*facet, stated), tags, unknown);
        }
        decided::apply(taxonomy, item, &mut tagging.tags);
        let open: Vec<FacetId> = taxonomy
            .facets()
            .map(|(facet, _)| facet)
            .filter(|facet| self.rules.speak_of(*facet))
            .filter(|facet| {
                let mut tags = tagging.tags.iter();
                tags.all(|tag| taxonomy.term(tag.term).facet != *facet)
            })
            .collect();
        if !open.is_empty() {
            let body = body();
            let passages = Passages::new(item, &body);
            let (given, suggested) = self.propose(taxonomy, &open, &passages);
            let refused = decided::refused(taxonomy, item);
            let stands = |tag: &Tag| !refused.contains(&tag.term);
            tagging.tags.extend(given.into_iter().filter(stands));
            tagging.suggestions = suggested.into_iter().filter(stands).collect();
        }
        inherit(taxonomy, &mut tagging.tags);
        tagging.tags.sort_by_key(|tag| tag.term);
        tagging
    }

    /// What the text speaks for in `facets`, whatever the item states: the tags that the rules
    /// give, then all others for which there is any evidence, both best first facet by facet.
    pub fn propose(
        &self,
        taxonomy: &Taxonomy,
        facets: &[FacetId],
        passages: &Passages<'_>,
    ) -> (Vec<Tag>, Vec<Tag>) {
        let mut spoken = Vec::new();
        self.each_part(taxonomy, facets, passages, |reading, found| {
            score::weigh(taxonomy, reading, found, &mut spoken);
            reading.weigh(found, &mut spoken);
        });
        spoken.sort_by_key(|it| it.term);
        let (mut given, mut suggested) = (Vec::new(), Vec::new());
        for facet in facets {
            let (enough, others) = score::best(taxonomy, *facet, passages, &spoken);
            given.extend(enough);
            suggested.extend(others);
        }
        (given, suggested)
    }

    /// Looks for the rules of `facets` in each part of a text.
    fn each_part(
        &self,
        taxonomy: &Taxonomy,
        facets: &[FacetId],
        passages: &Passages<'_>,
        mut visit: impl FnMut(&Reading<'_>, &[Found]),
    ) {
        let language = passages.language(taxonomy.language());
        let wanted = Wanted {
            facets,
            language: &language,
        };
        let (dated_part, dateline) = issuer::dateline(passages);
        let local = issuer::local(&self.places, passages.part(dated_part), &dateline);
        for (part, source) in passages.parts() {
            let folded = Folded::new(source);
            let found = self.rules.find(&wanted, source, &folded);
            let reading = Reading {
                taxonomy,
                rules: &self.rules,
                places: &self.places,
                part,
                source,
                folded: &folded,
                dateline: match part == dated_part {
                    true => &dateline,
                    false => &NOWHERE,
                },
                local: &local,
                fillers: &self.fillers,
            };
            visit(&reading, &found);
        }
    }

    /// The only term of `facet` that bears the name `text`.
    pub fn named(&self, facet: FacetId, text: &str) -> Option<TermId> {
        match self.names.find(facet, text) {
            [term] => Some(*term),
            _ => None,
        }
    }

    /// The term of `facet` that `text` was most likely meant to name.
    pub fn nearest(&self, facet: FacetId, text: &str) -> Option<TermId> {
        self.names.nearest(facet, text)
    }
}

/// Adds the parents of the tags of facets that inherit.
pub fn inherit(taxonomy: &Taxonomy, tags: &mut Vec<Tag>) {
    let own = tags.len();
    for child in 0..own {
        let Tag {
            term,
            origin,
            score,
            threshold,
            ..
        } = tags[child];
        if !taxonomy.facet(taxonomy.term(term).facet).inherit {
            continue;
        }
        for above in taxonomy.ancestors(term) {
            if tags.iter().all(|tag| tag.term != above) {
                tags.push(Tag {
                    term: above,
                    origin,
                    score,
                    threshold,
                    through: Some(term),
                    evidence: Vec::new(),
                });
            }
        }
    }
}
