//! HTML pages: home, facet, topic, item, how to subscribe, gone, not found.
//!
//! Pure: the site, what the page shows and the [`Templates`] in, HTML out. All words that people
//! read stand in the templates; this room only prepares the values for them. Where the pages are
//! written is the pipeline's to say, so that every address is handed in.

mod build;
mod check;
mod directory;
mod item;
mod json_ld;
mod site;
pub mod subscriptions;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::diagnostic::Problem;
use crate::entry::{Entry, Translation};
use crate::template::Templates;

pub use build::{Build, Built, Choice, ChoiceGroup, build};
pub use check::check;
pub use directory::{Directory, TopicLink};
pub use item::ItemPages;
pub use site::{FacetLink, FeedLink, LanguageChoice, LanguageLink, Link, Page, Site};

use view::Teaser;

/// The names of the files that all pages link to, at the root of the site.
pub const ASSETS: [&str; 2] = ["style.css", ICON];

/// The icon that pages name.
pub const ICON: &str = "icon.svg";

/// Where browsers and feed readers look for an icon that nothing tells them of.
pub const FAVICON: &str = "favicon.ico";

/// What they find there where nobody replaces our icon: `icon.svg`, 32 pixels wide.
pub const FAVICON_BYTES: &[u8] = include_bytes!("favicon.ico");

/// Where `security.txt` stands (RFC 9116, section 3).
pub const SECURITY: &str = ".well-known/security.txt";

/// What the home page shows.
#[derive(Debug, Clone)]
pub struct Home {
    /// The newest items, newest first.
    pub newest: Vec<Arc<Entry>>,
    /// The topics of every facet.
    pub facets: Vec<Directory>,
    /// The home pages of all languages; none where the site has one alone.
    pub translations: Vec<Translation>,
}

/// What the page of a term, of a pair of terms or of a selection shows.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Plain text: `Countering terrorism`.
    pub title: String,
    /// What it is about, plain text.
    pub description: Option<String>,
    /// The path of the page below the site's root, without slashes at either end:
    /// `field-of-work/countering-terrorism`.
    pub path: String,
    /// The pages above it, from the top, without the home page: the facet, the parent terms.
    pub parents: Vec<Link>,
    /// The terms below it.
    pub children: Vec<TopicLink>,
    /// Terms of other facets that share items with it, linked to the page of both, by facet.
    pub related: Vec<Directory>,
    /// Whether it is history.
    pub closed: bool,
    /// The terms that took its place.
    pub replaced_by: Vec<TopicLink>,
    /// The same page in each language that has it; none where it is alone.
    pub translations: Vec<Translation>,
    /// Its feeds.
    pub feeds: Vec<FeedLink>,
    /// Its newest items, newest first.
    pub newest: Vec<Arc<Entry>>,
    /// How many items it has in all.
    pub total: usize,
}

/// A feed in all its formats, as the page on subscribing offers it.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// Plain text.
    pub title: String,
    /// The page with the same items, an absolute URL.
    pub url: String,
    /// The feed in each of its formats.
    pub feeds: Vec<FeedLink>,
}

/// Offers under one heading.
#[derive(Debug, Clone, Serialize)]
pub struct OfferGroup {
    /// The heading: the facet's plural name.
    pub name: String,
    /// The offers, in the order in which they are shown.
    pub offers: Vec<Offer>,
}

/// The home page: the newest items, and every facet with its topics.
///
/// # Errors
///
/// The template, or one that it includes, is wrong; so it is with all pages.
pub fn home(templates: &Templates, site: &Site, home: &Home) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
        newest: Vec<Teaser<'a>>,
        facets: &'a [Directory],
    }
    let path = site.path_below(&site.home);
    let context = Context {
        site,
        page: Page::new(site, path, &site.title, &site.description)
            .translated(site, &home.translations),
        newest: teasers(&home.newest),
        facets: &home.facets,
    };
    templates.render("home.html", &context)
}

/// The page of a facet: all its topics.
///
/// # Errors
///
/// See [`home()`].
pub fn facet(
    templates: &Templates,
    site: &Site,
    directory: &Directory,
    translations: &[Translation],
) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
        facet: &'a Directory,
    }
    let path = site.path_below(&directory.facet.url);
    let context = Context {
        site,
        page: Page::new(site, path, &directory.facet.plural, "").translated(site, translations),
        facet: directory,
    };
    templates.render("facet.html", &context)
}

