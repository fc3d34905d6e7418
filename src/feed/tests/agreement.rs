//! The entries of one feed agree in all formats, read back by parsers other than the writers.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::super::*;
use super::fixture::{category, feed, feed_of, plain_entry};
use super::{assert_well_formed, json, read};

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

#[test]
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
