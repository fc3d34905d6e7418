//! `tidings digest SLUG`: make an issue, or make it anew.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Utc;
use tidings::diagnostic::Problem;
use tidings::digest::archive::{FILE_NAMES, IssueFile};
use tidings::digest::period::Span;
use tidings::pipeline::Report;
use tidings::pipeline::issues::Composed;

use super::{Failure, Outcome, Who, digest};
use crate::cli::{open, print};

/// The folder of drafts, beside the ledger: nobody but the newsroom sees it.
const DRAFTS: &str = "drafts";

/// Makes the issue of a digest for a period, and says where its files are: web page, HTML mail,
/// text and .eml.
pub fn run(directory: &Path, slug: &str, period: &str, who: &Who) -> Result<Outcome, Failure> {
    let who = who.name_or_unknown()?;
    let mut newsroom = open(directory)?;
    let setup = newsroom.setup();
    if !setup.config.pages.enabled {
        return Err(Failure::Usage(
            Problem::error("this newsroom publishes feeds only, and so no digests")
                .help("set `enabled = true` under [pages] in feeds.toml"),
        ));
    }
    let (at, digest) = digest(setup, slug)?;
    let now = Utc::now();
    let span = Span::parse(period, digest.period, digest.timezone, now)
        .map_err(|error| Failure::Usage(error.into()))?;
    let period = span.in_words(setup.config.site.phrases.words(&digest.language));
    let published = setup
        .root
        .join(&setup.config.output.folder)
        .join("digests")
        .join(&digest.slug)
        .join(&span.label);
    let drafts = setup.state_folder().join(DRAFTS);
    let bar = print::Bar::new();
    let mut report: Report = newsroom.build(now, &bar)?;
    let composed = newsroom.compose_issue(at, &span, &who, &bar, &mut report)?;
    let mut problems = report.problems;
    problems.extend(newsroom.problems());
    print::problems(&problems);
    match composed {
        Composed::Published(edition) => {
            print::line(&edition.issue.subject);
            for name in FILE_NAMES {
                print::line(&format!("  {}", published.join(name).display()));
            }
        }
        Composed::Draft(edition, files) => {
            print::line(&edition.issue.subject);
            for file in files {
                print::line(&format!("  {}", write(&drafts, &file)?.display()));
            }
            print::line(&format!(
                "A draft: see `tidings digest show {slug} {0}`, then `tidings digest approve \
                     {slug} {0}`.",
                span.label
            ));
        }
        Composed::Settled(state) => print::line(&format!(
            "The issue for {period} is {state}, and stays as it is."
        )),
        Composed::Silent => print::line(&format!(
            "No news in {period}: no issue, as `quiet = \"skip\"` asks."
        )),
    }
    Ok(print::outcome(&problems))
}

/// Writes a file of a draft where no reader finds it.
fn write(drafts: &Path, file: &IssueFile) -> Result<PathBuf, Failure> {
    let path = drafts.join(&file.path);
    let failed = |error| Failure::Failed(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(&path, &file.bytes).map_err(failed)?;
    Ok(path)
}
