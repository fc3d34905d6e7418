//! What a newsroom has to send: letters, and the issues that are being sent.
//!
//! Brings the ledger, the frozen issue and the [`Sender`] together, and takes the step that
//! follows from how a run ended.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::seal;
use super::sender::{End, IssueStock, Patience, Run, SendError, Sender, Stock, Stop, Watcher};
use crate::diagnostic::Problem;
use crate::digest::frozen::{self, FrozenError};
use crate::digest::life::{SCHEDULE, State, Step};
use crate::digest::period::Span;
use crate::entry::from_milliseconds;
use crate::ledger::deliveries::Mailing;
use crate::ledger::{IssueError, IssueRecord, IssueStep, Ledger, LedgerError};
use crate::setup::Setup;

/// Everything that sending needs.
pub struct Outbox {
    setup: Arc<Setup>,
    sender: Sender,
}

/// Why something could not be sent. Everything that was not sent waits.
#[derive(Debug, Error)]
pub enum OutboxError {
    /// Relay or ledger failed.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The issue cannot be changed.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// What was frozen cannot be read.
    #[error(transparent)]
    Frozen(#[from] FrozenError),
    /// The configuration does not have the digest any more, or its period has another form.
    #[error(
        "issue {period} of digest '{digest}' is being sent, and feeds.toml has no such digest any \
         more; bring it back, or call the issue off with `tidings send cancel {digest} {period}`"
    )]
    NoDigest {
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
    },
}

impl Outbox {
    /// For the newsroom of `setup`; `variable` is the value of
    /// [`RELAY_VARIABLE`](crate::config::mail::RELAY_VARIABLE).
    ///
    /// # Errors
    /// When no relay is known, the ledger cannot be opened or a DKIM key cannot be read.
    pub fn open(
        setup: Arc<Setup>,
        variable: Option<&str>,
        stop: Stop,
    ) -> Result<Outbox, Vec<Problem>> {
        let refused = |error: LedgerError| vec![Problem::error(error.to_string())];
        let key = open_ledger(&setup)
            .and_then(|mut ledger| ledger.signing_key())
            .map_err(refused)?;
        let seal = Arc::new(seal::load(&setup, key)?);
        let sender = Sender::new(Arc::clone(&setup), seal, variable, stop)
            .map_err(|problem| vec![problem])?;
        Ok(Outbox { setup, sender })
    }

    /// Sends the letters that are due.
    ///
    /// # Errors
    /// When relay or ledger fail.
    pub fn send_letters(
        &self,
        patience: Patience,
        watcher: &mut dyn Watcher,
    ) -> Result<Run, OutboxError> {
        let ledger = open_ledger(&self.setup)?;
        let run = self
            .sender
            .run(ledger, &Mailing::Letters, Stock::Letters, patience, watcher)?;
        Ok(run)
    }

    /// Sends an issue that is being sent, and records when it has been, or that it is paused.
    ///
    /// # Errors
    /// When relay or ledger fail, or what was frozen cannot be used.
    pub fn send_issue(
        &self,
        issue: &IssueRecord,
        patience: Patience,
        watcher: &mut dyn Watcher,
    ) -> Result<Run, OutboxError> {
        let mut ledger = open_ledger(&self.setup)?;
        let stock = self.stock(&mut ledger, issue)?;
        let mailing = mailing(issue);
        let run = self.sender.run(
            ledger,
            &mailing,
            Stock::Issue(Box::new(stock)),
            patience,
            watcher,
        )?;
        let step = match &run.end {
            End::Done => Some((Step::Sent, None)),
            End::TooManyFailures(why) => Some((Step::Paused, Some(why.clone()))),
            End::Waits(_) | End::Held(_) | End::Withdrawn | End::Stopped => None,
        };
        if let Some((step, why)) = step {
            let step = IssueStep {
                at: Utc::now().timestamp_millis(),
                who: SCHEDULE.to_owned(),
                step,
                why,
            };
            let moved = open_ledger(&self.setup)?.move_issue(&issue.digest, &issue.period, step);
            match moved {
                // Another process that sent it too was quicker, somebody cancelled it, or its
                // digest has got another slug.
                Ok(_) | Err(IssueError::Forbidden { .. } | IssueError::Unknown { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(run)
    }

    fn stock(&self, ledger: &mut Ledger, issue: &IssueRecord) -> Result<IssueStock, OutboxError> {
        let config = &self.setup.config;
        let none = || OutboxError::NoDigest {
            digest: issue.digest.clone(),
            period: issue.period.clone(),
        };
        let mut digests = config.digests.iter();
        let digest = digests
            .find(|digest| digest.slug == issue.digest)
            .ok_or_else(none)?;
        let due = from_milliseconds(issue.due);
        let span = Span::labelled(&issue.period, digest.timezone).ok_or_else(none)?;
        let json = ledger
            .frozen(&issue.digest, &issue.period)?
            .ok_or_else(none)?;
        let steps = ledger.issue_steps(&issue.digest, &issue.period)?;
        let begun = steps.iter().find(|step| step.step == Step::Sending);
        let sent_as = ledger.sent_as(&issue.digest, &issue.period)?;
        let thawed = frozen::thaw(&json, digest, &config.taxonomy, &config.site, &span)?;
        Ok(IssueStock::new(
            digest.clone(),
            thawed.issue,
            thawed.pool,
            sent_as,
            issue.due,
            begun.map_or(due, |step| from_milliseconds(step.at)),
        ))
    }
}

/// The ledger of a newsroom.
///
/// # Errors
/// When it cannot be opened.
pub fn open_ledger(setup: &Setup) -> Result<Ledger, LedgerError> {
    Ledger::open(&setup.root.join(&setup.config.ledger.file))
}

/// The deliveries of an issue.
pub fn mailing(issue: &IssueRecord) -> Mailing {
    Mailing::Issue {
        digest: issue.digest.clone(),
        period: issue.period.clone(),
    }
}

/// The issues that are being sent, those due first first.
///
/// # Errors
/// When the database refuses.
pub fn being_sent(ledger: &mut Ledger) -> Result<Vec<IssueRecord>, LedgerError> {
    let mut issues = ledger.issues()?;
    issues.retain(|issue| issue.state == State::Sending);
    issues.sort_by_key(|issue| issue.due);
    Ok(issues)
}

/// The issues that were sent and of which something is to be sent again: somebody decided so.
///
/// # Errors
/// When the database refuses.
pub fn to_be_sent_again(ledger: &mut Ledger) -> Result<Vec<IssueRecord>, LedgerError> {
    let mut again = Vec::new();
    for issue in ledger.issues()? {
        if issue.state == State::Sent && ledger.next_delivery(&mailing(&issue))?.is_some() {
            again.push(issue);
        }
    }
    Ok(again)
}

/// Whether a letter is due at `now`.
///
/// # Errors
/// When the database refuses.
pub fn has_letters(ledger: &mut Ledger, now: DateTime<Utc>) -> Result<bool, LedgerError> {
    let next = ledger.next_delivery(&Mailing::Letters)?;
    Ok(next.is_some_and(|due| due <= now.timestamp_millis()))
}
