//! `tidings explain`: why an item lands where it lands.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;
use tidings::catalog::{Record, State, matches, topics_of};
use tidings::config::Config;
use tidings::diagnostic::Problem;
use tidings::digest::period::Span;
use tidings::entry::from_milliseconds;
use tidings::item::DateOrigin;
use tidings::pipeline::inspect::{self, Inspected};
use tidings::publish::topic;
use tidings::scan::Found;
use tidings::setup::Setup;
use tidings::tag::{Origin, Part, Tag};

use super::{Failure, Outcome, print, setup};

/// Show an item's tags with their evidence, and every feed and digest that it lands in
#[derive(Args)]
#[command(
    after_help = "The file may lie anywhere: one outside the items' folders is read as if it lay inside.\n\nExample:\n  tidings explain news/2024/item.md"
)]
pub struct Explain {
    /// The item's file
    file: PathBuf,
}

impl Explain {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let file = self
            .file
            .canonicalize()
            .or_else(|_| setup.root.join(&self.file).canonicalize());
        let file = file.map_err(|error| {
            Failure::Usage(Problem::error(format!("{}: {error}", self.file.display())))
        })?;
        let found = find(&setup, &file)?;
        let files = setup
            .scanner
            .all()
            .found
            .into_iter()
            .filter(|found| found.format.is_none());
        let files: HashMap<_, _> = files.map(|found| (found.path, found.stat)).collect();
        let now = Utc::now();
        let inspected = inspect::one(&setup, &found, &files, now)
            .map_err(|error| Failure::Failed(error.to_string()))?;
        print::problems(&inspected.record.problems);
        if inspected.item.is_some() {
            print::line(explain(&setup.config, &inspected, now).trim_end());
        }
        Ok(print::outcome(&inspected.record.problems))
    }
}

/// The file as a scan finds it, wherever it lies.
fn find(setup: &Setup, file: &Path) -> Result<Found, Failure> {
    if let Some(found) = setup.scanner.below(file).found.into_iter().next() {
        return Ok(found);
    }
    let refused = |why: &str| {
        Failure::Usage(
            Problem::error(format!("{} {why}", file.display())).help("name one file of an item"),
        )
    };
    let format = tidings::scan::format_of(file)
        .ok_or_else(|| refused("is not an item: those end in .md, .txt, .html or .json"))?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(refused("is not a file"));
    }
    let path: Arc<str> = file
        .to_str()
        .ok_or_else(|| refused("has a name that is not UTF-8"))?
        .into();
    Ok(Found {
        path,
        stat: tidings::scan::stat(&metadata),
        format: Some(format),
    })
}

fn explain(config: &Config, inspected: &Inspected, now: DateTime<Utc>) -> String {
    let Inspected {
        item: Some(item),
        tagging,
        record,
    } = inspected
    else {
        return String::new();
    };
    let mut text = format!(
        "{}\n{}\n\n",
        item.title,
        "=".repeat(item.title.chars().count().min(80))
    );
    let mut fact = |name: &str, value: &str| text.push_str(&format!("{name:<11}{value}\n"));
    fact("File", &record.path);
    if let Some(kind) = &item.kind {
        fact("Type", kind);
    }
    let zone = config.site.timezone;
    let date = |date: DateTime<Utc>| {
        date.with_timezone(&zone)
            .format("%-d %B %Y %H:%M %Z")
            .to_string()
    };
    fact(
        "Issued on",
        &match &item.published {
            Some((found, DateOrigin::Stated)) => format!("{} (stated)", date(*found)),
            Some((found, DateOrigin::Dateline)) => {
                format!("{} (from the text's dateline)", date(*found))
            }
            Some((_, DateOrigin::FirstSeen)) | None => {
                "not stated: the moment at which it was first seen".to_owned()
            }
        },
    );
    fact("State", &state(record, date));
    if let Some(identity) = record.identity() {
        fact("Id", &identity.id);
        fact(
            "Page",
            &format!("{}news/{}/", config.site.base_url, identity.page),
        );
    }
    fact(
        "Language",
        item.language.as_deref().unwrap_or(&config.site.language),
    );
    for (facet, found) in config.taxonomy.facets() {
        let tags: Vec<&Tag> = tagging
            .tags
            .iter()
            .filter(|tag| config.taxonomy.term(tag.term).facet == facet)
            .collect();
        text.push_str(&format!("\n{}\n", found.plural));
        if tags.is_empty() {
            text.push_str("  none: nothing is stated, and no keywords speak for any\n");
        }
        for tag in tags {
            text.push_str(&format!(
                "  {}  ({})\n",
                config.taxonomy.term(tag.term).name,
                reason(config, tag)
            ));
        }
    }
    text.push_str(&landing(config, record, now));
    text
}

