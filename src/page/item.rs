//! The pages of items. There may be a hundred thousand of them, so that what they share is made
//! once.

use serde::Serialize;

use super::site::{FeedLink, LanguageLink, Page, Site};
use super::view::Article;
use crate::diagnostic::Problem;
use crate::entry::{Entry, Translation};
use crate::template::Templates;

/// Makes the pages of items.
pub struct ItemPages<'a> {
    templates: &'a Templates,
    site: &'a Site,
    /// The page of an item without anything of the item.
    blank: Page,
}

impl<'a> ItemPages<'a> {
    /// Makes what the pages of all items share.
    ///
    /// # Errors
    ///
    /// See [`super::home()`].
    pub fn new(templates: &'a Templates, site: &'a Site) -> Result<ItemPages<'a>, Problem> {
        #[derive(Serialize)]
        struct Context<'a> {
            site: &'a Site,
            page: &'a Page,
        }
        let mut blank = Page::new(site, "news/year/slug", "", "");
        let context = Context { site, page: &blank };
        let header = templates.render("partials/header.html", &context)?;
        let footer = templates.render("partials/footer.html", &context)?;
        blank.header = Some(header.trim_end().to_owned());
        blank.footer = Some(footer.trim_end().to_owned());
        Ok(ItemPages {
            templates,
            site,
            blank,
        })
    }

    /// The page of one item, which is to be had in these languages.
    ///
    /// # Errors
    ///
    /// See [`super::home()`].
    pub fn render(&self, entry: &Entry, translations: &[Translation]) -> Result<String, Problem> {
        #[derive(Serialize)]
        struct Context<'a> {
            site: &'a Site,
            page: Page,
            item: Article<'a>,
            /// The item in other languages.
            translations: Vec<LanguageLink>,
        }
        let item = Article::new(entry, self.site);
        let mut page = Page::new(self.site, &entry.path, &entry.title, &entry.summary)
            .translated(self.site, translations);
        page.canonical = item.canonical.to_owned();
        page.feeds.splice(..0, topic_feeds(entry, self.site));
        page.image = item.picture.map(|image| image.url.clone());
        // A header made for another depth would link to the wrong places.
        if page.root == self.blank.root {
            page.header.clone_from(&self.blank.header);
            page.footer.clone_from(&self.blank.footer);
        }
        let others = translations
            .iter()
            .filter(|translation| translation.url != entry.url);
        let translations = others.map(LanguageLink::of).collect();
        let site = self.site;
        self.templates.render(
            "item.html",
            &Context {
                site,
                page,
                item,
                translations,
            },
        )
    }
}

/// The feeds of the topics that an item bears itself, in the first of the site's formats: more
/// would make the choice that readers offer a long one.
fn topic_feeds(entry: &Entry, site: &Site) -> Vec<FeedLink> {
    let first = site.feeds.first();
    let name = first.and_then(|feed| feed.url.strip_prefix(&site.home));
    let (Some(first), Some(name)) = (first, name) else {
        return Vec::new();
    };
    let has_feeds = |key: &str| site.facets.iter().any(|facet| facet.key == key);
    let topics = entry.categories.iter();
    topics
        .filter(|topic| topic.direct && has_feeds(&topic.facet))
        .map(|topic| FeedLink {
            title: topic.label.clone(),
            url: format!("{}{name}", topic.url),
            ..first.clone()
        })
        .collect()
}
