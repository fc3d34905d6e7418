//! Keys and values of front matter and JSON, in one form whatever they were written in.

use std::borrow::Cow;
use std::ops::Range;

use super::draft::Draft;
use crate::diagnostic::Problem;

/// A value with its place.
#[derive(Debug, PartialEq)]
pub(super) struct Node<'a> {
    pub value: Value<'a>,
    /// Bytes of the source.
    pub span: Range<usize>,
}

/// A value.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    /// A string; also a number, a date or a truth value, as written.
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Table(Vec<Entry<'a>>),
}

/// A key with its value.
#[derive(Debug, PartialEq)]
pub(super) struct Entry<'a> {
    pub key: Cow<'a, str>,
    /// Bytes of the source.
    pub key_span: Range<usize>,
    pub node: Node<'a>,
}

impl Draft<'_> {
    /// States what one key says. A key that is not known is ignored, since other programs may
    /// know it; if it looks like a slip of the pen, that is a warning.
    pub(super) fn entry(&mut self, entry: Entry<'_>) {
        if let Some(field) = self.reader.lookup.field(&entry.key) {
            self.state_value(&entry.key, field, entry.node);
        } else if let Some(nearest) = self.reader.lookup.nearest(&entry.key) {
            let problem = Problem::warning(format!("unknown key '{}' is ignored", entry.key))
                .help(format!("did you mean '{nearest}'?"));
            self.report(problem, &Some(entry.key_span));
        }
    }
}
