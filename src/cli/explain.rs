//! `tidings explain`: why an item lands where it lands.

mod json;
mod tags;
mod underline;
mod why;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;
use tidings::catalog::{Record, State, matches, topics_of};
use tidings::config::Config;
use tidings::diagnostic::{Problem, Style};
use tidings::digest::period::Span;
use tidings::entry::from_milliseconds;
use tidings::item::DateOrigin;
use tidings::pipeline::inspect::{self, Inspected};
use tidings::publish::topic;
use tidings::scan::Found;
use tidings::setup::Setup;
use tidings::tag::Passages;
use tidings::taxonomy::TermId;

use super::{Failure, Outcome, print, setup};

/// Show an item's tags with their evidence, and every feed and digest that it lands in
#[derive(Args)]
#[command(
    after_help = "The file may lie anywhere: one outside the items' folders is read as if it lay inside.\n\nExamples:\n  tidings explain news/2024/item.md\n  tidings explain --why field_of_work:policing news/2024/item.md"
)]
pub struct Explain {
    /// The item's file
    file: PathBuf,
    /// Say why it has this term or lacks it: facet:term, as in selections
    #[arg(long, value_name = "FACET:TERM")]
    why: Vec<String>,
    /// Print JSON: tags, suggestions and evidence, with its place in the text
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let terms = self.why.iter().map(|named| why::term(&setup.config, named));
        let terms: Vec<TermId> = terms.collect::<Result<_, _>>().map_err(Failure::Usage)?;
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
        if let Some(item) = &inspected.item {
            let text = item.body.to_text();
            let passages = Passages::new(item, &text);
            print::line(
                self.told(&setup, &inspected, &passages, &terms, now)
                    .trim_end(),
            );
        }
        Ok(print::outcome(&inspected.record.problems))
    }
}

impl Explain {
    /// What is asked for, as text or as JSON.
    fn told(
        &self,
        setup: &Setup,
        inspected: &Inspected,
        passages: &Passages<'_>,
        terms: &[TermId],
        now: DateTime<Utc>,
    ) -> String {
        let config = &setup.config;
        let tagging = &inspected.tagging;
        if self.json {
            let mut told = json::tagging(config, tagging, passages);
            told["file"] = inspected.record.path.as_ref().into();
            let why = terms.iter().map(|term| {
                let why = setup.tagger.why(&config.taxonomy, *term, passages);
                json::why(config, *term, tagging.terms().contains(term), &why)
            });
            told["why"] = why.collect();
            let topics = topics_of(config, &inspected.record);
            let feeds = topics.into_iter().map(|found| topic::url(config, found));
            told["feeds"] = feeds.collect();
            return format!("{told:#}");
        }
        let style = match anstream::AutoStream::choice(&std::io::stdout()) {
            anstream::ColorChoice::Never => Style::Plain,
            _ => Style::Coloured,
        };
        if terms.is_empty() {
            return explain(setup, inspected, passages, style, now);
        }
        let why = terms
            .iter()
            .map(|term| why::text(setup, tagging, passages, *term, style));
        why.collect::<Vec<_>>().join("\n")
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

fn explain(
    setup: &Setup,
    inspected: &Inspected,
    passages: &Passages<'_>,
    style: Style,
    now: DateTime<Utc>,
) -> String {
    let config = &setup.config;
    let Inspected {
        item: Some(item),
        tagging,
        unseen,
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
    let language = item.language.as_deref().unwrap_or(&config.site.language);
    match setup.tagger.unknown_language(&config.taxonomy, passages) {
        None => fact("Language", language),
        Some(unknown) => fact(
            "Language",
            &format!(
                "{unknown}, in which no rules are written: only what is stated, names and abbreviations count"
            ),
        ),
    }
    if let Some(unseen) = unseen {
        let only = "stated and rule tags only";
        fact(
            "Model",
            &format!("it has not learned the language of the text ({unseen}): {only}"),
        );
    }
    text.push_str(&tags::text(config, tagging, passages, style));
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
