//! What an item states, resolved: values taken apart and their names found among the terms.

use super::{Evidence, Origin, Part, Tag, Unknown};
use crate::item::Stated;
use crate::taxonomy::names::{Names, Piece};
use crate::taxonomy::{FacetId, Taxonomy, TermId};

/// Adds the tags that one value states, each term once among `tags`, and what it leaves over.
pub(super) fn read(
    taxonomy: &Taxonomy,
    names: &Names,
    (facet, stated): (FacetId, &Stated),
    tags: &mut Vec<Tag>,
    unknown: &mut Vec<Unknown>,
) {
    let pieces = names.split(facet, &stated.text);
    let terms = resolved(taxonomy, &pieces);
    for (piece, term) in pieces.iter().zip(&terms) {
        match term {
            None => unknown.push(Unknown {
                facet,
                text: piece.text.to_owned(),
                line: stated.line,
                column: column(stated, piece),
                nearest: match piece.terms {
                    [] => names.nearest(facet, piece.text),
                    [first, ..] => Some(*first),
                },
                ambiguous: piece.terms.to_vec(),
            }),
            // "OSCE Secretariat, Transnational Threats Department" is the department's alone: the
            // Secretariat follows from it.
            Some(term) if taxonomy.facet(facet).inherit && leads_to(taxonomy, *term, &terms) => {}
            Some(term) => add(tags, *term, evidence(stated, piece)),
        }
    }
}

/// The term of each piece, if there is one that it must mean. Of several terms that bear a name,
/// it is the only one that is under another term of the same value.
fn resolved(taxonomy: &Taxonomy, pieces: &[Piece<'_, '_>]) -> Vec<Option<TermId>> {
    let certain: Vec<TermId> = pieces
        .iter()
        .filter_map(|piece| match piece.terms {
            [term] => Some(*term),
            _ => None,
        })
        .collect();
    let is_under_certain = |term: &TermId| {
        let mut above = taxonomy.ancestors(*term);
        above.any(|above| certain.contains(&above))
    };
    let resolve = |piece: &Piece<'_, '_>| match piece.terms {
        [] => None,
        [term] => Some(*term),
        several => {
            let mut fitting = several.iter().copied().filter(is_under_certain);
            fitting.next().filter(|_| fitting.next().is_none())
        }
    };
    pieces.iter().map(resolve).collect()
}

/// Whether any of `terms` is below `term`.
fn leads_to(taxonomy: &Taxonomy, term: TermId, terms: &[Option<TermId>]) -> bool {
    let mut others = terms.iter().flatten();
    others.any(|other| taxonomy.ancestors(*other).any(|above| above == term))
}

fn add(tags: &mut Vec<Tag>, term: TermId, evidence: Evidence) {
    match tags.iter_mut().find(|tag| tag.term == term) {
        Some(tag) => tag.evidence.push(evidence),
        None => tags.push(Tag {
            term,
            origin: Origin::Stated,
            score: 1.0,
            threshold: 0.0,
            through: None,
            evidence: vec![evidence],
        }),
    }
}

fn evidence(stated: &Stated, piece: &Piece<'_, '_>) -> Evidence {
    Evidence {
        text: piece.text.to_owned(),
        part: Part::Label,
        span: piece.start..piece.start + piece.text.len(),
        line: stated.line,
        weight: 0.0,
    }
}

/// The column at which a piece begins; 0 where that is not known.
fn column(stated: &Stated, piece: &Piece<'_, '_>) -> usize {
    match stated.column {
        0 => 0,
        column => column + stated.text[..piece.start].chars().count(),
    }
}
