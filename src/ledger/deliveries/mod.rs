//! Deliveries: which issue goes to whom, and what became of it. Letters are kept alike.
//!
//! A delivery waits, is *claimed* by one process, is *flying* while the relay may have it, and is
//! settled. What is claimed was certainly not sent; of what is flying nobody knows once its
//! process is dead. Every step is committed before what it allows is done.
//!
//! Power cuts: the ledger's commits survive a crash of the program at once, but a power cut only
//! once they are flushed, which would cost a flush a message. So only claims are flushed
//! ([`Ledger::claim_deliveries`]): after a power cut, whatever was claimed may have been sent and
//! counts as uncertain, and nothing that was sent can look as if it had never been touched.

mod cancel;
mod claim;
mod mark;
mod overview;
mod plan;
#[cfg(test)]
mod tests;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Connection, Row};

use super::{Ledger, LedgerError, VALUES_LIMIT};

pub(super) use cancel::call_off;
pub use claim::{ClaimedDelivery, ClaimedLetter, Quota};
pub use mark::Marks;
pub use overview::{Counts, Uncertain};
pub use plan::Planned;

/// What a process works on: an issue, or letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mailing {
    /// The deliveries of an issue; a delivery is known by its subscriber.
    Issue {
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
    },
    /// Letters, whatever they are.
    Letters,
}

/// What becomes of one delivery or letter. Times are milliseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The relay took it.
    Sent(String),
    /// It is tried again, no earlier than at this time; this counted as an attempt.
    Later(i64, String),
    /// It was not tried: it waits as before, until this time.
    PutBack(i64),
    /// It will never be taken.
    Failed(String),
    /// The relay may have it, and nobody knows.
    Uncertain(String),
    /// Its message cannot be made until somebody mends something.
    Held(String),
    /// There is nothing to send, for this reason.
    CalledOff(String),
}

/// How the process ended that had something claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// The program alone: the ledger knows all that it did.
    Crash,
    /// The whole machine: the ledger may have lost what followed the claims.
    PowerCut,
}

impl Mailing {
    fn table(&self) -> &'static str {
        match self {
            Mailing::Issue { .. } => "delivery",
            Mailing::Letters => "letter",
        }
    }

    fn key(&self) -> &'static str {
        match self {
            Mailing::Issue { .. } => "subscriber",
            Mailing::Letters => "id",
        }
    }

    /// The condition for all of its rows.
    fn condition(&self) -> &'static str {
        match self {
            Mailing::Issue { .. } => "digest = ? AND period = ?",
            Mailing::Letters => "1 = 1",
        }
    }

    fn bind<'q>(&'q self, query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        match self {
            Mailing::Issue { digest, period } => query.bind(digest).bind(period),
            Mailing::Letters => query,
        }
    }
}

impl Ledger {
    /// The processes that have something claimed or flying.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn claimers(&mut self) -> Result<Vec<String>, LedgerError> {
        let query = sqlx::query(
            "SELECT claimed_by FROM delivery WHERE claimed_by IS NOT NULL \
             UNION SELECT claimed_by FROM letter WHERE state IN ('claimed', 'flying')",
        )
        .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        rows.and_then(|rows| {
            let names = rows
                .iter()
                .map(|row| row.try_get::<Option<String>, _>("claimed_by"));
            let names: Vec<Option<String>> = names.collect::<Result<_, _>>()?;
            Ok(names.into_iter().flatten().collect())
        })
        .map_err(|error| self.failed(error))
    }

    /// Takes back what a dead process had claimed; what may have been sent becomes uncertain, or
    /// waits again where it is to be `resent`. Returns how many of that sort there were.
    ///
    /// # Errors
    /// When the database refuses; nothing is recorded then.
    pub fn recover_claims(
        &mut self,
        claimer: &str,
        death: Death,
        resend: bool,
        now: i64,
    ) -> Result<u64, LedgerError> {
        let doubtful = match death {
            Death::Crash => "state = 'flying'",
            Death::PowerCut => "state IN ('claimed', 'flying')",
        };
        let fate = match resend {
            true => "state = 'waiting', due = ?",
            false => "state = 'uncertain', settled = ?",
        };
        let why = match death {
            Death::Crash => "the program died while it was being sent",
            Death::PowerCut => "the machine went down while it was being sent",
        };
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            let mut count = 0;
            for table in ["delivery", "letter"] {
                let sql = format!(
                    "UPDATE {table} SET {fate}, claimed_by = NULL, reply = ? \
                     WHERE claimed_by = ? AND {doubtful}"
                );
                let query = sqlx::query(AssertSqlSafe(sql))
                    .bind(now)
                    .bind(why)
                    .bind(claimer);
                count += query.execute(&mut *transaction).await?.rows_affected();
                let sql = format!(
                    "UPDATE {table} SET state = 'waiting', claimed_by = NULL \
                     WHERE claimed_by = ? AND state = 'claimed'"
                );
                let query = sqlx::query(AssertSqlSafe(sql)).bind(claimer);
                query.execute(&mut *transaction).await?;
            }
            cancel::of_cancelled(&mut transaction, None, now).await?;
            transaction.commit().await?;
            Ok(count)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// Has what is held wait again, and what would wait for longer than `longest` from `now` come
    /// now: so far ahead only a clock that was wrong can have put it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn release_deliveries(
        &mut self,
        mailing: &Mailing,
        now: i64,
        longest: i64,
        held: bool,
    ) -> Result<(), LedgerError> {
        let mut conditions = vec!["state = 'waiting' AND due > ?"];
        if held {
            conditions.push("state = 'held' AND due <= ?");
        }
        let work = async {
            for condition in conditions {
                let sql = format!(
                    "UPDATE {} SET state = 'waiting', due = ? WHERE {} AND {condition}",
                    mailing.table(),
                    mailing.condition(),
                );
                let query = mailing.bind(sqlx::query(AssertSqlSafe(sql)).bind(now));
                let bound = match condition.starts_with("state = 'held'") {
                    true => i64::MAX,
                    false => now.saturating_add(longest),
                };
                query.bind(bound).execute(&mut self.connection).await?;
            }
            Ok(())
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// How many messages were sent on a day in UTC, as far as that was counted.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn messages_of_day(&mut self, day: &str) -> Result<u64, LedgerError> {
        let number = self
            .runtime
            .block_on(overview::of_day(&mut self.connection, day));
        number.map_err(|error| self.failed(error))
    }
}

/// The last one repeated until their number is a power of two: then only a few different
/// statements are ever made, and the database keeps them ready.
fn padded<T: Clone>(values: &[T]) -> Vec<T> {
    let mut padded = values.to_vec();
    if let Some(last) = values.last() {
        padded.resize(
            values.len().next_power_of_two().min(VALUES_LIMIT),
            last.clone(),
        );
    }
    padded
}

fn bind_all<'q>(
    mut query: Query<'q, Any, AnyArguments>,
    values: &[i64],
) -> Query<'q, Any, AnyArguments> {
    for value in values {
        query = query.bind(*value);
    }
    query
}
