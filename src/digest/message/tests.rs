use std::sync::Arc;

use mail_parser::{HeaderValue, MessageParser, MimeHeaders};

use super::*;
use crate::config::Quiet;
use crate::digest::compose::compose;
use crate::digest::samples::{digest, due, entries, entry, site, taxonomy, templates, utc, week};
use crate::entry::Entry;

fn issue(digest: &Digest, entries: Vec<Arc<Entry>>) -> Issue {
    compose(digest, &taxonomy(), &site(), &week(), entries).unwrap()
}

fn message(digest: &Digest, entries: Vec<Arc<Entry>>) -> Message {
    let issue = issue(digest, entries);
    render(digest, &issue, &site(), due(), &templates()).unwrap()
}

fn sample() -> Message {
    message(&digest(), entries())
}

#[test]
fn the_html_of_an_issue() {
    insta::assert_snapshot!(sample().html);
}

#[test]
fn the_text_of_an_issue() {
    insta::assert_snapshot!(sample().text);
}

#[test]
fn the_message_file_of_an_issue() {
    let eml = String::from_utf8(sample().eml).unwrap();
    let (head, _) = eml.split_once("<!DOCTYPE").unwrap();
    insta::assert_snapshot!(head.replace("\r\n", "\n"));
}

#[test]
fn a_mail_program_reads_back_what_was_written() {
    let message = sample();
    let mail = MessageParser::new().parse(&message.eml).unwrap();
    assert_eq!(
        mail.subject(),
        Some("Weekly digest: 5 items, 18–24 November 2024")
    );
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Harbour Organization"));
    assert_eq!(from.address(), Some("press@harbour.example"));
    assert_eq!(
        mail.message_id(),
        Some("digest.weekly.2024-W47@news.harbour.example")
    );
    assert_eq!(mail.date().unwrap().to_timestamp(), due().timestamp());
    assert_eq!(mail.header_raw("X-Unsent").map(str::trim), Some("1"));
    assert_eq!(
        mail.header_raw("Content-Language").map(str::trim),
        Some("en")
    );
    assert_eq!(
        mail.header_raw("List-Id").map(str::trim),
        Some("\"Weekly digest\" <weekly.digests.news.harbour.example>")
    );
    assert!(mail.to().is_none());
    assert_eq!(mail.content_type().unwrap().subtype(), Some("alternative"));
    let kinds: Vec<_> = mail
        .parts
        .iter()
        .skip(1)
        .map(|part| part.content_type().unwrap())
        .map(|kind| (kind.subtype().unwrap(), kind.attribute("charset").unwrap()))
        .collect();
    assert_eq!(kinds, [("plain", "utf-8"), ("html", "utf-8")]);
    // Line ends of text travel as CRLF and come back as such.
    let unix = |text: &str| text.replace("\r\n", "\n");
    assert_eq!(unix(&mail.body_text(0).unwrap()), message.text);
    assert_eq!(unix(&mail.body_html(0).unwrap()), unix(&message.html));
}

#[test]
fn the_same_issue_gives_the_same_bytes() {
    assert_eq!(sample(), sample());
}

#[test]
fn lines_are_short_and_ascii_whatever_stands_in_them() {
    let long = Entry {
        summary: "ź".repeat(3000),
        ..entry("long", &"word".repeat(500), &[0])
    };
    for entries in [entries(), vec![Arc::new(long)]] {
        let eml = message(&digest(), entries).eml;
        assert!(eml.is_ascii());
        for line in eml.split(|byte| *byte == b'\n') {
            assert!(line.len() <= 78 + 1, "{}", String::from_utf8_lossy(line));
        }
        let bare = eml
            .windows(2)
            .any(|pair| pair[1] == b'\n' && pair[0] != b'\r');
        assert!(!bare, "a line feed without carriage return");
    }
}

#[test]
fn no_title_can_add_a_header_or_an_element() {
    let hostile = "Hello\r\nBcc: all@victim.example\r\n\r\n<script>alert(1)</script>";
    let digest = Digest {
        title: hostile.to_owned(),
        introduction: Some(hostile.to_owned()),
        language: format!("en\r\nBcc: {hostile}"),
        ..digest()
    };
    let entries = vec![
        Arc::new(Entry {
            summary: "</td></table><style>*{display:none}</style>{{site.title}}".to_owned(),
            kind: Some("<b>".to_owned()),
            authors: vec!["\"><img src=x onerror=alert(1)>".to_owned()],
            language: "x\" onload=\"alert(1)".to_owned(),
            ..entry("hostile", hostile, &[0])
        }),
        Arc::new(entry(
            "amp",
            "AT&amp;T ]]> \u{2028} =?utf-8?q?x?= --=_0",
            &[],
        )),
    ];
    let message = message(&digest, entries);
    let page = scraper::Html::parse_document(&message.html);
    for element in page.root_element().descendent_elements() {
        let name = element.value().name();
        assert!(
            !["script", "img", "b"].contains(&name),
            "{name}: {}",
            message.html
        );
        let handler = element
            .value()
            .attrs()
            .find(|(name, _)| name.starts_with("on"));
        assert_eq!(handler, None, "{}", message.html);
    }
    assert!(message.html.contains("AT&amp;amp;T"));
    assert!(message.text.contains("AT&amp;T ]]>"));
    let mail = MessageParser::new().parse(&message.eml).unwrap();
    let names: Vec<_> = mail.headers().iter().map(|header| header.name()).collect();
    assert_eq!(
        names,
        [
            "From",
            "Subject",
            "Date",
            "Message-ID",
            "List-ID",
            "List-Archive",
            "Content-Language",
            "X-Unsent",
            "MIME-Version",
            "Content-Type"
        ]
    );
    assert!(matches!(
        mail.header("Bcc"),
        None | Some(HeaderValue::Empty)
    ));
    assert_eq!(mail.parts.len(), 3);
}

