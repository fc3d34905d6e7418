//! Issues of digests: where each stands, who did what with it, and what it holds.
//!
//! Every change of an issue is one transaction, is refused when somebody else changed the issue
//! since it was read, and leaves a step behind that says who made it.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection, Row};
use thiserror::Error;

use super::deliveries::call_off;
use super::{Ledger, LedgerError};
use crate::config::Approval;
use crate::digest::changes::{Change, Seen};
use crate::digest::edits::Edits;
use crate::digest::life::{State, Step};

/// An issue of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueRecord {
    /// The digest's slug.
    pub digest: String,
    /// The period's label: `2024-W47`.
    pub period: String,
    /// When it was due, in milliseconds since 1970 UTC.
    pub due: i64,
    /// When its draft was made, in milliseconds since 1970 UTC; `None`: before issues had drafts.
    pub made: Option<i64>,
    /// Where it stands.
    pub state: State,
    /// Grows with every change; 0 until it is recorded.
    pub version: i64,
    /// Whether sending it has begun at some time, so that its content is frozen.
    pub begun: bool,
    /// The ids of the items that the digest selects, in any order; what an editor dropped stands
    /// in the edits.
    pub items: Vec<String>,
    /// The ids of all items that are new since the last issue, those that the digest selects
    /// included: what subscribers' own selections choose from.
    pub pool: Vec<String>,
    /// What people changed.
    pub edits: Edits,
    /// The items as they stood when somebody last looked at them.
    pub seen: BTreeMap<String, Seen>,
    /// What became of items since.
    pub changes: Vec<Change>,
}

/// Something that was done with an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueStep {
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// A person's name, or [`crate::digest::life::SCHEDULE`].
    pub who: String,
    /// What.
    pub step: Step,
    /// Why, or what of it.
    pub why: Option<String>,
}

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

/// Why an issue could not be changed.
#[derive(Debug, Error)]
pub enum IssueError {
    /// The database refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is no such issue.
    #[error("there is no issue {period} of digest '{digest}'")]
    Unknown {
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
    },
    /// Its state does not allow that.
    #[error("issue {period} of digest '{digest}' is {state}: it cannot be {step}")]
    Forbidden {
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
        /// Where it stands.
        state: State,
        /// What was to be done.
        step: Step,
    },
    /// Somebody else changed it since it was read; nothing was done.
    #[error("issue {period} of digest '{digest}' was changed by somebody else in the meantime")]
    Conflict {
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
    },
}

impl IssueRecord {
    /// A draft that is not recorded yet.
    pub fn draft(digest: &str, period: &str, due: i64, made: i64) -> IssueRecord {
        IssueRecord {
            digest: digest.to_owned(),
            period: period.to_owned(),
            due,
            made: Some(made),
            state: State::Draft,
            version: 0,
            begun: false,
            items: Vec::new(),
            pool: Vec::new(),
            edits: Edits::default(),
            seen: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    /// Whether it was made so late after it was due that it does not go out unasked.
    pub fn is_stale(&self, stale_after: std::time::Duration) -> bool {
        self.made
            .is_some_and(|made| self.is_late(made, stale_after))
    }

    /// Whether `now`, in milliseconds since 1970 UTC, it is so late that it does not go out unasked.
    pub fn is_late(&self, now: i64, stale_after: std::time::Duration) -> bool {
        let late = now.saturating_sub(self.due);
        u128::try_from(late).is_ok_and(|late| late > stale_after.as_millis())
    }

    fn forbidden(&self, step: Step) -> IssueError {
        IssueError::Forbidden {
            digest: self.digest.clone(),
            period: self.period.clone(),
            state: self.state,
            step,
        }
    }

    fn conflict(&self) -> IssueError {
        IssueError::Conflict {
            digest: self.digest.clone(),
            period: self.period.clone(),
        }
    }
}

const SELECT: &str = "SELECT digest, period, due, made, state, version, items, pool, edits, seen, \
                      changes, CASE WHEN frozen IS NULL THEN 0 ELSE 1 END AS begun FROM issue";

impl Ledger {
    /// All issues, by digest, due moment and period.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn issues(&mut self) -> Result<Vec<IssueRecord>, LedgerError> {
        let sql = select(" ORDER BY digest, due, period");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        rows.and_then(|rows| rows.iter().map(record).collect())
            .map_err(|error| self.failed(error))
    }

    /// One issue.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn issue(
        &mut self,
        digest: &str,
        period: &str,
    ) -> Result<Option<IssueRecord>, LedgerError> {
        let work = find(&mut self.connection, digest, period);
        let found = self.runtime.block_on(work);
        found.map_err(|error| self.failed(error))
    }

