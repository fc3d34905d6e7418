//! Where the tags of a template stand in its source: for messages only, rendering knows nothing
//! of this.

use std::ops::Range;

use crate::diagnostic::Problem;

/// What a tag does to the nesting of blocks.
#[derive(Debug, PartialEq)]
enum Kind<'a> {
    /// `{{#if x}}`, `{{#> layout}}`, `{{#*inline "head"}}`: its name.
    Opens(&'a str),
    /// `{{/if}}`: its name, which may be empty.
    Closes(&'a str),
    Neither,
}

struct Tag<'a> {
    span: Range<usize>,
    kind: Kind<'a>,
}

/// The bytes of the tag that begins at `line` and `column`, both from 1, in characters.
pub(super) fn tag_at(source: &str, line: usize, column: usize) -> Range<usize> {
    let line_start = source
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let start = source[line_start..]
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(source.len(), |(at, _)| line_start + at);
    let end = match source[start..].starts_with("{{") {
        true => source[start..]
            .find("}}")
            .map_or(start, |at| start + at + 2),
        false => start,
    };
    // A third brace belongs to the tag that began with three.
    let third = source[start..].starts_with("{{{") && source[end..].starts_with('}');
    start..end + usize::from(third)
}

/// The place of `name` as a whole word within `span`, or all of `span`.
pub(super) fn word_in(source: &str, span: Range<usize>, name: &str) -> Range<usize> {
    let within = source.get(span.clone()).unwrap_or_default();
    let part_of_a_word = |c: char| c.is_alphanumeric() || "_-./@".contains(c);
    within
        .match_indices(name)
        .filter(|(_, found)| !found.is_empty())
        .find(|(at, found)| {
            !within[..*at].ends_with(part_of_a_word)
                && !within[at + found.len()..].starts_with(part_of_a_word)
        })
        .map_or(span.clone(), |(at, found)| {
            span.start + at..span.start + at + found.len()
        })
}

/// The first tag or block that is opened and never closed, or closed and never opened.
pub(super) fn unbalanced(source: &str) -> Option<Problem> {
    let mut open: Vec<(&str, Range<usize>)> = Vec::new();
    let mut from = 0;
    while let Some(tag) = next_tag(source, from) {
        let tag = match tag {
            Ok(tag) => tag,
            Err(start) => {
                return Some(
                    Problem::error("a tag opened here is not closed")
                        .help("close it with as many braces as it was opened with")
                        .at(source, start..source.len()),
                );
            }
        };
        from = tag.span.end;
        match tag.kind {
            Kind::Opens(name) => open.push((name, tag.span)),
            Kind::Closes(name) => match open.pop() {
                Some((opened, _)) if opened == name || name.is_empty() => {}
                Some((opened, span)) if open.iter().any(|(outer, _)| *outer == name) => {
                    return Some(not_closed(source, opened, span));
                }
                Some((opened, _)) => {
                    return Some(
                        Problem::error(format!("'{{{{/{name}}}}}' closes no open block"))
                            .help(format!("the open one is closed by '{{{{/{opened}}}}}'"))
                            .at(source, tag.span),
                    );
                }
                None => {
                    return Some(
                        Problem::error(format!("'{{{{/{name}}}}}' closes no open block"))
                            .help("remove it, or open the block before it")
                            .at(source, tag.span),
                    );
                }
            },
            Kind::Neither => {}
        }
    }
    open.pop()
        .map(|(name, span)| not_closed(source, name, span))
}

fn not_closed(source: &str, name: &str, span: Range<usize>) -> Problem {
    Problem::error("a block opened here is not closed")
        .help(format!("add '{{{{/{name}}}}}' where it ends"))
        .at(source, span)
}

/// The first tag at or after `from`; `Err` with its start where it has no end.
fn next_tag(source: &str, mut from: usize) -> Option<Result<Tag<'_>, usize>> {
    loop {
        let start = from + source[from..].find("{{")?;
        if source[..start].ends_with('\\') && !source[..start].ends_with("\\\\") {
            from = start + 2;
            continue;
        }
        let text = &source[start..];
        let (end, kind) = if let Some(comment) = text.strip_prefix("{{!--") {
            // One that is not closed so is read as a short comment.
            let end = comment.find("--}}").map(|at| at + 9);
            let end = end.or_else(|| text.find("}}").map(|at| at + 2));
            (end, Kind::Neither)
        } else if text.starts_with("{{{{") {
            (raw_block_end(text), Kind::Neither)
        } else if text.starts_with("{{{") {
            (text.find("}}}").map(|at| at + 3), Kind::Neither)
        } else {
            let end = text.find("}}").map(|at| at + 2);
            (
                end,
                end.map_or(Kind::Neither, |end| kind(&text[2..end - 2])),
            )
        };
        return Some(match end {
            Some(end) => Ok(Tag {
                span: start..start + end,
                kind,
            }),
            None => Err(start),
        });
    }
}

/// The end of `{{{{name}}}} … {{{{/name}}}}`.
fn raw_block_end(text: &str) -> Option<usize> {
    let close = text.find("{{{{/")?;
    text[close..].find("}}}}").map(|at| close + at + 4)
}

/// What the words between the braces do.
fn kind(inner: &str) -> Kind<'_> {
    let inner = inner.trim_matches(|c: char| c == '~' || c.is_whitespace());
    let name = |rest: &'_ str| -> usize { rest.find(char::is_whitespace).unwrap_or(rest.len()) };
    if let Some(rest) = inner.strip_prefix('#') {
        let rest = rest.trim_start_matches(|c: char| c == '*' || c == '>' || c.is_whitespace());
        Kind::Opens(&rest[..name(rest)])
    } else if let Some(rest) = inner.strip_prefix('/') {
        Kind::Closes(rest.trim())
    } else {
        Kind::Neither
    }
}
