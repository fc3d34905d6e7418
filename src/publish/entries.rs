//! Entries: made from the catalog and the store, and kept for a while.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::Publisher;
use super::pictures::Sizes;
use super::topic::limit;
use crate::catalog::{Identity, Number, Record, Subject, TermTag, Topic, language_of};
use crate::diagnostic::Problem;
use crate::entry::{Category, Entry, from_milliseconds};
use crate::fingerprint::Fingerprint;
use crate::item::{self, Item};
use crate::language::LanguageId;
use crate::media;

/// The bytes of text that the cache may hold: enough for the newest entries of the feeds that a
/// change is likely to touch.
const CACHE_BYTES: u64 = 14 * 1024 * 1024;

/// What was made lately, and is made again for the next change.
pub struct EntryCache {
    /// By their fingerprint.
    entries: quick_cache::sync::Cache<u64, Arc<Entry>, Weight>,
    /// Of the pictures that digests show.
    pub(super) sizes: Sizes,
}

#[derive(Clone)]
struct Weight;

impl quick_cache::Weighter<u64, Arc<Entry>> for Weight {
    fn weight(&self, _: &u64, entry: &Arc<Entry>) -> u64 {
        (entry.content.len() + entry.summary.len() + 1_024) as u64
    }
}

impl Default for EntryCache {
    fn default() -> EntryCache {
        EntryCache {
            entries: quick_cache::sync::Cache::with_weighter(4_096, CACHE_BYTES, Weight),
            sizes: Sizes::default(),
        }
    }
}

