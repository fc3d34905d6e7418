//! Archives of feeds (RFC 5005, section 4): which items are sealed in which document.
//!
//! Readers learn of items in the order of their `sequence`, which the ledger gives: an item gets
//! its place when it is published, and moves to the end when it changes, comes back, or joins a
//! feed whose archives have already passed it. Of a feed's items in that order, all but the
//! latest are sealed: a sealed document is a range of places, and no item ever enters it later.
//! So whoever has read the feed and every archive document that was new to them has missed
//! nothing, whatever the items' dates are and however long they were away.
//!
//! Pure but for what it holds: the ledger's records in, new ones out.

use std::collections::{HashMap, HashSet};

use super::topic::{folder, keeps_archive, limit};
use crate::catalog::{Catalog, Number, Record, Subject, Topic, topics_of};
use crate::config::{Config, Root};
use crate::feed::Chain;
use crate::fingerprint::Fingerprint;
use crate::ledger::SealRecord;
use crate::taxonomy::TermId;

/// So many times the usual size is that of documents of a backlog ...
const LARGE: usize = 4;

/// ... which is as many documents of the usual size, or more.
const BACKLOG: usize = 8;

/// The archives of all feeds.
#[derive(Debug, Default)]
pub struct Archives {
    /// By the feed's folder.
    feeds: HashMap<Box<str>, Sealed>,
}

/// The archive documents of one feed.
#[derive(Debug, Default)]
struct Sealed {
    /// Those that the feed has now, oldest first.
    seals: Vec<Seal>,
    /// The highest number that was ever given to one.
    last_number: u32,
}

#[derive(Debug)]
struct Seal {
    number: u32,
    sequence: u64,
    updated: i64,
}

/// One archive document of one topic. They are rendered in the order of the items that they
/// hold, so that documents of different topics find the same entries in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Page {
    /// The place in the order in which readers learn of items up to which it goes.
    pub until: u64,
    /// The topic.
    pub topic: Topic,
    /// The document's number among those of the topic.
    pub number: u32,
}

/// What an archive document holds.
pub(super) struct Contents<'a> {
    /// Its items in the order in which readers learn of them.
    pub items: &'a [Number],
    /// When the newest entry was last changed as it was sealed, in milliseconds since 1970 UTC.
    pub updated: i64,
    /// Its place among the documents of the feed.
    pub chain: Chain,
}

impl Archives {
    /// The archives that the ledger has. Documents that were sealed under another selection than
    /// the feed has now are no part of it any more; their numbers are never used again.
    pub fn load(config: &Config, records: Vec<SealRecord>) -> Archives {
        let mut archives = Archives::default();
        let selections = || (0u16..).zip(&config.selections);
        let sources: HashMap<String, u64> = config
            .site
            .languages()
            .flat_map(|(language, _)| {
                selections().map(move |(number, _)| {
                    Topic::main(Subject::Selection(number)).in_language(language)
                })
            })
            .map(|topic| (folder(config, topic), source(config, topic)))
            .collect();
        let other = source(config, Topic::ALL);
        for record in records {
            let source = sources.get(&record.feed).copied().unwrap_or(other);
            archives.add(record, source);
        }
        archives
    }

    fn add(&mut self, record: SealRecord, source: u64) {
        let sealed = self.feeds.entry(record.feed.into()).or_default();
        sealed.last_number = sealed.last_number.max(record.number);
        if record.source == source {
            sealed.seals.push(Seal {
                number: record.number,
                sequence: record.sequence,
                updated: record.updated,
            });
        }
    }

    /// Seals what may be sealed of some topics: the new records for the ledger, and the documents
    /// that they stand for. A feed keeps its limit of unsealed items, and up to half as many
    /// more. Feeds without archives are left out.
    pub fn seal(
        &mut self,
        config: &Config,
        catalog: &Catalog,
        topics: impl IntoIterator<Item = Topic>,
    ) -> (Vec<SealRecord>, Vec<Page>) {
        let mut records = Vec::new();
        let mut pages = Vec::new();
        for topic in topics {
            let limit = limit(config, topic);
            let size = limit.div_ceil(2);
            if catalog.items(topic).len() < limit + size || !keeps_archive(config, topic) {
                continue;
            }
            let feed = folder(config, topic);
            let source = source(config, topic);
            let mut unsealed = catalog.items_between(topic, self.sealed_until(&feed), u64::MAX);
            while unsealed.len() >= limit + size {
                // What comes all at once, as in a newsroom's first build, is put into few files.
                let is_backlog = unsealed.len() >= limit + BACKLOG * size;
                let size = if is_backlog { LARGE * size } else { size };
                let (page, rest) = unsealed.split_at(size);
                let identities = page
                    .iter()
                    .filter_map(|number| catalog.get(*number)?.identity());
                let ends = identities.fold((0, i64::MIN), |(sequence, updated), identity| {
                    (
                        sequence.max(identity.sequence),
                        updated.max(identity.updated),
                    )
                });
                let before = self.feeds.get(&*feed);
                let record = SealRecord {
                    feed: feed.clone(),
                    number: before.map_or(0, |sealed| sealed.last_number) + 1,
                    sequence: ends.0,
                    updated: ends.1,
                    source,
                };
                pages.push(Page {
                    until: record.sequence,
                    topic,
                    number: record.number,
                });
                self.add(record.clone(), source);
                records.push(record);
                unsealed = rest;
            }
        }
        (records, pages)
    }

