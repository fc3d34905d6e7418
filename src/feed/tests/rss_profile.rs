//! RSS 2.0 as the RSS Advisory Board specifies it, and its Best Practices Profile
//! (rssboard.org/rss-profile): one test a rule.

use roxmltree::{Document, Node};

use super::super::*;
use super::fixture::{archive, bare_entry, empty_feed, feed, feed_of, plain_entry};
use super::{read, text};
use crate::entry::Entry;

const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";

/// Runs a check on the channel of every sample of a feed.
fn each_channel(check: impl Fn(Node<'_, '_>)) {
    for feed in [feed(), empty_feed(), archive()] {
        let rss = text(&feed, Format::Rss);
        let document = Document::parse(&rss).unwrap();
        check(document.root_element().first_element_child().unwrap());
    }
}

fn children<'a, 'd>(node: Node<'a, 'd>, name: &'static str) -> Vec<Node<'a, 'd>> {
    node.children()
        .filter(|child| child.tag_name().name() == name && child.tag_name().namespace().is_none())
        .collect()
}

fn text_of(node: Node<'_, '_>, name: &'static str) -> String {
    children(node, name)[0]
        .text()
        .unwrap_or_default()
        .to_owned()
}

fn items<'a, 'd>(channel: Node<'a, 'd>) -> Vec<Node<'a, 'd>> {
    children(channel, "item")
}

#[test]
fn the_version_is_2_0_and_there_is_one_channel() {
    each_channel(|channel| {
        let root = channel.parent_element().unwrap();
        assert!(root.has_tag_name("rss"));
        assert_eq!(root.attribute("version"), Some("2.0"));
        assert_eq!(root.children().filter(Node::is_element).count(), 1);
    });
}

#[test]
fn a_channel_has_one_title_link_and_description_none_of_them_empty() {
    each_channel(|channel| {
        for name in ["title", "link", "description"] {
            assert_eq!(children(channel, name).len(), 1, "{name}");
            assert!(!text_of(channel, name).is_empty(), "{name}");
        }
    });
}

