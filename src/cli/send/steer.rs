//! Steering a send from another terminal: how far it is, pause, resume, cancel.

use chrono::Utc;
use clap::Args;
use tidings::diagnostic::Problem;
use tidings::digest::life::{State, Step};
use tidings::ledger::deliveries::{Counts, Mailing};
use tidings::ledger::{IssueError, IssueStep, Ledger};
use tidings::mail::outbox::open_ledger;
use tidings::setup::Setup;

use super::failed;
use crate::cli::{Failure, Outcome, print};

/// How far sending is, what was refused, and why something is paused
#[derive(Args)]
pub struct Status {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Hold an issue that is being sent
#[derive(Args)]
pub struct Pause {
    #[command(flatten)]
    issue: Issue,
    /// Why
    #[arg(long)]
    why: Option<String>,
}

/// Go on with an issue that is paused
#[derive(Args)]
pub struct Resume {
    #[command(flatten)]
    issue: Issue,
}

/// Call off what was not sent yet of an issue, for good
#[derive(Args)]
pub struct Cancel {
    #[command(flatten)]
    issue: Issue,
    /// Why
    #[arg(long)]
    why: Option<String>,
}

#[derive(Args)]
struct Issue {
    /// The digest's slug
    digest: String,
    /// The period: 2024-W47
    period: String,
}

impl Issue {
    fn mailing(&self) -> Mailing {
        Mailing::Issue {
            digest: self.digest.clone(),
            period: self.period.clone(),
        }
    }

    fn take(
        &self,
        ledger: &mut Ledger,
        who: String,
        step: Step,
        why: Option<&String>,
    ) -> Result<(), Failure> {
        let step = IssueStep {
            at: Utc::now().timestamp_millis(),
            who,
            step,
            why: why.cloned(),
        };
        match ledger.move_issue(&self.digest, &self.period, step) {
            Ok(_) => Ok(()),
            Err(IssueError::Ledger(error)) => Err(failed(error)),
            Err(error) => Err(Failure::Usage(
                Problem::error(error.to_string()).help("see `tidings send status`"),
            )),
        }
    }
}

impl Status {
    pub fn run(&self, setup: &Setup) -> Result<Outcome, Failure> {
        let mut ledger = open_ledger(setup).map_err(failed)?;
        let mut shown = Vec::new();
        for issue in ledger.issues().map_err(failed)? {
            let mailing = Mailing::Issue {
                digest: issue.digest.clone(),
                period: issue.period.clone(),
            };
            let counts = ledger.delivery_counts(&mailing).map_err(failed)?;
            let is_interesting = counts.total() > 0
                || matches!(
                    issue.state,
                    State::Approved | State::Sending | State::Paused
                );
            if !is_interesting {
                continue;
            }
            let steps = ledger
                .issue_steps(&issue.digest, &issue.period)
                .map_err(failed)?;
            let why = match issue.state {
                State::Paused => steps.into_iter().next_back().and_then(|step| step.why),
                _ => None,
            };
            let failures = ledger.delivery_failures(&mailing, 5).map_err(failed)?;
            let name = format!("{} {}", issue.digest, issue.period);
            shown.push((name, issue.state.name(), why, counts, failures));
        }
        let letters = ledger.delivery_counts(&Mailing::Letters).map_err(failed)?;
        if letters.total() > 0 {
            let failures = ledger
                .delivery_failures(&Mailing::Letters, 5)
                .map_err(failed)?;
            shown.push(("letters".to_owned(), "sending", None, letters, failures));
        }
        if self.json {
            let all: Vec<serde_json::Value> = shown
                .iter()
                .map(|(name, state, why, counts, failures)| {
                    serde_json::json!({
                        "name": name, "state": state, "why": why,
                        "waiting": counts.waiting, "held": counts.held,
                        "claimed": counts.claimed, "flying": counts.flying,
                        "sent": counts.sent, "failed": counts.failed,
                        "uncertain": counts.uncertain, "cancelled": counts.cancelled,
                        "failures": failures.iter()
                            .map(|(reply, number)| serde_json::json!({
                                "reply": reply, "number": number
                            }))
                            .collect::<Vec<_>>(),
                    })
                })
                .collect();
            print::line(&serde_json::Value::from(all).to_string());
            return Ok(Outcome::Fine);
        }
        if shown.is_empty() {
            print::line("Nothing was sent yet.");
        }
        for (name, state, why, counts, failures) in shown {
            print::line(&format!("{name}: {state}; {}", in_words(&counts)));
            if let Some(why) = why {
                print::line(&format!("  paused: {why}"));
            }
            for (reply, number) in failures {
                print::line(&format!("  {number} x {reply}"));
            }
        }
        Ok(Outcome::Fine)
    }
}

impl Pause {
    pub fn run(&self, setup: &Setup, who: String) -> Result<Outcome, Failure> {
        let mut ledger = open_ledger(setup).map_err(failed)?;
        self.issue
            .take(&mut ledger, who, Step::Paused, self.why.as_ref())?;
        print::line("Paused; whoever sends it stops within a second.");
        Ok(Outcome::Fine)
    }
}

impl Resume {
    pub fn run(&self, setup: &Setup, who: String) -> Result<Outcome, Failure> {
        let mut ledger = open_ledger(setup).map_err(failed)?;
        self.issue.take(&mut ledger, who, Step::Resumed, None)?;
        print::line("Resumed; `tidings send` or `tidings watch` goes on.");
        Ok(Outcome::Fine)
    }
}

impl Cancel {
    pub fn run(&self, setup: &Setup, who: String) -> Result<Outcome, Failure> {
        let mut ledger = open_ledger(setup).map_err(failed)?;
        self.issue
            .take(&mut ledger, who, Step::Cancelled, self.why.as_ref())?;
        let mailing = self.issue.mailing();
        let counts = ledger.delivery_counts(&mailing).map_err(failed)?;
        print::line(&format!(
            "Cancelled: {} are called off, {} had it already.",
            counts.cancelled, counts.sent
        ));
        Ok(Outcome::Fine)
    }
}

fn in_words(counts: &Counts) -> String {
    let parts = [
        (counts.sent, "sent"),
        (counts.waiting, "waiting"),
        (counts.claimed + counts.flying, "under way"),
        (counts.held, "held"),
        (counts.failed, "failed"),
        (counts.uncertain, "uncertain"),
        (counts.cancelled, "cancelled"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    if parts.is_empty() {
        "nobody to send it to".to_owned()
    } else {
        parts.join(", ")
    }
}
