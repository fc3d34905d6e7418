//! JSON items: one object with the keys of front matter, and its text under `body`, `content`,
//! `content_html`, `content_text` or `markdown`.

use super::characters;
use super::draft::Draft;
use super::fields::{Entry, Value};
use super::{Body, front_matter, plain};
use crate::diagnostic::Problem;

/// Reads a JSON file.
pub(super) fn read(draft: &mut Draft<'_>) {
    let source = draft.source;
    let (entries, end) = match front_matter::json(source) {
        Ok(found) => found,
        Err(problem) => {
            draft.problems.push(*problem);
            return;
        }
    };
    let rest = source[end..].trim_start();
    if !rest.is_empty() {
        let at = source.len() - rest.len();
        let problem = Problem::error("there is more after the end of the JSON object")
            .help("a file holds one item, in one pair of braces");
        draft.report(problem, &Some(at..at + 1));
    }
    let mut body = None;
    for entry in entries {
        match text_form(&entry) {
            Some(form) => {
                if let Value::Text(text) = entry.node.value {
                    body.get_or_insert((form, characters::clean(text).into_owned()));
                }
            }
            None => draft.entry(entry),
        }
    }
    if let Some((form, text)) = body {
        draft.item.body = match form {
            Form::Html => Body::Html(text),
            Form::Text => Body::Text(text),
            Form::Either if plain::looks_like_html(&text) => Body::Html(text),
            Form::Markdown | Form::Either => Body::Markdown(text),
        };
        let opening = draft.item.body.lead();
        draft.dateline(&opening);
    }
}

enum Form {
    Html,
    Text,
    Markdown,
    /// HTML if it has the look of it, else Markdown.
    Either,
}

fn text_form(entry: &Entry<'_>) -> Option<Form> {
    match entry.key.to_ascii_lowercase().as_str() {
        "content_html" | "html" => Some(Form::Html),
        "content_text" | "text" => Some(Form::Text),
        "markdown" | "content_markdown" => Some(Form::Markdown),
        "body" | "content" => Some(Form::Either),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::item::Body;
    use crate::item::Format::Json;
    use crate::item::tests::fixtures::{date, item, stated};

    #[test]
    fn json_items_state_what_front_matter_does() {
        let item = item(
            "{\n \"title\": \"A < b\",\n \"date_published\": \"2024-11-22T09:00:00Z\",\n \"issued_by\": \"Secretariat\",\n \"content_html\": \"<p>Te\\u0001xt</p>\",\n \"attachments\": [{\"url\": \"a.pdf\", \"mime_type\": \"application/pdf\", \"size_in_bytes\": 12}]\n}\n",
            Json,
        );
        assert_eq!(item.title, "A < b");
        assert_eq!(date(&item), "2024-11-22T09:00:00Z Stated");
        assert_eq!(stated(&item), ["1 Secretariat @4:16"]);
        assert_eq!(item.body, Body::Html("<p>Text</p>".to_owned()));
        assert_eq!(item.enclosures[0].length, Some(12));
    }

    #[test]
    fn the_form_of_the_text_follows_from_its_key_or_its_look() {
        for (member, body) in [
            ("\"content_text\": \"<b>\"", Body::Text("<b>".to_owned())),
            ("\"markdown\": \"*a*\"", Body::Markdown("*a*".to_owned())),
            ("\"body\": \"1 < 2\"", Body::Markdown("1 < 2".to_owned())),
            ("\"body\": \"<p>a</p>\"", Body::Html("<p>a</p>".to_owned())),
        ] {
            assert_eq!(
                item(&format!("{{\"title\": \"T\", {member}}}"), Json).body,
                body
            );
        }
    }

    #[test]
    fn the_dateline_of_any_text_is_found() {
        let source =
            r#"{"title": "T", "content_html": "<p><b>VIENNA</b>, 22 November 2024 – x</p>"}"#;
        assert_eq!(date(&item(source, Json)), "2024-11-21T23:00:00Z Dateline");
    }
}
