//! Whole documents, and what holds of all of them.

mod agreement;
mod fixture;
mod json_feed;
mod push;
mod rfc4287;
mod rss_profile;
mod w3c;

use chrono::{DateTime, FixedOffset, Utc};
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use serde_json::Value;

use super::*;
use crate::entry::Entry;
use fixture::{
    archive, category, empty_feed, feed, feed_of, instant, plain_entry, with_tombstones,
};

fn text(feed: &Feed, format: Format) -> String {
    String::from_utf8(render(feed, format)).unwrap()
}

fn read(feed: &Feed, format: Format) -> feed_rs::model::Feed {
    let bytes = render(feed, format);
    feed_rs::parser::parse(bytes.as_slice()).unwrap()
}

fn json(feed: &Feed) -> Value {
    serde_json::from_slice(&json::render(feed)).unwrap()
}

/// An entry with these words in every place that words can have.
fn entry_saying(words: &str) -> Entry {
    Entry {
        title: words.to_owned(),
        summary: words.to_owned(),
        content: words.to_owned(),
        correction: Some(words.to_owned()),
        authors: vec![words.to_owned()],
        categories: vec![category("field-of-work", "slug", words)],
        image: Some(crate::item::Image {
            url: format!("https://news.example/{words}"),
            media_type: "image/png".to_owned(),
            length: None,
            size: None,
            alt: words.to_owned(),
            caption: Some(words.to_owned()),
        }),
        ..plain_entry()
    }
}

