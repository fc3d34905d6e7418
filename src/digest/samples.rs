//! A small newsroom for the tests of this room.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Vienna;

use crate::config::{Approval, Digest, Feeds, Language, MailImages, Period, Quiet, Root, Site};
use crate::digest::period::Span;
use crate::digest::schedule::Schedule;
use crate::entry::{Category, Entry};
use crate::feed::Format;
use crate::item::Image;
use crate::page;
use crate::selection::Selection;
use crate::tag::Origin;
use crate::taxonomy::{Facet, FacetId, Taxonomy, Term, TermId, fixture};
use crate::template::Templates;

pub const FIELD: FacetId = FacetId(0);
pub const DEPARTMENT: FacetId = FacetId(1);

pub fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// 25 November 2024, 09:00 in Vienna.
pub fn due() -> DateTime<Utc> {
    utc("2024-11-25T08:00:00Z")
}

/// 18 to 24 November 2024.
pub fn week() -> Span {
    Span::parse("2024-W47", Period::Week, Vienna, due()).unwrap()
}

pub fn site() -> Site {
    Site {
        title: "Harbour Organization".to_owned(),
        description: "News of the Harbour Organization.".to_owned(),
        base_url: "https://news.harbour.example/".parse().unwrap(),
        tag_authority: "news.harbour.example,2024".to_owned(),
        language: "en".to_owned(),
        languages: vec![Language {
            tag: "en".to_owned(),
            folder: String::new(),
            name: "English".to_owned(),
            title: "Harbour Organization".to_owned(),
            description: "News of the Harbour Organization.".to_owned(),
            direction: "ltr",
        }],
        root: Root::All,
        phrases: Arc::default(),
        timezone: Vienna,
        contact: Some("press@harbour.example".to_owned()),
        rights: Some("© Harbour Organization. Free to use with credit.".to_owned()),
        icon: None,
        logo: None,
    }
}

pub fn digest() -> Digest {
    Digest {
        slug: "weekly".to_owned(),
        was: Vec::new(),
        title: "Weekly digest".to_owned(),
        introduction: Some("What the Harbour Organization did last week.".to_owned()),
        schedule: Schedule::parse("Mon 09:00").unwrap(),
        timezone: Vienna,
        period: Period::Week,
        selection: Selection::everything(),
        group_by: Some(FIELD),
        group_limit: 10,
        template: "digest".to_owned(),
        quiet: Quiet::Send,
        sender: "Harbour Organization <press@harbour.example>".to_owned(),
        language: "en".to_owned(),
        utm: None,
        images: MailImages::Link,
        approval: Approval::Automatic,
        stale_after: std::time::Duration::from_secs(86_400),
        choices: None,
        mail: true,
    }
}

/// Fields of work: Elections, Good governance with its child Public procurement, Youth.
/// Departments: Secretariat, Mission to Port Alba.
pub fn taxonomy() -> Taxonomy {
    let facet = |key: &str, name: &str, issues, terms| Facet {
        name: name.to_owned(),
        plural: format!("{name}s"),
        issues,
        inherit: true,
        rule_limit: 2,
        scheme: format!("https://news.harbour.example/{}/", key.replace('_', "-")),
        ..fixture::facet(key, terms)
    };
    let term = |facet, name: &str, parent| Term {
        parent,
        ..fixture::term(facet, name)
    };
    Taxonomy {
        language: String::new(),
        facets: vec![
            facet("field_of_work", "Field of work", false, 0..4),
            facet("department", "Department", true, 4..6),
        ],
        terms: vec![
            term(FIELD, "Elections", None),
            term(FIELD, "Good governance", None),
            term(FIELD, "Public procurement", Some(TermId(1))),
            term(FIELD, "Youth", None),
            term(DEPARTMENT, "Secretariat", None),
            term(DEPARTMENT, "Mission to Port Alba", None),
        ],
    }
}

/// A category of the sample taxonomy; `direct` as [`Category::direct`].
pub fn category(term: u16, direct: bool) -> Category {
    let taxonomy = taxonomy();
    let id = TermId(term);
    let term = taxonomy.term(id);
    let facet = taxonomy.facet(term.facet);
    Category {
        term: id,
        facet: facet.key.clone(),
        facet_slug: facet.slug.clone(),
        slug: term.slug.clone(),
        label: term.name.clone(),
        scheme: facet.scheme.clone(),
        url: format!("https://news.harbour.example/{}/", taxonomy.path(id)),
        origin: Origin::Stated,
        direct,
        issuer: facet.issues,
    }
}

