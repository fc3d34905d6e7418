//! Markdown to HTML and to plain blocks, as a stream of events.
//!
//! The HTML of Markdown without raw HTML is safe as it comes out: everything is escaped by the
//! writer, and links are checked here. Only where raw HTML occurs is the whole sanitised.

use std::collections::HashMap;

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{
    CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};
use url::Url;

use super::paragraphs::{self, Stretch};
use super::plain::{Block, Blocks};
use super::{links, sanitise};

/// CommonMark with what news items need beyond it.
pub(super) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_FOOTNOTES);

/// Elements nested deeper than this are opened up: no author means them, and readers choke on
/// them.
const DEPTH: usize = 100;

/// Renders Markdown as HTML that is safe to publish: links absolute, headings from `h2` down.
pub(super) fn to_html(markdown: &str, site: &Url, folder: &Url) -> String {
    let mut renderer = Renderer {
        site,
        folder,
        open: Vec::new(),
        in_link: 0,
        verbatim: 0,
        raw_html: false,
        top_heading: 7,
        footnotes: HashMap::new(),
        events: Vec::new(),
    };
    for event in TextMergeStream::new(Parser::new_ext(markdown, OPTIONS)) {
        renderer.event(event);
    }
    let top = renderer.top_heading;
    let events = renderer.events.into_iter().map(|event| match event {
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: lowered(level, top),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lowered(level, top))),
        other => other,
    });
    let mut rendered = String::with_capacity(markdown.len() * 5 / 4);
    html::push_html(&mut rendered, events);
    if renderer.raw_html {
        sanitise::sanitise(&rendered, site, folder)
    } else {
        rendered
    }
}

/// The level that a heading gets when the highest one of its text becomes `h2`.
fn lowered(level: HeadingLevel, top: usize) -> HeadingLevel {
    let level = (level as usize + 2).saturating_sub(top).clamp(2, 6);
    HeadingLevel::try_from(level).unwrap_or(HeadingLevel::H6)
}

struct Renderer<'a> {
    site: &'a Url,
    folder: &'a Url,
    /// For each element of the source that is open: whether it is written.
    open: Vec<bool>,
    /// How many links that are written are open.
    in_link: usize,
    /// How many code blocks and pictures are open, in which no links are made.
    verbatim: usize,
    raw_html: bool,
    top_heading: usize,
    footnotes: HashMap<String, usize>,
    events: Vec<Event<'a>>,
}

impl<'a> Renderer<'a> {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(text),
            Event::FootnoteReference(name) => {
                let number = self.footnote(&name);
                self.written(format!("<sup>{number}</sup>"));
            }
            Event::Html(_) | Event::InlineHtml(_) => {
                self.raw_html = true;
                self.events.push(event);
            }
            other => self.events.push(other),
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        let written = self.open.len() < DEPTH;
        let tag = match tag {
            Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            } => self.address(link_type, &dest_url).map(|dest_url| {
                let link_type = LinkType::Inline;
                Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }
            }),
            Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            } => links::fetchable(&dest_url, self.site, self.folder).map(|url| Tag::Image {
                link_type,
                dest_url: url.into(),
                title,
                id,
            }),
            other => Some(other),
        };
        let Some(tag) = tag.filter(|_| written) else {
            self.open.push(false);
            return;
        };
        self.open.push(true);
        match &tag {
            Tag::Link { .. } => self.in_link += 1,
            Tag::Image { .. } | Tag::CodeBlock(_) => self.verbatim += 1,
            Tag::Heading { level, .. } => self.top_heading = self.top_heading.min(*level as usize),
            Tag::FootnoteDefinition(name) => {
                let number = self.footnote(name);
                self.written(format!("<div><sup>{number}</sup>"));
                return;
            }
            _ => {}
        }
        self.events.push(Event::Start(tag));
    }

    fn end(&mut self, tag: TagEnd) {
        // The parser guarantees that starts and ends are balanced.
        if self.open.pop() != Some(true) {
            return;
        }
        match tag {
            TagEnd::Link => self.in_link -= 1,
            TagEnd::Image | TagEnd::CodeBlock => self.verbatim -= 1,
            TagEnd::FootnoteDefinition => {
                self.written("</div>\n".to_owned());
                return;
            }
            _ => {}
        }
        self.events.push(Event::End(tag));
    }

    /// The address of a link, if it may be one. An address in angle brackets may be an e-mail
    /// address, which the writer would else have marked as such.
    fn address(&self, link_type: LinkType, destination: &str) -> Option<CowStr<'a>> {
        let address = match link_type {
            LinkType::Email => {
                links::absolute(&format!("mailto:{destination}"), self.site, self.folder)
            }
            _ => links::absolute(destination, self.site, self.folder),
        };
        address.map(CowStr::from)
    }

    /// HTML of our own making, which needs no sanitising.
    fn written(&mut self, html: String) {
        // Within a picture's alternative text there is no markup.
        if self.verbatim == 0 {
            self.events.push(Event::InlineHtml(html.into()));
        }
    }

    fn footnote(&mut self, name: &str) -> usize {
        let next = self.footnotes.len() + 1;
        *self.footnotes.entry(name.to_owned()).or_insert(next)
    }

    /// Text, its bare web addresses made links.
    fn text(&mut self, text: CowStr<'a>) {
        if self.in_link > 0 || self.verbatim > 0 || !text.contains("://") {
            self.events.push(Event::Text(text));
            return;
        }
        let mut done = 0;
        for (range, url) in bare_links(&text, self.site, self.folder) {
            self.plain(&text[done..range.start]);
            self.events.push(Event::Start(Tag::Link {
                link_type: LinkType::Inline,
                dest_url: url.into(),
                title: "".into(),
                id: "".into(),
            }));
            self.plain(&text[range.clone()]);
            self.events.push(Event::End(TagEnd::Link));
            done = range.end;
        }
        self.plain(&text[done..]);
    }

    fn plain(&mut self, text: &str) {
        if !text.is_empty() {
            self.events.push(Event::Text(text.to_owned().into()));
        }
    }
}

