//! Which addresses are gone and which have moved: withdrawn items, items with another slug, and
//! terms, feeds and digests with another slug, and pairs with them, in every language.

use std::collections::{BTreeMap, BTreeSet};

use super::topic::below;
use super::{Publisher, Unit, item_path};
use crate::catalog::{Subject, Topic};
use crate::config::Config;
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
            gone: self
                .tombstones
                .pages()
                .map(page)
                .chain(self.gone_feeds())
                .collect(),
            moved: self.renamed(),
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

    /// The pages and feeds of topics that have no items any more, and nothing left to say.
    fn gone_feeds(&self) -> impl Iterator<Item = String> {
        let ended = self
            .emptied_topics()
            .filter(|topic| !self.is_published(*topic));
        ended.flat_map(|topic| {
            let paths = self.topic_paths(topic).into_iter();
            paths.map(|path| match path.strip_suffix("index.html") {
                Some(folder) => folder.to_owned(),
                None => path,
            })
        })
    }

    /// The folders that terms, feeds and digests had, each with the one that they have; both with
    /// a slash at the end, for everything below them.
    fn renamed(&self) -> BTreeMap<String, String> {
        let config = &self.setup.config;
        let taxonomy = &config.taxonomy;
        let (facets, digests) = (taxonomy.facets(), config.digests.iter());
        let mut topics: Vec<Topic> = facets
            .flat_map(|(facet, _)| taxonomy.terms_of(facet))
            .map(|(term, _)| Topic::main(Subject::Term(term)))
            .collect();
        let selections = (0u16..).zip(&config.selections);
        topics.extend(selections.map(|(number, _)| Topic::main(Subject::Selection(number))));
        for (first, second) in &config.feeds.pairs {
            // Where the renamed term stands first, its folder says it all.
            let renamed = taxonomy
                .terms_of(*second)
                .filter(|(_, term)| !term.was.is_empty());
            for (renamed, _) in renamed {
                let others = taxonomy.terms_of(*first);
                topics.extend(others.map(|(other, _)| Topic::main(Subject::Pair(other, renamed))));
            }
        }
        let mut moved: BTreeMap<String, String> = BTreeMap::new();
        let in_each = self
            .languages()
            .flat_map(|language| topics.iter().map(move |topic| topic.in_language(language)));
        for topic in in_each {
            let now = format!("{}/", self.folder(topic));
            let former = former_folders(config, topic).into_iter();
            moved.extend(former.map(|folder| (format!("{folder}/"), now.clone())));
        }
        for digest in digests {
            let now = format!("digests/{}/", digest.slug);
            let was = digest.was.iter();
            moved.extend(was.map(|slug| (format!("digests/{slug}/"), now.clone())));
        }
        moved
    }

    /// The pages at former addresses of topics that have pages.
    pub(super) fn moved_units(&self, topics: &[Topic]) -> Vec<Unit> {
        let folders = topics.iter().flat_map(|topic| {
            let former = former_folders(&self.setup.config, *topic).into_iter();
            former.map(|folder| Unit::Moved(*topic, folder.into()))
        });
        folders.collect()
    }
}

/// The folders that a topic had before, by the former slugs of its terms or its own.
fn former_folders(config: &Config, topic: Topic) -> Vec<String> {
    let taxonomy = &config.taxonomy;
    let paths = |id: TermId| {
        let term = taxonomy.term(id);
        let facet = &taxonomy.facet(term.facet).slug;
        let slugs = std::iter::once(&term.slug).chain(&term.was);
        slugs.map(move |slug| format!("{facet}/{slug}"))
    };
    let all: Vec<String> = match topic.subject {
        Subject::All => Vec::new(),
        Subject::Term(term) => paths(term).collect(),
        Subject::Pair(first, second) => paths(first)
            .flat_map(|first| paths(second).map(move |second| format!("{first}/{second}")))
            .collect(),
        Subject::Selection(number) => {
            let feed = &config.selections[usize::from(number)];
            let slugs = std::iter::once(&feed.slug).chain(&feed.was);
            slugs.map(|slug| format!("feeds/{slug}")).collect()
        }
    };
    let language = &config.site.language(topic.language).folder;
    // The first is the one that it has.
    all.iter()
        .skip(1)
        .map(|folder| below(language, folder))
        .collect()
}
