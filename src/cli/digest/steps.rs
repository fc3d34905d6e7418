//! `tidings digest approve`, `unapprove`, `skip`, `cancel` and `reopen`.

use std::path::Path;

use chrono::Utc;
use clap::Args;
use tidings::digest::life::State;
use tidings::ledger::IssueRecord;
use tidings::pipeline::issues::desk::{Desk, DeskError};

use super::{Failure, Outcome, Which, Who, digest, issue, open_ledger, refused};
use crate::cli::{print, setup};

/// Which issue, by whom and why.
#[derive(Args)]
struct Act {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    who: Who,
    /// Why, as the steps of the issue keep it
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Act {
    fn run(
        &self,
        directory: &Path,
        fits: fn(&IssueRecord) -> bool,
        act: fn(&mut Desk<'_>, IssueRecord, Option<String>) -> Result<IssueRecord, DeskError>,
    ) -> Result<Outcome, Failure> {
        let who = self.who.name()?;
        let setup = setup(directory)?;
        let (_, digest) = digest(&setup, &self.which.slug)?;
        let mut ledger = open_ledger(&setup)?;
        let issue = issue(&mut ledger, digest, self.which.period.as_deref(), fits)?;
        let mut desk = Desk {
            ledger: &mut ledger,
            digest,
            who,
            now: Utc::now(),
        };
        let issue = act(&mut desk, issue, self.why.clone()).map_err(refused)?;
        let next = match issue.state {
            State::Draft if !issue.changes.is_empty() => "; its items have changed since",
            State::Approved if !setup.config.is_mailed(digest) => {
                "; `tidings build`, or a `tidings watch` that runs, publishes it"
            }
            State::Approved => "; `tidings send` sends it",
            State::Skipped => "; its items go into the next issue",
            _ => "",
        };
        print::line(&format!(
            "{} {}: {}{next}",
            issue.digest, issue.period, issue.state
        ));
        Ok(Outcome::Fine)
    }
}

/// Approve an issue, so that it is sent or published
#[derive(Args)]
#[command(
    after_help = "With `approval = \"two\"` two different people must. What changes afterwards needs approval anew.\n\nExample:\n  tidings digest approve weekly 2024-W47 --as \"Ana Kovač\""
)]
pub struct Approve {
    #[command(flatten)]
    act: Act,
}

impl Approve {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        self.act.run(
            directory,
            |issue| issue.state == State::Draft,
            |desk, issue, why| desk.approve(issue, why),
        )
    }
}

/// Take the approval of an issue back
#[derive(Args)]
pub struct Unapprove {
    #[command(flatten)]
    act: Act,
}

impl Unapprove {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        self.act.run(
            directory,
            |issue| issue.state == State::Approved,
            |desk, issue, why| desk.unapprove(&issue, why),
        )
    }
}

/// Leave an issue out; its items go into the next one
#[derive(Args)]
pub struct Skip {
    #[command(flatten)]
    act: Act,
}

impl Skip {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        self.act.run(
            directory,
            |issue| issue.state.is_open(),
            |desk, issue, why| desk.skip(&issue, why),
        )
    }
}

/// Call an issue off, even while it is sent; its items do not come again
#[derive(Args)]
pub struct Cancel {
    #[command(flatten)]
    act: Act,
}

impl Cancel {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        self.act.run(
            directory,
            |issue| issue.state.is_open() || matches!(issue.state, State::Sending | State::Paused),
            |desk, issue, why| desk.cancel(&issue, why),
        )
    }
}

/// Make a skipped or cancelled issue a draft again
#[derive(Args)]
pub struct Reopen {
    #[command(flatten)]
    act: Act,
}

impl Reopen {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        self.act.run(
            directory,
            |issue| matches!(issue.state, State::Skipped | State::Cancelled),
            |desk, issue, why| desk.reopen(issue, why),
        )
    }
}
