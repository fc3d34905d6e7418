//! Reading subscribers from a table: every row that cannot be taken is told with its line and the
//! reason, and harms no other.
//!
//! Whoever left, or had mail stopped, is never brought back by a table: that is for themselves to
//! do. Rows are read one by one and recorded some hundred at a time, so that a million need no
//! more memory than a thousand.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use chrono::DateTime;
use csv::StringRecord;
use thiserror::Error;

use super::unguard;
use crate::config::Config;
use crate::ledger::subscribers::{Amendment, Facts, Find, State};
use crate::ledger::{Ledger, LedgerError};
use crate::mail::address::Address;
use crate::signing::SigningKey;
use crate::subscribers::enter::{self, Entered, Entry, NotEntered};
use crate::subscribers::name::name;
use crate::subscribers::registrar::fresh_id;
use crate::subscribers::wish::{self, Wish};

/// How many rows are recorded at a time.
const AT_ONCE: usize = 500;
/// The most octets of one row: more of them is a quotation mark that nobody closed.
const ROW_LIMIT: u64 = 1 << 20;
/// How much is looked at to tell how cells are divided.
const SAMPLE: usize = 64 << 10;
/// The most different lists of choices that are remembered.
const LISTS: usize = 10_000;

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
    /// It cannot be read.
    #[error("the table cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Which column holds what.
#[derive(Debug, Default)]
struct Columns {
    address: usize,
    name: Option<usize>,
    language: Option<usize>,
    state: Option<usize>,
    paused_until: Option<usize>,
    choices: Option<usize>,
    left: Option<usize>,
    consented: Option<usize>,
    source: Option<usize>,
    wording: Option<usize>,
}

/// Where a column is kept.
type Place = fn(&mut Columns) -> &mut Option<usize>;

/// The names that columns have, compared without spaces, hyphens and underscores.
const NAMES: [(&str, &[&str], Place); 9] = [
    ("name", &["name", "fullname", "имя"], |columns| {
        &mut columns.name
    }),
    ("language", &["language", "lang", "язык"], |columns| {
        &mut columns.language
    }),
    ("state", &["state", "status"], |columns| &mut columns.state),
    ("paused_until", &["pauseduntil"], |columns| {
        &mut columns.paused_until
    }),
    (
        "choices",
        &[
            "choices",
            "digests",
            "digest",
            "newsletters",
            "newsletter",
            "lists",
            "list",
            "subscriptions",
        ],
        |columns| &mut columns.choices,
    ),
    ("left", &["left"], |columns| &mut columns.left),
    (
        "consented",
        &["consented", "consentdate", "consentat"],
        |columns| &mut columns.consented,
    ),
    ("consent_source", &["consentsource", "source"], |columns| {
        &mut columns.source
    }),
    (
        "consent_wording",
        &["consentwording", "wording"],
        |columns| &mut columns.wording,
    ),
];
const ADDRESS: [&str; 7] = [
    "address",
    "email",
    "emailaddress",
    "mail",
    "адрес",
    "почта",
    "электроннаяпочта",
];

/// A row that can be taken, as far as it goes.
struct Row {
    line: u64,
    address: Address,
    entry: Entry,
}

/// Imports a table in UTF-8; `hear` is told of every row that is not taken, or not wholly.
///
/// # Errors
/// See [`ImportError`].
pub fn import(
    table: impl Read,
    (ledger, key): (&mut Ledger, &SigningKey),
    config: &Config,
    options: &Options,
    now: i64,
    hear: &mut dyn FnMut(&BadRow),
) -> Result<Outcome, ImportError> {
    let since = Rc::new(Cell::new(0));
    let mut reader = reader(table, &since)?;
    let mut record = StringRecord::new();
    if !next(&mut reader, &mut record, &since)? {
        return Err(ImportError::Empty);
    }
    let columns = columns(&record)?;
    let width = record.len();
    let mut rows = Rows {
        config,
        options,
        columns,
        width,
        lists: HashMap::new(),
        now,
    };
    let mut outcome = Outcome::default();
    let mut batch: Vec<Row> = Vec::with_capacity(AT_ONCE);
    let mut keys: HashSet<String> = HashSet::new();
    let mut told = |bad: BadRow, outcome: &mut Outcome| {
        outcome.bad += 1;
        hear(&bad);
    };
    loop {
        let is_there = next(&mut reader, &mut record, &since);
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
            let (added, bad) = record_rows(&batch, ledger, key, options, now)?;
            outcome.added += added.added;
            outcome.changed += added.changed;
            outcome.unchanged += added.unchanged;
            bad.into_iter().for_each(|bad| told(bad, &mut outcome));
            batch.clear();
            keys.clear();
        }
        match row {
            Some(Ok(row)) => {
                keys.insert(row.address.key());
                batch.push(row);
            }
            Some(Err(bad)) => told(bad, &mut outcome),
            None => {
                is_there?;
                return Ok(outcome);
            }
        }
    }
}

