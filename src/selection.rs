//! Selections: boolean queries over terms, dates, language and type.
//!
//! Feeds, digests and subscriptions all say with one which items they want:
//! `field_of_work:(policing or migration) and not country:albania and after:2024-01-01`.
//!
//! | words | the items meant |
//! | --- | --- |
//! | `*`, `all` | every item |
//! | `facet:term` | those tagged with the term; the facet by key or slug, the term by slug |
//! | `facet:(a or b and not c)` | the same, the facet written once |
//! | `language:ru`, `lang:ru` | those in Russian, whatever the region or script (`ru-BY` too) |
//! | `type:press-release` | those of this type, letter case and spaces aside |
//! | `after:2024-01-01` | those published on that day (UTC) or later |
//! | `before:2024-12-31` | those published earlier than that day (UTC) |
//! | `not x`, `x and y`, `x or y`, `( )` | `not` binds most tightly, then `and`, then `or` |
//!
//! Pure: knows the taxonomy, but neither items nor files.

mod chosen;
mod normal;
mod parse;
mod reach;
#[cfg(test)]
mod tests;
mod ticks;
mod words;

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::taxonomy::slug::slug;
use crate::taxonomy::{Taxonomy, TermId};

pub use normal::TooComplex;
pub use ticks::of_ticks;

/// The words with a meaning of their own, which no facet may have as its key or slug.
pub const RESERVED: [&str; 9] = [
    "all", "and", "or", "not", "language", "lang", "type", "after", "before",
];

/// The most bytes of a selection's text.
pub const LENGTH_LIMIT: usize = 16_384;

/// The most parentheses within one another.
pub const DEPTH_LIMIT: usize = 32;

/// What is asked of an item; all that a selection looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Its terms in ascending order, inherited ones included.
    pub terms: &'a [TermId],
    /// When it was issued.
    pub published: DateTime<Utc>,
    /// BCP 47 tag.
    pub language: &'a str,
    /// What sort of item it is: `Press release`.
    pub kind: Option<&'a str>,
}

/// A boolean query over terms, dates, language and type.
///
/// Two selections are equal when they are built alike, however they were written. `Display`
/// writes the canonical form, which parses to an equal selection (unless, each facet written
/// out, it is longer than [`LENGTH_LIMIT`]).
#[derive(Debug, Clone)]
pub struct Selection {
    /// As written.
    pub text: String,
    query: Query,
}

impl Selection {
    /// Reads a selection; facets and terms are looked up in `taxonomy`.
    ///
    /// # Errors
    ///
    /// The first place at which the text is not a selection: a word out of place, an unknown
    /// facet or term, an impossible date, a text beyond [`LENGTH_LIMIT`] or [`DEPTH_LIMIT`].
    pub fn parse(text: &str, taxonomy: &Taxonomy) -> Result<Selection, SelectionError> {
        let query = parse::parse(text, taxonomy)?;
        Ok(Selection {
            text: text.to_owned(),
            query,
        })
    }

    /// The selection of every item: `*`.
    pub fn everything() -> Selection {
        Selection {
            text: "*".to_owned(),
            query: Query::All,
        }
    }

    /// Whether an item with these facts is selected.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        self.query.matches(facts)
    }
}

impl PartialEq for Selection {
    fn eq(&self, other: &Selection) -> bool {
        self.query == other.query
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(formatter)
    }
}

/// Why a text is not a selection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectionError {
    /// The bytes of the text that are wrong; empty at a place where something is missing.
    pub span: Range<usize>,
    /// What is wrong, in one sentence without a full stop: `unknown term 'polic' in country`.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A parsed selection. Built by [`parse`] alone, which keeps it in one form: `And` and `Or` have
/// at least two members, none of them of the same sort; `Not` never holds `Not`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Query {
    All,
    /// The names are kept for `Display`, so that it needs no taxonomy.
    Term {
        id: TermId,
        facet: String,
        slug: String,
    },
    /// In lower case.
    Language(String),
    /// As a slug.
    Kind(String),
    After(NaiveDate),
    Before(NaiveDate),
    Not(Box<Query>),
    And(Vec<Query>),
    Or(Vec<Query>),
}

impl Query {
    fn not(query: Query) -> Query {
        match query {
            Query::Not(inner) => *inner,
            other => Query::Not(Box::new(other)),
        }
    }

    fn and(members: Vec<Query>) -> Query {
        Query::joined(members, Query::And, |member| match member {
            Query::And(inner) => Ok(inner),
            other => Err(other),
        })
    }

    fn or(members: Vec<Query>) -> Query {
        Query::joined(members, Query::Or, |member| match member {
            Query::Or(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// Joins members, those of the same sort opened up: `a and (b and c)` is `a and b and c`.
    fn joined(
        members: Vec<Query>,
        join: fn(Vec<Query>) -> Query,
        open: fn(Query) -> Result<Vec<Query>, Query>,
    ) -> Query {
        let mut flat = Vec::with_capacity(members.len());
        for member in members {
            match open(member) {
                Ok(inner) => flat.extend(inner),
                Err(other) => flat.push(other),
            }
        }
        if flat.len() == 1 {
            flat.remove(0)
        } else {
            join(flat)
        }
    }

    fn matches(&self, facts: &Facts<'_>) -> bool {
        match self {
            Query::All => true,
            Query::Term { id, .. } => facts.terms.binary_search(id).is_ok(),
            Query::Language(range) => speaks(facts.language, range),
            Query::Kind(kind) => facts.kind.is_some_and(|stated| slug(stated) == *kind),
            Query::After(day) => facts.published >= start_of(*day),
            Query::Before(day) => facts.published < start_of(*day),
            Query::Not(query) => !query.matches(facts),
            Query::And(members) => members.iter().all(|member| member.matches(facts)),
            Query::Or(members) => members.iter().any(|member| member.matches(facts)),
        }
    }

    /// How tightly the query's outermost word binds, for parentheses.
    fn tightness(&self) -> u8 {
        match self {
            Query::Or(_) => 0,
            Query::And(_) => 1,
            _ => 2,
        }
    }

    fn write_within(&self, around: u8, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tightness() < around {
            write!(formatter, "({self})")
        } else {
            write!(formatter, "{self}")
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (members, word) = match self {
            Query::All => return write!(formatter, "*"),
            Query::Term { facet, slug, .. } => return write!(formatter, "{facet}:{slug}"),
            Query::Language(range) => return write!(formatter, "language:{range}"),
            Query::Kind(kind) => return write!(formatter, "type:{kind}"),
            Query::After(day) => return write!(formatter, "after:{day}"),
            Query::Before(day) => return write!(formatter, "before:{day}"),
            Query::Not(query) => {
                write!(formatter, "not ")?;
                return query.write_within(2, formatter);
            }
            Query::And(members) => (members, " and "),
            Query::Or(members) => (members, " or "),
        };
        for (place, member) in members.iter().enumerate() {
            if place > 0 {
                formatter.write_str(word)?;
            }
            member.write_within(self.tightness() + 1, formatter)?;
        }
        Ok(())
    }
}

/// Whether the language tag lies within the range, by RFC 4647, section 3.3.1 (basic filtering):
/// the range is the whole tag, or its beginning up to a hyphen.
fn speaks(tag: &str, range: &str) -> bool {
    tag.get(..range.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(range))
        && matches!(tag.as_bytes().get(range.len()), None | Some(b'-'))
}

fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
