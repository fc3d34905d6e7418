//! What a process records of what it has in hand: that it flies, and what became of it.
//!
//! Only of what it has in hand: what another process has taken over, or what is called by another
//! name since its digest was renamed, is neither sent nor settled by mistake.

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::super::{Ledger, LedgerError, VALUES_LIMIT, rows};
use super::{Mailing, Settlement, bind_all, cancel, padded};

/// What is recorded at one go.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks<'a> {
    /// The relay may have these any moment.
    pub flying: &'a [i64],
    /// What became of others, each once.
    pub settled: &'a [(i64, Settlement)],
    /// The day in UTC that what was sent counts for: `2024-11-25`; `None`: it is not counted.
    pub day: Option<&'a str>,
    /// In milliseconds since 1970 UTC.
    pub now: i64,
}

impl Ledger {
    /// Records what became of deliveries or letters that `claimer` has in hand: all of it, or
    /// nothing. Settlements hold even where the digest has got another slug meanwhile.
    ///
    /// # Errors
    /// When something that is to fly is not in its hand, which must not be sent then, or the
    /// database refuses; nothing is recorded then.
    pub fn mark_deliveries(
        &mut self,
        mailing: &Mailing,
        claimer: &str,
        marks: &Marks<'_>,
    ) -> Result<(), LedgerError> {
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            // In this order: what was sent on a connection comes before what follows on it.
            let mut mailing = mailing.clone();
            let settled = settle_all(&mut transaction, &mailing, claimer, marks).await?;
            if settled < marks.settled.len()
                && let Some(renamed) = renamed(&mut transaction, &mailing, claimer).await?
            {
                mailing = renamed;
                settle_all(&mut transaction, &mailing, claimer, marks).await?;
            }
            let is_waiting_again = marks.settled.iter().any(|(_, settlement)| {
                use Settlement::{Held, Later, PutBack};
                matches!(settlement, Later(..) | PutBack(_) | Held(_))
            });
            if is_waiting_again && mailing != Mailing::Letters {
                cancel::of_cancelled(&mut transaction, Some(&mailing), marks.now).await?;
            }
            let mut flown = 0;
            for chunk in marks.flying.chunks(VALUES_LIMIT) {
                flown += fly(&mut transaction, &mailing, claimer, chunk).await?;
            }
            if flown < marks.flying.len() {
                return Ok(Err(marks.flying.len() - flown));
            }
            transaction.commit().await?;
            Ok(Ok(()))
        };
        match self.runtime.block_on(work) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(count)) => Err(LedgerError::NotInHand(count)),
            Err(error) => Err(self.failed(error)),
        }
    }
}

