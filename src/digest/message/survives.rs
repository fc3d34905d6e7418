//! Whether the mails that come with Tidings survive the programs that show them.
//!
//! What Outlook for Windows (which sets HTML with Word's engine), Gmail and Apple Mail support is
//! written down here once, as lists of what may stand in a mail. Whatever is not on them is a
//! mistake, or needs a reason and a line here.

mod colours;

use std::sync::Arc;

use scraper::{ElementRef, Html, Selector};

use super::*;
use crate::config::Utm;
use crate::digest::compose::compose;
use crate::digest::opening::Opening;
use crate::digest::samples::{digest, entries, entry, site, taxonomy, templates, week};

/// Elements, each with the attributes that it may have beside `class`, `style`, `lang` and `dir`.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("html", &["xmlns:o"]),
    ("head", &[]),
    ("meta", &["charset", "name", "content"]),
    ("title", &[]),
    ("style", &[]),
    ("body", &["bgcolor"]),
    (
        "div",
        &["role", "aria-hidden", "aria-label", "aria-roledescription"],
    ),
    (
        "table",
        &[
            "role",
            "width",
            "cellpadding",
            "cellspacing",
            "border",
            "bgcolor",
        ],
    ),
    ("tbody", &[]),
    ("tr", &[]),
    ("td", &["align"]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("p", &[]),
    ("a", &["href"]),
    ("img", &["src", "alt", "width", "height", "border"]),
    ("span", &[]),
    ("strong", &[]),
    // What an editor may write in Markdown.
    ("em", &[]),
    ("ul", &[]),
    ("ol", &[]),
    ("li", &[]),
    ("br", &[]),
];

/// Properties that all three programs know, and those that one ignores without harm.
const PROPERTIES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-top",
    "color",
    "font-family",
    "font-size",
    "font-weight",
    "line-height",
    "margin",
    "padding",
    "padding-top",
    "text-decoration",
    "width",
    // Outlook goes by the attribute `align`, which stands beside each.
    "text-align",
    // Outlook goes by a table of its own, 600 wide, and by the attributes of pictures.
    "max-width",
    "height",
    "border-collapse",
    "border-spacing",
    "-webkit-text-size-adjust",
    // The preheader, hidden in every way that there is.
    "display",
    "max-height",
    "overflow",
    "opacity",
    "mso-hide",
];

/// Gmail drops a style element that is longer.
const STYLE_LIMIT: usize = 8_192;
/// Gmail cuts what is longer.
const CLIPPED_ABOVE: usize = 102 * 1024;

fn links() -> PersonalLinks {
    PersonalLinks {
        preferences: "https://tidings.invalid/preferences".to_owned(),
        unsubscribe: "https://tidings.invalid/unsubscribe".to_owned(),
    }
}

/// An issue with all that may stand in one.
fn full() -> Issue {
    let mut issue = compose(&digest(), &taxonomy(), &site(), &week(), entries()).unwrap();
    let markdown = "## From the press office\n\nThe *annual* report is [out](/report/).\n\n- **first**\n- second";
    issue.opening = Opening::new(markdown, &site().base_url);
    issue.headline = Some(issue.groups[0].entries.remove(0));
    // What a subscriber chose, which has no page.
    issue.groups[1].url = None;
    issue.groups[1].anchor = None;
    issue
}

fn bodies_of(issue: &Issue, addressed: Addressed<'_>) -> Bodies {
    bodies(&digest(), issue, &site(), &templates(), addressed).unwrap()
}

fn for_a_subscriber(issue: &Issue) -> Bodies {
    let links = links();
    let addressed = Addressed {
        links: Some(&links),
        embed: false,
    };
    bodies_of(issue, addressed)
}

fn quiet() -> Issue {
    compose(&digest(), &taxonomy(), &site(), &week(), Vec::new()).unwrap()
}

fn without_groups() -> Issue {
    let digest = Digest {
        group_by: None,
        ..digest()
    };
    compose(&digest, &taxonomy(), &site(), &week(), entries()).unwrap()
}

