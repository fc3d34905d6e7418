//! Renders every page once with made-up values, so that a template that is wrong is known before
//! anything is published with it.

use std::sync::Arc;

use chrono::DateTime;

use super::{
    Build, Built, Choice, ChoiceGroup, Directory, FacetLink, FeedLink, Home, ItemPages,
    LanguageLink, Link, Notice, Offer, OfferGroup, Site, Topic, TopicLink, build, facet, gone,
    home, moved, not_found, subscribe, topic,
};
use crate::diagnostic::Problem;
use crate::entry::{Category, Entry, Translation};
use crate::feed::Format;
use crate::item::{Enclosure, Image};
use crate::tag::Origin;
use crate::taxonomy::TermId;
use crate::template::Templates;

/// What is wrong with the templates of pages: each is rendered with every value present, and
/// with every value that may be absent absent. Each problem is told once.
pub fn check(templates: &Templates) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for full in [true, false] {
        let site = site(full);
        let entry = Arc::new(entry(full));
        let some_entries = if full {
            vec![entry.clone()]
        } else {
            Vec::new()
        };
        let directory = directory(full);
        let home_page = Home {
            newest: some_entries.clone(),
            facets: vec![directory.clone()],
            translations: translations(full),
        };
        let groups = if full {
            vec![offer_group()]
        } else {
            Vec::new()
        };
        let pages = [
            home(templates, &site, &home_page),
            facet(templates, &site, &directory, &translations(full)),
            topic(templates, &site, &sample_topic(full, some_entries)),
            ItemPages::new(templates, &site)
                .and_then(|pages| pages.render(&entry, &translations(full))),
            subscribe(templates, &site, "subscribe", &groups, &translations(full)),
            build(templates, &site, "build", &sample_build(full, &entry)),
            gone(templates, &site, &notice(full)),
            moved(templates, &site, "topic/old", BASE),
            not_found(templates, &site),
        ];
        let forms = super::subscriptions::check(templates, &site, full);
        for problem in pages.into_iter().filter_map(Result::err).chain(forms) {
            // What it might have meant differs with the values at hand; the mistake does not.
            let told = problems.iter().any(|other| {
                (&other.file, &other.excerpt, &other.message)
                    == (&problem.file, &problem.excerpt, &problem.message)
            });
            if !told {
                problems.push(problem);
            }
        }
    }
    problems
}

const BASE: &str = "https://news.example/";

fn text(text: &str) -> String {
    text.to_owned()
}

fn site(full: bool) -> Site {
    let facet = directory(full).facet;
    let digest = Link {
        name: text("Weekly digest"),
        url: format!("{BASE}digests/weekly/"),
    };
    Site {
        title: text("Newsroom"),
        description: text("News"),
        base_url: text(BASE),
        home: text(BASE),
        direction: "ltr",
        language: text("en"),
        rights: full.then(|| text("Public domain")),
        contact: full.then(|| text("press@news.example")),
        icon: full.then(|| format!("{BASE}square.png")),
        feeds: FeedLink::all("Newsroom", BASE, &Format::ALL),
        opml: format!("{BASE}feeds.opml"),
        directory: format!("{BASE}directory.opml"),
        subscribe: format!("{BASE}subscribe/"),
        sign_up: full.then(|| format!("{BASE}sign-up")),
        build: full.then(|| format!("{BASE}build/")),
        facets: if full { vec![facet] } else { Vec::new() },
        digests: if full { vec![digest] } else { Vec::new() },
        languages: match full {
            true => vec![
                language("en", "English", ""),
                language("ru", "Русский", "ru/"),
            ],
            false => Vec::new(),
        },
    }
}

fn language(tag: &str, name: &str, folder: &str) -> LanguageLink {
    LanguageLink {
        language: text(tag),
        name: text(name),
        direction: "ltr",
        url: format!("{BASE}{folder}"),
    }
}

fn translations(full: bool) -> Vec<Translation> {
    let translation = |tag: &str, folder: &str| Translation {
        language: text(tag),
        url: format!("{BASE}{folder}"),
    };
    match full {
        true => vec![translation("en", ""), translation("ru", "ru/")],
        false => Vec::new(),
    }
}

