//! `tidings build`: publish once.

use std::path::Path;

use chrono::Utc;
use clap::Args;

use super::{Failure, Outcome, hubs, open, print};

/// Publish everything once: feeds, pages, digests
#[derive(Args)]
#[command(
    after_help = "Only what changed is read and written. A file that cannot be published is reported, and its\nlast good version stays.\n\nExample:\n  tidings build && rsync -a --exclude .tidings public/ server:/var/www/news/"
)]
pub struct Build {}

impl Build {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let mut newsroom = open(directory)?;
        let report = newsroom.build(Utc::now(), &print::Bar::new())?;
        let outcome = print::report(&report, &newsroom);
        hubs::tell_once(newsroom.setup());
        Ok(outcome)
    }
}
