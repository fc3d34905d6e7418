//! Keyword rules: terms that a text speaks for, with the words that do so.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::text::Folded;
use super::{Evidence, Origin, Part, Tag};
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// How often one keyword counts in the body.
const MOST_IN_BODY: u32 = 3;

/// The keywords of all terms, in one automaton.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    automaton: AhoCorasick,
    /// One for each pattern of the automaton.
    keywords: Vec<Keyword>,
    /// The facets that have any keyword.
    facets: BTreeSet<FacetId>,
}

#[derive(Debug, Clone)]
struct Keyword {
    facet: FacetId,
    term: TermId,
    /// The keyword as it must stand, if it is written in capitals.
    exactly: Option<String>,
}

/// A part of an item's text.
pub(super) struct Passage<'t> {
    pub(super) part: Part,
    pub(super) text: &'t str,
}

/// A keyword found in a text.
struct Hit {
    /// The pattern's number.
    keyword: usize,
    /// Its place in the folded text.
    at: Range<usize>,
}

impl Rules {
    pub(super) fn new(taxonomy: &Taxonomy) -> Rules {
        let mut keywords = Vec::new();
        let mut patterns = Vec::new();
        let mut seen = HashSet::new();
        for (facet, _) in taxonomy.facets() {
            for (term, described) in taxonomy.terms_of(facet) {
                for keyword in &described.keywords {
                    let keyword = keyword.trim();
                    let pattern = Folded::new(keyword).text;
                    let exactly = is_in_capitals(keyword).then(|| keyword.to_owned());
                    if pattern.trim().is_empty()
                        || !seen.insert((term, pattern.clone(), exactly.clone()))
                    {
                        continue;
                    }
                    patterns.push(pattern);
                    keywords.push(Keyword {
                        facet,
                        term,
                        exactly,
                    });
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(&patterns)
            .or_else(|_| AhoCorasick::new(&patterns))
            .expect("an automaton has room for 2^31 states, and needs at most one a byte");
        let facets = keywords.iter().map(|keyword| keyword.facet).collect();
        Rules {
            automaton,
            keywords,
            facets,
        }
    }

    /// Whether any term of `facet` has a keyword.
    pub(super) fn speak_of(&self, facet: FacetId) -> bool {
        self.facets.contains(&facet)
    }

    /// The tags that the text speaks for in the facets `wanted`, facet after facet, in each the
    /// best first, as many as the facet allows.
    pub(super) fn propose(
        &self,
        taxonomy: &Taxonomy,
        wanted: &[FacetId],
        passages: &[Passage<'_>],
    ) -> Vec<Tag> {
        let mut found: BTreeMap<TermId, Vec<Evidence>> = BTreeMap::new();
        for passage in passages {
            self.read(wanted, passage, &mut found);
        }
        let mut tags = Vec::new();
        for facet in wanted {
            tags.extend(best(taxonomy, *facet, &found));
        }
        tags
    }

    /// Adds the evidence in one passage, strongest first among the terms' evidence.
    fn read(
        &self,
        wanted: &[FacetId],
        passage: &Passage<'_>,
        found: &mut BTreeMap<TermId, Vec<Evidence>>,
    ) {
        let folded = Folded::new(passage.text);
        let hits = self.hits(wanted, passage.text, &folded);
        // Each keyword once, where it stands first, with the number of times it was found.
        let mut order = Vec::new();
        let mut counts: HashMap<usize, u32> = HashMap::new();
        for hit in &hits {
            let count = counts.entry(hit.keyword).or_insert(0);
            if *count == 0 {
                order.push(hit);
            }
            *count += 1;
        }
        for hit in order {
            let weight = match passage.part {
                Part::Label => 0,
                Part::Title => 3,
                Part::Lead => 2,
                Part::Body => counts[&hit.keyword].min(MOST_IN_BODY),
            };
            let term = self.keywords[hit.keyword].term;
            found.entry(term).or_default().push(Evidence {
                text: one_line(&passage.text[folded.in_source(hit.at.clone())]),
                part: passage.part,
                line: 0,
                weight,
            });
        }
    }

    /// The keywords in a text in the order in which they stand, without those within a longer
    /// keyword of the same facet.
    fn hits(&self, wanted: &[FacetId], source: &str, folded: &Folded) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self
            .automaton
            .find_overlapping_iter(&folded.text)
            .map(|found| Hit {
                keyword: found.pattern().as_usize(),
                at: found.range(),
            })
            .filter(|hit| {
                let keyword = &self.keywords[hit.keyword];
                let stands = || &source[folded.in_source(hit.at.clone())];
                wanted.contains(&keyword.facet)
                    && folded.is_whole_words(hit.at.clone())
                    && keyword.exactly.as_ref().is_none_or(|it| it == stands())
            })
            .collect();
        hits.sort_by_key(|hit| (hit.at.start, Reverse(hit.at.end), hit.keyword));
        // Of what begins no later, the one that reaches farthest, facet by facet.
        let mut farthest: HashMap<FacetId, Range<usize>> = HashMap::new();
        hits.retain(|hit| {
            let facet = self.keywords[hit.keyword].facet;
            match farthest.get(&facet) {
                Some(other) if hit.at.end <= other.end => hit.at == *other,
                _ => {
                    farthest.insert(facet, hit.at.clone());
                    true
                }
            }
        });
        hits
    }
}

/// The terms of `facet` whose evidence is enough, best first; not the parent of a term that is
/// itself proposed, where parents follow from their children.
fn best(taxonomy: &Taxonomy, facet: FacetId, found: &BTreeMap<TermId, Vec<Evidence>>) -> Vec<Tag> {
    let described = taxonomy.facet(facet);
    let terms = TermId(described.terms.start)..TermId(described.terms.end);
    let mut enough: Vec<(u32, TermId, &Vec<Evidence>)> = found
        .range(terms)
        .map(|(term, evidence)| (evidence.iter().map(|it| it.weight).sum(), *term, evidence))
        .filter(|(score, _, _)| *score >= described.rule_threshold)
        .collect();
    if described.inherit {
        let above: HashSet<TermId> = enough
            .iter()
            .flat_map(|(_, term, _)| taxonomy.ancestors(*term))
            .collect();
        enough.retain(|(_, term, _)| !above.contains(term));
    }
    enough.sort_by_key(|(score, term, _)| (Reverse(*score), *term));
    enough.truncate(described.rule_limit);
    let tags = enough.into_iter().map(|(_, term, evidence)| {
        let mut evidence = evidence.clone();
        evidence.sort_by_key(|it| (Reverse(it.weight), it.part));
        Tag {
            term,
            origin: Origin::Rule,
            through: None,
            evidence,
        }
    });
    tags.collect()
}

fn is_in_capitals(keyword: &str) -> bool {
    keyword.contains(char::is_uppercase) && !keyword.contains(char::is_lowercase)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
