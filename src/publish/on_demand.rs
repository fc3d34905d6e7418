//! Feeds that nobody configured: any selection, when somebody asks for it.
//!
//! The selection comes in its normal form, so that what follows from it (the feed's id, its
//! address) is the same however somebody wrote it.

use url::Url;

use super::{Publisher, entries};
use crate::catalog::{Number, matches};
use crate::diagnostic::Problem;
use crate::feed::{Chain, Feed, Format, RelatedLink};
use crate::selection::Selection;

/// The path of feeds on demand, below the site's root.
pub const FEED_PATH: &str = "feed";

/// The path of the page on which people put feeds together, below the site's root.
pub const BUILD_PATH: &str = "build/";

/// The address of the feed of a selection, without its format.
fn address(base_url: &Url, selection: &str) -> String {
    format!("{base_url}{FEED_PATH}?select={}", encode(selection))
}

/// The one address of the feed of a selection (its text in normal form) in a format.
pub fn feed_url(base_url: &Url, selection: &str, format: Format) -> String {
    format!("{}&format={}", address(base_url, selection), format.word())
}

/// The page that shows the newest entries of a selection.
pub fn build_url(base_url: &Url, selection: &str) -> String {
    format!("{base_url}{BUILD_PATH}?select={}", encode(selection))
}

/// A text as a value of a form, as readable as RFC 3986, section 3.4 allows: what selections are
/// made of stays, and a space becomes `+`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.~:()*".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

impl Publisher<'_> {
    /// The items that a selection has, newest first. Looks at every item.
    pub fn selected(&self, selection: &Selection) -> Vec<Number> {
        let config = &self.setup.config;
        let mut items: Vec<Number> = self
            .catalog
            .records()
            .filter(|(_, record)| matches(config, record, selection))
            .map(|(number, _)| number)
            .collect();
        self.catalog.sort_newest_first(&mut items);
        items
    }

    /// The feed of a selection in normal form, of its newest items.
    ///
    /// # Errors
    /// When a content cannot be read back.
    pub fn feed_on_demand(&self, selection: &Selection) -> Result<Feed, Problem> {
        let config = &self.setup.config;
        let site = &config.site;
        let mut items = self.selected(selection);
        items.truncate(config.feeds.limit);
        let entries = self.entries_of(&items)?;
        let words = selection.words(&config.taxonomy);
        Ok(Feed {
            id: format!(
                "tag:{}:{FEED_PATH}?select={}",
                site.tag_authority,
                encode(&selection.text)
            ),
            title: format!("{words} – {}", site.title),
            description: format!("{words}: news from {}.", site.title),
            home: build_url(&site.base_url, &selection.text),
            language: site.language.clone(),
            timezone: site.timezone,
            updated: entries::last_updated(&entries),
            chain: Chain::default(),
            entries,
            tombstones: Vec::new(),
            translations: Vec::new(),
            full_text: config.feeds.full_text,
            formats: Format::ALL.to_vec(),
            related: vec![RelatedLink {
                url: site.base_url.to_string(),
                title: site.title.clone(),
            }],
            publisher: site.title.clone(),
            contact: site.contact.clone(),
            rights: site.rights.clone(),
            icon: Some(
                site.icon
                    .as_ref()
                    .map_or_else(|| format!("{}icon.svg", site.base_url), ToString::to_string),
            ),
            logo: site.logo.as_ref().map(ToString::to_string),
            ttl: config.feeds.ttl,
            // Hubs are told of files alone.
            hubs: Vec::new(),
            on_demand: Some(address(&site.base_url, &selection.text)),
        })
    }
}
