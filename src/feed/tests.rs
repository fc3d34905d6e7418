<<<<<<< HEAD
//! What the formats promise, alone and together, read back by parsers other than the writers.

use chrono::{DateTime, FixedOffset, Utc};
use proptest::prelude::*;
=======
//! Whole documents, and what holds of all of them.

mod agreement;
mod fixture;
mod rules;

use chrono::{DateTime, FixedOffset, Utc};
>>>>>>> feeds
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use serde_json::Value;

<<<<<<< HEAD
use super::fixture::{category, empty_feed, feed, feed_of, instant, plain_entry};
use super::*;
use crate::entry::Entry;
=======
use super::*;
use crate::entry::Entry;
use fixture::{category, empty_feed, feed, feed_of, instant, plain_entry};
>>>>>>> feeds

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

<<<<<<< HEAD
/// What every format says of an entry, whatever it calls it.
#[derive(Debug, PartialEq)]
struct Said {
    id: String,
    title: String,
    published: DateTime<Utc>,
    updated: DateTime<Utc>,
    authors: Vec<String>,
    categories: Vec<(String, String)>,
    content: Option<String>,
    link: String,
}

impl Said {
    fn new(format: Format, entry: feed_rs::model::Entry) -> Said {
        let categories = entry.categories.into_iter().map(|category| {
            let label = category.label.unwrap_or(category.term);
            (category.scheme.unwrap_or_default(), label)
        });
        let content = entry.content.filter(|_| format != Format::Json);
        Said {
            id: entry.id,
            title: entry.title.map(|title| title.content).unwrap_or_default(),
            published: entry.published.unwrap(),
            updated: entry.updated.or(entry.published).unwrap(),
            authors: entry
                .authors
                .into_iter()
                .map(|person| person.name)
                .collect(),
            categories: categories.collect(),
            content: content.and_then(|content| content.body),
            link: entry.links.into_iter().next().unwrap().href,
        }
    }
}

fn said(feed: &Feed, format: Format) -> Vec<Said> {
    let mut entries: Vec<Said> = read(feed, format)
        .entries
        .into_iter()
        .map(|entry| Said::new(format, entry))
        .collect();
    match format {
        Format::Atom => {}
        // feed-rs does not read dcterms:modified.
        Format::Rss => {
            let channel = ::rss::Channel::read_from(&render(feed, format)[..]).unwrap();
            for (said, item) in entries.iter_mut().zip(&channel.items) {
                if let Some(dcterms) = item.extensions.get("dcterms") {
                    let modified = dcterms["modified"][0].value().unwrap();
                    said.updated = modified.parse().unwrap();
                }
            }
        }
        // feed-rs knows nothing of schemes there, and takes plain text for content.
        Format::Json => {
            let document = json(feed);
            for (said, item) in entries
                .iter_mut()
                .zip(document["items"].as_array().unwrap())
            {
                let labels = said.categories.iter().map(|(_, label)| label.as_str());
                let categories = item["_tidings"]["categories"].as_array().unwrap();
                let both = labels.zip(categories).map(|(tag, category)| {
                    assert_eq!(category["label"], tag);
                    (
                        category["scheme"].as_str().unwrap().to_owned(),
                        tag.to_owned(),
                    )
                });
                said.categories = both.collect();
                said.content = item["content_html"].as_str().map(str::to_owned);
            }
        }
    }
    // An entry without authors has the feed's, in the one format whose reader tells.
    for (said, entry) in entries.iter_mut().zip(&feed.entries) {
        if entry.authors.is_empty() {
            said.authors.clear();
        }
    }
    entries
}

=======
>>>>>>> feeds
#[test]
fn a_feed_is_written_in_rss() {
    insta::assert_snapshot!(text(&feed(), Format::Rss));
}

