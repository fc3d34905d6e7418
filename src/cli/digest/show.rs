//! `tidings digest show`: one issue with its items, edits, changes and steps.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use tidings::config;
use tidings::diagnostic::Problem;
use tidings::digest::archive::Edition;
use tidings::digest::changes::Change;
use tidings::digest::life::approvers;
use tidings::entry::{Entry, from_milliseconds};
use tidings::ledger::{IssueRecord, IssueStep};
use tidings::pipeline::issues::editions;
use tidings::serve::items::Items;
use tidings::setup::Setup;

use super::{Failure, Outcome, Which, clock, digest, failed, issue, list, open_ledger};
use crate::cli::{print, setup};

/// Show an issue: its items as they are now, what was edited, what has changed, who did what
#[derive(Args)]
#[command(
    after_help = "Without a period, the newest issue.\n\nExamples:\n  tidings digest show weekly\n  tidings digest show weekly 2024-W47 --json"
)]
pub struct Show {
    #[command(flatten)]
    which: Which,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Show {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let (_, digest) = digest(&setup, &self.which.slug)?;
        let mut ledger = open_ledger(&setup)?;
        let issue = match &self.which.period {
            Some(period) => issue(&mut ledger, digest, Some(period), |_| true)?,
            None => newest(&mut ledger, digest)?,
        };
        let steps = ledger
            .issue_steps(&issue.digest, &issue.period)
            .map_err(failed)?;
        let items = Items::new(&setup.root);
        let current = items.current().map_err(unpublished)?;
        let edition = match &*current {
            Some(current) => editions::edition(&current.publisher(), digest, &issue)
                .map_err(|problem| Failure::Problems(vec![problem]))?,
            None => None,
        };
        let shown = Shown {
            setup: &setup,
            digest,
            issue: &issue,
            edition: edition.as_ref(),
            steps: &steps,
        };
        match self.json {
            true => print::line(&shown.json().to_string()),
            false => print::line(shown.text().trim_end()),
        }
        Ok(Outcome::Fine)
    }
}

fn newest(
    ledger: &mut tidings::ledger::Ledger,
    digest: &config::Digest,
) -> Result<IssueRecord, Failure> {
    let issues = ledger.issues().map_err(failed)?;
    let mut own = issues.into_iter().filter(|one| one.digest == digest.slug);
    own.next_back().ok_or_else(|| {
        let problem = Problem::error(format!("digest '{}' has no issue yet", digest.slug));
        Failure::Usage(problem.help(format!(
            "its schedule makes the next one; `tidings digest {}` makes one now",
            digest.slug
        )))
    })
}

fn unpublished(message: String) -> Failure {
    Failure::Problems(vec![
        Problem::error(message).help("publish with `tidings build`, then look again"),
    ])
}

/// All that is told of an issue.
struct Shown<'a> {
    setup: &'a Setup,
    digest: &'a config::Digest,
    issue: &'a IssueRecord,
    /// `None` where it only carries subscribers' own choices.
    edition: Option<&'a Edition>,
    steps: &'a [IssueStep],
}

impl Shown<'_> {
    fn waits(&self) -> Option<String> {
        let steps = self.steps.iter();
        let approvers = approvers(steps.map(|step| (step.step, step.who.as_str())));
        list::waits(self.setup, self.digest, self.issue, &approvers)
    }

    fn json(&self) -> Value {
        let issue = self.issue;
        let content = self.edition.map(|edition| &edition.issue);
        let item =
            |entry: &Entry| json!({ "id": entry.id, "title": entry.title, "url": entry.url });
        let groups: Vec<Value> = content
            .into_iter()
            .flat_map(|content| &content.groups)
            .map(|group| {
                let items: Vec<Value> = group.entries.iter().map(|entry| item(entry)).collect();
                json!({ "heading": group.heading, "items": items })
            })
            .collect();
        let headline = content.and_then(|content| content.headline.as_ref());
        let steps = self.steps.iter().map(|step| {
            json!({
                "at": from_milliseconds(step.at).to_rfc3339(),
                "who": step.who,
                "step": step.step.name(),
                "why": step.why,
            })
        });
        let made = issue.made.map(|made| from_milliseconds(made).to_rfc3339());
        json!({
            "digest": issue.digest,
            "period": issue.period,
            "state": issue.state.name(),
            "due": from_milliseconds(issue.due).to_rfc3339(),
            "made": made,
            "waits": self.waits(),
            "subject": content.map(|content| &content.subject),
            "preheader": content.map(|content| &content.preheader),
            "headline": headline.map(|entry| item(entry)),
            "groups": groups,
            "edits": issue.edits,
            "changes": issue.changes.iter().map(|change| json!({
                "id": change.id, "title": change.title, "fate": change.fate,
            })).collect::<Vec<_>>(),
            "new_items": issue.pool.len(),
            "steps": steps.collect::<Vec<_>>(),
            "version": issue.version,
        })
    }

    fn text(&self) -> String {
        let issue = self.issue;
        let mut text = format!(
            "{} {}: {}, due {}",
            issue.digest,
            issue.period,
            issue.state,
            clock(issue.due, self.digest)
        );
        if let Some(waits) = self.waits() {
            text.push_str(&format!("; {waits}"));
        }
        text.push('\n');
        if let Some(edition) = self.edition {
            let content = &edition.issue;
            text.push_str(&format!("Subject:   {}\n", content.subject));
            text.push_str(&format!("Preheader: {}\n", content.preheader));
            if let Some(markdown) = &issue.edits.introduction {
                text.push_str(&format!("\n{markdown}\n"));
            }
            if let Some(headline) = &content.headline {
                text.push_str("\nHeadline\n");
                text.push_str(&self.item(headline));
            }
            for group in &content.groups {
                let heading = group.heading.as_deref().unwrap_or("Items");
                text.push_str(&format!("\n{heading}\n"));
                for entry in &group.entries {
                    text.push_str(&self.item(entry));
                }
            }
        }
        if !issue.edits.dropped.is_empty() {
            text.push_str("\nDropped\n");
            for id in &issue.edits.dropped {
                let title = issue.seen.get(id).map_or("", |seen| seen.title.as_str());
                text.push_str(&format!("  {title}\n    {id}\n"));
            }
        }
        if !issue.changes.is_empty() {
            text.push_str("\nChanged since it was looked at\n");
            for change in &issue.changes {
                text.push_str(&format!("  {}\n", change.in_words()));
            }
        }
        text.push_str("\nSteps\n");
        for step in self.steps {
            text.push_str(&format!(
                "  {}  {}  {}",
                clock(step.at, self.digest),
                step.step,
                step.who
            ));
            if let Some(why) = &step.why {
                text.push_str(&format!(" ({why})"));
            }
            text.push('\n');
        }
        text
    }

    /// An item with how to name it, and whether it was pinned or has changed.
    fn item(&self, entry: &Entry) -> String {
        let pinned = match self.issue.edits.pinned.contains(&entry.id) {
            true => " (pinned)",
            false => "",
        };
        let mut changes = self.issue.changes.iter();
        let change = changes.find(|change| change.id == entry.id);
        let change = change.map_or(String::new(), |change: &Change| {
            let words = change.in_words();
            let fate = words.split(':').next().unwrap_or_default().to_owned();
            format!(" ({fate})")
        });
        format!("  {}{pinned}{change}\n    {}\n", entry.title, entry.url)
    }
}
