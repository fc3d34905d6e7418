//! Markdown items: front matter, then text. The text is not parsed here beyond what is needed to
//! find a missing title, since most items are never rendered again.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::characters::{floor_boundary, one_line};
use super::draft::Draft;
use super::labels::Field;
use super::{Body, front_matter, markup};

/// Reads a Markdown file.
pub(super) fn read(draft: &mut Draft<'_>) {
    let front_matter = match front_matter::read(draft.source) {
        Ok(front_matter) => front_matter,
        Err(problem) => {
            draft.problems.push(*problem);
            return;
        }
    };
    for entry in front_matter.entries {
        draft.entry(entry);
    }
    let mut text = trim_blank_lines(&draft.source[front_matter.end..]);
    if draft.item.title.is_empty() {
        if let Some((title, place)) = first_heading(text) {
            draft.state(Field::Title, &title, None);
            if text[..place.start].trim().is_empty() {
                text = trim_blank_lines(&text[place.end..]);
            }
        }
    } else if let Some(rest) = without_repeated_title(text, &draft.item.title) {
        text = rest;
    }
    draft.dateline(opening(text));
    draft.item.body = Body::Markdown(text.to_owned());
}

/// The text without blank lines at its start and white space at its end; the first line keeps
/// its indentation, which Markdown reads.
fn trim_blank_lines(text: &str) -> &str {
    let text = text.trim_end();
    let indented = text.trim_start();
    let start = text.len() - indented.len();
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    &text[line..]
}

/// The text of the first heading, and its place.
fn first_heading(text: &str) -> Option<(String, Range<usize>)> {
    let mut title = String::new();
    let mut inside = None;
    for (event, place) in Parser::new_ext(text, markup::OPTIONS).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) => inside = Some(place),
            Event::End(TagEnd::Heading(_)) => {
                if let Some(place) = inside.take()
                    && !title.trim().is_empty()
                {
                    return Some((title, place));
                }
            }
            Event::Text(text) | Event::Code(text) if inside.is_some() => title.push_str(&text),
            Event::SoftBreak | Event::HardBreak if inside.is_some() => title.push(' '),
            _ => {}
        }
    }
    None
}

/// What follows a first line that is the title once more, as a heading.
fn without_repeated_title<'a>(text: &'a str, title: &str) -> Option<&'a str> {
    let heading = text.strip_prefix("# ")?;
    let (heading, rest) = heading.split_once('\n').unwrap_or((heading, ""));
    let heading = heading.trim_end().trim_end_matches('#');
    (one_line(heading) == title).then(|| trim_blank_lines(rest))
}

/// The first words of running text, past headings, pictures, quotations and raw HTML.
fn opening(text: &str) -> &str {
    let head = &text[..floor_boundary(text, 2_000)];
    let mut at = 0;
    for line in head.split_inclusive('\n') {
        let words = line.trim_start();
        if !words.is_empty() && !words.starts_with(['#', '!', '<', '>', '|', '=', '-', '+', '`']) {
            return &text[at..];
        }
        at += line.len();
    }
    ""
}

#[cfg(test)]
mod tests;