/// The page of a term, of a pair of terms or of a selection: its feeds and its newest items.
///
/// # Errors
///
/// See [`home()`].
pub fn topic(templates: &Templates, site: &Site, topic: &Topic) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
        topic: View<'a>,
    }
    #[derive(Serialize)]
    struct View<'a> {
        title: &'a str,
        description: Option<&'a str>,
        parents: &'a [Link],
        children: &'a [TopicLink],
        related: &'a [Directory],
        closed: bool,
        replaced_by: &'a [TopicLink],
        feeds: &'a [FeedLink],
        newest: Vec<Teaser<'a>>,
        shown: usize,
        total: usize,
        complete: bool,
    }
    let description = topic.description.as_deref();
    let mut page = Page::new(site, &topic.path, &topic.title, description.unwrap_or(""))
        .translated(site, &topic.translations);
    // Readers take the first.
    page.feeds.splice(..0, topic.feeds.iter().cloned());
    let view = View {
        title: &topic.title,
        description,
        parents: &topic.parents,
        children: &topic.children,
        related: &topic.related,
        closed: topic.closed,
        replaced_by: &topic.replaced_by,
        feeds: &topic.feeds,
        newest: teasers(&topic.newest),
        shown: topic.newest.len(),
        total: topic.total,
        complete: topic.newest.len() >= topic.total,
    };
    let context = Context {
        site,
        page,
        topic: view,
    };
    templates.render("topic.html", &context)
}

/// The page that explains what a feed is and how to subscribe, with the feeds on offer. `path` is
/// where it stands below the site's root: `subscribe`.
///
/// # Errors
///
/// See [`home()`].
pub fn subscribe(
    templates: &Templates,
    site: &Site,
    path: &str,
    groups: &[OfferGroup],
    translations: &[Translation],
) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
        groups: &'a [OfferGroup],
    }
    let context = Context {
        site,
        page: Page::new(site, path, "", "").translated(site, translations),
        groups,
    };
    templates.render("subscribe.html", &context)
}

/// What is said in the place of an item that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its page's path below the site's root, without slashes at either end: `news/2024/slug`.
    pub path: String,
    /// Since when it is gone.
    pub gone: DateTime<Utc>,
    /// Who took it back, plain text.
    pub by: String,
    /// Why, plain text.
    pub reason: Option<String>,
}

/// The page that stands in the place of an item that is gone. It says nothing of the item, which
/// was perhaps taken back for what its very title says; and that in every language of the site,
/// since nobody knows any more in which the item was.
///
/// # Errors
///
/// See [`home()`].
pub fn gone(templates: &Templates, site: &Site, notice: &Notice) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
        notice: View<'a>,
        others: Vec<&'a LanguageLink>,
    }
    #[derive(Serialize)]
    struct View<'a> {
        gone: DateTime<Utc>,
        by: &'a str,
        reason: Option<&'a str>,
    }
    let context = Context {
        site,
        page: Page::new(site, &notice.path, "", ""),
        notice: View {
            gone: notice.gone,
            by: &notice.by,
            reason: notice.reason.as_deref(),
        },
        others: site.other_languages().collect(),
    };
    templates.render("gone.html", &context)
}

/// The page that leads from an old address to the new one, for web servers that do not know of
/// it. `path` is the old one below the site's root, `to` the new one, an absolute URL.
///
/// # Errors
///
/// See [`home()`].
pub fn moved(templates: &Templates, site: &Site, path: &str, to: &str) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
    }
    let mut page = Page::new(site, path, "", "");
    page.canonical = to.to_owned();
    templates.render("moved.html", &Context { site, page })
}

/// The page for addresses where nothing is. It may be shown at any depth, so that its links go
/// by the path of the site's base URL; and to readers of any language, so that it speaks all that
/// the site has.
///
/// # Errors
///
/// See [`home()`].
pub fn not_found(templates: &Templates, site: &Site) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
        others: Vec<&'a LanguageLink>,
    }
    let mut page = Page::new(site, "404", "", "");
    page.root = site.base_path().to_owned();
    // It stands in for many addresses, and has none of its own.
    page.canonical.clear();
    let context = Context {
        site,
        page,
        others: site.other_languages().collect(),
    };
    templates.render("not_found.html", &context)
}

fn teasers(entries: &[Arc<Entry>]) -> Vec<Teaser<'_>> {
    entries.iter().map(|entry| Teaser::new(entry)).collect()
}
