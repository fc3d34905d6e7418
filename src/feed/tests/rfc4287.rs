//! What RFC 4287 requires of those who produce Atom, RFC 5005 of those who archive it and RFC 6721
//! of those who take entries back: one test a rule, named by its section.

use roxmltree::{Document, Node};

use super::super::*;
use super::fixture::{archive, empty_feed, feed, with_tombstones};
use super::{read, text};

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// Runs a check on the root of every sample of a feed.
fn each_feed(check: impl Fn(Node<'_, '_>)) {
    for feed in [feed(), empty_feed(), archive(), with_tombstones()] {
        let atom = text(&feed, Format::Atom);
        let document = Document::parse(&atom).unwrap();
        check(document.root_element());
    }
}

fn children<'a, 'd>(node: Node<'a, 'd>, name: &'static str) -> Vec<Node<'a, 'd>> {
    node.children()
        .filter(|child| child.has_tag_name((ATOM, name)))
        .collect()
}

fn feeds_and_entries<'a, 'd>(feed: Node<'a, 'd>) -> Vec<Node<'a, 'd>> {
    let mut nodes = children(feed, "entry");
    nodes.push(feed);
    nodes
}

#[test]
fn section_2_the_document_is_utf_8_and_its_root_a_feed() {
    // XML without an encoding is UTF-8.
    for feed in [feed(), archive()] {
        let atom = text(&feed, Format::Atom);
        assert!(atom.starts_with("<?xml version=\"1.0\"?>"), "{atom}");
    }
    each_feed(|feed| assert!(feed.has_tag_name((ATOM, "feed"))));
}

#[test]
fn sections_4_1_1_and_4_1_2_id_title_and_updated_are_there_once() {
    each_feed(|feed| {
        for node in feeds_and_entries(feed) {
            for name in ["id", "title", "updated"] {
                let found = children(node, name);
                assert_eq!(found.len(), 1, "{name}");
                assert!(!found[0].text().unwrap_or_default().is_empty(), "{name}");
            }
        }
    });
}

#[test]
fn sections_4_1_1_and_4_1_2_what_may_stand_once_stands_once_at_the_most() {
    let once = [
        "generator",
        "icon",
        "logo",
        "rights",
        "subtitle",
        "content",
        "published",
        "source",
        "summary",
    ];
    each_feed(|feed| {
        for node in feeds_and_entries(feed) {
            for name in once {
                assert!(children(node, name).len() < 2, "{name}");
            }
        }
    });
}

