//! Problems as text for people and as JSON for programs.
//!
//! A problem quotes files that anybody may have written. Nothing of them reaches a terminal that
//! it would take for a command, or that would show text in another order than it has.

use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::{Excerpt, Problem, Severity};

/// The columns that a line may take; a longer one is cut around its mark.
const WIDTH: usize = 160;

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Plain characters, for files and pipes.
    Plain,
    /// With ANSI escape sequences, for terminals.
    Coloured,
}

/// The problems as rustc would show them, one below the other, an empty line between two and a
/// line break at the end; empty when there are none.
pub fn render(problems: &[Problem], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let renderer = renderer.term_width(WIDTH);
    let reports: Vec<String> = problems
        .iter()
        .map(|problem| render_one(problem, &renderer) + "\n")
        .collect();
    reports.join("\n")
}

fn render_one(problem: &Problem, renderer: &Renderer) -> String {
    let level = match problem.severity {
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let file = problem.file.as_deref().map(Path::to_string_lossy);
    let file = file.map(|file| harmless(&file));
    let title = level.primary_title(harmless(&problem.message));
    let mut group = match &problem.excerpt {
        None => title.elements(file.map(Origin::path)),
        Some(excerpt) => {
            let (text, marked) = shown(excerpt);
            title.element(
                Snippet::source(text)
                    .path(file)
                    .line_start(excerpt.line)
                    .annotation(AnnotationKind::Primary.span(marked)),
            )
        }
    };
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(harmless(help)));
    }
    renderer.render(&[group])
}

/// The line with its mark, harmless.
fn shown(excerpt: &Excerpt) -> (String, Range<usize>) {
    let Excerpt { text, marked, .. } = excerpt;
    let (before, rest) = text.split_at_checked(marked.start).unwrap_or((text, ""));
    let length = marked.len().min(rest.len());
    let (mark, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
    let (before, mark, after) = (harmless(before), harmless(mark), harmless(after));
    let marked = before.len()..before.len() + mark.len();
    (before + &mark + &after, marked)
}

/// The text with a space for every character that has no shape of its own but tells a terminal
/// what to do: control characters, line and paragraph separators, marks and overrides of the
/// direction of writing (Unicode TR36, section 3.2 on bidirectional spoofing).
pub fn harmless(text: &str) -> String {
    text.replace(is_harmful, " ")
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061C}' | '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// The problems as an array of objects with `severity` (`error` or `warning`), `message`, `help`,
/// `file`, `line`, `column` (both from 1, in characters) and `text` (the line); what is not known
/// is null. Harmful characters are spaces here too, since JSON is shown on terminals as well; only
/// `file` is the file's name as it is.
pub fn json(problems: &[Problem]) -> serde_json::Value {
    problems
        .iter()
        .map(|problem| {
            let excerpt = problem.excerpt.as_ref();
            serde_json::json!({
                "severity": match problem.severity {
                    Severity::Warning => "warning",
                    Severity::Error => "error",
                },
                "message": harmless(&problem.message),
                "help": problem.help.as_deref().map(harmless),
                "file": problem.file.as_deref().map(Path::to_string_lossy),
                "line": excerpt.map(|excerpt| excerpt.line),
                "column": excerpt.map(|excerpt| excerpt.column),
                "text": excerpt.map(|excerpt| harmless(&excerpt.text)),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::did_you_mean;

    fn problem() -> Problem {
        let source = "[site]\ntitel = \"Tidings\"\n";
        Problem::error("unknown key 'titel'")
            .help("did you mean 'title'?")
            .in_file(Path::new("feeds.toml"))
            .at(source, 7..12)
    }

    #[test]
    fn problems_look_like_rustc_says_them() {
        let without_place = Problem::warning("no items were found")
            .help("put a file into 'news'")
            .in_file(Path::new("feeds.toml"));
        let at_a_point = Problem::error("expected a value")
            .in_file(Path::new("news/été.md"))
            .at("titre = é = \r\n", 13..13);
        let problems = [problem(), without_place, at_a_point];
        insta::assert_snapshot!(render(&problems, Style::Plain));
    }

    #[test]
    fn a_value_whose_line_is_not_at_hand_is_marked_where_it_stands() {
        let value = Problem {
            excerpt: Excerpt::of_value("Whales", 5, 11),
            ..Problem::warning("unknown topic 'Whales'").in_file(Path::new("news/sea.md"))
        };
        let drawn = render(&[value], Style::Plain);
        assert!(drawn.contains("--> news/sea.md:5:11\n"), "{drawn}");
        assert!(drawn.contains("5 |           Whales\n"), "{drawn}");
        assert_eq!(Excerpt::of_value("Whales", 0, 0), None);
    }

    #[test]
    fn colours_are_the_only_difference_of_styles() {
        let coloured = render(&[problem()], Style::Coloured);
        assert!(coloured.contains("\u{1b}["));
        let mut plain = coloured;
        while let Some(start) = plain.find('\u{1b}') {
            let end = start + plain[start..].find('m').unwrap();
            plain.replace_range(start..=end, "");
        }
        assert_eq!(plain, render(&[problem()], Style::Plain));
    }

    #[test]
    fn no_problems_render_as_nothing() {
        assert_eq!(render(&[], Style::Plain), "");
        assert_eq!(json(&[]), serde_json::json!([]));
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark_and_keeps_its_column() {
        let source = format!("{}wrong{}", "é".repeat(5_000), "ü".repeat(5_000));
        let problem = Problem::error("unknown word 'wrong'")
            .in_file(Path::new("item.md"))
            .at(&source, 10_000..10_005);
        insta::assert_snapshot!(render(&[problem], Style::Plain));
    }

    #[test]
    fn a_mark_as_long_as_the_line_is_cut_too() {
        let problem = Problem::error("too long").at(&"x".repeat(100_000), 0..100_000);
        let text = render(&[problem], Style::Plain);
        assert!(text.len() < 600, "{text}");
        assert!(text.contains("x..."), "{text}");
    }

    #[test]
    fn hostile_text_never_reaches_the_terminal() {
        let hostile = "a\u{1b}[31m\u{7}\u{9b}31m\u{202e}txt\u{2028}\r\u{0}b";
        let problem = Problem::error(hostile)
            .help(hostile)
            .in_file(Path::new(hostile))
            .at(&format!("key = {hostile}"), 6..9);
        let text = render(&[problem], Style::Plain);
        assert!(
            text.chars().all(|c| c == '\n' || !is_harmful(c)),
            "{text:?}"
        );
        // Only the line breaks of the form itself.
        assert_eq!(text.lines().count(), 7, "{text}");
    }

    #[test]
    fn json_names_every_field() {
        let value = json(&[problem(), Problem::warning("alone")]);
        insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn a_near_word_is_proposed_and_a_far_one_is_not() {
        let keys = ["title", "timezone", "base_url"];
        assert_eq!(did_you_mean("titel", keys), Some("title"));
        assert_eq!(did_you_mean("TimeZone", keys), Some("timezone"));
        assert_eq!(did_you_mean("colour", keys), None);
        assert_eq!(did_you_mean("", keys), None);
        assert_eq!(did_you_mean(&"x".repeat(1_000_000), keys), None);
    }

    proptest! {
        #[test]
        fn any_excerpt_is_rendered_without_panic_and_without_control_characters(
            source in any::<String>(), start in 0usize..80, length in 0usize..80,
        ) {
            let problem = Problem::error(source.clone()).at(&source, start..start + length);
            let text = render(&[problem], Style::Plain);
            prop_assert!(text.chars().all(|c| c == '\n' || !is_harmful(c)), "{text:?}");
        }
    }
}
