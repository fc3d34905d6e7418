//! Plain text set for reading: one line, or wrapped for a mail.

/// The most characters of a line in a plain-text mail.
const LINE_LENGTH: usize = 72;

/// `text` on one line, with single spaces: line breaks, tabs, no-break spaces and other control
/// characters are spaces.
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text twin of a mail, as its template gives it, set for reading:
///
/// - Lines are wrapped at 72 characters with the indentation that they have; those that begin
///   with `* ` or `- ` hang by two. A word is never broken, so that links stay whole.
/// - A line of three or more `=` or `-` below a heading becomes as long as the heading.
/// - No line ends in spaces, at most two blank lines follow one another, and the text ends with
///   one line break.
pub fn set(rendered: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    // The width of the heading above, in characters; 0 when the line above is blank.
    let mut above = 0;
    for line in rendered.lines().map(str::trim_end) {
        if line.is_empty() {
            let blank = lines
                .iter()
                .rev()
                .take_while(|line| line.is_empty())
                .count();
            if blank < 2 && !lines.is_empty() {
                lines.push(String::new());
            }
            above = 0;
        } else if above > 0 && is_underline(line) {
            lines.push(line[..1].repeat(above));
            above = 0;
        } else {
            let wrapped = wrap(line);
            above = wrapped.iter().map(|line| width(line)).max().unwrap_or(0);
            lines.extend(wrapped);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.push(String::new());
    // No-break spaces have done their work.
    lines.join("\n").replace('\u{a0}', " ")
}

fn is_underline(line: &str) -> bool {
    line.len() >= 3 && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn wrap(line: &str) -> Vec<String> {
    let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
    let hanging =
        if line[indent.len()..].starts_with("* ") || line[indent.len()..].starts_with("- ") {
            format!("{indent}  ")
        } else {
            indent.to_owned()
        };
    let mut lines = Vec::new();
    let mut current = indent.to_owned();
    let mut is_empty = true;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        if !is_empty && width(&current) + 1 + width(word) > LINE_LENGTH {
            lines.push(std::mem::replace(&mut current, hanging.clone()));
            is_empty = true;
        }
        if !is_empty {
            current.push(' ');
        }
        current.push_str(word);
        is_empty = false;
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_wrap_with_their_indentation_and_links_stay_whole() {
        let long = "https://news.example/".to_owned() + &"a".repeat(80);
        let given = format!(
            "* A title that is long enough to be broken over two lines of the mail that it is in\n  \
             A summary that is long enough to be broken over two lines of the mail, see {long} there\n"
        );
        assert_eq!(
            set(&given),
            format!(
                "* A title that is long enough to be broken over two lines of the mail\n  that it is in\n  \
                 A summary that is long enough to be broken over two lines of the mail,\n  see\n  \
                 {long}\n  there\n"
            )
        );
    }

    #[test]
    fn underlines_are_as_long_as_their_headings() {
        assert_eq!(set("Türkiye\n---\n"), "Türkiye\n-------\n");
        assert_eq!(set("A\n===\ntext\n---"), "A\n=\ntext\n----\n");
        // Not an underline: nothing above, or indented text of an item.
        assert_eq!(set("\n---\n\n  x\n  ---\n"), "---\n\n  x\n  ---\n");
    }

    #[test]
    fn blank_lines_are_two_at_most_and_none_at_the_ends() {
        assert_eq!(set("\n\na  \n\n\n\n\nb\n\n"), "a\n\n\nb\n");
        assert_eq!(set(""), "");
    }

    #[test]
    fn no_break_spaces_keep_words_together() {
        let text = format!("{} 22\u{a0}November", "word ".repeat(13));
        assert!(set(&text).ends_with("\n22 November\n"));
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_is_longer_than_it_must_be(text in "[a-z é]{0,400}") {
            let set = set(&text);
            prop_assert_eq!(
                set.split_whitespace().collect::<Vec<_>>(),
                text.split_whitespace().collect::<Vec<_>>()
            );
            for line in set.lines() {
                prop_assert!(width(line) <= LINE_LENGTH || !line.trim_start().contains(' '));
            }
        }
    }
}
