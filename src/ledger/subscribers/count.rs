//! How many subscribers there are.

use std::collections::BTreeMap;

use sqlx::Row;

use super::super::{Ledger, LedgerError};

/// How many people there are of each sort.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// By the state's word.
    pub states: BTreeMap<String, u64>,
    /// Of the active ones, those who paused.
    pub paused: u64,
    /// By the reason's word: addresses that are never mailed again.
    pub suppressed: BTreeMap<String, u64>,
    /// By the digest's slug.
    pub digests: BTreeMap<String, DigestCount>,
}

/// How many people chose a digest, or something that goes out with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DigestCount {
    /// Who confirmed.
    pub confirmed: u64,
    /// Of those, who get a selection of their own.
    pub own: u64,
    /// Who asked and has not confirmed.
    pub pending: u64,
    /// Who left.
    pub ended: u64,
}

impl Ledger {
    /// How many subscribers there are at `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn subscriber_counts(&mut self, now: i64) -> Result<Counts, LedgerError> {
        let connection = &mut self.connection;
        let work = async {
            let mut counts = Counts::default();
            let states = sqlx::query(
                "SELECT state, COUNT(*) AS people, \
                 COUNT(CASE WHEN paused_until > ? THEN 1 END) AS paused \
                 FROM subscriber GROUP BY state",
            )
            .bind(now)
            .fetch_all(&mut *connection)
            .await?;
            for row in states {
                let state: String = row.try_get("state")?;
                if state == "active" {
                    counts.paused = number(&row, "paused")?;
                }
                counts.states.insert(state, number(&row, "people")?);
            }
            let reasons =
                sqlx::query("SELECT reason, COUNT(*) AS people FROM suppression GROUP BY reason")
                    .fetch_all(&mut *connection)
                    .await?;
            for row in reasons {
                counts
                    .suppressed
                    .insert(row.try_get("reason")?, number(&row, "people")?);
            }
            let digests = sqlx::query(
                "SELECT digest, \
                 COUNT(DISTINCT CASE WHEN confirmed IS NOT NULL THEN subscriber END) AS confirmed, \
                 COUNT(DISTINCT CASE WHEN confirmed IS NOT NULL AND selection <> '' \
                 THEN subscriber END) AS own, \
                 COUNT(DISTINCT CASE WHEN confirmed IS NULL AND (ended IS NULL OR created > ended) \
                 THEN subscriber END) AS pending, \
                 COUNT(DISTINCT CASE WHEN ended IS NOT NULL THEN subscriber END) AS ended \
                 FROM subscription GROUP BY digest",
            )
            .fetch_all(&mut *connection)
            .await?;
            for row in digests {
                let count = DigestCount {
                    confirmed: number(&row, "confirmed")?,
                    own: number(&row, "own")?,
                    pending: number(&row, "pending")?,
                    ended: number(&row, "ended")?,
                };
                counts.digests.insert(row.try_get("digest")?, count);
            }
            Ok(counts)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}

fn number(row: &sqlx::any::AnyRow, column: &str) -> Result<u64, sqlx::Error> {
    row.try_get::<i64, _>(column).map(i64::cast_unsigned)
}
