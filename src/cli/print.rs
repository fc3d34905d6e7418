//! What is printed: problems and progress on standard error, results on standard output.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use tidings::diagnostic::{self, Problem, Severity, Style};
use tidings::pipeline::{Newsroom, Progress, Report, Stage};

use super::Outcome;

/// Writes a line of result; a reader that has gone away ends the matter quietly.
pub fn line(text: &str) {
    let mut out = anstream::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        std::process::exit(0);
    }
}

/// Writes a line about what goes on to standard error, where the other is for results.
pub fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Prints problems, coloured where somebody looks at them and wants colours.
pub fn problems(problems: &[Problem]) {
    if problems.is_empty() {
        return;
    }
    // anstream takes the colours out again for pipes, NO_COLOR and simple terminals.
    let text = diagnostic::render(problems, Style::Coloured);
    let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end());
}

/// Prints what a run did, and everything that is wrong now.
pub fn report(report: &Report, newsroom: &Newsroom) -> Outcome {
    let all: Vec<Problem> = report
        .problems
        .iter()
        .cloned()
        .chain(newsroom.problems())
        .collect();
    problems(&all);
    line(&summary(report, newsroom));
    outcome(&all)
}

/// Whether any of the problems is an error.
pub fn outcome(problems: &[Problem]) -> Outcome {
    if problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
    {
        Outcome::Problems
    } else {
        Outcome::Fine
    }
}

/// One line about a run: `45 items in 312 feeds: 1 new; wrote 41 files (1.2 MB) in 0.04 s`.
pub fn summary(report: &Report, newsroom: &Newsroom) -> String {
    let counts = newsroom.counts();
    let mut parts = vec![
        (report.added, "new"),
        (report.changed, "read again"),
        (report.removed, "removed"),
    ];
    let standing = [
        (counts.scheduled, "scheduled"),
        (counts.withdrawn, "withdrawn"),
        (counts.refused, "refused"),
    ];
    parts.extend(standing);
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let changes = if parts.is_empty() {
        "nothing new".to_owned()
    } else {
        parts.join(", ")
    };
    let output = report.output;
    let mut written = match (output.written, output.removed) {
        (0, 0) => "nothing to write".to_owned(),
        (written, 0) => format!(
            "wrote {} ({})",
            counted(written, "file"),
            size(output.bytes)
        ),
        (written, removed) => format!(
            "wrote {} ({}), removed {removed}",
            counted(written, "file"),
            size(output.bytes)
        ),
    };
    for issue in &report.issues {
        written = format!("{written}; composed {issue}");
    }
    let mut summary = format!(
        "{} in {}: {changes}; {written} in {:.2} s",
        counted(counts.live, "item"),
        counted(counts.feeds, "feed"),
        report.took.as_secs_f64()
    );
    for waiting in &report.waiting {
        summary.push_str(&format!("\nDigest {waiting}"));
    }
    summary
}

/// `1 item`, `2 items`
fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// `1.2 MB`
pub fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let unit = units.iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(
        || format!("{bytes} bytes"),
        |(unit, name)| format!("{:.1} {name}", bytes as f64 / *unit as f64),
    )
}

/// A progress bar for long work, where somebody looks; quiet otherwise.
pub struct Bar(Mutex<Option<ProgressBar>>);

/// Work of fewer steps is over before a bar could be read.
const WORTH_A_BAR: usize = 500;

impl Bar {
    /// No bar yet.
    pub fn new() -> Bar {
        Bar(Mutex::new(None))
    }

    fn set(&self, bar: Option<ProgressBar>) {
        let mut current = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(old) = std::mem::replace(&mut *current, bar) {
            old.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn start(&self, stage: Stage, steps: usize) {
        let name = match stage {
            Stage::Scan => return,
            Stage::Read => "Reading",
            Stage::Write => "Writing",
        };
        if steps < WORTH_A_BAR || !std::io::stderr().is_terminal() {
            return self.set(None);
        }
        let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}");
        let bar = ProgressBar::new(steps as u64);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(name);
        self.set(Some(bar));
    }

    fn step(&self, _: Stage) {
        let current = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bar) = &*current {
            bar.inc(1);
        }
    }

    fn finish(&self) {
        self.set(None);
    }
}
