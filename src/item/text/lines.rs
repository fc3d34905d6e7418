//! The lines of a plain text file, and the paragraphs that they make up.

use std::ops::Range;

use crate::item::plain::bullet;

/// A line longer than this was not broken by hand, so each line is a paragraph.
const HAND_BROKEN: usize = 120;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The line without white space at its ends.
    pub raw: &'a str,
    /// The same without the mark of a bulleted line.
    pub text: &'a str,
    pub bullet: bool,
    /// The bytes of `text` in the source.
    pub span: Range<usize>,
}

/// The lines of a file.
pub(super) fn lines(source: &str) -> Vec<Line<'_>> {
    let mut at = 0;
    source
        .split_inclusive('\n')
        .map(|line| {
            let raw = line.trim();
            let text = bullet(raw).unwrap_or(raw);
            let end = at + line.trim_end().len();
            let span = end.saturating_sub(text.len()).max(at)..end.max(at);
            at += line.len();
            let bullet = bullet(raw).is_some();
            Line {
                raw,
                text,
                bullet,
                span,
            }
        })
        .collect()
}

/// The paragraphs of some lines: divided by blank lines, or a line each where lines are too long
/// to have been broken by hand. Bulleted lines that follow one another stay together.
pub(super) fn paragraphs(lines: &[Line<'_>]) -> Vec<String> {
    let line_each = lines
        .iter()
        .any(|line| line.raw.chars().count() > HAND_BROKEN);
    let mut paragraphs: Vec<String> = Vec::new();
    let mut before: Option<&Line<'_>> = None;
    for line in lines {
        let joins = before
            .is_some_and(|before| before.bullet == line.bullet && (line.bullet || !line_each));
        if line.text.is_empty() {
            before = None;
            continue;
        }
        match paragraphs.last_mut() {
            Some(last) if joins => {
                last.push('\n');
                last.push_str(line.raw);
            }
            _ => paragraphs.push(line.raw.to_owned()),
        }
        before = Some(line);
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_the_text_of_each_line() {
        let source = "  one \n\n- two\n-\n  •  třï";
        let spans: Vec<&str> = lines(source)
            .iter()
            .map(|line| &source[line.span.clone()])
            .collect();
        assert_eq!(spans, ["one", "", "two", "", "třï"]);
    }

    #[test]
    fn lines_broken_by_hand_are_joined_and_long_ones_stand_alone() {
        assert_eq!(
            paragraphs(&lines("a\nb\n\nc\n- d\n- e\n")),
            ["a\nb", "c", "- d\n- e"]
        );
        let long = "word ".repeat(40);
        assert_eq!(paragraphs(&lines(&format!("{long}\nshort\n"))).len(), 2);
    }
}
