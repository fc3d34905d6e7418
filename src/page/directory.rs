//! The topics of a facet as a tree, with the number of items of each.

use serde::Serialize;

use super::site::FacetLink;
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
    /// The terms of `facet` that have items, or children with items. `items` tells how many
    /// items count for a term; `base_url` ends in a slash.
    pub fn new(
        taxonomy: &Taxonomy,
        facet: FacetId,
        base_url: &str,
        items: impl Fn(TermId) -> usize,
    ) -> Directory {
        let found = taxonomy.facet(facet);
        Directory {
            facet: FacetLink {
                key: found.key.clone(),
                name: found.name.clone(),
                plural: found.plural.clone(),
                url: format!("{base_url}{}/", found.slug),
            },
            topics: topics(taxonomy, facet, None, base_url, &items),
        }
    }
}

/// The terms of `facet` directly below `parent`, with all that stands below them. Ends, since
/// configuration refuses cycles.
fn topics(
    taxonomy: &Taxonomy,
    facet: FacetId,
    parent: Option<TermId>,
    base_url: &str,
    items: &impl Fn(TermId) -> usize,
) -> Vec<TopicLink> {
    taxonomy
        .terms_of(facet)
        .filter(|(_, term)| term.parent == parent)
        .map(|(id, term)| {
            let items_of_term = items(id);
            TopicLink {
                name: term.name.clone(),
                url: (items_of_term > 0).then(|| format!("{base_url}{}/", taxonomy.path(id))),
                items: items_of_term,
                closed: term.closed,
                children: topics(taxonomy, facet, Some(id), base_url, items),
            }
        })
        .filter(|topic| topic.items > 0 || !topic.children.is_empty())
        .collect()
}
