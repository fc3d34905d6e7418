//! Issues of digests: where each stands, who did what with it, and what it holds.
//!
//! Every change of an issue is one transaction, is refused when somebody else changed the issue
//! since it was read, and leaves a step behind that says who made it.

mod progress;
mod rows;
mod steps;

use std::collections::BTreeMap;

use sqlx::Row;
use thiserror::Error;

use self::rows::{find, record, select, step};
use super::{Ledger, LedgerError};
use crate::digest::changes::{Change, Seen};
use crate::digest::edits::Edits;
use crate::digest::life::{State, Step};

pub use progress::DigestProgress;

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

    /// The ids of all items that no other issue can have while it holds them, some of them twice.
    pub fn holdings(&self) -> impl Iterator<Item = &str> {
        self.pool.iter().chain(&self.items).map(String::as_str)
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
}

#[cfg(test)]
mod tests;
