//! How far each digest has come, and which items came late.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::{Ledger, LedgerError};

/// Since when a digest has issues, and how far its schedule was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestProgress {
    /// The digest's slug.
    pub digest: String,
    /// Items of an earlier date, in milliseconds since 1970 UTC, were there before its first
    /// issue, unless they came after `sequence`. `None`: not known yet.
    pub since: Option<i64>,
    /// The last place of an item when its first issue was made.
    pub sequence: u64,
    /// The last due moment that was dealt with, in milliseconds since 1970 UTC.
    pub followed: Option<i64>,
}

impl Ledger {
    /// How far each digest has come.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn digest_progress(&mut self) -> Result<Vec<DigestProgress>, LedgerError> {
        let query = sqlx::query("SELECT digest, since, sequence, followed FROM digest_progress")
            .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        let progress = |row: &AnyRow| {
            Ok(DigestProgress {
                digest: row.try_get("digest")?,
                since: row.try_get("since")?,
                sequence: row.try_get::<i64, _>("sequence")?.cast_unsigned(),
                followed: row.try_get("followed")?,
            })
        };
        rows.and_then(|rows| rows.iter().map(progress).collect())
            .map_err(|error| self.failed(error))
    }

    /// Records how far a digest has come.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn record_progress(&mut self, progress: &DigestProgress) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "INSERT INTO digest_progress (digest, since, sequence, followed) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (digest) DO UPDATE SET since = excluded.since, \
             sequence = excluded.sequence, followed = excluded.followed",
        )
        .bind(&progress.digest)
        .bind(progress.since)
        .bind(progress.sequence.cast_signed())
        .bind(progress.followed)
        .execute(&mut self.connection);
        let done = self.runtime.block_on(query);
        done.map(drop).map_err(|error| self.failed(error))
    }

    /// The ids of items that came after this place in the order in which readers learnt of items
    /// first, and whose date is before `published`, milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn come_late(&mut self, sequence: u64, published: i64) -> Result<Vec<String>, LedgerError> {
        let query =
            sqlx::query("SELECT id FROM publication WHERE first_sequence > $1 AND published < $2")
                .bind(sequence.cast_signed())
                .bind(published)
                .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        rows.and_then(|rows| rows.iter().map(|row| row.try_get("id")).collect())
            .map_err(|error| self.failed(error))
    }
}
