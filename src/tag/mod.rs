//! Which terms an item bears, and why: stated values resolved, keyword rules where none is stated.
//!
//! Pure: an item, a taxonomy and a compiled [`Tagger`] in, a [`Tagging`] out.

mod rules;
mod stated;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;

use crate::diagnostic::Problem;
use crate::item::Item;
use crate::taxonomy::names::Names;
use crate::taxonomy::{FacetId, Taxonomy, TermId, UnknownTerms};
use rules::{Passage, Rules};

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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Evidence {
    /// The words, as the item has them.
    pub text: String,
    /// Where they stand.
    pub part: Part,
    /// Source line from 1 for a stated value; 0 where it is not known.
    pub line: usize,
    /// What it counts: 3 in the title, 2 in the lead, 1 for each time in the body, up to 3; 0 for
    /// a stated value.
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tagging {
    /// The tags in the order of their terms, each term once; inherited ones included.
    pub tags: Vec<Tag>,
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

/// All names and keywords of a taxonomy, compiled once for any number of items.
#[derive(Debug, Clone)]
pub struct Tagger {
    names: Names,
    rules: Rules,
}

impl Tagger {
    /// Compiles the names and keywords of `taxonomy`, which takes some milliseconds.
    pub fn new(taxonomy: &Taxonomy) -> Tagger {
        Tagger {
            names: Names::new(taxonomy),
            rules: Rules::new(taxonomy),
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
            let Tagging { tags, unknown } = &mut tagging;
            stated::read(taxonomy, &self.names, (*facet, stated), tags, unknown);
        }
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
            let passages = passages(item, &body);
            let proposed = self.rules.propose(taxonomy, &open, &passages);
            tagging.tags.extend(proposed);
        }
        inherit(taxonomy, &mut tagging.tags);
        tagging.tags.sort_by_key(|tag| tag.term);
        tagging
    }

    /// The term of `facet` that `text` was most likely meant to name.
    pub fn nearest(&self, facet: FacetId, text: &str) -> Option<TermId> {
        self.names.nearest(facet, text)
    }
}

/// The texts in which keywords are looked for: title, lead and body, none of it twice.
fn passages<'t>(item: &'t Item, body: &'t str) -> Vec<Passage<'t>> {
    let (first, rest) = text::first_paragraph(body);
    let passage = |part, text| Passage { part, text };
    let mut passages = vec![passage(Part::Title, item.title.as_str())];
    match item.summary.as_deref() {
        // A summary that is cut off in the first paragraph says nothing new.
        Some(summary) if !begins_with(first, summary) => {
            passages.push(passage(Part::Lead, summary));
            passages.push(passage(Part::Body, body));
        }
        _ => {
            passages.push(passage(Part::Lead, first));
            passages.push(passage(Part::Body, rest));
        }
    }
    passages
}

/// Whether `text` begins with the words of `summary`, dots at its end aside.
fn begins_with(text: &str, summary: &str) -> bool {
    let summary = summary.trim().trim_end_matches(['.', '\u{2026}']);
    let mut words = text.split_whitespace();
    let mut summary = summary.split_whitespace().peekable();
    while let Some(word) = summary.next() {
        let is_last = summary.peek().is_none();
        match words.next() {
            Some(other) if other == word || is_last && other.starts_with(word) => {}
            _ => return false,
        }
    }
    true
}

/// Adds the parents of the tags of facets that inherit.
fn inherit(taxonomy: &Taxonomy, tags: &mut Vec<Tag>) {
    let own = tags.len();
    for child in 0..own {
        let (term, origin) = (tags[child].term, tags[child].origin);
        if !taxonomy.facet(taxonomy.term(term).facet).inherit {
            continue;
        }
        for above in taxonomy.ancestors(term) {
            if tags.iter().all(|tag| tag.term != above) {
                tags.push(Tag {
                    term: above,
                    origin,
                    through: Some(term),
                    evidence: Vec::new(),
                });
            }
        }
    }
}
