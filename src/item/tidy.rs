//! HTML made harmless to parse: a scanner of tags, and a pass that balances them.
//!
//! A conforming parser takes quadratic time, or builds a tree of quadratic size, on deep nesting
//! and on elements that are never closed. So nothing reaches one but what [`tidy`] writes: every
//! start tag has its end tag in the right order, none lies deeper than [`DEPTH`], and comments,
//! scripts, styles and foreign content are gone. Nothing here is trusted for safety; that is
//! the sanitiser's work.

mod tokens;

pub(super) use tokens::{Token, Tokens, attributes};

/// The deepest that elements may nest; tags of those that lie deeper are dropped, their text
/// kept.
const DEPTH: usize = 100;

/// The most attributes that an element keeps; one with more keeps none.
const ATTRIBUTES: usize = 100;

/// What [`tidy`] makes of a page.
pub(super) struct Tidied {
    /// The balanced HTML.
    pub html: String,
    /// The contents of its JSON-LD scripts.
    pub structured_data: Vec<String>,
}

/// Elements without content.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements whose content is not markup: it ends at the next end tag of their name.
const RAW: &[&str] = &[
    "iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp",
];

/// Elements that are left out with all that they hold.
const FOREIGN: &[&str] = &["math", "object", "select", "svg", "template"];

/// Elements that a parser treats in ways of their own; only their tags are left out.
const DROPPED: &[&str] = &["frameset", "image", "isindex", "listing", "plaintext"];

/// Elements that end a paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "ul",
];

/// Elements whose end tags may stand outside them; no other end tag reaches past a cell.
const TABLE: &[&str] = &[
    "caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
];

/// Balances the tags of a page or a fragment, and bounds their depth.
pub(super) fn tidy(html: &str) -> Tidied {
    let mut tidy = Tidy {
        output: String::with_capacity(html.len()),
        open: Vec::new(),
        too_deep: Vec::new(),
        unclosed: Vec::new(),
        structured_data: Vec::new(),
    };
    let mut tokens = Tokens::new(html);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => tidy.text(text),
            Token::Start { name, attributes } => {
                tidy.start(&name.to_ascii_lowercase(), attributes, &mut tokens);
            }
            Token::End { name } => tidy.end(&name.to_ascii_lowercase()),
            Token::Other => {}
        }
    }
    tidy.close_to(0);
    Tidied {
        html: tidy.output,
        structured_data: tidy.structured_data,
    }
}

struct Tidy {
    output: String,
    /// The names of the elements that are open.
    open: Vec<String>,
    /// The names of the open elements whose tags were dropped.
    too_deep: Vec<String>,
    /// The names of [`FOREIGN`] elements that were found never to be closed.
    unclosed: Vec<String>,
    structured_data: Vec<String>,
}

impl Tidy {
    fn text(&mut self, text: &str) {
        // A bare `<` must not begin a tag together with what is written next.
        if text.contains('<') {
            self.output.push_str(&text.replace('<', "&lt;"));
        } else {
            self.output.push_str(text);
        }
    }

    fn start(&mut self, name: &str, attributes: &str, tokens: &mut Tokens<'_>) {
        let plain =
            name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain || DROPPED.contains(&name) {
            return;
        }
        if RAW.contains(&name) {
            let content = tokens.raw(name);
            self.raw(name, attributes, content);
            return;
        }
        if FOREIGN.contains(&name) {
            if !self.unclosed.iter().any(|other| other == name) && !tokens.skip(name) {
                self.unclosed.push(name.to_owned());
            }
            return;
        }
        self.close_implied(name);
        let void = VOID.contains(&name);
        if !void && self.open.len() >= DEPTH {
            self.too_deep.push(name.to_owned());
            return;
        }
        self.output.push('<');
        self.output.push_str(name);
        if !attributes.is_empty() && tokens::attributes(attributes).nth(ATTRIBUTES).is_none() {
            self.output.push(' ');
            self.output.push_str(attributes);
        }
        self.output.push('>');
        if !void {
            self.open.push(name.to_owned());
        }
    }

    /// Of elements that hold no markup only the title and structured data are of use.
    fn raw(&mut self, name: &str, attributes: &str, content: &str) {
        if name == "title" {
            self.output.push_str("<title>");
            self.text(content);
            self.output.push_str("</title>");
        } else if name == "script" {
            let structured = tokens::attributes(attributes).any(|(key, value)| {
                key.eq_ignore_ascii_case("type")
                    && value.trim().eq_ignore_ascii_case("application/ld+json")
            });
            if structured {
                self.structured_data.push(content.to_owned());
            }
        }
    }

    /// Closes what a start tag ends without saying so: a paragraph, the entry before, the cell.
    fn close_implied(&mut self, name: &str) {
        loop {
            let ends = match (self.open.last().map(String::as_str), name) {
                (Some("p"), _) => BLOCKS.contains(&name) || matches!(name, "li" | "dt" | "dd"),
                (Some("li"), "li") => true,
                (Some("dt" | "dd"), "dt" | "dd") => true,
                (Some("option"), "option" | "optgroup") => true,
                (Some("td" | "th"), "td" | "th" | "tr" | "tbody" | "thead" | "tfoot") => true,
                (Some("tr"), "tr" | "tbody" | "thead" | "tfoot") => true,
                (Some("tbody" | "thead" | "tfoot"), "tbody" | "thead" | "tfoot") => true,
                _ => false,
            };
            if !ends {
                return;
            }
            self.close_to(self.open.len() - 1);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(deepest) = self.too_deep.last() {
            if deepest == name {
                self.too_deep.pop();
            }
            return;
        }
        let within = TABLE.contains(&name);
        for (at, open) in self.open.iter().enumerate().rev() {
            if open == name {
                self.close_to(at);
                return;
            }
            if !within && matches!(open.as_str(), "td" | "th" | "caption") {
                return;
            }
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some(name) = self.open.pop() {
                self.output.push_str("</");
                self.output.push_str(&name);
                self.output.push('>');
            }
        }
    }
}

#[cfg(test)]
mod tests;
