//! `tidings digest list`: where issues stand, and which come next.

use std::path::Path;

use chrono::Utc;
use clap::Args;
use serde_json::{Value, json};
use tidings::config::{self, Approval};
use tidings::digest::changes::Change;
use tidings::digest::life::{State, approvers};
use tidings::digest::period::Span;
use tidings::entry::from_milliseconds;
use tidings::ledger::{IssueRecord, Ledger};
use tidings::setup::Setup;

use super::{Failure, Outcome, clock, digest, failed, moment, open_ledger};
use crate::cli::{print, setup};

/// List issues with where they stand, newest last, and the next one of each digest
#[derive(Args)]
#[command(after_help = "Examples:\n  tidings digest list\n  tidings digest list weekly --json")]
pub struct List {
    /// Only this digest's
    slug: Option<String>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

impl List {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        if let Some(slug) = &self.slug {
            digest(&setup, slug)?;
        }
        let mut ledger = open_ledger(&setup)?;
        let issues = ledger.issues().map_err(failed)?;
        let mut rows = Vec::new();
        for digest in &setup.config.digests {
            if self.slug.as_ref().is_some_and(|slug| *slug != digest.slug) {
                continue;
            }
            for issue in issues.iter().filter(|issue| issue.digest == digest.slug) {
                rows.push(row(&setup, digest, issue, &mut ledger)?);
            }
            rows.extend(planned(digest, &issues));
        }
        if self.json {
            print::line(&Value::from(rows).to_string());
        } else {
            for row in rows {
                print::line(&line(&row));
            }
        }
        Ok(Outcome::Fine)
    }
}

fn row(
    setup: &Setup,
    digest: &config::Digest,
    issue: &IssueRecord,
    ledger: &mut Ledger,
) -> Result<Value, Failure> {
    let steps = ledger
        .issue_steps(&issue.digest, &issue.period)
        .map_err(failed)?;
    let last = steps.last();
    let approvers = approvers(steps.iter().map(|step| (step.step, step.who.as_str())));
    let changes: Vec<String> = issue.changes.iter().map(Change::in_words).collect();
    let dropped = &issue.edits.dropped;
    let items = issue
        .items
        .iter()
        .filter(|id| !dropped.contains(id))
        .count();
    Ok(json!({
        "digest": issue.digest,
        "period": issue.period,
        "state": issue.state.name(),
        "due": from_milliseconds(issue.due).to_rfc3339(),
        "local_due": clock(issue.due, digest),
        "items": items,
        "waits": waits(setup, digest, issue, &approvers),
        "approved_by": approvers,
        "changes": changes,
        "last_step": last.map(|step| json!({
            "step": step.step.name(),
            "who": step.who,
            "at": from_milliseconds(step.at).to_rfc3339(),
        })),
    }))
}

/// For whom or what an issue waits, in words.
pub fn waits(
    setup: &Setup,
    digest: &config::Digest,
    issue: &IssueRecord,
    approvers: &[&str],
) -> Option<String> {
    let is_late = setup.config.is_mailed(digest)
        && issue.is_late(Utc::now().timestamp_millis(), digest.stale_after);
    match issue.state {
        State::Draft if is_late && digest.approval == Approval::Automatic => {
            Some("waits for approval: it is too late to be sent unasked".to_owned())
        }
        State::Draft => Some(match (digest.approval, approvers) {
            (Approval::Two, []) => "waits for two approvals".to_owned(),
            (Approval::Two, some) => {
                format!("waits for another approval, after {}", some.join(", "))
            }
            _ => "waits for approval".to_owned(),
        }),
        State::Approved if setup.config.is_mailed(digest) => Some("waits to be sent".to_owned()),
        State::Approved => Some("waits to be published".to_owned()),
        _ => None,
    }
}

/// The next issue that is due.
fn planned(digest: &config::Digest, issues: &[IssueRecord]) -> Option<Value> {
    let now = Utc::now().with_timezone(&digest.timezone);
    let due = digest.schedule.next_after(now)?.to_utc();
    let span = Span::last_ended(due, digest.period, digest.timezone);
    let is_there = issues
        .iter()
        .any(|issue| issue.digest == digest.slug && issue.period == span.label);
    (!is_there).then(|| {
        json!({
            "digest": digest.slug,
            "period": span.label,
            "state": "planned",
            "due": due.to_rfc3339(),
            "local_due": moment(due, digest),
        })
    })
}

/// `weekly  2024-W47  draft  due 2024-11-25 09:00  12 items  waits for approval`
fn line(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let mut cells = vec![
        text("digest"),
        text("period"),
        text("state"),
        format!("due {}", text("local_due")),
    ];
    if let Some(items) = row["items"].as_u64() {
        cells.push(match items {
            1 => "1 item".to_owned(),
            _ => format!("{items} items"),
        });
    }
    if let Some(waits) = row["waits"].as_str() {
        cells.push(waits.to_owned());
    }
    let changes = row["changes"].as_array();
    if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
        cells.push(format!("{} changed since it was looked at", changes.len()));
    }
    cells.join("\t")
}
