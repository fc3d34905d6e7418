//! HTML made safe to publish.
//!
//! Three steps, each of which sees only what the one before it wrote: [`tidy`]
//! balances the tags and bounds their depth, so that parsing is neither deep nor slow; ammonia
//! keeps only the elements and attributes that it knows to be harmless; and a last pass over its
//! regular output makes links absolute and moves headings below the page's own.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::links;
use super::plain::{escape, is_heading};
use super::tidy::{self, Token, Tokens};

static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        // Made absolute afterwards: the base differs from item to item.
        .url_relative(UrlRelative::PassThrough)
        .add_tags(["tfoot"])
        // The last two are none that feed readers and their judges know: W3C's validator warns.
        .rm_tags([
            "map", "area", "nav", "header", "footer", "article", "aside", "bdo", "rtc",
        ])
        .link_rel(None);
    builder
});

/// HTML that is safe to publish, as [`Body::to_html`](super::Body::to_html) promises.
pub(super) fn sanitise(html: &str, site: &Url, folder: &Url) -> String {
    let tidied = tidy::tidy(html);
    let safe = ALLOWED.clean(&tidied.html).to_string();
    let top = Tokens::new(&safe)
        .filter_map(|token| match token {
            Token::Start { name, .. } if is_heading(name) => name[1..].parse().ok(),
            _ => None,
        })
        .min()
        .unwrap_or(1);
    let mut output = String::with_capacity(safe.len());
    for token in Tokens::new(&safe) {
        match token {
            Token::Text(text) => output.push_str(text),
            Token::Start { name, attributes } => {
                start(&lowered(name, top), attributes, site, folder, &mut output);
            }
            Token::End { name } => {
                output.push_str("</");
                output.push_str(&lowered(name, top));
                output.push('>');
            }
            Token::Other => {}
        }
    }
    output
}

/// The name of an element, that of a heading moved so that the highest becomes `h2`.
fn lowered(name: &str, top: usize) -> Cow<'_, str> {
    match name[1..].parse::<usize>() {
        Ok(level) if is_heading(name) => {
            Cow::Owned(format!("h{}", (level + 2).saturating_sub(top).clamp(2, 6)))
        }
        _ => Cow::Borrowed(name),
    }
}

fn start(name: &str, attributes: &str, site: &Url, folder: &Url, output: &mut String) {
    if name == "img" {
        image(attributes, site, folder, output);
        return;
    }
    output.push('<');
    output.push_str(name);
    for (key, value) in tidy::attributes(attributes) {
        let address = match key {
            "href" => links::absolute(&unescaped(value), site, folder),
            "cite" => links::fetchable(&unescaped(value), site, folder),
            _ => {
                attribute(key, value, output);
                continue;
            }
        };
        if let Some(address) = address {
            let mut escaped = String::new();
            escape(&address, &mut escaped);
            attribute(key, &escaped, output);
        }
    }
    output.push('>');
}

/// A picture; where its address is refused, its alternative text.
fn image(attributes: &str, site: &Url, folder: &Url, output: &mut String) {
    let value = |wanted| {
        tidy::attributes(attributes)
            .find(|(key, _)| *key == wanted)
            .map(|(_, value)| value)
    };
    let alt = value("alt").unwrap_or_default();
    let source = value("src").and_then(|source| links::fetchable(&unescaped(source), site, folder));
    let Some(source) = source else {
        escape(&unescaped(alt), output);
        return;
    };
    output.push_str("<img");
    let mut escaped = String::new();
    escape(&source, &mut escaped);
    attribute("src", &escaped, output);
    attribute("alt", alt, output);
    for key in ["title", "width", "height"] {
        if let Some(value) = value(key) {
            attribute(key, value, output);
        }
    }
    output.push('>');
}

/// Writes an attribute whose value is escaped already.
fn attribute(key: &str, value: &str, output: &mut String) {
    output.push(' ');
    output.push_str(key);
    output.push_str("=\"");
    output.push_str(value);
    output.push('"');
}

/// The value of an attribute as ammonia writes it, without its escapes.
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let value = value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{A0}")
        .replace("&amp;", "&");
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> String {
        let site = Url::parse("https://news.example/").expect("is a URL");
        let folder = Url::parse("https://news.example/media/").expect("is a URL");
        sanitise(html, &site, &folder)
    }

    #[test]
    fn what_runs_or_frames_is_gone_and_what_reads_is_kept() {
        let html = "<p onclick=\"x()\">Text <b>bold</b><script>x()</script></p>\
                    <iframe src=\"https://a.example/\"></iframe><style>p{}</style>\
                    <table><thead><tr><th scope=\"col\">A</th></tr></thead><tbody><tr><td colspan=\"2\">1</td></tr></tbody></table>";
        insta::assert_snapshot!(clean(html), @r#"<p>Text <b>bold</b></p><table><thead><tr><th scope="col">A</th></tr></thead><tbody><tr><td colspan="2">1</td></tr></tbody></table>"#);
    }

    #[test]
    fn links_become_absolute_or_plain_text() {
        let html = "<a href=\"doc.pdf?a=1&amp;b=2\">doc</a> <a href=\"/about\">about</a> \
                    <a href=\" JAVASCRIPT:x\">js</a> <a href=\"&#106;avascript:x\">entity</a> \
                    <img src=\"p.jpg\" alt=\"a &quot;b&quot; &lt;c&gt;\"> <img src=\"data:image/png;base64,x\" alt=\"kept &lt;b&gt;\">";
        insta::assert_snapshot!(clean(html), @r#"<a href="https://news.example/media/doc.pdf?a=1&amp;b=2">doc</a> <a href="https://news.example/about">about</a> <a>js</a> <a>entity</a> <img src="https://news.example/media/p.jpg" alt="a &quot;b&quot; &lt;c&gt;"> kept &lt;b&gt;"#);
    }

    #[test]
    fn headings_begin_at_the_second_level() {
        assert_eq!(
            clean("<h1>A</h1><h2>B</h2><h6>C</h6>"),
            "<h2>A</h2><h3>B</h3><h6>C</h6>"
        );
        assert_eq!(clean("<h3>A</h3><h4>B</h4>"), "<h2>A</h2><h3>B</h3>");
    }

    #[test]
    fn text_that_looks_like_markup_stays_text() {
        assert_eq!(
            clean("1 &lt; 2 &amp;&amp; 3 < 4 &lt;script&gt;"),
            "1 &lt; 2 &amp;&amp; 3 &lt; 4 &lt;script&gt;"
        );
    }
}