/// Records what became of those that are in hand under this name. Returns how many.
async fn settle_all(
    connection: &mut AnyConnection,
    mailing: &Mailing,
    claimer: &str,
    marks: &Marks<'_>,
) -> Result<usize, sqlx::Error> {
    let mut number = 0;
    let mut sent: Vec<(i64, &str)> = Vec::new();
    for (key, settlement) in marks.settled {
        match settlement {
            Settlement::Sent(reply) => sent.push((*key, reply)),
            other => number += settle(connection, mailing, claimer, *key, other, marks.now).await?,
        }
    }
    let mut taken = 0;
    for chunk in sent.chunks(VALUES_LIMIT / 4) {
        taken += settle_sent(connection, mailing, claimer, chunk, marks.now).await?;
    }
    if let (Some(day), true) = (marks.day, taken > 0) {
        sqlx::query(
            "INSERT INTO mail_day (day, messages) VALUES (?, ?) ON CONFLICT (day) \
             DO UPDATE SET messages = mail_day.messages + excluded.messages",
        )
        .bind(day)
        .bind(i64::try_from(taken).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    }
    Ok(number + taken)
}

/// What the mailing is called by now of which `claimer` has something in hand, where its digest
/// has got another slug. A claimer works on one mailing.
async fn renamed(
    connection: &mut AnyConnection,
    mailing: &Mailing,
    claimer: &str,
) -> Result<Option<Mailing>, sqlx::Error> {
    let Mailing::Issue { period, .. } = mailing else {
        return Ok(None);
    };
    let row =
        sqlx::query("SELECT digest FROM delivery WHERE claimed_by = ? AND period = ? LIMIT 1")
            .bind(claimer)
            .bind(period)
            .fetch_optional(connection)
            .await?;
    row.map(|row| {
        Ok(Mailing::Issue {
            digest: row.try_get("digest")?,
            period: period.clone(),
        })
    })
    .transpose()
}

/// Marks what is in hand as flying. Returns how many there were.
async fn fly(
    connection: &mut AnyConnection,
    mailing: &Mailing,
    claimer: &str,
    flying: &[i64],
) -> Result<usize, sqlx::Error> {
    let keys = padded(flying);
    let sql = format!(
        "UPDATE {} SET state = 'flying' WHERE {} AND {} IN {} AND claimed_by = ? \
         AND state IN ('claimed', 'flying')",
        mailing.table(),
        mailing.condition(),
        mailing.key(),
        rows(1, keys.len())
    );
    let query = bind_all(mailing.bind(sqlx::query(AssertSqlSafe(sql))), &keys);
    count(query.bind(claimer).execute(connection).await?)
}

/// All that the relay took. One statement, however many there are: this is done for every message.
async fn settle_sent(
    connection: &mut AnyConnection,
    mailing: &Mailing,
    claimer: &str,
    sent: &[(i64, &str)],
    now: i64,
) -> Result<usize, sqlx::Error> {
    let sent = padded(sent);
    let sql = format!(
        "UPDATE {} SET state = 'sent', attempts = attempts + 1, claimed_by = NULL, settled = ?, \
         reply = CASE {} {} END WHERE {} AND {} IN {} AND claimed_by = ?",
        mailing.table(),
        mailing.key(),
        "WHEN ? THEN ? ".repeat(sent.len()),
        mailing.condition(),
        mailing.key(),
        rows(1, sent.len())
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(now);
    for (key, reply) in &sent {
        query = query.bind(*key).bind((*reply).to_owned());
    }
    let mut query = mailing.bind(query);
    for (key, _) in &sent {
        query = query.bind(*key);
    }
    count(query.bind(claimer).execute(connection).await?)
}

async fn settle(
    connection: &mut AnyConnection,
    mailing: &Mailing,
    claimer: &str,
    key: i64,
    settlement: &Settlement,
    now: i64,
) -> Result<usize, sqlx::Error> {
    // Set: state, whether it was an attempt, when it is due or was settled, what was said.
    let (state, attempt, time, reply) = match settlement {
        Settlement::Sent(reply) => ("sent", 1, ("settled", now), Some(reply)),
        Settlement::Later(due, reply) => ("waiting", 1, ("due", *due), Some(reply)),
        Settlement::PutBack(due) => ("waiting", 0, ("due", *due), None),
        Settlement::Failed(reply) => ("failed", 1, ("settled", now), Some(reply)),
        Settlement::Uncertain(reply) => ("uncertain", 1, ("settled", now), Some(reply)),
        Settlement::CalledOff(reply) => ("cancelled", 0, ("settled", now), Some(reply)),
        // Letters know no such state: they fail.
        Settlement::Held(reply) if *mailing == Mailing::Letters => {
            ("failed", 0, ("settled", now), Some(reply))
        }
        Settlement::Held(reply) => ("held", 0, ("due", now), Some(reply)),
    };
    let sql = format!(
        "UPDATE {} SET state = ?, attempts = attempts + ?, {} = ?, claimed_by = NULL, \
         reply = COALESCE(?, reply) WHERE {} AND {} = ? AND claimed_by = ?",
        mailing.table(),
        time.0,
        mailing.condition(),
        mailing.key()
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(state)
        .bind(attempt)
        .bind(time.1)
        .bind(reply);
    let query = mailing.bind(query).bind(key).bind(claimer);
    count(query.execute(connection).await?)
}

fn count(done: sqlx::any::AnyQueryResult) -> Result<usize, sqlx::Error> {
    usize::try_from(done.rows_affected()).map_err(|error| sqlx::Error::Decode(error.into()))
}
