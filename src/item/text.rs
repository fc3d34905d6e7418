//! Plain text items: a title, labelled lines, paragraphs; also whole pages saved as text, with
//! their menus.
//!
//! The labelled lines are the anchor: what stands before them is menus, sort of news, title and
//! lead; what follows them is the text.

mod label_lines;
mod lines;

use label_lines::{LabelLine, label_lines};
use lines::{Line, lines, paragraphs};

use super::Body;
use super::characters::{one_line, shorten};
use super::draft::Draft;
use super::labels::{Field, is_kind};

/// The characters up to which a line may be a title.
const TITLE: usize = 250;

/// A page's menus have at least so many bulleted lines, unless the file begins with one.
const MENU: usize = 10;

/// Reads a plain text file.
pub(super) fn read(draft: &mut Draft<'_>) {
    let source = draft.source;
    let lines = lines(source);
    let labels = label_lines(&lines, &draft.reader.lookup);
    for label in &labels {
        for (text, span) in &label.values {
            draft.state(label.field, text, Some(span.clone()));
        }
    }

    let first_label = labels
        .first()
        .map_or(lines.len(), |label| label.lines.start);
    let menu = menu_end(&lines[..first_label]);
    let mut rest = unlabelled(&lines, menu, &labels);
    rest.head = title_and_kind(draft, rest.head);
    if draft.item.title.is_empty() {
        rest.body = title_and_kind(draft, rest.body);
    }
    if menu > 0 {
        drop_menu_below(&mut rest.body);
    }

    let mut body = paragraphs(&rest.body);
    let lead = paragraphs(&rest.head);
    match repeats(&lead, &body) {
        // The lead stands apart, and again at the start of the text, where it belongs.
        Some(whole) => {
            if whole && draft.item.summary.is_none() {
                draft.state(Field::Summary, &lead[0], None);
            }
            body.splice(0..0, lead.into_iter().skip(1));
        }
        None => {
            body.splice(0..0, lead);
        }
    }
    let body = body.join("\n\n");
    draft.dateline(&body);
    draft.item.body = Body::Text(body);
}

/// The lines that no label claims.
struct Unlabelled<'a> {
    /// Before the last run of labels.
    head: Vec<Line<'a>>,
    /// After it.
    body: Vec<Line<'a>>,
}

fn unlabelled<'a>(lines: &[Line<'a>], menu: usize, labels: &[LabelLine]) -> Unlabelled<'a> {
    let mut claimed = vec![false; lines.len()];
    for label in labels {
        claimed[label.lines.clone()].fill(true);
    }
    let free = |from: usize, to: usize| {
        (from..to)
            .filter(|at| !claimed[*at])
            .map(|at| lines[at].clone())
            .collect::<Vec<_>>()
    };
    let split = labels
        .last()
        .map_or(menu, |label| label.lines.end)
        .max(menu);
    Unlabelled {
        head: free(menu, split),
        body: free(split, lines.len()),
    }
}

/// Takes the sort of news and the title from the start of the lines; returns the others.
fn title_and_kind<'a>(draft: &mut Draft<'_>, lines: Vec<Line<'a>>) -> Vec<Line<'a>> {
    let mut rest = lines.as_slice();
    while rest.first().is_some_and(|line| line.text.is_empty()) {
        rest = &rest[1..];
    }
    // A page has trails and buttons above the sort of news, a title and a text below it.
    let kind = rest
        .iter()
        .take(6)
        .position(|line| !line.bullet && is_kind(line.text))
        .filter(|at| rest[at + 1..].iter().any(|line| !line.text.is_empty()));
    if let Some(at) = kind
        && draft.item.title.is_empty()
    {
        draft.state(Field::Kind, rest[at].text, Some(rest[at].span.clone()));
        rest = &rest[at + 1..];
    }
    if draft.item.title.is_empty()
        && let Some(at) = rest.iter().position(|line| !line.text.is_empty())
    {
        let line = &rest[at];
        let place = Some(line.span.clone());
        if line.text.chars().count() <= TITLE {
            draft.state(Field::Title, line.text, place);
            rest = &rest[at + 1..];
            if rest.first().is_some_and(|line| is_underline(line.text)) {
                rest = &rest[1..];
            }
        } else {
            // A paragraph: it stays where it is, and lends its first words.
            draft.state(Field::Title, &shorten(&one_line(line.text), 100), place);
        }
    }
    rest.to_vec()
}

fn is_underline(line: &str) -> bool {
    line.len() >= 3
        && line
            .bytes()
            .all(|b| matches!(b, b'=' | b'-' | b'~' | b'*' | b'_'))
}

/// Whether the first paragraph of the text is the lead again, and whether as a whole: leads end
/// in `...` where they were cut.
fn repeats(lead: &[String], body: &[String]) -> Option<bool> {
    let (lead, body) = (one_line(lead.first()?), one_line(body.first()?));
    let start = lead.trim_end_matches(['.', '…', ' ']);
    if lead == body || start == body.trim_end_matches(['.', '…', ' ']) {
        Some(true)
    } else if start.len() >= 40 && body.starts_with(start) {
        Some(false)
    } else {
        None
    }
}

/// How many of the lines before the first label are menus: all through the last bulleted line,
/// where there are so many of them that they cannot be the item's own.
fn menu_end(lines: &[Line<'_>]) -> usize {
    // Menus are short lines; the first long one is the item's.
    let short = lines
        .iter()
        .position(|line| line.text.chars().count() > 200)
        .unwrap_or(lines.len());
    let lines = &lines[..short];
    let Some(last) = lines.iter().rposition(|line| line.bullet) else {
        return 0;
    };
    let bullets = lines.iter().filter(|line| line.bullet).count();
    let begins = lines
        .iter()
        .find(|line| !line.raw.is_empty())
        .is_some_and(|line| line.bullet);
    let kind_follows = lines[last + 1..]
        .iter()
        .find(|line| !line.text.is_empty())
        .is_some_and(|line| is_kind(line.text));
    if begins || bullets >= MENU || (bullets >= 3 && kind_follows) {
        last + 1
    } else {
        0
    }
}

/// Drops the menu at the foot of a page: its last run of bulleted lines with their headings, if
/// that is long enough to be one.
fn drop_menu_below(body: &mut Vec<Line<'_>>) {
    let is_menu = |line: &Line<'_>| {
        line.bullet
            || line.text.is_empty()
            || (line.text.len() <= 40 && !line.text.ends_with(['.', '?', '!', '”', '"']))
    };
    let start = body
        .iter()
        .rposition(|line| !is_menu(line))
        .map_or(0, |at| at + 1);
    if body[start..].iter().filter(|line| line.bullet).count() >= MENU {
        body.truncate(start);
    }
}

#[cfg(test)]
mod tests;
