//! The index of all items, in memory: what each item is, and which feeds it stands in.
//!
//! Derived from the files and the ledger and rebuilt at will; [`store`] keeps it between runs.
//! Lean, since a newsroom may hold hundreds of thousands of items: texts stay on the disk.

mod record;
pub mod store;
mod topic;
mod translations;

pub use record::{Extent, Identity, Record, Stat, State, TermTag};
pub use topic::{Subject, Topic, language_of, matches, topics_of};

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use crate::config::{Config, Root};
use crate::language::LanguageId;
use crate::taxonomy::TermId;

/// A record's place in the catalog; stays the same while the file exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u32);

/// The index of all items.
#[derive(Debug, Default)]
pub struct Catalog {
    records: Vec<Option<Record>>,
    free: Vec<Number>,
    by_path: HashMap<Arc<str>, Number>,
    topics: HashMap<Topic, Listing>,
    /// The records that may need a look though their files do not change: those that are not
    /// live, have problems, or point at files.
    special: BTreeSet<Number>,
    links: translations::Links,
}

/// The items of a topic in both of their orders.
#[derive(Debug, Default)]
struct Listing {
    /// Newest first.
    by_date: Vec<Number>,
    /// In the order in which readers learn of them.
    by_sequence: Vec<Number>,
}

/// What a batch touched: the topics that any of it stands in or stood in, the records that were
/// replaced or removed, and the other items that are or were translations of any of them.
pub type Touched = (BTreeSet<Topic>, Vec<Record>, BTreeSet<Number>);

/// More changes than this in one batch and the index is rebuilt rather than amended.
const REBUILD_ABOVE: usize = 256;

impl Catalog {
    /// The record of a file.
    pub fn at_path(&self, path: &str) -> Option<&Record> {
        self.find(path).map(|(_, record)| record)
    }

    /// The record of a file, with its number.
    pub fn find(&self, path: &str) -> Option<(Number, &Record)> {
        let number = *self.by_path.get(path)?;
        Some((number, self.get(number)?))
    }

    /// The record with this number, unless it is gone.
    pub fn get(&self, number: Number) -> Option<&Record> {
        self.records.get(number.0 as usize)?.as_ref()
    }

    /// All records with their numbers, in no order.
    pub fn records(&self) -> impl Iterator<Item = (Number, &Record)> {
        (0u32..)
            .map(Number)
            .zip(&self.records)
            .filter_map(|(number, record)| Some((number, record.as_ref()?)))
    }

    /// The records that are not live, have problems, or point at files: few, and all that must
    /// be looked at when nothing is known to have changed.
    pub fn special(&self) -> impl Iterator<Item = (Number, &Record)> {
        let numbers = self.special.iter();
        numbers.filter_map(|number| Some((*number, self.get(*number)?)))
    }

    /// A catalog of these records.
    pub fn load(config: &Config, records: Vec<Record>) -> Catalog {
        let mut catalog = Catalog {
            by_path: HashMap::with_capacity(records.len()),
            records: records.into_iter().map(Some).collect(),
            ..Catalog::default()
        };
        for (number, record) in (0u32..).map(Number).zip(catalog.records.iter().flatten()) {
            catalog.by_path.insert(record.path.clone(), number);
            if record.is_special() {
                catalog.special.insert(number);
            }
        }
        let numbers = (0u32..).map(Number).take(catalog.records.len());
        for number in numbers.clone() {
            catalog.link(number);
        }
        let linked = numbers.filter(|number| {
            let record = catalog.get(*number);
            record.is_some_and(|record| record.translation.is_some())
        });
        let linked: BTreeSet<Number> = linked.collect();
        catalog.check_links(config, &linked);
        catalog.rebuild(config);
        catalog
    }

    /// How many source files it knows.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether it knows no source file.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The items of a topic, newest first.
    pub fn items(&self, topic: Topic) -> &[Number] {
        self.topics
            .get(&topic)
            .map_or(&[], |listing| &listing.by_date)
    }

    /// The items of a topic whose places in the order in which readers learn of items lie after
    /// `after`, up to and including `until`; in that order.
    pub fn items_between(&self, topic: Topic, after: u64, until: u64) -> &[Number] {
        let Some(listing) = self.topics.get(&topic) else {
            return &[];
        };
        let place = |sequence: u64| {
            let numbers = &listing.by_sequence;
            numbers.partition_point(|number| self.sequence(*number) <= sequence)
        };
        listing
            .by_sequence
            .get(place(after)..place(until))
            .unwrap_or_default()
    }

    /// The items of a topic that readers learned of last, so many at most, in that order.
    pub fn learned_last(&self, topic: Topic, most: usize) -> &[Number] {
        let learned = self.topics.get(&topic);
        let learned = learned.map_or(&[][..], |listing| &listing.by_sequence);
        &learned[learned.len().saturating_sub(most)..]
    }

