//! What is said in the place of publications that are gone, and of pages that have moved.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Connection, Row};

use super::{Ledger, LedgerError, VALUES_LIMIT, rows};

/// A publication that is gone, with what is said in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TombstoneRecord {
    /// Its permanent id.
    pub id: String,
    /// Its page below `news/`, without slashes at either end.
    pub page: String,
    /// Since when it is gone, in milliseconds since 1970 UTC.
    pub gone: i64,
    /// Who took it back, plain text; `None`: the site.
    pub by: Option<String>,
    /// Why, plain text.
    pub reason: Option<String>,
    /// The folders of the feeds that it stood in.
    pub feeds: Vec<String>,
}

impl Ledger {
    /// Everything that is gone, the last to go first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn tombstones(&mut self) -> Result<Vec<TombstoneRecord>, LedgerError> {
        let query = sqlx::query(
            "SELECT publication.id AS id, page, gone, author, reason, \
             COALESCE(feeds, '') AS feeds, feeds IS NULL AS unknown \
             FROM publication LEFT JOIN tombstone ON tombstone.id = publication.id \
             WHERE gone IS NOT NULL ORDER BY gone DESC, publication.id",
        )
        .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        let tombstone = |row: &AnyRow| {
            let feeds: String = row.try_get("feeds")?;
            let is_unknown: i64 = row.try_get("unknown")?;
            Ok(TombstoneRecord {
                id: row.try_get("id")?,
                page: row.try_get("page")?,
                gone: row.try_get("gone")?,
                by: row.try_get("author")?,
                reason: row.try_get("reason")?,
                feeds: match is_unknown {
                    0 => feeds.split('\n').map(str::to_owned).collect(),
                    _ => Vec::new(),
                },
            })
        };
        rows.and_then(|rows| rows.iter().map(tombstone).collect())
            .map_err(|error| self.failed(error))
    }

    /// Records what is said in the place of publications that go, all or none; what was said
    /// before is replaced. When each went stands with the publication itself: see
    /// [`Ledger::record`].
    ///
    /// # Errors
    /// When the database refuses; nothing is recorded then.
    pub fn record_tombstones(&mut self, tombstones: &[TombstoneRecord]) -> Result<(), LedgerError> {
        let values = tombstones.iter().map(|tombstone| {
            let feeds = Some(tombstone.feeds.join("\n"));
            [
                Some(tombstone.id.clone()),
                tombstone.by.clone(),
                tombstone.reason.clone(),
                feeds,
            ]
        });
        self.upsert(
            "INSERT INTO tombstone (id, author, reason, feeds) VALUES",
            "ON CONFLICT (id) DO UPDATE SET author = excluded.author, reason = excluded.reason, \
             feeds = excluded.feeds",
            values.collect(),
        )
    }

    /// The pages that items had before, each with the page that its item has now.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn former_pages(&mut self) -> Result<Vec<(String, String)>, LedgerError> {
        let query = sqlx::query(
            "SELECT former_page.page AS former, publication.page AS page \
             FROM former_page JOIN publication ON publication.id = former_page.id \
             ORDER BY former",
        )
        .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        let pages = |row: &AnyRow| Ok((row.try_get("former")?, row.try_get("page")?));
        rows.and_then(|rows| rows.iter().map(pages).collect())
            .map_err(|error| self.failed(error))
    }

    /// Records pages that items leave: the page and the item's id.
    ///
    /// # Errors
    /// When the database refuses; nothing is recorded then.
    pub fn record_former_pages(&mut self, pages: &[(String, String)]) -> Result<(), LedgerError> {
        let values = pages
            .iter()
            .map(|(page, id)| [Some(page.clone()), Some(id.clone())]);
        self.upsert(
            "INSERT INTO former_page (page, id) VALUES",
            "ON CONFLICT (page) DO UPDATE SET id = excluded.id",
            values.collect(),
        )
    }

    fn upsert<const COLUMNS: usize>(
        &mut self,
        insert: &str,
        conflict: &str,
        values: Vec<[Option<String>; COLUMNS]>,
    ) -> Result<(), LedgerError> {
        if values.is_empty() {
            return Ok(());
        }
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for chunk in values.chunks(VALUES_LIMIT / COLUMNS) {
                let sql = format!("{insert} {} {conflict}", rows(chunk.len(), COLUMNS));
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for value in chunk.iter().flatten() {
                    query = query.bind(value);
                }
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}
