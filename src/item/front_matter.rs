//! Front matter: TOML between `+++`, YAML between `---`, or a JSON object, at the start of a file.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::{Entry, Node, Value};
use crate::diagnostic::Problem;

/// The front matter of a file, and where its text begins.
pub(super) struct FrontMatter<'a> {
    pub entries: Vec<Entry<'a>>,
    /// The byte of the source after the front matter.
    pub end: usize,
}

/// Reads the front matter at the start of `source`, if it has any.
///
/// # Errors
/// Front matter that is not closed or cannot be read, at its place in the file.
pub(super) fn read(source: &str) -> Result<FrontMatter<'_>, Problem> {
    let first = source.lines().next().unwrap_or_default().trim_end();
    match first {
        "+++" | "---" => {
            let (matter, end) = delimited(source, first)?;
            let entries = if first == "+++" {
                toml(source, matter)?
            } else {
                yaml(source, matter)?
            };
            Ok(FrontMatter { entries, end })
        }
        _ if source.starts_with('{') => {
            let (entries, end) = json(source)?;
            Ok(FrontMatter { entries, end })
        }
        _ => Ok(FrontMatter {
            entries: Vec::new(),
            end: 0,
        }),
    }
}

/// The bytes between the opening line and the closing one, and the byte after that.
fn delimited(source: &str, mark: &str) -> Result<(Range<usize>, usize), Problem> {
    let start = source.find('\n').map_or(source.len(), |at| at + 1);
    let mut at = start;
    for line in source[start..].split_inclusive('\n') {
        let closes = line.trim_end() == mark || (mark == "---" && line.trim_end() == "...");
        if closes {
            return Ok((start..at, at + line.len()));
        }
        at += line.len();
    }
    Err(Problem::error(format!(
        "the front matter opened by '{mark}' is never closed"
    ))
    .help(format!("put a line '{mark}' after the last key"))
    .at(source, 0..mark.len()))
}

fn toml(source: &str, matter: Range<usize>) -> Result<Vec<Entry<'_>>, Problem> {
    let offset = matter.start;
    let text = &source[matter];
    match DeTable::parse(text) {
        Ok(table) => Ok(toml_entries(table.into_inner(), text, offset)),
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
                    .at(source, span.start + offset..span.end + offset),
            )
        }
    }
}

fn toml_entries<'a>(table: DeTable<'a>, text: &'a str, offset: usize) -> Vec<Entry<'a>> {
    table
        .into_iter()
        .map(|(key, value)| {
            let key_span = key.span();
            Entry {
                key: key.into_inner(),
                key_span: key_span.start + offset..key_span.end + offset,
                node: toml_node(value, text, offset),
            }
        })
        .collect()
}

fn toml_node<'a>(value: toml::Spanned<DeValue<'a>>, text: &'a str, offset: usize) -> Node<'a> {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(string) => Value::Text(string),
        DeValue::Array(array) => Value::List(
            array
                .into_iter()
                .map(|node| toml_node(node, text, offset))
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(toml_entries(table, text, offset)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            Value::Text(Cow::Borrowed(text.get(span.clone()).unwrap_or_default()))
        }
    };
    Node {
        value,
        span: span.start + offset..span.end + offset,
    }
}

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

fn yaml(source: &str, matter: Range<usize>) -> Result<Vec<Entry<'_>>, Problem> {
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
        .map_err(|error| yaml_problem(source, &matter, &error))?;
    match yaml_node(root, text, matter.start).value {
        Value::Table(entries) => Ok(entries),
        Value::Null => Ok(Vec::new()),
        _ => Err(Problem::error("the YAML front matter has no keys")
            .help("write one key a line: title: A title")
            .at(source, matter)),
    }
}

