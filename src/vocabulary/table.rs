//! Vocabularies as CSV (RFC 4180): a head, then one concept a row.
//!
//! ```text
//! slug,name,name@ru,aliases,parent,keywords,was,closed,replaced_by,matches
//! policing,Policing,Полиция,Police|Police reform,,police,,,,
//! ```
//!
//! Columns may stand in any order and bear the names that SKOS gives them. Lists in a cell are
//! divided by bars, or by semicolons where there is no bar. What spreadsheets make of a table is
//! read too: a byte order mark, semicolons or tabs between cells, Windows-1252.

mod columns;
mod write;

use std::borrow::Cow;
use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

use columns::{Column, columns};

use super::notes::Notes;
use super::taken::Taken;
use super::{Concept, Context, Reading, Vocabulary};
use crate::diagnostic::Problem;
use crate::taxonomy::hierarchy::break_circles;
use crate::taxonomy::slug::{fold, is_slug, slug};

pub(super) use write::write;

/// Reads a table.
pub(super) fn read(bytes: &[u8], context: Context<'_>) -> Result<Reading, Vec<Problem>> {
    let mut notes = Notes::default();
    let source = text(bytes, &mut notes);
    let delimiter = delimiter(&source);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(source.as_bytes());
    let head = reader
        .headers()
        .map_err(|error| vec![Problem::error(format!("this is not CSV: {error}"))])?
        .clone();
    let columns = columns(&head, &source, context, &mut notes);
    if !columns.contains(&Some(Column::Name)) {
        let problem = Problem::error("the table has no column 'name'")
            .help("the first line names the columns: slug,name,aliases,parent,keywords,was,closed,replaced_by,matches")
            .at(&source, line_at(&source, 0));
        return Err(vec![problem]);
    }
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => rows.extend(row(&record, &columns, &source, delimiter, &mut notes)),
            Err(error) => notes.add(
                "rows that cannot be read",
                Problem::error(format!("a row cannot be read: {error}")),
            ),
        }
    }
    if rows.is_empty() {
        return Err(match notes.problems.is_empty() {
            true => vec![Problem::error("the table has no rows below its head")],
            false => notes.finish(),
        });
    }
    Ok(Reading {
        vocabulary: Vocabulary {
            name: String::new(),
            concepts: linked(rows, &source, &mut notes),
        },
        problems: notes.finish(),
    })
}

/// A concept whose parent and successors are as written, with the place of its row.
struct Row {
    concept: Concept,
    start: usize,
}

/// The text of the file, in whatever encoding a spreadsheet saved it.
fn text<'b>(bytes: &'b [u8], notes: &mut Notes) -> Cow<'b, str> {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let problem = Problem::warning("the file is not UTF-8; it was read as Windows-1252")
                .help("save it as 'CSV UTF-8' if letters came out wrong");
            notes.problems.push(problem);
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
        }
    }
}

/// What divides the cells: the one of comma, semicolon and tab that the head has most of.
fn delimiter(source: &str) -> u8 {
    let head = source.lines().next().unwrap_or("");
    let count = |mark: u8| head.bytes().filter(|byte| *byte == mark).count();
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(b',')
}

/// One row as a concept; `None` where it has no name.
fn row(
    record: &StringRecord,
    columns: &[Option<Column>],
    source: &str,
    delimiter: u8,
    notes: &mut Notes,
) -> Option<Row> {
    let start = record
        .position()
        .and_then(|position| usize::try_from(position.byte()).ok())
        .unwrap_or(0);
    // The position is that of the end of the row before, line break and empty lines included.
    let start = start
        + source[start..]
            .bytes()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
    let place = || line_at(source, start);
    if record.iter().all(|cell| cell.trim().is_empty()) {
        return None;
    }
    if record.len() > columns.len()
        && record
            .iter()
            .skip(columns.len())
            .any(|cell| !cell.trim().is_empty())
    {
        let message = format!(
            "the row has {} cells, the head {}",
            record.len(),
            columns.len()
        );
        let problem = Problem::warning(message)
            .help("the last ones are left out; put a cell that holds the dividing mark in quotes");
        notes.add("rows that are too long", problem.at(source, place()));
    }
    let mut concept = Concept::default();
    for (cell, column) in record.iter().zip(columns) {
        let Some(column) = column else { continue };
        if cell.contains(['\n', '\r']) && !matches!(column, Column::Aliases | Column::Keywords) {
            let problem = Problem::error("a cell of this row goes on over several lines")
                .help("is a quotation mark missing? The row is left out");
            notes.add("rows with broken lines", problem.at(source, place()));
            return None;
        }
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match column {
            Column::Slug => concept.slug = cell.to_owned(),
            Column::Name => fill(&mut concept.name, cell),
            Column::NameIn(language) => {
                concept.names.push((language.clone(), cell.to_owned()));
            }
            Column::Aliases => concept.aliases.extend(list(cell, delimiter)),
            Column::Parent => concept.parent = Some(cell.to_owned()),
            Column::Keywords => {
                let words = list(cell, delimiter).into_iter().map(|word| (None, word));
                concept.keywords.extend(words);
            }
            Column::KeywordsIn(language) => {
                let language = Some(language.clone());
                let words = list(cell, delimiter).into_iter();
                let words = words.map(|word| (language.clone(), word));
                concept.keywords.extend(words);
            }
            Column::Was => concept.was.extend(list(cell, delimiter)),
            Column::Closed => match yes_or_no(cell) {
                Some(closed) => concept.closed = closed,
                None => {
                    let problem = Problem::warning(format!("'closed' cannot be '{cell}'"))
                        .help("write yes or no");
                    notes.add("doubtful cells", problem.at(source, place()));
                }
            },
            Column::ReplacedBy => concept.replaced_by.extend(list(cell, delimiter)),
            Column::Matches => concept.matches.extend(list(cell, delimiter)),
        }
    }
    if concept.name.is_empty() {
        let problem =
            Problem::error("the row has no name").help("the row is left out: fill in its name");
        notes.add("rows without a name", problem.at(source, place()));
        return None;
    }
    Some(Row { concept, start })
}

