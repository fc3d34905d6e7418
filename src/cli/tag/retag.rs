//! `tidings tag retag`: what a changed taxonomy changes, and doing it.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use serde_json::{Value, json};
use tidings::diagnostic::Problem;
use tidings::pipeline::retag::{self, Changes};
use tidings::setup::Setup;
use tidings::tag::Origin;

use crate::cli::{Failure, Outcome, open, print, setup};

/// Tag all items anew; with --dry-run, only show which tags would change
#[derive(Args)]
#[command(after_help = "\
Compared is with what was last published. A term that was renamed or merged (was = [...]) goes on
under its new name: that is told apart from tags that are gained or lost.

Examples:
  tidings tag retag --dry-run                     what the feeds.toml of now changes
  tidings tag retag --dry-run --with draft.toml   what another would change
  tidings tag retag                               do it: the same as a build")]
pub struct Retag {
    /// Change nothing; show what would change
    #[arg(long)]
    dry_run: bool,
    /// Compare with this file in the place of feeds.toml
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    with: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Retag {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let now = setup(directory)?;
        let after = match &self.with {
            None => None,
            Some(file) => {
                let source = fs::read_to_string(file)
                    .map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
                let other = Setup::of(now.root.clone(), source, file);
                Some(other.map_err(Failure::Problems)?)
            }
        };
        let before = published(&now)?;
        // Without a build to compare with, a draft is compared with what is there.
        let changes = match (&before, &after) {
            (Some(before), after) => compare(before, after.as_ref().unwrap_or(&now))?,
            (None, Some(after)) => compare(&now, after)?,
            (None, None) if self.dry_run => {
                let problem = Problem::error("nothing was published yet to compare with")
                    .help("build first, or name another configuration: --with FILE");
                return Err(Failure::Usage(problem));
            }
            (None, None) => Changes::default(),
        };
        if self.json {
            print::line(&as_json(&changes).to_string());
        } else {
            print::line(text(&changes).trim_end());
        }
        if self.dry_run {
            print::problems(&changes.problems);
            return Ok(Outcome::Fine);
        }
        let mut newsroom = open(directory)?;
        let report = newsroom.build(Utc::now(), &print::Bar::new())?;
        if self.json {
            let problems: Vec<Problem> = newsroom.problems();
            print::problems(&problems);
            return Ok(print::outcome(&problems));
        }
        Ok(print::report(&report, &newsroom))
    }
}

fn compare(before: &Setup, after: &Setup) -> Result<Changes, Failure> {
    retag::compare(before, after, Utc::now()).map_err(|error| Failure::Failed(error.to_string()))
}

/// The configuration that was published last, if any was and it can still be read.
fn published(now: &Setup) -> Result<Option<Setup>, Failure> {
    let file = retag::kept(now);
    let Ok(source) = fs::read_to_string(&file) else {
        return Ok(None);
    };
    let before = Setup::of(now.root.clone(), source, &file);
    before.map(Some).map_err(|mut problems| {
        let help = "the templates may have changed with it: build, then compare again";
        problems.push(Problem::error("what was published last cannot be compared with").help(help));
        Failure::Problems(problems)
    })
}

fn origin(origin: Origin) -> Value {
    serde_json::to_value(origin).unwrap_or_default()
}

fn text(changes: &Changes) -> String {
    let mut out = String::new();
    let said = |it: Origin| origin(it).as_str().unwrap_or_default().to_owned();
    for item in &changes.items {
        out.push_str(&format!("{}  {}\n", item.path, item.title));
        for (name, by) in &item.gained {
            out.push_str(&format!("  + {name} ({})\n", said(*by)));
        }
        for (name, by) in &item.lost {
            out.push_str(&format!("  - {name} ({})\n", said(*by)));
        }
    }
    if !changes.items.is_empty() {
        out.push('\n');
    }
    for (old, new, items) in &changes.renamed {
        out.push_str(&format!("{old} is now {new}: {items} items go along\n"));
    }
    for (name, (before, after)) in &changes.counts {
        out.push_str(&format!("{name}: {before} items before, {after} after\n"));
    }
    let sum = |pick: fn(&retag::Changed) -> usize| changes.items.iter().map(pick).sum::<usize>();
    out.push_str(&format!(
        "{} of {} items change: {} tags gained, {} lost\n",
        changes.items.len(),
        changes.compared,
        sum(|item| item.gained.len()),
        sum(|item| item.lost.len()),
    ));
    out
}

fn as_json(changes: &Changes) -> Value {
    let tags = |tags: &[(String, Origin)]| -> Value {
        let each = tags.iter();
        each.map(|(term, by)| json!({ "term": term, "origin": origin(*by) }))
            .collect()
    };
    let items = changes.items.iter().map(|item| {
        json!({
            "path": &*item.path,
            "title": item.title,
            "gained": tags(&item.gained),
            "lost": tags(&item.lost),
        })
    });
    let terms = changes
        .counts
        .iter()
        .map(|(term, (before, after))| json!({ "term": term, "before": before, "after": after }));
    let renamed = changes
        .renamed
        .iter()
        .map(|(old, new, items)| json!({ "from": old, "to": new, "items": items }));
    json!({
        "compared": changes.compared,
        "items": items.collect::<Vec<_>>(),
        "terms": terms.collect::<Vec<_>>(),
        "renamed": renamed.collect::<Vec<_>>(),
    })
}
