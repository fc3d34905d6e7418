//! The [`Reader`]: from the bytes of one file to an [`Item`], or to all that is wrong with it.

use chrono_tz::Tz;
use url::Url;

use super::draft::Draft;
use super::labels::Lookup;
use super::{Item, encoding, html, json, markdown, text};
use crate::config::{Config, Labels};
use crate::diagnostic::Problem;
use crate::taxonomy::Taxonomy;

/// The form in which an item is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// CommonMark with TOML, YAML or JSON front matter.
    Markdown,
    /// Plain text with labelled lines.
    Text,
    /// An HTML page.
    Html,
    /// A JSON object.
    Json,
}

impl Format {
    /// The format that a file's extension (without its dot, in any case) stands for; `None` for
    /// files that are not items.
    pub fn of(extension: &str) -> Option<Format> {
        match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Format::Markdown),
            "txt" | "text" => Some(Format::Text),
            "html" | "htm" | "xhtml" => Some(Format::Html),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

/// What readers need to know of the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The labels of what is not a facet.
    pub labels: &'a Labels,
    /// The facets, for their keys, names and labels.
    pub taxonomy: &'a Taxonomy,
    /// The zone of dates that state none.
    pub timezone: Tz,
    /// Which of day and month stands first in `03/04/2024`.
    pub day_first: bool,
    /// The site's base URL, with a slash at its end.
    pub site: &'a Url,
}

impl<'a> From<&'a Config> for Options<'a> {
    fn from(config: &'a Config) -> Options<'a> {
        Options {
            labels: &config.items.labels,
            taxonomy: &config.taxonomy,
            timezone: config.site.timezone,
            day_first: config.items.day_first,
            site: &config.site.base_url,
        }
    }
}

/// An item, with what is worth mending in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The item.
    pub item: Item,
    /// Warnings, in the order in which they were found; their `file` is left to the caller.
    pub problems: Vec<Problem>,
}

/// Reads items. Built once for a configuration; any number of threads may share it.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(super) lookup: Lookup,
    pub(super) timezone: Tz,
    pub(super) day_first: bool,
    pub(super) site: Url,
}

impl Reader {
    /// Compiles the labels.
    pub fn new(options: Options<'_>) -> Reader {
        Reader {
            lookup: Lookup::new(options.labels, options.taxonomy),
            timezone: options.timezone,
            day_first: options.day_first,
            site: options.site.clone(),
        }
    }

    /// Reads one file. `folder` is the absolute URL, with a slash at its end, that relative links
    /// of this item resolve against.
    ///
    /// A missing date is no problem here: `published` is `None`, and the caller knows what that
    /// means.
    ///
    /// # Errors
    /// Every problem that was found, warnings among them, if at least one forbids publishing:
    /// the file is empty or not text, its front matter or JSON cannot be read, it has no title,
    /// it is a draft, or it states an impossible date, a slug that is not a plain path segment
    /// or anything else that cannot be what was meant.
    pub fn read(
        &self,
        bytes: &[u8],
        format: Format,
        folder: &Url,
    ) -> Result<Reading, Vec<Problem>> {
        let decoded = encoding::decode(bytes).map_err(|problem| vec![*problem])?;
        let mut draft = Draft::new(self, &decoded.text, folder);
        draft.problems.extend(decoded.warning);
        match format {
            Format::Markdown => markdown::read(&mut draft),
            Format::Text => text::read(&mut draft),
            Format::Html => html::read(&mut draft),
            Format::Json => json::read(&mut draft),
        }
        draft.finish()
    }
}
