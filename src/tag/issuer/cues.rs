//! The words around a body's name that tell whether it issues the item or is merely mentioned, and
//! how much they count. English, in folded text.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word after a body's name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordAfter {
    /// Something that the body does.
    Act,
    /// Someone of the body's people.
    People,
    /// Both: monitors monitor.
    Either,
}

/// What a word tells that stands after a body's name.
pub(super) fn after(word: &str) -> Option<WordAfter> {
    static AFTER: LazyLock<HashMap<&str, WordAfter>> = LazyLock::new(|| {
        let people = PEOPLE_AFTER.iter().map(|word| (*word, WordAfter::People));
        let mut after: HashMap<&str, WordAfter> = people.collect();
        for word in ACTS_AFTER {
            let what = match PEOPLE_AFTER.contains(word) {
                true => WordAfter::Either,
                false => WordAfter::Act,
            };
            after.insert(word, what);
        }
        after
    });
    AFTER.get(word).copied()
}

/// What the longest of the phrases counts that stand at the end of `text`, the words before a
/// body's name; `None` where none does.
pub(super) fn before(text: &str) -> Option<f32> {
    let last = text.bytes().next_back()?;
    let mut longest: Option<&(&str, f32)> = None;
    for entry in ACTS_BEFORE.iter().chain(&OTHERS_BEFORE) {
        let (words, _) = entry;
        // Most end in another letter.
        if words.bytes().next_back() != Some(last)
            || longest.is_some_and(|(longest, _)| longest.len() >= words.len())
        {
            continue;
        }
        let stands = text
            .strip_suffix(words)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '(', '"', '“']));
        if stands {
            longest = Some(entry);
        }
    }
    longest.map(|(_, cue)| *cue)
}

/// What stands before a body that acts: "organized by the", "with the support of the".
const ACTS_BEFORE: [(&str, f32); 65] = [
    ("organized by", 3.0),
    ("organised by", 3.0),
    ("organized jointly by", 3.0),
    ("co organized by", 2.5),
    ("jointly organized by", 3.0),
    ("hosted by", 2.5),
    ("convened by", 3.0),
    ("conducted by", 2.5),
    ("held by", 2.5),
    ("run by", 2.5),
    ("led by", 2.5),
    ("launched by", 3.0),
    ("published by", 3.0),
    ("issued by", 3.0),
    ("released by", 3.0),
    ("presented by", 2.5),
    ("produced by", 2.5),
    ("prepared by", 2.5),
    ("developed by", 2.5),
    ("implemented by", 2.5),
    ("facilitated by", 2.5),
    ("arranged by", 2.5),
    ("initiated by", 2.5),
    ("commissioned by", 2.5),
    ("established by", 2.0),
    ("provided by", 2.5),
    ("delivered by", 2.5),
    ("donated by", 2.5),
    ("funded by", 2.0),
    ("supported by", 2.5),
    ("assisted by", 2.5),
    ("sponsored by", 2.0),
    ("trained by", 2.5),
    ("deployed by", 2.0),
    ("observed by", 2.0),
    ("by", 1.5),
    ("support of", 2.5),
    ("support from", 2.5),
    ("assistance of", 2.5),
    ("assistance from", 2.5),
    ("help of", 2.5),
    ("help from", 2.5),
    ("auspices of", 2.5),
    ("initiative of", 2.0),
    ("head of", 3.0),
    ("heads of", 2.0),
    ("director of", 3.0),
    ("chief of", 2.5),
    ("officer of", 2.5),
    ("officer at", 2.5),
    ("officer in", 2.5),
    ("officer with", 2.5),
    ("adviser at", 2.5),
    ("adviser to", 2.0),
    ("expert of", 2.0),
    ("spokesperson for", 3.0),
    ("spokesperson of", 3.0),
    ("spokesman for", 3.0),
    ("president of", 2.5),
    ("project of", 2.0),
    ("statement by", 3.0),
    ("said", 2.5),
    ("says", 2.5),
    ("according to", 2.0),
    ("thanks to", 2.0),
];

/// What stands before a body that is spoken to, or with.
const OTHERS_BEFORE: [(&str, f32); 23] = [
    ("co operation with", 1.2),
    ("cooperation with", 1.2),
    ("partnership with", 1.2),
    ("jointly with", 1.2),
    ("together with", 1.2),
    ("with", 0.8),
    ("met", 0.4),
    ("visit to", 0.4),
    ("visited", 0.4),
    ("report to", 0.3),
    ("reported to", 0.3),
    ("told", 0.3),
    ("addressed", 0.3),
    ("addressing", 0.3),
    ("address to", 0.3),
    ("addresses", 0.3),
    ("presented to", 0.3),
    ("speech to", 0.3),
    ("speaking to", 0.3),
    ("delegations to", 0.3),
    ("meeting of", 0.4),
    ("representative to", 0.4),
    ("to", 0.5),
];

/// What a body does whose name stands before it.
const ACTS_AFTER: &[&str] = &[
    "organized",
    "organised",
    "organizes",
    "organises",
    "hosted",
    "hosts",
    "held",
    "holds",
    "launched",
    "launches",
    "presented",
    "presents",
    "published",
    "publishes",
    "released",
    "releases",
    "issued",
    "conducted",
    "conducts",
    "donated",
    "donates",
    "handed",
    "hands",
    "delivered",
    "supported",
    "supports",
    "helped",
    "helps",
    "trained",
    "trains",
    "opened",
    "opens",
    "closed",
    "completed",
    "began",
    "begins",
    "started",
    "starts",
    "concluded",
    "continues",
    "continued",
    "facilitated",
    "facilitates",
    "provided",
    "provides",
    "assisted",
    "assists",
    "welcomed",
    "welcomes",
    "condemned",
    "condemns",
    "urged",
    "urges",
    "called",
    "calls",
    "said",
    "says",
    "told",
    "stressed",
    "noted",
    "expressed",
    "expresses",
    "warned",
    "warns",
    "asked",
    "asks",
    "reminded",
    "announced",
    "announces",
    "appointed",
    "deployed",
    "deploys",
    "observed",
    "observes",
    "monitors",
    "monitored",
    "reiterated",
    "commended",
    "praised",
    "deplored",
    "denounced",
    "visited",
    "met",
    "marked",
    "marks",
    "runs",
    "ran",
    "will",
    "has",
    "is",
    "today",
    "yesterday",
    "stands",
    "reported",
    "reports",
    "noticed",
    "recorded",
    "heard",
    "saw",
    "published",
    "convened",
    "convenes",
    "implements",
    "implemented",
    "encouraged",
    "encourages",
    "congratulated",
    "offered",
    "offers",
    "raised",
    "voiced",
];

/// Whose words they are: the body's people.
const PEOPLE_AFTER: &[&str] = &[
    "director",
    "head",
    "deputy",
    "spokesperson",
    "spokesman",
    "spokeswoman",
    "president",
    "officer",
    "officers",
    "expert",
    "experts",
    "adviser",
    "advisers",
    "staff",
    "monitors",
    "observers",
    "patrol",
    "patrols",
    "project",
    "team",
    "ambassador",
    "project's",
    "'s",
];