#[test]
fn titles_that_run_from_right_to_left_say_so() {
    let html = sample().html;
    assert!(
        html.contains("<h3 class=\"title\" dir=\"auto\" lang=\"ar\""),
        "{html}"
    );
    assert!(html.contains("dir=\"auto\""));
    let arabic = Digest {
        language: "ar".to_owned(),
        ..digest()
    };
    let html = message(&arabic, entries()).html;
    assert!(html.contains("<html lang=\"ar\" dir=\"rtl\" "), "{html}");
}

#[test]
fn what_a_group_does_not_show_is_counted_and_linked() {
    let digest = Digest {
        group_limit: 1,
        ..digest()
    };
    let message = message(&digest, entries());
    assert_eq!(message.omitted, 1);
    let link = "https://news.harbour.example/digests/weekly/2024-W47/#topic-elections";
    assert!(message.html.contains(link));
    assert!(message.html.contains("1 more item in Elections"));
    assert!(
        message
            .text
            .contains(&format!("1 more item in Elections:\n{link}\n"))
    );
    assert!(!message.text.contains("registers"));
}

/// `count` entries with long texts, spread over the fields of work and over none.
fn many(count: usize) -> Vec<Arc<Entry>> {
    let entry = |index: usize| Entry {
        summary: "An account of what was said & done, <at length>. ".repeat(7),
        published: utc("2024-11-20T10:00:00Z") - chrono::TimeDelta::seconds(index as i64),
        ..entry(
            &format!("entry-{index}"),
            &format!("{index}: {}", "a very long title & more ".repeat(20)),
            &[[0u16, 1, 2, 3][index % 4]][..(index % 5).min(1)],
        )
    };
    (0..count).map(|index| Arc::new(entry(index))).collect()
}

#[test]
fn a_long_issue_is_shortened_to_what_mail_programs_show() {
    let digest = Digest {
        group_limit: 500,
        ..digest()
    };
    let message = message(&digest, many(500));
    assert!(message.html.len() <= SIZE_LIMIT, "{}", message.html.len());
    // As full as can be: one entry more in each of the five groups would not fit.
    assert!(
        message.html.len() > SIZE_LIMIT - 5 * 2500,
        "{}",
        message.html.len()
    );
    let shown = message.html.matches("<h3").count();
    assert_eq!(shown + message.omitted, 500);
    assert_eq!(message.text.matches("\n* ").count(), shown);
    assert!(message.html.contains("more items in Elections"));
    assert!(message.html.contains("500 items"));
}

#[test]
fn groups_are_left_out_only_when_one_entry_each_is_too_long() {
    let issue = Issue {
        group_limit: 3,
        ..issue(&digest(), entries())
    };
    // A rendering that grows with what it shows: one entry of each of two groups fits.
    let rendered = fit(&issue, |extent| {
        Ok("x".repeat(extent.entries * extent.groups * 40_000))
    });
    let (extent, _) = rendered.unwrap();
    assert_eq!(
        extent,
        Extent {
            entries: 1,
            groups: 2
        }
    );
    let view = IssueView::new(&issue, &site(), extent, Addressed::default(), false).unshown();
    assert_eq!(view, 3);
    let templates = templates();
    let html = templates
        .render(
            "digest.html",
            &IssueView::new(&issue, &site(), extent, Addressed::default(), false),
        )
        .unwrap();
    assert!(html.contains("2 more items in this issue"), "{html}");
}

#[test]
fn a_template_that_is_too_long_by_itself_is_refused() {
    let issue = issue(&digest(), entries());
    let error = fit(&issue, |_| Ok("x".repeat(SIZE_LIMIT + 1))).unwrap_err();
    assert!(error.message.contains("without any item"), "{error:?}");
}

#[test]
fn a_quiet_period_says_so() {
    let digest = Digest {
        quiet: Quiet::Send,
        ..digest()
    };
    let message = message(&digest, Vec::new());
    assert!(message.html.contains("There was no news in this period."));
    assert!(message.text.contains("There was no news in this period."));
}

#[test]
fn a_sender_without_an_address_is_an_error() {
    let digest = Digest {
        sender: "The press office".to_owned(),
        ..digest()
    };
    let issue = issue(&digest, entries());
    let error = render(&digest, &issue, &site(), due(), &templates()).unwrap_err();
    assert_eq!(
        error.message,
        "the sender 'The press office' is no mail address"
    );
}
