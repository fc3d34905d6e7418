//! A small newsroom, made up for the tests.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::*;
use crate::entry::{Category, Entry};
use crate::feed::Format;
use crate::item::{Enclosure, Image};
use crate::tag::Origin;
use crate::taxonomy::TermId;

pub(super) const BASE: &str = "https://news.example/";
pub(super) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn facet_link(key: &str, name: &str, plural: &str) -> FacetLink {
    FacetLink {
        key: key.to_owned(),
        name: name.to_owned(),
        plural: plural.to_owned(),
        url: format!("{BASE}{}/", key.replace('_', "-")),
    }
}

pub(super) fn site() -> Site {
    Site {
        title: "Security & Co-operation News".to_owned(),
        description:
            "News on security, human rights and co-operation, from Vancouver to Vladivostok."
                .to_owned(),
        base_url: BASE.to_owned(),
        home: BASE.to_owned(),
        direction: "ltr",
        language: "en".to_owned(),
        rights: Some("May be reproduced if the source is named.".to_owned()),
        contact: Some("press@news.example".to_owned()),
        icon: None,
        feeds: FeedLink::all("Security & Co-operation News", BASE, &Format::ALL),
        opml: format!("{BASE}feeds.opml"),
        directory: format!("{BASE}directory.opml"),
        subscribe: format!("{BASE}subscribe/"),
        sign_up: None,
        build: None,
        facets: vec![
            facet_link("field_of_work", "Field of work", "Fields of work"),
            facet_link("department", "Department", "Departments"),
            facet_link("country", "Country", "Countries"),
            facet_link("meeting", "Meeting", "Meetings and conferences"),
        ],
        digests: vec![Link {
            name: "Weekly digest".to_owned(),
            url: format!("{BASE}digests/weekly/"),
        }],
        languages: Vec::new(),
    }
}

pub(super) fn category(term: u16, facet: &str, label: &str) -> Category {
    let slug = label.to_lowercase().replace([' ', ','], "-");
    let facet_slug = facet.replace('_', "-");
    Category {
        term: TermId(term),
        facet: facet.to_owned(),
        scheme: format!("{BASE}{facet_slug}/"),
        url: format!("{BASE}{facet_slug}/{slug}/"),
        facet_slug,
        slug,
        label: label.to_owned(),
        origin: Origin::Stated,
        direct: true,
        issuer: facet == "department",
    }
}

pub(super) fn entry(slug: &str, title: &str, summary: &str) -> Entry {
    Entry {
        id: format!("tag:news.example,2024:{slug}"),
        url: format!("{BASE}news/2024/{slug}/"),
        path: format!("news/2024/{slug}"),
        external_url: None,
        title: title.to_owned(),
        kind: None,
        published: moment("2024-11-22T08:00:00Z"),
        updated: moment("2024-11-22T08:00:00Z"),
        correction: None,
        language: "en".to_owned(),
        authors: vec!["Transnational Threats Department".to_owned()],
        categories: vec![
            category(4, "field_of_work", "Countering terrorism"),
            Category {
                direct: false,
                ..category(30, "department", "Secretariat")
            },
            category(33, "department", "Transnational Threats Department"),
        ],
        summary: summary.to_owned(),
        content: format!("<p>{summary}</p>\n<p>More was said on the second day.</p>"),
        image: None,
        enclosures: Vec::new(),
    }
}

pub(super) fn plain_entry() -> Entry {
    entry(
        "border-officers-train",
        "Border officers train to find forged documents",
        "Twenty officers from six border posts took part in a five-day course on document \
         security, with exercises on passports that no machine can read.",
    )
}

