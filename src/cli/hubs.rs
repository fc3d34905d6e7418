//! What is said of the hubs that are told what was published.

use chrono::Utc;
use tidings::diagnostic::Problem;
use tidings::ledger::LedgerError;
use tidings::setup::Setup;
use tidings::watch::News;
use tidings::websub::publisher::{Notifier, Publisher, PublisherError, Told};

use super::print;

/// Tells every hub once what is due. What fails is told by the next run: publishing is done, and
/// nothing of this can undo it.
pub fn tell_once(setup: &Setup) {
    let told = Publisher::open(setup).and_then(|publisher| match publisher {
        Some(mut publisher) => Ok(publisher.tell(Utc::now().timestamp_millis())?),
        None => Ok(Vec::new()),
    });
    match told {
        Ok(told) => told.iter().for_each(|told| say(told, print::line)),
        Err(error) => print::problems(&[failed(&error)]),
    }
}

/// Tells hubs in the background while a newsroom is watched.
pub struct Hubs {
    line: fn(&str),
    /// Once something was published under the setup in force; `None` within: there are no hubs.
    notifier: Option<Option<Notifier>>,
}

impl Hubs {
    /// Nothing was published yet; lines of result are printed by `line`.
    pub fn new(line: fn(&str)) -> Hubs {
        Hubs {
            line,
            notifier: None,
        }
    }

    /// Has hubs told what was published.
    pub fn hear(&mut self, news: &News<'_>) {
        match (news, &self.notifier) {
            // Another configuration may name other hubs.
            (News::SetupTaken, _) => self.notifier = None,
            (News::Published(_, newsroom), None) => {
                self.notifier = Some(self.start(newsroom.setup()));
            }
            (News::Published(..), Some(running)) => running.iter().for_each(Notifier::wake),
            _ => {}
        }
    }

    fn start(&self, setup: &Setup) -> Option<Notifier> {
        let line = self.line;
        let hear = move |told: Result<Told, LedgerError>| match told {
            Ok(told) => say(&told, line),
            Err(error) => print::problems(&[failed(&error.into())]),
        };
        Notifier::start(setup, hear).unwrap_or_else(|error| {
            print::problems(&[failed(&error)]);
            None
        })
    }
}

fn say(told: &Told, line: fn(&str)) {
    let feeds = |count: usize| match count {
        1 => "1 feed".to_owned(),
        count => format!("{count} feeds"),
    };
    if told.heard > 0 {
        line(&format!("Told {} of {}.", told.hub, feeds(told.heard)));
    }
    if let Some(problem) = &told.problem {
        let help = if told.again {
            "`tidings watch` tries again by itself, `tidings build` when it is run again"
        } else {
            "it was tried for two days and will not be again; look at `hubs` under [websub]"
        };
        let message = format!(
            "the hub {} does not know of {} that changed: {problem}",
            told.hub,
            feeds(told.missed)
        );
        print::problems(&[Problem::warning(message).help(help)]);
    }
}

fn failed(error: &PublisherError) -> Problem {
    Problem::warning(error.to_string()).help("what hubs must be told is kept for the next time")
}
