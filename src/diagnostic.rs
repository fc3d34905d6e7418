//! Problems, as every room reports them: what is wrong, where, and what to do.
//!
//! A [`Problem`] is a value; only the command line prints it, in the form that [`render`] or
//! [`json`] gives it. It carries the one source line that it speaks of, so that nobody has to
//! read the file again to show it.

mod print;

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use print::{Style, harmless, json, render};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Worth mending; the item or the configuration is used all the same.
    Warning,
    /// The item is held back, or the configuration is refused.
    Error,
}

/// The source line that a problem speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// Line number, from 1.
    pub line: usize,
    /// Column of the first marked character, in characters from 1.
    pub column: usize,
    /// The text of the line, without its line break, control characters made visible as spaces.
    pub text: String,
    /// The marked bytes within `text`; empty marks a point.
    pub marked: Range<usize>,
}

impl Excerpt {
    /// The excerpt for the bytes `span` of `source`; a span over several lines is cut at the
    /// first line's end, and one that lies outside `source` or inside a character is moved to
    /// the nearest place that is valid.
    pub fn new(source: &str, span: Range<usize>) -> Excerpt {
        let start = floor_char_boundary(source, span.start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..]
            .find('\n')
            .map_or(source.len(), |at| start + at);
        let end = floor_char_boundary(source, span.end.clamp(start, line_end));
        let line = &source[line_start..line_end];
        // One byte for one byte, so that `marked` stays right.
        let text = line.replace(|c: char| c.is_ascii_control(), " ");
        Excerpt {
            line: source[..line_start].matches('\n').count() + 1,
            column: source[line_start..start].chars().count() + 1,
            text,
            marked: start - line_start..end - line_start,
        }
    }
}

impl Excerpt {
    /// The excerpt for a value whose line is not at hand any more: spaces stand for what comes
    /// before it. `None` where its line is not known either (0).
    pub fn of_value(text: &str, line: usize, column: usize) -> Option<Excerpt> {
        let before = column.saturating_sub(1);
        (line > 0).then(|| Excerpt {
            line,
            column,
            text: format!("{}{text}", " ".repeat(before)),
            marked: before..before + text.len(),
        })
    }
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Something wrong, with its place and its mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whether what it speaks of can still be used.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop, in lower case: `unknown key 'titel'`.
    pub message: String,
    /// What to do about it, in one sentence: `did you mean 'title'?`
    pub help: Option<String>,
    /// The file that it was found in.
    pub file: Option<PathBuf>,
    /// The line that it was found on.
    pub excerpt: Option<Excerpt>,
}

impl Problem {
    /// An error with nothing but its message.
    pub fn error(message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Error,
            message: message.into(),
            help: None,
            file: None,
            excerpt: None,
        }
    }

    /// A warning with nothing but its message.
    pub fn warning(message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(message)
        }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// Marks the bytes `span` of `source`.
    pub fn at(mut self, source: &str, span: Range<usize>) -> Problem {
        self.excerpt = Some(Excerpt::new(source, span));
        self
    }

    /// Names the file that it was found in.
    pub fn in_file(mut self, file: &Path) -> Problem {
        self.file = Some(file.to_owned());
        self
    }
}

/// The candidate that `word` was most likely meant to be, if any is near enough to be worth
/// saying: at most a third of the longer word's letters differ, letter case aside.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lowered = word.to_lowercase();
    let length = lowered.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let other_length = other.chars().count();
            let most = length.max(other_length) / 3;
            // Lengths alone rule out most candidates, and comparing with very long words is dear.
            if length.abs_diff(other_length) > most {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&lowered, &other);
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
