//! `tidings mail bounces`: messages that came back to a maildir, and what came before.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::json;
use tidings::diagnostic::Problem;
use tidings::ledger::bounces::{BounceRecord, Which};
use tidings::mail::bounce::desk::Desk;
use tidings::mail::bounce::maildir;

use super::super::{Failure, Outcome, print, setup};

/// Take in what came to the maildir for bounces, or list what came before
#[derive(Args)]
#[command(
    after_help = "Messages are taken from the maildir that feeds.toml names under [mail.bounces], and moved from its\n'new' to its 'cur'. `tidings serve` does the same every minute. Nothing is ever thrown away: what\ncannot be understood is kept, and listed by --open until you --forget it.\n\nExamples:\n  tidings mail bounces\n  tidings mail bounces --list --json\n  tidings mail bounces --open\n  tidings mail bounces --show 3fa2"
)]
pub struct Bounces {
    /// Another maildir than feeds.toml names
    #[arg(long, value_name = "DIR")]
    maildir: Option<PathBuf>,
    /// List what came, the newest first
    #[arg(long, group = "what")]
    list: bool,
    /// List what somebody must look at
    #[arg(long, group = "what")]
    open: bool,
    /// Print a message that was kept
    #[arg(long, value_name = "ID", group = "what")]
    show: Option<String>,
    /// Let go of a message that was kept
    #[arg(long, value_name = "ID", group = "what")]
    forget: Option<String>,
    /// The most that are listed
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// Print the list as a JSON array
    #[arg(long)]
    json: bool,
}

impl Bounces {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let (mut ledger, proof, limits) = super::desk(&setup)?;
        if let Some(id) = &self.show {
            let message = ledger.kept_bounce(id)?;
            let message = message.ok_or_else(|| none_kept(id))?;
            // A reader that has gone away ends the matter quietly.
            let _ = std::io::stdout().lock().write_all(&message);
            return Ok(Outcome::Fine);
        }
        if let Some(id) = &self.forget {
            return match ledger.forget_bounce(id)? {
                true => Ok(Outcome::Fine),
                false => Err(none_kept(id)),
            };
        }
        if self.list || self.open {
            let which = if self.open { Which::Open } else { Which::All };
            let records = ledger.bounces(which, self.limit)?;
            self.print(&records);
            return Ok(Outcome::Fine);
        }
        let folder = self.maildir.clone().or_else(|| {
            let maildir = limits.maildir.as_ref()?;
            Some(setup.root.join(maildir))
        });
        let folder = folder.ok_or_else(|| {
            Failure::Usage(
                Problem::error("no maildir is named")
                    .help("set 'maildir' under [mail.bounces] in feeds.toml, or add --maildir DIR"),
            )
        })?;
        let files =
            maildir::waiting(&folder).map_err(|problem| Failure::Problems(vec![problem]))?;
        let mut desk = Desk::new(&mut ledger, &proof, &limits);
        let mut problems = Vec::new();
        let (mut number, mut open) = (0, 0);
        for file in files {
            let waiting = match maildir::read(&file) {
                Ok(Some(waiting)) => waiting,
                Ok(None) => continue,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let now = Utc::now().timestamp_millis();
            let taken = desk.take(&waiting.message, "maildir", now)?;
            print::line(&taken.to_string());
            number += 1;
            open += usize::from(taken.is_open());
            problems.extend(waiting.done(taken.is_open()).err());
        }
        let messages = if number == 1 { "message" } else { "messages" };
        print::line(&match open {
            0 => format!("{number} {messages} taken."),
            _ => format!(
                "{number} {messages} taken, {open} to look at: `tidings mail bounces --open`."
            ),
        });
        print::problems(&problems);
        Ok(print::outcome(&problems))
    }

    fn print(&self, records: &[BounceRecord]) {
        if self.json {
            let records: Vec<_> = records.iter().map(as_json).collect();
            print::line(&json!(records).to_string());
            return;
        }
        if records.is_empty() {
            print::line("Nothing.");
        }
        for record in records {
            let whom = record
                .subscriber
                .map_or(String::new(), |id| format!(", subscriber {id}"));
            let status = record
                .status
                .as_deref()
                .map_or(String::new(), |status| format!(" {status}"));
            let effect = record.effect.as_deref().unwrap_or("nothing was done yet");
            print::line(&format!(
                "{} {} {}{status}{whom}: {effect} ({})",
                time(record.at),
                &record.fingerprint[..record.fingerprint.len().min(12)],
                record.kind.word(),
                record.detail
            ));
        }
    }
}

fn none_kept(id: &str) -> Failure {
    Failure::Usage(
        Problem::error(format!("no message '{id}' is kept"))
            .help("`tidings mail bounces --open` lists what is"),
    )
}

fn as_json(record: &BounceRecord) -> serde_json::Value {
    json!({
        "id": record.fingerprint,
        "at": time(record.at),
        "kind": record.kind.word(),
        "subscriber": record.subscriber.map(|id| id.to_string()),
        "status": record.status,
        "detail": record.detail,
        "source": record.source,
        "effect": record.effect,
    })
}

fn time(at: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(at).map_or(String::new(), |at| {
        at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    })
}
