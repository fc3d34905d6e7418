//! `tidings send uncertain`: what a crash left in doubt, and what a person decides about it.

use chrono::Utc;
use clap::Args;
use tidings::entry::from_milliseconds;
use tidings::ledger::deliveries::{self, Mailing};
use tidings::mail::outbox::open_ledger;
use tidings::setup::Setup;

use super::failed;
use crate::cli::{Failure, Outcome, print};

/// List messages that may have been sent when the program or the machine died, and decide
#[derive(Args)]
#[command(
    after_help = "The relay's log tells: look for the Message-ID or the address at that time.\n\nExamples:\n  tidings send uncertain\n  tidings send uncertain --sent anna@example.org\n  tidings send uncertain --again"
)]
pub struct Uncertain {
    /// They were sent: nothing more is done
    #[arg(long, conflicts_with = "again")]
    sent: bool,
    /// They were not: send them, under the same Message-ID
    #[arg(long)]
    again: bool,
    /// Only this address
    address: Option<String>,
}

impl Uncertain {
    pub fn run(&self, setup: &Setup) -> Result<Outcome, Failure> {
        let mut ledger = open_ledger(setup).map_err(failed)?;
        let mut all = ledger.uncertain_deliveries().map_err(failed)?;
        if let Some(address) = &self.address {
            all.retain(|one| one.address.as_ref() == Some(address));
        }
        if all.is_empty() {
            print::line("Nothing is uncertain.");
            return Ok(Outcome::Fine);
        }
        if !self.sent && !self.again {
            for one in &all {
                print::line(&in_words(one));
            }
            return Ok(Outcome::Problems);
        }
        let now = Utc::now().timestamp_millis();
        for one in &all {
            ledger
                .decide_uncertain(&one.mailing, one.key, self.sent, now)
                .map_err(failed)?;
        }
        let number = all.len();
        if self.sent {
            print::line(&format!("{number} are settled as sent."));
            return Ok(Outcome::Fine);
        }
        print::line(&format!(
            "{number} will be sent with the next `tidings send`."
        ));
        Ok(Outcome::Fine)
    }
}

fn in_words(one: &deliveries::Uncertain) -> String {
    let name = match &one.mailing {
        Mailing::Issue { digest, period } => format!("{digest} {period}"),
        Mailing::Letters => "letter".to_owned(),
    };
    let address = one.address.as_deref().unwrap_or("(gone)");
    let since = from_milliseconds(one.since).format("%F %H:%M:%S UTC");
    format!("{name}  {address}  {since}  {}", one.why)
}
