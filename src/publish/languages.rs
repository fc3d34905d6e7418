//! In which of the site's languages things are to be had.

use std::collections::BTreeSet;

use super::topic::below;
use super::{Publisher, Unit};
use crate::catalog::{Number, Subject, Topic};
use crate::entry::Translation;
use crate::fingerprint::Fingerprint;
use crate::language::LanguageId;
use crate::page;

impl<'a> Publisher<'a> {
    /// What the pages in a language share.
    pub(super) fn site(&self, language: LanguageId) -> &'a page::Site {
        &self.sites[usize::from(language.0)]
    }

    /// The languages of the site, the main one first.
    pub(super) fn languages(&self) -> impl Iterator<Item = LanguageId> + use<'a> {
        self.setup.config.site.languages().map(|(id, _)| id)
    }

    /// A path in a language: below its folder.
    pub(super) fn path_in(&self, language: LanguageId, path: &str) -> String {
        below(&self.setup.config.site.language(language).folder, path)
    }

    /// The languages in which a subject has feeds and a page: those in which it has items, and
    /// all for what is there even without items.
    fn spoken(&self, subject: Subject) -> impl Iterator<Item = LanguageId> {
        self.languages()
            .filter(move |language| self.exists(Topic::main(subject).in_language(*language)))
    }

    /// Whether a topic is there for readers to find. A feed that somebody configured exists even
    /// while it has no items, in the main language; so does everything, in all of them.
    pub(super) fn exists(&self, topic: Topic) -> bool {
        match topic.subject {
            Subject::All => true,
            Subject::Selection(_) if topic.language == LanguageId::MAIN => true,
            _ => !self.catalog.items(topic).is_empty(),
        }
    }

    /// Whether a topic's files are to be published: those of topics that exist, and those whose
    /// feeds say what is gone, though nothing leads there any more.
    pub(super) fn is_published(&self, topic: Topic) -> bool {
        self.exists(topic) || !self.tombstones.of_feed(&self.folder(topic)).is_empty()
    }

    /// Adds to a fingerprint in which languages a subject is to be had.
    pub(super) fn existing(&self, inputs: Fingerprint, subject: Subject) -> Fingerprint {
        self.spoken(subject)
            .fold(inputs, |inputs, language| inputs.number(language.0.into()))
    }

    /// The pages of a subject in the languages in which there is one; none where it is one alone.
    pub(super) fn translations_of(&self, subject: Subject) -> Vec<Translation> {
        self.each_in(self.spoken(subject), |language| {
            self.url(Topic::main(subject).in_language(language))
        })
    }

    /// The same path in every language.
    pub fn translations_at(&self, path: &str) -> Vec<Translation> {
        let site = &self.setup.config.site;
        self.each_in(self.languages(), |language| {
            format!("{}{path}/", site.home(language))
        })
    }

    /// The page of an item in each language in which there is one, its own included; none where
    /// it is one alone.
    pub(super) fn translations_of_item(&self, number: Number) -> Vec<Translation> {
        let site = &self.setup.config.site;
        let numbers = self.catalog.translations(&self.setup.config, number);
        let records = numbers
            .iter()
            .filter_map(|number| self.catalog.get(*number));
        records
            .filter_map(|record| {
                let page = &record.identity()?.page;
                let language = record.language.as_deref().unwrap_or(&site.language);
                Some(Translation {
                    language: language.to_owned(),
                    url: format!("{}news/{page}/", site.base_url),
                })
            })
            .collect()
    }

    /// The pages of items that link to what has changed, or come to link to it.
    pub fn related_units(&self, related: &BTreeSet<Number>) -> Vec<Unit> {
        let live = |number: &&Number| {
            let record = self.catalog.get(**number);
            record.is_some_and(|record| record.identity().is_some())
        };
        let pages = self.setup.config.pages.enabled;
        let numbers = related.iter().filter(live).copied();
        numbers.filter(|_| pages).map(Unit::Item).collect()
    }

    fn each_in(
        &self,
        languages: impl Iterator<Item = LanguageId>,
        url: impl Fn(LanguageId) -> String,
    ) -> Vec<Translation> {
        let site = &self.setup.config.site;
        let translations: Vec<Translation> = languages
            .map(|language| Translation {
                language: site.language(language).tag.clone(),
                url: url(language),
            })
            .collect();
        match translations.len() {
            1 => Vec::new(),
            _ => translations,
        }
    }
}
