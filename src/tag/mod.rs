//! Which terms an item bears, and why: stated values resolved, keyword rules where none is stated.
//!
//! Pure: an item, a taxonomy and a compiled [`Tagger`] in, a [`Tagging`] out.

use crate::taxonomy::{FacetId, TermId};

/// Who says that an item bears a term.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The item states it.
    Stated,
    /// A keyword rule found it in the text.
    Rule,
}

/// The part of an item in which evidence was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// A label or a front-matter key.
    Label,
    /// The title.
    Title,
    /// The first paragraph.
    Lead,
    /// The rest of the text.
    Body,
}

/// What speaks for a tag.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Evidence {
    /// The words, as the item has them.
    pub text: String,
    /// Where they stand.
    pub part: Part,
    /// Source line from 1 for a stated value; 0 where it is not known.
    pub line: usize,
    /// What it counts: 3 in the title, 2 in the lead, 1 in the body; 0 for a stated value.
    pub weight: u32,
}

/// A term given to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The term.
    pub term: TermId,
    /// Who says so.
    pub origin: Origin,
    /// The child term through which an item counts for this one; `None` for a tag of its own.
    pub through: Option<TermId>,
    /// What speaks for it, strongest first.
    pub evidence: Vec<Evidence>,
}

/// A stated value that no term bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The facet under whose label it stands.
    pub facet: FacetId,
    /// The value as written, or the part of it that is left over.
    pub text: String,
    /// Source line from 1; 0 where it is not known.
    pub line: usize,
    /// Source column in characters from 1; 0 where it is not known.
    pub column: usize,
    /// The term that was most likely meant.
    pub nearest: Option<TermId>,
}

/// All that tagging found out about one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tagging {
    /// The tags in the order of their terms, each term once; inherited ones included.
    pub tags: Vec<Tag>,
    /// Stated values that no term bears, in the order stated.
    pub unknown: Vec<Unknown>,
}
