//! `tidings digest`: issues of newsletters, from the draft to what is sent.

mod compose;
mod edit;
mod list;
mod preview;
mod push;
mod show;
mod steps;
mod test;

use std::path::Path;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use tidings::config;
use tidings::diagnostic::{Problem, did_you_mean};
use tidings::digest::period::Span;
use tidings::entry::from_milliseconds;
use tidings::ledger::{IssueRecord, Ledger, LedgerError};
use tidings::pipeline::issues::desk::{self, DeskError};
use tidings::setup::Setup;

use super::{Failure, Outcome};

/// Compose, edit and approve the issues of a digest
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Without a subcommand, an issue is composed: its draft is made, or made anew with what is there\nnow; edits stay. One that needs no approval and is not mailed is published.\n\nExamples:\n  tidings digest weekly --for 2024-W47\n  tidings digest monthly --for last\n  tidings digest list\n  tidings digest edit weekly --headline river-rises --drop typo\n  tidings digest approve weekly --as \"Ana Kovač\""
)]
pub struct Digest {
    #[command(subcommand)]
    command: Option<Command>,
    /// The digest's slug in feeds.toml
    slug: Option<String>,
    /// The period: a week (2024-W47), a month (2024-11), a date in it, or `last`
    #[arg(long = "for", value_name = "PERIOD", default_value = "last")]
    period: String,
    #[command(flatten)]
    who: Who,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Show(show::Show),
    // Boxed, since it has far more to say than the others.
    Edit(Box<edit::Edit>),
    Approve(steps::Approve),
    Unapprove(steps::Unapprove),
    Skip(steps::Skip),
    Cancel(steps::Cancel),
    Reopen(steps::Reopen),
    Preview(preview::Preview),
    Test(test::Test),
    Push(push::Push),
}

impl Digest {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        match (&self.command, &self.slug) {
            (Some(Command::List(command)), _) => command.run(directory),
            (Some(Command::Show(command)), _) => command.run(directory),
            (Some(Command::Edit(command)), _) => command.run(directory),
            (Some(Command::Approve(command)), _) => command.run(directory),
            (Some(Command::Unapprove(command)), _) => command.run(directory),
            (Some(Command::Skip(command)), _) => command.run(directory),
            (Some(Command::Cancel(command)), _) => command.run(directory),
            (Some(Command::Reopen(command)), _) => command.run(directory),
            (Some(Command::Preview(command)), _) => command.run(directory),
            (Some(Command::Test(command)), _) => command.run(directory),
            (Some(Command::Push(command)), _) => command.run(directory),
            (None, Some(slug)) => compose::run(directory, slug, &self.period, &self.who),
            (None, None) => Err(Failure::Usage(Problem::error("no digest is named").help(
                "write its slug: `tidings digest weekly`; `tidings digest list` has all",
            ))),
        }
    }
}

/// Which issue is meant.
#[derive(Args)]
struct Which {
    /// The digest's slug in feeds.toml
    slug: String,
    /// The period (2024-W47, 2024-11, a date in it); without one, the issue that waits
    period: Option<String>,
}

/// Who does it.
#[derive(Args)]
struct Who {
    /// Your name, as the steps of the issue keep it; without one, your name on this system
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

impl Who {
    /// The name, where there is one.
    fn name(&self) -> Result<String, Failure> {
        let system = || {
            let names = ["USER", "LOGNAME", "USERNAME"];
            names.iter().find_map(|name| std::env::var(name).ok())
        };
        let Some(name) = self.name.clone().or_else(system) else {
            let problem = Problem::error("nobody knows who you are");
            return Err(Failure::Usage(problem.help("say it: --as \"Ana Kovač\"")));
        };
        desk::person(&name).map_err(refused)
    }