    /// A number that is another one after every change of any issue.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn issues_version(&mut self) -> Result<i64, LedgerError> {
        let query =
            sqlx::query("SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) AS version FROM issue")
                .fetch_one(&mut self.connection);
        let row = self.runtime.block_on(query);
        row.and_then(|row| row.try_get("version"))
            .map_err(|error| self.failed(error))
    }

    /// What was done with an issue, in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn issue_steps(
        &mut self,
        digest: &str,
        period: &str,
    ) -> Result<Vec<IssueStep>, LedgerError> {
        let query = sqlx::query(
            "SELECT at, who, step, why FROM issue_step WHERE digest = $1 AND period = $2 \
             ORDER BY number",
        )
        .bind(digest)
        .bind(period)
        .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        rows.and_then(|rows| rows.iter().map(step).collect())
            .map_err(|error| self.failed(error))
    }

    /// Records what `issue` holds now and that `step` was taken with it, which decides its state.
    /// Deliveries of an issue that does not go out are called off with it. Returns the issue as
    /// it is recorded.
    ///
    /// # Errors
    /// When the step cannot be taken from the state that the issue has, somebody else changed it
    /// since it was read, or the database refuses; nothing is recorded then.
    pub fn take_step(
        &mut self,
        issue: &IssueRecord,
        step: IssueStep,
        approval: Approval,
    ) -> Result<IssueRecord, IssueError> {
        let before = (issue.version > 0).then_some(issue.state);
        let state = step
            .step
            .from(before, approval)
            .filter(|state| !issue.begun || !state.is_open())
            .filter(|_| !issue.begun || step.step != Step::Drafted)
            .ok_or_else(|| issue.forbidden(step.step))?;
        let next = IssueRecord {
            state,
            version: issue.version + 1,
            ..issue.clone()
        };
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            if !write(&mut transaction, &next, issue.version).await? {
                return Ok(false);
            }
            note(&mut transaction, &next, &step).await?;
            call_off(&mut transaction, &next, step.at).await?;
            transaction.commit().await?;
            Ok(true)
        };
        match self.runtime.block_on(work) {
            Ok(true) => Ok(next),
            Ok(false) => Err(issue.conflict()),
            Err(error) => Err(self.failed(error).into()),
        }
    }

    /// Freezes an approved issue and begins to send it: from now on its content stays.
    ///
    /// # Errors
    /// When it is not approved, is not the version that was frozen, or the database refuses.
    pub fn begin_sending(
        &mut self,
        issue: &IssueRecord,
        frozen: &str,
        who: &str,
        now: i64,
    ) -> Result<IssueRecord, IssueError> {
        if issue.state != State::Approved {
            return Err(issue.forbidden(Step::Sending));
        }
        let next = IssueRecord {
            state: State::Sending,
            version: issue.version + 1,
            begun: true,
            ..issue.clone()
        };
        let step = IssueStep {
            at: now,
            who: who.to_owned(),
            step: Step::Sending,
            why: None,
        };
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            if !write(&mut transaction, &next, issue.version).await? {
                return Ok(false);
            }
            sqlx::query("UPDATE issue SET frozen = $1 WHERE digest = $2 AND period = $3")
                .bind(frozen)
                .bind(&next.digest)
                .bind(&next.period)
                .execute(&mut *transaction)
                .await?;
            note(&mut transaction, &next, &step).await?;
            transaction.commit().await?;
            Ok(true)
        };
        match self.runtime.block_on(work) {
            Ok(true) => Ok(next),
            Ok(false) => Err(issue.conflict()),
            Err(error) => Err(self.failed(error).into()),
        }
    }

    /// Takes a step that changes nothing but the state of an issue, whatever its version: pausing,
    /// resuming, ending a send, and cancelling, which calls its deliveries off.
    ///
    /// # Errors
    /// When there is no such issue, it is in a state that does not allow the step, or the
    /// database refuses.
    pub fn move_issue(
        &mut self,
        digest: &str,
        period: &str,
        step: IssueStep,
    ) -> Result<IssueRecord, IssueError> {
        enum Refused {
            Unknown,
            Forbidden(Box<IssueRecord>),
        }
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            let Some(issue) = find(&mut transaction, digest, period).await? else {
                return Ok(Err(Refused::Unknown));
            };
            let state = step.step.from(Some(issue.state), Approval::One);
            // Some have it already: there is no way back.
            let Some(state) = state.filter(|state| !issue.begun || !state.is_open()) else {
                return Ok(Err(Refused::Forbidden(Box::new(issue))));
            };
            let next = IssueRecord {
                state,
                version: issue.version + 1,
                ..issue
            };
            write(&mut transaction, &next, next.version - 1).await?;
            note(&mut transaction, &next, &step).await?;
            call_off(&mut transaction, &next, step.at).await?;
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(Ok(next))
        };
        match self.runtime.block_on(work) {
            Ok(Ok(issue)) => Ok(issue),
            Ok(Err(Refused::Unknown)) => Err(IssueError::Unknown {
                digest: digest.to_owned(),
                period: period.to_owned(),
            }),
            Ok(Err(Refused::Forbidden(issue))) => Err(issue.forbidden(step.step)),
            Err(error) => Err(self.failed(error).into()),
        }
    }

    /// What was frozen when sending the issue began; `None` where it was not.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn frozen(&mut self, digest: &str, period: &str) -> Result<Option<String>, LedgerError> {
        let query = sqlx::query("SELECT frozen FROM issue WHERE digest = $1 AND period = $2")
            .bind(digest)
            .bind(period)
            .fetch_optional(&mut self.connection);
        let row = self.runtime.block_on(query);
        row.and_then(|row| match row {
            Some(row) => row.try_get("frozen"),
            None => Ok(None),
        })
        .map_err(|error| self.failed(error))
    }

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

