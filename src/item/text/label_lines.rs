//! Labelled lines: `Issued by: OSCE Secretariat`, with the value on the same line, on the
//! bulleted lines below, or on the one line below.

use std::ops::Range;

use super::lines::{Line, paragraphs};
use crate::item::labels::{Field, Lookup};

/// The longest label, in bytes.
const LABEL: usize = 80;

/// The longest line that may be a value below its label, in characters.
const VALUE: usize = 120;

/// The most paragraphs before the first label; beyond it a label is a part of a sentence.
const BEFORE: usize = 4;

/// A label with its values.
#[derive(Debug, PartialEq)]
pub(super) struct LabelLine {
    pub field: Field,
    /// Each value with its bytes in the source.
    pub values: Vec<(String, Range<usize>)>,
    /// The lines that it takes up, its values among them.
    pub lines: Range<usize>,
}

/// The labels of a file. They stand together at its head or at its foot; at most one paragraph,
/// the lead, divides those at the head.
pub(super) fn label_lines(lines: &[Line<'_>], lookup: &Lookup) -> Vec<LabelLine> {
    let mut found: Vec<LabelLine> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        match label(&lines[at], lookup) {
            Some((field, value)) => {
                let label = with_values(lines, at, field, value, lookup);
                at = label.lines.end;
                found.push(label);
            }
            None => at += 1,
        }
    }
    let head = at_head(lines, &found);
    if head > 0 {
        found.truncate(head);
        return found;
    }
    found.split_off(found.len() - at_foot(lines, &found))
}

/// How many of the labels stand at the head.
fn at_head(lines: &[Line<'_>], found: &[LabelLine]) -> usize {
    let mut end = 0;
    let mut count = 0;
    for label in found {
        let between = &lines[end..label.lines.start];
        let allowed = if count == 0 { BEFORE } else { 1 };
        // Menus are no paragraphs.
        let plain: Vec<_> = match between.iter().rposition(|line| line.bullet) {
            Some(last) if count == 0 => between[last + 1..].to_vec(),
            _ => between.to_vec(),
        };
        if paragraphs(&plain).len() > allowed {
            break;
        }
        end = label.lines.end;
        count += 1;
    }
    count
}

/// How many of the labels stand at the foot: nothing but labels follows them.
fn at_foot(lines: &[Line<'_>], found: &[LabelLine]) -> usize {
    let mut start = lines.len();
    let mut count = 0;
    for label in found.iter().rev() {
        let after = &lines[label.lines.end..start];
        if after.iter().any(|line| !line.text.is_empty()) {
            break;
        }
        start = label.lines.start;
        count += 1;
    }
    count
}

/// What a line is the label of, and where in its text the value begins.
fn label(line: &Line<'_>, lookup: &Lookup) -> Option<(Field, usize)> {
    let (at, colon) = line
        .text
        .char_indices()
        .take_while(|(at, _)| *at <= LABEL)
        .find(|(_, c)| matches!(c, ':' | '：'))?;
    let name = line.text[..at].trim_matches(['*', '_', ' ']);
    let field = lookup.field(name)?;
    Some((field, at + colon.len_utf8()))
}

fn with_values(
    lines: &[Line<'_>],
    at: usize,
    field: Field,
    value_start: usize,
    lookup: &Lookup,
) -> LabelLine {
    let line = &lines[at];
    let rest = &line.text[value_start..];
    let value = rest.trim_start_matches(['*', '_']).trim_start();
    if !value.is_empty() {
        let span = line.span.end - value.len()..line.span.end;
        return LabelLine {
            field,
            values: vec![(value.to_owned(), span)],
            lines: at..at + 1,
        };
    }
    let is_value = |at: usize, bullet: bool| {
        lines.get(at).is_some_and(|line| {
            line.bullet == bullet && !line.text.is_empty() && label(line, lookup).is_none()
        })
    };
    let is_blank = |at: usize| lines.get(at).is_none_or(|line| line.text.is_empty());
    // One blank line may divide a label from its bulleted values.
    let below = at + 1;
    let first = if is_blank(below) && is_value(below + 1, true) {
        below + 1
    } else {
        below
    };
    let mut end = first;
    while is_value(end, true) {
        end += 1;
    }
    if end == first && is_value(below, false) {
        let line = &lines[below];
        let ended = is_blank(below + 1)
            || lines
                .get(below + 1)
                .is_some_and(|line| label(line, lookup).is_some());
        if ended && line.text.chars().count() <= VALUE && !line.text.ends_with('.') {
            end = below + 1;
        }
    }
    let values: Vec<_> = lines[first..end]
        .iter()
        .map(|line| (line.text.to_owned(), line.span.clone()))
        .collect();
    let end = if values.is_empty() { below } else { end };
    LabelLine {
        field,
        values,
        lines: at..end,
    }
}
