//! How far sending is, and what a person must decide.

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::super::{Ledger, LedgerError};
use super::{Mailing, cancel};

/// How many deliveries of an issue, or letters, are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// They wait for their turn or for another try.
    pub waiting: u64,
    /// Their message cannot be made until somebody mends something.
    pub held: u64,
    /// A process has them in hand.
    pub claimed: u64,
    /// They are on their way to the relay.
    pub flying: u64,
    /// The relay took them.
    pub sent: u64,
    /// They will never be taken.
    pub failed: u64,
    /// The relay may have them.
    pub uncertain: u64,
    /// They were called off.
    pub cancelled: u64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.open() + self.sent + self.failed + self.uncertain + self.cancelled
    }

    /// Those that something is still to be done about.
    pub fn open(&self) -> u64 {
        self.waiting + self.held + self.claimed + self.flying
    }
}

/// A message whose fate a person must decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncertain {
    /// What it belongs to.
    pub mailing: Mailing,
    /// The subscriber of a delivery, the id of a letter.
    pub key: i64,
    /// The address as it is now; `None` where the subscriber is gone.
    pub address: Option<String>,
    /// Why nobody knows.
    pub why: String,
    /// Since when, in milliseconds since 1970 UTC.
    pub since: i64,
}

impl Ledger {
    /// Whether an issue may be sent just now: it is neither paused nor cancelled. One that was
    /// sent may: what was uncertain may have to go again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_being_sent(&mut self, digest: &str, period: &str) -> Result<bool, LedgerError> {
        let query = sqlx::query("SELECT state FROM issue WHERE digest = ? AND period = ?")
            .bind(digest)
            .bind(period)
            .fetch_optional(&mut self.connection);
        let row = self.runtime.block_on(query);
        row.and_then(|row| row.map(|row| row.try_get::<String, _>("state")).transpose())
            .map(|state| matches!(state.as_deref(), Some("sending" | "sent")))
            .map_err(|error| self.failed(error))
    }

    /// How many deliveries processes have in hand, of whatever issues.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn deliveries_in_hand(&mut self) -> Result<u64, LedgerError> {
        let work = in_hand(&mut self.connection);
        let number = self.runtime.block_on(work);
        number.map_err(|error| self.failed(error))
    }

    /// How far sending is.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn delivery_counts(&mut self, mailing: &Mailing) -> Result<Counts, LedgerError> {
        let sql = format!(
            "SELECT state, COUNT(*) AS number FROM {} WHERE {} GROUP BY state",
            mailing.table(),
            mailing.condition()
        );
        let query = mailing.bind(sqlx::query(AssertSqlSafe(sql)));
        let rows = self.runtime.block_on(query.fetch_all(&mut self.connection));
        rows.and_then(|rows| {
            let mut counts = Counts::default();
            for row in rows {
                let number = row.try_get::<i64, _>("number")?.cast_unsigned();
                match row.try_get::<String, _>("state")?.as_str() {
                    "waiting" => counts.waiting = number,
                    "held" => counts.held = number,
                    "claimed" => counts.claimed = number,
                    "flying" => counts.flying = number,
                    "sent" => counts.sent = number,
                    "failed" => counts.failed = number,
                    "uncertain" => counts.uncertain = number,
                    _ => counts.cancelled = number,
                }
            }
            Ok(counts)
        })
        .map_err(|error| self.failed(error))
    }

    /// When the next one is due that waits, in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_delivery(&mut self, mailing: &Mailing) -> Result<Option<i64>, LedgerError> {
        let sql = format!(
            "SELECT MIN(due) AS due FROM {} WHERE {} AND state = 'waiting'",
            mailing.table(),
            mailing.condition()
        );
        let query = mailing.bind(sqlx::query(AssertSqlSafe(sql)));
        let row = self.runtime.block_on(query.fetch_one(&mut self.connection));
        row.and_then(|row| row.try_get("due"))
            .map_err(|error| self.failed(error))
    }

    /// What refused messages were refused with, the most frequent first, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn delivery_failures(
        &mut self,
        mailing: &Mailing,
        limit: usize,
    ) -> Result<Vec<(String, u64)>, LedgerError> {
        let sql = format!(
            "SELECT COALESCE(reply, '') AS reply, COUNT(*) AS number FROM {} \
             WHERE {} AND state IN ('failed', 'held') GROUP BY reply ORDER BY number DESC LIMIT ?",
            mailing.table(),
            mailing.condition()
        );
        let query = mailing
            .bind(sqlx::query(AssertSqlSafe(sql)))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = self.runtime.block_on(query.fetch_all(&mut self.connection));
        rows.and_then(|rows| {
            rows.iter()
                .map(|row| {
                    let number: i64 = row.try_get("number")?;
                    Ok((row.try_get("reply")?, number.cast_unsigned()))
                })
                .collect()
        })
        .map_err(|error| self.failed(error))
    }

    /// All messages whose fate a person must decide, by digest, period and address.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn uncertain_deliveries(&mut self) -> Result<Vec<Uncertain>, LedgerError> {
        let query = sqlx::query(
            "SELECT d.digest AS digest, d.period AS period, d.subscriber AS subject, \
             p.address AS address, COALESCE(d.reply, '') AS why, COALESCE(d.settled, 0) AS since \
             FROM delivery AS d LEFT JOIN subscriber AS p ON p.id = d.subscriber \
             WHERE d.state = 'uncertain' \
             UNION ALL SELECT NULL, NULL, id, address, COALESCE(reply, ''), COALESCE(settled, 0) \
             FROM letter WHERE state = 'uncertain' ORDER BY 1, 2, 4",
        )
        .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        rows.and_then(|rows| {
            rows.iter()
                .map(|row| {
                    let digest: Option<String> = row.try_get("digest")?;
                    let period: Option<String> = row.try_get("period")?;
                    let mailing = match (digest, period) {
                        (Some(digest), Some(period)) => Mailing::Issue { digest, period },
                        _ => Mailing::Letters,
                    };
                    Ok(Uncertain {
                        mailing,
                        key: row.try_get("subject")?,
                        address: row.try_get("address")?,
                        why: row.try_get("why")?,
                        since: row.try_get("since")?,
                    })
                })
                .collect()
        })
        .map_err(|error| self.failed(error))
    }

    /// Settles an uncertain one: as sent, or to be sent (again), unless its issue was cancelled
    /// meanwhile. Whether there was such a one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn decide_uncertain(
        &mut self,
        mailing: &Mailing,
        key: i64,
        was_sent: bool,
        now: i64,
    ) -> Result<bool, LedgerError> {
        let fate = match was_sent {
            true => "state = 'sent', settled = ?",
            false => "state = 'waiting', settled = NULL, due = ?",
        };
        let sql = format!(
            "UPDATE {} SET {fate} WHERE {} AND {} = ? AND state = 'uncertain'",
            mailing.table(),
            mailing.condition(),
            mailing.key()
        );
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            let query = mailing.bind(sqlx::query(AssertSqlSafe(sql)).bind(now));
            let done = query.bind(key).execute(&mut *transaction).await?;
            if !was_sent && *mailing != Mailing::Letters {
                cancel::of_cancelled(&mut transaction, Some(mailing), now).await?;
            }
            transaction.commit().await?;
            Ok(done.rows_affected() > 0)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}

/// How many deliveries are in hand.
pub(super) async fn in_hand(connection: &mut AnyConnection) -> Result<u64, sqlx::Error> {
    let row = sqlx::query("SELECT COUNT(*) AS number FROM delivery WHERE claimed_by IS NOT NULL")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<i64, _>("number")?.cast_unsigned())
}

/// How many messages the relay took on a day.
pub(super) async fn of_day(connection: &mut AnyConnection, day: &str) -> Result<u64, sqlx::Error> {
    let row = sqlx::query("SELECT messages FROM mail_day WHERE day = ?")
        .bind(day)
        .fetch_optional(connection)
        .await?;
    let number = row.map_or(Ok(0), |row| row.try_get::<i64, _>("messages"))?;
    Ok(number.cast_unsigned())
}
