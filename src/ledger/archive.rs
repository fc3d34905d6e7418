//! The sealed archive documents of feeds.

use sqlx::{AssertSqlSafe, Connection, Row};

use super::{Ledger, LedgerError, VALUES_LIMIT, rows};

/// A sealed archive document of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRecord {
    /// The feed's folder below the output's.
    pub feed: String,
    /// The document's number among those of the feed, from 1.
    pub number: u32,
    /// It holds what stands in the feed up to this place in the order in which readers learn of
    /// items, after that of the document before.
    pub sequence: u64,
    /// When its newest entry was last changed as it was sealed, in milliseconds since 1970 UTC.
    pub updated: i64,
    /// Fingerprint of the selection that the feed had.
    pub source: u64,
}

/// How many values a [`SealRecord`] has.
const COLUMNS: usize = 5;

impl Ledger {
    /// All sealed archive documents, those of one feed in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn seals(&mut self) -> Result<Vec<SealRecord>, LedgerError> {
        let query = sqlx::query(
            "SELECT feed, number, sequence, updated, source FROM archive ORDER BY feed, number",
        )
        .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        let seal = |row: &sqlx::any::AnyRow| {
            Ok(SealRecord {
                feed: row.try_get("feed")?,
                number: u32::try_from(row.try_get::<i64, _>("number")?)
                    .map_err(|error| sqlx::Error::Decode(error.into()))?,
                sequence: row.try_get::<i64, _>("sequence")?.cast_unsigned(),
                updated: row.try_get("updated")?,
                source: row.try_get::<i64, _>("source")?.cast_unsigned(),
            })
        };
        rows.and_then(|rows| rows.iter().map(seal).collect())
            .map_err(|error| self.failed(error))
    }

    /// Records documents that were sealed, all or none. What is sealed is never changed.
    ///
    /// # Errors
    /// When the database refuses; nothing is recorded then.
    pub fn record_seals(&mut self, seals: &[SealRecord]) -> Result<(), LedgerError> {
        if seals.is_empty() {
            return Ok(());
        }
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for chunk in seals.chunks(VALUES_LIMIT / COLUMNS) {
                let sql = format!(
                    "INSERT INTO archive (feed, number, sequence, updated, source) VALUES {}",
                    rows(chunk.len(), COLUMNS)
                );
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for seal in chunk {
                    query = query
                        .bind(&seal.feed)
                        .bind(i64::from(seal.number))
                        .bind(seal.sequence.cast_signed())
                        .bind(seal.updated)
                        .bind(seal.source.cast_signed());
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
