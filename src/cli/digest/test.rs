//! `tidings digest test`: send an issue to those who make it.

use std::path::Path;

use chrono::Utc;
use clap::Args;
use tidings::config::Mail;
use tidings::config::mail::RELAY_VARIABLE;
use tidings::diagnostic::Problem;
use tidings::mail::address::Address;
use tidings::mail::smtp::Relay;
use tidings::mail::{seal, trial};
use tidings::pipeline::issues::reader::IssueReader;

use super::{Failure, Outcome, digest, failed, label};
use crate::cli::{print, setup};

/// Send an issue to addresses of your own, as a test
#[derive(Args)]
#[command(
    after_help = "The message is what subscribers get, with [Test] before its subject. It is no delivery: nobody's\nissue is counted as sent. Its personal links belong to nobody.\n\nExamples:\n  tidings digest test weekly --to ana@example.org\n  tidings digest test weekly 2024-W47 --to ana@example.org,ben@example.org"
)]
pub struct Test {
    /// The digest's slug in feeds.toml
    slug: String,
    /// The issue's period: 2024-W47, 2024-11, a date in it; without one, the last
    period: Option<String>,
    /// Where to; may be given again, or with commas
    #[arg(long, value_name = "ADDRESS", required = true, value_delimiter = ',')]
    to: Vec<String>,
}

impl Test {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let (_, digest) = digest(&setup, &self.slug)?;
        let period = label(digest, self.period.as_deref())?;
        let addresses = addresses(&self.to)?;
        let variable = std::env::var(RELAY_VARIABLE).ok();
        let default = Mail::default();
        let mail = setup.config.mail.as_ref().unwrap_or(&default);
        let relay = Relay::new(mail, variable.as_deref(), &setup.root).map_err(Failure::Usage)?;
        let mut reader = IssueReader::open(&setup).map_err(failed)?;
        let key = reader.ledger().signing_key().map_err(failed)?;
        let seal = seal::load(&setup, key).map_err(Failure::Problems)?;
        let trials = reader
            .read(Some(&self.slug), period.as_deref(), |read| {
                trial::messages(&read, &seal, &addresses, Utc::now())
            })
            .map_err(|problem| Failure::Problems(vec![problem]))?;
        let fates =
            trial::send(&relay, &trials).map_err(|error| Failure::Failed(error.to_string()))?;
        let mut problems = Vec::new();
        for (address, fate) in addresses.iter().zip(fates) {
            match fate {
                Ok(words) => print::line(&format!("{address}: {words}")),
                Err(words) => problems.push(Problem::error(format!("{address}: {words}"))),
            }
        }
        print::problems(&problems);
        Ok(print::outcome(&problems))
    }
}

fn addresses(texts: &[String]) -> Result<Vec<Address>, Failure> {
    let address = |text: &String| {
        text.trim().parse::<Address>().map_err(|error| {
            Failure::Usage(Problem::error(format!(
                "'{text}' is no mail address: {error}"
            )))
        })
    };
    texts.iter().map(address).collect()
}
