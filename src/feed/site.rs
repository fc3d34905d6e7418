//! What all feeds of a site have in common.

use chrono::DateTime;

use super::{Chain, Feed};
use crate::config::{Feeds, Site};

/// A feed of the site in its main language, without a name, an address or entries of its own yet.
pub fn of_site(site: &Site, feeds: &Feeds) -> Feed {
    let own_icon = || format!("{}icon.svg", site.base_url);
    Feed {
        id: String::new(),
        title: String::new(),
        description: String::new(),
        home: site.base_url.to_string(),
        language: site.language.clone(),
        translations: Vec::new(),
        timezone: site.timezone,
        updated: DateTime::UNIX_EPOCH,
        chain: Chain::default(),
        entries: Vec::new(),
        tombstones: Vec::new(),
        full_text: feeds.full_text,
        formats: feeds.formats.clone(),
        related: Vec::new(),
        publisher: site.title.clone(),
        contact: site.contact.clone(),
        rights: site.rights.clone(),
        icon: Some(
            site.icon
                .as_ref()
                .map_or_else(own_icon, ToString::to_string),
        ),
        logo: site.logo.as_ref().map(ToString::to_string),
        ttl: feeds.ttl,
        hubs: Vec::new(),
        on_demand: None,
    }
}
