//! A piece of text with the words in it underlined that speak for a tag.

use std::ops::Range;

use tidings::diagnostic::{Style, harmless};

/// The most characters shown before and after the words.
const BEFORE: usize = 32;
const AFTER: usize = 40;
/// The most characters of the words themselves.
const MOST: usize = 60;

/// One line of `text` around the bytes `span`, which are underlined: by the terminal, or by a
/// second line of carets. Every line begins with `margin`.
pub fn underline(text: &str, span: Range<usize>, margin: &str, style: Style) -> String {
    let Some(marked) = text.get(span.clone()) else {
        return String::new();
    };
    let before = end_of(&text[..span.start], BEFORE);
    let after = start_of(&text[span.end..], AFTER);
    let marked = one_line(&start_of(marked, MOST));
    let (before, after) = (one_line(&before), one_line(&after));
    match style {
        Style::Coloured => format!("{margin}{before}\u{1b}[4m{marked}\u{1b}[24m{after}\n"),
        Style::Plain => {
            let indent = " ".repeat(before.chars().count());
            let carets = "^".repeat(marked.chars().count().max(1));
            let blank = " ".repeat(margin.chars().count());
            format!("{margin}{before}{marked}{after}\n{blank}{indent}{carets}\n")
        }
    }
}

/// Nothing that a terminal takes for a command, and one character for each.
fn one_line(text: &str) -> String {
    harmless(text).replace('\u{a0}', " ")
}

/// The last characters of what stands before, from the beginning of a word and of a paragraph.
fn end_of(text: &str, most: usize) -> String {
    let text = text.rsplit("\n\n").next().unwrap_or(text);
    let Some((at, _)) = text.char_indices().rev().nth(most) else {
        return text.to_owned();
    };
    let end = &text[at..];
    let word = end.find(char::is_whitespace).map_or(0, |at| at);
    format!("…{}", &end[word..])
}

/// The first characters of what stands after, to the end of a word and of a paragraph.
fn start_of(text: &str, most: usize) -> String {
    let text = text.split("\n\n").next().unwrap_or(text).trim_end();
    let Some((at, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let start = &text[..at];
    let word = start.rfind(char::is_whitespace).unwrap_or(start.len());
    format!("{}…", &start[..word])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_underlined_by_carets_or_by_the_terminal() {
        let text = "Young voters\nmeet border guards";
        let shown = underline(text, 6..12, "  title ", Style::Plain);
        assert_eq!(
            shown,
            "  title Young voters meet border guards\n              ^^^^^^\n"
        );
        let shown = underline(text, 6..12, "", Style::Coloured);
        assert_eq!(
            shown,
            "Young \u{1b}[4mvoters\u{1b}[24m meet border guards\n"
        );
    }

    #[test]
    fn long_texts_are_cut_between_words_and_paragraphs() {
        let text = format!(
            "Before.\n\n{} here {}",
            "word ".repeat(40),
            "more ".repeat(40)
        );
        let at = text.find("here").unwrap();
        let shown = underline(&text, at..at + 4, "", Style::Plain);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(
            lines[0].starts_with('…') && lines[0].ends_with('…'),
            "{shown}"
        );
        let column = lines[1].find('^').unwrap();
        let marked: String = lines[0].chars().skip(column).take(4).collect();
        assert_eq!(marked, "here");
    }

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        let shown = underline("a\u{1b}[31mb\u{202e}c", 0..1, "", Style::Plain);
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    }
}
