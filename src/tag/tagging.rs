//! What tagging finds out about an item: its tags with their evidence, what is only suggested, and
//! what is stated but unknown.

use std::ops::Range;

use crate::diagnostic::Problem;
use crate::taxonomy::{FacetId, Taxonomy, TermId, UnknownTerms};

/// Who says that an item bears a term.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The item states it.
    Stated,
    /// A rule found it in the text.
    Rule,
    /// The model, trained on the newsroom's own items, is sure enough of it.
    Learned,
    /// An editor decided so when reviewing the item.
    Editor,
}

/// The part of an item in which evidence was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
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
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Evidence {
    /// The words, as the item has them, on one line.
    pub text: String,
    /// Where they stand.
    pub part: Part,
    /// The bytes of that part's text (`Passages::part`) that they are, the first time that they
    /// stand there; for a stated value, its place in the label's value.
    pub span: Range<usize>,
    /// Source line from 1 for a stated value; 0 where it is not known.
    pub line: usize,
    /// What it adds to the tag's score; 0 for a stated value.
    pub weight: f32,
}

/// A term given to an item, or suggested for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// The term.
    pub term: TermId,
    /// Who says so.
    pub origin: Origin,
    /// How much speaks for it: the points of its evidence for a rule, a calibrated probability
    /// from 0 to 1 for a learned tag, 1 for what is stated or decided.
    pub score: f32,
    /// The score from which on it is given rather than suggested; 0 for what is stated or decided.
    pub threshold: f32,
    /// The child term through which an item counts for this one; `None` for a tag of its own.
    pub through: Option<TermId>,
    /// What speaks for it, strongest first. Empty for a tag through a child, whose own evidence
    /// it is.
    pub evidence: Vec<Evidence>,
}

/// A stated value that no term bears, or more than one.
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
    /// The terms that all bear this name, in the taxonomy's order; empty if none does.
    pub ambiguous: Vec<TermId>,
}

/// All that tagging found out about one item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tagging {
    /// The tags in the order of their terms, each term once; inherited ones included.
    pub tags: Vec<Tag>,
    /// What speaks for further terms but is not enough to give them, best first within a facet.
    pub suggestions: Vec<Tag>,
    /// Stated values that could not be resolved, in the order stated.
    pub unknown: Vec<Unknown>,
}

impl Tagging {
    /// The terms that the item bears, inherited ones included, in the taxonomy's order.
    pub fn terms(&self) -> Vec<TermId> {
        self.tags.iter().map(|tag| tag.term).collect()
    }
}

impl Unknown {
    /// What to tell the item's author: an error where the facet holds such items back, a warning
    /// elsewhere. Without file and place.
    pub fn problem(&self, taxonomy: &Taxonomy) -> Problem {
        let facet = taxonomy.facet(self.facet);
        let called = facet.name.to_lowercase();
        let text = shortened(&self.text);
        let name = |term: &TermId| format!("'{}'", taxonomy.term(*term).name);
        let (message, help) = match self.ambiguous.as_slice() {
            [] => (
                format!("unknown {called} '{text}'"),
                match &self.nearest {
                    Some(nearest) => format!("did you mean {}?", name(nearest)),
                    None => format!(
                        "to make it known, add it to [facet.{}] in feeds.toml, as a term or as an alias of one",
                        facet.key
                    ),
                },
            ),
            several => {
                let names: Vec<String> = several.iter().map(name).collect();
                (
                    format!("'{text}' is the name of more than one {called}"),
                    format!(
                        "state one of {} by another name, or name its parent as well",
                        names.join(", ")
                    ),
                )
            }
        };
        let problem = match facet.unknown {
            UnknownTerms::Publish => Problem::warning(message),
            UnknownTerms::Hold => Problem::error(message),
        };
        problem.help(help)
    }
}

/// At most 80 characters, for a message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
