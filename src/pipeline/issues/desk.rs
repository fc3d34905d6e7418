//! What people do with issues: edit, approve, skip, cancel and reopen them.
//!
//! Works on the ledger alone, so that it can be done while another process publishes; that one
//! sees it and follows.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::config::Digest;
use crate::digest::changes;
use crate::digest::edits::{Edit, EditError};
use crate::digest::gather;
use crate::digest::life::{self, SCHEDULE, State, Step};
use crate::ledger::{IssueError, IssueRecord, IssueStep, Ledger, LedgerError};

/// The most characters of a person's name.
const NAME_LENGTH: usize = 100;

/// Why something cannot be done with an issue.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The ledger refused.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The change itself is wrong.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// A name that nobody can have.
    #[error("'{0}' is no name of a person")]
    Name(String),
    /// The same person cannot approve twice.
    #[error("{who} has approved issue {period} of digest '{digest}' already")]
    Already {
        /// Who.
        who: String,
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
    },
    /// The issue has no such item.
    #[error("issue {period} of digest '{digest}' has no item '{item}'")]
    NoItem {
        /// What was asked for.
        item: String,
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: String,
    },
    /// Several items of the issue could be meant.
    #[error("'{item}' may be {}", .found.join(" or "))]
    Several {
        /// What was asked for.
        item: String,
        /// The ids.
        found: Vec<String>,
    },
}

impl From<LedgerError> for DeskError {
    fn from(error: LedgerError) -> DeskError {
        DeskError::Issue(error.into())
    }
}

impl DeskError {
    /// What to do about it, in one sentence.
    pub fn help(&self) -> String {
        match self {
            DeskError::Issue(IssueError::Ledger(_)) => "see whether the disk is full".to_owned(),
            DeskError::Issue(IssueError::Unknown { .. }) => {
                "see `tidings digest list` for the issues that there are".to_owned()
            }
            DeskError::Issue(IssueError::Conflict { .. }) => {
                "look at it again with `tidings digest show`, then repeat what you did".to_owned()
            }
            DeskError::Issue(IssueError::Forbidden { state, .. }) => match state {
                State::Draft => "approve it first: `tidings digest approve`".to_owned(),
                State::Approved => "take the approval back first: `tidings digest unapprove`, or \
                                    `tidings digest cancel`"
                    .to_owned(),
                State::Skipped | State::Cancelled => {
                    "make it a draft again: `tidings digest reopen`; what some subscribers have \
                     got already cannot be reopened"
                        .to_owned()
                }
                State::Sending | State::Paused | State::Sent => {
                    "its content stays as it is: write a correction into the items, which the next \
                     issue and the archive show; with `approval = \"one\"` a digest waits for you"
                        .to_owned()
                }
            },
            DeskError::Edit(EditError::TooLong { .. }) => "shorten it".to_owned(),
            DeskError::Edit(EditError::Empty(what)) => {
                format!("leave it out, or use --no-{what} for the one that is made")
            }
            DeskError::Edit(EditError::BeforeItself) => "name another item".to_owned(),
            DeskError::Edit(EditError::Dropped(_)) => "use --restore".to_owned(),
            DeskError::Name(_) => {
                format!("say who you are: --as \"Ana Kovač\"; '{SCHEDULE}' stands for the clock")
            }
            DeskError::Already { .. } => "another person must approve it too".to_owned(),
            DeskError::NoItem { .. } => {
                "see `tidings digest show` for its items; an item can be named by its id, its \
                 web address or the last part of that"
                    .to_owned()
            }
            DeskError::Several { .. } => "write the whole id".to_owned(),
        }
    }
}

/// A person's name as steps keep it: one line.
///
/// # Errors
/// When it is empty, too long, or stands for the clock.
pub fn person(name: &str) -> Result<String, DeskError> {
    let line = crate::digest::text::one_line(name);
    let is_name =
        !line.is_empty() && line.chars().count() <= NAME_LENGTH && line.to_lowercase() != SCHEDULE;
    match is_name {
        true => Ok(line),
        false => Err(DeskError::Name(name.to_owned())),
    }
}

/// The id of the item of an issue that `text` names: by its id, its web address, or the last
/// part of either.
///
/// # Errors
/// When none is meant, or several may be.
pub fn item(issue: &IssueRecord, text: &str) -> Result<String, DeskError> {
    let text = text.trim();
    let known = issue.items.iter().chain(issue.seen.keys());
    let known = known.chain(&issue.edits.dropped);
    let known: std::collections::BTreeSet<&String> = known.collect();
    if let Some(id) = known.iter().find(|id| ***id == text) {
        return Ok((*id).clone());
    }
    let is_last = |whole: &str| {
        let rest = whole
            .trim_end_matches('/')
            .strip_suffix(text.trim_matches('/'));
        rest.is_some_and(|rest| !text.is_empty() && (rest.is_empty() || rest.ends_with(['/', ':'])))
    };
    let found: Vec<String> = known
        .into_iter()
        .filter(|id| {
            let url = issue.seen.get(*id).map(|seen| seen.url.as_str());
            is_last(id) || url.is_some_and(is_last)
        })
        .cloned()
        .collect();
    match &found[..] {
        [only] => Ok(only.clone()),
        [] => Err(DeskError::NoItem {
            item: text.to_owned(),
            digest: issue.digest.clone(),
            period: issue.period.clone(),
        }),
        _ => Err(DeskError::Several {
            item: text.to_owned(),
            found,
        }),
    }
}

