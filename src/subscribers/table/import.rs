//! Reading subscribers from a table: every row that cannot be taken is told with its line and the
//! reason, and harms no other.
//!
//! Whoever left, or had mail stopped, is never brought back by a table: that is for themselves to
//! do. Rows are read one by one and recorded some hundred at a time, so that a million need no
//! more memory than a thousand. What was recorded stays: a table that was not read to its end is
//! read again from its beginning, and finds those people as they are.

use std::collections::HashSet;
use std::io::{self, Read};
use std::ops::ControlFlow;

use csv::StringRecord;
use thiserror::Error;

use super::book::Book;
use super::columns::columns;
use super::lines::Lines;
use super::rows::{Row, Rows};
use crate::config::Config;
use crate::ledger::{Ledger, LedgerError};
use crate::signing::SigningKey;
use crate::subscribers::wish::Wish;

/// How many rows are recorded at a time.
const AT_ONCE: usize = 500;

/// What holds for rows that say nothing else.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the people agreed: `fair in Vienna, 2024-11-20, on paper`.
    pub consent: String,
    /// What they are subscribed to.
    pub wishes: Vec<Wish>,
    /// BCP 47 tag of letters to them.
    pub language: String,
    /// Whether nothing is recorded.
    pub dry_run: bool,
}

/// A row that was not taken, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Where it begins, from 1.
    pub line: u64,
    /// As it stands in the row.
    pub address: String,
    /// Why, in a sentence without a full stop.
    pub reason: String,
}

/// What came of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// New subscribers.
    pub added: u64,
    /// Known ones who get more.
    pub changed: u64,
    /// Those for whom nothing changed.
    pub unchanged: u64,
    /// Rows that were told of.
    pub bad: u64,
}

/// What an import tells while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// A row that is not taken, or not wholly.
    Bad(&'a BadRow),
    /// Rows were recorded; this is what came of all so far.
    So(Outcome),
}

/// Why a table could not be read on. What was recorded before is.
#[derive(Debug, Error)]
pub enum ImportError {
    /// Its first line does not say where the addresses are.
    #[error("the first line names no column 'address'; it has {found}")]
    Columns {
        /// The columns that it names.
        found: String,
    },
    /// Two columns say the same.
    #[error("the first line names the column '{0}' twice")]
    Twice(&'static str),
    /// It is empty.
    #[error("the table is empty")]
    Empty,
    /// A row does not end.
    #[error("line {line}: a quotation mark is opened and not closed")]
    Quotation {
        /// Where it begins.
        line: u64,
    },
    /// Whoever listens had enough.
    #[error("it was stopped, with {rows} rows taken", rows = .0.taken())]
    Stopped(Outcome),
    /// It cannot be read.
    #[error("the table cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Outcome {
    /// How many rows were found to be in order.
    pub fn taken(&self) -> u64 {
        self.added + self.changed + self.unchanged
    }
}

/// Imports a table in UTF-8; `hear` is told of every row that is not taken, or not wholly, and of
/// how far it is, and may end it there.
///
/// # Errors
/// See [`ImportError`].
pub fn import(
    table: impl Read,
    book: (&mut Ledger, &SigningKey),
    config: &Config,
    options: &Options,
    now: i64,
    hear: &mut dyn FnMut(Told<'_>) -> ControlFlow<()>,
) -> Result<Outcome, ImportError> {
    let mut lines = Lines::new(table)?;
    let mut record = StringRecord::new();
    if !lines.next(&mut record)? {
        return Err(ImportError::Empty);
    }
    let columns = columns(&record)?;
    let mut rows = Rows::new(config, options, columns, record.len(), now);
    let mut book = Book::new(book, options.dry_run, now)?;
    let mut outcome = Outcome::default();
    let mut batch: Vec<Row> = Vec::with_capacity(AT_ONCE);
    let mut keys: HashSet<String> = HashSet::new();
    loop {
        let is_there = lines.next(&mut record);
        let row = match &is_there {
            Ok(true) => Some(rows.read(&record)),
            _ => None,
        };
        let is_known = match &row {
            Some(Ok(row)) => keys.contains(&row.address.key()),
            _ => false,
        };
        // The same address once more is judged by what the first row made of it.
        if row.is_none() || is_known || batch.len() >= AT_ONCE {
            let (added, bad) = book.record(&batch)?;
            batch.clear();
            keys.clear();
            outcome.added += added.added;
            outcome.changed += added.changed;
            outcome.unchanged += added.unchanged;
            outcome.bad += bad.len() as u64;
            let mut heard = bad.iter().map(Told::Bad).chain([Told::So(outcome)]);
            if heard.try_for_each(&mut *hear).is_break() {
                return Err(ImportError::Stopped(outcome));
            }
        }
        match row {
            Some(Ok(row)) => {
                keys.insert(row.address.key());
                batch.push(row);
            }
            Some(Err(bad)) => {
                outcome.bad += 1;
                if hear(Told::Bad(&bad)).is_break() {
                    return Err(ImportError::Stopped(outcome));
                }
            }
            None => {
                is_there?;
                return Ok(outcome);
            }
        }
    }
}

/// As much of a cell as fits on a line, without what would break it.
pub(super) fn shown(cell: &str) -> String {
    let visible = cell.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible.take(60).collect()
}
