//! The problems of one document, collected as it is read.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;

use crate::diagnostic::Problem;

/// Why a value is not what it should be: a problem that does not know its place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub message: String,
    pub help: Option<String>,
    /// The bytes of the value's text that are wrong; `None` marks all of it.
    pub span: Option<Range<usize>>,
}

impl Wrong {
    /// What is wrong with all of a value, and what to do about it.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Wrong {
        Wrong {
            message: message.into(),
            help: Some(help.into()),
            span: None,
        }
    }
}

/// A value with its place in the document.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// The document and what is wrong with it.
pub(super) struct Notes<'d> {
    source: &'d str,
    file: &'d Path,
    /// Where the document is not TOML. Lines may be lost then, so what seems to be missing may
    /// be there.
    syntax: Vec<(Range<usize>, Problem)>,
    problems: RefCell<Vec<(Range<usize>, Problem)>>,
}

impl<'d> Notes<'d> {
    /// Starts from the mistakes of the syntax.
    pub fn new(source: &'d str, file: &'d Path, errors: Vec<toml::de::Error>) -> Notes<'d> {
        let mut syntax: Vec<(Range<usize>, Problem)> = errors
            .iter()
            .map(|error| {
                let span = error.span().unwrap_or(0..0);
                // The parser quotes with backticks, we with apostrophes.
                let problem = Problem::error(error.message().replace('`', "'"));
                (span.clone(), problem.in_file(file).at(source, span))
            })
            .collect();
        // One slip often makes the parser stumble over the rest of its line.
        syntax.sort_by_key(|(span, _)| span.start);
        syntax.dedup_by_key(|(_, problem)| line_of(problem));
        Notes {
            source,
            file,
            syntax,
            problems: RefCell::default(),
        }
    }

    fn add(&self, span: Range<usize>, problem: Problem) {
        let problem = problem.in_file(self.file).at(self.source, span.clone());
        self.problems.borrow_mut().push((span, problem));
    }

    /// Notes what makes the file unusable.
    pub fn error(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.add(span.clone(), Problem::error(message).help(help));
    }

    /// Notes an error in a line that is not to be shown: it may hold a password.
    pub fn error_unshown(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let message = format!("line {}: {}", self.line(span), message.into());
        let problem = Problem::error(message).help(help).in_file(self.file);
        self.problems.borrow_mut().push((span.clone(), problem));
    }

    /// Notes what can be used, but hardly as meant.
    pub fn warning(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(span.clone(), Problem::warning(message).help(help));
    }

    /// Notes what is wrong with the text at `place`.
    pub fn wrong(&self, place: &Placed<String>, wrong: Wrong) {
        let span = match wrong.span {
            Some(inner) => self.within(place, inner),
            None => place.span.clone(),
        };
        let mut problem = Problem::error(wrong.message);
        problem.help = wrong.help;
        self.add(span, problem);
    }

    /// Notes that something is not there; said only of a whole document.
    pub fn absent(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        if self.is_whole() {
            self.error(span, message, help);
        }
    }

    /// Notes that a table is not there, which has no place.
    pub fn absent_table(&self, name: &str, help: impl Into<String>) {
        if self.is_whole() {
            let problem = Problem::error(format!("missing table [{name}]"))
                .help(help)
                .in_file(self.file);
            self.problems.borrow_mut().push((0..0, problem));
        }
    }

    /// The line, from 1, on which a place begins.
    pub fn line(&self, span: &Range<usize>) -> usize {
        let before = self.source.get(..span.start).unwrap_or(self.source);
        1 + before.bytes().filter(|byte| *byte == b'\n').count()
    }

    /// The place in the document of the bytes `inner` of a string's text: exact where the string
    /// is written without escapes, else all of it.
    fn within(&self, place: &Placed<String>, inner: Range<usize>) -> Range<usize> {
        let raw = self.source.get(place.span.clone()).unwrap_or("");
        match raw.find(&place.value) {
            Some(at) => {
                let start = place.span.start + at;
                start + inner.start..start + inner.end
            }
            None => place.span.clone(),
        }
    }

    /// Whether all of the document was understood, so that what it does not hold is missing.
    pub fn is_whole(&self) -> bool {
        self.syntax.is_empty()
    }

    /// All problems in the order of the document.
    pub fn into_problems(self) -> Vec<Problem> {
        let broken_lines: Vec<Option<usize>> = self
            .syntax
            .iter()
            .map(|(_, problem)| line_of(problem))
            .collect();
        let mut problems = self.problems.into_inner();
        if !broken_lines.is_empty() {
            // What else is said of a broken line is an echo. So is what is said of the document's
            // first byte: the parser puts a value there for each that it could not read.
            problems.retain(|(span, problem)| {
                *span != (0..0) && !broken_lines.contains(&line_of(problem))
            });
        }
        problems.extend(self.syntax);
        problems.sort_by_key(|(span, _)| span.start);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }
}

fn line_of(problem: &Problem) -> Option<usize> {
    problem.excerpt.as_ref().map(|excerpt| excerpt.line)
}
