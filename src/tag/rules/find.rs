//! Finding rules in a text.

use std::cmp::Reverse;
use std::ops::Range;

use super::{Half, Letters, Pattern, Rules, Step};
use crate::tag::language::KnownStems;
use crate::tag::text::Folded;
use crate::taxonomy::{FacetId, TermId};

/// A rule found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tag) struct Found {
    /// The rule's number.
    pub(in crate::tag) rule: u32,
    /// Its place in the folded text.
    pub(in crate::tag) start: usize,
    pub(in crate::tag) end: usize,
    /// What becomes of it.
    pub(in crate::tag) fate: Fate,
}

/// What becomes of a rule that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tag) enum Fate {
    /// It counts.
    Counts,
    /// It stands inside a longer phrase of the facet, the rule with this number.
    InLonger(u32),
    /// It stands inside what its term excludes, the rule with this number.
    Excluded(u32),
}

/// What is looked for in a text.
pub(in crate::tag) struct Wanted<'w> {
    pub(in crate::tag) facets: &'w [FacetId],
    /// The text's language, an ISO 639 code.
    pub(in crate::tag) language: &'w str,
}

/// The last place at which each half of a rule stood.
type Halves = [Option<(usize, usize)>; 2];

impl Rules {
    /// The rules of the facets wanted that stand in a text, in the order in which they stand.
    pub(in crate::tag) fn find(
        &self,
        wanted: &Wanted<'_>,
        source: &str,
        folded: &Folded,
    ) -> Vec<Found> {
        let language = self.languages.iter().position(|it| it == wanted.language);
        let speaks = |pattern: &Pattern| {
            let is_of_language = |it: u8| Some(usize::from(it)) == language;
            pattern.language.is_none_or(is_of_language) && wanted.facets.contains(&pattern.facet)
        };
        let mut found: Vec<(usize, usize, &Pattern)> = Vec::new();
        self.known_stems.with(|known| {
            self.each_head(folded, |head, start, head_end| {
                for pattern in self.patterns[head].iter().filter(|it| speaks(it)) {
                    if let Some(end) = pattern.end(folded, source, (start, head_end), known) {
                        found.push((start, end, pattern));
                    }
                }
            });
        });
        // They are met in the order of the text; those that begin at one place are few.
        for same in found.chunk_by_mut(|one, other| one.0 == other.0) {
            same.sort_by_key(|(_, end, pattern)| {
                let rule = self.rule(pattern.rule);
                // What a term excludes is known before what it excludes is met.
                (Reverse(*end), !rule.excludes, rule.term, pattern.rule)
            });
        }
        found.dedup_by_key(|(start, end, pattern)| (*start, *end, pattern.rule, pattern.half));
        let mut hits = self.joined(folded, &found);
        // A keyword that repeats a name counts once.
        hits.dedup_by(|one, other| {
            (one.start, one.end) == (other.start, other.end)
                && self.rule(one.rule).term == self.rule(other.rule).term
                && self.rule(one.rule).near == self.rule(other.rule).near
        });
        self.with_fates(hits)
    }

    /// Calls `found` with the number and place of every head that begins where a word does, or with
    /// a mark.
    fn each_head(&self, folded: &Folded, mut found: impl FnMut(usize, usize, usize)) {
        let bytes = folded.text.as_bytes();
        folded.each_start(self.heads.begin_with_marks(), |start| {
            if self.heads.may_stand(bytes, start) {
                self.heads
                    .each(bytes, start, |head, end| found(head, start, end));
            }
        });
    }

    /// How many beginnings of rules a text holds, which is what finding costs.
    #[cfg(test)]
    pub(in crate::tag) fn heads_met(&self, folded: &Folded) -> usize {
        let mut met = 0;
        self.each_head(folded, |_, _, _| met += 1);
        met
    }

