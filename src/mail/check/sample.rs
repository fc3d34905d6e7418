//! A message as a digest would send it, to nobody in particular: of an issue that there is, or of a
//! made-up one.

use chrono::{DateTime, Utc};

use crate::config::{Digest, MailImages};
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::digest::life::State;
use crate::digest::sample_issue;
use crate::ledger::IssueRecord;
use crate::mail::edition::{Making, prepare, render};
use crate::mail::message::{Envelope, Recipient, Seal};
use crate::setup::Setup;

/// The issue of a digest whose message matters most: the one that goes out next, else the one that
/// was due last.
pub fn foremost<'a>(records: &'a [IssueRecord], digest: &str) -> Option<&'a IssueRecord> {
    let of_digest = || records.iter().filter(|record| record.digest == digest);
    let goes_out = |record: &&IssueRecord| matches!(record.state, State::Draft | State::Approved);
    let is_dropped =
        |record: &&IssueRecord| matches!(record.state, State::Skipped | State::Cancelled);
    of_digest()
        .filter(goes_out)
        .min_by_key(|record| record.due)
        .or_else(|| {
            of_digest()
                .filter(|record| !is_dropped(record))
                .max_by_key(|record| record.due)
        })
}

/// The message of an issue, made at `now`.
///
/// # Errors
/// A template fails, the sender is no address, a picture that travels along cannot be read, or the
/// message cannot be signed.
pub fn of_issue(
    setup: &Setup,
    digest: &Digest,
    edition: &Edition,
    seal: &Seal,
    now: DateTime<Utc>,
) -> Result<(Envelope, Vec<u8>), Problem> {
    let recipient = Recipient {
        subscriber: 0,
        generation: 0,
        address: "reader@example.org"
            .parse()
            .map_err(|error| Problem::error(format!("the sample's address is wrong: {error}")))?,
        name: None,
    };
    let bodies = render(setup, digest, edition)?;
    let making = Making {
        mark: "",
        sent_as: &digest.slug,
        date: now,
    };
    let prepared = prepare(setup, digest, edition, bodies, &making)?;
    prepared
        .message(&recipient, seal, now)
        .map_err(|error| Problem::error(error.to_string()))
}

/// The message of a made-up issue that was due at `now`.
///
/// # Errors
/// As those of [`of_issue`].
pub fn made_up(
    setup: &Setup,
    digest: &Digest,
    seal: &Seal,
    now: DateTime<Utc>,
) -> Result<(Envelope, Vec<u8>), Problem> {
    let edition = Edition {
        issue: sample_issue(digest, &setup.config.site, true, now),
        due: now,
    };
    let digest = Digest {
        // The pictures of a made-up issue are nowhere.
        images: MailImages::Link,
        ..digest.clone()
    };
    of_issue(setup, &digest, &edition, seal, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(digest: &str, due: i64, state: State) -> IssueRecord {
        IssueRecord {
            state,
            ..IssueRecord::draft(digest, &due.to_string(), due, due)
        }
    }

    #[test]
    fn what_goes_out_next_matters_most_and_then_what_was_due_last() {
        let foremost = |states: &[State]| {
            let mut records: Vec<IssueRecord> = (1..)
                .zip(states)
                .map(|(due, state)| record("weekly", due, *state))
                .collect();
            records.push(record("daily", 0, State::Draft));
            super::foremost(&records, "weekly").map(|record| record.due)
        };
        use State::{Approved, Cancelled, Draft, Sending, Sent, Skipped};
        assert_eq!(foremost(&[]), None);
        assert_eq!(foremost(&[Sent, Approved, Draft]), Some(2));
        assert_eq!(foremost(&[Sent, Draft, Draft, Skipped]), Some(2));
        assert_eq!(foremost(&[Sent, Sending, Cancelled]), Some(2));
        assert_eq!(foremost(&[Cancelled, Skipped]), None);
    }
}
