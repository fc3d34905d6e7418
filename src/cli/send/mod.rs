//! `tidings send`: hand approved issues and letters to the relay, and steer that.

pub mod background;
mod bar;
mod steer;
mod uncertain;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use tidings::config::mail::RELAY_VARIABLE;
use tidings::diagnostic::Problem;
use tidings::digest::life::State;
use tidings::ledger::IssueRecord;
use tidings::mail::outbox::{self, Outbox, OutboxError};
use tidings::mail::sender::{End, Patience, Run, Stop};
use tidings::pipeline::issues::Begin;
use tidings::pipeline::{Newsroom, PipelineError};
use tidings::setup::Setup;

use super::{Failure, Outcome, print, setup, watch};

/// Send approved issues to their subscribers, and letters
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Publishes first, so that what is due is there and every issue has its web page. Whatever ends a\nsend, running it again goes on where it ended: nobody gets an issue twice. The relay's address\nis read from the environment variable TIDINGS_SMTP_URL, or stands in feeds.toml.\n\nExamples:\n  tidings send                            all approved issues, and letters\n  tidings send weekly 2024-W47            this one\n  tidings send pause weekly 2024-W47      from another terminal\n  tidings send status\n  tidings send uncertain --again          send what a crash left in doubt"
)]
pub struct Send {
    /// The digest's slug; all of them where none is given
    digest: Option<String>,
    /// The period: 2024-W47
    period: Option<String>,
    /// Do not wait for later tries: the next `send` goes on
    #[arg(long)]
    no_wait: bool,
    /// Who sends, as the ledger notes it
    #[arg(long = "as", value_name = "NAME", global = true)]
    who: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Status(steer::Status),
    Pause(steer::Pause),
    Resume(steer::Resume),
    Cancel(steer::Cancel),
    Uncertain(uncertain::Uncertain),
}

