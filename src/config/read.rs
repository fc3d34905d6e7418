//! `feeds.toml` to a [`Config`]: one function a table.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use toml::de::DeTable;

use super::decode::Section;
use super::notes::{Notes, Placed, Wrong};
use super::{Config, Items, Ledger, Output, Pages, Watch};
use super::{
    defaults, digests, discovery, facets, feeds, folders, labels, listmonk, mail, serve, site,
    subscriptions, tags, values, websub,
};
use crate::diagnostic::{Problem, Severity, did_you_mean};
use crate::selection::{Selection, SelectionError};
use crate::taxonomy::slug::slug;
use crate::taxonomy::{FacetId, Taxonomy};

/// The most entries that a feed or page may be asked to have.
pub(super) const LIMIT: u64 = 100_000;

/// Reads the text of `feeds.toml`; `file` is how problems name it.
///
/// The second value of a success holds the warnings: what can be used, but hardly as meant.
///
/// # Errors
///
/// Every problem of the file at once, in the order of its lines, warnings among them.
pub fn read(source: &str, file: &Path) -> Result<(Config, Vec<Problem>), Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(source);
    let notes = Notes::new(source, file, errors);
    let document = Section::new(&notes, "", table.get_ref(), 0..0);
    let config = config(&document);
    document.finish();
    let problems = notes.into_problems();
    let is_usable = problems
        .iter()
        .all(|problem| problem.severity == Severity::Warning);
    match config {
        Some(config) if is_usable => Ok((config, problems)),
        _ => Err(problems),
    }
}

/// `None` where something that is required is missing or wrong; that has been noted.
fn config(document: &Section<'_, '_>) -> Option<Config> {
    let site = site::read(document);
    let (items, mut folders, mut meanings) = items(document);
    let output = output(document, &mut folders);
    let watch = watch(document);
    let ledger = ledger(document, &mut folders);
    let taxonomy = facets::read(document, site.as_ref(), &mut meanings);
    let tags = tags::read(document, &taxonomy);
    let feeds = feeds::feeds(document, &taxonomy);
    let pages = pages(document, &mut folders);
    let websub = websub::read(document);
    let mail = mail::read(document);
    let listmonk = listmonk::read(document);
    let languages = site.as_ref().map_or(&[][..], |site| &site.languages);
    let selections = feeds::selection_feeds(document, &taxonomy, &feeds, languages);
    let digests = digests::read(document, &taxonomy, site.as_ref());
    let serve = serve::read(document);
    let subscriptions = subscriptions::read(document, site.as_ref(), &digests);
    let discovery = discovery::read(document, site.as_ref());
    folders::check(&folders, document.notes());
    Some(Config {
        site: site?,
        items,
        output,
        watch,
        ledger,
        taxonomy,
        tags,
        feeds,
        pages,
        websub,
        mail,
        listmonk,
        selections,
        digests,
        discovery,
        serve,
        subscriptions,
    })
}

fn items(document: &Section<'_, '_>) -> (Items, folders::Folders, labels::Meanings) {
    let section = document.section("items", "items");
    let lines = |key| section.as_ref().and_then(|section| section.lines(key));
    let mut all = folders::Folders::default();
    let stated = lines("folders");
    if let (Some(section), Some(list)) = (&section, &stated)
        && list.value.is_empty()
    {
        let help = "name at least one: 'folders = [\"news\"]'";
        section
            .notes()
            .error(&list.span, "no folder of items", help);
    }
    match (&section, stated) {
        (Some(section), Some(list)) => {
            for line in list.value {
                if let Some(path) = section.parse_line(line, values::relative_path) {
                    all.items.push(folders::Folder::stated(path));
                }
            }
        }
        _ => {
            let default = defaults::ITEMS_FOLDERS.map(folders::Folder::default_path);
            all.items.extend(default);
        }
    }
    let ignore = lines("ignore").map_or(Vec::new(), |list| list.value);
    let size_limit = section
        .as_ref()
        .and_then(|section| section.size("size_limit", 1..=1 << 40));
    let day_first = section
        .as_ref()
        .and_then(|section| section.boolean("day_first"));
    let below = section
        .as_ref()
        .and_then(|section| section.section("labels", "items.labels"));
    let (labels, meanings) = labels::read(below);
    if let Some(section) = section {
        section.finish();
    }
    let items = Items {
        folders: all.items.iter().map(|folder| folder.path.clone()).collect(),
        ignore: ignore.into_iter().map(|line| line.value).collect(),
        size_limit: size_limit.unwrap_or(defaults::SIZE_LIMIT),
        day_first: day_first.unwrap_or(defaults::DAY_FIRST),
        labels,
    };
    (items, all, meanings)
}

/// The path under `key` of a table that may not be there.
fn path(section: Option<&Section<'_, '_>>, key: &'static str, default: &str) -> folders::Folder {
    section
        .and_then(|section| section.parsed_in_place(key, values::relative_path))
        .map_or_else(
            || folders::Folder::default_path(default),
            folders::Folder::stated,
        )
}

