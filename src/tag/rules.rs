//! Keyword rules: terms that a text speaks for, with the words that do so.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::text::Folded;
use super::{Evidence, Origin, Part, Passages, Tag};
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

    /// What the text speaks for in the facets `wanted`: the tags that are given, at most as many as
    /// a facet allows, and those that are suggested; facet after facet, in each the best first.
    pub(super) fn propose(
        &self,
        taxonomy: &Taxonomy,
        wanted: &[FacetId],
        passages: &Passages<'_>,
    ) -> (Vec<Tag>, Vec<Tag>) {
        let mut found: BTreeMap<TermId, Vec<Evidence>> = BTreeMap::new();
        for (part, text) in passages.parts() {
            self.read(wanted, part, text, &mut found);
        }
        let (mut given, mut suggested) = (Vec::new(), Vec::new());
        for facet in wanted {
            let (enough, others) = best(taxonomy, *facet, &mut found);
            given.extend(enough);
            suggested.extend(others);
        }
        (given, suggested)
    }

    /// Adds the evidence in one passage, strongest first among the terms' evidence.
    fn read(
        &self,
        wanted: &[FacetId],
        part: Part,
        text: &str,
        found: &mut BTreeMap<TermId, Vec<Evidence>>,
    ) {
        let folded = Folded::new(text);
        let hits = self.hits(wanted, text, &folded);
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
            let weight = match part {
                Part::Label => 0.0,
                Part::Title => 3.0,
                Part::Lead => 2.0,
                Part::Body => counts[&hit.keyword].min(MOST_IN_BODY) as f32,
            };
            let span = folded.in_source(hit.at.clone());
            let term = self.keywords[hit.keyword].term;
            found.entry(term).or_default().push(Evidence {
                text: one_line(&text[span.clone()]),
                part,
                span,
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

/// The terms of `facet` whose evidence is enough, and the others for which there is any, both best
/// first. The parent of a term that is itself given is neither, where parents follow from their
/// children.
fn best(
    taxonomy: &Taxonomy,
    facet: FacetId,
    found: &mut BTreeMap<TermId, Vec<Evidence>>,
) -> (Vec<Tag>, Vec<Tag>) {
    let described = taxonomy.facet(facet);
    let threshold = described.rule_threshold as f32;
    let terms = TermId(described.terms.start)..TermId(described.terms.end);
    let mut tags: Vec<Tag> = found
        .range_mut(terms)
        .map(|(term, evidence)| {
            let mut evidence = std::mem::take(evidence);
            evidence.sort_by(|one, other| {
                let weight = other.weight.total_cmp(&one.weight);
                weight.then(one.part.cmp(&other.part))
            });
            Tag {
                term: *term,
                origin: Origin::Rule,
                score: evidence.iter().map(|it| it.weight).sum(),
                threshold,
                through: None,
                evidence,
            }
        })
        .collect();
    if described.inherit {
        let enough = tags.iter().filter(|tag| tag.score >= threshold);
        let above: HashSet<TermId> = enough
            .flat_map(|tag| taxonomy.ancestors(tag.term))
            .collect();
        tags.retain(|tag| !above.contains(&tag.term));
    }
    tags.sort_by(|one, other| {
        let score = other.score.total_cmp(&one.score);
        score.then(one.term.cmp(&other.term))
    });
    let enough = tags.iter().take_while(|tag| tag.score >= threshold).count();
    let others = tags.split_off(enough.min(described.rule_limit));
    (tags, others)
}

fn is_in_capitals(keyword: &str) -> bool {
    keyword.contains(char::is_uppercase) && !keyword.contains(char::is_lowercase)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
