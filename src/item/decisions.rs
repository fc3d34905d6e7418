//! Editors' decisions about an item's terms: in the item's front matter, or in a sidecar beside it.
//!
//! In front matter they are the keys `accepted_tags` and `rejected_tags`; setting them changes
//! those two values and not a byte more. A sidecar is `item.md.tags.toml` beside `item.md`.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::fields::Value;
use super::{Decision, Format, Stated, front_matter};
use crate::diagnostic::Problem;

/// What the name of an item's file is followed by in its sidecar's.
pub const SIDECAR: &str = ".tags.toml";

/// The path of the sidecar of the item at `path`.
pub fn sidecar_path(path: &str) -> String {
    format!("{path}{SIDECAR}")
}

/// Reads a sidecar.
///
/// # Errors
/// When it is no TOML, or holds anything but the lists `accepted` and `rejected`.
pub fn read_sidecar(text: &str) -> Result<Vec<Decision>, Problem> {
    let table = DeTable::parse(text).map_err(|error| {
        let reason = error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let span = error.span().unwrap_or(0..0);
        Problem::warning(format!("this is not TOML: {reason}")).at(text, span)
    })?;
    let mut decisions = Vec::new();
    for (key, value) in table.get_ref() {
        let accepted = match key.get_ref().as_ref() {
            "accepted" => true,
            "rejected" => false,
            other => {
                let message = format!("unknown key '{other}': there are accepted and rejected");
                return Err(Problem::warning(message).at(text, key.span()));
            }
        };
        let DeValue::Array(terms) = value.get_ref() else {
            let message = format!("'{}' takes a list of texts", key.get_ref());
            return Err(Problem::warning(message).at(text, value.span()));
        };
        for term in terms.iter() {
            let Some(name) = term.get_ref().as_str() else {
                return Err(
                    Problem::warning("a term is a text: \"field_of_work:elections\"")
                        .at(text, term.span()),
                );
            };
            decisions.push(Decision {
                accepted,
                term: Stated {
                    text: name.trim().to_owned(),
                    line: 0,
                    column: 0,
                },
            });
        }
    }
    Ok(decisions)
}

/// The text of a sidecar.
pub fn to_sidecar(decisions: &[Decision]) -> String {
    let mut text =
        String::from("# What editors decided about the tags of the item beside this file.\n");
    for (key, accepted) in [("accepted", true), ("rejected", false)] {
        if let Some(list) = list(decisions, accepted) {
            text.push_str(&format!("{key} = {list}\n"));
        }
    }
    text
}

/// The text of an item's file with these decisions, and nothing else changed. `None` where the
/// file has no front matter to keep them in, or it is written in a way that cannot be changed
/// safely.
pub fn in_front_matter(source: &str, format: Format, decisions: &[Decision]) -> Option<String> {
    if !matches!(format, Format::Markdown | Format::Json) {
        return None;
    }
    let mut text = source.to_owned();
    for (key, accepted) in [("rejected_tags", false), ("accepted_tags", true)] {
        text = set(&text, key, list(decisions, accepted))?;
    }
    // What cannot be read back as it was meant is not written.
    let (before, after) = (others(source)?, others(&text)?);
    (before == after && sorted(&found(&text)?) == sorted(decisions)).then_some(text)
}

/// The decisions in the front matter of an item's file; `None` where it has none to keep them in.
pub fn of_front_matter(source: &str, format: Format) -> Option<Vec<Decision>> {
    let has_front_matter = matches!(format, Format::Markdown | Format::Json)
        && front_matter::read(source).is_ok_and(|matter| matter.end > 0);
    has_front_matter.then(|| found(source)).flatten()
}

/// The decisions as a list of quoted texts, which TOML, YAML and JSON all read.
fn list(decisions: &[Decision], accepted: bool) -> Option<String> {
    let chosen = decisions
        .iter()
        .filter(|decision| decision.accepted == accepted);
    let terms: Vec<String> = chosen
        .map(|decision| format!("\"{}\"", decision.term.text.replace(['"', '\\'], "")))
        .collect();
    (!terms.is_empty()).then(|| format!("[{}]", terms.join(", ")))
}

