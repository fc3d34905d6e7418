//! The topics of a facet as a tree, with the number of items of each.

use serde::Serialize;

use super::site::FacetLink;
use crate::language::LanguageId;
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// A topic in a list of topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicLink {
    /// Plain text.
    pub name: String,
    /// Its page, an absolute URL; `None` where it has no items, and so no page.
    pub url: Option<String>,
    /// How many items it has.
    pub items: usize,
    /// Whether it is history.
    pub closed: bool,
    /// The topics below it.
    pub children: Vec<TopicLink>,
}

/// The topics of one facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Directory {
    /// The facet.
    pub facet: FacetLink,
    /// Its topmost topics, in the taxonomy's order.
    pub topics: Vec<TopicLink>,
}

impl Directory {
    /// The terms of `facet`, which `link` leads to, that have items, or children with items;
    /// named in `language`. `items` tells how many items count for a term, and where its page is.
    pub fn new(
        taxonomy: &Taxonomy,
        facet: FacetId,
        link: FacetLink,
        language: LanguageId,
        items: impl Fn(TermId) -> (usize, String),
    ) -> Directory {
        Directory {
            facet: link,
            topics: topics(taxonomy, facet, None, language, &items),
        }
    }
}

/// The terms of `facet` directly below `parent`, with all that stands below them. Ends, since
/// configuration refuses cycles.
fn topics(
    taxonomy: &Taxonomy,
    facet: FacetId,
    parent: Option<TermId>,
    language: LanguageId,
    items: &impl Fn(TermId) -> (usize, String),
) -> Vec<TopicLink> {
    taxonomy
        .terms_of(facet)
        .filter(|(_, term)| term.parent == parent)
        .map(|(id, term)| {
            let (items_of_term, url) = items(id);
            TopicLink {
                name: term.name_in(language).to_owned(),
                url: (items_of_term > 0).then_some(url),
                items: items_of_term,
                closed: term.closed,
                children: topics(taxonomy, facet, Some(id), language, items),
            }
        })
        .filter(|topic| topic.items > 0 || !topic.children.is_empty())
        .collect()
}
