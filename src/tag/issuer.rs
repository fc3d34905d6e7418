//! Who issues an item that does not say so: the body that acts in it, rather than one that is
//! merely mentioned.
//!
//! Every mention of a body counts by where it stands and by the words around it: who organizes
//! something, whose head speaks, who is the subject of the first sentence. The words are those of
//! English; in other languages place alone counts. No organization is known here: bodies are the
//! terms of a facet that issues items.

mod cues;
mod fillers;

use std::ops::Range;

pub(super) use fillers::Fillers;

use memchr::memmem;

use super::places::{Dateline, PREPOSITIONS, Places};
use super::rules::{Fate, Found, Rules};
use super::score::Spoken;
use super::text::Folded;
use super::{Part, Passages};
use crate::taxonomy::{Taxonomy, TermId};
use cues::WordAfter;

/// What a mention counts before the words around it are looked at.
const TITLE: f32 = 3.0;
const LEAD: f32 = 2.0;
const BODY: f32 = 1.0;
/// How many mentions of one body in one part count beside the weightiest, and for how much.
const MORE_MENTIONS: usize = 4;
const MORE_WEIGHT: f32 = 0.5;
/// What a dateline counts: its city is where the body sits, alone or among others; or it is in the
/// country that the body is named after.
const SEAT: f32 = 2.0;
const HOME: f32 = 1.5;
/// What the subject of the first sentence counts more.
const SUBJECT: f32 = 2.5;

/// What of a body's weight those have at most that are named after it: "the Chair and the Office".
const JOINED: f32 = 0.9;
/// What a body counts that is named after the dateline's place, where the text calls it by what its
/// name says before that: "The Centre also renovated ...".
const SHORT: f32 = 1.5;

/// How far around a mention is looked, in bytes: the cost is that of the mentions, however long
/// the text.
const REACH: usize = 160;

/// What is read of one part of an item's text.
pub(super) struct Reading<'r> {
    pub(super) taxonomy: &'r Taxonomy,
    pub(super) rules: &'r Rules,
    pub(super) places: &'r Places,
    pub(super) part: Part,
    pub(super) source: &'r str,
    pub(super) folded: &'r Folded,
    /// The dateline of the part; empty where it has none.
    pub(super) dateline: &'r Dateline,
    /// The bodies that are named after the dateline's places.
    pub(super) local: &'r [TermId],
    pub(super) fillers: &'r Fillers,
}