fn select(order: &str) -> String {
    format!("{SELECT}{order}")
}

async fn find(
    connection: &mut AnyConnection,
    digest: &str,
    period: &str,
) -> Result<Option<IssueRecord>, sqlx::Error> {
    let sql = select(" WHERE digest = $1 AND period = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(digest)
        .bind(period)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(record).transpose()
}

/// Writes an issue over the version `before` of it, 0 for none; whether that was the version that
/// is there.
async fn write(
    connection: &mut AnyConnection,
    issue: &IssueRecord,
    before: i64,
) -> Result<bool, sqlx::Error> {
    let sql = if before == 0 {
        "INSERT INTO issue (due, made, state, version, items, pool, edits, seen, changes, digest, \
         period) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (digest, period) DO NOTHING"
    } else {
        "UPDATE issue SET due = $1, made = $2, state = $3, version = $4, items = $5, pool = $6, \
         edits = $7, seen = $8, changes = $9 WHERE digest = $10 AND period = $11 AND version = $12"
    };
    let mut query = sqlx::query(sql)
        .bind(issue.due)
        .bind(issue.made)
        .bind(issue.state.name())
        .bind(issue.version)
        .bind(json(&issue.items)?)
        .bind(json(&issue.pool)?)
        .bind(json(&issue.edits)?)
        .bind(json(&issue.seen)?)
        .bind(json(&issue.changes)?)
        .bind(&issue.digest)
        .bind(&issue.period);
    if before != 0 {
        query = query.bind(before);
    }
    let done = query.execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

async fn note(
    connection: &mut AnyConnection,
    issue: &IssueRecord,
    step: &IssueStep,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO issue_step (digest, period, number, at, who, step, why) \
         SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, $5, $6 FROM issue_step \
         WHERE digest = $7 AND period = $8",
    )
    .bind(&issue.digest)
    .bind(&issue.period)
    .bind(step.at)
    .bind(&step.who)
    .bind(step.step.name())
    .bind(&step.why)
    .bind(&issue.digest)
    .bind(&issue.period)
    .execute(connection)
    .await
    .map(drop)
}

fn record(row: &AnyRow) -> Result<IssueRecord, sqlx::Error> {
    let state: String = row.try_get("state")?;
    Ok(IssueRecord {
        digest: row.try_get("digest")?,
        period: row.try_get("period")?,
        due: row.try_get("due")?,
        made: row.try_get("made")?,
        state: State::named(&state).ok_or_else(|| unknown("state", &state))?,
        version: row.try_get("version")?,
        begun: row.try_get::<i64, _>("begun")? != 0,
        items: parse(row, "items")?,
        pool: parse(row, "pool")?,
        edits: parse(row, "edits")?,
        seen: parse(row, "seen")?,
        changes: parse(row, "changes")?,
    })
}

fn step(row: &AnyRow) -> Result<IssueStep, sqlx::Error> {
    let step: String = row.try_get("step")?;
    Ok(IssueStep {
        at: row.try_get("at")?,
        who: row.try_get("who")?,
        step: Step::named(&step).ok_or_else(|| unknown("step", &step))?,
        why: row.try_get("why")?,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn parse<T: serde::de::DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T, sqlx::Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn unknown(what: &str, name: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("an issue has the unknown {what} '{name}'").into())
}

#[cfg(test)]
mod tests;
