//! From the catalog to documents: which files there are to publish, what each depends on, and
//! what they hold.
//!
//! A [`Unit`] is what is rendered at once: an item's page, a topic's page with its feeds. Its
//! inputs are known by a fingerprint, so that a unit whose inputs are the same is not rendered
//! again. Reads contents from the store and writes nothing.

mod addresses;
mod archives;
mod entries;
mod everything;
mod feeds;
mod inputs;
mod issues;
mod languages;
pub mod on_demand;
mod pages;
mod pictures;
mod render;
mod sitemaps;
mod tombstones;
pub mod topic;
mod unit;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use crate::catalog::store::Contents;
use crate::catalog::{Catalog, Stat};
use crate::digest::archive::Edition;
use crate::page::{self, ItemPages};
use crate::setup::Setup;

pub use archives::{Archives, Page};
pub use entries::EntryCache;
pub use pages::{site, sites};
pub use render::Document;
pub use sitemaps::Sitemap;
pub use tombstones::Tombstones;
pub use unit::{Unit, item_path};

/// Makes documents of what a newsroom holds in memory and on the disk.
pub struct Publisher<'a> {
    /// Configuration and templates.
    pub setup: &'a Setup,
    /// What time it is: sitemaps of news forget what is older than two days.
    pub now: DateTime<Utc>,
    /// The items.
    pub catalog: &'a Catalog,
    /// Their contents.
    pub contents: &'a Contents,
    /// The newsroom's files that are not items.
    pub files: &'a HashMap<Arc<str>, Stat>,
    /// The issues composed so far, by the digest's place in the config, oldest first.
    pub editions: &'a [Vec<Edition>],
    /// What of each feed is sealed in archives.
    pub archives: &'a Archives,
    /// What is gone.
    pub tombstones: &'a Tombstones,
    /// Entries made before.
    pub cache: &'a EntryCache,
    /// The part that all pages of a language share, by its number.
    pub sites: &'a [page::Site],
    /// What the pages of items in a language share; made with the first of them.
    pub item_pages: Vec<OnceLock<ItemPages<'a>>>,
}
