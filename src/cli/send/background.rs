//! Sending beside other work: `tidings watch` sends issues and letters, `tidings serve` letters.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::Utc;
use tidings::diagnostic::Problem;
use tidings::ledger::Ledger;
use tidings::ledger::deliveries::Counts;
use tidings::mail::outbox::{self, Outbox};
use tidings::mail::sender::{End, Patience, Stop, Watcher};
use tidings::mail::smtp::Relay;
use tidings::setup::Setup;

use super::relay_variable;
use crate::cli::print;

/// How often it is looked whether there is something to send.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long after a failure it is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(60);
/// How often it is looked whether somebody wants the end.
const NAP: Duration = Duration::from_millis(100);

/// A thread that sends.
pub struct Background {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts sending for the newsroom in `directory`, letters and, `with_issues`, issues; `None`
    /// where it does not mail, or no relay is known, which is said.
    pub fn start(
        setup: &Setup,
        directory: &Path,
        with_issues: bool,
        line: fn(&str),
    ) -> Option<Background> {
        let mail = setup.config.mail.as_ref()?;
        if let Err(problem) = Relay::new(mail, relay_variable().as_deref(), &setup.root) {
            let problem = Problem {
                severity: tidings::diagnostic::Severity::Warning,
                ..problem
            };
            print::problems(&[problem]);
            return None;
        }
        let stop = Stop::default();
        let work = Work {
            directory: directory.to_owned(),
            ledger: setup.root.join(&setup.config.ledger.file),
            with_issues,
            stop: stop.clone(),
            line,
            last_problem: String::new(),
        };
        let thread = std::thread::spawn(move || work.run());
        Some(Background {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Background {
    /// What is on its way is finished first.
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed.
            let _ = thread.join();
        }
    }
}

struct Work {
    directory: PathBuf,
    ledger: PathBuf,
    with_issues: bool,
    stop: Stop,
    line: fn(&str),
    last_problem: String,
}

impl Work {
    fn run(mut self) {
        let mut ledger = None;
        while !self.stop.is_stopped() {
            let wait = match self.send(&mut ledger) {
                Ok(()) => LOOK_AGAIN,
                Err(problem) => {
                    // The same trouble is said once.
                    if problem != self.last_problem {
                        print::problems(&[Problem::error(problem.clone())
                            .help("nothing is lost: sending is tried again every minute")]);
                        self.last_problem = problem;
                    }
                    RETRY_AFTER
                }
            };
            let until = Instant::now() + wait;
            while Instant::now() < until && !self.stop.is_stopped() {
                std::thread::sleep(NAP);
            }
        }
    }

    fn send(&mut self, ledger: &mut Option<Ledger>) -> Result<(), String> {
        let ledger = match ledger {
            Some(open) => open,
            None => ledger.insert(Ledger::open(&self.ledger).map_err(in_words)?),
        };
        let letters = outbox::has_letters(ledger, Utc::now()).map_err(in_words)?;
        let mut issues = match self.with_issues {
            true => outbox::being_sent(ledger).map_err(in_words)?,
            false => Vec::new(),
        };
        // What waits for a later try is left until it is due.
        let now = Utc::now().timestamp_millis();
        let mut due = Vec::new();
        for issue in issues.drain(..) {
            let mailing = outbox::mailing(&issue);
            let next = ledger.next_delivery(&mailing).map_err(in_words)?;
            if next.is_none_or(|next| next <= now) {
                let counts = ledger.delivery_counts(&mailing).map_err(in_words)?;
                // What is held needs a person, who runs `tidings send`.
                if counts.waiting > 0 || counts.held == 0 {
                    due.push(issue);
                }
            }
        }
        if !letters && due.is_empty() {
            return Ok(());
        }
        // As feeds.toml and the templates are now.
        let setup = Setup::load(&self.directory).map_err(|problems| first(&problems))?;
        let variable = relay_variable();
        let outbox = Outbox::open(Arc::new(setup), variable.as_deref(), self.stop.clone())
            .map_err(|problems| first(&problems))?;
        let at_once = Patience::AtMost(Duration::from_secs(1));
        if letters {
            outbox
                .send_letters(at_once, &mut Notes("letters".to_owned()))
                .map_err(in_words)?;
        }
        for issue in due {
            let name = format!("{} {}", issue.digest, issue.period);
            let run = outbox
                .send_issue(&issue, at_once, &mut Notes(name.clone()))
                .map_err(in_words)?;
            match &run.end {
                End::Done => (self.line)(&format!("Sent {name} to {}.", run.counts.sent)),
                End::TooManyFailures(why) => {
                    print::problems(&[Problem::error(format!("{name} is paused: {why}"))
                        .help("mend that, then `tidings send resume`")]);
                }
                End::Held(why) => {
                    print::problems(&[Problem::error(format!("{name} is held: {why}"))
                        .help("mend that, then `tidings send`")]);
                }
                End::Waits(_) | End::Withdrawn | End::Stopped => {}
            }
        }
        self.last_problem.clear();
        Ok(())
    }
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn first(problems: &[Problem]) -> String {
    problems
        .first()
        .map_or_else(String::new, |problem| problem.message.clone())
}

/// Prints notes, and no progress.
struct Notes(String);

impl Watcher for Notes {
    fn progress(&mut self, _: &Counts) {}

    fn note(&mut self, text: &str) {
        print::note(&format!("{}: {text}", self.0));
    }
}
