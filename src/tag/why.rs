//! Why the rules give an item a term, or do not.

use super::rules::Fate;
use super::{Evidence, Passages, Tag, Tagger};
use crate::taxonomy::{Taxonomy, TermId};

/// What the rules make of one term for one text, whatever the item states.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// The tag that they give or suggest; `None` where nothing speaks for the term.
    pub tag: Option<Tag>,
    /// Whether it is given.
    pub given: bool,
    /// How many other terms of its facet are given.
    pub others: usize,
    /// What stands in the text and does not count.
    pub discounted: Vec<Discounted>,
    /// The rules that stand nowhere in the text, as `feeds.toml` or the gazetteer writes them.
    pub absent: Vec<String>,
    /// The rules that are for texts in other languages.
    pub foreign: usize,
}

/// Words that would speak for a term but do not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Discounted {
    /// The words; their weight is 0.
    pub evidence: Evidence,
    /// The rule in which they stand, as it is written.
    pub within: String,
    /// The other term whose longer phrase that is; `None` where the term itself excludes it.
    pub of: Option<TermId>,
}

impl Tagger {
    /// What the rules make of `term` for a text.
    pub fn why(&self, taxonomy: &Taxonomy, term: TermId, passages: &Passages<'_>) -> Why {
        let facet = taxonomy.term(term).facet;
        let (given, suggested) = self.propose(taxonomy, &[facet], passages);
        let is_it = |tag: &&Tag| tag.term == term;
        let tag = given.iter().find(is_it).cloned();
        let mut found_rules = Vec::new();
        let mut discounted = Vec::new();
        self.each_part(taxonomy, &[facet], passages, |reading, found| {
            for hit in found {
                let rule = self.rules.rule(hit.rule);
                if rule.term != term {
                    continue;
                }
                found_rules.push(rule.text.as_str());
                let (within, of) = match hit.fate {
                    Fate::Counts => continue,
                    Fate::Excluded(by) => (self.rules.rule(by), None),
                    Fate::InLonger(by) => {
                        let by = self.rules.rule(by);
                        (by, Some(by.term))
                    }
                };
                let span = reading.folded.in_source(hit.start..hit.end);
                discounted.push(Discounted {
                    evidence: Evidence {
                        text: reading.source[span.clone()].to_owned(),
                        part: reading.part,
                        span,
                        line: 0,
                        weight: 0.0,
                    },
                    within: within.text.clone(),
                    of,
                });
            }
        });
        let language = passages.language(taxonomy.language());
        let (own, foreign): (Vec<_>, Vec<_>) = self
            .rules
            .of(term)
            .partition(|rule| self.rules.is_for(rule, &language));
        let mut absent: Vec<String> = own
            .into_iter()
            .filter(|rule| !rule.excludes && !found_rules.contains(&rule.text.as_str()))
            .map(|rule| rule.text.clone())
            .collect();
        let mut seen = std::collections::HashSet::new();
        absent.retain(|text| seen.insert(text.clone()));
        Why {
            given: tag.is_some(),
            others: given.len() - usize::from(tag.is_some()),
            tag: tag.or_else(|| suggested.iter().find(is_it).cloned()),
            discounted,
            absent,
            foreign: foreign.len(),
        }
    }

    /// The language of a text, as an ISO 639 code, if no rules are written in it: then only names,
    /// abbreviations and stated values speak.
    pub fn unknown_language(&self, taxonomy: &Taxonomy, passages: &Passages<'_>) -> Option<String> {
        let language = passages.language(taxonomy.language());
        (!self.rules.know(&language)).then(|| language.into_owned())
    }
}
