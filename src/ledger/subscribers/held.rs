//! What mail is on record for one person.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::{Ledger, LedgerError};
use crate::mail::address::Address;

/// An issue, or a letter, that was sent or is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRecord {
    /// `weekly 2024-W47`, or the kind of the letter.
    pub what: String,
    /// What became of it.
    pub state: String,
    /// When that was settled, in milliseconds since 1970 UTC.
    pub settled: Option<i64>,
}

impl Ledger {
    /// The issues and the letters on record for a person.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn mail_of(
        &mut self,
        subscriber: i64,
        address: &Address,
    ) -> Result<(Vec<MailRecord>, Vec<MailRecord>), LedgerError> {
        let connection = &mut self.connection;
        let key = address.key();
        let work = async {
            let issues = sqlx::query(
                "SELECT digest || ' ' || period AS what, state, settled FROM delivery \
                 WHERE subscriber = ? ORDER BY digest, period",
            )
            .bind(subscriber)
            .fetch_all(&mut *connection)
            .await?;
            let letters = sqlx::query(
                "SELECT kind AS what, state, settled FROM letter WHERE address_key = ? \
                 ORDER BY created, id",
            )
            .bind(key)
            .fetch_all(&mut *connection)
            .await?;
            let issues = issues.iter().map(record).collect::<Result<_, _>>()?;
            let letters = letters.iter().map(record).collect::<Result<_, _>>()?;
            Ok((issues, letters))
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}

fn record(row: &AnyRow) -> Result<MailRecord, sqlx::Error> {
    Ok(MailRecord {
        what: row.try_get("what")?,
        state: row.try_get("state")?,
        settled: row.try_get("settled")?,
    })
}
