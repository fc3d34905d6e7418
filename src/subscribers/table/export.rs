//! Writing subscribers as a table, some hundred at a time.

use std::io::Write;

use thiserror::Error;

use super::{COLUMNS, choices, guard};
use crate::ledger::subscribers::{Choice, Subscriber};
use crate::ledger::{Ledger, LedgerError};
use crate::subscribers::held::time;

/// How many are in memory at a time.
const AT_ONCE: usize = 500;

/// Why the table could not be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The table cannot be written.
    #[error("the table cannot be written: {0}")]
    Write(#[from] csv::Error),
}

/// Writes all subscribers, in the order of their addresses, and tells now and then how many they
/// are by then; returns how many they were.
///
/// # Errors
/// When the ledger cannot be read or `out` not be written.
pub fn export(
    ledger: &mut Ledger,
    out: impl Write,
    tell: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    let mut count = 0;
    let mut last = String::new();
    loop {
        let subscribers = ledger.subscribers_after(&last, AT_ONCE)?;
        let Some(end) = subscribers.last() else { break };
        last = end.address.key();
        let ids: Vec<i64> = subscribers.iter().map(|subscriber| subscriber.id).collect();
        let consents = ledger.last_consents(&ids)?;
        for subscriber in &subscribers {
            let consent = consents.get(&subscriber.id);
            let time_of = |at: Option<i64>| time(at).unwrap_or_default();
            let of = |is: fn(&Choice) -> bool| {
                choices(
                    subscriber
                        .choices
                        .iter()
                        .filter(|choice| is(choice))
                        .cloned(),
                )
            };
            let record = [
                subscriber.address.to_string(),
                subscriber.name.clone().unwrap_or_default(),
                subscriber.language.clone(),
                subscriber.state.word().to_owned(),
                time_of(subscriber.paused_until),
                wanted(subscriber),
                of(|choice| choice.ended.is_some() && !choice.is_pending()),
                time_of(consent.map(|consent| consent.at)),
                consent.map_or(String::new(), |consent| consent.source.clone()),
                consent.map_or(String::new(), |consent| consent.wording.clone()),
            ];
            writer.write_record(record.map(|cell| guard(&cell)))?;
            count += 1;
        }
        tell(count);
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(count)
}

/// What somebody gets; what a pending one asked for.
fn wanted(subscriber: &Subscriber) -> String {
    let has_confirmed = subscriber.choices.iter().any(Choice::is_confirmed);
    let wanted = subscriber
        .choices
        .iter()
        .filter(|choice| match has_confirmed {
            true => choice.is_confirmed(),
            false => choice.is_pending(),
        });
    choices(wanted.cloned())
}
