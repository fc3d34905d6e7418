//! `tidings subscribers import` and `export`.

use std::io::{BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tidings::diagnostic::Problem;
use tidings::subscribers::table::encoding::{self, Decoded};
use tidings::subscribers::table::export::{ExportError, export};
use tidings::subscribers::table::import::{ImportError, Options, Told, import};
use tidings::subscribers::wish;

use super::Register;
use crate::cli::{Failure, Outcome, print, watch};

/// Subscribe people from a CSV file, with the consent that you have of them
#[derive(Args)]
#[command(
    after_help = "The first line names the columns: address (or e-mail), and if you have them name, language,\nstate, choices (`weekly | daily: topic:water`), paused_until, consented, consent_source,\nconsent_wording. Commas, semicolons and tabs divide cells; the encoding is found out.\nWhoever left, or had mail stopped, is never brought back.\n\nEvery row that cannot be taken is listed with its line and the reason; the others are taken.\nAn import that was stopped is completed by importing the file again.\n\nExamples:\n  tidings subscribers import people.csv --digest weekly --consent \"fair in Vienna, on paper\" --dry-run"
)]
pub struct Import {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How and where the people agreed; kept with each
    #[arg(long, value_name = "WORDS")]
    consent: String,
    /// What rows without choices are subscribed to; may be given several times
    #[arg(long, value_name = "SLUG")]
    digest: Vec<String>,
    /// The language of letters for rows without one, if it is not the site's main one
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Tell what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let config = &register.setup.config;
        if self.consent.trim().is_empty() {
            let problem = Problem::error("nobody may be subscribed without their consent");
            let help = "say with --consent where and how they agreed";
            return Err(Failure::Usage(problem.help(help)));
        }
        let mut wishes = Vec::new();
        for slug in &self.digest {
            let wish = wish::whole(config, slug);
            wishes.push(wish.map_err(|error| Failure::Usage(Problem::error(error.to_string())))?);
        }
        let main = config.site.language.clone();
        let options = Options {
            consent: self.consent.trim().to_owned(),
            wishes,
            language: self.language.clone().unwrap_or(main),
            dry_run: self.dry_run,
        };
        if config.site.language_of(&options.language).is_none() {
            let message = format!("the site has no language '{}'", options.language);
            return Err(Failure::Usage(Problem::error(message)));
        }
        let named = self.file.display();
        let unreadable = |error: std::io::Error| {
            Failure::Usage(Problem::error(format!("{named} cannot be read: {error}")))
        };
        let (file, encoding) = encoding::open(&self.file).map_err(unreadable)?;
        if encoding.name() != "UTF-8" {
            print::note(&format!("{named} was read as {}.", encoding.name()));
        }
        let octets = file.metadata().map_err(unreadable)?.len();
        let bar = bar(octets, "{msg} {bar:32} {percent} % {eta} left");
        let table = Decoded::new(bar.wrap_read(file), encoding);
        let stop = Arc::new(AtomicBool::new(false));
        let wish_to_stop = Arc::clone(&stop);
        watch::on_signal(move || wish_to_stop.store(true, Ordering::Relaxed))?;
        let mut hear = |told: Told<'_>| {
            match told {
                Told::Bad(bad) => {
                    let line = format!("{named}:{}: {}: {}", bad.line, bad.address, bad.reason);
                    bar.suspend(|| print::line(&line));
                }
                Told::So(outcome) => bar.set_message(format!("{} rows", outcome.taken())),
            }
            match stop.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let book = (&mut register.ledger, &register.seal.key);
        let outcome = import(table, book, config, &options, register.now, &mut hear);
        bar.finish_and_clear();
        let outcome = outcome.map_err(|error| match error {
            ImportError::Ledger(error) => Failure::Failed(error.to_string()),
            ImportError::Read(error) => {
                Failure::Failed(format!("{named} cannot be read on: {error}"))
            }
            ImportError::Stopped(_) if self.dry_run => {
                Failure::Failed(format!("{named}: {error}; nothing was changed"))
            }
            ImportError::Stopped(_) => {
                Failure::Failed(format!("{named}: {error}; import it again for the rest"))
            }
            other => {
                let problem = Problem::error(format!("{named}: {other}"));
                Failure::Problems(vec![
                    problem.help("mend the file; rows before were taken as usual"),
                ])
            }
        })?;
        let words = if self.dry_run {
            "Nothing was changed. It would be: "
        } else {
            ""
        };
        print::line(&format!(
            "{words}{} added, {} changed, {} as they were; {} told of above",
            outcome.added, outcome.changed, outcome.unchanged, outcome.bad
        ));
        Ok(match outcome.bad {
            0 => Outcome::Fine,
            _ => Outcome::Problems,
        })
    }
}

/// Write all subscribers as CSV, which import reads again
#[derive(Args)]
pub struct Export {
    /// Where to write, instead of standard output; only its owner may read it then
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let failed = |error: ExportError| Failure::Failed(error.to_string());
        let Some(file) = &self.output else {
            let out = BufWriter::new(std::io::stdout().lock());
            export(&mut register.ledger, out, &mut |_| ()).map_err(failed)?;
            return Ok(Outcome::Fine);
        };
        let mut out = BufWriter::new(private(file)?);
        let counts = register.ledger.subscriber_counts(register.now)?;
        let bar = bar(
            counts.states.values().sum(),
            "{bar:32} {pos}/{len} {eta} left",
        );
        let mut tell = |count| bar.set_position(count);
        let count = export(&mut register.ledger, &mut out, &mut tell).map_err(failed)?;
        out.flush()?;
        bar.finish_and_clear();
        print::note(&format!("{count} subscribers in {}.", file.display()));
        Ok(Outcome::Fine)
    }
}

/// A bar where somebody looks, else none.
fn bar(length: u64, form: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(form);
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A file that others on the machine cannot read: it is full of addresses.
fn private(file: &std::path::Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
