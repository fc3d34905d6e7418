//! `tidings completions`: for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Failure, Outcome};

/// Print completions for a shell
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidings completions bash > ~/.local/share/bash-completion/completions/tidings"
)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub fn run(&self) -> Result<Outcome, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Arguments::command(),
            "tidings",
            &mut script,
        );
        super::print::line(String::from_utf8_lossy(&script).trim_end());
        Ok(Outcome::Fine)
    }
}
