//! YAML front matter.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::diagnostic::Problem;
use crate::item::fields::{Entry, Node, Value};

/// A YAML value on its way to a [`Value`].
enum Yaml {
    Null,
    Text(String),
    /// A number or a truth value, whose text the span holds.
    Plain,
    List(Vec<Spanned<Yaml>>),
    Table(Vec<(Spanned<String>, Spanned<Yaml>)>),
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Yaml, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a table")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Yaml, E> {
        Ok(Yaml::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Yaml, E> {
        Ok(Yaml::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Yaml, E> {
        Ok(Yaml::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Yaml, E> {
        Ok(Yaml::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Yaml, E> {
        Ok(Yaml::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Yaml, E> {
        Ok(Yaml::Plain)
    }

    fn visit_str<E>(self, text: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Yaml, E> {
        Ok(Yaml::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Yaml, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = sequence.next_element()? {
            list.push(node);
        }
        Ok(Yaml::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = map.next_entry()? {
            table.push(entry);
        }
        Ok(Yaml::Table(table))
    }
}

/// Reads the YAML in the bytes `matter` of `source`.
///
/// # Errors
/// What the parser refuses, at its place in the file.
pub(super) fn entries(source: &str, matter: Range<usize>) -> Result<Vec<Entry<'_>>, Box<Problem>> {
    let text = &source[matter.clone()];
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        // Front matter is small; what needs more than this is an attack.
        budget: serde_saphyr::budget! {
            max_events: 4_000,
            max_nodes: 1_000,
            max_aliases: 50,
            max_depth: 20,
        },
    };
    let root: Spanned<Yaml> = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| Box::new(problem_of(source, &matter, &error)))?;
    match node_of(root, text, matter.start).value {
        Value::Table(entries) => Ok(entries),
        Value::Null => Ok(Vec::new()),
        _ => Err(Problem::error("the YAML front matter has no keys")
            .help("write one key a line: title: A title")
            .at(source, matter)
            .into()),
    }
}

fn node_of<'a>(node: Spanned<Yaml>, text: &'a str, offset: usize) -> Node<'a> {
    let span = span_of(node.referenced, text);
    let value = match node.value {
        Yaml::Null => Value::Null,
        Yaml::Text(text) => Value::Text(Cow::Owned(text)),
        Yaml::Plain => Value::Text(Cow::Borrowed(
            text.get(span_of(node.defined, text))
                .unwrap_or_default()
                .trim(),
        )),
        Yaml::List(nodes) => Value::List(
            nodes
                .into_iter()
                .map(|node| node_of(node, text, offset))
                .collect(),
        ),
        Yaml::Table(entries) => Value::Table(
            entries
                .into_iter()
                .map(|(key, node)| {
                    let span = span_of(key.referenced, text);
                    Entry {
                        key: Cow::Owned(key.value),
                        key_span: span.start + offset..span.end + offset,
                        node: node_of(node, text, offset),
                    }
                })
                .collect(),
        ),
    };
    Node {
        value,
        span: span.start + offset..span.end + offset,
    }
}

fn span_of(location: serde_saphyr::Location, text: &str) -> Range<usize> {
    let bytes = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    let span = location.span();
    let start = bytes(span.byte_offset())
        .unwrap_or_default()
        .min(text.len());
    let length = bytes(span.byte_len()).unwrap_or_default();
    start..start.saturating_add(length).min(text.len())
}

fn problem_of(source: &str, matter: &Range<usize>, error: &serde_saphyr::Error) -> Problem {
    let text = &source[matter.clone()];
    if let Some((key, value, span)) = unquoted_colon(text) {
        return Problem::error("a text with a colon in it must stand in quotes")
            .help(format!(
                "put the {key} in quotes: {key}: \"{}\"",
                value.replace('"', "\\\"")
            ))
            .at(source, span.start + matter.start..span.end + matter.start);
    }
    let reason = error.without_snippet().to_string();
    let reason = if reason.contains("budget") {
        "it holds far more than an item needs"
    } else {
        reason.split(" at line ").next().unwrap_or_default()
    };
    let span = error
        .location()
        .map_or(0..0, |location| span_of(location, text));
    Problem::error(format!("the YAML front matter cannot be read: {reason}"))
        .help("write one key a line, 'key: value', and put texts in quotes")
        .at(source, span.start + matter.start..span.end + matter.start)
}

/// The commonest mistake: `title: New funding: round 2`.
fn unquoted_colon(text: &str) -> Option<(&str, &str, Range<usize>)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once(": ") {
            let value = value.trim();
            let plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!', '#']);
            if plain && (value.contains(": ") || value.ends_with(':')) {
                let start = at + line.len() - line[key.len() + 2..].trim_start().len();
                return Some((key.trim(), value, start..start + value.len()));
            }
        }
        at += line.len();
    }
    None
}