fn pages() -> Vec<Html> {
    [full(), quiet(), without_groups()]
        .iter()
        .map(|issue| Html::parse_document(&for_a_subscriber(issue).html))
        .collect()
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

#[test]
fn the_mail_with_all_that_may_stand_in_it() {
    let bodies = for_a_subscriber(&full());
    insta::assert_snapshot!("full_html", bodies.html);
    insta::assert_snapshot!("full_text", bodies.text);
}

#[test]
fn only_elements_and_attributes_that_mail_programs_know() {
    for page in pages() {
        for element in page.root_element().descendent_elements() {
            let name = element.value().name();
            let known = ELEMENTS.iter().find(|(known, _)| *known == name);
            let (_, attributes) = known.unwrap_or_else(|| panic!("<{name}>"));
            for (attribute, _) in element.value().attrs() {
                let is_known = ["class", "style", "lang", "dir"].contains(&attribute)
                    || attributes.contains(&attribute);
                assert!(is_known, "<{name} {attribute}>");
            }
        }
    }
}

#[test]
fn only_styles_that_mail_programs_know() {
    for page in pages() {
        for element in page.root_element().descendent_elements() {
            for (property, value) in declarations(element.attr("style").unwrap_or_default()) {
                assert!(PROPERTIES.contains(&property), "{property}: {value}");
                let is_plain = !["calc(", "var(", "url(", "flex", "grid", "!important"]
                    .iter()
                    .any(|word| value.contains(word));
                assert!(is_plain, "{property}: {value}");
            }
        }
        for element in select(&page, "td[style*='text-align']") {
            assert!(element.attr("align").is_some(), "{:?}", element.value());
        }
    }
}

#[test]
fn what_stays_in_the_style_element_is_short_and_simple() {
    for page in pages() {
        let styles = select(&page, "style");
        assert_eq!(styles.len(), 1);
        let css: String = styles[0].text().collect();
        assert!(css.len() < STYLE_LIMIT, "{}", css.len());
        // Gmail drops the whole element for what it does not know.
        for word in ["@import", "@font-face", "url(", "[", "*", ":not", ">"] {
            assert!(!css.contains(word), "{word}: {css}");
        }
    }
}

#[test]
fn outlook_gets_a_table_of_fixed_width_and_pictures_at_their_size() {
    let html = for_a_subscriber(&full()).html;
    let opened = html.matches("<!--[if mso]>").count();
    assert_eq!(opened, html.matches("<![endif]-->").count());
    assert!(html.contains("<td width=\"600\"><![endif]-->"), "{html}");
    assert!(html.contains("<o:PixelsPerInch>96</o:PixelsPerInch>"));
}

#[test]
fn gmail_does_not_clip_even_the_longest_mail() {
    let many = (0..900).map(|number| {
        let title = format!("{number}: {}", "long ".repeat(40));
        Arc::new(entry(&format!("entry-{number}"), &title, &[0]))
    });
    let digest = Digest {
        group_limit: 1_000,
        utm: Some(Utm {
            source: Some("newsletter".to_owned()),
            medium: Some("email".to_owned()),
            campaign: Some("{digest}-{period}".to_owned()),
        }),
        ..digest()
    };
    let issue = compose(&digest, &taxonomy(), &site(), &week(), many.collect()).unwrap();
    let links = links();
    let addressed = Addressed {
        links: Some(&links),
        embed: false,
    };
    let bodies = bodies(&digest, &issue, &site(), &templates(), addressed).unwrap();
    // A reader's own links are up to half a kilobyte each.
    assert!(bodies.html.len() + 1_024 < CLIPPED_ABOVE);
    assert!(bodies.html.contains("utm_campaign=weekly-2024-W47"));
    assert!(bodies.omitted > 0);
}

#[test]
fn headings_are_in_order_below_one_title() {
    for page in pages() {
        let levels: Vec<u32> = select(&page, "h1, h2, h3, h4, h5, h6")
            .iter()
            .map(|heading| heading.value().name()[1..].parse().unwrap())
            .collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert_eq!(levels[0], 1);
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{levels:?}");
        }
    }
}

