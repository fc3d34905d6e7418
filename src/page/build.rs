//! The page on which people put a feed together: terms to tick, and the feed that comes of it.

use std::sync::Arc;

use serde::Serialize;

use super::view::Teaser;
use super::{FeedLink, Page, Site};
use crate::diagnostic::Problem;
use crate::entry::{Entry, Translation};
use crate::template::Templates;

/// Something to tick or to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What the form sends: `country:albania`, `ru`, `atom`.
    pub value: String,
    /// Plain text.
    pub name: String,
    /// How many items there are with it; `None` where that says nothing.
    pub items: Option<usize>,
    /// How many terms stand above it.
    pub depth: usize,
    /// Whether it is ticked.
    pub checked: bool,
}

/// Things to tick that belong together: any of them is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChoiceGroup {
    /// The heading, plain text: `Countries`.
    pub name: String,
    /// What the form calls them: `term`, `language`, `type`.
    pub parameter: &'static str,
    /// The choices, in order.
    pub choices: Vec<Choice>,
    /// Whether any is ticked.
    pub open: bool,
}

/// The feed that comes of what was ticked.
#[derive(Debug, Clone)]
pub struct Built {
    /// What it holds, in words.
    pub words: String,
    /// The selection in normal form.
    pub selection: String,
    /// The feed in the chosen format.
    pub feed: FeedLink,
    /// The feed in every format.
    pub feeds: Vec<FeedLink>,
    /// Its newest items, newest first.
    pub newest: Vec<Arc<Entry>>,
    /// How many items there are in all.
    pub total: usize,
}

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct Build {
    /// What there is to tick.
    pub groups: Vec<ChoiceGroup>,
    /// The formats to choose from.
    pub formats: Vec<Choice>,
    /// The selection as it was written by hand, where it was.
    pub written: Option<String>,
    /// The feed, once something was chosen.
    pub built: Option<Built>,
    /// Why there is none, plain text of several lines.
    pub error: Option<String>,
    /// The same page in every language; none where the site has one alone.
    pub translations: Vec<Translation>,
}

/// The page on which people put a feed together. `path` is where it stands below the site's root.
///
/// # Errors
///
/// See [`super::home()`].
pub fn build(
    templates: &Templates,
    site: &Site,
    path: &str,
    build: &Build,
) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Context<'a> {
        site: &'a Site,
        page: Page,
        groups: &'a [ChoiceGroup],
        formats: &'a [Choice],
        written: Option<&'a str>,
        error: Option<&'a str>,
        built: Option<View<'a>>,
    }
    #[derive(Serialize)]
    struct View<'a> {
        words: &'a str,
        selection: &'a str,
        feed: &'a FeedLink,
        feeds: &'a [FeedLink],
        newest: Vec<Teaser<'a>>,
        total: usize,
    }
    let mut page = Page::new(site, path, "", "").translated(site, &build.translations);
    if let Some(built) = &build.built {
        page.feeds.clone_from(&built.feeds);
    }
    let context = Context {
        site,
        page,
        groups: &build.groups,
        formats: &build.formats,
        written: build.written.as_deref(),
        error: build.error.as_deref(),
        built: build.built.as_ref().map(|built| View {
            words: &built.words,
            selection: &built.selection,
            feed: &built.feed,
            feeds: &built.feeds,
            newest: super::teasers(&built.newest),
            total: built.total,
        }),
    };
    templates.render("build.html", &context)
}