impl Publisher<'_> {
    /// Fingerprint of all that an entry is made from, but for the setup.
    pub(super) fn view(&self, number: Number) -> u64 {
        let Some(record) = self.catalog.get(number) else {
            return 0;
        };
        let mut view = Fingerprint::default()
            .number(record.view)
            .number(u64::from(record.content.checksum))
            .number(u64::from(record.content.length));
        if let Some(identity) = record.identity() {
            view = view
                .text(&identity.id)
                .text(&identity.page)
                .number(identity.published.cast_unsigned())
                .number(identity.updated.cast_unsigned());
        }
        for tag in &record.terms {
            view = view.number(u64::from(tag.term.0) << 1 | u64::from(tag.direct));
        }
        for path in &record.files {
            view = view.number(self.files.get(&**path).map_or(u64::MAX, |stat| stat.size));
        }
        view.finish()
    }

    /// The entry of a live item.
    ///
    /// # Errors
    /// When its content cannot be read back.
    pub fn entry(&self, number: Number) -> Result<Arc<Entry>, Problem> {
        let make = || self.make_entry(number).map(Arc::new);
        self.cache
            .entries
            .get_or_insert_with(&self.key(number), make)
    }

    /// The entry of a live item that is needed this once: it takes nobody's place in the cache.
    ///
    /// # Errors
    /// When its content cannot be read back.
    pub fn entry_once(&self, number: Number) -> Result<Arc<Entry>, Problem> {
        match self.cache.entries.get(&self.key(number)) {
            Some(entry) => Ok(entry),
            None => self.make_entry(number).map(Arc::new),
        }
    }

    /// What an entry stands under in the cache.
    fn key(&self, number: Number) -> u64 {
        Fingerprint::default()
            .number(self.setup.fingerprint)
            .number(self.view(number))
            .finish()
    }

    /// Makes the newest entries of everything and of every term, as far as the cache holds them,
    /// so that the next change finds them ready.
    pub fn prepare_entries(&self) {
        let topics = self.catalog.topics();
        let wide = topics
            .par_iter()
            .filter(|topic| matches!(topic.subject, Subject::All | Subject::Term(_)));
        wide.for_each(|topic| {
            // What is not sealed yet stands in a feed besides its newest entries: as many at most.
            let newest = 2 * limit(&self.setup.config, *topic);
            for number in self.feed_items(*topic).into_iter().take(newest) {
                if self.cache.entries.weight() > CACHE_BYTES * 9 / 10 {
                    return;
                }
                // What cannot be read back is told when it is needed.
                let _ = self.entry(number);
            }
        });
    }

    /// The entry of a live item with an empty content, for lists that show none. They may be
    /// mails, which need to know how large its picture is.
    ///
    /// # Errors
    /// When its content cannot be read back.
    pub fn entry_without_content(&self, number: Number) -> Result<Entry, Problem> {
        let (record, identity, item) = self.stored(number)?;
        let mut entry = self.assemble(record, identity, item, String::new());
        if let Some(image) = &mut entry.image {
            self.measure(image);
        }
        Ok(entry)
    }

    fn make_entry(&self, number: Number) -> Result<Entry, Problem> {
        let (record, identity, item) = self.stored(number)?;
        let base = &self.setup.config.site.base_url;
        let folder = media::folder_url(base, &record.path);
        let mut content = item.body.to_html(base, &folder);
        content.shrink_to_fit();
        Ok(self.assemble(record, identity, item, content))
    }

    fn stored(&self, number: Number) -> Result<(&Record, &Identity, Item), Problem> {
        let record = self.catalog.get(number);
        let live = record.and_then(|record| Some((record, record.identity()?)));
        let (record, identity) =
            live.ok_or_else(|| Problem::error("an item that is not live was asked for"))?;
        let item = self.contents.item(record.content).map_err(|error| {
            Problem::error(format!(
                "the kept content of {} cannot be read: {error}",
                record.path
            ))
            .help("touch the file, so that it is read again")
        })?;
        Ok((record, identity, item))
    }

    fn assemble(&self, record: &Record, identity: &Identity, item: Item, content: String) -> Entry {
        let config = &self.setup.config;
        let base = &config.site.base_url;
        let section = language_of(config, record);
        let categories: Vec<Category> = record
            .terms
            .iter()
            .map(|tag| self.category(section, tag))
            .collect();
        let issuers = categories
            .iter()
            .filter(|category| category.issuer && category.direct);
        let mut authors: Vec<String> = issuers.map(|category| category.label.clone()).collect();
        if authors.is_empty() {
            authors.push(config.site.language(section).title.clone());
        }
        let summary = item::summary(&item);
        let mut image = item.image;
        if let Some(image) = &mut image {
            image.length = image.length.or_else(|| self.length(&image.url));
        }
        let mut enclosures = item.enclosures;
        for enclosure in &mut enclosures {
            enclosure.length = enclosure.length.or_else(|| self.length(&enclosure.url));
        }
        let path = format!("news/{}", identity.page);
        Entry {
            id: identity.id.to_string(),
            url: format!("{base}{path}/"),
            path,
            external_url: item.link,
            title: item.title,
            kind: item.kind,
            published: from_milliseconds(identity.published),
            updated: from_milliseconds(identity.updated),
            correction: item.correction,
            language: item
                .language
                .unwrap_or_else(|| config.site.language.clone()),
            authors,
            categories,
            summary,
            content,
            image,
            enclosures,
        }
    }

    /// A tag in the words of a language of the site, linked to the page there.
    fn category(&self, language: LanguageId, tag: &TermTag) -> Category {
        let taxonomy = &self.setup.config.taxonomy;
        let term = taxonomy.term(tag.term);
        let facet = taxonomy.facet(term.facet);
        Category {
            term: tag.term,
            facet: facet.key.clone(),
            facet_slug: facet.slug.clone(),
            slug: term.slug.clone(),
            label: term.name_in(language).to_owned(),
            scheme: facet.scheme.clone(),
            url: self.url(Topic::main(Subject::Term(tag.term)).in_language(language)),
            origin: tag.origin,
            direct: tag.direct,
            issuer: facet.issues,
        }
    }

    /// The length of a file of the newsroom, by its URL.
    fn length(&self, url: &str) -> Option<u64> {
        let path = media::local_path(&self.setup.config.site.base_url, url)?;
        self.files.get(&*path).map(|stat| stat.size)
    }

    /// The newest entries of a topic.
    ///
    /// # Errors
    /// When a content cannot be read back.
    pub(super) fn entries(&self, topic: Topic, limit: usize) -> Result<Vec<Arc<Entry>>, Problem> {
        let items = self.catalog.items(topic);
        self.entries_of(&items[..limit.min(items.len())])
    }

    /// The entries of some live items.
    ///
    /// # Errors
    /// When a content cannot be read back.
    pub(super) fn entries_of(&self, items: &[Number]) -> Result<Vec<Arc<Entry>>, Problem> {
        items.iter().map(|number| self.entry(*number)).collect()
    }

    /// Adds the newest entries of a topic to a fingerprint.
    pub(super) fn newest(&self, inputs: Fingerprint, topic: Topic, limit: usize) -> Fingerprint {
        let items = self.catalog.items(topic);
        self.views(inputs, &items[..limit.min(items.len())])
    }

    /// Adds the entries of some items to a fingerprint.
    pub(super) fn views(&self, inputs: Fingerprint, items: &[Number]) -> Fingerprint {
        items
            .iter()
            .fold(inputs, |inputs, number| inputs.number(self.view(*number)))
    }
}

/// The newest `updated` of some entries; the epoch where there is none.
pub(super) fn last_updated(entries: &[Arc<Entry>]) -> DateTime<Utc> {
    entries
        .iter()
        .map(|entry| entry.updated)
        .max()
        .unwrap_or(DateTime::UNIX_EPOCH)
}
