//! How far a send is, for people: a bar where somebody looks, notes in any case.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use tidings::ledger::deliveries::Counts;
use tidings::mail::sender::Watcher;

use crate::cli::print;

/// A bar, or none where nobody looks.
pub struct Bar {
    bar: Option<ProgressBar>,
    name: String,
    began_at: Option<u64>,
}

impl Bar {
    /// For what is called `name`.
    pub fn new(name: &str) -> Bar {
        let bar = std::io::stderr().is_terminal().then(|| {
            let form = "{msg} {bar:32} {pos}/{len} {per_sec} {eta} left";
            let style = ProgressStyle::with_template(form);
            let bar = ProgressBar::new(0);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(name.to_owned());
            bar
        });
        Bar {
            bar,
            name: name.to_owned(),
            began_at: None,
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Watcher for Bar {
    fn progress(&mut self, counts: &Counts) {
        let Some(bar) = &self.bar else {
            return;
        };
        let settled = counts.total() - counts.open();
        // What an earlier run sent says nothing of this one's speed.
        if self.began_at.is_none() {
            self.began_at = Some(settled);
            bar.reset_eta();
        }
        bar.set_length(counts.total());
        bar.set_position(settled);
    }

    fn note(&mut self, text: &str) {
        let text = format!("{}: {text}", self.name);
        match &self.bar {
            Some(bar) => bar.suspend(|| print::note(&text)),
            None => print::note(&text),
        }
    }
}