fn reader<'a>(
    mut table: impl Read + 'a,
    since: &Rc<Cell<u64>>,
) -> io::Result<csv::Reader<Box<dyn Read + 'a>>> {
    let mut sample = Vec::new();
    table
        .by_ref()
        .take(SAMPLE as u64)
        .read_to_end(&mut sample)?;
    let first = sample
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = |divider: &u8| first.iter().filter(|byte| *byte == divider).count();
    let divider = [b',', b';', b'\t'].into_iter().rev().max_by_key(count);
    let bounded = Bounded {
        source: Cursor::new(sample).chain(table),
        since: Rc::clone(since),
    };
    let source: Box<dyn Read + 'a> = Box::new(bounded);
    Ok(csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(divider.unwrap_or(b','))
        .from_reader(source))
}

/// Fails where a row does not end.
struct Bounded<R> {
    source: R,
    /// How much was read since the last row.
    since: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > ROW_LIMIT {
            return Err(io::Error::other(Endless));
        }
        let read = self.source.read(buffer)?;
        self.since.set(self.since.get() + read as u64);
        Ok(read)
    }
}

#[derive(Debug, Error)]
#[error("a row does not end")]
struct Endless;

/// Reads the next row; `false` where there is none.
fn next<R: Read>(
    reader: &mut csv::Reader<R>,
    record: &mut StringRecord,
    since: &Rc<Cell<u64>>,
) -> Result<bool, ImportError> {
    since.set(0);
    let line = reader.position().line();
    reader.read_record(record).map_err(|error| {
        let is_endless = matches!(error.kind(), csv::ErrorKind::Io(error)
            if error.get_ref().is_some_and(|inner| inner.is::<Endless>()));
        match error.into_kind() {
            _ if is_endless => ImportError::Quotation { line },
            csv::ErrorKind::Io(error) => ImportError::Read(error),
            other => ImportError::Read(io::Error::other(format!("{other:?}"))),
        }
    })
}

fn columns(record: &StringRecord) -> Result<Columns, ImportError> {
    let mut columns = Columns::default();
    let mut address = None;
    for (place, cell) in record.iter().enumerate() {
        let plain: String = cell
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '\u{feff}'))
            .flat_map(char::to_lowercase)
            .collect();
        if ADDRESS.contains(&plain.as_str()) {
            if address.replace(place).is_some() {
                return Err(ImportError::Twice("address"));
            }
            continue;
        }
        let found = NAMES
            .iter()
            .find(|(_, names, _)| names.contains(&plain.as_str()));
        if let Some((name, _, column)) = found
            && column(&mut columns).replace(place).is_some()
        {
            return Err(ImportError::Twice(name));
        }
    }
    let Some(address) = address else {
        let found: Vec<String> = record
            .iter()
            .take(10)
            .map(|cell| format!("'{}'", shown(cell)))
            .collect();
        return Err(ImportError::Columns {
            found: found.join(", "),
        });
    };
    columns.address = address;
    Ok(columns)
}

/// As much of a cell as fits on a line, without what would break it.
fn shown(cell: &str) -> String {
    let visible = cell.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible.take(60).collect()
}

/// Reads rows.
struct Rows<'a> {
    config: &'a Config,
    options: &'a Options,
    columns: Columns,
    width: usize,
    /// Lists of choices that were read before.
    lists: HashMap<String, Result<Vec<Wish>, String>>,
    now: i64,
}