/// An entry of 20 November 2024 that bears `terms` itself.
pub fn entry(slug: &str, title: &str, terms: &[u16]) -> Entry {
    let path = format!("news/2024/{slug}");
    let published = utc("2024-11-20T10:00:00Z");
    Entry {
        id: format!("tag:news.harbour.example,2024:{slug}"),
        url: format!("https://news.harbour.example/{path}/"),
        path,
        external_url: None,
        title: title.to_owned(),
        kind: Some("Press release".to_owned()),
        published,
        updated: published,
        correction: None,
        language: "en".to_owned(),
        authors: vec!["Secretariat".to_owned()],
        categories: terms.iter().map(|term| category(*term, true)).collect(),
        summary: format!("What happened: {title}."),
        content: "<p>Text.</p>".to_owned(),
        image: None,
        enclosures: Vec::new(),
    }
}

/// A week with every sort of entry: two topics, a child topic, none; a picture, a correction, a
/// right-to-left title, markup in a title.
pub fn entries() -> Vec<Arc<Entry>> {
    let observers = Entry {
        published: utc("2024-11-22T09:30:00Z"),
        summary: "Forty observers from eleven countries will follow the vote in the harbour \
                  towns and report on what they see the day after, the head of the mission said."
            .to_owned(),
        image: Some(Image {
            url: "https://news.harbour.example/media/observers.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            length: Some(48_213),
            size: Some((1200, 800)),
            alt: "Observers with blue waistcoats before a polling station".to_owned(),
            caption: None,
        }),
        ..entry(
            "observers",
            "Observers arrive for the harbour elections",
            &[0, 3],
        )
    };
    let registers = Entry {
        published: utc("2024-11-21T08:00:00Z"),
        updated: utc("2024-11-23T12:00:00Z"),
        correction: Some("The number of registers is nine, not seven.".to_owned()),
        kind: None,
        authors: vec!["Mission to Port Alba".to_owned(), "Secretariat".to_owned()],
        ..entry(
            "registers",
            "Nine voter registers checked in Port Alba",
            &[0],
        )
    };
    let procurement = Entry {
        categories: vec![category(1, false), category(2, true), category(3, true)],
        ..entry(
            "procurement",
            "\u{201c}Open by default\u{201d}: buyers & suppliers agree on <rules> for public contracts",
            &[],
        )
    };
    let youth = Entry {
        published: utc("2024-11-18T07:00:00Z"),
        language: "ar".to_owned(),
        authors: vec!["Harbour Organization".to_owned()],
        kind: Some("News item".to_owned()),
        summary: "اختتم منتدى الشباب أعماله في الميناء القديم بمشاركة وفود من المدن الساحلية."
            .to_owned(),
        ..entry(
            "youth-forum",
            "منتدى الشباب يختتم أعماله في الميناء القديم",
            &[3],
        )
    };
    let lamp = Entry {
        published: utc("2024-11-19T16:45:00Z"),
        ..entry("lamp", "The lamp of the old lighthouse burns again", &[5])
    };
    [youth, lamp, procurement, registers, observers]
        .into_iter()
        .map(Arc::new)
        .collect()
}

/// The templates that come with Tidings.
pub fn templates() -> Templates {
    Templates::new(Vec::new(), Vienna).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub fn feeds() -> Feeds {
    Feeds {
        formats: Format::ALL.to_vec(),
        limit: 50,
        archives: crate::config::Archiving::All,
        tombstones: std::time::Duration::from_secs(90 * 86_400),
        full_text: true,
        facets: vec![FIELD],
        pairs: Vec::new(),
        ttl: 60,
    }
}

/// What all pages of the sample site show.
pub fn pages() -> page::Site {
    let site = site();
    page::Site {
        title: site.title,
        description: site.description,
        base_url: site.base_url.to_string(),
        home: site.base_url.to_string(),
        direction: "ltr",
        language: site.language,
        rights: site.rights,
        contact: site.contact,
        icon: None,
        feeds: page::FeedLink::all("All news", site.base_url.as_str(), &Format::ALL),
        opml: format!("{}feeds.opml", site.base_url),
        directory: format!("{}directory.opml", site.base_url),
        subscribe: format!("{}subscribe/", site.base_url),
        sign_up: None,
        build: None,
        facets: Vec::new(),
        digests: vec![page::Link {
            name: "Weekly digest".to_owned(),
            url: format!("{}digests/weekly/", site.base_url),
        }],
        languages: Vec::new(),
    }
}