fn state(record: &Record, date: impl Fn(DateTime<Utc>) -> String) -> String {
    match &record.state {
        State::Live(_) => "published".to_owned(),
        State::Scheduled(at) => format!("waits until {}", date(from_milliseconds(*at))),
        State::Withdrawn(withdrawal) => {
            let by = withdrawal.by.iter().map(|by| format!(" by {by}"));
            let reason = withdrawal.reason.iter().map(|reason| format!(": {reason}"));
            std::iter::once("withdrawn".to_owned())
                .chain(by)
                .chain(reason)
                .collect()
        }
        State::Refused => "cannot be published as it is; see the problems".to_owned(),
    }
}

/// Who says so, and on what evidence.
fn reason(config: &Config, tag: &Tag) -> String {
    if let Some(child) = tag.through {
        return format!("through {}", config.taxonomy.term(child).name);
    }
    let evidence: Vec<String> = tag
        .evidence
        .iter()
        .map(|evidence| match (evidence.part, evidence.line) {
            (Part::Label, 0) => format!("‘{}’", evidence.text),
            (Part::Label, line) => format!("‘{}’ on line {line}", evidence.text),
            (Part::Title, _) => format!("‘{}’ in the title, {}", evidence.text, evidence.weight),
            (Part::Lead, _) => format!("‘{}’ in the lead, {}", evidence.text, evidence.weight),
            (Part::Body, _) => format!("‘{}’ in the text, {}", evidence.text, evidence.weight),
        })
        .collect();
    let evidence = evidence.join("; ");
    match tag.origin {
        Origin::Stated => format!("stated: {evidence}"),
        Origin::Rule => format!("rule, score {}: {evidence}", tag.score),
        Origin::Learned => format!("learned, probability {:.2}: {evidence}", tag.score),
        Origin::Editor => "decided by an editor".to_owned(),
    }
}

/// The feeds and digests that an item lands in.
fn landing(config: &Config, record: &Record, now: DateTime<Utc>) -> String {
    // One that waits is shown where it will land.
    let mut record = record.clone();
    let verb = match &record.state {
        State::Live(_) => "Lands in",
        State::Scheduled(at) => {
            record.state = State::Live(tidings::catalog::Identity {
                id: "".into(),
                page: "".into(),
                published: *at,
                updated: *at,
                sequence: 0,
            });
            "Will land in"
        }
        State::Withdrawn(_) | State::Refused => return "\nLands in no feed.\n".to_owned(),
    };
    let topics = topics_of(config, &record);
    let mut text = format!("\n{verb} {} feeds\n", topics.len());
    for found in topics {
        text.push_str(&format!(
            "  {}  {}\n",
            topic::title(config, found),
            topic::url(config, found)
        ));
    }
    let published = record
        .identity()
        .map_or(now, |identity| from_milliseconds(identity.published));
    text.push_str("\nDigests\n");
    let mut any = false;
    for digest in config
        .digests
        .iter()
        .filter(|digest| matches(config, &record, &digest.selection))
    {
        let span = Span::containing(published, digest.period, digest.timezone);
        text.push_str(&format!(
            "  {}, {} ({})\n",
            digest.title,
            span.label,
            span.in_words(config.site.phrases.words(&digest.language))
        ));
        any = true;
    }
    if !any {
        text.push_str("  none\n");
    }
    text
}
