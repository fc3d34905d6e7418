//! What the specifications and best practices of each format ask for, one test a rule.

use super::super::*;
use super::fixture::{empty_feed, feed};
use super::{json, read, text};

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

#[test]
fn every_format_names_the_hubs_that_push_the_feed() {
    let hubs = vec![
        "https://news.example/websub".to_owned(),
        "https://hub.example.net/?key=a&b".to_owned(),
    ];
    let feed = Feed { hubs, ..feed() };
    for format in [Format::Rss, Format::Atom] {
        let read = feed_rs::parser::parse(&*render(&feed, format)).unwrap();
        let of = |rel: &str| -> Vec<String> {
            let links = read.links.iter();
            let links = links.filter(|link| link.rel.as_deref() == Some(rel));
            links.map(|link| link.href.clone()).collect()
        };
        assert_eq!(of("hub"), feed.hubs);
        assert_eq!(of("self"), [feed.url(format)]);
    }
    let json: serde_json::Value = serde_json::from_slice(&render(&feed, Format::Json)).unwrap();
    let hub = |number: usize| (&json["hubs"][number]["type"], &json["hubs"][number]["url"]);
    assert_eq!(hub(0), (&"WebSub".into(), &feed.hubs[0].as_str().into()));
    assert_eq!(hub(1), (&"WebSub".into(), &feed.hubs[1].as_str().into()));
    let without = Feed {
        hubs: Vec::new(),
        ..feed
    };
    for format in Format::ALL {
        let text = String::from_utf8(render(&without, format)).unwrap();
        assert!(!text.contains("\"hub"), "{text}");
    }
}
