//! Rules: the keywords, names and places that speak for a term, found in a text.

mod compile;
mod find;
mod spelling;
mod trie;

use std::collections::{BTreeSet, HashSet};

use super::language::{KnownStems, Stems};
use super::places;
use crate::spare::Spare;
use crate::taxonomy::names::Names;
use crate::taxonomy::{FacetId, Taxonomy, TermId};
use compile::Compiler;
pub(super) use find::{Fate, Found, Wanted};
use trie::Trie;

/// The keywords and names of all terms, in one tree that is built once.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    heads: Trie,
    /// For each head, the patterns that begin with it.
    patterns: Vec<Box<[Pattern]>>,
    rules: Vec<Rule>,
    /// The languages that rules are written in, as ISO 639 codes.
    languages: Vec<String>,
    /// The number of rules with two halves.
    nears: usize,
    /// The facets that have any rule.
    facets: BTreeSet<FacetId>,
    known_stems: Spare<KnownStems>,
}

/// What is looked for on behalf of one term.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) facet: FacetId,
    pub(super) term: TermId,
    /// What it counts, before the part of the text is considered.
    pub(super) weight: f32,
    /// Whether it keeps the term's other rules from counting where it stands.
    pub(super) excludes: bool,
    /// The language of the texts that it is for, as a place in [`Rules::languages`]; `None` for
    /// all texts.
    language: Option<u8>,
    /// Its number among the rules with two halves, and the most words between them.
    near: Option<(u32, u32)>,
    /// As it is written in `feeds.toml`.
    pub(super) text: String,
}

/// A row of words that a text may hold.
#[derive(Debug, Clone)]
struct Pattern {
    rule: u32,
    /// The rule's facet and language, which are asked for first.
    facet: FacetId,
    language: Option<u8>,
    half: Half,
    /// Where the last word of the head begins, if the head has only its beginning.
    head_end: Option<usize>,
    /// What is still to be compared when the head was found: from that word on.
    rest: Box<[Step]>,
    letters: Letters,
}

/// How a pattern's letters must stand in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Letters {
    /// Large or small.
    Any,
    /// The first is a capital: "Polish" is of Poland, "polish" is what one does to a draft.
    Capital,
    /// All of them as written: abbreviations.
    Exactly(Box<str>),
}

/// Which part of a rule a pattern is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Whole,
    First,
    Second,
}

/// One word of a pattern, folded.
#[derive(Debug, Clone)]
enum Step {
    Exact(Box<str>),
    Beginning(Box<str>),
    Stem {
        word: Box<str>,
        stem: Box<str>,
        stems: Stems,
    },
}

impl Rules {
    /// Compiles the keywords of all terms, the names of those who issue items, and what the
    /// gazetteer says of the terms that are countries.
    pub(super) fn new(taxonomy: &Taxonomy, names: &Names) -> Rules {
        let mut compiler = Compiler::default();
        for (id, facet) in taxonomy.facets() {
            let parents = taxonomy.terms_of(id).filter_map(|(_, term)| term.parent);
            let above: HashSet<TermId> = parents.collect();
            for (term, described) in taxonomy.terms_of(id) {
                for keyword in &described.keywords {
                    compiler.keyword((id, term), keyword, taxonomy.language());
                }
                // What is above others is a group of those who issue, and speaks by keywords alone.
                // A name of what was replaced stands in old texts only, and is given to none.
                if facet.issues && !above.contains(&term) && described.replaced_by.is_empty() {
                    for name in std::iter::once(&described.name).chain(&described.aliases) {
                        compiler.body((id, term), name, &facet.optional_words);
                    }
                }
                if facet.places {
                    for place in &described.places {
                        compiler.name((id, term), place);
                    }
                }
            }
            if facet.places {
                for (term, country) in places::countries_of(names, id) {
                    compiler.country((id, term), country);
                }
            }
        }
        compiler.build()
    }

    /// Whether any term of `facet` has a rule.
    pub(super) fn speak_of(&self, facet: FacetId) -> bool {
        self.facets.contains(&facet)
    }

    pub(super) fn rule(&self, number: u32) -> &Rule {
        &self.rules[number as usize]
    }

    /// All rules of a term.
    pub(super) fn of(&self, term: TermId) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.term == term)
    }

    /// Whether a rule is for texts in this language, an ISO 639 code.
    pub(super) fn is_for(&self, rule: &Rule, language: &str) -> bool {
        let languages = &self.languages;
        rule.language
            .is_none_or(|it| languages[usize::from(it)] == language)
    }

    /// Whether any rule is written in this language, an ISO 639 code.
    pub(super) fn know(&self, language: &str) -> bool {
        self.languages.iter().any(|it| it == language)
    }
}
