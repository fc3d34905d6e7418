//! Which addresses are gone and which have moved: withdrawn items, items with another slug, and
//! terms, feeds and digests with another slug, in every language and pair.

use std::collections::BTreeSet;

use super::{Publisher, item_path};
use crate::catalog::Subject;
use crate::output::addresses::Addresses;
use crate::taxonomy::TermId;

impl Publisher<'_> {
    /// All addresses that do not hold any more what they held. `former` are pages of items and
    /// where those are now.
    pub fn addresses(&self, former: &[(String, String)]) -> Addresses {
        let page = |page: &str| {
            let path = item_path(page);
            path.strip_suffix("index.html").unwrap_or(&path).to_owned()
        };
        let mut addresses = Addresses {
            gone: self.tombstones.pages().map(page).collect(),
            moved: self.renamed().into_iter().collect(),
        };
        let live: BTreeSet<&str> = match former.is_empty() {
            true => BTreeSet::new(),
            false => {
                let records = self.catalog.records();
                let identities = records.filter_map(|(_, record)| record.identity());
                identities.map(|identity| &*identity.page).collect()
            }
        };
        for (before, now) in former {
            // Another item may have come to the old address since.
            if !live.contains(before.as_str()) && self.tombstones.at_page(before).is_none() {
                addresses.moved.insert(page(before), page(now));
            }
        }
        addresses
    }

    /// The folders that terms, feeds and digests had, each with the one that they have; both with
    /// a slash at the end, for everything below them.
    pub(super) fn renamed(&self) -> Vec<(String, String)> {
        let config = &self.setup.config;
        let taxonomy = &config.taxonomy;
        let mut moved = Vec::new();
        let former = |term: TermId| {
            let facet = &taxonomy.facet(taxonomy.term(term).facet).slug;
            let was = taxonomy.term(term).was.iter();
            was.map(move |slug| format!("{facet}/{slug}"))
        };
        for (facet, _) in taxonomy.facets() {
            for (term, _) in taxonomy.terms_of(facet) {
                let now = taxonomy.path(term);
                moved.extend(former(term).map(|was| (format!("{was}/"), format!("{now}/"))));
            }
        }
        // Where the renamed term stands first in a pair, its folder says it all.
        for topic in self.catalog.topics() {
            let Subject::Pair(_, second) = topic.subject else {
                continue;
            };
            let now = self.folder(topic);
            let Some(first) = now.strip_suffix(&taxonomy.path(second)) else {
                continue;
            };
            moved.extend(former(second).map(|was| (format!("{first}{was}/"), format!("{now}/"))));
        }
        for feed in &config.selections {
            let was = feed.was.iter();
            moved.extend(
                was.map(|slug| (format!("feeds/{slug}/"), format!("feeds/{}/", feed.slug))),
            );
        }
        for digest in &config.digests {
            let was = digest.was.iter();
            moved.extend(was.map(|slug| {
                (
                    format!("digests/{slug}/"),
                    format!("digests/{}/", digest.slug),
                )
            }));
        }
        moved
    }
}
