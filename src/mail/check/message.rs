//! A message as it would be sent: what receivers and readers would take amiss. Pure.

use mail_parser::{MessageParser, MimeHeaders};
use scraper::{Html, Selector};

use super::{Finding, Verdict};
use crate::mail::message::Envelope;

const AREA: &str = "message";

/// The most bytes of HTML that Gmail shows.
const CLIPPED: usize = 102_000;
/// The most octets of a line without its break (RFC 5322, section 2.1.1).
const LINE_OCTETS: usize = 998;
/// The most characters of a subject that programs show.
const SUBJECT_LENGTH: usize = 100;

/// What is to be said of a message to one recipient, and its envelope.
pub fn inspect(envelope: &Envelope, message: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(parsed) = MessageParser::default().parse(message) else {
        return vec![Finding::new(
            AREA,
            Verdict::Bad,
            "the message cannot be read back",
        )];
    };
    let mut bad = |message: String| findings.push(Finding::new(AREA, Verdict::Bad, message));
    let longest = message
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line).len());
    let longest = longest.max().unwrap_or(0);
    if longest > LINE_OCTETS {
        bad(format!(
            "a line has {longest} octets; relays break those of over {LINE_OCTETS}"
        ));
    }
    let subject = parsed.subject().unwrap_or_default().to_owned();
    if subject.is_empty() {
        bad("the subject is empty".to_owned());
    }
    let first = parsed.parts.iter().find(|part| !part.is_multipart());
    let is_text_first = first.is_some_and(|part| {
        let kind = part.content_type().and_then(|kind| kind.subtype());
        kind == Some("plain") && !part.text_contents().unwrap_or_default().trim().is_empty()
    });
    if !is_text_first {
        bad("there is no text beside the HTML; spam filters and some readers want one".to_owned());
    }
    let html = parsed.body_html(0).unwrap_or_default().into_owned();
    let text = parsed.body_text(0).unwrap_or_default().into_owned();
    if html.len() > CLIPPED {
        bad(format!(
            "the HTML has {} bytes: Gmail cuts it at {CLIPPED}",
            html.len()
        ));
    }
    let ways = raw(&parsed, "List-Unsubscribe");
    let is_one_click = raw(&parsed, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click";
    let link = between(&ways, "<https://").map(|rest| format!("https://{rest}"));
    match &link {
        Some(_) if is_one_click => {}
        _ => findings.push(
            Finding::new(
                AREA,
                Verdict::Bad,
                "one click does not unsubscribe: RFC 8058 and large receivers demand a link that begins with https",
            )
            .help("let 'base_url' under [site] begin with https"),
        ),
    }
    let doubtful =
        |message: &str, help: &str| Finding::new(AREA, Verdict::Doubtful, message).help(help);
    if between(&ways, "<mailto:").is_none() {
        findings.push(doubtful(
            "nobody can unsubscribe by mail",
            "set 'unsubscribe' under [mail.bounces]",
        ));
    }
    if !envelope.from.contains('+') {
        findings.push(doubtful(
            "bounces come to the sender's mailbox, and nobody counts them",
            "set 'address' under [mail.bounces]",
        ));
    }
    if let Some(link) = link
        && !(text.contains(&link) && html.contains(&link))
    {
        findings.push(doubtful(
            "the link to unsubscribe is not in both the text and the HTML",
            "put it into the templates of the digest: {{links.unsubscribe}}",
        ));
    }
    if subject.chars().count() > SUBJECT_LENGTH {
        findings.push(doubtful(
            "the subject is so long that its end is not shown",
            "shorten it",
        ));
    }
    findings.extend(inspect_html(&html));
    let verdict = findings.iter().map(|finding| finding.verdict).max();
    if verdict.is_none_or(|worst| worst < Verdict::Bad) {
        let size = format!("{:.1} kB", message.len() as f64 / 1000.0);
        let weight = format!("{:.1} kB", html.len() as f64 / 1000.0);
        let message = format!(
            "the message is sound: {size}, of which {weight} HTML; nothing in it is tracked"
        );
        findings.insert(0, Finding::new(AREA, Verdict::Good, message));
    }
    findings
}

fn inspect_html(html: &str) -> Vec<Finding> {
    let document = Html::parse_document(html);
    let mut findings = Vec::new();
    let count = |selector: &str, is_wrong: fn(&scraper::ElementRef<'_>) -> bool| {
        let selector = Selector::parse(selector).expect("the selectors below are valid CSS");
        document.select(&selector).filter(is_wrong).count()
    };
    let without_alt = count("img", |image| image.attr("alt").is_none());
    let unsized_images = count("img", |image| {
        image.attr("width").is_none() || image.attr("height").is_none()
    });
    let is_elsewhere = |url: &str| {
        ["https://", "http://", "cid:", "mailto:", "#"]
            .iter()
            .any(|start| url.starts_with(start))
    };
    let relative = count("img", |image| {
        let source = image.attr("src").unwrap_or_default();
        !["https://", "http://", "cid:"]
            .iter()
            .any(|start| source.starts_with(start))
    });
    let links = Selector::parse("a[href]").expect("a valid selector");
    let lost = document
        .select(&links)
        .filter(|link| !is_elsewhere(link.attr("href").unwrap_or_default()))
        .count();
    let active = count("script, form, iframe, object, embed", |_| true);
    let pixels = count("img", |image| {
        let is_point = |name| {
            image
                .attr(name)
                .is_some_and(|size| matches!(size, "0" | "1"))
        };
        is_point("width") && is_point("height")
    });
    let mut add = |number: usize, verdict, what: &str, help: &str| {
        if number > 0 {
            findings.push(Finding::new(AREA, verdict, format!("{what}: {number}")).help(help));
        }
    };
    add(
        without_alt,
        Verdict::Doubtful,
        "images that say nothing where they are not shown",
        "give every <img> in the template an alt, an empty one where it is mere ornament",
    );
    add(
        unsized_images,
        Verdict::Doubtful,
        "images without width and height, so that the text jumps when they come",
        "give every <img> in the template a width and a height",
    );
    add(
        relative,
        Verdict::Bad,
        "images with an address that a mail program cannot find",
        "write whole addresses in the template, beginning with {{site.base_url}}",
    );
    add(
        lost,
        Verdict::Bad,
        "links that lead nowhere from a mail program",
        "write whole addresses in the template, beginning with {{site.base_url}}",
    );
    add(
        active,
        Verdict::Bad,
        "elements that do something (script, form, frame), which mail programs drop and filters take amiss",
        "take them out of the template",
    );
    add(
        pixels,
        Verdict::Doubtful,
        "images of a single point, as those that spy on readers are",
        "take them out of the template",
    );
    findings
}

fn raw(message: &mail_parser::Message<'_>, name: &str) -> String {
    let mut headers = message.headers_raw();
    let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
    found.map_or(String::new(), |(_, value)| value.trim().to_owned())
}

/// What stands behind `start` up to the bracket that closes.
fn between<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split('>').next()
}
