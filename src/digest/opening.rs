//! What an editor writes above the items of an issue: Markdown, as HTML and as text for reading.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::item::Body;

/// The words above the items of one issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Safe HTML: links are absolute, headings begin at `h2`.
    pub html: String,
    /// The same for the text part: each link's address stands in brackets behind its words.
    pub text: String,
}

impl Opening {
    /// What `markdown` says; relative links start from `base_url`. `None` where it says nothing.
    pub fn new(markdown: &str, base_url: &Url) -> Option<Opening> {
        let body = Body::Markdown(markdown.to_owned());
        let html = body.to_html(base_url, base_url).trim().to_owned();
        let text = text(markdown, base_url);
        (!html.is_empty() && !text.is_empty()).then_some(Opening { html, text })
    }
}

/// Paragraphs divided by blank lines, each on one line, which is wrapped when the mail is set.
fn text(markdown: &str, base_url: &Url) -> String {
    let mut text = String::new();
    // For each list that is open: the number of its next entry, if it has numbers.
    let mut lists: Vec<Option<u64>> = Vec::new();
    // For each link that is open: its address, and where its words begin.
    let mut links: Vec<(String, usize)> = Vec::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::List(first)) => {
                if lists.is_empty() {
                    blank_line(&mut text);
                }
                lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                lists.pop();
            }
            Event::Start(Tag::Item) => {
                new_line(&mut text);
                match lists.last_mut() {
                    Some(Some(number)) => {
                        text.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => text.push_str("* "),
                }
            }
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_))
                if lists.is_empty() =>
            {
                blank_line(&mut text);
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                let address = base_url.join(&dest_url);
                let address = address.map_or_else(|_| dest_url.to_string(), String::from);
                links.push((address, text.len()));
            }
            Event::End(TagEnd::Link) => {
                if let Some((address, start)) = links.pop()
                    && text[start..] != address
                {
                    text.push_str(&format!(" ({address})"));
                }
            }
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::SoftBreak => text.push(' '),
            Event::HardBreak => text.push('\n'),
            Event::Rule => {
                blank_line(&mut text);
                text.push_str("* * *");
            }
            _ => {}
        }
    }
    text.trim().to_owned()
}

fn new_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn blank_line(text: &mut String) {
    new_line(text);
    if !text.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(markdown: &str) -> Option<Opening> {
        Opening::new(markdown, &"https://news.example/".parse().unwrap())
    }

    #[test]
    fn markdown_becomes_html_and_text_for_reading() {
        let opening = opening(
            "# This week\n\nThe *annual* report is [out](/report/).\nRead it:\n\n\
             - first\n- second\n\n1. one\n2. two\n\n<https://other.example/>",
        )
        .unwrap();
        assert_eq!(
            opening.text,
            "This week\n\nThe annual report is out (https://news.example/report/). Read it:\n\n\
             * first\n* second\n\n1. one\n2. two\n\nhttps://other.example/"
        );
        assert!(
            opening.html.starts_with("<h2>This week</h2>"),
            "{}",
            opening.html
        );
        assert!(
            opening
                .html
                .contains("<a href=\"https://news.example/report/\">out</a>"),
            "{}",
            opening.html
        );
    }

    #[test]
    fn nothing_that_acts_passes() {
        let opening = opening(
            "Words <script>alert(1)</script><a href=\"javascript:alert(1)\" onclick=\"x()\">a</a> \
             [b](javascript:alert(2)) <iframe src=\"https://x.example\"></iframe>",
        )
        .unwrap();
        for word in ["<script", "javascript", "onclick", "<iframe"] {
            assert!(!opening.html.contains(word), "{}", opening.html);
        }
    }

    #[test]
    fn nothing_said_is_no_opening() {
        assert_eq!(opening(" \n\n"), None);
        assert_eq!(opening("<!-- later -->"), None);
    }
}
