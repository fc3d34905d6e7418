//! Topics: their names, their places and what stands above and below them.

use super::Publisher;
use super::pages::facet_link;
use crate::catalog::{Subject, Topic};
use crate::config::{Archiving, Config};
use crate::fingerprint::Fingerprint;
use crate::language::LanguageId;
use crate::page::{FacetLink, Link};
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