    /// The place in the order in which readers learn of items up to which a feed is sealed.
    pub fn sealed_until(&self, feed: &str) -> u64 {
        self.seals(feed).last().map_or(0, |seal| seal.sequence)
    }

    /// The number of a feed's newest archive document.
    pub(super) fn newest(&self, feed: &str) -> Option<u32> {
        self.seals(feed).last().map(|seal| seal.number)
    }

    /// All archive documents of a topic, oldest first.
    pub(super) fn pages(&self, config: &Config, topic: Topic) -> Vec<Page> {
        let seals = self.seals(&folder(config, topic)).iter();
        seals.map(|seal| seal.page(topic)).collect()
    }

    /// The archive document of a topic that covers a place in the order in which readers learn of
    /// items.
    pub(super) fn page_at(&self, config: &Config, topic: Topic, sequence: u64) -> Option<Page> {
        let seals = self.seals(&folder(config, topic));
        let at = seals.partition_point(|seal| seal.sequence < sequence);
        Some(seals.get(at)?.page(topic))
    }

    /// What an archive document holds; `None` for one that is not sealed.
    pub(super) fn contents<'c>(
        &self,
        config: &Config,
        catalog: &'c Catalog,
        page: Page,
    ) -> Option<Contents<'c>> {
        let feed = folder(config, page.topic);
        let seals = self.seals(&feed);
        let at = seals
            .binary_search_by_key(&page.number, |seal| seal.number)
            .ok()?;
        let before = at.checked_sub(1).and_then(|at| seals.get(at));
        // The address of the document that will follow the newest is known before it stands, so
        // that the newest need not change when it does.
        let next = match seals.get(at + 1) {
            Some(next) => next.number,
            None => self.feeds.get(&*feed)?.last_number + 1,
        };
        let after = before.map_or(0, |seal| seal.sequence);
        Some(Contents {
            items: catalog.items_between(page.topic, after, seals[at].sequence),
            updated: seals[at].updated,
            chain: Chain {
                number: Some(page.number),
                previous: before.map(|seal| seal.number),
                next: Some(next),
            },
        })
    }

    /// Whether an item joins a feed whose archives have passed its place already, so that readers
    /// of the feed would never see it there. `before` are the paths of the terms that it had,
    /// divided by spaces.
    pub fn have_passed(&self, config: &Config, record: &Record, before: &str) -> bool {
        let Some(identity) = record.identity() else {
            return false;
        };
        let taxonomy = &config.taxonomy;
        let had: HashSet<&str> = before.split(' ').filter(|path| !path.is_empty()).collect();
        let is_new = |term: TermId| !had.contains(&*taxonomy.path(term));
        let is_changed =
            had.len() != record.terms.len() || record.terms.iter().any(|tag| is_new(tag.term));
        let joins = |topic: &Topic| match topic.subject {
            Subject::All => false,
            Subject::Term(term) => is_new(term),
            Subject::Pair(first, second) => is_new(first) || is_new(second),
            // It may, whether terms came or went.
            Subject::Selection(_) => true,
        };
        is_changed
            && topics_of(config, record)
                .into_iter()
                .filter(|topic| keeps_archive(config, *topic) && joins(topic))
                .any(|topic| identity.sequence <= self.sealed_until(&folder(config, topic)))
    }

    /// Fingerprint of what is sealed where.
    pub(super) fn fingerprint(&self) -> u64 {
        let feeds = self.feeds.iter().map(|(feed, sealed)| {
            let start = Fingerprint::default().text(feed);
            let start = start.number(u64::from(sealed.last_number));
            let seals = sealed.seals.iter().fold(start, |inputs, seal| {
                inputs
                    .number(u64::from(seal.number))
                    .number(seal.sequence)
                    .number(seal.updated.cast_unsigned())
            });
            seals.finish()
        });
        // A sum, since feeds come in no order.
        feeds.fold(0, u64::wrapping_add)
    }

    fn seals(&self, feed: &str) -> &[Seal] {
        self.feeds.get(feed).map_or(&[], |sealed| &sealed.seals)
    }
}

impl Seal {
    fn page(&self, topic: Topic) -> Page {
        Page {
            until: self.sequence,
            topic,
            number: self.number,
        }
    }
}

/// Tells the selections apart that a feed may have over time. The items of a term or of a pair
/// are those that bear it; who joins them later gets a new place.
fn source(config: &Config, topic: Topic) -> u64 {
    match topic.subject {
        Subject::Selection(number) => Fingerprint::default()
            .text(&config.selections[usize::from(number)].selection.text)
            .text(&config.site.language)
            .finish(),
        Subject::All | Subject::Term(_) | Subject::Pair(..) => match config.site.root {
            Root::All => 0,
            // Items leave the root, or come to it, with the languages that have their own place.
            Root::Main => {
                let tags = config.site.languages.iter();
                tags.fold(Fingerprint::default(), |all, one| all.text(&one.tag))
                    .finish()
            }
        },
    }
}
