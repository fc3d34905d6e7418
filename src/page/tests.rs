//! Whole pages against their snapshots, and what must hold of each of them.

mod newsroom;

use std::sync::Arc;
use std::time::Instant;

use chrono_tz::Tz;
use scraper::{Html, Selector};

use super::*;
use crate::feed::Format;
use crate::item::{Enclosure, Image};
use crate::language::LanguageId;
use crate::taxonomy::TermId;
use newsroom::*;

const HOSTILE: &str = "\"><script>alert('1')</script> & </title>";

fn templates() -> Templates {
    Templates::new(Vec::new(), Tz::Europe__Vienna).unwrap()
}

fn item(templates: &Templates, site: &Site, entry: &Entry) -> Result<String, Problem> {
    ItemPages::new(templates, site)?.render(entry, &[])
}

/// Every page there is, by the name of its template.
fn all_pages(templates: &Templates, site: &Site) -> Vec<(&'static str, String)> {
    let pages = [
        ("home", home(templates, site, &home_page())),
        ("facet", facet(templates, site, &departments(), &[])),
        ("topic", topic(templates, site, &terrorism())),
        ("item", item(templates, site, &rich_entry())),
        (
            "subscribe",
            subscribe(templates, site, "subscribe", &offers(), &[]),
        ),
        ("not_found", not_found(templates, site)),
    ];
    pages.map(|(name, page)| (name, page.unwrap())).into()
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

/// A parser moves what it did not expect in the head into the body.
fn assert_keeps_its_head(page: &Html, told: &str) {
    let moved = select(page, "body meta, body link, body title");
    assert!(moved.is_empty(), "{told}");
}

/// That no attribute is a script: `onclick` and its like.
fn assert_obeys_no_attribute(page: &Html, told: &str) {
    let nodes = page.tree.nodes();
    for element in nodes.filter_map(|node| node.value().as_element()) {
        assert!(
            !element.attrs().any(|(key, _)| key.starts_with("on")),
            "{told}"
        );
    }
}

fn text(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    select(&page, selector)
        .iter()
        .map(|element| element.text().collect::<String>().trim().to_owned())
        .collect()
}

#[test]
fn pages_are_as_their_snapshots() {
    for (name, page) in all_pages(&templates(), &site()) {
        insta::assert_snapshot!(name, page);
    }
}

#[test]
fn the_embedded_templates_pass_their_own_check() {
    assert_eq!(check(&templates()), []);
}

#[test]
fn check_finds_a_mistake_in_any_template() {
    let embedded = templates();
    // Those of digests and letters are checked with these.
    let names = embedded.names().filter(|name| {
        name.ends_with(".html") && !name.contains("digest") && !name.contains("letter")
    });
    for name in names {
        let broken = "{{!-- broken --}}\n{{#if @root.site.nope}}x{{/if}}".to_owned();
        let templates = Templates::new(vec![(format!("{name}.hbs"), broken)], Tz::UTC).unwrap();
        let problems = check(&templates);
        let [problem] = problems.as_slice() else {
            panic!("{name}: {problems:?}")
        };
        assert_eq!(
            problem.message,
            "there is no variable '@root.site.nope' here"
        );
        let file = format!("templates/{name}.hbs");
        assert_eq!(problem.file.as_deref().unwrap().to_str(), Some(&*file));
        let excerpt = problem.excerpt.as_ref().unwrap();
        assert_eq!((excerpt.line, excerpt.column), (2, 7), "{name}");
    }
}

#[test]
fn every_page_is_sound_html_with_one_heading_and_no_scripts() {
    for (name, page) in all_pages(&templates(), &site()) {
        let html = Html::parse_document(&page);
        assert!(page.starts_with("<!DOCTYPE html>\n"), "{name}: {page}");
        assert_keeps_its_head(&html, name);
        assert_eq!(select(&html, "h1").len(), 1, "{name}");
        assert_eq!(
            select(&html, "html[lang=en][dir=ltr] main#main").len(),
            1,
            "{name}"
        );
        for script in select(&html, "script") {
            assert_eq!(
                script.value().attr("type"),
                Some("application/ld+json"),
                "{name}"
            );
        }
        assert_obeys_no_attribute(&html, name);
    }
}

#[test]
fn every_link_within_the_site_is_relative_and_leads_where_its_absolute_form_does() {
    let site = site();
    let page_urls = [
        ("home", ""),
        ("topic", "field-of-work/countering-terrorism/"),
        ("item", "news/2024/resilience/"),
    ];
    let pages = all_pages(&templates(), &site);
    for (name, path) in page_urls {
        let page = &pages.iter().find(|(other, _)| *other == name).unwrap().1;
        let html = Html::parse_document(page);
        let from = url::Url::parse(&format!("{BASE}{path}")).unwrap();
        let mut found = Vec::new();
        for anchor in select(&html, "body a, link[rel=stylesheet]") {
            let href = anchor.value().attr("href").unwrap();
            assert!(!href.starts_with(BASE), "{name}: {href}");
            found.push(from.join(href).unwrap().to_string());
        }
        for expected in ["", "style.css", "subscribe/", "department/", "feeds.opml"] {
            let expected = format!("{BASE}{expected}");
            assert!(found.contains(&expected), "{name}: {expected} in {found:?}");
        }
    }
}

#[test]
fn a_page_for_no_address_links_by_the_path_of_the_site() {
    let site = Site {
        base_url: "https://org.example/press/".to_owned(),
        home: "https://org.example/press/".to_owned(),
        facets: Vec::new(),
        ..site()
    };
    let page = not_found(&templates(), &site).unwrap();
    assert!(page.contains("href=\"/press/style.css\""), "{page}");
    assert!(page.contains("href=\"/press/\""), "{page}");
}

#[test]
fn readers_find_the_feeds_of_a_topic_by_its_page() {
    let page = topic(&templates(), &site(), &terrorism()).unwrap();
    let html = Html::parse_document(&page);
    let found: Vec<_> = select(&html, "head link[rel=alternate]")
        .iter()
        .map(|link| ["type", "title", "href"].map(|key| link.value().attr(key).unwrap()))
        .collect();
    let folder = "https://news.example/field-of-work/countering-terrorism/";
    // Those of everything come after them.
    assert_eq!(found.len(), 6);
    assert_eq!(
        found[..3],
        [
            [
                "application/rss+xml",
                "Countering terrorism (RSS)",
                &*format!("{folder}rss.xml")
            ],
            [
                "application/atom+xml",
                "Countering terrorism (Atom)",
                &*format!("{folder}atom.xml")
            ],
            [
                "application/feed+json",
                "Countering terrorism (JSON Feed)",
                &*format!("{folder}feed.json")
            ],
        ]
    );
}

#[test]
fn hostile_words_stay_words_wherever_they_land() {
    let hostile = || HOSTILE.to_owned();
    let entry = Entry {
        title: hostile(),
        kind: Some(hostile()),
        summary: hostile(),
        correction: Some(hostile()),
        authors: vec![hostile()],
        language: "\" onload=\"x".to_owned(),
        categories: vec![category(1, "department", HOSTILE)],
        image: Some(Image {
            url: format!("https://news.example/{HOSTILE}"),
            media_type: hostile(),
            length: None,
            size: None,
            alt: hostile(),
            caption: Some(hostile()),
        }),
        enclosures: vec![Enclosure {
            url: format!("https://news.example/{HOSTILE}"),
            media_type: hostile(),
            length: None,
            title: Some(hostile()),
        }],
        ..rich_entry()
    };
    let site = Site {
        title: hostile(),
        description: hostile(),
        rights: Some(hostile()),
        contact: Some(hostile()),
        ..site()
    };
    let hostile_link = || TopicLink {
        name: hostile(),
        ..link("x", "x", 1, Vec::new())
    };
    let hostile_topic = Topic {
        title: hostile(),
        description: Some(hostile()),
        children: vec![hostile_link()],
        feeds: FeedLink::all(HOSTILE, BASE, &Format::ALL),
        newest: vec![Arc::new(entry.clone())],
        ..terrorism()
    };
    let home_page = Home {
        newest: vec![Arc::new(entry.clone())],
        facets: vec![Directory {
            topics: vec![hostile_link()],
            ..departments()
        }],
        translations: Vec::new(),
    };
    let templates = templates();
    for page in [
        item(&templates, &site, &entry).unwrap(),
        topic(&templates, &site, &hostile_topic).unwrap(),
        home(&templates, &site, &home_page).unwrap(),
    ] {
        let html = Html::parse_document(&page);
        assert!(!page.contains("<script>"), "{page}");
        assert_keeps_its_head(&html, &page);
        assert_obeys_no_attribute(&html, &page);
        assert_eq!(text(&page, "h1"), [HOSTILE], "{page}");
    }

    let page = item(&templates, &site, &entry).unwrap();
    assert_eq!(text(&page, ".facts dd a"), [HOSTILE]);
    let documents = text(&page, "script[type='application/ld+json']");
    let document: serde_json::Value = serde_json::from_str(&documents[0]).unwrap();
    assert_eq!(document["headline"], HOSTILE);
    assert_eq!(document["publisher"]["name"], HOSTILE);
}

#[test]
fn links_that_could_run_a_script_are_left_out() {
    let entry = Entry {
        external_url: Some("javascript:alert(1)".to_owned()),
        image: Some(Image {
            url: "data:text/html,x".to_owned(),
            ..rich_entry().image.unwrap()
        }),
        enclosures: vec![Enclosure {
            url: "JavaScript:alert(1)".to_owned(),
            ..rich_entry().enclosures[0].clone()
        }],
        ..rich_entry()
    };
    let page = item(&templates(), &site(), &entry).unwrap();
    let lowered = page.to_lowercase();
    assert!(
        !lowered.contains("javascript:") && !lowered.contains("data:"),
        "{page}"
    );
    assert!(page.contains("rel=\"canonical\" href=\"https://news.example/news/2024/resilience/\""));
}

#[test]
fn an_item_page_names_who_issued_it_before_its_topics_and_only_its_own_tags() {
    let page = item(&templates(), &site(), &rich_entry()).unwrap();
    assert_eq!(
        text(&page, ".facts dt"),
        [
            "Issued on",
            "Issued by",
            "Fields of work",
            "Countries",
            "Meetings and conferences",
            "Updated",
        ]
    );
    let plain = item(&templates(), &site(), &plain_entry()).unwrap();
    assert_eq!(
        text(&plain, ".facts dd"),
        [
            "22 November 2024",
            "Transnational Threats Department",
            "Countering terrorism"
        ]
    );
}

#[test]
fn a_summary_that_opens_the_text_is_not_shown_twice() {
    let templates = templates();
    let plain = item(&templates, &site(), &plain_entry()).unwrap();
    assert!(text(&plain, ".lead").is_empty());
    let rich = item(&templates, &site(), &rich_entry()).unwrap();
    assert_eq!(text(&rich, ".lead"), [rich_entry().summary]);
}

#[test]
fn dates_are_shown_in_the_zone_of_the_site() {
    let entry = Entry {
        published: moment("2024-12-31T23:30:00Z"),
        updated: moment("2024-12-31T23:30:00Z"),
        ..plain_entry()
    };
    let page = item(&templates(), &site(), &entry).unwrap();
    assert!(
        page.contains("<time datetime=\"2025-01-01T00:30:00+01:00\">1 January 2025</time>"),
        "{page}"
    );
}

#[test]
fn a_right_to_left_site_says_so() {
    let site = Site {
        language: "he".to_owned(),
        direction: "rtl",
        ..site()
    };
    let page = subscribe(&templates(), &site, "subscribe", &[], &[]).unwrap();
    assert!(page.contains("<html lang=\"he\" dir=\"rtl\">"), "{page}");
}

#[test]
fn a_directory_keeps_terms_with_items_and_what_stands_above_them() {
    use crate::taxonomy::{Facet, FacetId, Taxonomy, Term, fixture};
    let term = |slug: &str, parent: Option<u16>| Term {
        name: slug.to_uppercase(),
        parent: parent.map(TermId),
        closed: slug == "smm",
        ..fixture::term(FacetId(0), slug)
    };
    let taxonomy = Taxonomy {
        language: String::new(),
        facets: vec![Facet {
            issues: true,
            ..fixture::facet("department", 0..4)
        }],
        terms: vec![
            term("missions", None),
            term("smm", Some(0)),
            term("kyiv", Some(0)),
            term("empty", None),
        ],
    };
    let link = departments().facet;
    let directory = Directory::new(&taxonomy, FacetId(0), link, LanguageId::MAIN, |id| {
        let url = format!("{BASE}{}/", taxonomy.path(id));
        (usize::from(id.0 == 1) * 7, url)
    });
    assert_eq!(
        directory.topics,
        [TopicLink {
            name: "MISSIONS".to_owned(),
            url: None,
            items: 0,
            closed: false,
            children: vec![TopicLink {
                name: "SMM".to_owned(),
                url: Some("https://news.example/department/smm/".to_owned()),
                items: 7,
                closed: true,
                children: Vec::new(),
            }],
        }]
    );
}

#[test]
fn assets_are_the_embedded_ones_unless_replaced() {
    let own = Templates::new(vec![("style.css".to_owned(), "a{}".to_owned())], Tz::UTC).unwrap();
    let [css, icon] = ASSETS.map(|name| own.asset(name).unwrap());
    assert_eq!(css, "a{}");
    assert!(icon.starts_with("<svg"));
}

#[test]
fn an_item_at_another_depth_links_to_the_right_places_too() {
    let entry = Entry {
        path: "news/deep".to_owned(),
        url: format!("{BASE}news/deep/"),
        ..plain_entry()
    };
    let page = item(&templates(), &site(), &entry).unwrap();
    assert!(page.contains("href=\"../../subscribe/\""), "{page}");
    assert!(!page.contains("../../../"), "{page}");
}

#[test]
#[ignore = "a measurement: run it alone, with --nocapture"]
fn how_long_an_item_page_takes() {
    let (templates, site, mut entry) = (templates(), site(), rich_entry());
    entry.content = entry.content.repeat(12);
    let item_pages = ItemPages::new(&templates, &site).unwrap();
    let (start, times) = (Instant::now(), 2_000);
    for _ in 0..times {
        item_pages.render(&entry, &[]).unwrap();
    }
    println!("{:?} a page", start.elapsed() / times);
}
