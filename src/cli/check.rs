//! `tidings check`: everything that is wrong, without publishing anything.

use std::path::Path;

use chrono::Utc;
use clap::Args;
use tidings::diagnostic::{self, Problem};
use tidings::pipeline::inspect;
use tidings::setup::Setup;

use super::{Failure, Outcome, print};

/// Find every problem of feeds.toml, the templates and the items; publish nothing
#[derive(Args)]
#[command(
    after_help = "Exits with 1 when there is any error, so that it can guard a repository.\n\nExample:\n  tidings check --json | jq '.[] | select(.severity == \"error\")'"
)]
pub struct Check {
    /// Print the problems as a JSON array
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let mut problems: Vec<Problem> = Vec::new();
        let mut items = 0;
        match Setup::load(directory) {
            Err(found) => problems.extend(found),
            Ok(setup) => {
                problems.extend(setup.warnings.iter().cloned());
                let inspection = inspect::all(&setup, Utc::now())
                    .map_err(|error| Failure::Failed(error.to_string()))?;
                items = inspection.catalog.len();
                problems.extend(inspection.problems);
            }
        }
        if self.json {
            print::line(&diagnostic::json(&problems).to_string());
        } else {
            print::problems(&problems);
            let errors = problems
                .iter()
                .filter(|problem| problem.severity == diagnostic::Severity::Error)
                .count();
            print::line(&format!(
                "{items} items checked: {errors} errors, {} warnings",
                problems.len() - errors
            ));
        }
        Ok(print::outcome(&problems))
    }
}
