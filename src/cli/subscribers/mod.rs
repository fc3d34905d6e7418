//! `tidings subscribers`: who gets mail, for editors.

mod change;
mod list;
mod table;

use std::path::Path;

use chrono::Utc;
use clap::{Args, Subcommand};
use tidings::diagnostic::Problem;
use tidings::ledger::Ledger;
use tidings::ledger::subscribers::{Find, Subscriber};
use tidings::mail::address::Address;
use tidings::mail::message::Seal;
use tidings::mail::seal;
use tidings::setup::Setup;
use tidings::subscribers::registrar::{Registrar, RegistrarError};

use super::{Failure, Outcome, setup};

/// List, add, import and export subscribers, and do for them what they ask
#[derive(Args)]
#[command(
    after_help = "People subscribe, change and leave by themselves on the pages that `tidings serve` has when\nfeeds.toml has [subscriptions]. These commands are for what they ask editors to do.\n\nExamples:\n  tidings subscribers list\n  tidings subscribers import people.csv --digest weekly --consent \"fair in Vienna, on paper\" --dry-run\n  tidings subscribers export > subscribers.csv\n  tidings subscribers show anna@example.org"
)]
pub struct Subscribers {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Show(list::Show),
    Add(change::Add),
    Remove(change::Remove),
    Pause(change::Pause),
    Erase(change::Erase),
    Suppress(change::Suppress),
    Import(table::Import),
    Export(table::Export),
}

impl Subscribers {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let mut register = Register::open(directory)?;
        match &self.command {
            Command::List(command) => command.run(&mut register),
            Command::Show(command) => command.run(&mut register),
            Command::Add(command) => command.run(&mut register),
            Command::Remove(command) => command.run(&mut register),
            Command::Pause(command) => command.run(&mut register),
            Command::Erase(command) => command.run(&mut register),
            Command::Suppress(command) => command.run(&mut register),
            Command::Import(command) => command.run(&mut register),
            Command::Export(command) => command.run(&mut register),
        }
    }
}

/// What the commands work on.
struct Register {
    setup: Setup,
    ledger: Ledger,
    seal: Seal,
    /// When the command was given, in milliseconds since 1970 UTC.
    now: i64,
}

impl Register {
    fn open(directory: &Path) -> Result<Register, Failure> {
        let setup = setup(directory)?;
        let file = setup.root.join(&setup.config.ledger.file);
        let failed = |error: tidings::ledger::LedgerError| Failure::Failed(error.to_string());
        let mut ledger = Ledger::open(&file).map_err(failed)?;
        let key = ledger.signing_key().map_err(failed)?;
        let seal = seal::load(&setup, key).map_err(Failure::Problems)?;
        Ok(Register {
            setup,
            ledger,
            seal,
            now: Utc::now().timestamp_millis(),
        })
    }

    fn registrar(&mut self) -> (Registrar<'_>, &mut Ledger) {
        (Registrar::new(&self.setup, &self.seal), &mut self.ledger)
    }

    /// The subscriber with an address.
    fn subscriber(&mut self, address: &Address) -> Result<Subscriber, Failure> {
        let facts = self
            .ledger
            .subscriber_facts(Find::Address(address), &self.seal.key)
            .map_err(|error| Failure::Failed(error.to_string()))?;
        facts.subscriber.ok_or_else(|| {
            let message = format!("nobody with the address {address} is known");
            let help = match facts.suppressed {
                Some(reason) => format!("it is never mailed again ({})", reason.word()),
                None => "`tidings subscribers list --people` has them all".to_owned(),
            };
            Failure::Usage(Problem::error(message).help(help))
        })
    }
}

impl From<RegistrarError> for Failure {
    fn from(error: RegistrarError) -> Failure {
        match error {
            RegistrarError::Ledger(error) => Failure::Failed(error.to_string()),
            RegistrarError::Letter(problem) => Failure::Problems(vec![*problem]),
        }
    }
}

/// An address given on the command line.
fn address(text: &str) -> Result<Address, String> {
    text.parse()
        .map_err(|error: tidings::mail::address::AddressError| error.to_string())
}