#[test]
fn a_feed_is_written_in_atom() {
    insta::assert_snapshot!(text(&feed(), Format::Atom));
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
    assert_well_formed(&rss::render(&feed()));
    assert_well_formed(&atom::render(&feed()));
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
<<<<<<< HEAD
fn the_three_formats_agree_about_every_entry() {
    let rss = said(&feed(), Format::Rss);
    assert_eq!(rss.len(), 4);
    assert_eq!(said(&feed(), Format::Atom), rss);
    assert_eq!(said(&feed(), Format::Json), rss);
}

#[test]
fn the_three_formats_agree_about_files_and_pictures() {
    let links = |format| {
        let entry = read(&feed(), format).entries.remove(0);
        let mut urls: Vec<String> = entry.links.into_iter().map(|link| link.href).collect();
        for media in entry.media {
            urls.extend(
                media
                    .content
                    .into_iter()
                    .filter_map(|c| c.url)
                    .map(String::from),
            );
        }
        urls
    };
    for file in ["a.mp3?x=1&y=2", "report.pdf"] {
        let url = format!("https://news.example/{file}");
        for format in Format::ALL {
            assert!(links(format).contains(&url), "{format:?} {file}");
        }
    }
    let picture = "https://news.example/a.jpg?w=1&h=2";
    assert!(links(Format::Rss).contains(&picture.to_owned()));
    assert!(links(Format::Atom).contains(&picture.to_owned()));
    assert_eq!(json(&feed())["items"][0]["image"], picture);
}

#[test]
=======
>>>>>>> feeds
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
<<<<<<< HEAD

mod rss_best_practice {
    use super::*;

    #[test]
    fn a_guid_that_is_no_url_says_so() {
        let rss = text(&feed(), Format::Rss);
        assert!(rss.contains(r#"<guid isPermaLink="false">tag:news.example,2024:a&amp;b</guid>"#));
        assert!(!rss.contains("<guid>"));
    }

    #[test]
    fn dates_are_rfc_822_with_years_of_four_digits() {
        let rss = text(&feed(), Format::Rss);
        assert!(rss.contains("<pubDate>Fri, 22 Nov 2024 10:00:00 +0100</pubDate>"));
        assert!(rss.contains("<lastBuildDate>Sat, 23 Nov 2024 18:30:59 +0100</lastBuildDate>"));
    }

    #[test]
    fn a_self_link_names_the_document_itself() {
        let channel = read(&feed(), Format::Rss);
        let own = channel
            .links
            .iter()
            .find(|link| link.rel.as_deref() == Some("self"));
        let own = own.unwrap();
        assert_eq!(own.href, feed().url(Format::Rss));
        assert_eq!(own.media_type.as_deref(), Some("application/rss+xml"));
    }

    #[test]
    fn an_item_has_one_enclosure_with_a_length_even_if_unknown() {
        let rss = text(&feed(), Format::Rss);
        assert_eq!(rss.matches("<enclosure ").count(), 1);
        let enclosure = r#"<enclosure url="https://news.example/a.mp3?x=1&amp;y=2" length="0" type="audio/mpeg"/>"#;
        assert!(rss.contains(enclosure), "{rss}");
    }

    #[test]
    fn a_person_without_an_address_is_a_creator_and_no_author() {
        let rss = text(&feed(), Format::Rss);
        assert!(rss.contains("<dc:creator>Law &amp; Order Unit</dc:creator>"));
        assert!(!rss.contains("<author>"));
    }

    #[test]
    fn an_editor_is_an_address_with_a_name_in_brackets() {
        let editor = ::rss::Channel::read_from(&rss::render(&feed())[..])
            .unwrap()
            .managing_editor;
        let expected = "press@news.example (Example Newsroom Vienna)";
        assert_eq!(editor.as_deref(), Some(expected));
    }

    #[test]
    fn a_description_is_html_and_so_is_plain_text_escaped_in_it() {
        let summary = read(&feed(), Format::Rss).entries[0]
            .summary
            .clone()
            .unwrap();
        let expected = "Fish &amp; chips &lt;script&gt;alert(1)&lt;/script&gt; ]]&gt; second line.";
        assert_eq!(summary.content, expected);
    }

    #[test]
    fn an_image_bears_the_channels_title_and_link() {
        let channel = ::rss::Channel::read_from(&rss::render(&feed())[..]).unwrap();
        let image = channel.image.unwrap();
        assert_eq!((image.title, image.link), (channel.title, channel.link));
        assert!(!text(&empty_feed(), Format::Rss).contains("<image>"));
    }

    #[test]
    fn ttl_and_syndication_hints_say_the_same() {
        let hints = |ttl| {
            let rss = text(&Feed { ttl, ..feed() }, Format::Rss);
            let value = |name: &str| {
                let (_, rest) = rss.split_once(&format!("<{name}>"))?;
                Some(rest.split_once('<')?.0.to_owned())
            };
            ["ttl", "sy:updatePeriod", "sy:updateFrequency"]
                .map(|name| value(name).unwrap_or_default())
                .join(" ")
        };
        assert_eq!(hints(60), "60 hourly 1");
        assert_eq!(hints(15), "15 hourly 4");
        assert_eq!(hints(180), "180 daily 8");
        assert_eq!(hints(1440), "1440 daily 1");
        assert_eq!(hints(10080), "10080 weekly 1");
        // 7 times 49 minutes is no hour, day or week.
        assert_eq!(hints(50), "50  ");
        assert_eq!(hints(0), "  ");
    }
}

mod rfc_4287 {
    use super::*;

    #[test]
    fn section_4_1_1_a_feed_has_an_author_even_where_entries_have_none() {
        let atom = read(&feed(), Format::Atom);
        assert_eq!(atom.authors[0].name, "Example Newsroom (Vienna)");
        assert_eq!(atom.authors[0].email.as_deref(), Some("press@news.example"));
        assert_eq!(atom.entries[3].authors.len(), 0);
    }

    #[test]
    fn section_4_1_1_alternates_differ_in_type_or_language() {
        let atom = read(&feed(), Format::Atom);
        let of_entries = atom.entries.iter().map(|entry| &entry.links);
        for links in of_entries.chain([&atom.links]) {
            let alternates = links
                .iter()
                .filter(|link| link.rel.as_deref() == Some("alternate"));
            let mut kinds: Vec<_> = alternates
                .map(|link| (&link.media_type, &link.href_lang))
                .collect();
            let count = kinds.len();
            kinds.sort();
            kinds.dedup();
            assert!(count > 0);
            assert_eq!(kinds.len(), count);
        }
    }

    #[test]
    fn section_4_1_1_a_feed_links_itself() {
        let atom = read(&feed(), Format::Atom);
        let own = atom
            .links
            .iter()
            .find(|link| link.rel.as_deref() == Some("self"));
        assert_eq!(own.unwrap().href, feed().url(Format::Atom));
    }

    #[test]
    fn section_4_1_2_an_entry_without_content_has_an_alternate_link() {
        let atom = read(&feed(), Format::Atom);
        let bare = &atom.entries[3];
        assert!(bare.content.is_none());
        assert_eq!(bare.links[0].rel.as_deref(), Some("alternate"));
    }

    #[test]
    fn section_3_3_dates_have_a_capital_t_and_an_offset() {
        let atom = text(&feed(), Format::Atom);
        assert!(atom.contains("<updated>2024-11-23T18:30:59+01:00</updated>"));
        assert!(atom.contains("<published>2024-11-22T10:00:00+01:00</published>"));
    }

    #[test]
    fn section_2_texts_of_another_language_say_so() {
        let atom = text(&feed(), Format::Atom);
        assert!(atom.contains(r#"<feed xmlns="http://www.w3.org/2005/Atom""#));
        for start in ["<title", "<summary", "<content"] {
            assert_eq!(
                atom.matches(&format!("{start} xml:lang=\"ar\"")).count(),
                1,
                "{start}"
            );
        }
    }
}

mod json_feed {
    use super::*;

    #[test]
    fn version_title_and_items_are_always_there() {
        let json = json(&empty_feed());
        assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
        assert!(json["title"].is_string());
        assert!(json["items"].is_array());
    }

    #[test]
    fn every_item_has_an_id_that_is_a_string_and_a_content() {
        for full_text in [true, false] {
            let json = json(&Feed {
                full_text,
                ..feed()
            });
            for item in json["items"].as_array().unwrap() {
                assert!(item["id"].is_string());
                let has = |name: &str| item[name].as_str().is_some_and(|text| !text.is_empty());
                assert!(has("content_html") || has("content_text"), "{item}");
            }
        }
    }

    #[test]
    fn an_attachment_has_a_url_and_a_type() {
        let json = json(&feed());
        let attachments = json["items"][0]["attachments"].as_array().unwrap();
        assert_eq!(attachments.len(), 2);
        assert_eq!(attachments[0]["mime_type"], "audio/mpeg");
        assert_eq!(attachments[1]["size_in_bytes"], 9_876);
    }

    #[test]
    fn an_authors_object_is_never_empty() {
        let json = json(&feed());
        assert_eq!(json["authors"][0]["name"], "Example Newsroom (Vienna)");
        assert!(json["items"][3].get("authors").is_none());
    }

    #[test]
    fn an_extension_begins_with_an_underscore_and_a_letter() {
        let json = json(&feed());
        assert_eq!(json["_tidings"]["rights"], "© Example & friends");
        let item = &json["items"][0]["_tidings"];
        assert_eq!(item["correction"], "An earlier version said 2 < 1 & more.");
        assert_eq!(item["categories"][0]["term"], "border-management");
    }
}

/// Any text, rich in what has a meaning in XML, HTML and JSON or must not be in them.
fn words() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        4 => any::<char>().prop_map(String::from),
        1 => proptest::char::range('\0', '\u{ff}').prop_map(String::from),
        3 => proptest::sample::select(vec![
            "<", ">", "&", "\"", "'", "]", "]]>", "<![CDATA[", "&amp;", "&#0;", "<!--", "</item>",
            "\r\n", "\r", "\t", " ", "  ", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{fffe}",
            "\u{ffff}", "\u{202e}", "é", "نص", "👩‍🚒", "\\u0000", "plain words",
        ]).prop_map(String::from),
    ];
    proptest::collection::vec(fragment, 0..12).prop_map(|fragments| fragments.concat())
}

prop_compose! {
    fn any_entry()(
        id in "[a-z0-9:,&/ -]{1,20}",
        title in words(),
        summary in words(),
        content in words(),
        correction in proptest::option::of(words()),
        labels in proptest::collection::vec(words(), 0..4),
        author in words(),
        // About the years 1 to 9999, and some beyond.
        published in -70_000_000_000_i64..260_000_000_000,
        later in 0_i64..100_000,
    ) -> Entry {
        let at = |seconds| DateTime::from_timestamp_secs(seconds).unwrap();
        Entry {
            id: format!("tag:{id}."),
            title,
            summary,
            content,
            correction,
            authors: vec![format!("by {author}.")],
            categories: labels.iter().map(|label| category("field-of-work", "slug", label)).collect(),
            published: at(published),
            updated: at(published + later),
            ..plain_entry()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_three_formats_agree_whatever_entries_say(
        entries in proptest::collection::vec(any_entry(), 0..4),
    ) {
        let feed = feed_of(entries);
        assert_well_formed(&rss::render(&feed));
        assert_well_formed(&atom::render(&feed));
        let rss = said(&feed, Format::Rss);
        prop_assert_eq!(rss.len(), feed.entries.len());
        for (said, entry) in rss.iter().zip(&feed.entries) {
            prop_assert_eq!(&said.title, &text::line(&entry.title));
            let content = feed.content(entry).map(String::from);
            prop_assert_eq!(&said.content, &content);
            prop_assert_eq!(said.published, feed.date(entry.published).to_utc());
        }
        prop_assert_eq!(&said(&feed, Format::Atom), &rss);
        prop_assert_eq!(&said(&feed, Format::Json), &rss);
    }
}

#[test]
fn temporary_timing() {
    let long = "<p>Some text with an &amp; and a <a href=\"https://x.example/?a=1&amp;b=2\">link</a>, and more of it.</p>\n".repeat(37);
    let feed = feed_of((0..50).map(|_| Entry { content: long.clone(), ..entry_saying("words") }));
    for format in Format::ALL {
        let size = render(&feed, format).len();
        let start = std::time::Instant::now();
        for _ in 0..20 { std::hint::black_box(render(&feed, format)); }
        println!("{format:?} {size} {:?}", start.elapsed() / 20);
    }
    let start = std::time::Instant::now();
    for _ in 0..1000 { std::hint::black_box(entry_content(&feed.entries[0])); }
    println!("entry_content {:?}", start.elapsed() / 1000);
}
=======
>>>>>>> feeds
