//! Changes of issues, each with the step that it leaves behind.

use std::collections::HashSet;

use sqlx::{AnyConnection, Connection};

use super::rows::{find, note, parse, write};
use super::{IssueError, IssueRecord, IssueStep};
use crate::config::Approval;
use crate::digest::life::{State, Step};
use crate::ledger::Ledger;
use crate::ledger::deliveries::call_off;

impl Ledger {
    /// Records what `issue` holds now and that `step` was taken with it, which decides its state.
    /// Deliveries of an issue that does not go out are called off with it. Returns the issue as
    /// it is recorded.
    ///
    /// # Errors
    /// When the step cannot be taken from the state that the issue has, somebody else changed it
    /// since it was read or took one of its items into another issue, or the database refuses;
    /// nothing is recorded then.
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
        self.record_step(issue, state, &step, None)
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
        let step = IssueStep {
            at: now,
            who: who.to_owned(),
            step: Step::Sending,
            why: None,
        };
        self.record_step(issue, State::Sending, &step, Some(frozen))
    }

    /// Records an issue in its next state, with the step that led there and what it freezes.
    fn record_step(
        &mut self,
        issue: &IssueRecord,
        state: State,
        step: &IssueStep,
        frozen: Option<&str>,
    ) -> Result<IssueRecord, IssueError> {
        let next = IssueRecord {
            state,
            version: issue.version + 1,
            begun: issue.begun || frozen.is_some(),
            ..issue.clone()
        };
        let takes_items = matches!(step.step, Step::Drafted | Step::Reopened);
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            if takes_items && others_hold_items_of(&mut transaction, &next).await? {
                return Ok(false);
            }
            if !write(&mut transaction, &next, issue.version).await? {
                return Ok(false);
            }
            if let Some(frozen) = frozen {
                sqlx::query("UPDATE issue SET frozen = $1 WHERE digest = $2 AND period = $3")
                    .bind(frozen)
                    .bind(&next.digest)
                    .bind(&next.period)
                    .execute(&mut *transaction)
                    .await?;
            }
            note(&mut transaction, &next, step).await?;
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
}

/// Whether another issue of the digest holds an item of this one: somebody made or reopened it
/// since this one's items were chosen.
async fn others_hold_items_of(
    connection: &mut AnyConnection,
    issue: &IssueRecord,
) -> Result<bool, sqlx::Error> {
    let own: HashSet<&str> = issue.holdings().collect();
    let rows = sqlx::query(
        "SELECT items, pool FROM issue WHERE digest = $1 AND period <> $2 AND state <> $3",
    )
    .bind(&issue.digest)
    .bind(&issue.period)
    .bind(State::Skipped.name())
    .fetch_all(connection)
    .await?;
    for row in &rows {
        for column in ["items", "pool"] {
            let held: Vec<String> = parse(row, column)?;
            if held.iter().any(|id| own.contains(id.as_str())) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
