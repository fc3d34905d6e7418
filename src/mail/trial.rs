//! A test of an issue: its message sent to those who make it. It counts as no delivery, stands
//! nowhere in the ledger, and says in its subject what it is.

use std::convert::Infallible;

use chrono::{DateTime, Utc};

use super::address::Address;
use super::edition::{Making, TEST_MARK, prepare, render};
use super::message::{Envelope, Recipient, Seal};
use super::smtp::{Fate, Relay, SmtpError};
use crate::diagnostic::Problem;
use crate::pipeline::issues::reader::Read;

/// A message to one of them.
pub type Trial = (Envelope, Vec<u8>);

/// The messages of a test of an issue. Their links lead to pages that say that nobody is known
/// there: the readers of a test need not be subscribers.
///
/// # Errors
/// A template fails, the digest's sender is no address, or a message cannot be signed.
pub fn messages(
    read: &Read<'_>,
    seal: &Seal,
    addresses: &[Address],
    now: DateTime<Utc>,
) -> Result<Vec<Trial>, Problem> {
    let bodies = render(read.setup, read.digest, read.edition)?;
    let making = Making {
        mark: TEST_MARK,
        sent_as: &read.digest.slug,
        date: now,
    };
    let prepared = prepare(read.setup, read.digest, read.edition, bodies, &making)?;
    addresses
        .iter()
        .map(|address| {
            let recipient = Recipient {
                // Subscribers have positive numbers. Another one for each test, and so another
                // Message-ID: mail programs show only one message of each.
                subscriber: -i64::from(rand::random::<u32>()) - 1,
                generation: 0,
                address: address.clone(),
                name: None,
            };
            prepared
                .message(&recipient, seal, now)
                .map_err(|error| Problem::error(format!("the message cannot be signed: {error}")))
        })
        .collect()
}

/// Hands messages to the relay, one after the other on one connection; for each what became of it,
/// in words.
///
/// # Errors
/// When there is no connection.
pub fn send(relay: &Relay, trials: &[Trial]) -> Result<Vec<Result<String, String>>, SmtpError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| SmtpError::Unreachable {
            relay: relay.to_string(),
            source,
        })?;
    runtime.block_on(async {
        let mut connection = relay.connect().await?;
        let mut told = Vec::new();
        for (envelope, message) in trials {
            if !connection.is_usable() {
                connection = relay.connect().await?;
            }
            let may_fly = async { Ok::<(), Infallible>(()) };
            let fate = match connection.send(envelope, message, may_fly).await {
                Ok(fate) => fate,
                Err(never) => match never {},
            };
            told.push(in_words(fate));
        }
        connection.quit().await;
        Ok(told)
    })
}

fn in_words(fate: Fate) -> Result<String, String> {
    match fate {
        Fate::Taken(reply) => Ok(format!("the relay took it: {reply}")),
        Fate::PutOff(_, reply) => Err(format!("not now: {reply}")),
        Fate::Refused(_, reply) => Err(format!("refused: {reply}")),
        Fate::NoUtf8 => Err("the relay takes no such address (SMTPUTF8)".to_owned()),
        Fate::Untried(error) => Err(error.to_string()),
        Fate::Unknown(error) => Err(format!("it may have been taken, or not: {error}")),
    }
}
