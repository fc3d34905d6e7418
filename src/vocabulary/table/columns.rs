//! What the columns of a table hold, by the names in its head.

use csv::StringRecord;

use super::line_at;
use crate::diagnostic::{Problem, did_you_mean};
use crate::taxonomy::slug::fold;
use crate::vocabulary::Context;
use crate::vocabulary::notes::Notes;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Slug,
    Name,
    NameIn(String),
    Aliases,
    Parent,
    Keywords,
    KeywordsIn(String),
    Was,
    Closed,
    ReplacedBy,
    Matches,
}

/// The columns by the names that they may bear, folded; the first of each is the one we write.
const COLUMNS: [(&str, Column); 22] = [
    ("slug", Column::Slug),
    ("notation", Column::Slug),
    ("id", Column::Slug),
    ("code", Column::Slug),
    ("name", Column::Name),
    ("preflabel", Column::Name),
    ("label", Column::Name),
    ("term", Column::Name),
    ("aliases", Column::Aliases),
    ("altlabel", Column::Aliases),
    ("alias", Column::Aliases),
    ("synonyms", Column::Aliases),
    ("parent", Column::Parent),
    ("broader", Column::Parent),
    ("keywords", Column::Keywords),
    ("hiddenlabel", Column::Keywords),
    ("was", Column::Was),
    ("closed", Column::Closed),
    ("deprecated", Column::Closed),
    ("replaced-by", Column::ReplacedBy),
    ("matches", Column::Matches),
    ("exactmatch", Column::Matches),
];

/// The columns of a table in their order; `None` for those that mean nothing here.
pub(super) fn columns(
    head: &StringRecord,
    source: &str,
    context: Context<'_>,
    notes: &mut Notes,
) -> Vec<Option<Column>> {
    let mut columns: Vec<Option<Column>> = Vec::new();
    for cell in head {
        let column = column(cell, context);
        let problem = match &column {
            None if cell.trim().is_empty() => None,
            None => {
                let names = COLUMNS.iter().map(|(name, _)| *name);
                let help = match did_you_mean(cell, names) {
                    Some(near) => format!("it is left out; did you mean '{near}'?"),
                    None => "it is left out: a term has no place for it".to_owned(),
                };
                Some(Problem::warning(format!("unknown column '{}'", cell.trim())).help(help))
            }
            Some(_) if columns.contains(&column) => Some(
                Problem::warning(format!("the column '{}' stands twice", cell.trim()))
                    .help("the first that is filled in is used"),
            ),
            Some(_) => None,
        };
        if let Some(problem) = problem {
            notes.add("columns", problem.at(source, line_at(source, 0)));
        }
        columns.push(column);
    }
    columns
}

fn column(cell: &str, context: Context<'_>) -> Option<Column> {
    let (name, language) = match cell.trim().split_once('@') {
        Some((name, language)) => (name, Some(language)),
        None => (cell.trim(), None),
    };
    // skos:prefLabel, Alt. label, replaced_by
    let name = name.rsplit(':').next().unwrap_or(name);
    let folded = fold(name);
    let plain = folded.replace('-', "");
    let known = COLUMNS
        .iter()
        .find(|(known, _)| *known == folded || known.replace('-', "") == plain)?;
    let Some(language) = language else {
        return Some(known.1.clone());
    };
    let main = language.eq_ignore_ascii_case(context.main());
    match (&known.1, main) {
        (column, true) => Some(column.clone()),
        (Column::Name, false) => context
            .languages
            .iter()
            .find(|tag| tag.eq_ignore_ascii_case(language))
            .map(|tag| Column::NameIn((*tag).to_owned())),
        (Column::Keywords, false) => Some(Column::KeywordsIn(language.to_owned())),
        (Column::Aliases, false) => Some(Column::Aliases),
        _ => None,
    }
}
