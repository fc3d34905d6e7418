//! Whom an issue goes to, and with which choices.

use std::collections::{HashMap, HashSet};

use sqlx::{AssertSqlSafe, Connection, Row};

use super::super::subscribers::address_hash;
use super::super::{Ledger, LedgerError, VALUES_LIMIT, rows};
use crate::mail::address::Address;
use crate::signing::SigningKey;

/// How many values a row of deliveries has.
const COLUMNS: usize = 6;
/// How many statements are committed at a time: others may write in between.
const STATEMENTS: usize = 10;
/// How many subscribers are read at a time.
const READ_AT_A_TIME: i64 = 20_000;

/// What an issue's deliveries were made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planned {
    /// The subscribers it goes to.
    pub subscribers: u64,
    /// Their distinct sets of choices.
    pub choices: u64,
}

impl Ledger {
    /// Makes the deliveries of an issue: one for each active subscriber with a confirmed
    /// subscription to its digest who neither pauses nor is suppressed. Those there are stay as
    /// they are, so that this can be done again after a crash. `key` is that of the suppressed
    /// addresses; `now` is in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the database refuses; some deliveries may be there then.
    pub fn plan_deliveries(
        &mut self,
        digest: &str,
        period: &str,
        key: &SigningKey,
        now: i64,
    ) -> Result<Planned, LedgerError> {
        self.plan(digest, period, key, now)
            .map_err(|error| self.failed(error))
    }

    fn plan(
        &mut self,
        digest: &str,
        period: &str,
        key: &SigningKey,
        now: i64,
    ) -> Result<Planned, sqlx::Error> {
        let (runtime, connection) = (&self.runtime, &mut self.connection);
        let work = async {
            let suppressed = sqlx::query("SELECT address_hash FROM suppression")
                .fetch_all(&mut *connection)
                .await?;
            let suppressed: HashSet<String> = suppressed
                .iter()
                .map(|row| row.try_get("address_hash"))
                .collect::<Result<_, _>>()?;
            let known = sqlx::query(
                "SELECT number, choices FROM delivery_choices WHERE digest = ? AND period = ?",
            )
            .bind(digest)
            .bind(period)
            .fetch_all(&mut *connection)
            .await?;
            let mut numbers: HashMap<String, i64> = known
                .iter()
                .map(|row| Ok((row.try_get("choices")?, row.try_get("number")?)))
                .collect::<Result<_, sqlx::Error>>()?;
            let before = numbers.len();
            let mut planned: Vec<(i64, i64)> = Vec::new();
            let mut last = i64::MIN;
            loop {
                // One row a subscriber, so that a page of them never cuts one in two. No
                // selection holds a line break.
                let page = sqlx::query(
                    "SELECT choice.subscriber AS subscriber, person.address AS address, \
                     choice.selections AS selections FROM \
                     (SELECT subscriber, GROUP_CONCAT(selection, char(10)) AS selections \
                      FROM subscription WHERE digest = ? AND confirmed IS NOT NULL \
                      AND ended IS NULL AND subscriber > ? GROUP BY subscriber \
                      ORDER BY subscriber LIMIT ?) AS choice \
                     JOIN subscriber AS person ON person.id = choice.subscriber \
                     AND person.state = 'active' \
                     AND (person.paused_until IS NULL OR person.paused_until <= ?) \
                     ORDER BY choice.subscriber",
                )
                .bind(digest)
                .bind(last)
                .bind(READ_AT_A_TIME)
                .bind(now)
                .fetch_all(&mut *connection)
                .await?;
                for row in &page {
                    let subscriber: i64 = row.try_get("subscriber")?;
                    let address: String = row.try_get("address")?;
                    let selections: String = row.try_get("selections")?;
                    let is_suppressed = !suppressed.is_empty()
                        && address
                            .parse::<Address>()
                            .is_ok_and(|address| suppressed.contains(&address_hash(key, &address)));
                    if is_suppressed {
                        continue;
                    }
                    let mut selections: Vec<&str> = selections.split('\n').collect();
                    selections.sort_unstable();
                    let choices = serde_json::Value::from(selections).to_string();
                    let next = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
                    let number = *numbers.entry(choices).or_insert(next);
                    planned.push((number, subscriber));
                }
                let reached = sqlx::query(
                    "SELECT MAX(subscriber) AS last FROM (SELECT DISTINCT subscriber FROM \
                     subscription WHERE digest = ? AND confirmed IS NOT NULL AND ended IS NULL \
                     AND subscriber > ? ORDER BY subscriber LIMIT ?) AS page",
                )
                .bind(digest)
                .bind(last)
                .bind(READ_AT_A_TIME)
                .fetch_one(&mut *connection)
                .await?;
                match reached.try_get::<Option<i64>, _>("last")? {
                    Some(reached) => last = reached,
                    None => break,
                }
            }
            // Those with the same choices follow one another: each set is rendered once, and its
            // rendering need not be kept for long.
            planned.sort_unstable();
            let mut new: Vec<(&String, i64)> = numbers
                .iter()
                .map(|(choices, number)| (choices, *number))
                .filter(|(_, number)| *number >= i64::try_from(before).unwrap_or(i64::MAX))
                .collect();
            new.sort_by_key(|(_, number)| *number);
            for chunk in new.chunks(VALUES_LIMIT / 4) {
                let sql = format!(
                    "INSERT INTO delivery_choices (digest, period, number, choices) VALUES {}",
                    rows(chunk.len(), 4)
                );
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for (choices, number) in chunk {
                    query = query.bind(digest).bind(period).bind(*number).bind(*choices);
                }
                query.execute(&mut *connection).await?;
            }
            for batch in planned.chunks(STATEMENTS * (VALUES_LIMIT / COLUMNS)) {
                let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
                for chunk in batch.chunks(VALUES_LIMIT / COLUMNS) {
                    let sql = format!(
                        "INSERT INTO delivery (digest, period, subscriber, choices, state, due) \
                         VALUES {} ON CONFLICT (digest, period, subscriber) DO NOTHING",
                        rows(chunk.len(), COLUMNS)
                    );
                    let mut query = sqlx::query(AssertSqlSafe(sql));
                    for (number, subscriber) in chunk {
                        query = query
                            .bind(digest)
                            .bind(period)
                            .bind(*subscriber)
                            .bind(*number)
                            .bind("waiting")
                            .bind(now);
                    }
                    query.execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
            }
            Ok(Planned {
                subscribers: planned.len() as u64,
                choices: numbers.len() as u64,
            })
        };
        runtime.block_on(work)
    }

    /// The selections of one set of choices; the empty one is the digest as it is. `None` where
    /// there is no such set.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn delivery_choices(
        &mut self,
        digest: &str,
        period: &str,
        number: i64,
    ) -> Result<Option<Vec<String>>, LedgerError> {
        let query = sqlx::query(
            "SELECT choices FROM delivery_choices WHERE digest = ? AND period = ? AND number = ?",
        )
        .bind(digest)
        .bind(period)
        .bind(number)
        .fetch_optional(&mut self.connection);
        let row = self.runtime.block_on(query);
        row.and_then(|row| {
            let Some(row) = row else {
                return Ok(None);
            };
            let choices: String = row.try_get("choices")?;
            serde_json::from_str(&choices)
                .map(Some)
                .map_err(|error| sqlx::Error::Decode(error.into()))
        })
        .map_err(|error| self.failed(error))
    }
}
