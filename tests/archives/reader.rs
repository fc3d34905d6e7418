//! A reader who polls now and then.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::common::Newsroom;
use crate::walk::{document, path_of};
use crate::{item, newsroom};

/// A reader as RFC 5005, section 4.2, has it: it polls the feed, and reads each archive document
/// that it has not read before. Of each entry it keeps what was changed last.
#[derive(Default)]
struct Reader {
    read: BTreeSet<String>,
    /// When each entry was last changed, by its id.
    entries: BTreeMap<String, chrono::DateTime<chrono::Utc>>,
}

impl Reader {
    fn poll(&mut self, newsroom: &Newsroom, feed: &str) {
        let mut next = Some(feed.to_owned());
        while let Some(path) = next {
            for entry in newsroom.feed(&path).entries {
                let updated = entry.updated.unwrap();
                let known = self.entries.entry(entry.id).or_insert(updated);
                *known = updated.max(*known);
            }
            let previous = document(newsroom, &path).links.remove("prev-archive");
            next = previous
                .map(|url| path_of(&url).to_owned())
                .filter(|path| self.read.insert(path.clone()));
        }
    }
}

#[test]
fn a_reader_who_polls_now_and_then_misses_neither_items_nor_changes_of_old_ones() {
    let newsroom = newsroom(0);
    let mut random = 7u64;
    let mut draw = |below: u64| {
        // Any sequence will do, as long as it is always the same.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let feeds = ["atom.xml", "topic/water/atom.xml", "feeds/dry/atom.xml"];
    let mut readers: Vec<(Reader, &str, u64)> = feeds
        .iter()
        .flat_map(|feed| [1, 4, 11].map(|every| (Reader::default(), *feed, every)))
        .collect();
    const STEPS: u64 = 34;
    for step in 1..=STEPS {
        for _ in 0..=draw(3) {
            // Any of eighty items comes, changes its text, its topics or both, or goes.
            let number = usize::try_from(draw(80)).unwrap();
            let path = newsroom.path(&format!("news/{number}.md"));
            if path.exists() && draw(5) == 0 {
                fs::remove_file(path).unwrap();
                continue;
            }
            let topics = ["\"Energy\"", "\"Water\"", "\"Energy\", \"Water\"", ""];
            let topics = topics[usize::try_from(draw(4)).unwrap()];
            let text = item(number, topics).replace("Text", &format!("Text {}", draw(3)));
            fs::write(path, text).unwrap();
        }
        newsroom.build();
        for (reader, feed, every) in &mut readers {
            if (step % *every == 0 || step == STEPS) && newsroom.exists(feed) {
                reader.poll(&newsroom, feed);
            }
        }
    }
    for (reader, feed, every) in &readers {
        let mut fresh = Reader::default();
        fresh.poll(&newsroom, feed);
        assert!(fresh.entries.len() > 8, "{feed} {}", fresh.entries.len());
        for (id, updated) in &fresh.entries {
            let known = reader.entries.get(id);
            assert_eq!(known, Some(updated), "{id} in {feed}, polled every {every}");
        }
    }
}
