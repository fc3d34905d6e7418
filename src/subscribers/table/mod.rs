//! Subscribers as a table, CSV (RFC 4180): what `tidings subscribers export` writes and `import`
//! reads.
//!
//! | column | holds |
//! | --- | --- |
//! | `address` | where mail goes; the only one that must be there |
//! | `name`, `language` | as they are called, a BCP 47 tag |
//! | `state` | `active`, `pending`, `ended` |
//! | `paused_until` | RFC 3339 |
//! | `choices` | `weekly \| daily: topic:water and country:albania` |
//! | `left` | what was given up, in the same form |
//! | `consented`, `consent_source`, `consent_wording` | the last consent |
//!
//! Spreadsheets take a cell that begins with `=`, `+`, `-` or `@` for a formula and may run it. So
//! such a cell is written behind an apostrophe, which they hide, and read without it.

mod book;
mod columns;
pub mod encoding;
pub mod export;
pub mod import;
mod lines;
mod rows;
#[cfg(test)]
mod tests;

use crate::ledger::subscribers::Choice;

/// The columns, in order.
const COLUMNS: [&str; 10] = [
    "address",
    "name",
    "language",
    "state",
    "paused_until",
    "choices",
    "left",
    "consented",
    "consent_source",
    "consent_wording",
];

/// What stands between choices; no selection holds it.
const DIVIDER: &str = " | ";

/// Whether a spreadsheet takes a cell that begins so for a formula, or it looks guarded already.
fn is_formula(text: &str) -> bool {
    let start = text.strip_prefix('\'').unwrap_or(text);
    start.starts_with(['=', '+', '-', '@'])
        || text
            .strip_prefix('\'')
            .is_some_and(|rest| rest.starts_with('\''))
}

/// A cell that no spreadsheet runs.
fn guard(text: &str) -> String {
    match is_formula(text) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// A cell as it was before it was guarded.
fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => text,
    }
}

fn choices(choices: impl Iterator<Item = Choice>) -> String {
    let choices: Vec<String> = choices
        .map(|choice| match choice.selection.as_str() {
            "" => choice.digest,
            selection => format!("{}: {selection}", choice.digest),
        })
        .collect();
    choices.join(DIVIDER)
}