pub(super) fn rich_entry() -> Entry {
    let plain = entry(
        "resilience",
        "Experts meet on the “resilience” of energy networks",
        "What happens when the grid fails, and who must know first?",
    );
    Entry {
        external_url: Some("https://elsewhere.example/resilience?a=1&b=2".to_owned()),
        kind: Some("Press release".to_owned()),
        updated: moment("2024-11-25T15:30:00Z"),
        correction: Some("An earlier version gave the wrong number of participants.".to_owned()),
        categories: vec![
            category(2, "field_of_work", "Border management"),
            category(4, "field_of_work", "Countering terrorism"),
            category(33, "department", "Transnational Threats Department"),
            category(50, "department", "Centre in Ashgabat"),
            category(80, "country", "Turkmenistan"),
            category(99, "meeting", "Security Review Conferences"),
        ],
        content: "<p>ASHGABAT, 22 November 2024 – Officials from five countries compared how \
                  their networks stood the heat of the summer.</p>\n\
                  <h2>What was agreed</h2>\n\
                  <ul><li>One list of contacts</li><li>An exercise in spring</li></ul>\n\
                  <blockquote><p>Nobody can repair a line that nobody knows is broken.</p></blockquote>\n\
                  <p>The <a href=\"https://elsewhere.example/report\">full report</a> follows.</p>\n\
                  <table><thead><tr><th>Country</th><th>Posts</th></tr></thead>\
                  <tbody><tr><td>Turkmenistan</td><td>14</td></tr></tbody></table>"
            .to_owned(),
        image: Some(Image {
            url: "https://news.example/media/grid.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            length: Some(48_123),
            size: None,
            alt: "Two engineers before a wall of switches".to_owned(),
            caption: Some("The control room, 21 November 2024".to_owned()),
        }),
        enclosures: vec![
            Enclosure {
                url: "https://news.example/media/agenda.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                length: Some(2_412_345),
                title: Some("Agenda".to_owned()),
            },
            Enclosure {
                url: "https://news.example/media/opening.mp3?x=1".to_owned(),
                media_type: "audio/mpeg".to_owned(),
                length: None,
                title: None,
            },
        ],
        ..plain
    }
}

pub(super) fn arabic_entry() -> Entry {
    Entry {
        language: "ar".to_owned(),
        ..entry(
            "youth",
            "الشباب والأمن في آسيا الوسطى",
            "اجتمع ثلاثون شابا وشابة لمناقشة دورهم في بناء الثقة.",
        )
    }
}

pub(super) fn link(name: &str, path: &str, items: usize, children: Vec<TopicLink>) -> TopicLink {
    TopicLink {
        name: name.to_owned(),
        url: (items > 0).then(|| format!("{BASE}{path}/")),
        items,
        closed: name.starts_with("Special Monitoring"),
        children,
    }
}

pub(super) fn departments() -> Directory {
    Directory {
        facet: facet_link("department", "Department", "Departments"),
        topics: vec![
            link(
                "Secretariat",
                "department/secretariat",
                1_204,
                vec![
                    link(
                        "Conflict Prevention Centre",
                        "department/cpc",
                        12,
                        Vec::new(),
                    ),
                    link(
                        "Transnational Threats Department",
                        "department/tntd",
                        310,
                        Vec::new(),
                    ),
                ],
            ),
            link(
                "Field operations",
                "department/field-operations",
                0,
                vec![
                    link("Centre in Ashgabat", "department/ashgabat", 88, Vec::new()),
                    link(
                        "Special Monitoring Mission",
                        "department/smm",
                        1,
                        Vec::new(),
                    ),
                ],
            ),
        ],
    }
}

pub(super) fn fields() -> Directory {
    let names = [
        "Arms control",
        "Border management",
        "Countering terrorism",
        "Elections",
    ];
    let topics = names.iter().map(|name| {
        let slug = name.to_lowercase().replace(' ', "-");
        link(
            name,
            &format!("field-of-work/{slug}"),
            name.len(),
            Vec::new(),
        )
    });
    Directory {
        facet: facet_link("field_of_work", "Field of work", "Fields of work"),
        topics: topics.collect(),
    }
}

pub(super) fn entries() -> Vec<Arc<Entry>> {
    vec![
        Arc::new(rich_entry()),
        Arc::new(plain_entry()),
        Arc::new(arabic_entry()),
    ]
}

pub(super) fn home_page() -> Home {
    Home {
        newest: entries(),
        facets: vec![fields(), departments()],
        translations: Vec::new(),
    }
}

pub(super) fn terrorism() -> Topic {
    let path = "field-of-work/countering-terrorism".to_owned();
    Topic {
        title: "Countering terrorism".to_owned(),
        description: None,
        parents: vec![Link {
            name: "Fields of work".to_owned(),
            url: format!("{BASE}field-of-work/"),
        }],
        children: Vec::new(),
        related: vec![departments()],
        closed: false,
        replaced_by: Vec::new(),
        translations: Vec::new(),
        feeds: FeedLink::all(
            "Countering terrorism",
            &format!("{BASE}{path}/"),
            &Format::ALL,
        ),
        path,
        newest: entries(),
        total: 1_234,
    }
}

pub(super) fn offers() -> Vec<OfferGroup> {
    let offer = |topic: &TopicLink| {
        let url = topic.url.clone().unwrap_or_default();
        Offer {
            title: topic.name.clone(),
            feeds: FeedLink::all(&topic.name, &url, &Format::ALL),
            url,
        }
    };
    vec![OfferGroup {
        name: "Fields of work".to_owned(),
        offers: fields().topics.iter().map(offer).collect(),
    }]
}