impl Send {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let who = who(self.who.as_deref());
        match &self.command {
            Some(Command::Status(command)) => return command.run(&setup),
            Some(Command::Pause(command)) => return command.run(&setup, who),
            Some(Command::Resume(command)) => return command.run(&setup, who),
            Some(Command::Cancel(command)) => return command.run(&setup, who),
            Some(Command::Uncertain(command)) => return command.run(&setup),
            None => {}
        }
        if let Some(slug) = &self.digest {
            known_digest(&setup, slug)?;
        }
        let stop = Stop::default();
        // What cannot send should not begin anything either.
        let variable = relay_variable();
        let outbox = open_outbox(&setup, directory, variable.as_deref(), stop.clone())?;
        self.begin(setup, who)?;
        stop_on_signal(stop.clone())?;
        self.send(&outbox, directory)
    }

    /// Publishes, and has what is approved begin to be sent.
    fn begin(&self, setup: Setup, who: String) -> Result<(), Failure> {
        let begin = match &self.digest {
            Some(digest) => Begin::Only {
                who,
                digest: digest.clone(),
                period: self.period.clone(),
            },
            None => Begin::All { who },
        };
        let mut newsroom = match Newsroom::open(setup) {
            Ok(newsroom) => newsroom,
            Err(PipelineError::Locked(_)) => {
                print::note(
                    "Another tidings publishes here: what is being sent already goes on; what is \
                     approved, `tidings watch` begins to send by itself.",
                );
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        newsroom.begin_issues(begin);
        let report = newsroom.build(chrono::Utc::now(), &print::Bar::new())?;
        let mut problems = report.problems;
        problems.extend(newsroom.problems());
        print::problems(&problems);
        Ok(())
    }

    fn send(&self, outbox: &Outbox, directory: &Path) -> Result<Outcome, Failure> {
        let patience = match self.no_wait {
            true => Patience::AtMost(Duration::ZERO),
            false => Patience::UntilDone,
        };
        let setup = setup_quietly(directory)?;
        let mut ledger = outbox::open_ledger(&setup).map_err(failed)?;
        let mut is_fine = true;
        let mut did_anything = false;
        if self.digest.is_none()
            && outbox::has_letters(&mut ledger, chrono::Utc::now()).map_err(failed)?
        {
            let began = Instant::now();
            let mut bar = bar::Bar::new("letters");
            let run = outbox.send_letters(Patience::AtMost(Duration::ZERO), &mut bar);
            bar.finish();
            is_fine &= told("letters", &run.map_err(from_outbox)?, began);
            did_anything = true;
        }
        let mut issues = outbox::being_sent(&mut ledger).map_err(failed)?;
        issues.extend(outbox::to_be_sent_again(&mut ledger).map_err(failed)?);
        for issue in issues.iter().filter(|issue| self.is_meant(issue)) {
            let name = format!("{} {}", issue.digest, issue.period);
            let began = Instant::now();
            let mut bar = bar::Bar::new(&name);
            let run = outbox.send_issue(issue, patience, &mut bar);
            bar.finish();
            let run = run.map_err(from_outbox)?;
            is_fine &= told(&name, &run, began);
            did_anything = true;
            if run.end == End::Stopped {
                break;
            }
        }
        if !did_anything {
            self.say_why_nothing(&ledger.issues().map_err(failed)?);
        }
        Ok(if is_fine {
            Outcome::Fine
        } else {
            Outcome::Problems
        })
    }

    fn is_meant(&self, issue: &IssueRecord) -> bool {
        let is = |stated: &Option<String>, found: &str| {
            stated.as_ref().is_none_or(|stated| stated == found)
        };
        is(&self.digest, &issue.digest) && is(&self.period, &issue.period)
    }

    fn say_why_nothing(&self, issues: &[IssueRecord]) {
        let unsent = issues.iter().filter(|issue| self.is_meant(issue));
        let mut unsent = unsent.filter(|issue| issue.state != State::Sent).peekable();
        if unsent.peek().is_none() {
            print::line("Nothing to send.");
        }
        for issue in unsent {
            let name = format!("{} {}", issue.digest, issue.period);
            let (digest, period) = (&issue.digest, &issue.period);
            print::line(&match issue.state {
                State::Draft => format!(
                    "{name} is a draft: approve it with `tidings digest approve {digest} {period}`"
                ),
                State::Paused => {
                    format!("{name} is paused: go on with `tidings send resume {digest} {period}`")
                }
                state => format!("{name} is {state}."),
            });
        }
    }
}

/// Prints what a run did; whether all is well.
fn told(name: &str, run: &Run, began: Instant) -> bool {
    let seconds = began.elapsed().as_secs_f64();
    let rate = run.sent as f64 / seconds.max(0.001);
    let mut parts = vec![format!("{} sent", run.sent)];
    for (number, what) in [(run.failed, "failed"), (run.uncertain, "uncertain")] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let did = format!(
        "{name}: {} in {seconds:.1} s ({rate:.0}/s)",
        parts.join(", ")
    );
    let counts = &run.counts;
    let (end, is_fine) = match &run.end {
        End::Done => (format!("; all {} are settled", counts.total()), true),
        End::Waits(due) => (
            format!(
                "; {} wait, the next until {}",
                counts.waiting,
                due.format("%F %H:%M UTC")
            ),
            true,
        ),
        End::Held(why) => (format!("; {} are held: {why}", counts.held), false),
        End::Withdrawn => (
            "; it was paused, cancelled or ended meanwhile".to_owned(),
            true,
        ),
        End::TooManyFailures(why) => (format!("; paused, {} wait: {why}", counts.waiting), false),
        End::Stopped => (format!("; stopped, {} wait", counts.waiting), true),
    };
    print::line(&format!("{did}{end}"));
    is_fine
}

/// Sending with what `directory` holds.
fn open_outbox(
    setup: &Setup,
    directory: &Path,
    variable: Option<&str>,
    stop: Stop,
) -> Result<Outbox, Failure> {
    if setup.config.mail.is_none() {
        return Err(Failure::Usage(
            Problem::error("this newsroom does not mail its digests")
                .help("add [mail] to feeds.toml, and say which relay takes the mails"),
        ));
    }
    let own = Arc::new(setup_quietly(directory)?);
    Outbox::open(own, variable, stop).map_err(Failure::Problems)
}

/// Loads the setup, whose warnings were printed before.
fn setup_quietly(directory: &Path) -> Result<Setup, Failure> {
    Setup::load(directory).map_err(Failure::Problems)
}

fn known_digest(setup: &Setup, slug: &str) -> Result<(), Failure> {
    let mut slugs = setup
        .config
        .digests
        .iter()
        .map(|digest| digest.slug.as_str());
    if slugs.any(|known| known == slug) {
        return Ok(());
    }
    let slugs = setup
        .config
        .digests
        .iter()
        .map(|digest| digest.slug.as_str());
    let problem = Problem::error(format!("there is no digest '{slug}' in feeds.toml"));
    let near = tidings::diagnostic::did_you_mean(slug, slugs.clone());
    Err(Failure::Usage(problem.help(match near {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("there are: {}", slugs.collect::<Vec<_>>().join(", ")),
    })))
}

/// The relay's address from the environment.
pub fn relay_variable() -> Option<String> {
    std::env::var(RELAY_VARIABLE)
        .ok()
        .filter(|value| !value.is_empty())
}

/// Ends sending in an orderly way on Ctrl-C; at once on the second one, which loses nothing.
fn stop_on_signal(stop: Stop) -> Result<(), Failure> {
    let asked = AtomicBool::new(false);
    watch::on_signal(move || {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        print::note("Stopping: what is on its way is finished first.");
        stop.stop();
    })
}

/// Whoever is at work: as stated, or as the system knows them.
fn who(stated: Option<&str>) -> String {
    let of = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    stated
        .map(str::to_owned)
        .or_else(|| of("USER"))
        .or_else(|| of("LOGNAME"))
        .or_else(|| of("USERNAME"))
        .unwrap_or_else(|| "somebody".to_owned())
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(error.to_string())
}

fn from_outbox(error: OutboxError) -> Failure {
    match error {
        OutboxError::Send(_) | OutboxError::Ledger(_) => Failure::Failed(format!(
            "{error}; what was not sent waits: run `tidings send` again"
        )),
        other => failed(other),
    }
}
