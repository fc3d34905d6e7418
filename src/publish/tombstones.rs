//! What is said of items that are gone: tombstones in their feeds (RFC 6721), and notices in the
//! place of their pages.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::ledger::TombstoneRecord;

/// The most that a feed says is gone, the last of all. Whoever withdraws a whole archive at once
/// must not make a feed that nobody can read; what readers are not told here, they find gone at
/// its page. RFC 6721 asks for none to be kept.
pub(super) const SHOWN_LIMIT: usize = 500;

/// Everything that is gone.
#[derive(Debug, Default)]
pub struct Tombstones {
    /// By the page that it had.
    pages: BTreeMap<Box<str>, Arc<TombstoneRecord>>,
    /// By the folders of the feeds that it stood in.
    feeds: HashMap<Box<str>, Vec<Arc<TombstoneRecord>>>,
    /// Feeds name what has gone since this moment, in milliseconds since 1970 UTC.
    since: i64,
}

impl Tombstones {
    /// What the ledger has.
    pub fn load(records: Vec<TombstoneRecord>) -> Tombstones {
        let mut tombstones = Tombstones::default();
        for record in records {
            tombstones.add(record);
        }
        tombstones
    }

    /// Takes one in; what was said of the same item before is replaced.
    pub fn add(&mut self, record: TombstoneRecord) {
        self.remove(&record.page);
        let record = Arc::new(record);
        for feed in &record.feeds {
            let of_feed = self.feeds.entry(feed.as_str().into()).or_default();
            // The last to go first.
            let order = |other: &TombstoneRecord| (std::cmp::Reverse(other.gone), other.id.clone());
            let at = of_feed.partition_point(|other| order(other) < order(&record));
            of_feed.insert(at, record.clone());
        }
        self.pages.insert(record.page.as_str().into(), record);
    }

    /// Forgets what is said in the place of a page, since its item is back.
    pub fn remove(&mut self, page: &str) {
        let Some(record) = self.pages.remove(page) else {
            return;
        };
        for feed in &record.feeds {
            if let Some(of_feed) = self.feeds.get_mut(feed.as_str()) {
                of_feed.retain(|other| other.id != record.id);
            }
        }
    }

    /// From now on, feeds name what has gone since this moment. Returns the folders of the feeds
    /// that name less than before.
    pub fn show_since(&mut self, since: DateTime<Utc>) -> Vec<String> {
        let (before, since) = (self.since, since.timestamp_millis());
        self.since = since;
        let expired = self
            .pages
            .values()
            .filter(|record| (before..since).contains(&record.gone));
        expired.flat_map(|record| record.feeds.clone()).collect()
    }

    /// When the next one leaves the feeds is as long after this moment as they stay there, in
    /// milliseconds since 1970 UTC.
    pub fn next_to_leave(&self) -> Option<i64> {
        let shown = self
            .pages
            .values()
            .filter(|record| record.gone >= self.since);
        shown.map(|record| record.gone).min()
    }

    /// What is said in the place of a page.
    pub fn at_page(&self, page: &str) -> Option<&TombstoneRecord> {
        self.pages.get(page).map(|record| &**record)
    }

    /// The pages of everything that is gone.
    pub fn pages(&self) -> impl Iterator<Item = &str> {
        self.pages.keys().map(|page| &**page)
    }

    /// All of them in the order of their pages, and whether feeds name them.
    pub(super) fn all(&self) -> impl Iterator<Item = (&TombstoneRecord, bool)> {
        let all = self.pages.values();
        all.map(|record| (&**record, record.gone >= self.since))
    }

    /// What a feed says is gone, the last first, and no more than [`SHOWN_LIMIT`].
    pub(super) fn of_feed(&self, feed: &str) -> &[Arc<TombstoneRecord>] {
        let all = self.feeds.get(feed).map_or(&[][..], |all| all);
        let shown = all.partition_point(|record| record.gone >= self.since);
        &all[..shown.min(SHOWN_LIMIT)]
    }

    /// The folders of the feeds that something went from.
    pub(super) fn feeds(&self) -> impl Iterator<Item = &str> {
        let feeds = self.feeds.iter().filter(|(_, gone)| !gone.is_empty());
        feeds.map(|(folder, _)| &**folder)
    }

    /// When something last went from a feed, whether the feed still says so or not.
    pub(super) fn last_gone(&self, feed: &str) -> Option<i64> {
        let all = self.feeds.get(feed)?;
        all.first().map(|record| record.gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone(number: i64) -> TombstoneRecord {
        TombstoneRecord {
            id: format!("tag:news.example,2024:{number}"),
            page: format!("2024/{number}"),
            gone: number,
            by: None,
            reason: None,
            feeds: vec!["topic/water".to_owned()],
        }
    }

    #[test]
    fn a_feed_names_the_last_of_what_is_gone_and_no_more_than_it_can_bear() {
        let count = i64::try_from(SHOWN_LIMIT).unwrap() + 20;
        let tombstones = Tombstones::load((0..count).map(gone).collect());
        let shown = tombstones.of_feed("topic/water");
        assert_eq!(shown.len(), SHOWN_LIMIT);
        assert_eq!(shown[0].gone, count - 1);
        assert_eq!(shown[SHOWN_LIMIT - 1].gone, 20);
        // The notices in the places of their pages stay, all of them.
        assert_eq!(tombstones.pages().count(), SHOWN_LIMIT + 20);
    }
}
