//! The feeds of topics and their archive documents.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::archives::{Contents, Page};
use super::inputs::tombstone_inputs;
use super::topic::{at_folder, below, keeps_archive, limit};
use super::{Publisher, Unit, entries};
use crate::catalog::{Number, Record, Subject, Topic, topics_of};
use crate::config::Archiving;
use crate::diagnostic::Problem;
use crate::entry::{Entry, Translation, from_milliseconds};
use crate::feed::{self, Chain, Feed, RelatedLink, Tombstone};
use crate::fingerprint::Fingerprint;
use crate::ledger::TombstoneRecord;
use crate::page;

impl Publisher<'_> {
    fn has_full_text(&self, topic: Topic) -> bool {
        let config = &self.setup.config;
        match topic.subject {
            Subject::Selection(number) => config.selections[usize::from(number)].full_text,
            _ => config.feeds.full_text,
        }
    }

    /// What a topic's feeds are made from.
    pub(super) fn feed_inputs(&self, start: Fingerprint, topic: Topic) -> u64 {
        let items = self.feed_items(topic);
        let folder = self.folder(topic);
        let newest = self.newest_archive(topic, &folder);
        let inputs = start.number(u64::from(newest.unwrap_or_default()));
        let last_gone = self.tombstones.last_gone(&folder).unwrap_or_default();
        let inputs = self
            .tombstones
            .of_feed(&folder)
            .iter()
            .fold(inputs.number(last_gone.cast_unsigned()), |inputs, one| {
                tombstone_inputs(inputs, one)
            });
        self.views(self.existing(inputs, topic.subject), &items)
            .finish()
    }

    /// What an archive document is made from.
    pub(super) fn sealed_inputs(&self, start: Fingerprint, page: Page) -> u64 {
        let Some(contents) = self.sealed_contents(page) else {
            return start.finish();
        };
        let previous = contents.chain.previous.unwrap_or_default();
        self.views(start.number(u64::from(previous)), contents.items)
            .finish()
    }

    /// The items of a topic's feed, newest first: the newest by date, and all that are not sealed
    /// in archives, whatever their date. Where others have archives and this feed has none, those
    /// that readers learned of last take the place of what is not sealed: so corrections, and items
    /// that come late with an old date, are seen by whoever polls now and then.
    pub(super) fn feed_items(&self, topic: Topic) -> Vec<Number> {
        let config = &self.setup.config;
        let limit = limit(config, topic);
        let newest = self.catalog.items(topic).iter().take(limit);
        let mut items: Vec<Number> = newest.copied().collect();
        let late = if keeps_archive(config, topic) {
            let until = self.archives.sealed_until(&self.folder(topic));
            self.catalog.items_between(topic, until, u64::MAX)
        } else if config.feeds.archives == Archiving::Nothing {
            return items;
        } else {
            self.catalog.learned_last(topic, limit.div_ceil(2))
        };
        items.extend(late);
        self.catalog.sort_newest_first(&mut items);
        items.dedup();
        items
    }

    /// The number of the newest archive document of the topic whose feeds stand in `folder`.
    fn newest_archive(&self, topic: Topic, folder: &str) -> Option<u32> {
        keeps_archive(&self.setup.config, topic)
            .then(|| self.archives.newest(folder))
            .flatten()
    }

    pub(super) fn feed(&self, topic: Topic) -> Result<Feed, Problem> {
        let entries = self.entries_of(&self.feed_items(topic))?;
        let folder = self.folder(topic);
        let chain = Chain {
            previous: self.newest_archive(topic, &folder),
            ..Chain::default()
        };
        let last_gone = self.tombstones.last_gone(&folder).map(from_milliseconds);
        let updated = entries::last_updated(&entries).max(last_gone.unwrap_or_default());
        let tombstones = self.tombstones.of_feed(&folder).iter();
        Ok(Feed {
            tombstones: tombstones.map(|one| self.tombstone(one)).collect(),
            ..self.document(topic, entries, updated, chain)
        })
    }

    fn tombstone(&self, record: &TombstoneRecord) -> Tombstone {
        let notice = self.notice(record);
        let config = &self.setup.config;
        Tombstone {
            id: record.id.clone(),
            when: notice.gone,
            by: notice.by,
            reason: notice.reason,
            url: config
                .pages
                .enabled
                .then(|| format!("{}{}/", config.site.base_url, notice.path)),
        }
    }

    /// What is said in the place of an item's page.
    pub(super) fn notice(&self, record: &TombstoneRecord) -> page::Notice {
        page::Notice {
            path: format!("news/{}", record.page),
            gone: from_milliseconds(record.gone),
            by: record
                .by
                .clone()
                .unwrap_or_else(|| self.setup.config.site.title.clone()),
            reason: record.reason.clone(),
        }
    }

    /// The topics whose feeds stand or stood in these folders.
    pub fn topics_in(&self, folders: &HashSet<String>) -> Vec<Topic> {
        let folders = folders.iter();
        folders
            .filter_map(|folder| at_folder(&self.setup.config, folder))
            .collect()
    }

    /// The topics without items whose feeds still say what is gone, or said it and are gone now.
    pub(super) fn emptied_topics(&self) -> impl Iterator<Item = Topic> {
        self.tombstones
            .feeds()
            .filter_map(|folder| at_folder(&self.setup.config, folder))
            .filter(|topic| self.catalog.items(*topic).is_empty())
    }

    /// The archive documents of a topic.
    pub fn sealed_units(&self, topic: Topic) -> impl Iterator<Item = Unit> + use<> {
        let pages = match keeps_archive(&self.setup.config, topic) {
            true => self.archives.pages(&self.setup.config, topic),
            false => Vec::new(),
        };
        pages.into_iter().map(Unit::Sealed)
    }

    /// The archive documents that an item stands in by its record.
    pub fn sealed_units_of(&self, record: &Record) -> Vec<Unit> {
        let config = &self.setup.config;
        let Some(identity) = record.identity() else {
            return Vec::new();
        };
        topics_of(config, record)
            .into_iter()
            .filter(|topic| keeps_archive(config, *topic))
            .filter_map(|topic| self.archives.page_at(config, topic, identity.sequence))
            .map(Unit::Sealed)
            .collect()
    }

    fn sealed_contents(&self, page: Page) -> Option<Contents<'_>> {
        self.archives
            .contents(&self.setup.config, self.catalog, page)
    }

    /// The folder of an archive document in its formats.
    pub(super) fn sealed_folder(&self, page: Page) -> String {
        let folder = self.folder(page.topic);
        let below = format!("{}/{}", feed::ARCHIVE_FOLDER, page.number);
        if folder.is_empty() {
            below
        } else {
            format!("{folder}/{below}")
        }
    }

    /// An archive document; `None` for one that is not sealed.
    pub(super) fn sealed_feed(&self, page: Page) -> Result<Option<Feed>, Problem> {
        let Some(contents) = self.sealed_contents(page) else {
            return Ok(None);
        };
        let mut items = contents.items.to_vec();
        self.catalog.sort_newest_first(&mut items);
        let updated = from_milliseconds(contents.updated);
        let feed = self.document(
            page.topic,
            self.entries_of(&items)?,
            updated,
            contents.chain,
        );
        Ok(Some(Feed {
            // Nobody need ask for it again or be told of it, and it must not change because the
            // topic has items in one language more.
            ttl: 0,
            hubs: Vec::new(),
            translations: Vec::new(),
            ..feed
        }))
    }

    /// The same feed in other languages.
    fn feed_translations(&self, topic: Topic) -> Vec<Translation> {
        let own = &self.setup.config.site.language(topic.language).tag;
        let mut translations = self.translations_of(topic.subject);
        translations.retain(|translation| translation.language != *own);
        translations
    }

    /// One document of a topic's feed.
    fn document(
        &self,
        topic: Topic,
        entries: Vec<Arc<Entry>>,
        updated: DateTime<Utc>,
        chain: Chain,
    ) -> Feed {
        let config = &self.setup.config;
        let site = &config.site;
        let language = site.language(topic.language);
        let title = self.title(topic);
        let whole = RelatedLink {
            url: site.home(topic.language),
            title: language.title.clone(),
        };
        let parents = self.parents(topic).into_iter().map(|link| RelatedLink {
            url: link.url,
            title: link.name,
        });
        Feed {
            id: format!(
                "tag:{}:{}",
                site.tag_authority,
                match self.folder(topic) {
                    folder if folder == language.folder => below(&folder, "feed"),
                    folder => folder,
                }
            ),
            description: match topic.subject {
                Subject::All => language.description.clone(),
                _ => self.description(topic).unwrap_or_else(|| {
                    let values = [("title", &*title), ("site", &language.title)];
                    let words = site.phrases.words(&language.tag);
                    words.fill("{title}: news from {site}.", &values)
                }),
            },
            title: if topic.subject == Subject::All {
                title
            } else {
                format!("{title} – {}", language.title)
            },
            home: self.url(topic),
            language: language.tag.clone(),
            translations: match chain.number {
                Some(_) => Vec::new(),
                None => self.feed_translations(topic),
            },
            updated,
            entries,
            full_text: self.has_full_text(topic),
            chain,
            related: if topic.subject == Subject::All {
                Vec::new()
            } else {
                std::iter::once(whole).chain(parents).collect()
            },
            publisher: language.title.clone(),
            hubs: config.websub.hub_urls(&site.base_url),
            ..feed::of_site(site, &config.feeds)
        }
    }
}