fn directory(full: bool) -> Directory {
    let term = |name: &str, url: Option<String>, children| TopicLink {
        name: text(name),
        url,
        items: 2,
        closed: full,
        children,
    };
    let child = term("Child", Some(format!("{BASE}topic/child/")), Vec::new());
    Directory {
        facet: FacetLink {
            key: text("topic"),
            name: text("Topic"),
            plural: text("Topics"),
            url: format!("{BASE}topic/"),
        },
        topics: match full {
            true => vec![term("Parent", None, vec![child])],
            false => Vec::new(),
        },
    }
}

fn sample_topic(full: bool, newest: Vec<Arc<Entry>>) -> Topic {
    let directory = directory(full);
    Topic {
        title: text("Child"),
        description: full.then(|| text("About children")),
        path: text("topic/child"),
        parents: match full {
            true => vec![Link {
                name: text("Topics"),
                url: format!("{BASE}topic/"),
            }],
            false => Vec::new(),
        },
        children: directory.topics.clone(),
        replaced_by: directory.topics.clone(),
        related: if full { vec![directory] } else { Vec::new() },
        closed: full,
        translations: translations(full),
        feeds: match full {
            true => FeedLink::all("Child", &format!("{BASE}topic/child/"), &Format::ALL),
            false => Vec::new(),
        },
        total: newest.len() * 2,
        newest,
    }
}

fn sample_build(full: bool, entry: &Arc<Entry>) -> Build {
    let choice = || Choice {
        value: text("topic:child"),
        name: text("Child"),
        items: full.then_some(2),
        depth: 1,
        checked: full,
    };
    let feeds = FeedLink::all("Child", BASE, &Format::ALL);
    Build {
        groups: vec![ChoiceGroup {
            name: text("Topics"),
            parameter: "term",
            choices: vec![choice()],
            open: full,
        }],
        formats: vec![choice()],
        written: None,
        error: (!full).then(|| text("it cannot be read")),
        translations: Vec::new(),
        built: full.then(|| Built {
            words: text("Child"),
            selection: text("topic:child"),
            feed: feeds[0].clone(),
            feeds,
            newest: vec![entry.clone()],
            total: 2,
        }),
    }
}

fn notice(full: bool) -> Notice {
    Notice {
        path: text("news/2024/child"),
        gone: DateTime::UNIX_EPOCH,
        by: text("Press office"),
        reason: full.then(|| text("A mistake")),
    }
}

fn offer_group() -> OfferGroup {
    let url = format!("{BASE}topic/child/");
    OfferGroup {
        name: text("Topics"),
        offers: vec![Offer {
            title: text("Child"),
            feeds: FeedLink::all("Child", &url, &Format::ALL),
            url,
        }],
    }
}

fn entry(full: bool) -> Entry {
    let published = DateTime::UNIX_EPOCH;
    let category = |issuer: bool| Category {
        term: TermId(0),
        facet: text(if issuer { "issuer" } else { "topic" }),
        facet_slug: text("topic"),
        slug: text("child"),
        label: text("Child"),
        scheme: format!("{BASE}topic/"),
        url: format!("{BASE}topic/child/"),
        origin: Origin::Stated,
        direct: true,
        issuer,
    };
    let image = Image {
        url: format!("{BASE}picture.jpg"),
        media_type: text("image/jpeg"),
        length: Some(1),
        size: None,
        alt: text("A picture"),
        caption: Some(text("Its caption")),
    };
    let enclosure = Enclosure {
        url: format!("{BASE}report.pdf"),
        media_type: text("application/pdf"),
        length: Some(1),
        title: Some(text("Report")),
    };
    Entry {
        id: text("tag:news.example,2024:sample"),
        url: format!("{BASE}news/1970/sample/"),
        path: text("news/1970/sample"),
        external_url: full.then(|| text("https://elsewhere.example/")),
        title: text("Sample"),
        kind: full.then(|| text("Press release")),
        published,
        updated: match full {
            true => published + chrono::TimeDelta::hours(1),
            false => published,
        },
        correction: full.then(|| text("A name was misspelt")),
        language: text("en"),
        authors: vec![text("Newsroom")],
        categories: if full {
            vec![category(true), category(false)]
        } else {
            Vec::new()
        },
        summary: text(if full { "A summary" } else { "" }),
        content: text("<p>Text</p>"),
        image: full.then_some(image),
        enclosures: if full { vec![enclosure] } else { Vec::new() },
    }
}
