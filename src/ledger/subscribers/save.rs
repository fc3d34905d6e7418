//! Writing what was decided on subscribers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::super::{VALUES_LIMIT, rows};
use super::{Amendment, Choice, Facts, Letter, Subscriber, address_hash};
use crate::signing::SigningKey;

const SUBSCRIBER_COLUMNS: usize = 9;
const CHOICE_COLUMNS: usize = 8;
const CONSENT_COLUMNS: usize = 7;

pub(super) async fn amendments(
    connection: &mut AnyConnection,
    facts: &[Facts],
    amendments: &[Amendment],
    key: &SigningKey,
    now: i64,
) -> Result<(), sqlx::Error> {
    let none = Facts::default();
    for amendment in amendments {
        if let Some(erased) = &amendment.erase {
            erase(connection, erased, now).await?;
        }
        if let Some(address) = &amendment.lift {
            sqlx::query("DELETE FROM suppression WHERE address_hash = ?")
                .bind(address_hash(key, address))
                .execute(&mut *connection)
                .await?;
        }
        if let Some((address, reason)) = &amendment.suppress {
            sqlx::query(
                "INSERT INTO suppression (address_hash, reason, since) VALUES (?, ?, ?) \
                 ON CONFLICT (address_hash) DO NOTHING",
            )
            .bind(address_hash(key, address))
            .bind(reason.word())
            .bind(now)
            .execute(&mut *connection)
            .await?;
        }
    }
    let before = |after: &Subscriber| {
        facts
            .iter()
            .filter_map(|facts| facts.subscriber.as_ref())
            .find(|before| before.id == after.id)
    };
    // Who was looked up stands at the same place; only where several were, a search is needed.
    let changed: Vec<(Option<&Subscriber>, &Subscriber)> = amendments
        .iter()
        .enumerate()
        .filter_map(|(place, amendment)| {
            let after = amendment.subscriber.as_ref()?;
            let same_place = facts.get(place).unwrap_or(&none).subscriber.as_ref();
            let known = same_place.filter(|before| before.id == after.id);
            Some((known.or_else(|| before(after)), after))
        })
        .collect();
    let subscribers: Vec<&Subscriber> = changed
        .iter()
        .filter(|(before, after)| before.is_none_or(|before| !same_person(before, after)))
        .map(|(_, after)| *after)
        .collect();
    save_subscribers(connection, &subscribers).await?;
    let mut fresh: Vec<(i64, &Choice)> = Vec::new();
    for (before, after) in &changed {
        let known = before.map_or(&[][..], |before| &before.choices);
        let choices = after.choices.iter();
        fresh.extend(
            choices
                .filter(|choice| !known.contains(choice))
                .map(|choice| (after.id, choice)),
        );
        for gone in known.iter().filter(|known| !has(after, known)) {
            sqlx::query(
                "DELETE FROM subscription WHERE subscriber = ? AND digest = ? AND selection = ?",
            )
            .bind(after.id)
            .bind(&gone.digest)
            .bind(&gone.selection)
            .execute(&mut *connection)
            .await?;
        }
        if let Some(before) = before {
            follow_deliveries(connection, before, after, now).await?;
        }
    }
    save_choices(connection, &fresh).await?;
    save_consents(connection, amendments).await?;
    for letter in amendments.iter().flat_map(|amendment| &amendment.letters) {
        save_letter(connection, letter, now).await?;
    }
    Ok(())
}

fn same_person(before: &Subscriber, after: &Subscriber) -> bool {
    let same_choices = Subscriber {
        choices: after.choices.clone(),
        ..before.clone()
    };
    same_choices == *after
}

fn has(subscriber: &Subscriber, choice: &Choice) -> bool {
    let mut choices = subscriber.choices.iter();
    choices.any(|other| other.digest == choice.digest && other.selection == choice.selection)
}

