//! The pages of the preview. Written here and not in a template of the newsroom: they are for who
//! makes the issue, and must work when a template does not.

use super::{FRAME, ISSUE, ISSUES, query};
use crate::diagnostic::{Problem, Style, render};
use crate::digest::message::Bodies;
use crate::ledger::IssueRecord;
use crate::pipeline::issues::reader::Read;
use crate::template::escape_html;

/// What the pages themselves may do: show frames from here, and hear of changes.
pub(super) const POLICY: &str = "default-src 'none'; frame-src 'self'; script-src 'self'; \
    connect-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Gmail cuts the HTML of a mail here.
const CLIPPED_ABOVE: usize = 102 * 1024;

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { margin: 0; padding: 1rem 1.5rem 3rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.4rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
h3 { margin: 0 0 .3rem; font-size: .95rem; font-weight: 600; }
.preheader { margin: .2rem 0 0; opacity: .8; }
.facts { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; margin: .8rem 0 0; padding: 0; list-style: none; }
.bad { color: #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { .bad { color: #ffb4ab; } }
.looks { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
iframe { display: block; max-width: 100%; border: 1px solid #8886; border-radius: 4px; background: #fff; }
pre { overflow: auto; max-height: 40rem; padding: 1rem; border: 1px solid #8886; border-radius: 4px; font: 13px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
";

/// The page of an issue; `message` is what a subscriber would get, empty where it cannot be made.
pub(super) fn issue(
    read: &Read<'_>,
    bodies: &Bodies,
    message: &[u8],
    problems: &[Problem],
) -> String {
    let (record, issue) = (read.record, &read.edition.issue);
    let named = query(&record.digest, &record.period);
    let frame = |title: &str, width: u32, dark: &str, pictures: &str| {
        let url = format!("{FRAME}?{named}&dark={dark}&pictures={pictures}");
        format!(
            "<div><h3>{title}</h3>\n<iframe sandbox=\"allow-same-origin\" title=\"{title}\" \
             width=\"{width}\" height=\"900\" src=\"{}\"></iframe></div>\n",
            escape_html(&url)
        )
    };
    let looks = [
        frame("At a desk", 680, "no", "yes"),
        frame("On a phone", 375, "no", "yes"),
        frame("At a desk, dark", 680, "yes", "yes"),
        frame("On a phone, dark", 375, "yes", "yes"),
        frame("Without pictures", 680, "no", "no"),
    ]
    .concat();
    let mut facts = vec![
        fact(false, &format!("{}, {}", record.digest, record.period)),
        fact(false, &format!("it is {}", record.state)),
        weight(bodies),
        fact(false, &format!("text {}", kilobytes(bodies.text.len()))),
    ];
    if !message.is_empty() {
        let whole = format!("whole message {}", kilobytes(message.len()));
        facts.push(fact(false, &whole));
    }
    facts.push(fact(false, &format!("{} items", issue.total)));
    if bodies.omitted > 0 {
        let omitted = format!("{} of them only counted and linked", bodies.omitted);
        facts.push(fact(true, &omitted));
    }
    facts.extend(
        record
            .changes
            .iter()
            .map(|change| fact(true, &change.in_words())),
    );
    let problems = match problems.is_empty() {
        true => String::new(),
        false => format!(
            "<pre class=\"bad\">{}</pre>\n",
            escape_html(&render(problems, Style::Plain))
        ),
    };
    let headers = String::from_utf8_lossy(message);
    let headers = headers.split("\r\n\r\n").next().unwrap_or_default();
    let body = format!(
        "<p><a href=\"{ISSUES}\">All issues</a></p>\n<h1>{}</h1>\n<p class=\"preheader\">{}</p>\n\
         <ul class=\"facts\">\n{}</ul>\n{problems}\
         <h2>As it looks</h2>\n<div class=\"looks\">\n{looks}</div>\n\
         <h2 id=\"text\">Text</h2>\n<pre>{}</pre>\n\
         <h2 id=\"headers\">Headers</h2>\n<pre>{}</pre>\n\
         <h2 id=\"source\">Source</h2>\n<pre>{}</pre>\n",
        escape_html(&issue.subject),
        escape_html(&issue.preheader),
        facts.concat(),
        escape_html(&bodies.text),
        escape_html(headers),
        escape_html(&bodies.html),
    );
    document(&issue.subject, &body)
}

/// The page that lists all issues.
pub(super) fn issues(records: &[IssueRecord]) -> String {
    let lines = records.iter().map(|record| {
        let url = format!("{ISSUE}?{}", query(&record.digest, &record.period));
        format!(
            "<li><a href=\"{}\">{} {}</a>, {}</li>\n",
            escape_html(&url),
            escape_html(&record.digest),
            escape_html(&record.period),
            record.state
        )
    });
    let lines: String = lines.collect();
    let body = match lines.is_empty() {
        true => "<h1>Issues</h1>\n<p>There is none yet.</p>\n".to_owned(),
        false => format!("<h1>Issues</h1>\n<ul>\n{lines}</ul>\n"),
    };
    document("Issues", &body)
}

/// The page in the place of one that cannot be made; it is shown again once it can.
pub(super) fn failed(words: &str) -> String {
    let body = format!(
        "<p><a href=\"{ISSUES}\">All issues</a></p>\n<h1>It cannot be shown</h1>\n<pre class=\"bad\">{}</pre>\n",
        escape_html(words)
    );
    document("It cannot be shown", &body)
}

fn weight(bodies: &Bodies) -> String {
    let length = bodies.html.len();
    let is_clipped = length > CLIPPED_ABOVE;
    let words = match is_clipped {
        true => "Gmail clips what is longer than 102 kB",
        false => "Gmail shows it whole, up to 102 kB",
    };
    fact(is_clipped, &format!("HTML {} ({words})", kilobytes(length)))
}

fn kilobytes(length: usize) -> String {
    format!("{}.{} kB", length / 1024, length % 1024 * 10 / 1024)
}

fn fact(is_bad: bool, words: &str) -> String {
    let class = if is_bad { " class=\"bad\"" } else { "" };
    format!("<li{class}>{}</li>\n", escape_html(words))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}\
         <script src=\"/_tidings/reload.js\" defer></script>\n</body>\n</html>\n",
        escape_html(title)
    )
}
