//! What Handlebars says, in words that help whoever wrote the template.

use std::collections::BTreeSet;
use std::path::Path;

use handlebars::{JsonValue, RenderError, RenderErrorReason, TemplateError, TemplateErrorReason};

use super::{embedded, function, place};
use crate::diagnostic::{Problem, did_you_mean};

/// A file among the templates that nothing would ever use.
pub(super) fn unused(name: &str) -> Problem {
    let problem = Problem::error(format!("nothing uses the file '{name}'")).in_file(&file(name));
    let known = embedded::FILES.iter().map(|(name, _)| *name);
    match did_you_mean(name, known) {
        Some(near) => problem.help(format!("did you mean '{near}'?")),
        None => problem.help("templates end in '.html.hbs' or '.text.hbs'"),
    }
}

/// A template that cannot be compiled.
pub(super) fn unreadable(name: &str, source: &str, error: &TemplateError) -> Problem {
    let (line, column) = error.pos().unwrap_or((1, 1));
    let problem = match (place::unbalanced(source), error.reason()) {
        (Some(problem), _) => problem,
        // What the parser says here is a list of the names of its own rules.
        (None, TemplateErrorReason::InvalidSyntax(_)) => {
            Problem::error("this is not a tag that can be read")
                .help("tags look like '{{name}}', '{{count n \"item\" \"items\"}}' or '{{#if name}} … {{/if}}'")
                .at(source, place::tag_at(source, line, column))
        }
        (None, reason) => Problem::error(reason.to_string())
            .at(source, place::tag_at(source, line, column)),
    };
    problem.in_file(&file(name))
}

/// A template that failed on `context`; `partials` are the names of all that it may include.
pub(super) fn failed<'a>(
    name: &str,
    source: &str,
    error: &RenderError,
    context: &JsonValue,
    partials: impl Iterator<Item = &'a str>,
) -> Problem {
    let tag = match (error.line_no, error.column_no) {
        (Some(line), Some(column)) => place::tag_at(source, line, column),
        _ => 0..0,
    };
    let suffix = &name[name.find('.').unwrap_or(name.len())..];
    let (problem, word) = match error.reason() {
        RenderErrorReason::MissingVariable(Some(path)) => (variable(path, context), path.as_str()),
        RenderErrorReason::InvalidJsonIndex(step) => {
            let message = format!("there is no variable '{step}' here, but a list");
            (
                Problem::error(message).help("go through it with '{{#each this}} … {{/each}}'"),
                "",
            )
        }
        RenderErrorReason::PartialNotFound(partial) => {
            let problem = Problem::error(format!("there is no partial '{partial}'"));
            let problem = match did_you_mean(partial, partials) {
                Some(near) => problem.help(format!("did you mean '{near}'?")),
                None => problem.help(format!("write it as templates/{partial}{suffix}")),
            };
            (problem, partial.as_str())
        }
        RenderErrorReason::HelperNotFound(called) => {
            let problem = Problem::error(format!("there is no function '{called}'"));
            let known = function::NAMES
                .into_iter()
                .chain(["if", "unless", "each", "with"]);
            let problem = match did_you_mean(called, known) {
                Some(near) => problem.help(format!("did you mean '{near}'?")),
                None => problem.help(format!("there are {}", function::NAMES.join(", "))),
            };
            (problem, called.as_str())
        }
        RenderErrorReason::ParamNotFoundForIndex(called, index) => {
            let message = format!("'{called}' lacks its value number {}", index + 1);
            (Problem::error(message), *called)
        }
        RenderErrorReason::PartialBlockNotFound => {
            let problem = Problem::error("this partial was included without a block")
                .help("include it as '{{#> name}} … {{/name}}'");
            (problem, "")
        }
        RenderErrorReason::CannotIncludeSelf => {
            (Problem::error("a template cannot include itself here"), "")
        }
        reason => (Problem::error(reason.to_string()), ""),
    };
    let span = place::word_in(source, tag, word);
    problem.at(source, span).in_file(&file(name))
}

/// A variable that does not exist.
fn variable(path: &str, context: &JsonValue) -> Problem {
    let problem = Problem::error(format!("there is no variable '{path}' here"));
    let mut known = BTreeSet::new();
    collect_names(context, &mut known);
    let near = path
        .split(['.', '/'])
        .filter(|step| !step.is_empty() && *step != "this" && !known.contains(step))
        .find_map(|step| did_you_mean(step, known.iter().copied()));
    match (near, context.as_object()) {
        (Some(near), _) => problem.help(format!("did you mean '{near}'?")),
        (None, Some(top)) => {
            let top: Vec<&str> = top.keys().map(String::as_str).collect();
            problem.help(format!("this template is given {}", top.join(", ")))
        }
        (None, None) => problem,
    }
}

/// All keys at any depth of `value`.
fn collect_names<'a>(value: &'a JsonValue, names: &mut BTreeSet<&'a str>) {
    match value {
        JsonValue::Object(map) => {
            for (key, inner) in map {
                names.insert(key);
                collect_names(inner, names);
            }
        }
        JsonValue::Array(values) => {
            for inner in values {
                collect_names(inner, names);
            }
        }
        _ => {}
    }
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new("templates").join(name)
}