    /// The name, or that nobody knows it.
    fn name_or_unknown(&self) -> Result<String, Failure> {
        match &self.name {
            Some(_) => self.name(),
            None => Ok(self.name().unwrap_or_else(|_| "unknown".to_owned())),
        }
    }
}

/// The digest with this slug, and its place in the configuration.
fn digest<'s>(setup: &'s Setup, slug: &str) -> Result<(usize, &'s config::Digest), Failure> {
    let digests = &setup.config.digests;
    let found = digests.iter().enumerate().find(|(_, one)| one.slug == slug);
    found.ok_or_else(|| {
        let slugs = digests.iter().map(|digest| digest.slug.as_str());
        let problem = Problem::error(format!("there is no digest '{slug}' in feeds.toml"));
        Failure::Usage(match did_you_mean(slug, slugs.clone()) {
            Some(slug) => problem.help(format!("did you mean '{slug}'?")),
            None => problem.help(format!(
                "there are: {}",
                slugs.collect::<Vec<_>>().join(", ")
            )),
        })
    })
}

/// The label of the period that is meant by `2024-W47`, a date in it or `last`.
fn label(digest: &config::Digest, period: Option<&str>) -> Result<Option<String>, Failure> {
    let span = period.map(|period| named(digest, period)).transpose()?;
    Ok(span.map(|span| span.label))
}

/// The span of an issue as a person names it, be it of a period that the digest had before.
fn named(digest: &config::Digest, period: &str) -> Result<Span, Failure> {
    let span = Span::parse(period, digest.period, digest.timezone, Utc::now());
    let former = || Span::labelled(period.trim(), digest.timezone);
    span.or_else(|error| former().ok_or(error))
        .map_err(|error| Failure::Usage(error.into()))
}

fn open_ledger(setup: &Setup) -> Result<Ledger, Failure> {
    Ledger::open(&setup.root.join(&setup.config.ledger.file)).map_err(failed)
}

/// The issue that is meant: that of the period, or the newest that `fits`.
fn issue(
    ledger: &mut Ledger,
    digest: &config::Digest,
    period: Option<&str>,
    fits: fn(&IssueRecord) -> bool,
) -> Result<IssueRecord, Failure> {
    let slug = &digest.slug;
    if let Some(period) = period {
        let span = named(digest, period)?;
        let found = ledger.issue(slug, &span.label).map_err(failed)?;
        return found.ok_or_else(|| {
            let problem = Problem::error(format!(
                "there is no issue {} of digest '{slug}'",
                span.label
            ));
            Failure::Usage(problem.help(format!(
                "make its draft: `tidings digest {slug} --for {}`",
                span.label
            )))
        });
    }
    let issues = ledger.issues().map_err(failed)?;
    let own = issues.into_iter().filter(|issue| issue.digest == *slug);
    let mut fitting: Vec<IssueRecord> = own.filter(fits).collect();
    // Several wait: to guess would approve what nobody has looked at.
    if fitting.len() > 1 && fits(&fitting[0]) && fitting.iter().all(|one| one.state.is_open()) {
        let labels: Vec<&str> = fitting.iter().map(|issue| issue.period.as_str()).collect();
        let problem = Problem::error(format!("several issues of digest '{slug}' wait"));
        return Err(Failure::Usage(
            problem.help(format!("name one of {}", labels.join(", "))),
        ));
    }
    fitting.pop().ok_or_else(|| {
        let problem = Problem::error(format!("no issue of digest '{slug}' waits for that"));
        Failure::Usage(problem.help("see `tidings digest list`, and name the issue's period"))
    })
}

/// `2024-11-25 09:00`, by the digest's clocks.
fn clock(milliseconds: i64, digest: &config::Digest) -> String {
    moment(from_milliseconds(milliseconds), digest)
}

fn moment(moment: DateTime<Utc>, digest: &config::Digest) -> String {
    let local = moment.with_timezone(&digest.timezone);
    local.format("%Y-%m-%d %H:%M").to_string()
}

fn failed(error: LedgerError) -> Failure {
    Failure::Failed(error.to_string())
}

fn refused(error: DeskError) -> Failure {
    use tidings::ledger::IssueError;
    match &error {
        DeskError::Issue(IssueError::Ledger(ledger)) => Failure::Failed(ledger.to_string()),
        _ => Failure::Usage(Problem::error(error.to_string()).help(error.help())),
    }
}
