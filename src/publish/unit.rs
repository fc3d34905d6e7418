//! Units: which there are to publish, and which files each has.

use std::sync::Arc;

use super::{Page, Publisher, Sitemap};
use crate::catalog::{Number, Subject, Topic};
use crate::digest::archive;
use crate::language::LanguageId;
use crate::media;
use crate::page;
use crate::taxonomy::FacetId;

/// What is rendered at once. The order is that in which they are written: what others point at
/// comes first, and feeds before the pages that can wait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A file of the newsroom that items point at, by its path in the newsroom.
    File(Arc<str>),
    /// A file that pages need, by its name: `style.css`.
    Asset(&'static str),
    /// An item's page.
    Item(Number),
    /// A sealed archive document of a topic's feeds. It stands before the feed that links to it.
    Sealed(Page),
    /// A topic's feeds.
    Feeds(Topic),
    /// An issue of a digest: the digest's place in the config, and the period's label.
    Issue(usize, String),
    /// A sealed archive document of a digest's feeds of issues: the digest's place in the config,
    /// and the document's number.
    SealedIssues(usize, u32),
    /// The list of a digest's issues and its feeds, by the digest's place in the config.
    Archive(usize),
    /// A topic's page; [`Topic::ALL`] has the home page.
    Page(Topic),
    /// The page that lists a facet's terms, in a language.
    Facet(LanguageId, FacetId),
    /// The page that explains feeds, in a language.
    Subscribe(LanguageId),
    /// The notice in the place of an item that is gone, by the page that it had.
    Gone(Box<str>),
    /// The page that leads from a topic's former folder to the topic.
    Moved(Topic, Box<str>),
    /// The page for addresses that lead nowhere.
    NotFound,
    /// The list of all feeds in a language, and the directory of topics.
    Opml(LanguageId),
    /// The home page of a language.
    Home(LanguageId),
    /// A sitemap.
    Sitemap(Sitemap),
    /// What crawlers may fetch.
    Robots,
    /// Where weaknesses are to be reported.
    Security,
}

impl Unit {
    /// Whether it is a page or a list that nobody polls, and can wait until the feeds stand.
    pub fn can_wait(&self) -> bool {
        !matches!(
            self,
            Unit::File(_) | Unit::Asset(_) | Unit::Item(_) | Unit::Sealed(_) | Unit::Feeds(_)
        )
    }
}