/// Whoever works on an issue of a digest, and when.
#[derive(Debug)]
pub struct Desk<'l> {
    /// Where issues are kept.
    pub ledger: &'l mut Ledger,
    /// The digest.
    pub digest: &'l Digest,
    /// The person's name.
    pub who: String,
    /// What time it is.
    pub now: DateTime<Utc>,
}

impl Desk<'_> {
    /// Changes a draft. An approved issue must be approved anew, unless approval is automatic.
    ///
    /// # Errors
    /// When an edit is wrong, the issue is past editing, or somebody else changed it since.
    pub fn edit(
        &mut self,
        mut issue: IssueRecord,
        edits: Vec<Edit>,
    ) -> Result<IssueRecord, DeskError> {
        let mut words: Vec<&str> = Vec::new();
        for edit in edits {
            let word = word(&edit);
            if !words.contains(&word) {
                words.push(word);
            }
            issue.edits.make(edit)?;
        }
        know_changes(&mut issue);
        self.take(&issue, Step::Edited, Some(words.join(", ")))
    }

    /// Approves an issue; where two people must, the first of them only endorses it. The person
    /// is taken to know what became of its items.
    ///
    /// # Errors
    /// When it is no draft, the same person approved it before, or somebody else changed it since.
    pub fn approve(
        &mut self,
        mut issue: IssueRecord,
        why: Option<String>,
    ) -> Result<IssueRecord, DeskError> {
        let steps = self.ledger.issue_steps(&issue.digest, &issue.period)?;
        let steps = steps.iter().map(|step| (step.step, step.who.as_str()));
        let approvers = life::approvers(steps);
        let step = match issue.state {
            State::Draft => life::approve(&approvers, &self.who, self.digest.approval),
            _ => Some(Step::Approved),
        };
        let Some(step) = step else {
            return Err(DeskError::Already {
                who: self.who.clone(),
                digest: issue.digest,
                period: issue.period,
            });
        };
        know_changes(&mut issue);
        self.take(&issue, step, why)
    }

    /// Takes the approval back.
    ///
    /// # Errors
    /// When it is not approved, or somebody else changed it since.
    pub fn unapprove(
        &mut self,
        issue: &IssueRecord,
        why: Option<String>,
    ) -> Result<IssueRecord, DeskError> {
        self.take(issue, Step::Unapproved, why)
    }

    /// Leaves the issue out; its items go into the next one.
    ///
    /// # Errors
    /// When it is neither draft nor approved, or somebody else changed it since.
    pub fn skip(
        &mut self,
        issue: &IssueRecord,
        why: Option<String>,
    ) -> Result<IssueRecord, DeskError> {
        self.take(issue, Step::Skipped, why)
    }

    /// Calls the issue off, and all deliveries that were not made yet. Its items are spent.
    ///
    /// # Errors
    /// When it is over, or somebody else changed it since.
    pub fn cancel(
        &mut self,
        issue: &IssueRecord,
        why: Option<String>,
    ) -> Result<IssueRecord, DeskError> {
        if !issue.begun {
            return self.take(issue, Step::Cancelled, why);
        }
        let step = self.step(Step::Cancelled, why);
        Ok(self.ledger.move_issue(&issue.digest, &issue.period, step)?)
    }

    /// Makes a skipped or cancelled issue a draft again, without the items that another issue has
    /// taken since.
    ///
    /// # Errors
    /// When it is neither, some subscribers have got it, or somebody else changed it since.
    pub fn reopen(
        &mut self,
        mut issue: IssueRecord,
        why: Option<String>,
    ) -> Result<IssueRecord, DeskError> {
        let all = self.ledger.issues()?;
        let is_other =
            |other: &&IssueRecord| other.digest == issue.digest && other.period != issue.period;
        let others: Vec<&IssueRecord> = all.iter().filter(is_other).collect();
        gather::leave_to_others(&mut issue, &others);
        self.take(&issue, Step::Reopened, why)
    }

    fn take(
        &mut self,
        issue: &IssueRecord,
        step: Step,
        why: Option<String>,
    ) -> Result<IssueRecord, DeskError> {
        let step = self.step(step, why);
        Ok(self.ledger.take_step(issue, step, self.digest.approval)?)
    }

    fn step(&self, step: Step, why: Option<String>) -> IssueStep {
        IssueStep {
            at: self.now.timestamp_millis(),
            who: self.who.clone(),
            step,
            why,
        }
    }
}

/// Takes what became of items as known.
fn know_changes(issue: &mut IssueRecord) {
    let changes = std::mem::take(&mut issue.changes);
    changes::acknowledge(&mut issue.seen, changes);
}

/// What an edit is about, for the list of steps.
fn word(edit: &Edit) -> &'static str {
    match edit {
        Edit::Subject(_) => "subject",
        Edit::Preheader(_) => "preheader",
        Edit::Introduction(_) => "introduction",
        Edit::Headline(_) => "headline",
        Edit::Pin(_) | Edit::Unpin(_) => "pinned items",
        Edit::Move(_) => "order",
        Edit::Drop(_) | Edit::Restore(_) => "dropped items",
    }
}

#[cfg(test)]
mod tests;
