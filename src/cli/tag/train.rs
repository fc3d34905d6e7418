//! `tidings tag train`: train the model now.

use std::path::Path;

use clap::Args;
use tidings::pipeline::ENOUGH_ITEMS;

use crate::cli::{Failure, Outcome, open, print};

/// Train the model on all labelled items now, rather than when the archive has grown enough
#[derive(Args)]
#[command(
    after_help = "A model trained anew changes no item that is published: its tags were settled when it was\nread. --forget gives that up, and the next build tags every item that states none anew.\n\nExample:\n  tidings tag train --forget && tidings build"
)]
pub struct Train {
    /// Let go of the tags that rules and earlier models settled
    #[arg(long)]
    forget: bool,
}

impl Train {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let mut newsroom = open(directory)?;
        for (facet, items) in newsroom.train_now(self.forget)? {
            let name = &newsroom.setup().config.taxonomy.facet(facet).plural;
            print::line(&match items {
                0 => format!(
                    "{name}: nothing was learned; that takes {ENOUGH_ITEMS} labelled items that were built"
                ),
                items => format!("{name}: learned from {items} items"),
            });
        }
        Ok(Outcome::Fine)
    }
}
