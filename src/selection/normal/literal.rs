//! Conditions and their opposites as they are written.

use super::Atom;
use crate::selection::Query;

/// A condition or its opposite, in the order in which they are written: what is wanted first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Literal<'a> {
    is_negated: bool,
    atom: &'a Atom,
    is_before: bool,
}

impl<'a> Literal<'a> {
    /// The condition, or its opposite where it is not to hold.
    pub fn new(atom: &'a Atom, holds: bool) -> Literal<'a> {
        let is_before = !holds && matches!(atom, Atom::After(_));
        Literal {
            is_negated: !holds && !is_before,
            atom,
            is_before,
        }
    }

    /// The selection of this alone.
    pub fn to_query(&self) -> Query {
        match (self.atom, self.is_negated) {
            (Atom::After(day), _) if self.is_before => Query::Before(*day),
            (atom, false) => atom.to_query(),
            (atom, true) => Query::not(atom.to_query()),
        }
    }

    /// The word before the colon and the value behind it, where values may share the word.
    fn shared(&self) -> Option<(&str, &str)> {
        match self.atom {
            _ if self.is_negated => None,
            // Within brackets these would join rather than name a term.
            Atom::Term { slug, .. } if matches!(&**slug, "and" | "or" | "not") => None,
            Atom::Term { facet, slug, .. } => Some((facet, slug)),
            Atom::Language(range) => Some(("language", range)),
            Atom::Kind(kind) => Some(("type", kind)),
            Atom::After(_) => None,
        }
    }
}

/// `country:(albania or kosovo) or language:en`, in brackets where it needs them.
pub(super) fn join(literals: &[Literal<'_>], word: &str, brackets: bool) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let same_word = |a: &Literal<'_>, b: &Literal<'_>| match (a.shared(), b.shared()) {
        (Some((first, _)), Some((second, _))) => first == second,
        _ => false,
    };
    for group in literals.chunk_by(same_word) {
        match (group, group[0].shared()) {
            ([_, _, ..], Some((facet, _))) => {
                let values: Vec<&str> = group
                    .iter()
                    .filter_map(|literal| literal.shared().map(|(_, value)| value))
                    .collect();
                pieces.push(format!("{facet}:({})", values.join(&format!(" {word} "))));
            }
            _ => pieces.extend(group.iter().map(|literal| literal.to_query().to_string())),
        }
    }
    let joined = pieces.join(&format!(" {word} "));
    if brackets && pieces.len() > 1 {
        format!("({joined})")
    } else {
        joined
    }
}
