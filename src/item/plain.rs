//! Plain text: blocks taken out of HTML, and plain paragraphs written as HTML.

use ego_tree::iter::Edge;
use memchr::memchr;
use scraper::{Html, Node};
use url::Url;

use super::characters::one_line;
use super::{markup, tidy};

/// A paragraph, a heading or a list entry, as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub heading: bool,
    /// One line for each line that the author broke on purpose.
    pub text: String,
}

/// Blocks in the making.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    done: Vec<Block>,
    text: String,
    heading: bool,
}

impl Blocks {
    /// Ends the block that is open and opens another.
    pub(super) fn start(&mut self, heading: bool) {
        let text = self
            .text
            .split('\n')
            .map(one_line)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        if !text.is_empty() {
            let heading = self.heading;
            self.done.push(Block { heading, text });
        }
        self.text.clear();
        self.heading = heading;
    }

    /// Adds a whole paragraph, whose line breaks are those of the source.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.start(false);
        let text = match memchr(b'\n', text.as_bytes()) {
            Some(_) => one_line(&text.replace('\n', " ")),
            None => one_line(text),
        };
        if !text.is_empty() {
            let heading = false;
            self.done.push(Block { heading, text });
        }
    }

    /// Adds text whose line breaks are those of the source, not the author's.
    pub(super) fn text(&mut self, text: &str) {
        if text.contains('\n') {
            self.text.push_str(&text.replace('\n', " "));
        } else {
            self.text.push_str(text);
        }
    }

    /// Breaks the line.
    pub(super) fn line(&mut self) {
        self.text.push('\n');
    }

    /// Adds whole blocks.
    pub(super) fn extend(&mut self, blocks: Vec<Block>) {
        self.start(false);
        self.done.extend(blocks);
    }

    pub(super) fn finish(mut self) -> Vec<Block> {
        self.start(false);
        self.done
    }
}

/// The blocks of HTML, its markup and whatever is not text taken away.
pub(super) fn html_to_blocks(html: &str) -> Vec<Block> {
    let tidied = tidy::tidy(html);
    let page = Html::parse_fragment(&tidied.html);
    let mut blocks = Blocks::default();
    for edge in page.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => blocks.text(text),
                Node::Element(element) => match element.name() {
                    "br" => blocks.line(),
                    "td" | "th" => blocks.text(" "),
                    name if is_heading(name) => blocks.start(true),
                    name if is_block(name) => blocks.start(false),
                    _ => {}
                },
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value()
                    && (is_block(element.name()) || is_heading(element.name()))
                {
                    blocks.start(false);
                }
            }
        }
    }
    blocks.finish()
}

/// Whether an element of this name is a heading.
pub(super) fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Whether an element of this name stands on lines of its own, headings aside.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Whether a text that may be HTML or Markdown has the look of HTML.
pub(super) fn looks_like_html(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('<')
        && text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '!')
        && text.contains("</")
}

/// The blocks of plain paragraphs divided by blank lines.
pub(super) fn text_to_blocks(text: &str) -> Vec<Block> {
    paragraphs(text)
        .map(|lines| Block {
            heading: false,
            text: if lines.iter().all(|line| bullet(line).is_some()) {
                lines
                    .iter()
                    .map(|line| one_line(line))
                    .collect::<Vec<_>>()
                    .join("\n")
            } else {
                one_line(&lines.join(" "))
            },
        })
        .filter(|block| !block.text.is_empty())
        .collect()
}

/// The lines of each paragraph.
fn paragraphs(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let mut lines = text.lines().map(str::trim);
    std::iter::from_fn(move || {
        let first = lines.find(|line| !line.is_empty())?;
        let mut paragraph = vec![first];
        paragraph.extend(lines.by_ref().take_while(|line| !line.is_empty()));
        Some(paragraph)
    })
}

/// What follows the mark of a bulleted line.
pub(super) fn bullet(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '•', '·', '‣', '◦', '–'])?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// Plain paragraphs as HTML: bulleted lines become a list, bare web addresses links.
pub(super) fn text_to_html(text: &str, site: &Url, folder: &Url) -> String {
    let mut html = String::with_capacity(text.len() * 9 / 8);
    for lines in paragraphs(text) {
        if lines
            .iter()
            .all(|line| bullet(line).is_some_and(|rest| !rest.is_empty()))
        {
            html.push_str("<ul>\n");
            for line in lines {
                html.push_str("<li>");
                linked(bullet(line).unwrap_or(line), site, folder, &mut html);
                html.push_str("</li>\n");
            }
            html.push_str("</ul>\n");
        } else {
            html.push_str("<p>");
            linked(&lines.join("\n"), site, folder, &mut html);
            html.push_str("</p>\n");
        }
    }
    html
}

fn linked(text: &str, site: &Url, folder: &Url, html: &mut String) {
    let mut done = 0;
    if text.contains("://") {
        for (range, url) in markup::bare_links(text, site, folder) {
            escape(&text[done..range.start], html);
            html.push_str("<a href=\"");
            escape(&url, html);
            html.push_str("\">");
            escape(&text[range.clone()], html);
            html.push_str("</a>");
            done = range.end;
        }
    }
    escape(&text[done..], html);
}

/// Adds `text` to `html`, escaped for content and for quoted attribute values.
pub(super) fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}
