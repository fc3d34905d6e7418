//! TOML front matter.

mod simple;

use std::borrow::Cow;
use std::ops::Range;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use crate::diagnostic::Problem;
use crate::item::fields::{Entry, Node, Value};

/// Reads the TOML in the bytes `matter` of `source`.
///
/// # Errors
/// What the parser refuses, at its place in the file.
pub(super) fn entries(source: &str, matter: Range<usize>) -> Result<Vec<Entry<'_>>, Box<Problem>> {
    match simple::entries(source, matter.clone()) {
        Some(entries) => Ok(entries),
        None => parsed(source, matter),
    }
}

fn parsed(source: &str, matter: Range<usize>) -> Result<Vec<Entry<'_>>, Box<Problem>> {
    let offset = matter.start;
    let text = &source[matter];
    match DeTable::parse(text) {
        Ok(table) => Ok(table_entries(table.into_inner(), text, offset)),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let reason = error.message().lines().next().unwrap_or_default();
            let help = if reason.contains("duplicate") {
                "take one of the two away"
            } else if reason.contains("date") || reason.contains("time") {
                "write dates as 2024-11-22 or 2024-11-22T10:00:00+01:00"
            } else {
                "write one key a line, texts in quotes: title = \"...\""
            };
            Err(
                Problem::error(format!("the TOML front matter cannot be read: {reason}"))
                    .help(help)
                    .at(source, span.start + offset..span.end + offset)
                    .into(),
            )
        }
    }
}

fn table_entries<'a>(table: DeTable<'a>, text: &'a str, offset: usize) -> Vec<Entry<'a>> {
    table
        .into_iter()
        .map(|(key, value)| {
            let key_span = key.span();
            Entry {
                key: key.into_inner(),
                key_span: key_span.start + offset..key_span.end + offset,
                node: node_of(value, text, offset),
            }
        })
        .collect()
}

fn node_of<'a>(value: Spanned<DeValue<'a>>, text: &'a str, offset: usize) -> Node<'a> {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(string) => Value::Text(string),
        DeValue::Array(array) => Value::List(
            array
                .into_iter()
                .map(|node| node_of(node, text, offset))
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(table_entries(table, text, offset)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            Value::Text(Cow::Borrowed(text.get(span.clone()).unwrap_or_default()))
        }
    };
    Node {
        value,
        span: span.start + offset..span.end + offset,
    }
}
