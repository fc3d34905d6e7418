//! The body of an item as HTML, as plain text, and its summary.

use std::borrow::Cow;

use url::Url;

use super::characters::{clean, floor_boundary, one_line, shorten};
use super::plain::{self, Block};
use super::{Body, Item, markup, sanitise};

/// The most characters of a summary.
const SUMMARY: usize = 300;

impl Body {
    /// The text as HTML that is safe to publish: scripts, handlers and frames are gone, headings
    /// begin at `h2`, and every link is absolute; relative ones resolve against `folder`, those
    /// that begin with a slash against `site` (both absolute, with a slash at their end). Links
    /// other than `http`, `https`, `mailto` and `tel` become plain text. Elements nested deeper
    /// than about a hundred are opened up.
    pub fn to_html(&self, site: &Url, folder: &Url) -> String {
        let html = match self {
            Body::Markdown(text) => markup::to_html(text, site, folder),
            Body::Html(html) => sanitise::sanitise(html, site, folder),
            Body::Text(text) => plain::text_to_html(text, site, folder),
        };
        // Character references may bring back what was cleaned from the source.
        clean(Cow::Owned(html)).into_owned()
    }

    /// The text without any markup: paragraphs, headings and list entries, divided by blank
    /// lines.
    pub fn to_text(&self) -> String {
        let blocks = self.blocks();
        let texts: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
        texts.join("\n\n")
    }

    /// The first paragraph without any markup, on one line; empty where there is no text.
    pub fn lead(&self) -> String {
        // The opening of a long Markdown text nearly always holds it; the rest is not parsed then.
        let opening = match self {
            Body::Markdown(text) => {
                markup::to_blocks(plain_paragraph(text).unwrap_or_else(|| opening(text)))
            }
            Body::Html(_) | Body::Text(_) => Vec::new(),
        };
        let is_paragraph = |block: &&Block| !block.heading;
        if let Some(block) = opening.iter().find(is_paragraph) {
            return one_line(&block.text);
        }
        let blocks = self.blocks();
        let lead = blocks.iter().find(is_paragraph).or(blocks.first());
        lead.map(|block| one_line(&block.text)).unwrap_or_default()
    }

    fn blocks(&self) -> Vec<Block> {
        match self {
            Body::Markdown(text) => markup::to_blocks(text),
            Body::Html(html) => plain::html_to_blocks(html),
            Body::Text(text) => plain::text_to_blocks(text),
        }
    }
}

/// The first paragraph of a text, if it begins as one and names no link that is defined below.
fn plain_paragraph(text: &str) -> Option<&str> {
    let paragraph = &text[..text.find("\n\n")?];
    (paragraph.starts_with(char::is_alphabetic) && !paragraph.contains('[')).then_some(paragraph)
}

/// The first paragraphs of a text: to the end of the one in which its first kilobyte ends.
fn opening(text: &str) -> &str {
    let kilobyte = floor_boundary(text, 1_024);
    let end = text[kilobyte..]
        .find("\n\n")
        .map_or(text.len(), |at| kilobyte + at);
    &text[..end]
}

/// The summary that an item states, or its first paragraph: plain text on one line, at most some
/// 300 characters, cut at the end of a word and then marked with `…`.
pub fn summary(item: &Item) -> String {
    match &item.summary {
        Some(summary) => shorten(summary, SUMMARY),
        None => shorten(&item.body.lead(), SUMMARY),
    }
}
