//! JSON: front matter, and whole items.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::diagnostic::Problem;
use crate::item::fields::{Entry, Node, Value};

/// Reads the JSON object at the start of `source`; also returns the byte after it.
///
/// # Errors
/// Text that is not JSON, or not an object, at its place.
pub(in crate::item) fn json(source: &str) -> Result<(Vec<Entry<'_>>, usize), Box<Problem>> {
    let mut stream = serde_json::Deserializer::from_str(source).into_iter::<Json<'_>>();
    match stream.next() {
        Some(Ok(Json::Table(entries))) => {
            let entries = entries
                .into_iter()
                .map(|(key, value)| entry_of(key, value, source))
                .collect();
            Ok((entries, stream.byte_offset()))
        }
        Some(Err(error)) => {
            let at = byte_of(source, error.line(), error.column());
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            Err(Problem::error(format!("the JSON cannot be read: {reason}"))
                .help("look for a missing quote, comma or bracket just before this place")
                .at(source, at..at)
                .into())
        }
        _ => Err(Problem::error("the JSON is not an object")
            .help("write { \"title\": \"...\", ... }")
            .at(source, 0..0)
            .into()),
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

fn entry_of<'a>(key: JsonText<'a>, value: Json<'a>, source: &str) -> Entry<'a> {
    let key_span = place_in(&key.0, source).unwrap_or(0..0);
    Entry {
        node: node_of(value, &key_span, source),
        key: key.0,
        key_span,
    }
}

/// A value whose own place is not known stands at its key.
fn node_of<'a>(value: Json<'a>, key_span: &Range<usize>, source: &str) -> Node<'a> {
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
                .map(|value| node_of(value, key_span, source))
                .collect(),
        ),
        Json::Table(entries) => Value::Table(
            entries
                .into_iter()
                .map(|(key, value)| entry_of(key, value, source))
                .collect(),
        ),
    };
    Node { value, span }
}

/// Where a text stands, if it is a part of `source` itself and not a copy.
fn place_in(text: &str, source: &str) -> Option<Range<usize>> {
    let start = (text.as_ptr() as usize).checked_sub(source.as_ptr() as usize)?;
    let end = start.checked_add(text.len())?;
    (end <= source.len()).then_some(start..end)
}
