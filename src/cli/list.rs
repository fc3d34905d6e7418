//! `tidings list`: items, terms, feeds, strings.

use std::path::Path;

use chrono::Utc;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tidings::catalog::{State, Subject, Topic};
use tidings::config::Config;
use tidings::entry::from_milliseconds;
use tidings::pipeline::inspect::{self, Inspection};
use tidings::publish::topic;
use tidings::setup::Setup;
use tidings::template::Phrase;

use super::{Failure, Outcome, print, setup};

/// List items, terms with their counts, feeds, or the texts of templates with the languages that
/// lack them
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidings list items\n  tidings list terms\n  tidings list feeds --json | jq -r '.[].url'"
)]
pub struct List {
    /// What to list
    #[arg(value_enum)]
    what: What,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Items,
    Terms,
    Feeds,
    Strings,
}

impl List {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let inspection =
            || inspect::all(&setup, Utc::now()).map_err(|error| Failure::Failed(error.to_string()));
        let rows = match self.what {
            What::Items => items(&setup.config, &inspection()?),
            What::Terms => terms(&setup.config, &inspection()?),
            What::Feeds => feeds(&setup.config, &inspection()?),
            What::Strings => strings(&setup),
        };
        if self.json {
            print::line(&Value::from(rows).to_string());
        } else {
            for row in rows {
                let cells: Vec<String> = row
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(_, value)| cell(value))
                    .collect();
                print::line(&cells.join("\t"));
            }
        }
        Ok(Outcome::Fine)
    }
}

/// What templates say, where, and the languages of the site that cannot say it.
fn strings(setup: &Setup) -> Vec<Value> {
    let site = &setup.config.site;
    let row = |phrase: Phrase| {
        let missing: Vec<&str> = site
            .languages
            .iter()
            .map(|language| language.tag.as_str())
            .filter(|tag| !site.phrases.words(tag).knows(&phrase.text))
            .collect();
        json!({
            "missing": if missing.is_empty() { Value::Null } else { missing.join(" ").into() },
            "template": phrase.file,
            "text": phrase.text,
        })
    };
    setup.templates.phrases().into_iter().map(row).collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn items(config: &Config, inspection: &Inspection) -> Vec<Value> {
    let mut records: Vec<_> = inspection
        .catalog
        .records()
        .map(|(_, record)| record)
        .collect();
    records.sort_by(|a, b| {
        let key = |record: &tidings::catalog::Record| {
            record
                .identity()
                .map_or(i64::MAX, |identity| identity.published)
        };
        key(b).cmp(&key(a)).then_with(|| a.path.cmp(&b.path))
    });
    let date = |milliseconds| {
        from_milliseconds(milliseconds)
            .with_timezone(&config.site.timezone)
            .format("%Y-%m-%d")
            .to_string()
    };
    let row = |record: &tidings::catalog::Record| {
        let (state, day) = match &record.state {
            State::Live(identity) => ("published", Some(date(identity.published))),
            State::Scheduled(at) => ("scheduled", Some(date(*at))),
            State::Withdrawn(_) => ("withdrawn", None),
            State::Refused => ("refused", None),
        };
        json!({
            "date": day,
            "state": state,
            "path": &*record.path,
            "title": inspection.titles.get(&record.path),
        })
    };
    records.into_iter().map(row).collect()
}

fn terms(config: &Config, inspection: &Inspection) -> Vec<Value> {
    let taxonomy = &config.taxonomy;
    let terms = taxonomy.facets().flat_map(|(facet, found)| {
        taxonomy
            .terms_of(facet)
            .map(move |(id, term)| (found, id, term))
    });
    terms
        .map(|(facet, id, term)| {
            let of_term = inspection.catalog.records().filter(|(_, record)| {
                record.identity().is_some() && record.terms.iter().any(|tag| tag.term == id)
            });
            json!({
                "items": of_term.count(),
                "term": format!("{}:{}", facet.key, term.slug),
                "name": term.name,
            })
        })
        .collect()
}

fn feeds(config: &Config, inspection: &Inspection) -> Vec<Value> {
    let mut topics = inspection.catalog.topics();
    let selections = (0..config.selections.len())
        .filter_map(|at| u16::try_from(at).ok())
        .map(|number| Topic::main(Subject::Selection(number)));
    topics.extend(selections);
    topics.sort_unstable();
    topics.dedup();
    let row = |found: Topic| {
        json!({
            "items": inspection.catalog.items(found).len(),
            "url": topic::url(config, found),
            "title": topic::title(config, found),
        })
    };
    topics.into_iter().map(row).collect()
}