/// Fails unless an XML 1.0 reader that is strict about nesting, references, attributes,
/// namespaces and characters reads the document to its end.
fn assert_well_formed(document: &[u8]) {
    let document = std::str::from_utf8(document).unwrap();
    let is_char = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(document.chars().all(is_char), "a forbidden character");
    let mut reader = NsReader::from_str(document);
    let mut depth = 0;
    let mut roots = 0;
    loop {
        let (namespace, event) = reader.read_resolved_event().unwrap();
        let element = match &event {
            Event::Start(element) | Event::Empty(element) => element,
            Event::End(_) => {
                depth -= 1;
                continue;
            }
            Event::Text(text) => {
                let text = text.decode().unwrap();
                assert!(!text.contains("]]>") && !text.contains('<'), "{text}");
                assert!(depth > 0 || text.trim().is_empty(), "{text}");
                continue;
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().unwrap();
                let is_known = ["lt", "gt", "amp", "quot", "apos"].contains(&name.as_ref());
                assert!(is_known || name.starts_with('#'), "&{name};");
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        assert!(
            !matches!(namespace, ResolveResult::Unknown(_)),
            "{element:?}"
        );
        for attribute in element.attributes() {
            let attribute = attribute.unwrap();
            assert!(!attribute.value.contains(&b'<'));
            let (namespace, _) = reader.resolver().resolve_attribute(attribute.key);
            assert!(!matches!(namespace, ResolveResult::Unknown(_)));
            attribute.normalized_value(XmlVersion::Explicit1_0).unwrap();
        }
        roots += usize::from(depth == 0);
        depth += i32::from(matches!(event, Event::Start(_)));
    }
    assert_eq!((depth, roots), (0, 1));
}

#[test]
fn a_feed_is_written_in_rss() {
    insta::assert_snapshot!(text(&feed(), Format::Rss));
}

#[test]
fn a_feed_is_written_in_atom() {
    insta::assert_snapshot!(text(&feed(), Format::Atom));
}

#[test]
fn an_archive_document_is_written_in_every_format() {
    let feed = Feed {
        entries: feed().entries[2..3].to_vec(),
        ..archive()
    };
    let texts = Format::ALL.map(|format| text(&feed, format));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn what_is_gone_is_written_in_atom() {
    let feed = Feed {
        entries: Vec::new(),
        ..with_tombstones()
    };
    insta::assert_snapshot!(text(&feed, Format::Atom));
}

#[test]
fn a_feed_is_written_in_json() {
    insta::assert_snapshot!(text(&feed(), Format::Json));
}

#[test]
fn an_empty_feed_is_written_in_every_format() {
    let all = Format::ALL.map(|format| text(&empty_feed(), format));
    insta::assert_snapshot!(all.join("\n"));
    for format in Format::ALL {
        assert_eq!(read(&empty_feed(), format).entries.len(), 0);
    }
}

#[test]
fn a_list_of_feeds_is_written_in_opml() {
    let outline = |title: &str, format, group: Option<&str>| Outline {
        title: title.to_owned(),
        feed_url: "https://news.example/a/rss.xml?a=1&b=2".to_owned(),
        format,
        page_url: "https://news.example/a/".to_owned(),
        group: group.map(str::to_owned),
    };
    let outlines = [
        outline(
            "Tom & \"Jerry\" <b>\u{0}\n\u{1f} ]]> عنوان 👩‍🚒",
            Format::Rss,
            Some("Fields & works"),
        ),
        outline("Secretariat", Format::Atom, Some("Departments")),
        outline("Borders", Format::Rss, Some("Fields & works")),
        outline("Everything", Format::Json, None),
    ];
    let document = opml::render("Feeds & more\u{8}", &outlines);
    assert_well_formed(&document);
    insta::assert_snapshot!(String::from_utf8(document).unwrap());
    assert_well_formed(&opml::render("", &[]));
}

#[test]
fn xml_is_well_formed_whatever_the_texts_say() {
    for words in [
        "]]>",
        "<![CDATA[",
        "&",
        "&nbsp;",
        "\"'<>",
        "\0\u{1f}\u{fffe}\u{ffff}",
        "]]",
        ">",
    ] {
        let feed = feed_of([entry_saying(words)]);
        assert_well_formed(&rss::render(&feed));
        assert_well_formed(&atom::render(&feed));
    }
    for feed in [feed(), archive(), with_tombstones()] {
        assert_well_formed(&rss::render(&feed));
        assert_well_formed(&atom::render(&feed));
    }
}

/// Fails on the day on which `atom_syndication` escapes attributes of extensions itself: then
/// `atom::element` must stop doing so.
#[test]
fn attributes_of_atom_extensions_are_escaped_once() {
    let atom = text(&feed(), Format::Atom);
    let thumbnail = r#"<media:thumbnail url="https://news.example/a.jpg?w=1&amp;h=2">"#;
    assert!(atom.contains(thumbnail), "{atom}");
}

#[test]
fn equal_feeds_give_equal_bytes() {
    for format in Format::ALL {
        assert_eq!(render(&feed(), format), render(&feed(), format));
    }
}

#[test]
fn a_feed_of_summaries_has_no_content() {
    let feed = Feed {
        full_text: false,
        ..feed()
    };
    assert!(!text(&feed, Format::Rss).contains("content:encoded"));
    assert!(!text(&feed, Format::Atom).contains("<content"));
    assert!(text(&feed, Format::Atom).contains("<summary>A summary.</summary>"));
    let json = json(&feed);
    assert!(!json.to_string().contains("content_html"));
    assert_eq!(json["items"][2]["content_text"], "A summary.");
}

#[test]
fn a_correction_heads_the_content_in_every_format() {
    let entry = Entry {
        correction: Some("Not <2> & not 3".to_owned()),
        ..plain_entry()
    };
    let expected = "<p class=\"correction\"><strong>Correction:</strong> \
                    Not &lt;2&gt; &amp; not 3</p><p>A text.</p>";
    assert_eq!(entry_content(&entry), expected);
    for format in Format::ALL {
        let entry = read(&feed_of([entry.clone()]), format).entries.remove(0);
        assert_eq!(entry.content.unwrap().body.unwrap(), expected, "{format:?}");
    }
}

#[test]
fn dates_are_whole_seconds_of_the_sites_zone() {
    let date = |text: &str| feed().date(instant(text)).to_rfc3339();
    assert_eq!(
        date("2024-11-22T09:00:00.999Z"),
        "2024-11-22T10:00:00+01:00"
    );
    assert_eq!(date("2024-07-01T09:00:00Z"), "2024-07-01T11:00:00+02:00");
    // Vienna kept local mean time, +01:05:21, which no feed can say.
    assert_eq!(date("1890-01-01T00:00:00Z"), "1890-01-01T00:00:00+00:00");
}

#[test]
fn dates_beyond_four_digits_are_the_nearest_that_can_be_written() {
    for (zone, instant) in [
        (chrono_tz::Pacific::Kiritimati, DateTime::<Utc>::MAX_UTC),
        (chrono_tz::Pacific::Pago_Pago, DateTime::<Utc>::MIN_UTC),
    ] {
        let entry = Entry {
            published: instant,
            updated: instant,
            ..plain_entry()
        };
        let feed = Feed {
            timezone: zone,
            updated: instant,
            ..feed_of([entry])
        };
        let written: DateTime<FixedOffset> = feed.date(instant);
        for format in Format::ALL {
            let entry = read(&feed, format).entries.remove(0);
            assert_eq!(entry.published, Some(written.to_utc()), "{format:?}");
        }
    }
}
