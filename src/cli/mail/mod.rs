//! `tidings mail`: what mail needs beside sending.

mod bounce;
mod bounces;
mod check;

use std::path::Path;

use clap::{Args, Subcommand};
use tidings::config::Bounces;
use tidings::ledger::Ledger;
use tidings::mail::bounce::Proof;
use tidings::setup::Setup;
use tidings::subscribers::links::Links;

use super::{Failure, Outcome};

/// See whether mail will arrive, and hear of what came back
#[derive(Args)]
pub struct Mail {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Bounce(bounce::Bounce),
    Bounces(bounces::Bounces),
}

impl Mail {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Check(command) => command.run(directory),
            Command::Bounce(command) => command.run(directory),
            Command::Bounces(command) => command.run(directory),
        }
    }
}

/// The newsroom's ledger, and what proves that a report is about its mail.
pub(super) fn desk(setup: &Setup) -> Result<(Ledger, Proof, Bounces), Failure> {
    let mut ledger = Ledger::open(&setup.root.join(&setup.config.ledger.file))?;
    let key = ledger.signing_key()?;
    let links = Links::new(setup.config.site.base_url.as_str(), key.clone());
    let mail = setup.config.mail.as_ref();
    let limits = mail.map_or_else(Bounces::default, |mail| mail.bounces.clone());
    let digests = setup.config.digests.iter();
    let former = digests.flat_map(|digest| {
        let was = digest.was.iter();
        was.map(|was| (was.clone(), digest.slug.clone()))
    });
    let former = former.collect();
    Ok((ledger, Proof { links, key, former }, limits))
}
