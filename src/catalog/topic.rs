//! Topics: what there is a feed of, and which of them an item stands in.

use super::Record;
use crate::config::{Config, Root};
use crate::language::LanguageId;
use crate::selection::{Facts, Selection};
use crate::taxonomy::TermId;

/// What a feed is a feed of: a subject, in one of the site's languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// Whose words it is shown in, and whose items it has. What the main language has besides its
    /// own is said by [`topics_of`].
    pub language: LanguageId,
    /// What it is about.
    pub subject: Subject,
}

impl Topic {
    /// Everything, in the main language.
    pub const ALL: Topic = Topic::main(Subject::All);

    /// A subject in the site's main language.
    pub const fn main(subject: Subject) -> Topic {
        Topic {
            language: LanguageId::MAIN,
            subject,
        }
    }

    /// Another subject in the same language.
    pub fn beside(self, subject: Subject) -> Topic {
        Topic { subject, ..self }
    }

    /// The same subject in another language.
    pub fn in_language(self, language: LanguageId) -> Topic {
        Topic { language, ..self }
    }
}

/// What a topic is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Everything.
    All,
    /// One term.
    Term(TermId),
    /// Two terms of different facets, in the order that the config names the facets.
    Pair(TermId, TermId),
    /// A `[[feed]]`, by its place in the config.
    Selection(u16),
}

/// The topics that a record's item stands in; none unless it is live.
pub fn topics_of(config: &Config, record: &Record) -> Vec<Topic> {
    if record.identity().is_none() {
        return Vec::new();
    }
    let taxonomy = &config.taxonomy;
    let of_facet = |facet| {
        let terms = record.terms.iter().map(|tag| tag.term);
        terms.filter(move |term| taxonomy.term(*term).facet == facet)
    };
    let mut subjects = vec![Subject::All];
    for facet in &config.feeds.facets {
        subjects.extend(of_facet(*facet).map(Subject::Term));
    }
    for (first, second) in &config.feeds.pairs {
        for term in of_facet(*first) {
            subjects.extend(of_facet(*second).map(|other| Subject::Pair(term, other)));
        }
    }
    for (number, feed) in (0u16..).zip(&config.selections) {
        if matches(config, record, &feed.selection) {
            subjects.push(Subject::Selection(number));
        }
    }
    languages_of(config, record)
        .flat_map(|language| {
            let in_language = move |subject: &Subject| Topic::main(*subject).in_language(language);
            subjects.iter().map(in_language)
        })
        .collect()
}

/// The languages in whose feeds and pages a record's item stands: its own if the site has it, and
/// the main one for all others, or for all.
fn languages_of(config: &Config, record: &Record) -> impl Iterator<Item = LanguageId> + use<> {
    let own = language_of(config, record);
    let main = own == LanguageId::MAIN || config.site.root == Root::All;
    let own = (own != LanguageId::MAIN).then_some(own);
    main.then_some(LanguageId::MAIN).into_iter().chain(own)
}

/// The language of the site in whose words a record's item is shown: its own, or the main one.
pub fn language_of(config: &Config, record: &Record) -> LanguageId {
    let own = record.language.as_deref();
    own.and_then(|tag| config.site.language_of(tag))
        .unwrap_or(LanguageId::MAIN)
}

/// Whether a live record's item belongs to a selection.
pub fn matches(config: &Config, record: &Record, selection: &Selection) -> bool {
    let Some(identity) = record.identity() else {
        return false;
    };
    let terms: Vec<TermId> = record.terms.iter().map(|tag| tag.term).collect();
    selection.matches(&Facts {
        terms: &terms,
        published: crate::entry::from_milliseconds(identity.published),
        language: record.language.as_deref().unwrap_or(&config.site.language),
        kind: record.kind.as_deref(),
    })
}
