//! Recording what rows say: in the ledger, or, for a dry run, beside it.

use super::import::{BadRow, Outcome, shown};
use super::rows::Row;
use crate::ledger::subscribers::{Amendment, Facts, Find};
use crate::ledger::{Ledger, LedgerError};
use crate::signing::SigningKey;
use crate::subscribers::enter::{self, Entered, NotEntered};
use crate::subscribers::registrar::fresh_id;

/// Where rows are recorded.
pub(super) struct Book<'a> {
    ledger: &'a mut Ledger,
    key: &'a SigningKey,
    now: i64,
    /// What earlier rows of a dry run made of somebody: a second row of theirs is judged by that,
    /// as it would be in earnest.
    rehearsal: Option<Ledger>,
}

impl<'a> Book<'a> {
    /// Changes nothing where `is_dry`.
    ///
    /// # Errors
    /// When there is no room for a rehearsal.
    pub(super) fn new(
        (ledger, key): (&'a mut Ledger, &'a SigningKey),
        is_dry: bool,
        now: i64,
    ) -> Result<Book<'a>, LedgerError> {
        Ok(Book {
            ledger,
            key,
            now,
            rehearsal: is_dry.then(Ledger::passing).transpose()?,
        })
    }

    /// Records rows of different addresses, all at once; those that were not taken are told.
    ///
    /// # Errors
    /// When the ledger refuses; none is recorded then.
    pub(super) fn record(&mut self, rows: &[Row]) -> Result<(Outcome, Vec<BadRow>), LedgerError> {
        if rows.is_empty() {
            return Ok((Outcome::default(), Vec::new()));
        }
        let finds: Vec<Find<'_>> = rows.iter().map(|row| Find::Address(&row.address)).collect();
        let (key, now) = (self.key, self.now);
        match &mut self.rehearsal {
            None => self
                .ledger
                .amend_subscribers(&finds, key, i64::MAX, now, |facts| decide(rows, facts, now)),
            Some(rehearsal) => {
                let mut known = self.ledger.facts_on(&finds, key)?;
                rehearsal.amend_subscribers(&finds, key, i64::MAX, now, |tried| {
                    for (known, tried) in known.iter_mut().zip(tried) {
                        if tried.subscriber.is_some() {
                            known.subscriber.clone_from(&tried.subscriber);
                        }
                    }
                    let (mut amendments, told) = decide(rows, &known, now);
                    // Nobody asks a rehearsal for its consents.
                    for amendment in &mut amendments {
                        amendment.consents.clear();
                    }
                    (amendments, told)
                })
            }
        }
    }
}

/// What becomes of each row.
fn decide(rows: &[Row], facts: &[Facts], now: i64) -> (Vec<Amendment>, (Outcome, Vec<BadRow>)) {
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
    (amendments, (outcome, bad))
}
