//! What the tests share: a small configuration and a way to read with it.

use url::Url;

use crate::config::Labels;
use crate::diagnostic::{Problem, Severity};
use crate::item::labels::Lookup;
use crate::item::{Format, Options, Reader, Reading};
use crate::taxonomy::{Facet, Taxonomy, fixture};

fn facet(key: &str, name: &str, plural: &str, labels: &[&str]) -> Facet {
    Facet {
        name: name.to_owned(),
        plural: plural.to_owned(),
        labels: owned(labels),
        issues: key == "department",
        inherit: true,
        ..fixture::facet(key, 0..0)
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Fields of work (0) and departments (1).
pub(crate) fn taxonomy() -> Taxonomy {
    Taxonomy {
        language: String::new(),
        facets: vec![
            facet(
                "field_of_work",
                "Field of work",
                "Fields of work",
                &["What we do"],
            ),
            facet(
                "department",
                "Department",
                "Departments",
                &["Issued by", "Where we are"],
            ),
        ],
        terms: Vec::new(),
    }
}

pub(crate) fn labels() -> Labels {
    Labels {
        title: owned(&["title"]),
        published: owned(&["date", "published", "Issued on", "Publishing date"]),
        updated: owned(&["updated"]),
        embargo: owned(&["embargo", "publish_at"]),
        kind: owned(&["type", "kind", "Content type"]),
        language: owned(&["language", "lang"]),
        summary: owned(&["summary", "description", "lead"]),
    }
}

pub(crate) fn lookup() -> Lookup {
    Lookup::new(&labels(), &taxonomy())
}

pub(crate) fn site() -> Url {
    Url::parse("https://news.example/").expect("is a URL")
}

pub(crate) fn folder() -> Url {
    Url::parse("https://news.example/media/2024/").expect("is a URL")
}

/// A reader for a site in Vienna.
pub(crate) fn reader() -> Reader {
    Reader::new(Options {
        labels: &labels(),
        taxonomy: &taxonomy(),
        timezone: chrono_tz::Europe::Vienna,
        day_first: true,
        site: &site(),
    })
}

pub(crate) fn read(source: impl AsRef<[u8]>, format: Format) -> Result<Reading, Vec<Problem>> {
    reader().read(source.as_ref(), format, &folder())
}

/// The item in a file, whatever is worth mending in it.
pub(crate) fn item(source: &str, format: Format) -> crate::item::Item {
    match read(source, format) {
        Ok(reading) => reading.item,
        Err(problems) => panic!("{}", shown(&problems)),
    }
}

/// Problems, a line each: severity, place, the marked text, message, help.
pub(crate) fn shown(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| {
            let severity = match problem.severity {
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let place = problem.excerpt.as_ref().map_or(String::new(), |excerpt| {
                let marked = &excerpt.text[excerpt.marked.clone()];
                format!(" {}:{} [{marked}]", excerpt.line, excerpt.column)
            });
            let help = problem.help.as_deref().unwrap_or("-");
            format!("{severity}{place}: {} ({help})", problem.message)
        })
        .collect();
    lines.join("\n")
}

/// What an item states for its facets: `facet text @line:column`.
pub(crate) fn stated(item: &crate::item::Item) -> Vec<String> {
    item.stated
        .iter()
        .map(|(facet, stated)| {
            format!(
                "{} {} @{}:{}",
                facet.0, stated.text, stated.line, stated.column
            )
        })
        .collect()
}

/// The date of an item with its origin.
pub(crate) fn date(item: &crate::item::Item) -> String {
    item.published.map_or("none".to_owned(), |(date, origin)| {
        format!("{} {origin:?}", date.format("%Y-%m-%dT%H:%M:%SZ"))
    })
}