/// The text with one key of its front matter set to a value, or without it.
fn set(source: &str, key: &str, value: Option<String>) -> Option<String> {
    if source.starts_with('{') {
        return set_in_json(source, key, value);
    }
    let matter = front_matter::read(source)
        .ok()
        .filter(|matter| matter.end > 0)?;
    let entry = matter.entries.iter().find(|entry| entry.key == key);
    let mut text = source.to_owned();
    match (entry, value) {
        (None, None) => {}
        (Some(entry), Some(value)) => text.replace_range(entry.node.span.clone(), &value),
        (Some(entry), None) => {
            let start = source[..entry.key_span.start]
                .rfind('\n')
                .map_or(0, |at| at + 1);
            let rest = &source[entry.node.span.end..];
            let end = rest
                .find('\n')
                .map_or(source.len(), |at| entry.node.span.end + at + 1);
            text.replace_range(start..end, "");
        }
        (None, Some(value)) => {
            // The first line: behind the last there may be a table that would swallow it.
            let at = source.find('\n')? + 1;
            let end = if source[..at].ends_with("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
            let sign = if source.starts_with('+') { " =" } else { ":" };
            text.insert_str(at, &format!("{key}{sign} {value}{end}"));
        }
    }
    Some(text)
}

/// The same for a JSON object.
fn set_in_json(source: &str, key: &str, value: Option<String>) -> Option<String> {
    let mut text = source.to_owned();
    match (place_in_json(source, key), value) {
        (None, None) => {}
        (Some((_, list)), Some(value)) => text.replace_range(list, &value),
        (Some((start, list)), None) => {
            // What stands between it and its neighbour before; the comma behind it goes as well.
            let start = source[..start].trim_end().len();
            let rest = &source[list.end..];
            let comma = rest.len() - rest.trim_start().len();
            let end = list.end + rest[comma..].strip_prefix(',').map_or(0, |_| comma + 1);
            text.replace_range(start..end, "");
        }
        (None, Some(value)) => {
            let rest = &source[1..];
            let space = &rest[..rest.len() - rest.trim_start().len()];
            text.insert_str(1, &format!("{space}\"{key}\": {value},"));
        }
    }
    Some(text)
}

/// Where a key of a JSON object begins, with its opening quote, and the list that is its value.
fn place_in_json(source: &str, key: &str) -> Option<(usize, Range<usize>)> {
    let quoted = format!("\"{key}\"");
    let (mut depth, mut quote, mut escaped, mut found) = (0_usize, None, false, None);
    for (at, character) in source.char_indices() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(start), '"') => {
                quote = None;
                let rest = source[at + 1..].trim_start();
                if depth == 1
                    && found.is_none()
                    && source[start..=at] == quoted
                    && rest.starts_with(':')
                {
                    found = Some((start, None));
                }
            }
            (Some(_), _) => {}
            (None, '"') => quote = Some(at),
            (None, '{' | '[') => {
                if let (1, '[', Some((_, list @ None))) = (depth, character, &mut found) {
                    *list = Some(at);
                }
                depth += 1;
            }
            (None, '}' | ']') => {
                depth = depth.saturating_sub(1);
                if let (1, Some((start, Some(list)))) = (depth, found) {
                    return Some((start, list..at + 1));
                }
            }
            (None, _) => {}
        }
    }
    None
}

/// The decisions in a text's front matter.
fn found(source: &str) -> Option<Vec<Decision>> {
    let matter = front_matter::read(source).ok()?;
    let mut decisions = Vec::new();
    for entry in matter.entries {
        let accepted = match &*entry.key {
            "accepted_tags" => true,
            "rejected_tags" => false,
            _ => continue,
        };
        let nodes = match entry.node.value {
            Value::List(nodes) => nodes,
            _ => return None,
        };
        for node in nodes {
            let Value::Text(text) = node.value else {
                return None;
            };
            decisions.push(Decision {
                accepted,
                term: Stated {
                    text: text.trim().to_owned(),
                    line: 0,
                    column: 0,
                },
            });
        }
    }
    Some(decisions)
}

/// All else of a text: its other keys and values as written, and what follows the front matter.
fn others(source: &str) -> Option<(Vec<String>, &str)> {
    let matter = front_matter::read(source).ok()?;
    let others = matter.entries.iter();
    let others = others.filter(|entry| !matches!(&*entry.key, "accepted_tags" | "rejected_tags"));
    let written =
        others.map(|entry| format!("{} {:?}", entry.key, without_places(&entry.node.value)));
    Some((written.collect(), &source[matter.end..]))
}

