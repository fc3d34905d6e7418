//! Settled tags: what an item was given where people had said nothing stays, whatever the model
//! learns afterwards. Pure.

use std::collections::HashMap;

use crate::catalog::{Record, TermTag};
use crate::ledger::SettledTags;
use crate::tag::{Origin, Tag, Tagging};
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// What the ledger has settled, by fingerprint and facet; of other definitions nothing.
pub struct SettledBefore<'a> {
    taxonomy: &'a Taxonomy,
    tags: HashMap<(u64, FacetId), Vec<(TermId, Origin)>>,
}

impl<'a> SettledBefore<'a> {
    /// Reads the ledger's rows. `definitions` are the facets' of now.
    pub fn new(
        taxonomy: &'a Taxonomy,
        definitions: &[(FacetId, u64)],
        rows: &[SettledTags],
    ) -> SettledBefore<'a> {
        let read = |row: &SettledTags| {
            let facet = taxonomy.facet_named(&row.facet)?;
            definitions
                .contains(&(facet, row.definition))
                .then_some(())?;
            let tags = row.terms.split_whitespace().filter_map(|tag| {
                let (slug, origin) = tag.split_once(':')?;
                Some((taxonomy.term_named(facet, slug)?, origin_of(origin)?))
            });
            Some(((row.view, facet), tags.collect()))
        };
        SettledBefore {
            taxonomy,
            tags: rows.iter().filter_map(read).collect(),
        }
    }

    /// Gives a record its settled tags of a facet; false where none are settled.
    pub fn give(&self, record: &mut Record, facet: FacetId) -> bool {
        let Some(settled) = self.tags.get(&(record.view, facet)) else {
            return false;
        };
        let settled = without(settled, &record.refused);
        record.terms = with(self.taxonomy, &record.terms, facet, &settled);
        true
    }

    /// Makes the given tags of a facet those that are settled; what is given now and is not
    /// settled is only suggested. The item has the fingerprint `view`; `refused` are the terms
    /// that an editor refused it.
    pub fn correct(
        &self,
        (view, refused): (u64, &[TermId]),
        facet: FacetId,
        tagging: &mut Tagging,
    ) {
        let Some(settled) = self.tags.get(&(view, facet)) else {
            return;
        };
        let settled = &without(settled, refused);
        let of_facet = |tag: &Tag| self.taxonomy.term(tag.term).facet == facet;
        let (now, others): (Vec<Tag>, Vec<Tag>) = std::mem::take(&mut tagging.tags)
            .into_iter()
            .partition(of_facet);
        tagging.tags = others;
        let is_settled = |tag: &Tag| settled.iter().any(|(term, _)| *term == tag.term);
        let own = now.into_iter().filter(|tag| tag.through.is_none());
        let (kept, taken): (Vec<Tag>, Vec<Tag>) = own.partition(is_settled);
        let (raised, mut left): (Vec<Tag>, Vec<Tag>) = std::mem::take(&mut tagging.suggestions)
            .into_iter()
            .partition(is_settled);
        left.splice(0..0, taken);
        tagging.suggestions = left;
        for (term, origin) in settled {
            let found = kept.iter().chain(&raised).find(|tag| tag.term == *term);
            let tag = found.cloned().unwrap_or(Tag {
                term: *term,
                origin: *origin,
                score: 0.0,
                threshold: 0.0,
                through: None,
                evidence: Vec::new(),
            });
            tagging.tags.push(Tag {
                origin: *origin,
                ..tag
            });
        }
        crate::tag::inherit(self.taxonomy, &mut tagging.tags);
        tagging.tags.sort_by_key(|tag| tag.term);
    }
}

/// What an editor has refused since never comes back.
fn without(settled: &[(TermId, Origin)], refused: &[TermId]) -> Vec<(TermId, Origin)> {
    let stands = settled.iter().filter(|(term, _)| !refused.contains(term));
    stands.copied().collect()
}

/// The row that settles what a record has in a facet.
pub fn row(
    taxonomy: &Taxonomy,
    record: &Record,
    (facet, definition): (FacetId, u64),
) -> SettledTags {
    let own = record.terms.iter().filter(|tag| tag.direct);
    let own = own.filter(|tag| taxonomy.term(tag.term).facet == facet);
    let terms: Vec<String> = own
        .map(|tag| format!("{}:{}", taxonomy.term(tag.term).slug, name_of(tag.origin)))
        .collect();
    SettledTags {
        view: record.view,
        facet: taxonomy.facet(facet).key.clone(),
        definition,
        terms: terms.join(" "),
    }
}

/// Whether people have said nothing about a facet of a record.
pub fn is_open(taxonomy: &Taxonomy, record: &Record, facet: FacetId) -> bool {
    let mut own = record.terms.iter().filter(|tag| tag.direct);
    own.all(|tag| taxonomy.term(tag.term).facet != facet || !is_of_people(tag.origin))
}

fn is_of_people(origin: Origin) -> bool {
    matches!(origin, Origin::Stated | Origin::Editor)
}

/// The terms of a record with those of one facet replaced.
fn with(
    taxonomy: &Taxonomy,
    terms: &[TermTag],
    facet: FacetId,
    settled: &[(TermId, Origin)],
) -> Box<[TermTag]> {
    let others = terms.iter().copied();
    let mut all: Vec<TermTag> = others
        .filter(|tag| taxonomy.term(tag.term).facet != facet)
        .collect();
    all.extend(settled.iter().map(|(term, origin)| TermTag {
        term: *term,
        origin: *origin,
        direct: true,
    }));
    if taxonomy.facet(facet).inherit {
        for (term, origin) in settled {
            for above in taxonomy.ancestors(*term) {
                if all.iter().all(|tag| tag.term != above) {
                    all.push(TermTag {
                        term: above,
                        origin: *origin,
                        direct: false,
                    });
                }
            }
        }
    }
    all.sort_unstable_by_key(|tag| tag.term);
    all.into()
}

fn name_of(origin: Origin) -> &'static str {
    match origin {
        Origin::Stated => "stated",
        Origin::Rule => "rule",
        Origin::Learned => "learned",
        Origin::Editor => "editor",
    }
}

fn origin_of(name: &str) -> Option<Origin> {
    let all = [
        Origin::Stated,
        Origin::Rule,
        Origin::Learned,
        Origin::Editor,
    ];
    all.into_iter().find(|origin| name_of(*origin) == name)
}