impl Rows<'_> {
    fn read(&mut self, record: &StringRecord) -> Result<Row, BadRow> {
        let line = record.position().map_or(0, csv::Position::line);
        let written = record.get(self.columns.address).unwrap_or_default();
        let bad = |reason: String| BadRow {
            line,
            address: shown(written),
            reason,
        };
        if record.len() != self.width {
            let message = format!(
                "it has {} cells, the first line {}",
                record.len(),
                self.width
            );
            return Err(bad(message));
        }
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| record.get(column));
            unguard(cell.unwrap_or_default().trim())
        };
        let address = cell(Some(self.columns.address)).parse::<Address>();
        let address =
            address.map_err(|error| bad(format!("the address cannot be used: {error}")))?;
        let name = name(cell(self.columns.name)).map_err(|error| bad(error.to_string()))?;
        let state = state(cell(self.columns.state)).map_err(&bad)?;
        let language = match cell(self.columns.language) {
            "" => self.options.language.clone(),
            tag if self.config.site.language_of(tag).is_some() => tag.to_owned(),
            tag => return Err(bad(format!("the site has no language '{}'", shown(tag)))),
        };
        let moment = |column, name: &str| match cell(column) {
            "" => Ok(None),
            text => DateTime::parse_from_rfc3339(text)
                .map(|moment| Some(moment.timestamp_millis()))
                .map_err(|_| bad(format!("'{name}' is no time such as 2024-11-22T09:00:00Z"))),
        };
        let paused_until = moment(self.columns.paused_until, "paused_until")?;
        let consented = moment(self.columns.consented, "consented")?;
        if consented.is_some_and(|at| at > self.now) {
            return Err(bad("the consent lies in the future".to_owned()));
        }
        let stated = cell(self.columns.choices).to_owned();
        let left = cell(self.columns.left).to_owned();
        let source = match cell(self.columns.source) {
            "" => format!("import: {}", self.options.consent),
            source => source.to_owned(),
        };
        let wording = cell(self.columns.wording).to_owned();
        let wishes = match stated.as_str() {
            "" if state == State::Ended => Vec::new(),
            "" => self.options.wishes.clone(),
            stated => self.list(stated).map_err(&bad)?,
        };
        if wishes.is_empty() && state == State::Active {
            return Err(bad(
                "it says not what is subscribed to, nor does --digest".to_owned()
            ));
        }
        let left = match left.as_str() {
            "" => Vec::new(),
            left => self.list(left).map_err(&bad)?,
        };
        Ok(Row {
            line,
            address: address.clone(),
            entry: Entry {
                address,
                name,
                language,
                has_left: state == State::Ended,
                paused_until,
                wishes,
                left,
                at: consented.unwrap_or(self.now),
                act: "imported",
                source,
                wording,
            },
        })
    }

    /// A list of choices.
    fn list(&mut self, text: &str) -> Result<Vec<Wish>, String> {
        if let Some(known) = self.lists.get(text) {
            return known.clone();
        }
        let read = list(self.config, text);
        if self.lists.len() >= LISTS {
            self.lists.clear();
        }
        self.lists.insert(text.to_owned(), read.clone());
        read
    }
}

fn state(text: &str) -> Result<State, String> {
    match text.to_lowercase().as_str() {
        "" | "active" | "subscribed" | "confirmed" | "enabled" => Ok(State::Active),
        "ended" | "unsubscribed" | "left" => Ok(State::Ended),
        "pending" | "unconfirmed" => {
            Err("it was never confirmed, so there is no consent".to_owned())
        }
        _ => Err(format!(
            "unknown state '{}': it is 'active', 'pending' or 'ended'",
            shown(text)
        )),
    }
}

/// `weekly | daily: topic:water`; slugs alone may stand behind spaces and commas too.
fn list(config: &Config, text: &str) -> Result<Vec<Wish>, String> {
    let mut wishes = Vec::new();
    for part in text
        .split('|')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        match part.split_once(':') {
            Some((slug, selection)) => wishes.push(
                wish::own(config, slug.trim(), selection.trim())
                    .map_err(|error| error.to_string())?,
            ),
            None => {
                let slugs = part.split([' ', ',', ';']).filter(|slug| !slug.is_empty());
                for slug in slugs {
                    wishes.push(wish::whole(config, slug).map_err(|error| error.to_string())?);
                }
            }
        }
    }
    wishes.sort();
    wishes.dedup();
    Ok(wishes)
}

/// Records rows of different addresses, all at once.
fn record_rows(
    rows: &[Row],
    ledger: &mut Ledger,
    key: &SigningKey,
    options: &Options,
    now: i64,
) -> Result<(Outcome, Vec<BadRow>), LedgerError> {
    if rows.is_empty() {
        return Ok((Outcome::default(), Vec::new()));
    }
    let finds: Vec<Find<'_>> = rows.iter().map(|row| Find::Address(&row.address)).collect();
    let decide = |facts: &[Facts]| {
        let mut outcome = Outcome::default();
        let mut bad = Vec::new();
        let mut amendments = Vec::with_capacity(rows.len());
        for (row, facts) in rows.iter().zip(facts) {
            let mut refuse = |why: NotEntered| {
                bad.push(BadRow {
                    line: row.line,
                    address: shown(&row.address.to_string()),
                    reason: why.to_string(),
                });
            };
            let amendment = match enter::enter(facts, &row.entry, fresh_id(), now) {
                Err(why) => {
                    refuse(why);
                    Amendment::default()
                }
                Ok((amendment, entered, given_up)) => {
                    given_up.into_iter().for_each(&mut refuse);
                    match entered {
                        Entered::Added => outcome.added += 1,
                        Entered::Changed => outcome.changed += 1,
                        Entered::Unchanged => outcome.unchanged += 1,
                    }
                    amendment
                }
            };
            amendments.push(amendment);
        }
        let amendments = if options.dry_run {
            Vec::new()
        } else {
            amendments
        };
        (amendments, (outcome, bad))
    };
    ledger.amend_subscribers(&finds, key, i64::MAX, now, decide)
}
