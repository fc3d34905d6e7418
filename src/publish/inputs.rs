//! What a unit is made from, as a fingerprint.

use super::issues::edition_inputs;
use super::{Publisher, Unit};
use crate::catalog::Topic;
use crate::fingerprint::Fingerprint;
use crate::ledger::TombstoneRecord;

impl Publisher<'_> {
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
}

pub(super) fn tombstone_inputs(inputs: Fingerprint, tombstone: &TombstoneRecord) -> Fingerprint {
    inputs
        .text(&tombstone.id)
        .number(tombstone.gone.cast_unsigned())
        .optional(tombstone.by.as_deref())
        .optional(tombstone.reason.as_deref())
}