impl Reading<'_> {
    /// Whether some folded words are a place in the dateline.
    pub(super) fn is_in_dateline(&self, words: Range<usize>) -> bool {
        if self.dateline.places.is_empty() {
            return false;
        }
        let words = self.folded.in_source(words);
        let mut places = self.dateline.places.iter();
        places.any(|place| place.start <= words.start && words.end <= place.end)
    }

    /// What the mentions of bodies in this part say, each body once, and its dateline.
    pub(super) fn weigh(&self, found: &[Found], spoken: &mut Vec<Spoken>) {
        let is_mention = |it: &&Found| {
            let rule = self.rules.rule(it.rule);
            it.fate == Fate::Counts && self.taxonomy.facet(rule.facet).issues
        };
        let mut mentions: Vec<(TermId, f32, Range<usize>)> = Vec::new();
        let mut last: Option<(usize, f32, f32)> = None;
        let base = match self.part {
            Part::Label => 0.0,
            Part::Title => TITLE,
            Part::Lead => LEAD,
            Part::Body => BODY,
        };
        for mention in found.iter().filter(is_mention) {
            let rule = self.rules.rule(mention.rule);
            let words = self.words_before(mention.start);
            let (cue, most) = match last {
                // "by the Department, the Office and the Centre": what is said of the first is
                // said of all, a little less surely.
                Some((end, cue, weight)) if self.only_joins(end, mention.start) => {
                    (cue * JOINED, weight * JOINED)
                }
                _ => (self.cue(words, mention), f32::INFINITY),
            };
            let weight = (base * cue * rule.weight).min(most);
            last = Some((mention.end, cue, weight));
            let span = self.folded.in_source(mention.start..mention.end);
            mentions.push((rule.term, weight, span));
        }
        if self.part != Part::Title {
            let short = self.local.iter().filter_map(|term| {
                let span = self.called_in_short(*term)?;
                Some((*term, base * SHORT, span))
            });
            mentions.extend(short);
        }
        mentions.sort_by(|one, other| one.0.cmp(&other.0).then(other.1.total_cmp(&one.1)));
        for same in mentions.chunk_by(|one, other| one.0 == other.0) {
            let (term, weight, span) = &same[0];
            let more = (same.len() - 1).min(MORE_MENTIONS) as f32 * MORE_WEIGHT;
            spoken.push(Spoken {
                term: *term,
                part: self.part,
                span: span.clone(),
                weight: weight + more,
            });
        }
        self.weigh_dateline(spoken);
    }

    /// The cities of the dateline speak for those who sit there, and for their countries. A city
    /// in which a body sits says where that is, not of which country the item is.
    fn weigh_dateline(&self, spoken: &mut Vec<Spoken>) {
        let mut told: Vec<TermId> = Vec::new();
        for place in &self.dateline.places {
            let Some(speaks) = self.places.speaks(&self.source[place.clone()]) else {
                continue;
            };
            for (terms, weight) in [(&speaks.seats, SEAT), (&speaks.named_after, HOME)] {
                let shared = (terms.len() as f32).sqrt();
                for term in terms {
                    // "BIHAĆ, Bosnia and Herzegovina" is one place.
                    if told.contains(term) {
                        continue;
                    }
                    told.push(*term);
                    // What has ended is less likely, but old items are many.
                    let open = if self.taxonomy.term(*term).closed {
                        0.7
                    } else {
                        1.0
                    };
                    spoken.push(Spoken {
                        term: *term,
                        part: self.part,
                        span: place.clone(),
                        weight: weight * open / shared,
                    });
                }
            }
            if speaks.seats.is_empty() {
                for term in &speaks.countries {
                    if !told.contains(term) {
                        told.push(*term);
                        spoken.push(Spoken {
                            term: *term,
                            part: self.part,
                            span: place.clone(),
                            weight: LEAD,
                        });
                    }
                }
            }
        }
    }

    /// The folded text before a mention within its paragraph, without articles and the words that
    /// its facet's names may bear.
    fn words_before(&self, start: usize) -> &str {
        let text = &self.folded.text;
        let near = floor_boundary(text, start.saturating_sub(REACH));
        let from = text[near..start]
            .rfind('\n')
            .map_or(near, |at| near + at + 1);
        let mut before = text[from..start].trim_end();
        while let Some(rest) = self.fillers.without_last(before) {
            before = rest;
        }
        before
    }

    /// Where a body is called by what its name says before the place, in capitals: "The Centre".
    fn called_in_short(&self, term: TermId) -> Option<Range<usize>> {
        let text = &self.folded.text;
        self.places.short_names(term).iter().find_map(|name| {
            let places = memmem::find_iter(text.as_bytes(), name.as_str());
            let mut spans = places.map(|start| (start, start + name.len()));
            spans.find_map(|(start, end)| {
                let is_word = self.folded.is_boundary(start) && self.folded.is_boundary(end);
                let before = text[..start].trim_end();
                if !is_word || self.fillers.without_last(before).is_none() {
                    return None;
                }
                let span = self.folded.in_source(start..end);
                // "The Centre in Baku" is that one, and "the Centre Party" another.
                let rest = self.source[span.end..].trim_start();
                let first = rest.split_whitespace().next().unwrap_or("");
                let goes_on = rest.starts_with(char::is_uppercase) || PREPOSITIONS.contains(&first);
                let is_name = self.source[span.clone()].starts_with(char::is_uppercase);
                (is_name && !goes_on).then_some(span)
            })
        })
    }

    /// By how much the words around a mention make it weightier.
    fn cue(&self, before: &str, mention: &Found) -> f32 {
        let longest = cues::before(before);
        let after = self.cue_after(mention.end);
        let begins_sentence =
            before.is_empty() || before.ends_with(['.', '!', '?', ':']) || self.begins_text(before);
        let subject = begins_sentence && self.part != Part::Title;
        let cue = longest.unwrap_or(1.0).max(match after {
            After::Acts if longest.is_none_or(|cue| cue >= 1.0) => 2.0,
            After::People if longest.is_none_or(|cue| cue >= 1.0) => 1.8,
            _ => 0.0,
        });
        match (self.part, &after) {
            (Part::Lead, _) if subject && longest.is_none() => SUBJECT,
            (_, After::Acts) if subject && longest.is_none() => cue + 1.0,
            _ if subject && longest.is_none() => cue.max(1.5),
            _ => cue,
        }
    }

    /// Whether what stands before a mention is the dateline alone.
    fn begins_text(&self, before: &str) -> bool {
        if self.dateline.places.is_empty() {
            return false;
        }
        let end = before.as_ptr() as usize - self.folded.text.as_ptr() as usize + before.len();
        self.folded.in_source(end..end).end <= self.dateline.end
    }

    fn cue_after(&self, end: usize) -> After {
        let text = &self.folded.text;
        let rest = &text[end..floor_boundary(text, text.len().min(end + REACH))];
        let sentence = rest
            .split(['.', '\n', ';', '"', '“', '”'])
            .next()
            .unwrap_or("");
        if sentence.starts_with("'s") {
            return After::People;
        }
        // A name may stand between the body and what it does, and so may a clause.
        let mut words = sentence.split(' ').filter(|word| !word.is_empty());
        for (place, word) in words.by_ref().take(8).enumerate() {
            let word = word.trim_matches(|it: char| !it.is_alphanumeric());
            match cues::after(word) {
                Some(WordAfter::People | WordAfter::Either) if place < 2 => return After::People,
                Some(WordAfter::Act | WordAfter::Either) => return After::Acts,
                Some(WordAfter::People) | None => {}
            }
        }
        After::Nothing
    }

    /// Whether nothing but a comma or "and" stands between two mentions.
    fn only_joins(&self, from: usize, to: usize) -> bool {
        const FARTHEST: usize = 60;
        if from > to || to - from > FARTHEST {
            return false;
        }
        let between = self.folded.text[from..to].split([' ', ',']);
        let mut words = between.filter(|word| !word.is_empty()).take(6);
        words
            .all(|word| matches!(word, "and" | "as" | "well" | "by") || self.fillers.contains(word))
    }
}

/// The last place at or before `at` where a character begins.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What stands after a mention.
#[derive(Clone, Copy)]
enum After {
    Acts,
    People,
    Nothing,
}

/// The dateline of an item, and the part that begins with it.
pub(super) fn dateline(passages: &Passages<'_>) -> (Part, Dateline) {
    let lead = Dateline::find(passages.lead);
    if lead.places.is_empty() {
        return (Part::Body, Dateline::find(passages.body));
    }
    (Part::Lead, lead)
}

/// The bodies that are named after the places of a dateline, or after their countries.
pub(super) fn local(places: &Places, text: &str, dateline: &Dateline) -> Vec<TermId> {
    let mut local = Vec::new();
    for place in &dateline.places {
        let Some(speaks) = places.speaks(&text[place.clone()]) else {
            continue;
        };
        for term in &speaks.named_after {
            if !local.contains(term) {
                local.push(*term);
            }
        }
    }
    local
}
