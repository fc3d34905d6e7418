//! A small feed with texts that are hostile to naive writers.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::{Chain, Feed, Format, RelatedLink, Tombstone};
use crate::entry::{Category, Entry, Translation};
use crate::item::{Enclosure, Image};
use crate::tag::Origin;
use crate::taxonomy::TermId;

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn category(facet: &str, slug: &str, label: &str) -> Category {
    Category {
        term: TermId(0),
        facet: facet.replace('-', "_"),
        facet_slug: facet.to_owned(),
        slug: slug.to_owned(),
        label: label.to_owned(),
        scheme: format!("https://news.example/{facet}/"),
        url: format!("https://news.example/{facet}/{slug}/"),
        origin: Origin::Stated,
        direct: true,
        issuer: facet == "department",
    }
}

/// An entry with nothing that it could do without.
pub fn plain_entry() -> Entry {
    Entry {
        id: "tag:news.example,2024:plain".to_owned(),
        url: "https://news.example/news/2024/plain/".to_owned(),
        path: "news/2024/plain".to_owned(),
        external_url: None,
        title: "Plain".to_owned(),
        kind: None,
        published: instant("2024-07-01T06:00:00Z"),
        updated: instant("2024-07-01T06:00:00Z"),
        correction: None,
        language: "en".to_owned(),
        authors: vec!["Secretariat".to_owned()],
        categories: vec![category("department", "secretariat", "Secretariat")],
        summary: "A summary.".to_owned(),
        content: "<p>A text.</p>".to_owned(),
        image: None,
        enclosures: Vec::new(),
    }
}

fn rich_entry() -> Entry {
    Entry {
        id: "tag:news.example,2024:a&b".to_owned(),
        url: "https://news.example/news/2024/borders/?a=1&b=2".to_owned(),
        path: "news/2024/borders".to_owned(),
        external_url: Some("https://elsewhere.example/?x=\"1\"&y=2".to_owned()),
        title: "Borders & \"trust\": <b>not bold</b>, it's ]]> R&amp;D".to_owned(),
        kind: Some("Press release".to_owned()),
        published: instant("2024-11-22T09:00:00.25Z"),
        updated: instant("2024-11-23T17:30:59.75Z"),
        correction: Some("An earlier version said 2 < 1 & more.".to_owned()),
        language: "en".to_owned(),
        authors: vec!["Secretariat".to_owned(), "Law & Order Unit".to_owned()],
        categories: vec![
            category(
                "field-of-work",
                "border-management",
                "Border \"management\" & more",
            ),
            category("department", "secretariat", "Secretariat"),
        ],
        summary: "Fish & chips <script>alert(1)</script> ]]>\nsecond line.".to_owned(),
        content: "<p>One &amp; two.</p>\n<p>A <a href=\"https://x.example/?a=1&amp;b=2\">link</a> \
                  ]]> and ]]]]>>.</p>"
            .to_owned(),
        image: Some(Image {
            url: "https://news.example/a.jpg?w=1&h=2".to_owned(),
            media_type: "image/jpeg".to_owned(),
            length: Some(12_345),
            size: None,
            alt: "Two officers & a \"dog\"".to_owned(),
            caption: Some("Photo: A < B".to_owned()),
        }),
        enclosures: vec![
            Enclosure {
                url: "https://news.example/a.mp3?x=1&y=2".to_owned(),
                media_type: "audio/mpeg".to_owned(),
                length: None,
                title: Some("The \"interview\"".to_owned()),
            },
            Enclosure {
                url: "https://news.example/report.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                length: Some(9_876),
                title: None,
            },
        ],
    }
}

fn right_to_left_entry() -> Entry {
    Entry {
        id: "tag:news.example,2024:rtl".to_owned(),
        title: "تدريب على \u{200f}إدارة الحدود 👩‍🚒\u{0}\u{8}\u{1b}[31m\u{fffe}".to_owned(),
        language: "ar".to_owned(),
        summary: "ملخص\u{b}قصير".to_owned(),
        content: "<p dir=\"rtl\">نص 🎉\u{0}\u{c}\r\nسطر</p>\u{ffff}".to_owned(),
        ..plain_entry()
    }
}

pub fn bare_entry() -> Entry {
    Entry {
        id: "tag:news.example,2024:bare".to_owned(),
        title: "Very long ".repeat(100),
        published: instant("1890-01-01T00:00:00Z"),
        updated: instant("1890-01-01T00:00:00Z"),
        authors: Vec::new(),
        categories: Vec::new(),
        summary: String::new(),
        content: " \n ".to_owned(),
        ..plain_entry()
    }
}

/// A feed of four entries with all that a feed can have.
pub fn feed() -> Feed {
    let entries = [
        rich_entry(),
        right_to_left_entry(),
        plain_entry(),
        bare_entry(),
    ];
    Feed {
        id: "tag:news.example,2024:feeds/borders".to_owned(),
        title: "Borders & <more>".to_owned(),
        description: "All about \"borders\" & crossings".to_owned(),
        home: "https://news.example/field-of-work/border-management/".to_owned(),
        language: "en".to_owned(),
        translations: vec![Translation {
            language: "ru".to_owned(),
            url: "https://news.example/ru/field-of-work/border-management/".to_owned(),
        }],
        timezone: chrono_tz::Europe::Vienna,
        updated: instant("2024-11-23T17:30:59.75Z"),
        entries: entries.map(Arc::new).into(),
        full_text: true,
        chain: Chain::default(),
        tombstones: Vec::new(),
        formats: Format::ALL.to_vec(),
        related: vec![RelatedLink {
            url: "https://news.example/?all=1&more".to_owned(),
            title: "All \"news\" & more".to_owned(),
        }],
        publisher: "Example Newsroom (Vienna)".to_owned(),
        contact: Some("press@news.example".to_owned()),
        rights: Some("© Example & friends".to_owned()),
        icon: Some("https://news.example/icon.png".to_owned()),
        logo: Some("https://news.example/logo.png?a&b".to_owned()),
        ttl: 60,
        hubs: vec!["https://news.example/websub?a&b".to_owned()],
        on_demand: None,
    }
}

/// The smallest feed that can be: no entries, nothing optional.
pub fn empty_feed() -> Feed {
    Feed {
        description: String::new(),
        entries: Vec::new(),
        formats: vec![Format::Rss],
        related: Vec::new(),
        contact: None,
        rights: None,
        icon: None,
        logo: None,
        ttl: 0,
        hubs: Vec::new(),
        ..feed()
    }
}

/// An archive document of the feed.
pub fn archive() -> Feed {
    Feed {
        chain: Chain {
            number: Some(7),
            previous: Some(6),
            next: Some(8),
        },
        ttl: 0,
        ..feed()
    }
}

/// The feed with two entries gone.
pub fn with_tombstones() -> Feed {
    let gone = Tombstone {
        id: "tag:news.example,2024:a\"b&c".to_owned(),
        when: instant("2024-11-25T08:00:00Z"),
        by: "Law & <order>".to_owned(),
        reason: Some("It said 1 < 2\n& more.".to_owned()),
        url: Some("https://news.example/news/2024/a/?x=1&y=2".to_owned()),
    };
    let other = Tombstone {
        id: "tag:news.example,2024:other".to_owned(),
        reason: None,
        url: None,
        ..gone.clone()
    };
    Feed {
        tombstones: vec![gone, other],
        ..feed()
    }
}

/// The same feed with these entries alone.
pub fn feed_of(entries: impl IntoIterator<Item = Entry>) -> Feed {
    Feed {
        entries: entries.into_iter().map(Arc::new).collect(),
        ..feed()
    }
}
