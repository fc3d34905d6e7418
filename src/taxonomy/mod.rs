//! Facets and their terms: the vocabulary that items are tagged with.
//!
//! Built once by [`crate::config`] and never changed afterwards. This room knows nothing of
//! items or files.

#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod hierarchy;
pub mod keyword;
pub mod names;
pub mod slug;

use std::ops::Range;

use keyword::Keyword;

use crate::language::{LanguageId, said};

/// A facet's place in [`Taxonomy::facets`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct FacetId(pub u8);

/// A term's place in [`Taxonomy::terms`]; the order is the taxonomy's own, facet after facet,
/// so comparing two ids of one facet compares their places in `feeds.toml`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct TermId(pub u16);

/// What is done with an item that states a value which no term bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownTerms {
    /// The item is published with the tags that it has; the value is reported as a warning.
    Publish,
    /// The item is held back until the value is mended; it is reported as an error.
    Hold,
}

/// A way of classifying: field of work, department, country, meeting.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// Its key in `feeds.toml` and in selections: `field_of_work`.
    pub key: String,
    /// Its name in paths: `field-of-work`.
    pub slug: String,
    /// Its name to readers: `Field of work`.
    pub name: String,
    /// The plural of its name: `Fields of work`.
    pub plural: String,
    /// Its name in further languages.
    pub names: Vec<(LanguageId, String)>,
    /// The plural of its name in further languages.
    pub plurals: Vec<(LanguageId, String)>,
    /// The labels and front-matter keys under which items state its terms, as written:
    /// `Fields of work`, `What we do`.
    pub labels: Vec<String>,
    /// Words that the names of its terms may bear or lack: with `OSCE`, `OSCE Presence in Albania`
    /// names the term `Presence in Albania`.
    pub optional_words: Vec<String>,
    /// Whether its terms are those who issue an item, and so the authors of its entries.
    pub issues: bool,
    /// Whether its terms are places. Those that are countries are known by their capitals and
    /// peoples without being told.
    pub places: bool,
    /// Whether an item tagged with a term also counts as tagged with the term's parents.
    pub inherit: bool,
    /// What is done with stated values that no term bears.
    pub unknown: UnknownTerms,
    /// The score that keyword evidence must reach before a rule gives a term. A match counts 3
    /// in the title, 2 in the lead and 1 in the body.
    pub rule_threshold: u32,
    /// The most terms that rules may give one item, best first.
    pub rule_limit: usize,
    /// The share of the best term's score, from 0 to 1, that another term must reach as well.
    pub rule_share: f32,
    /// The scheme (Atom) and domain (RSS) of its categories: an absolute URL.
    pub scheme: String,
    /// Its terms, as a range of [`Taxonomy::terms`].
    pub terms: Range<u16>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The facet that it belongs to.
    pub facet: FacetId,
    /// Its name in paths, unique within its facet: `countering-terrorism`.
    pub slug: String,
    /// The slugs that it had before, and those of terms that were merged into it: their addresses
    /// lead to it.
    pub was: Vec<String>,
    /// Its name to readers: `Countering terrorism`.
    pub name: String,
    /// Its name in further languages; items may state it by these too.
    pub names: Vec<(LanguageId, String)>,
    /// Other names that items use for it.
    pub aliases: Vec<String>,
    /// Words and phrases whose presence in a text speaks for it.
    pub keywords: Vec<Keyword>,
    /// Cities that speak for it in a dateline: where one who issues items sits, or what belongs to
    /// a country.
    pub places: Vec<String>,
    /// The term above it in the same facet.
    pub parent: Option<TermId>,
    /// Whether it is history: kept for old items, shown as closed.
    pub closed: bool,
    /// The terms of the same facet that took its place when it was retired, in the order stated:
    /// what used to be given to it is given to one of them now. A term with any is closed.
    pub replaced_by: Vec<TermId>,
    /// The same concept in vocabularies of others (`skos:exactMatch`), as absolute IRIs.
    pub matches: Vec<String>,
}

impl Facet {
    /// Its name in a language of the site, or its name.
    pub fn name_in(&self, language: LanguageId) -> &str {
        said(&self.names, language).unwrap_or(&self.name)
    }

    /// The plural of its name in a language of the site: its name there, where no plural is
    /// given.
    pub fn plural_in(&self, language: LanguageId) -> &str {
        said(&self.plurals, language)
            .or_else(|| said(&self.names, language))
            .unwrap_or(&self.plural)
    }
}

impl Term {
    /// Its name in a language of the site, or its name.
    pub fn name_in(&self, language: LanguageId) -> &str {
        said(&self.names, language).unwrap_or(&self.name)
    }
}

/// All facets and terms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taxonomy {
    /// The facets, in the order of `feeds.toml`.
    pub facets: Vec<Facet>,
    /// The terms of all facets, facet after facet.
    pub terms: Vec<Term>,
    /// The language of names and keywords that do not state theirs, as a BCP 47 tag; English
    /// where it is empty.
    pub language: String,
}

impl Taxonomy {
    /// The language of names and keywords, as a BCP 47 tag.
    pub fn language(&self) -> &str {
        match self.language.as_str() {
            "" => "en",
            language => language,
        }
    }

    /// The facet with this id.
    pub fn facet(&self, id: FacetId) -> &Facet {
        &self.facets[usize::from(id.0)]
    }

    /// The term with this id.
    pub fn term(&self, id: TermId) -> &Term {
        &self.terms[usize::from(id.0)]
    }

    /// The facets with their ids, in order.
    pub fn facets(&self) -> impl Iterator<Item = (FacetId, &Facet)> {
        (0u8..).map(FacetId).zip(&self.facets)
    }

    /// The terms of one facet with their ids, in the taxonomy's order.
    pub fn terms_of(&self, facet: FacetId) -> impl Iterator<Item = (TermId, &Term)> {
        let range = self.facet(facet).terms.clone();
        range.map(TermId).map(|id| (id, self.term(id)))
    }

    /// The facet whose key (`field_of_work`) or slug (`field-of-work`) is `name`.
    pub fn facet_named(&self, name: &str) -> Option<FacetId> {
        self.facets()
            .find(|(_, facet)| facet.key == name || facet.slug == name)
            .map(|(id, _)| id)
    }

    /// The term of `facet` whose slug is `slug`.
    pub fn term_named(&self, facet: FacetId, slug: &str) -> Option<TermId> {
        self.terms_of(facet)
            .find(|(_, term)| term.slug == slug)
            .map(|(id, _)| id)
    }

    /// The parents of a term, nearest first. Ends, since configuration refuses cycles.
    pub fn ancestors(&self, term: TermId) -> impl Iterator<Item = TermId> {
        std::iter::successors(self.term(term).parent, |id| self.term(*id).parent)
    }

    /// The path of a term's page and feeds, without slashes at either end:
    /// `field-of-work/countering-terrorism`.
    pub fn path(&self, term: TermId) -> String {
        let term = self.term(term);
        format!("{}/{}", self.facet(term.facet).slug, term.slug)
    }
}
