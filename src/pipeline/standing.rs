//! How things stand: counts, problems, and when there is something to do though no file changes.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::{Counts, Newsroom};
use crate::catalog::{Record, State};
use crate::diagnostic::Problem;

impl Newsroom {
    /// What there is, in numbers.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            live: self.catalog.live(&self.setup.config),
            feeds: self.catalog.topics().len(),
            ..Counts::default()
        };
        for (_, record) in self.catalog.special() {
            match record.state {
                State::Live(_) => {}
                State::Scheduled(_) => counts.scheduled += 1,
                State::Withdrawn(_) => counts.withdrawn += 1,
                State::Refused => counts.refused += 1,
            }
        }
        counts
    }

    /// Everything that is wrong now: with folders, and with the files of items.
    pub fn problems(&self) -> Vec<Problem> {
        let mut records: Vec<&Record> = self.catalog.special().map(|(_, record)| record).collect();
        records.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let unseen = self.unseen.iter().map(|(_, problem)| problem.clone());
        let of_items = records
            .iter()
            .flat_map(|record| record.problems.iter().cloned());
        let links = self.catalog.translation_problems(&self.setup.config);
        unseen
            .chain(of_items)
            .chain(links)
            .chain(self.expired())
            .collect()
    }

    /// A warning when `security.txt` is to be trusted no more.
    fn expired(&self) -> Option<Problem> {
        let security = self.setup.config.discovery.security.as_ref()?;
        let problem = Problem::warning("security.txt has expired: nobody is to trust it any more")
            .help(
                "look whether it is still right, and set a later 'expires' in [discovery.security]",
            )
            .in_file(Path::new(crate::setup::CONFIG_FILE));
        (security.expires <= self.now).then_some(problem)
    }

    /// The next moment at which something is to be done though no file changes: an embargo ends
    /// or an issue is due. One that has passed counts until it is dealt with.
    pub fn next_moment(&self) -> Option<DateTime<Utc>> {
        let issue = self.next_issue();
        let time = self.setup.config.feeds.tombstones.as_millis();
        let leaves = self.tombstones.next_to_leave().and_then(|gone| {
            let after = i64::try_from(time).ok()?.checked_add(1)?;
            DateTime::from_timestamp_millis(gone.checked_add(after)?)
        });
        let news = self.publisher().news_until();
        let moments = self
            .next_release()
            .into_iter()
            .chain(issue)
            .chain(leaves)
            .chain(news);
        moments.min()
    }

    fn next_release(&self) -> Option<DateTime<Utc>> {
        let scheduled = self
            .catalog
            .special()
            .filter_map(|(_, record)| match record.state {
                State::Scheduled(at) => Some(at),
                _ => None,
            });
        scheduled.min().map(crate::entry::from_milliseconds)
    }
}
