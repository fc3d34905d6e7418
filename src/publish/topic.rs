//! Topics: their names, places, feeds and pages, and the pages that list them.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::archives::{Contents, Page};
use super::pages::facet_link;
use super::{Publisher, Unit, entries, tombstone_inputs};
use crate::catalog::{Number, Record, Subject, Topic, topics_of};
use crate::config::{Archiving, Config};
use crate::diagnostic::Problem;
use crate::entry::{Entry, Translation, from_milliseconds};
use crate::feed::{self, Chain, Feed, RelatedLink, Tombstone};
use crate::fingerprint::Fingerprint;
use crate::language::LanguageId;
use crate::ledger::TombstoneRecord;
use crate::page::{self, FacetLink, Link};
use crate::taxonomy::{FacetId, TermId};

/// The folder of a topic's files below the output's, without slashes at either end; empty for
/// that of everything.
pub fn folder(config: &Config, topic: Topic) -> String {
    let taxonomy = &config.taxonomy;
    let folder = match topic.subject {
        Subject::All => String::new(),
        Subject::Term(term) => taxonomy.path(term),
        Subject::Pair(first, second) => {
            format!("{}/{}", taxonomy.path(first), taxonomy.path(second))
        }
        Subject::Selection(number) => {
            format!("feeds/{}", config.selections[usize::from(number)].slug)
        }
    };
    below(&config.site.language(topic.language).folder, &folder)
}

/// The topic whose files stand in a folder, whether it has items or not.
pub(super) fn at_folder(config: &Config, path: &str) -> Option<Topic> {
    // The longest of the languages' folders that it lies in; the main one's may be empty.
    let languages = config.site.languages().filter_map(|(id, language)| {
        let rest = match &*language.folder {
            "" => path,
            own if own == path => "",
            own => path.strip_prefix(own)?.strip_prefix('/')?,
        };
        Some((language.folder.len(), id, rest))
    });
    let (_, language, rest) = languages.max_by_key(|(length, ..)| *length)?;
    let taxonomy = &config.taxonomy;
    let term = |facet: &str, slug: &str| {
        let id = taxonomy.facet_named(facet)?;
        let term = taxonomy.term_named(id, slug)?;
        Some((id, term)).filter(|_| taxonomy.path(term) == format!("{facet}/{slug}"))
    };
    let subject = match rest.split('/').collect::<Vec<_>>()[..] {
        [""] => Subject::All,
        ["feeds", slug] => {
            let place = config.selections.iter().position(|feed| feed.slug == slug);
            Subject::Selection(u16::try_from(place?).ok()?)
        }
        [facet, slug] => {
            let (facet, term) = term(facet, slug)?;
            config.feeds.facets.contains(&facet).then_some(())?;
            Subject::Term(term)
        }
        [first_facet, first, second_facet, second] => {
            let (first_facet, first) = term(first_facet, first)?;
            let (second_facet, second) = term(second_facet, second)?;
            let pair = (first_facet, second_facet);
            config.feeds.pairs.contains(&pair).then_some(())?;
            Subject::Pair(first, second)
        }
        _ => return None,
    };
    Some(Topic::main(subject).in_language(language))
}