fn without_places(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(nodes) => nodes
            .iter()
            .map(|node| without_places(&node.value) + ",")
            .collect(),
        Value::Table(entries) => {
            let parts = entries.iter();
            parts
                .map(|entry| format!("{}={};", entry.key, without_places(&entry.node.value)))
                .collect()
        }
    }
}

fn sorted(decisions: &[Decision]) -> Vec<(bool, &str)> {
    let mut all: Vec<(bool, &str)> = decisions
        .iter()
        .map(|decision| (decision.accepted, decision.term.text.as_str()))
        .collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both() -> Vec<Decision> {
        vec![
            Decision::new(true, "topic:water"),
            Decision::new(false, "topic:energy"),
        ]
    }

    #[test]
    fn two_lines_come_into_front_matter_and_nothing_else_changes() {
        for (source, lines) in [
            (
                "+++\ntitle = \"A\"   # note\n[extra]\nx = 1\n+++\n\nText  \n",
                "accepted_tags = [\"topic:water\"]\nrejected_tags = [\"topic:energy\"]\n",
            ),
            (
                "---\ntitle: 'A'\n---\nText",
                "accepted_tags: [\"topic:water\"]\nrejected_tags: [\"topic:energy\"]\n",
            ),
        ] {
            let text = in_front_matter(source, Format::Markdown, &both()).unwrap();
            assert_eq!(text, format!("{}{lines}{}", &source[..4], &source[4..]));
            // Taken back, the file is what it was.
            let back = in_front_matter(&text, Format::Markdown, &[]).unwrap();
            assert_eq!(back, source);
        }
    }

    #[test]
    fn windows_line_ends_stay() {
        let source = "+++\r\ntitle = \"A\"\r\n+++\r\nText\r\n";
        let text = in_front_matter(source, Format::Markdown, &both()).unwrap();
        assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
    }

    #[test]
    fn json_keeps_its_layout_and_can_be_taken_back() {
        for source in [
            "{\n  \"title\": \"A\",\n  \"content_text\": \"Text\"\n}\n",
            "{\"title\":\"A\"}",
        ] {
            let text = in_front_matter(source, Format::Json, &both()).unwrap();
            assert!(
                text.contains("\"accepted_tags\": [\"topic:water\"],"),
                "{text}"
            );
            let back = in_front_matter(&text, Format::Json, &[]).unwrap();
            assert_eq!(back, source);
        }
    }

    #[test]
    fn a_list_that_is_there_is_replaced_where_it_stands() {
        let source = "+++\ntitle = \"A\"\naccepted_tags = [ \"topic:energy\",\n  \"topic:old\" ] # by hand\nx = 1\n+++\n";
        let text = in_front_matter(
            source,
            Format::Markdown,
            &[Decision::new(true, "topic:water")],
        )
        .unwrap();
        assert_eq!(
            text,
            "+++\ntitle = \"A\"\naccepted_tags = [\"topic:water\"] # by hand\nx = 1\n+++\n"
        );
    }

    #[test]
    fn files_without_front_matter_have_none_to_change() {
        assert_eq!(
            in_front_matter("Title\n\nText", Format::Text, &both()),
            None
        );
        assert_eq!(
            in_front_matter("# Title\n\nText", Format::Markdown, &both()),
            None
        );
        assert_eq!(in_front_matter("<p>x", Format::Html, &both()), None);
    }

    #[test]
    fn a_sidecar_is_read_back_as_it_was_written() {
        let read = read_sidecar(&to_sidecar(&both())).unwrap();
        assert_eq!(read, both());
        assert_eq!(read_sidecar(&to_sidecar(&[])).unwrap(), []);
    }

    #[test]
    fn a_wrong_sidecar_is_reported_at_its_place() {
        for (text, message) in [
            ("accepted = [\n", "not TOML"),
            ("acepted = []\n", "unknown key 'acepted'"),
            ("accepted = \"topic:water\"\n", "takes a list"),
            ("accepted = [1]\n", "a term is a text"),
        ] {
            let problem = read_sidecar(text).unwrap_err();
            assert!(problem.message.contains(message), "{}", problem.message);
            assert!(problem.excerpt.is_some(), "{text}");
        }
    }
}