async fn save_subscribers(
    connection: &mut AnyConnection,
    subscribers: &[&Subscriber],
) -> Result<(), sqlx::Error> {
    for chunk in subscribers.chunks(VALUES_LIMIT / SUBSCRIBER_COLUMNS) {
        let sql = format!(
            "INSERT INTO subscriber (id, address, address_key, name, language, state, \
             paused_until, generation, created) VALUES {} ON CONFLICT (id) DO UPDATE SET \
             soft_bounces = CASE WHEN subscriber.address_key = excluded.address_key \
             THEN subscriber.soft_bounces ELSE 0 END, \
             address = excluded.address, address_key = excluded.address_key, \
             name = excluded.name, language = excluded.language, state = excluded.state, \
             paused_until = excluded.paused_until, generation = excluded.generation, \
             created = excluded.created",
            rows(chunk.len(), SUBSCRIBER_COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for subscriber in chunk {
            query = query
                .bind(subscriber.id)
                .bind(subscriber.address.to_string())
                .bind(subscriber.address.key())
                .bind(subscriber.name.clone())
                .bind(subscriber.language.clone())
                .bind(subscriber.state.word())
                .bind(subscriber.paused_until)
                .bind(subscriber.generation)
                .bind(subscriber.created);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn save_choices(
    connection: &mut AnyConnection,
    choices: &[(i64, &Choice)],
) -> Result<(), sqlx::Error> {
    for chunk in choices.chunks(VALUES_LIMIT / CHOICE_COLUMNS) {
        let sql = format!(
            "INSERT INTO subscription (id, subscriber, digest, selection, language, confirmed, \
             ended, created) VALUES {} ON CONFLICT (subscriber, digest, selection) DO UPDATE SET \
             language = excluded.language, confirmed = excluded.confirmed, \
             ended = excluded.ended, created = excluded.created",
            rows(chunk.len(), CHOICE_COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (subscriber, choice) in chunk {
            query = query
                .bind(random_id())
                .bind(*subscriber)
                .bind(choice.digest.clone())
                .bind(choice.selection.clone())
                .bind(choice.language.clone())
                .bind(choice.confirmed)
                .bind(choice.ended)
                .bind(choice.created);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn save_consents(
    connection: &mut AnyConnection,
    amendments: &[Amendment],
) -> Result<(), sqlx::Error> {
    let mut fresh = Vec::new();
    for amendment in amendments {
        let Some(subscriber) = &amendment.subscriber else {
            continue;
        };
        let place = (0..).zip(&amendment.consents);
        fresh.extend(place.map(|(place, consent)| (subscriber.id, place, consent)));
    }
    for chunk in fresh.chunks(VALUES_LIMIT / (CONSENT_COLUMNS + 1)) {
        // A number is free within the transaction, since nobody else writes meanwhile.
        let row = "(?, (SELECT COALESCE(MAX(number), 0) + 1 FROM consent WHERE subscriber = ?) \
                   + ?, ?, ?, ?, ?, ?)";
        let sql = format!(
            "INSERT INTO consent (subscriber, number, at, act, source, wording, choices) VALUES {}",
            vec![row; chunk.len()].join(",")
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (subscriber, place, consent) in chunk {
            query = query
                .bind(*subscriber)
                .bind(*subscriber)
                .bind(i64::from(*place))
                .bind(consent.at)
                .bind(consent.act.clone())
                .bind(consent.source.clone())
                .bind(consent.wording.clone())
                .bind(consent.choices.clone());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn save_letter(
    connection: &mut AnyConnection,
    letter: &Letter,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO letter (id, address, address_key, kind, return_path, message, state, due, \
         created) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?)",
    )
    .bind(random_id())
    .bind(letter.address.to_string())
    .bind(letter.address.key())
    .bind(letter.kind)
    .bind(letter.return_path.clone())
    .bind(STANDARD.encode(&letter.message))
    .bind(now)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps deliveries that nobody has begun in step: who left a digest does not get the issue that
/// is being sent.
async fn follow_deliveries(
    connection: &mut AnyConnection,
    before: &Subscriber,
    after: &Subscriber,
    now: i64,
) -> Result<(), sqlx::Error> {
    let gets = |subscriber: &Subscriber, digest: &str| {
        let mut choices = subscriber.choices.iter();
        choices.any(|choice| choice.digest == digest && choice.is_confirmed())
    };
    let mut left: Vec<&str> = before
        .choices
        .iter()
        .map(|choice| choice.digest.as_str())
        .filter(|digest| gets(before, digest) && !gets(after, digest))
        .collect();
    left.dedup();
    for digest in left {
        sqlx::query(
            "UPDATE delivery SET state = 'cancelled', settled = ?, reply = 'unsubscribed' \
             WHERE subscriber = ? AND digest = ? AND state IN ('waiting', 'held')",
        )
        .bind(now)
        .bind(after.id)
        .bind(digest)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Leaves nothing of a person but what counts issues sent: deliveries without what the relay said,
/// which may name the address. What came back goes with the subscriber.
async fn erase(
    connection: &mut AnyConnection,
    subscriber: &Subscriber,
    now: i64,
) -> Result<(), sqlx::Error> {
    for table in ["consent", "subscription"] {
        let sql = format!("DELETE FROM {table} WHERE subscriber = ?");
        sqlx::query(AssertSqlSafe(sql))
            .bind(subscriber.id)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("DELETE FROM subscriber WHERE id = ?")
        .bind(subscriber.id)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM letter WHERE address_key = ?")
        .bind(subscriber.address.key())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE delivery SET state = 'cancelled', settled = ? \
         WHERE subscriber = ? AND state IN ('waiting', 'held')",
    )
    .bind(now)
    .bind(subscriber.id)
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE delivery SET reply = NULL WHERE subscriber = ?")
        .bind(subscriber.id)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

pub(super) async fn forget_unconfirmed(
    connection: &mut AnyConnection,
    asked_before: i64,
    settled_before: i64,
) -> Result<u64, sqlx::Error> {
    sqlx::query(
        "DELETE FROM subscription WHERE confirmed IS NULL AND ended IS NULL AND created < ?",
    )
    .bind(asked_before)
    .execute(&mut *connection)
    .await?;
    // What had been given up before, and was asked for again in vain, is given up still.
    sqlx::query(
        "UPDATE subscription SET created = ended \
         WHERE confirmed IS NULL AND created > ended AND created < ?",
    )
    .bind(asked_before)
    .execute(&mut *connection)
    .await?;
    let gone = sqlx::query("SELECT id FROM subscriber WHERE state = 'pending' AND created < ?")
        .bind(asked_before)
        .fetch_all(&mut *connection)
        .await?;
    for row in &gone {
        let id: i64 = row.try_get("id")?;
        for sql in [
            "DELETE FROM consent WHERE subscriber = ?",
            "DELETE FROM subscription WHERE subscriber = ?",
            "DELETE FROM subscriber WHERE id = ?",
        ] {
            sqlx::query(sql).bind(id).execute(&mut *connection).await?;
        }
    }
    sqlx::query("DELETE FROM letter WHERE settled IS NOT NULL AND settled < ?")
        .bind(settled_before)
        .execute(connection)
        .await?;
    Ok(gone.len() as u64)
}

/// Within what BIGINT holds, and positive.
fn random_id() -> i64 {
    (rand::random::<u64>() >> 1).cast_signed()
}