#[test]
fn no_element_of_a_channel_or_item_but_category_stands_twice() {
    each_channel(|channel| {
        for node in items(channel).into_iter().chain([channel]) {
            let mut names: Vec<&str> = node
                .children()
                .filter(|child| child.is_element() && child.tag_name().namespace().is_none())
                .map(|child| child.tag_name().name())
                .filter(|name| !matches!(*name, "category" | "item"))
                .collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    });
}

#[test]
fn what_the_profile_advises_against_is_not_there() {
    // Nobody supports textInput and rating; cloud and the skip elements are not what they say.
    let unwanted = ["textInput", "rating", "cloud", "skipHours", "skipDays"];
    each_channel(|channel| {
        for name in unwanted {
            assert!(children(channel, name).is_empty(), "{name}");
        }
    });
}

#[test]
fn every_url_is_absolute() {
    each_channel(|channel| {
        let elements = channel.descendants().filter(Node::is_element);
        for node in elements {
            let name = node.tag_name().name();
            let texts = matches!(name, "link" | "url" | "docs")
                .then(|| node.text())
                .flatten();
            let attributes = ["url", "href", "domain"].map(|name| node.attribute(name));
            for url in texts.into_iter().chain(attributes.into_iter().flatten()) {
                assert!(url::Url::parse(url).is_ok(), "{name}: {url}");
            }
        }
    });
}

#[test]
fn docs_name_the_specification() {
    each_channel(|channel| {
        let docs = "https://www.rssboard.org/rss-specification";
        assert_eq!(text_of(channel, "docs"), docs);
    });
}

#[test]
fn a_generator_is_named() {
    each_channel(|channel| assert_eq!(text_of(channel, "generator"), "Tidings"));
}

#[test]
fn every_item_has_a_title_a_link_and_a_guid() {
    each_channel(|channel| {
        for item in items(channel) {
            for name in ["title", "link", "guid", "pubDate"] {
                assert!(!text_of(item, name).is_empty(), "{name}");
            }
        }
    });
}

#[test]
fn guids_are_unique() {
    each_channel(|channel| {
        let guids = items(channel).into_iter().map(|item| text_of(item, "guid"));
        let mut guids: Vec<String> = guids.collect();
        let count = guids.len();
        guids.sort_unstable();
        guids.dedup();
        assert_eq!(guids.len(), count);
    });
}

#[test]
fn titles_are_plain_text_and_what_looks_like_markup_is_only_text() {
    let rss = text(&feed(), Format::Rss);
    let document = Document::parse(&rss).unwrap();
    let titles = document
        .descendants()
        .filter(|node| node.has_tag_name("title"));
    for title in titles {
        assert!(title.children().all(|child| child.is_text()));
        assert!(!title.text().unwrap().contains(['\n', '\t']));
    }
    let first = items(document.root_element().first_element_child().unwrap())[0];
    assert_eq!(text_of(first, "title"), feed().entries[0].title);
}

#[test]
fn ampersands_and_less_than_signs_of_plain_text_are_hexadecimal_references() {
    let rss = text(&feed(), Format::Rss);
    for line in rss.lines().map(str::trim) {
        let is_plain = ["<title>", "<category", "<copyright>"]
            .iter()
            .any(|name| line.starts_with(name));
        assert!(
            !is_plain || !line.contains("&amp;") && !line.contains("&lt;"),
            "{line}"
        );
    }
    assert!(
        rss.contains("<title>Borders &#x26; &#x3C;more&gt;</title>"),
        "{rss}"
    );
    // HTML stays as its author wrote it, and addresses as readers expect them.
    assert!(rss.contains("<p>One &amp; two.</p>"), "{rss}");
    assert!(rss.contains("<link>https://news.example/news/2024/borders/?a=1&amp;b=2</link>"));
}

#[test]
fn what_looks_like_an_element_within_the_full_text_is_left_alone() {
    let entry = Entry {
        content: "<p>A</p>\n<title>B &amp; C</title>\n<![CDATA[ ]]>\n<category>D &amp; E"
            .to_owned(),
        ..plain_entry()
    };
    let content = read(&feed_of([entry.clone()]), Format::Rss).entries[0]
        .content
        .clone();
    assert_eq!(content.unwrap().body.unwrap(), entry.content);
}

#[test]
fn the_full_text_stands_in_content_encoded_behind_the_description() {
    let rss = text(&feed(), Format::Rss);
    let document = Document::parse(&rss).unwrap();
    let encoded = document
        .descendants()
        .filter(|node| node.has_tag_name((CONTENT, "encoded")));
    for encoded in encoded {
        let mut before = encoded.prev_siblings();
        assert!(before.any(|node| node.has_tag_name("description")));
    }
}

#[test]
fn a_summary_that_is_missing_leaves_no_empty_description() {
    let rss = text(&feed(), Format::Rss);
    let document = Document::parse(&rss).unwrap();
    let bare = bare_entry().id;
    let item = items(document.root_element().first_element_child().unwrap())
        .into_iter()
        .find(|item| text_of(*item, "guid") == bare)
        .unwrap();
    assert!(children(item, "description").is_empty());
}

#[test]
fn an_archive_document_names_its_neighbours_through_atom_links() {
    // RFC 5005, section 4.
    let channel = read(&archive(), Format::Rss);
    let home = archive().home;
    for (rel, path) in [
        ("self", "archive/7/rss.xml"),
        ("current", "rss.xml"),
        ("prev-archive", "archive/6/rss.xml"),
        ("next-archive", "archive/8/rss.xml"),
    ] {
        let links = channel.links.iter();
        let of: Vec<_> = links
            .filter(|link| link.rel.as_deref() == Some(rel))
            .collect();
        assert_eq!(of.len(), 1, "{rel}");
        assert_eq!(of[0].href, format!("{home}{path}"));
    }
    let rss = text(&archive(), Format::Rss);
    let document = Document::parse(&rss).unwrap();
    let marks = document
        .descendants()
        .filter(|node| node.has_tag_name((HISTORY_NAMESPACE, "archive")));
    assert_eq!(marks.count(), 1);
    assert!(!text(&feed(), Format::Rss).contains(HISTORY_NAMESPACE));
}

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
    let enclosure =
        r#"<enclosure url="https://news.example/a.mp3?x=1&amp;y=2" length="0" type="audio/mpeg"/>"#;
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

#[test]
fn the_language_is_a_code_that_the_specification_allows() {
    each_channel(|channel| {
        let language = text_of(channel, "language");
        let first = language.split('-').next().unwrap();
        assert!((2..=3).contains(&first.len()), "{language}");
    });
}

#[test]
fn a_date_of_publication_is_not_in_the_feeds_future() {
    let channel = ::rss::Channel::read_from(&rss::render(&feed())[..]).unwrap();
    let moment = |text: &str| DateTime::parse_from_rfc2822(text).unwrap();
    let built = moment(channel.last_build_date().unwrap());
    for item in channel.items() {
        assert!(moment(item.pub_date().unwrap()) <= built);
    }
}

#[test]
fn a_category_names_its_taxonomy_and_has_a_name() {
    each_channel(|channel| {
        for item in items(channel) {
            for category in children(item, "category") {
                assert!(url::Url::parse(category.attribute("domain").unwrap()).is_ok());
                assert!(!category.text().unwrap_or_default().is_empty());
            }
        }
    });
}

#[test]
fn an_enclosure_can_be_fetched_by_the_web_and_has_all_its_attributes() {
    let channel = ::rss::Channel::read_from(&rss::render(&feed())[..]).unwrap();
    let enclosures = channel.items().iter().filter_map(|item| item.enclosure());
    for enclosure in enclosures {
        assert!(enclosure.url().starts_with("https://"));
        assert!(enclosure.mime_type().contains('/'));
        assert!(enclosure.length().parse::<u64>().is_ok());
    }
}

#[test]
fn an_item_without_comments_or_another_source_says_nothing_of_them() {
    each_channel(|channel| {
        for item in items(channel) {
            for name in ["comments", "source"] {
                assert!(children(item, name).is_empty(), "{name}");
            }
        }
    });
}

#[test]
fn a_picture_of_the_channel_is_of_a_kind_that_every_reader_shows() {
    for (logo, is_shown) in [
        ("https://news.example/logo.gif", true),
        ("https://news.example/logo.JPG", true),
        ("https://news.example/logo", true),
        ("https://news.example/logo.svg", false),
        ("https://news.example/logo.webp", false),
    ] {
        let with = Feed {
            logo: Some(logo.to_owned()),
            ..feed()
        };
        assert_eq!(
            text(&with, Format::Rss).contains("<image>"),
            is_shown,
            "{logo}"
        );
    }
}

#[test]
fn the_full_text_is_never_alone_since_readers_that_know_no_more_show_the_description() {
    let entry = Entry {
        summary: String::new(),
        ..plain_entry()
    };
    let rss = text(&feed_of([entry]), Format::Rss);
    assert!(
        rss.contains("<description><![CDATA[Plain]]></description>"),
        "{rss}"
    );
}
