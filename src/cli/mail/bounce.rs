//! `tidings mail bounce`: one message that came back, from a mail server's pipe.

use std::io::{self, Read};
use std::path::Path;

use chrono::Utc;
use clap::Args;
use tidings::mail::bounce::desk::{Desk, MESSAGE_LIMIT};

use super::super::{Failure, Outcome, print, setup};

/// Take in one message that came to the mailbox for bounces, from standard input
#[derive(Args)]
#[command(
    after_help = "For the pipe of a mail server. Exits with 0 when the message is in the ledger, even when somebody\nmust look at it (`tidings mail bounces --open`), and with 75 when it could not be taken, so that the\nmail server tries again.\n\nExamples:\n  tidings -C /srv/news mail bounce < message.eml\n  # Postfix, /etc/aliases:\n  bounces: \"|/usr/bin/tidings -C /srv/news mail bounce\""
)]
pub struct Bounce {}

impl Bounce {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        // Whatever is wrong here may be mended while the mail server keeps the message.
        self.take(directory).map_err(|failure| match failure {
            Failure::Problems(problems) => {
                print::problems(&problems);
                Failure::Later("the message was not taken: mend feeds.toml first".to_owned())
            }
            Failure::Usage(problem) => Failure::Later(problem.message),
            Failure::Failed(message) | Failure::Later(message) => Failure::Later(message),
        })
    }

    fn take(&self, directory: &Path) -> Result<Outcome, Failure> {
        let mut message = Vec::new();
        let mut input = io::stdin().lock();
        input
            .by_ref()
            .take(MESSAGE_LIMIT as u64)
            .read_to_end(&mut message)?;
        // Whoever pipes it must not be cut off.
        io::copy(&mut input, &mut io::sink())?;
        let setup = setup(directory)?;
        let (mut ledger, proof, limits) = super::desk(&setup)?;
        let mut desk = Desk::new(&mut ledger, &proof, &limits);
        let taken = desk.take(&message, "pipe", Utc::now().timestamp_millis())?;
        print::line(&taken.to_string());
        Ok(Outcome::Fine)
    }
}