fn yaml_node<'a>(node: Spanned<Yaml>, text: &'a str, offset: usize) -> Node<'a> {
    let span = yaml_span(node.referenced, text);
    let value = match node.value {
        Yaml::Null => Value::Null,
        Yaml::Text(text) => Value::Text(Cow::Owned(text)),
        Yaml::Plain => Value::Text(Cow::Borrowed(
            text.get(yaml_span(node.defined, text))
                .unwrap_or_default()
                .trim(),
        )),
        Yaml::List(nodes) => Value::List(
            nodes
                .into_iter()
                .map(|node| yaml_node(node, text, offset))
                .collect(),
        ),
        Yaml::Table(entries) => Value::Table(
            entries
                .into_iter()
                .map(|(key, node)| {
                    let span = yaml_span(key.referenced, text);
                    Entry {
                        key: Cow::Owned(key.value),
                        key_span: span.start + offset..span.end + offset,
                        node: yaml_node(node, text, offset),
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

fn yaml_span(location: serde_saphyr::Location, text: &str) -> Range<usize> {
    let bytes = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    let span = location.span();
    let start = bytes(span.byte_offset())
        .unwrap_or_default()
        .min(text.len());
    let length = bytes(span.byte_len()).unwrap_or_default();
    start..start.saturating_add(length).min(text.len())
}

fn yaml_problem(source: &str, matter: &Range<usize>, error: &serde_saphyr::Error) -> Problem {
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
        .map_or(0..0, |location| yaml_span(location, text));
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

/// Reads the JSON object at the start of `source`; also returns the byte after it.
///
/// # Errors
/// Text that is not JSON, or not an object, at its place.
pub(super) fn json(source: &str) -> Result<(Vec<Entry<'_>>, usize), Problem> {
    let mut stream = serde_json::Deserializer::from_str(source).into_iter::<Json<'_>>();
    match stream.next() {
        Some(Ok(Json::Table(entries))) => {
            let entries = entries
                .into_iter()
                .map(|(key, value)| json_entry(key, value, source))
                .collect();
            Ok((entries, stream.byte_offset()))
        }
        Some(Err(error)) => {
            let at = byte_of(source, error.line(), error.column());
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            Err(Problem::error(format!("the JSON cannot be read: {reason}"))
                .help("look for a missing quote, comma or bracket just before this place")
                .at(source, at..at))
        }
        _ => Err(Problem::error("the JSON is not an object")
            .help("write { \"title\": \"...\", ... }")
            .at(source, 0..0)),
    }
}

fn byte_of(source: &str, line: usize, column: usize) -> usize {
    let start: usize = source
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    start + column.saturating_sub(1)
}

/// A JSON value on its way to a [`Value`]. Strings without escapes borrow from the source, and
/// so tell where they stand.
enum Json<'a> {
    Null,
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Table(Vec<(JsonText<'a>, Json<'a>)>),
}

#[derive(Deserialize)]
struct JsonText<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(if value {
            "true"
        } else {
            "false"
        })))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_string())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = sequence.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = map.next_entry()? {
            table.push(entry);
        }
        Ok(Json::Table(table))
    }
}

fn json_entry<'a>(key: JsonText<'a>, value: Json<'a>, source: &str) -> Entry<'a> {
    let key_span = place_in(&key.0, source).unwrap_or(0..0);
    Entry {
        node: json_node(value, &key_span, source),
        key: key.0,
        key_span,
    }
}

/// A value whose own place is not known stands at its key.
fn json_node<'a>(value: Json<'a>, key_span: &Range<usize>, source: &str) -> Node<'a> {
    let mut span = key_span.clone();
    let value = match value {
        Json::Null => Value::Null,
        Json::Text(text) => {
            span = place_in(&text, source).unwrap_or(span);
            Value::Text(text)
        }
        Json::List(values) => Value::List(
            values
                .into_iter()
                .map(|value| json_node(value, key_span, source))
                .collect(),
        ),
        Json::Table(entries) => Value::Table(
            entries
                .into_iter()
                .map(|(key, value)| json_entry(key, value, source))
                .collect(),
        ),
    };
    Node { value, span }
}

/// Where a text stands, if it is a part of `source` itself and not a copy.
fn place_in(text: &Cow<'_, str>, source: &str) -> Option<Range<usize>> {
    let Cow::Borrowed(text) = text else {
        return None;
    };
    let start = (text.as_ptr() as usize).checked_sub(source.as_ptr() as usize)?;
    let end = start.checked_add(text.len())?;
    (end <= source.len()).then_some(start..end)
}

#[cfg(test)]
mod tests;
