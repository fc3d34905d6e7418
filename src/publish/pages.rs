//! Pages: what all of them share, and those that list topics.

use std::collections::BTreeMap;

use super::Publisher;
use super::on_demand::BUILD_PATH;
use crate::catalog::{Subject, Topic};
use crate::config::Config;
use crate::diagnostic::Problem;
use crate::feed::{Branch, Outline};
use crate::language::LanguageId;
use crate::page::{
    self, Directory, FacetLink, FeedLink, LanguageLink, Link, Offer, OfferGroup, TopicLink,
};
use crate::subscribers::links::SIGN_UP_PATH;
use crate::taxonomy::{FacetId, TermId};

/// The part of all pages that is the same, in each of the site's languages.
pub fn sites(config: &Config) -> Vec<page::Site> {
    let languages = config.site.languages();
    languages.map(|(id, _)| site(config, id)).collect()
}

/// The part of all pages in one language that is the same.
pub fn site(config: &Config, id: LanguageId) -> page::Site {
    let site = &config.site;
    let language = site.language(id);
    let home = site.home(id);
    let facets = config.feeds.facets.iter();
    // Each newsletter is offered to those who can read it.
    let readable = config.digests.iter().filter(|digest| {
        let language = site.language_of(&digest.language);
        language.unwrap_or(LanguageId::MAIN) == id
    });
    let digests = readable.map(|digest| Link {
        name: digest.title.clone(),
        url: format!("{}digests/{}/", site.base_url, digest.slug),
    });
    let languages = site.languages().map(|(id, language)| LanguageLink {
        language: language.tag.clone(),
        name: language.name.clone(),
        direction: language.direction,
        url: site.home(id),
    });
    page::Site {
        title: language.title.clone(),
        description: language.description.clone(),
        base_url: site.base_url.to_string(),
        language: language.tag.clone(),
        direction: language.direction,
        rights: site.rights.clone(),
        contact: site.contact.clone(),
        icon: site.icon.as_ref().map(ToString::to_string),
        feeds: FeedLink::all(&language.title, &home, &config.feeds.formats),
        opml: format!("{home}feeds.opml"),
        directory: format!("{home}directory.opml"),
        subscribe: format!("{home}subscribe/"),
        sign_up: config
            .subscriptions
            .enabled
            .then(|| format!("{home}{SIGN_UP_PATH}")),
        build: config
            .serve
            .on_demand
            .then(|| format!("{home}{BUILD_PATH}")),
        facets: facets.map(|facet| facet_link(config, id, *facet)).collect(),
        digests: digests.collect(),
        languages: languages.collect(),
        home,
    }
}

pub(super) fn facet_link(config: &Config, language: LanguageId, facet: FacetId) -> FacetLink {
    let found = config.taxonomy.facet(facet);
    FacetLink {
        key: found.key.clone(),
        name: found.name_in(language).to_owned(),
        plural: found.plural_in(language).to_owned(),
        url: format!("{}{}/", config.site.home(language), found.slug),
    }
}