#[test]
fn section_4_1_2_ids_of_entries_are_unique_in_a_document() {
    each_feed(|feed| {
        let ids = children(feed, "entry").into_iter();
        let mut ids: Vec<_> = ids.map(|entry| children(entry, "id")[0].text()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    });
}

#[test]
fn section_4_2_6_ids_are_absolute_iris_without_white_space() {
    each_feed(|feed| {
        for node in feeds_and_entries(feed) {
            let id = children(node, "id")[0].text().unwrap();
            assert!(url::Url::parse(id).is_ok(), "{id}");
            assert!(!id.contains(char::is_whitespace), "{id}");
        }
    });
}

#[test]
fn section_3_2_a_person_has_a_name_and_an_address_with_an_at_sign() {
    each_feed(|feed| {
        let people = feed.descendants().filter(|node| {
            node.has_tag_name((ATOM, "author")) || node.has_tag_name((TOMBSTONE_NAMESPACE, "by"))
        });
        for person in people {
            assert_eq!(children(person, "name").len(), 1);
            let addresses = children(person, "email");
            assert!(
                addresses
                    .iter()
                    .all(|one| one.text().unwrap().contains('@'))
            );
        }
    });
}

#[test]
fn section_3_1_1_titles_and_summaries_are_plain_text() {
    each_feed(|feed| {
        for node in feeds_and_entries(feed) {
            for text in children(node, "title")
                .into_iter()
                .chain(children(node, "summary"))
            {
                assert!(matches!(text.attribute("type"), None | Some("text")));
                assert!(text.children().all(|child| child.is_text()));
            }
        }
    });
}

#[test]
fn section_4_1_3_3_html_content_is_escaped_and_has_no_child_elements() {
    each_feed(|feed| {
        for entry in children(feed, "entry") {
            for content in children(entry, "content") {
                assert_eq!(content.attribute("type"), Some("html"));
                assert!(content.children().all(|child| child.is_text()));
            }
        }
    });
}

#[test]
fn section_4_2_2_a_category_has_a_term_and_its_scheme_is_an_iri() {
    let atom = text(&feed(), Format::Atom);
    let document = Document::parse(&atom).unwrap();
    let categories = document
        .descendants()
        .filter(|node| node.has_tag_name((ATOM, "category")));
    let mut count = 0;
    for category in categories {
        assert!(!category.attribute("term").unwrap().is_empty());
        assert!(url::Url::parse(category.attribute("scheme").unwrap()).is_ok());
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn section_4_2_7_links_have_an_absolute_href_and_a_type_with_a_slash() {
    each_feed(|feed| {
        for link in feed
            .descendants()
            .filter(|node| node.has_tag_name((ATOM, "link")))
        {
            let href = link.attribute("href").unwrap();
            assert!(url::Url::parse(href).is_ok(), "{href}");
            assert!(link.attribute("type").is_none_or(|kind| kind.contains('/')));
            assert!(
                link.attribute("length")
                    .is_none_or(|length| length.parse::<u64>().is_ok())
            );
        }
    });
}

#[test]
fn section_4_2_15_an_entry_is_not_updated_before_it_is_published() {
    for entry in read(&feed(), Format::Atom).entries {
        assert!(entry.updated >= entry.published);
    }
}

#[test]
fn rfc_5005_section_4_a_subscription_document_links_the_newest_archive() {
    let feed = Feed {
        chain: Chain {
            previous: Some(8),
            ..Chain::default()
        },
        ..feed()
    };
    let atom = read(&feed, Format::Atom);
    let of = |rel: &str| {
        let links = atom.links.iter();
        let of: Vec<&str> = links
            .filter(|link| link.rel.as_deref() == Some(rel))
            .map(|link| link.href.as_str())
            .collect();
        of.join(" ")
    };
    let home = &feed.home;
    assert_eq!(of("prev-archive"), format!("{home}archive/8/atom.xml"));
    assert_eq!(of("self"), format!("{home}atom.xml"));
    assert_eq!(of("current"), "");
    assert_eq!(of("next-archive"), "");
    assert!(!text(&feed, Format::Atom).contains(HISTORY_NAMESPACE));
}

#[test]
fn rfc_5005_section_4_an_archive_document_is_marked_and_links_its_neighbours_and_the_current_feed()
{
    let atom = text(&archive(), Format::Atom);
    let document = Document::parse(&atom).unwrap();
    let root = document.root_element();
    let marks = root
        .children()
        .filter(|node| node.has_tag_name((HISTORY_NAMESPACE, "archive")));
    assert_eq!(marks.count(), 1);
    let home = archive().home;
    for (rel, path) in [
        ("self", "archive/7/atom.xml"),
        ("current", "atom.xml"),
        ("prev-archive", "archive/6/atom.xml"),
        ("next-archive", "archive/8/atom.xml"),
    ] {
        let links = children(root, "link").into_iter();
        let of: Vec<_> = links
            .filter(|link| link.attribute("rel") == Some(rel))
            .collect();
        assert_eq!(of.len(), 1, "{rel}");
        assert_eq!(of[0].attribute("href"), Some(&*format!("{home}{path}")));
    }
    // It is one feed with the subscription document.
    let id = children(root, "id")[0].text().unwrap();
    assert_eq!(id, feed().id);
}

#[test]
fn rfc_6721_section_3_a_deleted_entry_says_which_when_by_whom_and_why() {
    let atom = text(&with_tombstones(), Format::Atom);
    let document = Document::parse(&atom).unwrap();
    let deleted: Vec<_> = document
        .root_element()
        .children()
        .filter(|node| node.has_tag_name((TOMBSTONE_NAMESPACE, "deleted-entry")))
        .collect();
    assert_eq!(deleted.len(), 2);
    assert_eq!(
        deleted[0].attribute("ref"),
        Some("tag:news.example,2024:a\"b&c")
    );
    assert_eq!(
        deleted[0].attribute("when"),
        Some("2024-11-25T09:00:00+01:00")
    );
    let child = |node: Node<'_, '_>, name: &'static str| {
        let found = node
            .children()
            .find(|child| child.has_tag_name((TOMBSTONE_NAMESPACE, name)));
        found.and_then(|child| child.text().map(str::to_owned))
    };
    let by = deleted[0]
        .children()
        .find(|node| node.has_tag_name((TOMBSTONE_NAMESPACE, "by")));
    assert_eq!(
        children(by.unwrap(), "name")[0].text(),
        Some("Law & <order>")
    );
    assert_eq!(
        child(deleted[0], "comment").as_deref(),
        Some("It said 1 < 2 & more.")
    );
    assert_eq!(child(deleted[1], "comment"), None);
    let link = children(deleted[0], "link")[0];
    assert_eq!(
        link.attribute("href"),
        Some("https://news.example/news/2024/a/?x=1&y=2")
    );
    assert!(children(deleted[1], "link").is_empty());
}

#[test]
fn rfc_6721_only_atom_can_say_what_is_gone() {
    for format in [Format::Rss, Format::Json] {
        assert_eq!(text(&with_tombstones(), format), text(&feed(), format));
    }
}

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
