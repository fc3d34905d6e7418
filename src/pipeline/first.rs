//! The first items that a catalog takes in.

use std::sync::{Arc, OnceLock};

use super::{Newsroom, PipelineError};
use crate::catalog::{Catalog, Record, Touched};
use crate::ledger::Publication;
use crate::publish::Publisher;

impl Newsroom {
    /// Tells the ledger of the first items that a catalog has, and keeps them; returns what
    /// [`Catalog::apply`] does. Nothing is written to the output before the ledger knows it, but
    /// while one core is busy with the ledger, the other makes the entries of the feeds: a catalog
    /// that was empty has nothing to lose if the ledger fails.
    pub(super) fn keep_first(
        &mut self,
        publications: &[Publication],
        records: Vec<Record>,
        gone: &[Arc<str>],
    ) -> Result<Touched, PipelineError> {
        let (ledger, catalog) = (&mut self.ledger, &mut self.catalog);
        let (recorded, applied) = rayon::join(
            || ledger.record(publications),
            || {
                let applied = catalog.apply(&self.setup.config, records, gone);
                let publisher = Publisher {
                    setup: &self.setup,
                    now: self.now,
                    catalog,
                    contents: self.store.contents(),
                    files: &self.files,
                    editions: &self.editions,
                    archives: &self.archives,
                    tombstones: &self.tombstones,
                    cache: &self.cache,
                    sites: &self.sites,
                    item_pages: self.sites.iter().map(|_| OnceLock::new()).collect(),
                };
                publisher.prepare_entries();
                applied
            },
        );
        let kept = recorded.map_err(PipelineError::from).and_then(|()| {
            let records = self.catalog.records().map(|(_, record)| record);
            let committed = self.store.commit(records, gone);
            committed.map_err(|source| self.state_error(source))
        });
        if kept.is_err() {
            self.catalog = Catalog::default();
        }
        kept.map(|()| applied)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::Utc;

    use super::*;
    use crate::setup::Setup;

    #[test]
    fn what_the_ledger_refuses_is_neither_written_nor_kept_and_is_published_when_it_agrees() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("news")).unwrap();
        fs::write(root.join("news/a.md"), "# A mark\n\nText.\n").unwrap();
        let configuration = "[site]\ntitle = \"T\"\nbase_url = \"https://a.example/\"\n";
        fs::write(root.join("feeds.toml"), configuration).unwrap();
        let mut newsroom = Newsroom::open(Setup::load(root).unwrap()).unwrap();
        newsroom.ledger.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON publication \
             BEGIN SELECT RAISE(ABORT, 'refused'); END",
        );
        let refused = newsroom.build(Utc::now(), &());
        assert!(matches!(refused, Err(PipelineError::Ledger(_))));
        assert!(newsroom.catalog().is_empty());
        assert!(!root.join("public/rss.xml").exists());
        newsroom.ledger.execute("DROP TRIGGER refuse");
        assert_eq!(newsroom.build(Utc::now(), &()).unwrap().added, 1);
        let feed = fs::read_to_string(root.join("public/rss.xml")).unwrap();
        assert!(feed.contains("A mark"));
    }
}