/// A path below a folder, either of which may be empty.
pub fn below(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// The page of a topic, an absolute URL with a slash at its end.
pub fn url(config: &Config, topic: Topic) -> String {
    let base = &config.site.base_url;
    match folder(config, topic) {
        folder if folder.is_empty() => base.to_string(),
        folder => format!("{base}{folder}/"),
    }
}

/// What a topic is called, in its language.
pub fn title(config: &Config, topic: Topic) -> String {
    let language = topic.language;
    let name = |term: TermId| config.taxonomy.term(term).name_in(language);
    match topic.subject {
        Subject::All => config.site.language(language).title.clone(),
        Subject::Term(term) => name(term).to_owned(),
        Subject::Pair(first, second) => format!("{} – {}", name(first), name(second)),
        Subject::Selection(number) => {
            let selection = &config.selections[usize::from(number)];
            selection.title_in(language).to_owned()
        }
    }
}

/// How many entries a topic's feeds hold at the least, where there are as many.
pub(super) fn limit(config: &Config, topic: Topic) -> usize {
    match topic.subject {
        Subject::Selection(number) => config.selections[usize::from(number)].limit,
        _ => config.feeds.limit,
    }
}

/// Whether a topic's feeds keep their older entries in archive documents.
pub fn keeps_archive(config: &Config, topic: Topic) -> bool {
    match config.feeds.archives {
        Archiving::All => true,
        Archiving::Topics => !matches!(topic.subject, Subject::Pair(..)),
        Archiving::Nothing => false,
    }
}

impl Publisher<'_> {
    pub(super) fn folder(&self, topic: Topic) -> String {
        folder(&self.setup.config, topic)
    }

    pub(super) fn url(&self, topic: Topic) -> String {
        url(&self.setup.config, topic)
    }

    pub(super) fn title(&self, topic: Topic) -> String {
        title(&self.setup.config, topic)
    }

    fn has_full_text(&self, topic: Topic) -> bool {
        let config = &self.setup.config;
        match topic.subject {
            Subject::Selection(number) => config.selections[usize::from(number)].full_text,
            _ => config.feeds.full_text,
        }
    }

    /// What a topic's feeds are made from.
    pub(super) fn feed_inputs(&self, start: Fingerprint, topic: Topic) -> u64 {
        let items = self.feed_items(topic);
        let folder = self.folder(topic);
        let newest = self.newest_archive(topic, &folder);
        let inputs = start.number(u64::from(newest.unwrap_or_default()));
        let last_gone = self.tombstones.last_gone(&folder).unwrap_or_default();
        let inputs = self
            .tombstones
            .of_feed(&folder)
            .iter()
            .fold(inputs.number(last_gone.cast_unsigned()), |inputs, one| {
                tombstone_inputs(inputs, one)
            });
        self.views(self.existing(inputs, topic.subject), &items)
            .finish()
    }

    /// What an archive document is made from.
    pub(super) fn sealed_inputs(&self, start: Fingerprint, page: Page) -> u64 {
        let Some(contents) = self.sealed_contents(page) else {
            return start.finish();
        };
        let previous = contents.chain.previous.unwrap_or_default();
        self.views(start.number(u64::from(previous)), contents.items)
            .finish()
    }

    /// What a topic's page is made from.
    pub(super) fn page_inputs(&self, start: Fingerprint, topic: Topic) -> u64 {
        let items = self.catalog.items(topic).len();
        let newest = self.newest(start, topic, self.setup.config.pages.limit);
        let mut inputs = self.existing(newest.number(items as u64), topic.subject);
        if let Subject::Term(term) = topic.subject {
            for child in self.children(term) {
                inputs = inputs
                    .number(self.catalog.items(topic.beside(Subject::Term(child))).len() as u64);
            }
            for (pair, _) in self.pairs_of(topic, term) {
                let items = self.catalog.items(pair).len();
                inputs = inputs.text(&self.folder(pair)).number(items as u64);
            }
        }
        inputs.finish()
    }

    /// Adds the number of items of the terms of one facet, or of all, to a fingerprint.
    pub(super) fn counts(
        &self,
        inputs: Fingerprint,
        language: LanguageId,
        facet: Option<FacetId>,
    ) -> Fingerprint {
        let facets = self
            .setup
            .config
            .feeds
            .facets
            .iter()
            .filter(|other| facet.is_none_or(|facet| facet == **other));
        let terms = facets.flat_map(|facet| self.setup.config.taxonomy.terms_of(*facet));
        terms.fold(inputs, |inputs, (term, _)| {
            let topic = Topic::main(Subject::Term(term)).in_language(language);
            inputs.number(self.catalog.items(topic).len() as u64)
        })
    }

    /// The items of a topic's feed, newest first: the newest by date, and all that are not sealed
    /// in archives, whatever their date. Where others have archives and this feed has none, those
    /// that readers learned of last take the place of what is not sealed: so corrections, and items
    /// that come late with an old date, are seen by whoever polls now and then.
    pub(super) fn feed_items(&self, topic: Topic) -> Vec<Number> {
        let config = &self.setup.config;
        let limit = limit(config, topic);
        let newest = self.catalog.items(topic).iter().take(limit);
        let mut items: Vec<Number> = newest.copied().collect();
        let late = if keeps_archive(config, topic) {
            let until = self.archives.sealed_until(&self.folder(topic));
            self.catalog.items_between(topic, until, u64::MAX)
        } else if config.feeds.archives == Archiving::Nothing {
            return items;
        } else {
            self.catalog.learned_last(topic, limit.div_ceil(2))
        };
        items.extend(late);
        self.catalog.sort_newest_first(&mut items);
        items.dedup();
        items
    }

    /// The number of the newest archive document of the topic whose feeds stand in `folder`.
    fn newest_archive(&self, topic: Topic, folder: &str) -> Option<u32> {
        keeps_archive(&self.setup.config, topic)
            .then(|| self.archives.newest(folder))
            .flatten()
    }

    pub(super) fn feed(&self, topic: Topic) -> Result<Feed, Problem> {
        let entries = self.entries_of(&self.feed_items(topic))?;
        let folder = self.folder(topic);
        let chain = Chain {
            previous: self.newest_archive(topic, &folder),
            ..Chain::default()
        };
        let last_gone = self.tombstones.last_gone(&folder).map(from_milliseconds);
        let updated = entries::last_updated(&entries).max(last_gone.unwrap_or_default());
        let tombstones = self.tombstones.of_feed(&folder).iter();
        Ok(Feed {
            tombstones: tombstones.map(|one| self.tombstone(one)).collect(),
            ..self.document(topic, entries, updated, chain)
        })
    }

    fn tombstone(&self, record: &TombstoneRecord) -> Tombstone {
        let notice = self.notice(record);
        let config = &self.setup.config;
        Tombstone {
            id: record.id.clone(),
            when: notice.gone,
            by: notice.by,
            reason: notice.reason,
            url: config
                .pages
                .enabled
                .then(|| format!("{}{}/", config.site.base_url, notice.path)),
        }
    }

    /// What is said in the place of an item's page.
    pub(super) fn notice(&self, record: &TombstoneRecord) -> page::Notice {
        page::Notice {
            path: format!("news/{}", record.page),
            gone: from_milliseconds(record.gone),
            by: record
                .by
                .clone()
                .unwrap_or_else(|| self.setup.config.site.title.clone()),
            reason: record.reason.clone(),
        }
    }

    /// The topics whose feeds stand or stood in these folders.
    pub fn topics_in(&self, folders: &HashSet<String>) -> Vec<Topic> {
        let folders = folders.iter();
        folders
            .filter_map(|folder| at_folder(&self.setup.config, folder))
            .collect()
    }

    /// The topics without items whose feeds still say what is gone, or said it and are gone now.
    pub(super) fn emptied_topics(&self) -> impl Iterator<Item = Topic> {
        self.tombstones
            .feeds()
            .filter_map(|folder| at_folder(&self.setup.config, folder))
            .filter(|topic| self.catalog.items(*topic).is_empty())
    }

    /// The archive documents of a topic.
    pub fn sealed_units(&self, topic: Topic) -> impl Iterator<Item = Unit> + use<> {
        let pages = match keeps_archive(&self.setup.config, topic) {
            true => self.archives.pages(&self.setup.config, topic),
            false => Vec::new(),
        };
        pages.into_iter().map(Unit::Sealed)
    }

    /// The archive documents that an item stands in by its record.
    pub fn sealed_units_of(&self, record: &Record) -> Vec<Unit> {
        let config = &self.setup.config;
        let Some(identity) = record.identity() else {
            return Vec::new();
        };
        topics_of(config, record)
            .into_iter()
            .filter(|topic| keeps_archive(config, *topic))
            .filter_map(|topic| self.archives.page_at(config, topic, identity.sequence))
            .map(Unit::Sealed)
            .collect()
    }

    fn sealed_contents(&self, page: Page) -> Option<Contents<'_>> {
        self.archives
            .contents(&self.setup.config, self.catalog, page)
    }

    /// The folder of an archive document in its formats.
    pub(super) fn sealed_folder(&self, page: Page) -> String {
        let folder = self.folder(page.topic);
        let below = format!("{}/{}", feed::ARCHIVE_FOLDER, page.number);
        if folder.is_empty() {
            below
        } else {
            format!("{folder}/{below}")
        }
    }

    /// An archive document; `None` for one that is not sealed.
    pub(super) fn sealed_feed(&self, page: Page) -> Result<Option<Feed>, Problem> {
        let Some(contents) = self.sealed_contents(page) else {
            return Ok(None);
        };
        let mut items = contents.items.to_vec();
        self.catalog.sort_newest_first(&mut items);
        let updated = from_milliseconds(contents.updated);
        let feed = self.document(
            page.topic,
            self.entries_of(&items)?,
            updated,
            contents.chain,
        );
        Ok(Some(Feed {
            // Nobody need ask for it again or be told of it, and it must not change because the
            // topic has items in one language more.
            ttl: 0,
            hubs: Vec::new(),
            translations: Vec::new(),
            ..feed
        }))
    }

    /// The same feed in other languages.
    fn feed_translations(&self, topic: Topic) -> Vec<Translation> {
        let own = &self.setup.config.site.language(topic.language).tag;
        let mut translations = self.translations_of(topic.subject);
        translations.retain(|translation| translation.language != *own);
        translations
    }

    /// One document of a topic's feed.
    fn document(
        &self,
        topic: Topic,
        entries: Vec<Arc<Entry>>,
        updated: DateTime<Utc>,
        chain: Chain,
    ) -> Feed {
        let config = &self.setup.config;
        let site = &config.site;
        let language = site.language(topic.language);
        let title = self.title(topic);
        let whole = RelatedLink {
            url: site.home(topic.language),
            title: language.title.clone(),
        };
        let parents = self.parents(topic).into_iter().map(|link| RelatedLink {
            url: link.url,
            title: link.name,
        });
        Feed {
            id: format!(
                "tag:{}:{}",
                site.tag_authority,
                match self.folder(topic) {
                    folder if folder == language.folder => below(&folder, "feed"),
                    folder => folder,
                }
            ),
            description: match topic.subject {
                Subject::All => language.description.clone(),
                _ => self.description(topic).unwrap_or_else(|| {
                    let values = [("title", &*title), ("site", &language.title)];
                    let words = site.phrases.words(&language.tag);
                    words.fill("{title}: news from {site}.", &values)
                }),
            },
            title: if topic.subject == Subject::All {
                title
            } else {
                format!("{title} – {}", language.title)
            },
            home: self.url(topic),
            language: language.tag.clone(),
            translations: match chain.number {
                Some(_) => Vec::new(),
                None => self.feed_translations(topic),
            },
            updated,
            entries,
            full_text: self.has_full_text(topic),
            chain,
            related: if topic.subject == Subject::All {
                Vec::new()
            } else {
                std::iter::once(whole).chain(parents).collect()
            },
            publisher: language.title.clone(),
            hubs: config.websub.hub_urls(&site.base_url),
            ..feed::of_site(site, &config.feeds)
        }
    }

    pub(super) fn description(&self, topic: Topic) -> Option<String> {
        match topic.subject {
            Subject::Selection(number) => {
                let selection = &self.setup.config.selections[usize::from(number)];
                let description = selection.description_in(topic.language);
                (!description.is_empty()).then(|| description.to_owned())
            }
            Subject::Term(term) => self.replaced(term, topic.language),
            _ => None,
        }
    }

    /// What readers of a term that was retired are told, if others took its place.
    fn replaced(&self, term: TermId, language: LanguageId) -> Option<String> {
        let config = &self.setup.config;
        let names: Vec<&str> = config
            .taxonomy
            .term(term)
            .replaced_by
            .iter()
            .map(|other| config.taxonomy.term(*other).name_in(language))
            .collect();
        let words = config
            .site
            .phrases
            .words(&config.site.language(language).tag);
        let text = "This topic was replaced by: {topics}.";
        (!names.is_empty()).then(|| words.fill(text, &[("topics", &names.join("; "))]))
    }

    pub(super) fn children(&self, term: TermId) -> Vec<TermId> {
        let taxonomy = &self.setup.config.taxonomy;
        let terms = taxonomy.terms_of(taxonomy.term(term).facet);
        terms
            .filter(|(_, other)| other.parent == Some(term))
            .map(|(id, _)| id)
            .collect()
    }

    /// The pairs that a term is part of and that have items, each with the other term.
    pub(super) fn pairs_of(&self, topic: Topic, term: TermId) -> Vec<(Topic, TermId)> {
        let taxonomy = &self.setup.config.taxonomy;
        let facet = taxonomy.term(term).facet;
        let mut pairs = Vec::new();
        for (first, second) in &self.setup.config.feeds.pairs {
            let other = match (*first == facet, *second == facet) {
                (true, _) => second,
                (_, true) => first,
                _ => continue,
            };
            for (id, _) in taxonomy.terms_of(*other) {
                let pair = topic.beside(if *first == facet {
                    Subject::Pair(term, id)
                } else {
                    Subject::Pair(id, term)
                });
                if !self.catalog.items(pair).is_empty() {
                    pairs.push((pair, id));
                }
            }
        }
        pairs
    }

    pub(super) fn facet_link(&self, language: LanguageId, facet: FacetId) -> FacetLink {
        facet_link(&self.setup.config, language, facet)
    }

    /// The pages above a topic, from the top, without the home page.
    pub(super) fn parents(&self, topic: Topic) -> Vec<Link> {
        let taxonomy = &self.setup.config.taxonomy;
        let link = |subject: Subject| Link {
            name: self.title(topic.beside(subject)),
            url: self.url(topic.beside(subject)),
        };
        let of_term = |term: TermId| {
            let facet = self.facet_link(topic.language, taxonomy.term(term).facet);
            let mut above: Vec<Link> = taxonomy
                .ancestors(term)
                .map(|term| link(Subject::Term(term)))
                .collect();
            above.push(Link {
                name: facet.plural,
                url: facet.url,
            });
            above.reverse();
            above
        };
        match topic.subject {
            Subject::All | Subject::Selection(_) => Vec::new(),
            Subject::Term(term) => of_term(term),
            Subject::Pair(first, second) => {
                let mut above = of_term(first);
                above.extend([link(Subject::Term(first)), link(Subject::Term(second))]);
                above
            }
        }
    }
}