    fn sequence(&self, number: Number) -> u64 {
        let identity = self.get(number).and_then(Record::identity);
        identity.map_or(0, |identity| identity.sequence)
    }

    /// Puts items in the order in which feeds show them.
    pub fn sort_newest_first(&self, numbers: &mut [Number]) {
        numbers.sort_unstable_by(|a, b| self.order(*a).cmp(&self.order(*b)));
    }

    /// The items of a topic that were issued from `from` on and before `until`, newest first, in
    /// milliseconds since 1970 UTC.
    pub fn published_between(&self, topic: Topic, from: i64, until: i64) -> &[Number] {
        let items = self.items(topic);
        let published = |number: &Number| {
            let identity = self.get(*number).and_then(Record::identity);
            identity.map_or(i64::MIN, |identity| identity.published)
        };
        let start = items.partition_point(|number| published(number) >= until);
        let end = items.partition_point(|number| published(number) >= from);
        items.get(start..end).unwrap_or_default()
    }

    /// All live items, newest first, whichever feeds they stand in.
    pub fn newest_first<'c>(&'c self, config: &Config) -> impl Iterator<Item = Number> + use<'c> {
        self.merged(self.in_all_languages(config, Subject::All))
    }

    /// The live items that bear any of some terms, newest first and each once, of facets that
    /// have feeds.
    pub fn newest_of<'c>(
        &'c self,
        config: &Config,
        terms: &[TermId],
    ) -> impl Iterator<Item = Number> + use<'c> {
        let lists = terms
            .iter()
            .flat_map(|term| self.in_all_languages(config, Subject::Term(*term)));
        self.merged(lists.collect())
    }

    /// How many live items bear a term; `None` for those of facets that have no feeds, which
    /// nobody lists.
    pub fn count(&self, config: &Config, term: TermId) -> Option<usize> {
        let facet = config.taxonomy.term(term).facet;
        config.feeds.facets.contains(&facet).then_some(())?;
        let lists = self
            .in_all_languages(config, Subject::Term(term))
            .into_iter();
        Some(lists.map(<[Number]>::len).sum())
    }

    /// The lists that together hold all items of a subject.
    fn in_all_languages(&self, config: &Config, subject: Subject) -> Vec<&[Number]> {
        match config.site.root {
            Root::All => vec![self.items(Topic::main(subject))],
            Root::Main => config
                .site
                .languages()
                .map(|(language, _)| self.items(Topic::main(subject).in_language(language)))
                .collect(),
        }
    }

    /// The items of several lists, newest first and each once.
    fn merged<'c>(
        &'c self,
        mut lists: Vec<&'c [Number]>,
    ) -> impl Iterator<Item = Number> + use<'c> {
        let head = |lists: &[&[Number]], list: usize| {
            let first = *lists[list].first()?;
            Some(Reverse((self.order(first), first, list)))
        };
        let heads = (0..lists.len()).filter_map(|list| head(&lists, list));
        let mut heads: BinaryHeap<_> = heads.collect();
        let mut last = None;
        // Once one list is left, nothing has to be compared with it.
        let mut rest: &[Number] = &[];
        std::iter::from_fn(move || {
            loop {
                let number = if let [first, after @ ..] = rest {
                    rest = after;
                    *first
                } else {
                    let Reverse((_, number, list)) = heads.pop()?;
                    lists[list] = &lists[list][1..];
                    if heads.is_empty() {
                        rest = lists[list];
                    } else {
                        heads.extend(head(&lists, list));
                    }
                    number
                };
                if last != Some(number) {
                    last = Some(number);
                    return last;
                }
            }
        })
    }

    /// How many items are live.
    pub fn live(&self, config: &Config) -> usize {
        let items = |language| self.items(Topic::ALL.in_language(language)).len();
        match config.site.root {
            Root::All => items(LanguageId::MAIN),
            Root::Main => config.site.languages().map(|(id, _)| items(id)).sum(),
        }
    }

    /// The topics that have items, in order.
    pub fn topics(&self) -> Vec<Topic> {
        let mut topics: Vec<Topic> = self.topics.keys().copied().collect();
        topics.sort_unstable();
        topics
    }

    /// Takes in a batch: records that are new or changed, and paths that are gone.
    pub fn apply(&mut self, config: &Config, changed: Vec<Record>, gone: &[Arc<str>]) -> Touched {
        let rebuild = changed.len() + gone.len() > REBUILD_ABOVE;
        let mut affected = BTreeSet::new();
        let mut before = Vec::new();
        let mut related = BTreeSet::new();
        for path in gone {
            if let Some(number) = self.by_path.get(path).copied() {
                related.extend(self.tied(number));
                self.unlink(number);
            }
            if let Some(number) = self.by_path.remove(path)
                && let Some(record) = self.take(config, number, rebuild, &mut affected)
            {
                before.push(record);
                self.free.push(number);
            }
        }
        for record in changed {
            let number = match self.by_path.get(&record.path) {
                Some(number) => *number,
                None => self.free.pop().unwrap_or_else(|| {
                    self.records.push(None);
                    // A newsroom of four thousand million files does not fit the memory.
                    Number(u32::try_from(self.records.len() - 1).unwrap_or(u32::MAX))
                }),
            };
            related.extend(self.tied(number));
            self.unlink(number);
            before.extend(self.take(config, number, rebuild, &mut affected));
            self.by_path.insert(record.path.clone(), number);
            let topics = topics_of(config, &record);
            if record.is_special() {
                self.special.insert(number);
            }
            self.records[number.0 as usize] = Some(record);
            self.link(number);
            related.extend(self.tied(number));
            if !rebuild {
                for topic in &topics {
                    self.index(*topic, number);
                }
            }
            affected.extend(topics);
        }
        if rebuild {
            self.rebuild(config);
        }
        // A link may lead to a file that came later in the batch.
        let around: Vec<Number> = related.iter().copied().collect();
        for number in around {
            related.extend(self.tied(number));
        }
        self.check_links(config, &related);
        (affected, before, related)
    }

    /// Takes the record out of its place and, unless the index is rebuilt anyway, out of the
    /// index.
    fn take(
        &mut self,
        config: &Config,
        number: Number,
        rebuild: bool,
        affected: &mut BTreeSet<Topic>,
    ) -> Option<Record> {
        let topics = topics_of(config, self.get(number)?);
        if !rebuild {
            for topic in &topics {
                self.unindex(*topic, number);
            }
        }
        affected.extend(topics);
        self.special.remove(&number);
        self.records[number.0 as usize].take()
    }

    /// Newest first; the id decides between items of one moment.
    fn order(&self, number: Number) -> (Reverse<i64>, &str) {
        let identity = self.get(number).and_then(Record::identity);
        let published = identity.map_or(i64::MIN, |identity| identity.published);
        (
            Reverse(published),
            identity.map_or("", |identity| &identity.id),
        )
    }

    fn index(&mut self, topic: Topic, number: Number) {
        let mut listing = self.topics.remove(&topic).unwrap_or_default();
        let (order, sequence) = (self.order(number), self.sequence(number));
        let by_date = &mut listing.by_date;
        let at = by_date.partition_point(|other| self.order(*other) < order);
        by_date.insert(at, number);
        let by_sequence = &mut listing.by_sequence;
        let at = by_sequence.partition_point(|other| self.sequence(*other) < sequence);
        by_sequence.insert(at, number);
        self.topics.insert(topic, listing);
    }

    fn unindex(&mut self, topic: Topic, number: Number) {
        let Some(mut listing) = self.topics.remove(&topic) else {
            return;
        };
        let (order, sequence) = (self.order(number), self.sequence(number));
        let by_date = &mut listing.by_date;
        let at = by_date.partition_point(|other| self.order(*other) < order);
        if by_date.get(at) == Some(&number) {
            by_date.remove(at);
        }
        let by_sequence = &mut listing.by_sequence;
        let at = by_sequence.partition_point(|other| self.sequence(*other) < sequence);
        if by_sequence.get(at) == Some(&number) {
            by_sequence.remove(at);
        }
        if !listing.by_date.is_empty() {
            self.topics.insert(topic, listing);
        }
    }

    fn topics_of(&self, config: &Config, number: Number) -> Vec<Topic> {
        self.get(number)
            .map_or(Vec::new(), |record| topics_of(config, record))
    }

    /// Sorts all live items in both orders and deals them out to their topics.
    fn rebuild(&mut self, config: &Config) {
        // What is compared stands side by side here; in the records it lies far apart.
        let mut sequences = vec![0; self.records.len()];
        let mut live: Vec<(Reverse<i64>, &str, Number)> = Vec::new();
        for (number, record) in self.records() {
            if let Some(identity) = record.identity() {
                sequences[number.0 as usize] = identity.sequence;
                live.push((Reverse(identity.published), &identity.id, number));
            }
        }
        live.sort_unstable();
        let mut topics: HashMap<Topic, Listing> = HashMap::new();
        for (_, _, number) in live {
            for topic in self.topics_of(config, number) {
                topics.entry(topic).or_default().by_date.push(number);
            }
        }
        for listing in topics.values_mut() {
            listing.by_date.shrink_to_fit();
            // Readers learn of most items in the order of their dates, so that little is left to
            // sort.
            listing.by_sequence = listing.by_date.iter().rev().copied().collect();
            let sequence = |number: &Number| sequences[number.0 as usize];
            listing.by_sequence.sort_by_key(sequence);
        }
        self.topics = topics;
    }
}
