//! What the address of a feed on demand asks for.

use std::path::Path;

use crate::diagnostic::{Problem, did_you_mean};
use crate::feed::Format;
use crate::publish::on_demand::{BUILD_PATH, FEED_PATH};
use crate::selection::Selection;
use crate::taxonomy::Taxonomy;

/// The most bytes of a selection's text: what an address of its feed has room for everywhere.
const SELECTION_LIMIT: usize = 1_500;

/// The format of a feed whose address names none.
pub(super) const DEFAULT_FORMAT: Format = Format::Atom;

/// The selection in normal form, and the format, that a query asks for.
pub(super) fn asked(query: &str, taxonomy: &Taxonomy) -> Result<(Selection, Format), Problem> {
    let selection = match parameter(query, "select")? {
        Some(selection) => selection,
        None => {
            let message = "the address says not which items: 'select' is missing";
            return Err(Problem::error(message).help(format!(
                "write '{FEED_PATH}?select=*' for every item, or put a feed together at {BUILD_PATH}"
            )));
        }
    };
    let selection = normal(&selection, taxonomy)?;
    let Some(word) = parameter(query, "format")? else {
        return Ok((selection, DEFAULT_FORMAT));
    };
    let found = Format::ALL.into_iter().find(|format| format.word() == word);
    let format = found.ok_or_else(|| {
        let words = Format::ALL.map(Format::word);
        let help = match did_you_mean(&word, words) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("the formats are {}", words.join(", ")),
        };
        problem_at(
            "format",
            &word,
            0..word.len(),
            format!("unknown format '{word}'"),
            &help,
        )
    })?;
    Ok((selection, format))
}

/// The value of a parameter; one that is given twice means nothing.
pub(super) fn parameter(query: &str, name: &str) -> Result<Option<String>, Problem> {
    let mut values = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned());
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => {
            Err(Problem::error(format!("'{name}' is given twice")).help("leave one out"))
        }
        (value, _) => Ok(value),
    }
}

/// A selection as somebody wrote it, read and brought into normal form.
pub(super) fn normal(text: &str, taxonomy: &Taxonomy) -> Result<Selection, Problem> {
    if text.len() > SELECTION_LIMIT {
        let message = format!("a selection has at most {SELECTION_LIMIT} bytes");
        return Err(Problem::error(message).help("use a term higher up, or divide the selection"));
    }
    let selection = Selection::parse(text, taxonomy).map_err(|error| {
        // Readers cannot add terms.
        let help = error.help.unwrap_or_default();
        let help = match help.strip_prefix("add the term to") {
            Some(_) => format!("the terms are listed at {BUILD_PATH}"),
            None => help,
        };
        problem_at("select", text, error.span, error.message, &help)
    })?;
    let normal = selection.normal().map_err(|error| {
        Problem::error(error.to_string()).help("say it with fewer conditions, or divide it")
    })?;
    if normal.is_empty() {
        let message = "no item can ever be selected by this".to_owned();
        let help = "an item has one language, one type and one date: join such conditions by 'or'";
        return Err(problem_at("select", text, 0..text.len(), message, help));
    }
    if normal.text.len() > SELECTION_LIMIT {
        let message = format!("written out, this selection has more than {SELECTION_LIMIT} bytes");
        return Err(Problem::error(message).help("say it with fewer conditions, or divide it"));
    }
    Ok(normal)
}

fn problem_at(
    parameter: &str,
    text: &str,
    span: std::ops::Range<usize>,
    message: String,
    help: &str,
) -> Problem {
    let problem = Problem::error(message)
        .at(text, span)
        .in_file(Path::new(parameter));
    match help {
        "" => problem,
        help => problem.help(help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Style, render};

    #[test]
    fn what_means_nothing_is_said_with_its_place() {
        let taxonomy = Taxonomy {
            facets: Vec::new(),
            terms: Vec::new(),
            language: "en".to_owned(),
        };
        for (query, expected) in [
            ("", "'select' is missing"),
            ("select=*&select=*", "'select' is given twice"),
            ("select=*&format=atm", "did you mean 'atom'?"),
            ("select=nonsense", "'nonsense' is not a condition"),
            ("select=type:a+and+type:b", "no item can ever be selected"),
        ] {
            let problem = asked(query, &taxonomy).unwrap_err();
            let drawn = render(&[problem], Style::Plain);
            assert!(drawn.contains(expected), "{query}: {drawn}");
        }
        let long = format!("select={}", "%2A+or+".repeat(400));
        assert!(asked(&long, &taxonomy).is_err());
    }
}