#[test]
fn it_can_be_heard() {
    for page in pages() {
        let root = page.root_element();
        assert_eq!(
            (root.attr("lang"), root.attr("dir")),
            (Some("en"), Some("ltr"))
        );
        for table in select(&page, "table") {
            assert_eq!(table.attr("role"), Some("presentation"));
        }
        for link in select(&page, "a") {
            let words: String = link.text().collect();
            let alt = link
                .descendent_elements()
                .find_map(|element| element.attr("alt"));
            let says = format!("{words}{}", alt.unwrap_or_default());
            assert!(says.trim().chars().count() > 2, "{:?}", link.html());
        }
        // Programs show a mail inside a page of their own, without its html element.
        let article = &select(&page, "[role=article]")[0];
        assert_eq!(article.attr("lang"), Some("en"));
        assert_eq!(article.attr("aria-roledescription"), Some("email"));
        assert!(article.attr("aria-label").is_some());
    }
}

#[test]
fn it_is_read_in_the_order_of_the_issue() {
    let page = &pages()[0];
    let text: String = page.root_element().text().collect();
    let mut at = text.find("supported").unwrap_or(0);
    for words in [
        "Weekly digest",
        "18–24 November 2024",
        "From the press office",
        "5 items",
        "Observers arrive",
        "Elections",
        "Nine voter registers",
        "Public procurement",
        "Other news",
        "The lamp",
        "Change what you receive",
        "Unsubscribe",
        "This mail does not tell us whether you read it",
    ] {
        let next = text[at..].find(words);
        at += next.unwrap_or_else(|| panic!("'{words}' does not follow in {text}"));
    }
}

#[test]
fn pictures_say_what_they_show_and_keep_their_place() {
    let page = &pages()[0];
    let images = select(page, "img");
    assert_eq!(images.len(), 1);
    assert_eq!(
        images[0].attr("alt"),
        Some("Observers with blue waistcoats before a polling station")
    );
    // 1200 by 800 in a column of 536.
    assert_eq!(images[0].attr("width"), Some("536"));
    assert_eq!(images[0].attr("height"), Some("357"));
    assert!(images[0].attr("src").unwrap().starts_with("https://"));
}

#[test]
fn nothing_tracks_and_links_lead_where_they_say() {
    let bodies = for_a_subscriber(&full());
    let page = Html::parse_document(&bodies.html);
    let allowed = [
        site().base_url.to_string(),
        "mailto:press@harbour.example".to_owned(),
    ];
    let links = links();
    for link in select(&page, "a") {
        let url = link.attr("href").unwrap();
        let is_allowed = allowed.iter().any(|start| url.starts_with(start.as_str()))
            || [links.preferences.as_str(), &links.unsubscribe].contains(&url);
        assert!(is_allowed && !url.contains("utm_"), "{url}");
    }
    for image in select(&page, "img") {
        let width: u32 = image.attr("width").unwrap().parse().unwrap();
        assert!(width > 1, "{}", image.html());
    }
    let promise = "its links lead straight to where they say";
    assert!(bodies.html.contains(promise) && bodies.text.contains("This mail does not tell us"));
}

#[test]
fn what_everybody_reads_has_no_readers_link() {
    let public = bodies_of(&full(), Addressed::default());
    for body in [&public.html, &public.text] {
        for word in [
            "Unsubscribe",
            "unsubscribe",
            "preferences",
            "Change what you receive",
        ] {
            assert!(!body.contains(word), "{word}: {body}");
        }
    }
    let own = for_a_subscriber(&full());
    for body in [&own.html, &own.text] {
        assert_eq!(body.matches(&links().preferences).count(), 1);
        assert_eq!(body.matches(&links().unsubscribe).count(), 1);
    }
}

#[test]
fn pictures_travel_along_where_the_digest_asks_for_it() {
    let addressed = Addressed {
        links: None,
        embed: true,
    };
    let bodies = bodies_of(&full(), addressed);
    let [picture] = &bodies.embedded[..] else {
        panic!("{:?}", bodies.embedded);
    };
    assert_eq!(picture.path.as_deref(), Some("observers.jpg"));
    let named = format!("src=\"cid:{}\"", picture.content_id());
    assert!(bodies.html.contains(&named), "{}", bodies.html);
    assert!(bodies_of(&full(), Addressed::default()).embedded.is_empty());
}

/// The declarations of a list, as they stand.
fn declarations(css: &str) -> impl Iterator<Item = (&str, &str)> {
    css.split(';').filter_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        Some((property.trim(), value.trim()))
    })
}
