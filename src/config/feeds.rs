//! `[feeds]` and `[[feed]]`: what feeds there are, and what they hold.

use std::time::Duration;

use super::decode::{Section, choose};
use super::former::{self, Former};
use super::notes::Placed;
use super::read::{LIMIT, Slugs, count, facet, selection};
use super::{Archiving, Feeds, Language, SelectionFeed};
use super::{defaults, languages};
use crate::feed::Format;
use crate::taxonomy::{FacetId, Taxonomy};

/// The longest that feeds may be asked to say that an item is gone, in milliseconds: ten years.
const TOMBSTONES: u64 = 3_650 * 86_400_000;

/// `[feeds]`: what all feeds have.
pub(super) fn feeds(document: &Section<'_, '_>, taxonomy: &Taxonomy) -> Feeds {
    let mut feeds = Feeds {
        formats: Format::ALL.to_vec(),
        limit: count(defaults::FEED_LIMIT),
        archives: defaults::ARCHIVES,
        tombstones: Duration::from_millis(defaults::TOMBSTONES),
        full_text: defaults::FULL_TEXT,
        facets: taxonomy.facets().map(|(id, _)| id).collect(),
        pairs: Vec::new(),
        ttl: defaults::TTL as u32,
    };
    let Some(section) = document.section("feeds", "feeds") else {
        return feeds;
    };
    if let Some(list) = section.lines("formats") {
        feeds.formats = formats(list, &section);
    }
    if let Some(limit) = section.number("limit", 1..=LIMIT) {
        feeds.limit = count(limit);
    }
    if let Some(archives) = archiving(&section) {
        feeds.archives = archives;
    }
    if let Some(time) = section.time("tombstones", 0..=TOMBSTONES) {
        feeds.tombstones = time;
    }
    if let Some(full_text) = content(&section) {
        feeds.full_text = full_text;
    }
    if let Some(list) = section.lines("facets") {
        feeds.facets = once_each(list.value, &section, "facet", |name| {
            facet(name, taxonomy, &section)
        });
    }
    if let Some(lists) = section.lists("pairs") {
        feeds.pairs = pairs(lists, taxonomy, &section);
    }
    if let Some(ttl) = section.number("ttl", 1..=525_600) {
        feeds.ttl = ttl as u32;
    }
    section.finish();
    feeds
}

/// `"all"`, `"topics"` or `false`; `true` is all.
fn archiving(section: &Section<'_, '_>) -> Option<Archiving> {
    if section.is_boolean("archives") {
        let kept = section.boolean("archives")?;
        return Some(if kept {
            Archiving::All
        } else {
            Archiving::Nothing
        });
    }
    let choices = [("all", Archiving::All), ("topics", Archiving::Topics)];
    section.choice("archives", &choices)
}

fn formats(list: Placed<Vec<Placed<String>>>, section: &Section<'_, '_>) -> Vec<Format> {
    let choices = [
        ("rss", Format::Rss),
        ("atom", Format::Atom),
        ("json", Format::Json),
    ];
    if list.value.is_empty() {
        let help = "name at least one of 'rss', 'atom' and 'json'";
        section.notes().error(&list.span, "no format", help);
    }
    once_each(list.value, section, "format", |name| {
        let found = section.parse_line(name, |text| choose(text, &choices));
        found.map(|found| found.value)
    })
}

fn pairs(
    lists: Vec<Placed<Vec<Placed<String>>>>,
    taxonomy: &Taxonomy,
    section: &Section<'_, '_>,
) -> Vec<(FacetId, FacetId)> {
    let notes = section.notes();
    let mut pairs = Vec::new();
    for list in lists {
        let Ok([first, second]) = <[Placed<String>; 2]>::try_from(list.value) else {
            let help = "write [\"field_of_work\", \"department\"]";
            notes.error(&list.span, "a pair has two facets", help);
            continue;
        };
        let second_span = second.span.clone();
        let found = (
            facet(first, taxonomy, section),
            facet(second, taxonomy, section),
        );
        let (Some(first), Some(second)) = found else {
            continue;
        };
        if first == second {
            let help = "name two facets";
            notes.error(&second_span, "a facet cannot be paired with itself", help);
        } else if pairs.contains(&(first, second)) || pairs.contains(&(second, first)) {
            let help = "remove it: the order of a pair's facets makes no other pair";
            notes.error(&list.span, "this pair is listed already", help);
        } else {
            pairs.push((first, second));
        }
    }
    pairs
}

/// What the lines name, each thing once; a second mention is noted.
fn once_each<T: PartialEq>(
    lines: Vec<Placed<String>>,
    section: &Section<'_, '_>,
    what: &str,
    mut find: impl FnMut(Placed<String>) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    for line in lines {
        let (span, text) = (line.span.clone(), line.value.clone());
        match find(line) {
            Some(thing) if found.contains(&thing) => {
                let message = format!("the {what} '{text}' is listed already");
                section.notes().error(&span, message, "remove it");
            }
            Some(thing) => found.push(thing),
            None => {}
        }
    }
    found
}

/// `[[feed]]`: feeds of selections.
pub(super) fn selection_feeds(
    document: &Section<'_, '_>,
    taxonomy: &Taxonomy,
    feeds: &Feeds,
    languages: &[Language],
) -> Vec<SelectionFeed> {
    let mut slugs = Slugs::default();
    let mut former = Former::default();
    let mut selections = Vec::new();
    for section in document.sections("feed", "feed") {
        let title = section.required_line("title", "\"Press releases\"");
        let slug = slugs.take(&section, title.as_ref());
        let was = former::read(&section);
        let description = section.text("description");
        let titles = languages::names_in(&section, "titles", languages);
        let descriptions = languages::names_in(&section, "descriptions", languages);
        section.require("select", "\"type:press-release\"");
        let selection = selection(&section, taxonomy);
        let limit = section.number("limit", 1..=LIMIT).map(count);
        let full_text = content(&section);
        section.finish();
        let (Some(title), Some(slug), Some(selection)) = (title, slug, selection) else {
            continue;
        };
        selections.push(SelectionFeed {
            was: former.take(&title.value, &slug, was),
            slug,
            description: description.map_or_else(|| title.value.clone(), |text| text.value),
            title: title.value,
            titles,
            descriptions,
            selection,
            limit: limit.unwrap_or(feeds.limit),
            full_text: full_text.unwrap_or(feeds.full_text),
        });
    }
    former.check("feed", document.notes());
    selections
}

fn content(section: &Section<'_, '_>) -> Option<bool> {
    section.choice("content", &[("full", true), ("summary", false)])
}
