//! The texts of an item in which evidence is looked for: title, lead and body, none of it twice.

use std::borrow::Cow;

use super::{Part, language};
use crate::item::Item;

/// The texts of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passages<'t> {
    /// The title.
    pub title: &'t str,
    /// The first paragraph, or a summary that stands apart from the text.
    pub lead: &'t str,
    /// The text without what `lead` holds of it.
    pub body: &'t str,
    /// The language that the item states, as a BCP 47 tag.
    pub stated_language: Option<&'t str>,
}

impl<'t> Passages<'t> {
    /// The passages of `item`, whose text without markup is `text`, paragraphs divided by empty
    /// lines.
    pub fn new(item: &'t Item, text: &'t str) -> Passages<'t> {
        let title = item.title.as_str();
        let stated_language = item.language.as_deref();
        let (first, rest) = first_paragraph(text);
        match item.summary.as_deref() {
            // A summary that is cut off in the first paragraph says nothing new.
            Some(summary) if !begins_with(first, summary) => Passages {
                title,
                lead: summary,
                body: text,
                stated_language,
            },
            _ => Passages {
                title,
                lead: first,
                body: rest,
                stated_language,
            },
        }
    }

    /// The text of one part; empty for [`Part::Label`], which is no part of the text.
    pub fn part(&self, part: Part) -> &'t str {
        match part {
            Part::Label => "",
            Part::Title => self.title,
            Part::Lead => self.lead,
            Part::Body => self.body,
        }
    }

    /// The language of the text, as an ISO 639 code: the one that the item states, or that its
    /// words are of; `usual` where they are too few to tell.
    pub fn language(&self, usual: &str) -> Cow<'static, str> {
        if let Some(stated) = self.stated_language {
            return Cow::Owned(language::primary(stated));
        }
        let telling = match self.body.len() > self.lead.len() {
            true => self.body,
            false => self.lead,
        };
        language::detect(telling, usual)
    }

    /// The parts in the order of the text.
    pub fn parts(&self) -> [(Part, &'t str); 3] {
        [
            (Part::Title, self.title),
            (Part::Lead, self.lead),
            (Part::Body, self.body),
        ]
    }
}

/// The first paragraph and what follows it; paragraphs are divided by an empty line.
fn first_paragraph(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    text.split_at(end)
}

/// Whether `text` begins with the words of `summary`, dots at its end aside.
fn begins_with(text: &str, summary: &str) -> bool {
    let summary = summary.trim().trim_end_matches(['.', '\u{2026}']);
    let mut words = text.split_whitespace();
    let mut summary = summary.split_whitespace().peekable();
    while let Some(word) = summary.next() {
        let is_last = summary.peek().is_none();
        match words.next() {
            Some(other) if other == word || is_last && other.starts_with(word) => {}
            _ => return false,
        }
    }
    true
}