impl Publisher<'_> {
    fn topic_link(&self, topic: Topic, term: TermId) -> TopicLink {
        let found = self.setup.config.taxonomy.term(term);
        let items = self.catalog.items(topic).len();
        TopicLink {
            name: found.name_in(topic.language).to_owned(),
            url: (items > 0).then(|| self.url(topic)),
            items,
            closed: found.closed,
            children: Vec::new(),
        }
    }

    pub(super) fn topic_page(&self, topic: Topic) -> Result<page::Topic, Problem> {
        let config = &self.setup.config;
        let title = self.title(topic);
        let mut children = Vec::new();
        let mut related: BTreeMap<FacetId, Directory> = BTreeMap::new();
        let mut closed = false;
        let mut replaced_by = Vec::new();
        if let Subject::Term(term) = topic.subject {
            let found = config.taxonomy.term(term);
            closed = found.closed;
            let link =
                |other: &TermId| self.topic_link(topic.beside(Subject::Term(*other)), *other);
            replaced_by = found.replaced_by.iter().map(link).collect();
            let below = self
                .children(term)
                .into_iter()
                .map(|child| self.topic_link(topic.beside(Subject::Term(child)), child));
            children = below.filter(|link| link.items > 0).collect();
            for (pair, other) in self.pairs_of(topic, term) {
                let facet = config.taxonomy.term(other).facet;
                let directory = related.entry(facet).or_insert_with(|| Directory {
                    facet: self.facet_link(topic.language, facet),
                    topics: Vec::new(),
                });
                directory.topics.push(self.topic_link(pair, other));
            }
        }
        Ok(page::Topic {
            description: self.description(topic),
            translations: self.translations_of(topic.subject),
            path: self.folder(topic),
            parents: self.parents(topic),
            children,
            related: related.into_values().collect(),
            closed,
            replaced_by,
            feeds: FeedLink::all(&title, &self.url(topic), &config.feeds.formats),
            newest: self.entries(topic, config.pages.limit)?,
            total: self.catalog.items(topic).len(),
            title,
        })
    }

    fn directory(&self, language: LanguageId, facet: FacetId) -> Directory {
        let config = &self.setup.config;
        let link = self.facet_link(language, facet);
        Directory::new(&config.taxonomy, facet, link, language, |term| {
            let topic = Topic::main(Subject::Term(term)).in_language(language);
            let items = self.catalog.items(topic).len();
            (items, self.url(topic))
        })
    }

    pub(super) fn facet_page(
        &self,
        language: LanguageId,
        facet: FacetId,
    ) -> Result<String, Problem> {
        let slug = &self.setup.config.taxonomy.facet(facet).slug;
        page::facet(
            &self.setup.templates,
            self.site(language),
            &self.directory(language, facet),
            &self.translations_at(slug),
        )
    }

    pub(super) fn home_page(&self, language: LanguageId) -> Result<String, Problem> {
        let config = &self.setup.config;
        let topic = Topic::ALL.in_language(language);
        let home = page::Home {
            newest: self.entries(topic, config.pages.limit)?,
            facets: config
                .feeds
                .facets
                .iter()
                .map(|facet| self.directory(language, *facet))
                .collect(),
            translations: self.translations_of(Subject::All),
        };
        page::home(&self.setup.templates, self.site(language), &home)
    }

    pub(super) fn subscribe_page(&self, language: LanguageId) -> Result<String, Problem> {
        let formats = &self.setup.config.feeds.formats;
        let mut groups: Vec<OfferGroup> = Vec::new();
        for (topic, group) in self.grouped_topics(language) {
            let name = group.unwrap_or_default();
            let title = self.title(topic);
            let url = self.url(topic);
            let feeds = FeedLink::all(&title, &url, formats);
            let offer = Offer { title, url, feeds };
            match groups.last_mut() {
                Some(last) if last.name == name => last.offers.push(offer),
                _ => groups.push(OfferGroup {
                    name,
                    offers: vec![offer],
                }),
            }
        }
        page::subscribe(
            &self.setup.templates,
            self.site(language),
            &self.path_in(language, "subscribe"),
            &groups,
            &self.translations_at("subscribe"),
        )
    }

    /// Every feed, for the OPML list.
    pub(super) fn outlines(&self, language: LanguageId) -> Vec<Outline> {
        let topics = self.topics_with_pairs(language).into_iter();
        topics
            .filter_map(|(topic, group)| self.outline(topic, group))
            .collect()
    }

    fn outline(&self, topic: Topic, group: Option<String>) -> Option<Outline> {
        let format = *self.setup.config.feeds.formats.first()?;
        let page_url = self.url(topic);
        Some(Outline {
            title: self.title(topic),
            feed_url: format!("{page_url}{}", format.file_name()),
            format,
            page_url,
            group,
        })
    }

    /// Everything, the selections, and the terms of each facet below one another, for the OPML
    /// directory.
    pub(super) fn branches(&self, language: LanguageId) -> Vec<Branch> {
        let config = &self.setup.config;
        let all = Topic::ALL.in_language(language);
        let selections = (0u16..).zip(&config.selections);
        let selections = selections.map(|(number, _)| all.beside(Subject::Selection(number)));
        let single = std::iter::once(all).chain(selections.filter(|topic| self.exists(*topic)));
        let mut branches: Vec<Branch> = single.map(|topic| self.branch(topic)).collect();
        for facet in &config.feeds.facets {
            branches.push(Branch {
                title: config.taxonomy.facet(*facet).plural_in(language).to_owned(),
                feed: None,
                children: self.branches_below(language, *facet, None),
            });
        }
        branches
    }

    fn branch(&self, topic: Topic) -> Branch {
        Branch {
            title: self.title(topic),
            feed: self
                .exists(topic)
                .then(|| self.outline(topic, None))
                .flatten(),
            children: Vec::new(),
        }
    }

    /// The terms directly below a term of a facet that have items, or something below them that
    /// has. Ends, since configuration refuses circles.
    fn branches_below(
        &self,
        language: LanguageId,
        facet: FacetId,
        parent: Option<TermId>,
    ) -> Vec<Branch> {
        let taxonomy = &self.setup.config.taxonomy;
        taxonomy
            .terms_of(facet)
            .filter(|(_, term)| term.parent == parent)
            .map(|(term, _)| Branch {
                children: self.branches_below(language, facet, Some(term)),
                ..self.branch(Topic::main(Subject::Term(term)).in_language(language))
            })
            .filter(|branch| branch.feed.is_some() || !branch.children.is_empty())
            .collect()
    }

    /// The topics that are offered to readers, pairs aside: everything, the selections, and the
    /// terms under their facets.
    fn grouped_topics(&self, language: LanguageId) -> Vec<(Topic, Option<String>)> {
        let config = &self.setup.config;
        let all = Topic::ALL.in_language(language);
        let selections = (0..config.selections.len())
            .filter_map(|at| u16::try_from(at).ok())
            .map(|number| all.beside(Subject::Selection(number)))
            .filter(|topic| self.exists(*topic));
        let mut topics = vec![(all, None)];
        topics.extend(selections.map(|topic| (topic, None)));
        for facet in &config.feeds.facets {
            let plural = config.taxonomy.facet(*facet).plural_in(language);
            let terms = config
                .taxonomy
                .terms_of(*facet)
                .map(|(term, _)| all.beside(Subject::Term(term)));
            let with_items = terms.filter(|topic| self.exists(*topic));
            topics.extend(with_items.map(|topic| (topic, Some(plural.to_owned()))));
        }
        topics
    }

    fn topics_with_pairs(&self, language: LanguageId) -> Vec<(Topic, Option<String>)> {
        let taxonomy = &self.setup.config.taxonomy;
        let mut topics = self.grouped_topics(language);
        for topic in self.catalog.topics() {
            if let Subject::Pair(first, second) = topic.subject
                && topic.language == language
            {
                let facet = |term: TermId| {
                    let facet = taxonomy.facet(taxonomy.term(term).facet);
                    facet.plural_in(language)
                };
                topics.push((topic, Some(format!("{} – {}", facet(first), facet(second)))));
            }
        }
        topics
    }
}