/// Gives every concept a slug of its own and replaces names of others by their slugs.
fn linked(rows: Vec<Row>, source: &str, notes: &mut Notes) -> Vec<Concept> {
    let mut taken = Taken::default();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut slugs = Vec::with_capacity(rows.len());
    for (place, Row { concept, start }) in rows.iter().enumerate() {
        let mut wanted = concept.slug.clone();
        if !wanted.is_empty() && !is_slug(&wanted) {
            let message = format!("'{wanted}' is no slug");
            let problem = Problem::warning(message).help("the slug was made from the name");
            notes.add("slugs", problem.at(source, line_at(source, *start)));
            known.entry(fold(&wanted)).or_insert(place);
            wanted.clear();
        }
        if wanted.is_empty() {
            wanted = Some(slug(&concept.name))
                .filter(|slug| !slug.is_empty())
                .unwrap_or_else(|| "term".to_owned());
        }
        let own = taken.give(&wanted);
        if own != wanted {
            let message = format!("the slug '{wanted}' stands twice");
            let help = format!("this one was given '{own}'");
            let problem = Problem::warning(message).help(help);
            notes.add("slugs", problem.at(source, line_at(source, *start)));
        }
        known.entry(own.clone()).or_insert(place);
        slugs.push(own);
    }
    // Slugs come before names: a name may be another's slug.
    for (place, Row { concept, .. }) in rows.iter().enumerate() {
        known.entry(fold(&concept.name)).or_insert(place);
    }
    let find = |text: &str| known.get(text).or_else(|| known.get(&fold(text))).copied();
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(rows.len());
    for (place, Row { concept, start }) in rows.iter().enumerate() {
        let parent = concept.parent.as_deref();
        let found = parent.and_then(find).filter(|parent| *parent != place);
        if let (Some(parent), None) = (parent, found) {
            let problem = Problem::error(format!("the parent '{parent}' is not in the table"))
                .help("it stands at the top now: write the slug or the name of another row");
            notes.add("parents", problem.at(source, line_at(source, *start)));
        }
        parents.push(found);
    }
    let mut circles: Vec<Vec<usize>> = Vec::new();
    break_circles(&mut parents, |circle| circles.push(circle.to_vec()));
    for circle in circles {
        let names: Vec<&str> = circle.iter().map(|at| slugs[*at].as_str()).collect();
        let message = format!("parents in a circle: {} > {}", names.join(" > "), names[0]);
        let problem = Problem::error(message).help("they were put at the top");
        let start = rows[circle[0]].start;
        notes.add("circles", problem.at(source, line_at(source, start)));
    }
    let mut concepts = Vec::with_capacity(rows.len());
    for (place, Row { mut concept, start }) in rows.into_iter().enumerate() {
        let mut successors = Vec::new();
        for successor in std::mem::take(&mut concept.replaced_by) {
            match find(&successor).filter(|found| *found != place) {
                Some(found) => successors.push(slugs[found].clone()),
                None => {
                    let message = format!("the successor '{successor}' is not in the table");
                    let problem = Problem::error(message).help("it is left out");
                    notes.add("successors", problem.at(source, line_at(source, start)));
                }
            }
        }
        concept.closed |= !successors.is_empty();
        concept.replaced_by = successors;
        concept.slug = slugs[place].clone();
        concept.parent = parents[place].map(|parent| slugs[parent].clone());
        concepts.push(concept);
    }
    concepts
}

fn fill(slot: &mut String, text: &str) {
    if slot.is_empty() {
        *slot = text.to_owned();
    }
}

fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "true" | "1" | "x" | "y" => Some(true),
        "no" | "false" | "0" | "n" | "-" => Some(false),
        _ => None,
    }
}

/// The texts of a list in a cell. `\|` is a bar that divides nothing, `\\` a backslash.
fn list(cell: &str, delimiter: u8) -> Vec<String> {
    let mut texts = vec![String::new()];
    let has_bar = cell.contains('|');
    let mut letters = cell.chars().peekable();
    while let Some(letter) = letters.next() {
        let divides = match letter {
            '\\' if matches!(letters.peek(), Some('|' | '\\')) => {
                let last = texts.len() - 1;
                texts[last].extend(letters.next());
                continue;
            }
            '|' | '\n' => true,
            ';' => !has_bar && delimiter != b';',
            _ => false,
        };
        if divides {
            texts.push(String::new());
        } else {
            let last = texts.len() - 1;
            texts[last].push(letter);
        }
    }
    let texts = texts.into_iter().map(|text| text.trim().to_owned());
    texts.filter(|text| !text.is_empty()).collect()
}

/// The bytes of the line that begins at `start`.
fn line_at(source: &str, start: usize) -> std::ops::Range<usize> {
    let end = source[start..]
        .find('\n')
        .map_or(source.len(), |at| start + at);
    start..start + source[start..end].trim_end().len()
}