fn output(document: &Section<'_, '_>, folders: &mut folders::Folders) -> Output {
    let section = document.section("output", "output");
    let folder = path(section.as_ref(), "folder", defaults::OUTPUT_FOLDER);
    if let Some(section) = section {
        section.finish();
    }
    let path = folder.path.clone();
    folders.output = Some(folder);
    Output { folder: path }
}

fn ledger(document: &Section<'_, '_>, folders: &mut folders::Folders) -> Ledger {
    let section = document.section("ledger", "ledger");
    let file = path(section.as_ref(), "file", defaults::LEDGER_FILE);
    if let Some(section) = section {
        section.finish();
    }
    let path = file.path.clone();
    folders.ledger = Some(file);
    Ledger { file: path }
}

fn watch(document: &Section<'_, '_>) -> Watch {
    let section = document.section("watch", "watch");
    let time = |key, range, default| {
        let found = section
            .as_ref()
            .and_then(|section| section.time(key, range));
        found.unwrap_or(Duration::from_millis(default))
    };
    let debounce = time("debounce", 1..=10_000, defaults::DEBOUNCE);
    let rescan = time("rescan", 1_000..=86_400_000, defaults::RESCAN);
    let poll = section
        .as_ref()
        .and_then(|section| section.choice("mode", &[("native", false), ("poll", true)]));
    if let Some(section) = section {
        section.finish();
    }
    Watch {
        debounce,
        poll: poll.unwrap_or(defaults::POLL),
        rescan,
    }
}

fn pages(document: &Section<'_, '_>, folders: &mut folders::Folders) -> Pages {
    let section = document.section("pages", "pages");
    let templates = path(section.as_ref(), "templates", defaults::TEMPLATES);
    let enabled = section
        .as_ref()
        .and_then(|section| section.boolean("enabled"));
    let limit = section
        .as_ref()
        .and_then(|section| section.number("limit", 1..=LIMIT));
    if let Some(section) = section {
        section.finish();
    }
    let path = templates.path.clone();
    folders.templates = Some(templates);
    Pages {
        enabled: enabled.unwrap_or(defaults::PAGES),
        templates: path,
        limit: count(limit.unwrap_or(defaults::PAGE_LIMIT)),
    }
}

/// The facet with this key or slug.
pub(super) fn facet(
    name: Placed<String>,
    taxonomy: &Taxonomy,
    section: &Section<'_, '_>,
) -> Option<FacetId> {
    let found = taxonomy.facet_named(&name.value);
    if found.is_none() {
        let keys = || taxonomy.facets.iter().map(|facet| facet.key.as_str());
        let help = match did_you_mean(&name.value, keys()) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!(
                "add [facet.{}], or name another",
                slug(&name.value).replace('-', "_")
            ),
        };
        let message = format!("unknown facet '{}'", name.value);
        section.notes().absent(&name.span, message, help);
    }
    found
}

/// The `select` of a feed or digest.
pub(super) fn selection(section: &Section<'_, '_>, taxonomy: &Taxonomy) -> Option<Selection> {
    let text = section.text("select")?;
    if !section.notes().is_whole() {
        // Facets and terms may have been lost with the lines that could not be read.
        return None;
    }
    let parsed = section.parse_line(text, |text| {
        Selection::parse(text, taxonomy).map_err(|error| {
            let SelectionError {
                span,
                message,
                help,
            } = error;
            Wrong {
                message,
                help,
                span: Some(span),
            }
        })
    })?;
    Some(parsed.value)
}

/// The slugs of one list of tables, each of which may have one.
#[derive(Default)]
pub(super) struct Slugs(HashSet<String>);

impl Slugs {
    /// The stated slug, or the one made from the title; one that is taken is noted.
    pub fn take(
        &mut self,
        section: &Section<'_, '_>,
        title: Option<&Placed<String>>,
    ) -> Option<String> {
        let is_stated = section.has("slug");
        let stated = section.parsed_in_place("slug", values::stated_slug);
        if is_stated && stated.is_none() {
            return None;
        }
        let found = stated.or_else(|| {
            title.map(|title| Placed {
                value: slug(&title.value),
                span: title.span.clone(),
            })
        })?;
        let Placed { value, span } = found;
        if value.is_empty() {
            let message = "no slug can be made from this title";
            section.notes().error(&span, message, "add a 'slug'");
            return None;
        }
        if !self.0.insert(value.clone()) {
            let message = format!("duplicate slug '{value}'");
            let help = format!(
                "another {} has it: give this one another 'slug'",
                section.name()
            );
            section.notes().error(&span, message, help);
        }
        Some(value)
    }
}

/// Numbers within a limit, such as [`LIMIT`], fit on every machine.
pub(super) fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