/// The web addresses that stand bare in a text, with their absolute form.
pub(super) fn bare_links(
    text: &str,
    site: &Url,
    folder: &Url,
) -> Vec<(std::ops::Range<usize>, String)> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    finder
        .links(text)
        .filter_map(|link| {
            let url = links::fetchable(link.as_str(), site, folder)?;
            Some((link.start()..link.end(), url))
        })
        .collect()
}

/// The paragraphs, headings and list entries of Markdown as plain text.
pub(super) fn to_blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Blocks::default();
    paragraphs::each(markdown, |stretch| match stretch {
        Stretch::Plain(text) => blocks.paragraph(text),
        Stretch::Marked(markdown) => parse_blocks(markdown, &mut blocks),
    });
    blocks.finish()
}

/// Adds the paragraphs, headings and list entries of Markdown, whatever it holds.
fn parse_blocks(markdown: &str, blocks: &mut Blocks) {
    let mut raw = String::new();
    for event in TextMergeStream::new(Parser::new_ext(markdown, OPTIONS)) {
        match event {
            Event::Html(html) => {
                raw.push_str(&html);
                continue;
            }
            Event::Start(Tag::Heading { .. }) => blocks.start(true),
            Event::Start(tag) if is_block(&tag) => blocks.start(false),
            Event::End(TagEnd::HtmlBlock) => {
                blocks.extend(super::plain::html_to_blocks(&raw));
                raw.clear();
            }
            Event::End(
                TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock,
            ) => {
                blocks.start(false);
            }
            Event::End(TagEnd::TableCell) => blocks.text(" "),
            Event::Text(text) | Event::Code(text) => blocks.text(&text),
            Event::SoftBreak => blocks.text(" "),
            Event::HardBreak => blocks.line(),
            _ => {}
        }
    }
    blocks.start(false);
}

fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::Item
            | Tag::FootnoteDefinition(_)
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::HtmlBlock
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(markdown: &str) -> Vec<Block> {
        let mut blocks = Blocks::default();
        parse_blocks(markdown, &mut blocks);
        blocks.finish()
    }

    /// Pieces of lines, of which most mean something to Markdown.
    fn piece() -> impl Strategy<Value = &'static str> {
        let plain = proptest::sample::select(&["word", "Ein Wört", "2024", " ", ", ", "(a)"][..]);
        let marks = [
            "- ", "* ", "1. ", "2) ", "> ", "# ", "    ", "  ", "\t", "```", "~~~", "---", "===",
            "*", "_", "`", "[a]", "[a]: /b", "[^a]", "[^a]: ", "![a](b)", "<p>", "</p>", "<!--",
            "-->", "<pre>", "|", "|---|", "&amp;", "\\", "~~", ":", "\u{a0}", "\u{2028}",
            "\u{feff}", "’", "!", "=", "+", "\"", "$",
        ];
        let marks = proptest::sample::select(marks.to_vec());
        let breaks = proptest::sample::select(&["\n", "\n\n", "\n \n", "\r\n"][..]);
        prop_oneof![4 => plain, 2 => marks, 3 => breaks]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn paragraphs_that_are_told_at_a_glance_are_those_that_the_parser_finds(
            pieces in proptest::collection::vec(piece(), 0..24),
        ) {
            let markdown = pieces.concat();
            prop_assert_eq!(to_blocks(&markdown), parsed(&markdown), "{:?}", markdown);
        }
    }
}