impl Publisher<'_> {
    /// Every unit there is to publish.
    pub fn units(&self) -> Vec<Unit> {
        let mut topics = self.all_topics();
        topics.extend(
            self.emptied_topics()
                .filter(|topic| self.is_published(*topic)),
        );
        let mut units: Vec<Unit> = topics
            .iter()
            .flat_map(|topic| self.topic_units(*topic))
            .collect();
        for topic in &topics {
            units.extend(self.sealed_units(*topic));
        }
        let pages = self.setup.config.pages.enabled;
        for (number, record) in self.catalog.records() {
            if record.identity().is_some() {
                units.extend(pages.then_some(Unit::Item(number)));
                let files = record
                    .files
                    .iter()
                    .filter_map(|path| self.files.get_key_value(&**path));
                units.extend(files.map(|(path, _)| Unit::File(path.clone())));
            }
        }
        units.extend(self.issue_units());
        units.extend(self.tombstones.pages().map(|page| Unit::Gone(page.into())));
        units.extend(self.moved_units(&topics));
        units.extend(page::ASSETS.map(Unit::Asset));
        let favicon = self.setup.favicon.as_ref();
        units.extend(favicon.map(|_| Unit::Asset(page::FAVICON)));
        units.push(Unit::NotFound);
        units.extend(self.discovery_units());
        for language in self.languages() {
            let facets = self.setup.config.feeds.facets.iter();
            units.extend(facets.map(|facet| Unit::Facet(language, *facet)));
            units.extend([
                Unit::Subscribe(language),
                Unit::Opml(language),
                Unit::Home(language),
            ]);
        }
        units.sort_unstable();
        units.dedup();
        if !pages {
            units.retain(|unit| {
                matches!(
                    unit,
                    Unit::Feeds(_)
                        | Unit::Sealed(_)
                        | Unit::Opml(_)
                        | Unit::File(_)
                        | Unit::Robots
                        | Unit::Security
                )
            });
        }
        units
    }

    /// The topics that have items, and those that are published without any.
    pub(super) fn all_topics(&self) -> Vec<Topic> {
        let mut topics = self.catalog.topics();
        topics.extend(
            self.languages()
                .map(|language| Topic::ALL.in_language(language)),
        );
        // A feed that somebody configured exists, even while it has no items.
        let selections = 0..self.setup.config.selections.len();
        topics.extend(
            selections
                .filter_map(|at| u16::try_from(at).ok())
                .map(|number| Topic::main(Subject::Selection(number))),
        );
        topics
    }

    /// The units that depend on a set of topics.
    pub fn units_of_topics<'t>(&self, topics: impl IntoIterator<Item = &'t Topic>) -> Vec<Unit> {
        let taxonomy = &self.setup.config.taxonomy;
        let mut units: Vec<Unit> = self.languages().map(Unit::Opml).collect();
        let pages = self.setup.config.pages.enabled;
        if pages {
            units.extend(self.languages().map(Unit::Home));
            units.extend(self.languages().map(Unit::Subscribe));
        }
        for topic in topics {
            // The first item in a language adds a link to what there is in the others.
            for language in self.languages() {
                units.extend(self.topic_units(topic.in_language(language)));
            }
            if let (Subject::Term(term), true) = (topic.subject, pages) {
                let above = taxonomy
                    .ancestors(term)
                    .map(|above| Unit::Page(topic.beside(Subject::Term(above))));
                units.extend(above);
                units.push(Unit::Facet(topic.language, taxonomy.term(term).facet));
            }
        }
        units.sort_unstable();
        units.dedup();
        units.retain(|unit| self.is_wanted(unit));
        units
    }

    /// A topic's feeds and its page.
    fn topic_units(&self, topic: Topic) -> Vec<Unit> {
        let page = self.setup.config.pages.enabled && topic.subject != Subject::All;
        std::iter::once(Unit::Feeds(topic))
            .chain(page.then_some(Unit::Page(topic)))
            .collect()
    }

    /// Whether a unit of a topic is to be published: its topic has items, or is configured.
    pub fn is_wanted(&self, unit: &Unit) -> bool {
        match unit {
            Unit::Sealed(page) => self.is_published(page.topic),
            Unit::Feeds(topic) | Unit::Page(topic) => self.is_published(*topic),
            Unit::Facet(_, facet) => self.setup.config.feeds.facets.contains(facet),
            _ => true,
        }
    }

    /// The units of one source file: its item's page, and the files that it points at.
    pub fn item_units(&self, path: &str) -> Vec<Unit> {
        let Some((number, record)) = self
            .catalog
            .find(path)
            .filter(|(_, record)| record.identity().is_some())
        else {
            return Vec::new();
        };
        let files = record.files.iter().filter_map(|path| self.file_unit(path));
        let page = self
            .setup
            .config
            .pages
            .enabled
            .then_some(Unit::Item(number));
        page.into_iter().chain(files).collect()
    }

    /// The unit of a file of the newsroom, if it is there and a published item points at it.
    pub fn file_unit(&self, path: &str) -> Option<Unit> {
        let (path, _) = self.files.get_key_value(path)?;
        self.is_pointed_at(path).then(|| Unit::File(path.clone()))
    }

    /// Whether a published item points at a file of the newsroom.
    pub fn is_pointed_at(&self, path: &str) -> bool {
        let live = self
            .catalog
            .special()
            .filter(|(_, record)| record.identity().is_some());
        live.into_iter()
            .any(|(_, record)| record.files.iter().any(|file| **file == *path))
    }

    /// The paths of a unit's files, below the output's folder.
    pub fn paths(&self, unit: &Unit) -> Vec<String> {
        match unit {
            Unit::File(path) => vec![format!("{}/{path}", media::FOLDER)],
            Unit::Asset(name) => vec![(*name).to_owned()],
            Unit::Item(number) => {
                let identity = self
                    .catalog
                    .get(*number)
                    .and_then(|record| record.identity());
                identity
                    .map(|identity| item_path(&identity.page))
                    .into_iter()
                    .collect()
            }
            Unit::Sealed(page) => self.feed_paths(&self.sealed_folder(*page)),
            Unit::Feeds(topic) => self.feed_paths(&self.folder(*topic)),
            Unit::Page(topic) => vec![format!("{}/index.html", self.folder(*topic))],
            Unit::Facet(language, facet) => {
                let slug = &self.setup.config.taxonomy.facet(*facet).slug;
                vec![self.path_in(*language, &format!("{slug}/index.html"))]
            }
            Unit::Issue(digest, label) => {
                let slug = &self.setup.config.digests[*digest].slug;
                archive::FILE_NAMES
                    .map(|name| format!("digests/{slug}/{label}/{name}"))
                    .to_vec()
            }
            Unit::SealedIssues(digest, number) => {
                self.feed_paths(&self.sealed_issues_folder(*digest, *number))
            }
            Unit::Archive(digest) => {
                let folder = format!("digests/{}", self.setup.config.digests[*digest].slug);
                let page = format!("{folder}/index.html");
                self.feed_paths(&folder).into_iter().chain([page]).collect()
            }
            Unit::Gone(page) => vec![item_path(page)],
            Unit::Moved(_, folder) => vec![format!("{folder}/index.html")],
            Unit::Subscribe(language) => vec![self.path_in(*language, "subscribe/index.html")],
            Unit::NotFound => vec!["404.html".to_owned()],
            Unit::Opml(language) => ["feeds.opml", "directory.opml"]
                .map(|name| self.path_in(*language, name))
                .to_vec(),
            Unit::Home(language) => vec![self.path_in(*language, "index.html")],
            Unit::Sitemap(sitemap) => self.sitemap_paths(*sitemap),
            Unit::Robots => vec!["robots.txt".to_owned()],
            Unit::Security => vec![page::SECURITY.to_owned()],
        }
    }

    /// The paths of a topic's files; those of one that has no items any more, too.
    pub fn topic_paths(&self, topic: Topic) -> Vec<String> {
        let mut units = self.topic_units(topic);
        units.extend(self.sealed_units(topic));
        units.iter().flat_map(|unit| self.paths(unit)).collect()
    }

    fn feed_paths(&self, folder: &str) -> Vec<String> {
        let below = |name: &str| {
            if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            }
        };
        let feeds = self
            .setup
            .config
            .feeds
            .formats
            .iter()
            .map(|format| below(format.file_name()));
        feeds.collect()
    }
}

/// The path of an item's page, below the output's folder.
pub fn item_path(page: &str) -> String {
    format!("news/{page}/index.html")
}
