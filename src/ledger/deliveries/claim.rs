//! Taking deliveries and letters in hand.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::super::{Ledger, LedgerError, rows};
use super::{Mailing, bind_all, overview, padded};

/// A delivery that this process has in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// Whom it goes to.
    pub subscriber: i64,
    /// Whose links hold.
    pub generation: i64,
    /// As the subscriber wrote it.
    pub address: String,
    /// As they want to be called.
    pub name: Option<String>,
    /// The number of its set of choices.
    pub choices: i64,
    /// How often it was tried.
    pub attempts: u32,
}

/// A letter that this process has in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedLetter {
    /// Its id.
    pub id: i64,
    /// Where it goes.
    pub address: String,
    /// Where it comes back to if it cannot be delivered.
    pub return_path: String,
    /// The whole message.
    pub message: Vec<u8>,
    /// How often it was tried.
    pub attempts: u32,
}

/// How many messages may be sent on a day, by all processes together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The day in UTC: `2024-11-25`.
    pub day: String,
    /// How many.
    pub messages: u64,
}

impl Ledger {
    /// Takes at most `limit` deliveries in hand that are due at `now` (milliseconds since 1970
    /// UTC), in the order in which they are due, and no more than a `quota` leaves beside what
    /// was sent on its day and what is in hand. Those whose subscriber has left meanwhile, or
    /// pauses, are called off. The claim is flushed to the disk.
    ///
    /// # Errors
    /// When the database refuses; nothing is claimed then.
    pub fn claim_deliveries(
        &mut self,
        digest: &str,
        period: &str,
        claimer: &str,
        now: i64,
        limit: usize,
        quota: Option<&Quota>,
    ) -> Result<Vec<ClaimedDelivery>, LedgerError> {
        let mailing = Mailing::Issue {
            digest: digest.to_owned(),
            period: period.to_owned(),
        };
        let connection = &mut self.connection;
        let work = async {
            flush(connection, true).await?;
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let mut limit = i64::try_from(limit).unwrap_or(i64::MAX);
            if let Some(quota) = quota {
                let used = overview::of_day(&mut transaction, &quota.day).await?
                    + overview::in_hand(&mut transaction).await?;
                let left = quota.messages.saturating_sub(used);
                limit = limit.min(i64::try_from(left).unwrap_or(i64::MAX));
            }
            let found = sqlx::query(
                "SELECT d.subscriber AS subscriber, d.choices AS choices, \
                 d.attempts AS attempts, p.generation AS generation, p.address AS address, \
                 p.name AS name FROM delivery AS d LEFT JOIN subscriber AS p \
                 ON p.id = d.subscriber AND p.state = 'active' \
                 AND (p.paused_until IS NULL OR p.paused_until <= ?) \
                 AND EXISTS (SELECT 1 FROM subscription AS c WHERE c.subscriber = d.subscriber \
                 AND c.digest = d.digest AND c.confirmed IS NOT NULL AND c.ended IS NULL) \
                 WHERE d.digest = ? AND d.period = ? AND d.state = 'waiting' AND d.due <= ? \
                 ORDER BY d.due LIMIT ?",
            )
            .bind(now)
            .bind(digest)
            .bind(period)
            .bind(now)
            .bind(limit)
            .fetch_all(&mut *transaction)
            .await?;
            let mut claimed = Vec::with_capacity(found.len());
            let mut gone = Vec::new();
            for row in &found {
                match delivery(row)? {
                    Ok(delivery) => claimed.push(delivery),
                    Err(subscriber) => gone.push(subscriber),
                }
            }
            let keys: Vec<i64> = claimed.iter().map(|one| one.subscriber).collect();
            take(&mut transaction, &mailing, &keys, claimer).await?;
            if !gone.is_empty() {
                let keys = padded(&gone);
                let sql = format!(
                    "UPDATE delivery SET state = 'cancelled', settled = ?, \
                     reply = 'the subscriber left or paused meanwhile' \
                     WHERE digest = ? AND period = ? AND subscriber IN {}",
                    rows(1, keys.len())
                );
                let query = mailing.bind(sqlx::query(AssertSqlSafe(sql)).bind(now));
                bind_all(query, &keys).execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            flush(connection, false).await?;
            Ok(claimed)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// Takes at most `limit` letters in hand that are due at `now`, the oldest first. The claim is
    /// flushed to the disk.
    ///
    /// # Errors
    /// When the database refuses; nothing is claimed then.
    pub fn claim_letters(
        &mut self,
        claimer: &str,
        now: i64,
        limit: usize,
    ) -> Result<Vec<ClaimedLetter>, LedgerError> {
        let connection = &mut self.connection;
        let work = async {
            // Nearly always there is none: nothing is locked and flushed for that.
            let due = "SELECT id FROM letter WHERE state = 'waiting' AND due <= ? LIMIT 1";
            let any = sqlx::query(due).bind(now).fetch_optional(&mut *connection);
            if any.await?.is_none() {
                return Ok(Vec::new());
            }
            flush(connection, true).await?;
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let found = sqlx::query(
                "SELECT id, address, return_path, message, attempts FROM letter \
                 WHERE state = 'waiting' AND due <= ? ORDER BY due LIMIT ?",
            )
            .bind(now)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *transaction)
            .await?;
            let claimed: Vec<ClaimedLetter> = found.iter().map(letter).collect::<Result<_, _>>()?;
            let keys: Vec<i64> = claimed.iter().map(|letter| letter.id).collect();
            take(&mut transaction, &Mailing::Letters, &keys, claimer).await?;
            transaction.commit().await?;
            flush(connection, false).await?;
            Ok(claimed)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}

/// Whether commits from now on wait until the disk has them, with all that came before them.
async fn flush(connection: &mut AnyConnection, wait: bool) -> Result<(), sqlx::Error> {
    let sql = match wait {
        true => "PRAGMA synchronous=FULL",
        false => "PRAGMA synchronous=NORMAL",
    };
    sqlx::raw_sql(sql).execute(connection).await.map(drop)
}

async fn take(
    connection: &mut AnyConnection,
    mailing: &Mailing,
    keys: &[i64],
    claimer: &str,
) -> Result<(), sqlx::Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let keys = padded(keys);
    let sql = format!(
        "UPDATE {} SET state = 'claimed', claimed_by = ? WHERE {} AND {} IN {}",
        mailing.table(),
        mailing.condition(),
        mailing.key(),
        rows(1, keys.len())
    );
    let query = mailing.bind(sqlx::query(AssertSqlSafe(sql)).bind(claimer));
    bind_all(query, &keys).execute(connection).await.map(drop)
}

/// A delivery, or the id of a subscriber who gets no mail any more.
fn delivery(row: &AnyRow) -> Result<Result<ClaimedDelivery, i64>, sqlx::Error> {
    let subscriber = row.try_get("subscriber")?;
    let Some(address) = row.try_get("address")? else {
        return Ok(Err(subscriber));
    };
    Ok(Ok(ClaimedDelivery {
        subscriber,
        generation: row.try_get("generation")?,
        address,
        name: row.try_get("name")?,
        choices: row.try_get("choices")?,
        attempts: attempts(row)?,
    }))
}

fn letter(row: &AnyRow) -> Result<ClaimedLetter, sqlx::Error> {
    let message: String = row.try_get("message")?;
    Ok(ClaimedLetter {
        id: row.try_get("id")?,
        address: row.try_get("address")?,
        return_path: row.try_get("return_path")?,
        // A damaged one is empty, which sending it finds.
        message: STANDARD.decode(message).unwrap_or_default(),
        attempts: attempts(row)?,
    })
}

fn attempts(row: &AnyRow) -> Result<u32, sqlx::Error> {
    let attempts: i64 = row.try_get("attempts")?;
    Ok(u32::try_from(attempts).unwrap_or(u32::MAX))
}