    /// Patterns that are whole rules, and pairs of halves that are near enough.
    fn joined(&self, folded: &Folded, found: &[(usize, usize, &Pattern)]) -> Vec<Found> {
        let mut hits = Vec::with_capacity(found.len());
        let mut halves: Vec<Halves> = Vec::new();
        for (start, end, pattern) in found {
            let mut hit = |start, end| {
                let (rule, fate) = (pattern.rule, Fate::Counts);
                hits.push(Found {
                    rule,
                    start,
                    end,
                    fate,
                });
            };
            let Some((number, most)) = self.rule(pattern.rule).near else {
                hit(*start, *end);
                continue;
            };
            if halves.is_empty() {
                halves.resize(self.nears, [None; 2]);
            }
            let (own, other) = match pattern.half {
                Half::Second => (1, 0),
                Half::Whole | Half::First => (0, 1),
            };
            let halves = &mut halves[number as usize];
            match halves[other] {
                Some((from, to)) if to <= *start && folded.are_near(to, *start, most) => {
                    hit(from, *end);
                    // A word is half of one pair only.
                    *halves = [None; 2];
                }
                _ => halves[own] = Some((*start, *end)),
            }
        }
        hits
    }

    /// Settles which hits count: of phrases of one facet the longest, and none that is excluded.
    fn with_fates(&self, mut hits: Vec<Found>) -> Vec<Found> {
        // Of the exclusions of a term that begin no later, the one that reaches farthest.
        let mut excluding: Vec<(TermId, Found)> = Vec::new();
        // Of what begins no later, the phrase that reaches farthest, facet by facet.
        let mut farthest: Vec<(FacetId, Found)> = Vec::new();
        for hit in &mut hits {
            let rule = self.rule(hit.rule);
            let own = excluding.iter_mut().find(|(term, _)| *term == rule.term);
            if rule.excludes {
                match own {
                    Some((_, exclusion)) if exclusion.end >= hit.end => {}
                    Some((_, exclusion)) => *exclusion = *hit,
                    None => excluding.push((rule.term, *hit)),
                }
                continue;
            }
            if let Some((_, exclusion)) = own
                && hit.end <= exclusion.end
            {
                hit.fate = Fate::Excluded(exclusion.rule);
                continue;
            }
            if rule.near.is_some() {
                continue;
            }
            match farthest.iter_mut().find(|(facet, _)| *facet == rule.facet) {
                Some((_, longer)) if hit.end <= longer.end => {
                    if (hit.start, hit.end) != (longer.start, longer.end) {
                        hit.fate = Fate::InLonger(longer.rule);
                    }
                }
                Some((_, longer)) => *longer = *hit,
                None => farthest.push((rule.facet, *hit)),
            }
        }
        hits.retain(|hit| !self.rule(hit.rule).excludes);
        hits.sort_by_key(|hit| hit.start);
        hits
    }
}

impl Pattern {
    /// Where the pattern ends that begins at `start` and whose head ends at `head_end`, if all of
    /// it stands there.
    fn end(
        &self,
        folded: &Folded,
        source: &str,
        (start, head_end): (usize, usize),
        known: &mut KnownStems,
    ) -> Option<usize> {
        let mut end = head_end;
        if let Some(word) = self.head_end {
            let mut at = start + word;
            for (place, step) in self.rest.iter().enumerate() {
                if place > 0 {
                    at = end + 1;
                    if !folded.text[end..].starts_with(' ') {
                        return None;
                    }
                }
                end = step.end(folded, at, known)?;
            }
        }
        if !folded.is_boundary(end) {
            return None;
        }
        let stands = || &source[folded.in_source(start..end)];
        let fits = match &self.letters {
            Letters::Any => true,
            Letters::Capital => stands().starts_with(char::is_uppercase),
            Letters::Exactly(words) => *stands() == **words,
        };
        fits.then_some(end)
    }
}

impl Step {
    /// Where the word that begins at `at` ends, if it is this one.
    fn end(&self, folded: &Folded, at: usize, known: &mut KnownStems) -> Option<usize> {
        let rest = folded.text.get(at..)?;
        match self {
            Step::Exact(word) => rest
                .starts_with(&**word)
                .then(|| at + word.len())
                .filter(|end| folded.is_boundary(*end)),
            Step::Beginning(word) => rest
                .starts_with(&**word)
                .then(|| folded.word_end(at + word.len())),
            Step::Stem { stem, stems, .. } => {
                let range: Range<usize> = at..folded.word_end(at);
                let word = &folded.text[range.clone()];
                known.is_of(stem, word, *stems).then_some(range.end)
            }
        }
    }
}
