//! What the rows of a table say of subscribers.

use std::collections::HashMap;

use chrono::DateTime;
use csv::StringRecord;

use super::columns::Columns;
use super::import::{BadRow, Options, shown};
use super::unguard;
use crate::config::Config;
use crate::ledger::subscribers::State;
use crate::mail::address::Address;
use crate::subscribers::enter::Entry;
use crate::subscribers::name::name;
use crate::subscribers::wish::{self, Wish};

/// The most different lists of choices that are remembered, and the most octets of one: a table
/// of which every row has its own takes no more memory than another.
const LISTS: usize = 10_000;
const LIST_OCTETS: usize = 256;

/// A row that can be taken, as far as it goes.
pub(super) struct Row {
    pub line: u64,
    pub address: Address,
    pub entry: Entry,
}

/// Reads rows.
pub(super) struct Rows<'a> {
    config: &'a Config,
    options: &'a Options,
    columns: Columns,
    width: usize,
    /// Lists of choices that were read before.
    lists: HashMap<String, Result<Vec<Wish>, String>>,
    now: i64,
}

impl<'a> Rows<'a> {
    /// The rows of a table with these columns, `width` of them with those that mean nothing.
    pub(super) fn new(
        config: &'a Config,
        options: &'a Options,
        columns: Columns,
        width: usize,
        now: i64,
    ) -> Rows<'a> {
        Rows {
            config,
            options,
            columns,
            width,
            lists: HashMap::new(),
            now,
        }
    }

    /// What a row says.
    ///
    /// # Errors
    /// Why it cannot be taken.
    pub(super) fn read(&mut self, record: &StringRecord) -> Result<Row, BadRow> {
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
        if text.len() <= LIST_OCTETS {
            if self.lists.len() >= LISTS {
                self.lists.clear();
            }
            self.lists.insert(text.to_owned(), read.clone());
        }
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
