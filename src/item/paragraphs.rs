//! Paragraphs of Markdown that hold nothing but text, told at a glance.
//!
//! Most paragraphs of news have no markup at all, and looking at their bytes is some ten times
//! cheaper than parsing them. What is told here is less than what is true: any paragraph in doubt
//! is left to the parser.

use memchr::{memchr, memchr_iter, memmem};

/// A part of a Markdown text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch<'m> {
    /// A paragraph without any markup, which nothing around it can change.
    Plain(&'m str),
    /// Blocks for the parser, which mean the same as they do within the whole.
    Marked(&'m str),
}

/// Calls `each` with the parts of a Markdown text, in order.
pub(super) fn each<'m>(markdown: &'m str, mut each: impl FnMut(Stretch<'m>)) {
    // Blocks that are not plain and go on to here.
    let mut marked = 0;
    let mut chunk: Option<Chunk> = None;
    let mut is_told_apart = false;
    let ends = memchr_iter(b'\n', markdown.as_bytes()).chain([markdown.len()]);
    let mut start = 0;
    for end in ends {
        let line = &markdown.as_bytes()[start..end];
        let is_blank = line.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        if !is_blank {
            let is_plain = is_plain(line);
            let of = chunk.get_or_insert(Chunk {
                start,
                end,
                is_plain,
            });
            of.end = end;
            of.is_plain &= is_plain;
        }
        if is_blank || end == markdown.len() {
            match chunk.take() {
                Some(chunk) if chunk.is_plain => {
                    if marked < chunk.start {
                        let before = &markdown[marked..chunk.start];
                        if !before.trim().is_empty() {
                            each(Stretch::Marked(before));
                        }
                    }
                    each(Stretch::Plain(&markdown[chunk.start..chunk.end]));
                    marked = chunk.end;
                }
                Some(_) if !is_told_apart => {
                    // The first that is not plain: from here on, blocks may hang together.
                    is_told_apart = true;
                    if hangs_together(&markdown[marked..]) {
                        break;
                    }
                }
                _ => {}
            }
        }
        start = end + 1;
    }
    if !markdown[marked..].trim().is_empty() {
        each(Stretch::Marked(&markdown[marked..]));
    }
}

/// Lines without an empty one among them.
struct Chunk {
    start: usize,
    end: usize,
    is_plain: bool,
}

/// Whether anything in a text may reach across an empty line to a paragraph that begins at the
/// margin: code between fences, HTML, what a reference stands for.
fn hangs_together(markdown: &str) -> bool {
    let bytes = markdown.as_bytes();
    let one = |byte: u8| memchr(byte, bytes).is_some();
    let row = |row: &str| memmem::find(bytes, row.as_bytes()).is_some();
    one(b'<') || one(b'\r') || row("```") || row("~~~") || row("]:")
}

/// Whether a line that is not blank can be nothing but a line of a paragraph, with nothing in it
/// but text.
fn is_plain(line: &[u8]) -> bool {
    let begins_as_text = match line {
        [b'0'..=b'9', ..] => {
            let number = line.iter().take_while(|byte| byte.is_ascii_digit());
            !matches!(line.get(number.count()), Some(b'.' | b')'))
        }
        [first, ..] => {
            first.is_ascii_alphabetic() || !first.is_ascii() || matches!(first, b'"' | b'\'' | b'(')
        }
        [] => false,
    };
    // Two spaces at the end break the line.
    begins_as_text
        && line.last() != Some(&b' ')
        && !line.iter().fold(false, |odd, byte| odd | is_odd(*byte))
}

/// Whether a byte may be of markup within a line. Written so that many are looked at at once.
fn is_odd(byte: u8) -> bool {
    (byte < b' ')
        | (byte == b'\\')
        | (byte == b'&')
        | (byte == b'*')
        | (byte == b'_')
        | (byte == b'[')
        | (byte == b']')
        | (byte == b'<')
        | (byte == b'`')
        | (byte == b'~')
        | (byte == b'|')
        | (byte == 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretches(markdown: &str) -> Vec<Stretch<'_>> {
        let mut found = Vec::new();
        each(markdown, |stretch| found.push(stretch));
        found
    }

    #[test]
    fn paragraphs_without_markup_stand_apart_from_what_is_to_be_parsed() {
        use Stretch::{Marked, Plain};
        let markdown = "One – two\nthree.\n\n# Four\nfive\n\n- six\n \t\n2024 (7).\n\n\n\"Eight\"";
        let expected = [
            Plain("One – two\nthree."),
            Marked("\n\n# Four\nfive\n\n- six\n \t\n"),
            Plain("2024 (7)."),
            Plain("\"Eight\""),
        ];
        assert_eq!(stretches(markdown), expected);
        assert_eq!(stretches(""), []);
        assert_eq!(stretches(" \n\n"), []);
    }

    #[test]
    fn what_may_be_markup_is_left_to_the_parser() {
        for line in [
            "1. one", "1) one", "*a*", "a _b_", "a `b`", "[a](b)", "a & b", "a  ", " a", "> a",
            "- a", "+ a", "# a", "=", "---", "| a", ": a", "a\\", "<b>", "~~a~~", "a\tb", "a\rb",
        ] {
            assert_eq!(stretches(line), [Stretch::Marked(line)]);
        }
    }

    #[test]
    fn from_what_may_hang_together_on_nothing_is_plain() {
        for markdown in [
            "a\n\n```\nb\n\nc\n\n```",
            "a\n\n<!--\n\nb\n\n-->",
            "a\n\n[b]: /c\n\nd",
        ] {
            let expected = [Stretch::Plain("a"), Stretch::Marked(&markdown[1..])];
            assert_eq!(stretches(markdown), expected);
        }
    }
}
