//! One fingerprint of everything, so that a build finds out at once that nothing has changed.

use rayon::prelude::*;

use super::Publisher;
use super::inputs::tombstone_inputs;
use super::issues::edition_inputs;
use crate::catalog::{Number, Record};
use crate::fingerprint::Fingerprint;

impl Publisher<'_> {
    /// Fingerprint of all that any unit is made from: while it is the same, so are all units and
    /// their inputs. Whatever [`Publisher::inputs`] looks at must be in here.
    pub fn everything(&self) -> u64 {
        let records: Vec<(Number, &Record)> = self.catalog.records().collect();
        // Sums, since neither records nor feeds come in an order that lasts.
        let records = records
            .into_par_iter()
            .map(|(number, record)| self.record_inputs(number, record))
            .reduce(|| 0, u64::wrapping_add);
        let start = Fingerprint::default()
            .number(self.setup.fingerprint)
            .number(records)
            .number(self.archives.fingerprint());
        let gone = self.tombstones.all().fold(start, |inputs, (one, shown)| {
            let feeds = one.feeds.iter();
            let inputs = feeds.fold(inputs, |inputs, feed| inputs.text(feed));
            tombstone_inputs(inputs, one)
                .text(&one.page)
                .number(u64::from(shown))
        });
        let editions = self.editions.iter().fold(gone, |inputs, editions| {
            let inputs = inputs.number(editions.len() as u64);
            editions.iter().fold(inputs, |inputs, edition| {
                edition_inputs(inputs.text(&edition.issue.span.label), edition)
            })
        });
        // The one thing that knows the clock.
        self.news_inputs(editions).finish()
    }

    fn record_inputs(&self, number: Number, record: &Record) -> u64 {
        let sequence = record.identity().map_or(0, |identity| identity.sequence);
        let mut inputs = Fingerprint::default()
            .text(&record.path)
            .number(self.view(number))
            .number(sequence)
            .optional(record.language.as_deref());
        if let Some(link) = &record.translation {
            inputs = inputs.text(&format!("{link:?}"));
        }
        for stat in record
            .files
            .iter()
            .filter_map(|path| self.files.get(&**path))
        {
            inputs = inputs
                .number(stat.size)
                .number(stat.modified.cast_unsigned())
                .number(stat.inode);
        }
        inputs.finish()
    }
}
