//! From the catalog to documents: which files there are to publish, what each depends on, and
//! what they hold.
//!
//! A [`Unit`] is what is rendered at once: an item's page, a topic's page with its feeds. Its
//! inputs are known by a fingerprint, so that a unit whose inputs are the same is not rendered
//! again. Reads contents from the store and writes nothing.

mod addresses;
mod archives;
mod entries;
mod everything;
mod issues;
mod languages;
pub mod on_demand;
mod pages;
mod pictures;
mod sitemaps;
mod tombstones;
pub mod topic;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use crate::catalog::store::Contents;
use crate::catalog::{Catalog, Number, Stat, Subject, Topic, language_of};
use crate::diagnostic::Problem;
use crate::digest::archive;
use crate::digest::archive::Edition;
use crate::feed::{self, Format};
use crate::fingerprint::Fingerprint;
use crate::language::LanguageId;
use crate::ledger::TombstoneRecord;
use crate::media;
use crate::page::{self, ItemPages};
use crate::setup::Setup;
use crate::taxonomy::FacetId;

use issues::edition_inputs;

pub use archives::{Archives, Page};
pub use entries::EntryCache;
pub use pages::{site, sites};
pub use sitemaps::Sitemap;
pub use tombstones::Tombstones;

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

/// One generated file: its path below the output's folder, and its bytes or where to copy from.
#[derive(Debug)]
pub enum Document {
    /// Rendered.
    Bytes(String, Vec<u8>),
    /// Copied from this path of the newsroom.
    Copy(String, Arc<str>),
}

/// Makes documents of what a newsroom holds in memory and on the disk.
pub struct Publisher<'a> {
    /// Configuration and templates.
    pub setup: &'a Setup,
    /// What time it is: sitemaps of news forget what is older than two days.
    pub now: DateTime<Utc>,
    /// The items.
    pub catalog: &'a Catalog,
    /// Their contents.
    pub contents: &'a Contents,
    /// The newsroom's files that are not items.
    pub files: &'a HashMap<Arc<str>, Stat>,
    /// The issues composed so far, by the digest's place in the config, oldest first.
    pub editions: &'a [Vec<Edition>],
    /// What of each feed is sealed in archives.
    pub archives: &'a Archives,
    /// What is gone.
    pub tombstones: &'a Tombstones,
    /// Entries made before.
    pub cache: &'a EntryCache,
    /// The part that all pages of a language share, by its number.
    pub sites: &'a [page::Site],
    /// What the pages of items in a language share; made with the first of them.
    pub item_pages: Vec<OnceLock<ItemPages<'a>>>,
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

