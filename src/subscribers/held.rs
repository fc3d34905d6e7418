//! Everything that is held on a person, for whoever asks for their data.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use crate::ledger::bounces::Which;
use crate::ledger::subscribers::{Find, MailRecord, Subscriber};
use crate::ledger::{Ledger, LedgerError};
use crate::signing::SigningKey;

/// Everything that the ledger holds on a subscriber.
///
/// # Errors
/// When the ledger cannot be read.
pub fn everything(
    ledger: &mut Ledger,
    subscriber: &Subscriber,
    key: &SigningKey,
) -> Result<Value, LedgerError> {
    let facts = ledger.subscriber_facts(Find::Id(subscriber.id), key)?;
    let consents = ledger.consents(subscriber.id)?;
    let (issues, letters) = ledger.mail_of(subscriber.id, &subscriber.address)?;
    let bounces = ledger.bounces(Which::Of(subscriber.id), usize::MAX)?;
    let choices = subscriber.choices.iter().map(|choice| {
        json!({
            "digest": choice.digest,
            "selection": (!choice.selection.is_empty()).then_some(&choice.selection),
            "language": choice.language,
            "asked": time(Some(choice.created)),
            "confirmed": time(choice.confirmed),
            "given_up": time(choice.ended),
        })
    });
    let history = consents.iter().map(|consent| {
        json!({
            "at": time(Some(consent.at)),
            "act": consent.act,
            "source": consent.source,
            "wording": consent.wording,
            "choices": consent.choices,
        })
    });
    let bounces = bounces.iter().map(|bounce| {
        json!({
            "at": time(Some(bounce.at)),
            "what": bounce.kind.word(),
            "status": bounce.status,
            "detail": bounce.detail,
        })
    });
    Ok(json!({
        "id": subscriber.id.to_string(),
        "address": subscriber.address.to_string(),
        "name": subscriber.name,
        "language": subscriber.language,
        "state": subscriber.state.word(),
        "paused_until": time(subscriber.paused_until),
        "since": time(Some(subscriber.created)),
        "suppressed": facts.suppressed.map(|reason| reason.word()),
        "choices": choices.collect::<Vec<_>>(),
        "history": history.collect::<Vec<_>>(),
        "issues": mail(&issues),
        "letters": mail(&letters),
        "bounces": bounces.collect::<Vec<_>>(),
    }))
}

fn mail(records: &[MailRecord]) -> Vec<Value> {
    let records = records.iter().map(|record| {
        json!({
            "what": record.what,
            "state": record.state,
            "settled": time(record.settled),
        })
    });
    records.collect()
}

/// RFC 3339, in UTC.
pub fn time(milliseconds: Option<i64>) -> Option<String> {
    let moment = DateTime::from_timestamp_millis(milliseconds?)?;
    Some(moment.to_rfc3339_opts(SecondsFormat::Millis, true))
}
