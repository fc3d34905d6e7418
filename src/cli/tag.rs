//! `tidings tag`: measuring tags, and training what learns them.

mod evaluate;
mod retag;
mod train;

use std::path::Path;

use clap::{Args, Subcommand};

use super::{Failure, Outcome};

/// Measure how good the tags are, and train the model that learns them
#[derive(Args)]
pub struct Tag {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Evaluate(evaluate::Evaluate),
    Retag(retag::Retag),
    Train(train::Train),
}

impl Tag {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Evaluate(command) => command.run(directory),
            Command::Retag(command) => command.run(directory),
            Command::Train(command) => command.run(directory),
        }
    }
}