impl<'a> Publisher<'a> {
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
        for (number, record) in self.catalog.records() {
            if record.identity().is_some() {
                units.push(Unit::Item(number));
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
        if !self.setup.config.pages.enabled {
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
    fn all_topics(&self) -> Vec<Topic> {
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

    /// Fingerprint of all that a unit's files are made from. What is looked at here must be in
    /// [`Publisher::everything`] too.
    pub fn inputs(&self, unit: &Unit) -> u64 {
        let start = Fingerprint::default().number(self.setup.fingerprint);
        match unit {
            Unit::File(path) => match self.files.get(path) {
                Some(stat) => start
                    .number(stat.size)
                    .number(stat.modified.cast_unsigned())
                    .number(stat.inode)
                    .finish(),
                None => start.finish(),
            },
            Unit::Gone(page) => {
                let tombstone = self.tombstones.at_page(page);
                tombstone.map_or(0, |one| tombstone_inputs(start, one).finish())
            }
            Unit::Moved(topic, _) => start.text(&self.folder(*topic)).finish(),
            Unit::Asset(_) | Unit::NotFound | Unit::Robots | Unit::Security => start.finish(),
            Unit::Sitemap(sitemap) => self.sitemap_inputs(start, *sitemap),
            Unit::Item(number) => self
                .translations_of_item(*number)
                .iter()
                .fold(start.number(self.view(*number)), |inputs, translation| {
                    inputs.text(&translation.language).text(&translation.url)
                })
                .finish(),
            Unit::Sealed(page) => self.sealed_inputs(start, *page),
            Unit::Feeds(topic) => self.feed_inputs(start, *topic),
            Unit::Page(topic) => self.page_inputs(start, *topic),
            Unit::Facet(language, facet) => self.counts(start, *language, Some(*facet)).finish(),
            Unit::Issue(digest, label) => {
                let editions = self.editions[*digest].iter();
                editions
                    .filter(|edition| edition.issue.span.label == *label)
                    .fold(start, edition_inputs)
                    .finish()
            }
            Unit::SealedIssues(digest, number) => {
                self.sealed_issues_inputs(start, *digest, *number)
            }
            Unit::Archive(digest) => self.editions[*digest]
                .iter()
                .fold(start, edition_inputs)
                .finish(),
            Unit::Subscribe(language) | Unit::Opml(language) => self
                .catalog
                .topics()
                .into_iter()
                .filter(|topic| topic.language == *language)
                .fold(start, |all, topic| all.text(&self.folder(topic)))
                .finish(),
            Unit::Home(language) => self
                .newest(
                    self.counts(start, *language, None),
                    Topic::ALL.in_language(*language),
                    self.setup.config.pages.limit,
                )
                .finish(),
        }
    }

    /// Renders a unit's files.
    ///
    /// # Errors
    /// A template fails, or a content cannot be read back.
    pub fn render(&self, unit: &Unit) -> Result<Vec<Document>, Problem> {
        let page = |text: String| {
            self.paths(unit)
                .into_iter()
                .map(|path| Document::Bytes(path, text.clone().into_bytes()))
                .collect()
        };
        let setup = self.setup;
        match unit {
            Unit::File(path) => Ok(vec![Document::Copy(
                format!("{}/{path}", media::FOLDER),
                path.clone(),
            )]),
            Unit::Asset(page::FAVICON) => Ok(vec![Document::Bytes(
                page::FAVICON.to_owned(),
                setup.favicon.clone().unwrap_or_default(),
            )]),
            Unit::Asset(name) => Ok(page(
                setup.templates.asset(name).unwrap_or_default().to_owned(),
            )),
            Unit::Item(number) => Ok(page(self.item_page(*number)?)),
            Unit::Sealed(page) => Ok(match self.sealed_feed(*page)? {
                Some(feed) => feed_documents(&self.sealed_folder(*page), &feed),
                None => Vec::new(),
            }),
            Unit::Feeds(topic) => Ok(feed_documents(&self.folder(*topic), &self.feed(*topic)?)),
            Unit::Page(topic) => Ok(page(page::topic(
                &setup.templates,
                self.site(topic.language),
                &self.topic_page(*topic)?,
            )?)),
            Unit::Facet(language, facet) => Ok(page(self.facet_page(*language, *facet)?)),
            Unit::Issue(digest, label) => self.issue_documents(*digest, label),
            Unit::SealedIssues(digest, number) => self.sealed_issues(*digest, *number),
            Unit::Archive(digest) => self.archive_documents(*digest),
            Unit::Gone(at) => Ok(match self.tombstones.at_page(at) {
                Some(tombstone) => page(page::gone(
                    &setup.templates,
                    self.site(LanguageId::MAIN),
                    &self.notice(tombstone),
                )?),
                None => Vec::new(),
            }),
            Unit::Moved(topic, folder) => Ok(page(page::moved(
                &setup.templates,
                self.site(topic.language),
                folder,
                &topic::url(&setup.config, *topic),
            )?)),
            Unit::Subscribe(language) => Ok(page(self.subscribe_page(*language)?)),
            Unit::NotFound => Ok(page(page::not_found(
                &setup.templates,
                self.site(LanguageId::MAIN),
            )?)),
            Unit::Opml(language) => {
                let title = &setup.config.site.language(*language).title;
                Ok(vec![
                    Document::Bytes(
                        self.path_in(*language, "feeds.opml"),
                        feed::opml::render(title, &self.outlines(*language)),
                    ),
                    Document::Bytes(
                        self.path_in(*language, "directory.opml"),
                        feed::opml::directory(title, &self.branches(*language)),
                    ),
                ])
            }
            Unit::Home(language) => Ok(page(self.home_page(*language)?)),
            Unit::Sitemap(sitemap) => {
                let files = self.sitemap(*sitemap).into_iter();
                Ok(files
                    .map(|(path, bytes)| Document::Bytes(path, bytes))
                    .collect())
            }
            Unit::Robots => Ok(vec![Document::Bytes(
                "robots.txt".to_owned(),
                self.robots(),
            )]),
            Unit::Security => Ok(vec![Document::Bytes(
                page::SECURITY.to_owned(),
                self.security(),
            )]),
        }
    }

    fn item_page(&self, number: Number) -> Result<String, Problem> {
        let record = self.catalog.get(number);
        let language = record.map_or(LanguageId::MAIN, |record| {
            language_of(&self.setup.config, record)
        });
        let pages = self.item_pages(language)?;
        pages.render(
            &*self.entry_once(number)?,
            &self.translations_of_item(number),
        )
    }

    /// What the pages of items in a language share, made when the first is rendered.
    fn item_pages(&self, language: LanguageId) -> Result<&ItemPages<'a>, Problem> {
        let pages = &self.item_pages[usize::from(language.0)];
        if pages.get().is_none() {
            // Another thread may have been quicker; both made the same.
            let _ = pages.set(ItemPages::new(&self.setup.templates, self.site(language))?);
        }
        pages
            .get()
            .ok_or_else(|| Problem::error("the pages of items cannot be prepared"))
    }

    /// What the pages of a digest share: those of its language, where the site has it.
    pub(crate) fn digest_site(&self, digest: usize) -> &'a page::Site {
        let config = &self.setup.config;
        let own = config.site.language_of(&config.digests[digest].language);
        self.site(own.unwrap_or(LanguageId::MAIN))
    }
}

/// The path of an item's page, below the output's folder.
pub fn item_path(page: &str) -> String {
    format!("news/{page}/index.html")
}

fn tombstone_inputs(inputs: Fingerprint, tombstone: &TombstoneRecord) -> Fingerprint {
    inputs
        .text(&tombstone.id)
        .number(tombstone.gone.cast_unsigned())
        .optional(tombstone.by.as_deref())
        .optional(tombstone.reason.as_deref())
}

/// A feed in each of its formats.
fn feed_documents(folder: &str, feed: &feed::Feed) -> Vec<Document> {
    let formats: Vec<Format> = feed.formats.clone();
    let document = |format: Format| {
        let path = Path::new(folder)
            .join(format.file_name())
            .to_string_lossy()
            .into_owned();
        Document::Bytes(path, feed::render(feed, format))
    };
    formats.into_iter().map(document).collect()
}
