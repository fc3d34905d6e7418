//! The items of the newsroom as they are published, for answers that no file holds.
//!
//! Read from the catalog that the publishing process writes, in this process or another, and
//! never written. What was appended is read on at most once a second; what is the same costs a
//! look at one file.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use chrono::DateTime;

use crate::catalog::store::{Followed, Follower};
use crate::catalog::{Catalog, Stat};
use crate::config::Config;
use crate::language::LanguageId;
use crate::page;
use crate::publish::{Archives, EntryCache, Publisher, Tombstones};
use crate::setup::Setup;
use crate::taxonomy::TermId;
use crate::taxonomy::slug::slug;

/// How often it is looked whether something was published.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is published of a newsroom.
pub struct Items {
    root: PathBuf,
    current: RwLock<Option<Current>>,
    looked: Mutex<Option<Instant>>,
}

/// The newsroom at one moment.
pub struct Current {
    setup: Setup,
    catalog: Catalog,
    follower: Follower,
    files: HashMap<Arc<str>, Stat>,
    cache: EntryCache,
    sites: Vec<page::Site>,
    archives: Archives,
    tombstones: Tombstones,
    counts: OnceLock<Counts>,
    /// Grows whenever something is published.
    version: u64,
}

/// How many live items there are of each sort.
#[derive(Debug, Default)]
pub struct Counts {
    /// By term.
    pub terms: BTreeMap<TermId, usize>,
    /// By language, a BCP 47 tag in lower case.
    pub languages: BTreeMap<String, usize>,
    /// By type as a slug, with its name.
    pub kinds: BTreeMap<String, (String, usize)>,
}

impl Counts {
    fn of(config: &Config, catalog: &Catalog) -> Counts {
        let mut counts = Counts::default();
        for (_, record) in catalog.records() {
            if record.identity().is_none() {
                continue;
            }
            for tag in &record.terms {
                *counts.terms.entry(tag.term).or_default() += 1;
            }
            let language = record.language.as_deref().unwrap_or(&config.site.language);
            let language = language.to_ascii_lowercase();
            *counts.languages.entry(language).or_default() += 1;
            if let Some(kind) = &record.kind {
                let known = counts
                    .kinds
                    .entry(slug(kind))
                    .or_insert_with(|| (kind.to_string(), 0));
                known.1 += 1;
            }
        }
        counts
    }
}

impl Current {
    /// Another number after every publish.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Configuration and templates.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The items.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// What all pages in a language share: in the main one where the site has lost that one
    /// since.
    pub fn site(&self, language: LanguageId) -> &page::Site {
        let own = self.sites.get(usize::from(language.0));
        own.unwrap_or(&self.sites[0])
    }

    /// How many items there are to tick, counted once after every publish.
    pub fn counts(&self) -> &Counts {
        self.counts
            .get_or_init(|| Counts::of(&self.setup.config, &self.catalog))
    }

    /// What makes entries of items.
    pub fn publisher(&self) -> Publisher<'_> {
        Publisher {
            setup: &self.setup,
            // Entries and feeds know no clock.
            now: DateTime::UNIX_EPOCH,
            catalog: &self.catalog,
            contents: self.follower.contents(),
            files: &self.files,
            editions: &[],
            archives: &self.archives,
            tombstones: &self.tombstones,
            cache: &self.cache,
            sites: &self.sites,
            item_pages: self.sites.iter().map(|_| OnceLock::new()).collect(),
        }
    }
}

impl Items {
    /// Those of the newsroom in `root`; nothing is read yet.
    pub fn new(root: &Path) -> Items {
        Items {
            root: root.to_owned(),
            current: RwLock::new(None),
            looked: Mutex::new(None),
        }
    }

    /// The newsroom as it is published now; blocks while it is read.
    ///
    /// # Errors
    /// When nothing was published yet, or it cannot be read, in words.
    pub fn current(&self) -> Result<RwLockReadGuard<'_, Option<Current>>, String> {
        if self.is_time() {
            self.refresh()?;
        }
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(_) => Ok(current),
            None => Err("nothing has been published yet".to_owned()),
        }
    }

    /// Whether nobody looked lately.
    fn is_time(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = looked.is_none_or(|looked| looked.elapsed() >= LOOK_EVERY);
        if is_time {
            *looked = Some(Instant::now());
        }
        is_time
    }

    fn refresh(&self) -> Result<(), String> {
        let failed = |error: io::Error| format!("the catalog cannot be read: {error}");
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let version = match &mut *current {
            None => 0,
            Some(known) => match known.follower.follow().map_err(failed)? {
                Followed::Changed(changed, gone) => {
                    if !changed.is_empty() || !gone.is_empty() {
                        known.catalog.apply(&known.setup.config, changed, &gone);
                        known.files = files(&known.setup.root, &known.catalog);
                        known.counts = OnceLock::new();
                        known.version += 1;
                    }
                    return Ok(());
                }
                Followed::Replaced => known.version + 1,
            },
        };
        if let Some(fresh) = self.open(version)? {
            *current = Some(fresh);
        }
        Ok(())
    }

    /// The newsroom read anew; `None` where nothing was published under the present configuration
    /// yet: what is known of it then still holds.
    fn open(&self, version: u64) -> Result<Option<Current>, String> {
        let setup = Setup::load(&self.root)
            .map_err(|_| "the configuration is wrong; see `tidings check`".to_owned())?;
        let opened = Follower::open(&setup.state_folder())
            .map_err(|error| format!("the catalog cannot be read: {error}"))?;
        let Some((follower, records)) = opened else {
            return Ok(None);
        };
        // Terms are numbers in records: those of another configuration mean something else.
        if *follower.settings() != setup.settings {
            return Ok(None);
        }
        let catalog = Catalog::load(&setup.config, records);
        Ok(Some(Current {
            files: files(&setup.root, &catalog),
            sites: crate::publish::sites(&setup.config),
            archives: Archives::default(),
            tombstones: Tombstones::default(),
            cache: EntryCache::default(),
            counts: OnceLock::new(),
            version,
            catalog,
            follower,
            setup,
        }))
    }
}

/// The files that items point at: their sizes stand in entries.
fn files(root: &Path, catalog: &Catalog) -> HashMap<Arc<str>, Stat> {
    let paths = catalog.special().flat_map(|(_, record)| &record.files);
    paths
        .filter_map(|path| {
            let size = fs::metadata(root.join(&**path)).ok()?.len();
            let stat = Stat {
                size,
                ..Stat::default()
            };
            Some((Arc::from(&**path), stat))
        })
        .collect()
}
