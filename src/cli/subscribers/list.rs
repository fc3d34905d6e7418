//! `tidings subscribers list` and `show`.

use clap::{Args, ValueEnum};
use serde_json::json;
use tidings::ledger::subscribers::{Choice, State, Subscriber};
use tidings::mail::address::Address;
use tidings::subscribers::held::{self, time};

use super::{Register, address};
use crate::cli::{Failure, Outcome, print};

/// How many people are in memory at a time.
const AT_ONCE: usize = 500;

/// Count subscribers by digest and by state, or list them
#[derive(Args)]
pub struct List {
    /// List people rather than numbers
    #[arg(long)]
    people: bool,
    /// Only those who get this digest, or something that goes out with it
    #[arg(long, value_name = "SLUG", requires = "people")]
    digest: Option<String>,
    /// Only those in this state
    #[arg(long, value_enum, requires = "people")]
    state: Option<Word>,
    /// Print JSON: an object of numbers, or with --people an object a line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Word {
    Pending,
    Active,
    Ended,
}

impl Word {
    fn state(self) -> State {
        match self {
            Word::Pending => State::Pending,
            Word::Active => State::Active,
            Word::Ended => State::Ended,
        }
    }
}

impl List {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        if self.people {
            self.people(register)
        } else {
            self.numbers(register)
        }
    }

    fn numbers(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let counts = register.ledger.subscriber_counts(register.now);
        let counts = counts.map_err(|error| Failure::Failed(error.to_string()))?;
        let of = |state: State| counts.states.get(state.word()).copied().unwrap_or(0);
        if self.json {
            let digests = counts.digests.iter().map(|(slug, count)| {
                let numbers = json!({
                    "confirmed": count.confirmed,
                    "own": count.own,
                    "pending": count.pending,
                    "ended": count.ended,
                });
                (slug.clone(), numbers)
            });
            let numbers = json!({
                "active": of(State::Active),
                "paused": counts.paused,
                "pending": of(State::Pending),
                "ended": of(State::Ended),
                "suppressed": counts.suppressed,
                "digests": digests.collect::<serde_json::Map<_, _>>(),
            });
            print::line(&numbers.to_string());
            return Ok(Outcome::Fine);
        }
        print::line(&format!(
            "{} active ({} paused), {} pending, {} ended",
            of(State::Active),
            counts.paused,
            of(State::Pending),
            of(State::Ended)
        ));
        for (slug, count) in &counts.digests {
            print::line(&format!(
                "{slug}: {} confirmed ({} with selections of their own), {} pending, {} left",
                count.confirmed, count.own, count.pending, count.ended
            ));
        }
        if !counts.suppressed.is_empty() {
            let reasons = counts.suppressed.iter();
            let reasons: Vec<String> = reasons
                .map(|(reason, count)| format!("{count} {reason}"))
                .collect();
            print::line(&format!("never mailed again: {}", reasons.join(", ")));
        }
        Ok(Outcome::Fine)
    }

    fn people(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let mut last = String::new();
        loop {
            let page = register.ledger.subscribers_after(&last, AT_ONCE);
            let page = page.map_err(|error| Failure::Failed(error.to_string()))?;
            let Some(end) = page.last() else {
                return Ok(Outcome::Fine);
            };
            last = end.address.key();
            for subscriber in page.iter().filter(|subscriber| self.wants(subscriber)) {
                self.print(subscriber);
            }
        }
    }

    fn wants(&self, subscriber: &Subscriber) -> bool {
        let digest = self.digest.as_ref().is_none_or(|digest| {
            let mut choices = subscriber.choices.iter();
            choices.any(|choice| choice.digest == *digest && choice.ended.is_none())
        });
        let state = self
            .state
            .is_none_or(|word| word.state() == subscriber.state);
        digest && state
    }

    fn print(&self, subscriber: &Subscriber) {
        let choices = subscriber.choices.iter();
        let choices: Vec<String> = choices
            .filter(|choice| choice.is_confirmed() || choice.is_pending())
            .map(named)
            .collect();
        if self.json {
            let person = json!({
                "address": subscriber.address.to_string(),
                "name": subscriber.name,
                "language": subscriber.language,
                "state": subscriber.state.word(),
                "paused_until": time(subscriber.paused_until),
                "choices": choices,
            });
            print::line(&person.to_string());
        } else {
            print::line(&format!(
                "{}\t{}\t{}",
                subscriber.address,
                subscriber.state.word(),
                choices.join(" | ")
            ));
        }
    }
}

fn named(choice: &Choice) -> String {
    match choice.selection.as_str() {
        "" => choice.digest.clone(),
        selection => format!("{}: {selection}", choice.digest),
    }
}

/// Show everything that is held on a subscriber, as JSON
#[derive(Args)]
pub struct Show {
    /// The subscriber's address
    #[arg(value_parser = address)]
    address: Address,
    /// Print only the link to their page of preferences; whoever has it can change everything
    #[arg(long)]
    link: bool,
}

impl Show {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let subscriber = register.subscriber(&self.address)?;
        if self.link {
            let links = &register.seal.links;
            print::line(&links.preferences(subscriber.id, subscriber.generation));
            return Ok(Outcome::Fine);
        }
        let everything = held::everything(&mut register.ledger, &subscriber, &register.seal.key);
        let everything = everything.map_err(|error| Failure::Failed(error.to_string()))?;
        print::line(&format!("{everything:#}"));
        Ok(Outcome::Fine)
    }
}
