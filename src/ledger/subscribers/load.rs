//! Reading what is known of subscribers.

use std::collections::HashMap;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row};

use super::super::{VALUES_LIMIT, rows};
use super::{Choice, Consent, Facts, Find, Reason, State, Subscriber, address_hash};
use crate::signing::SigningKey;

const COLUMNS: &str =
    "id, address, name, language, state, paused_until, generation, created FROM subscriber";

/// The facts on each of `finds`, in their order.
pub(super) async fn facts(
    connection: &mut AnyConnection,
    finds: &[Find<'_>],
    key: &SigningKey,
    letters_since: i64,
) -> Result<Vec<Facts>, sqlx::Error> {
    let mut found: Vec<Subscriber> = Vec::new();
    let ids: Vec<i64> = finds
        .iter()
        .filter_map(|find| match find {
            Find::Id(id) => Some(*id),
            Find::Address(_) => None,
        })
        .collect();
    let keys: Vec<String> = finds
        .iter()
        .filter_map(|find| match find {
            Find::Address(address) => Some(address.key()),
            Find::Id(_) => None,
        })
        .collect();
    for chunk in ids.chunks(VALUES_LIMIT) {
        let sql = format!("SELECT {COLUMNS} WHERE id IN {}", rows(1, chunk.len()));
        let query = bind_all(sqlx::query(AssertSqlSafe(sql)), chunk.iter().copied());
        for row in query.fetch_all(&mut *connection).await? {
            found.push(subscriber(&row)?);
        }
    }
    for chunk in keys.chunks(VALUES_LIMIT) {
        let sql = format!(
            "SELECT {COLUMNS} WHERE address_key IN {}",
            rows(1, chunk.len())
        );
        let query = bind_all(sqlx::query(AssertSqlSafe(sql)), chunk.iter().cloned());
        for row in query.fetch_all(&mut *connection).await? {
            found.push(subscriber(&row)?);
        }
    }
    choices(connection, &mut found).await?;
    let by_id: HashMap<i64, &Subscriber> = found.iter().map(|one| (one.id, one)).collect();
    let by_key: HashMap<String, &Subscriber> =
        found.iter().map(|one| (one.address.key(), one)).collect();
    let mut facts: Vec<(Facts, Option<(String, String)>)> = Vec::with_capacity(finds.len());
    for find in finds {
        let (subscriber, address) = match find {
            Find::Id(id) => {
                let found = by_id.get(id).copied();
                (found, found.map(|found| &found.address))
            }
            Find::Address(address) => (by_key.get(&address.key()).copied(), Some(*address)),
        };
        let known = Facts {
            subscriber: subscriber.cloned(),
            ..Facts::default()
        };
        let address = address.map(|address| (address.key(), address_hash(key, address)));
        facts.push((known, address));
    }
    let hashes = facts.iter().filter_map(|(_, address)| address.as_ref());
    let hashes: Vec<String> = hashes.map(|(_, hash)| hash.clone()).collect();
    let suppressed = suppressions(connection, &hashes).await?;
    let keys = facts.iter().filter_map(|(_, address)| address.as_ref());
    let keys: Vec<String> = keys.map(|(key, _)| key.clone()).collect();
    let letters = letters(connection, &keys, letters_since).await?;
    let complete = facts.into_iter().map(|(known, address)| match address {
        Some((key, hash)) => Facts {
            suppressed: suppressed.get(&hash).copied(),
            letters: letters.get(&key).copied().unwrap_or(0),
            ..known
        },
        None => known,
    });
    Ok(complete.collect())
}

/// At most `limit` subscribers, in the order of their addresses' keys.
pub(super) async fn after(
    connection: &mut AnyConnection,
    address_key: &str,
    limit: usize,
) -> Result<Vec<Subscriber>, sqlx::Error> {
    let sql = format!("SELECT {COLUMNS} WHERE address_key > ? ORDER BY address_key LIMIT ?");
    let found = sqlx::query(AssertSqlSafe(sql))
        .bind(address_key)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *connection)
        .await?;
    let mut found: Vec<Subscriber> = found.iter().map(subscriber).collect::<Result<_, _>>()?;
    choices(connection, &mut found).await?;
    Ok(found)
}

pub(super) async fn consents(
    connection: &mut AnyConnection,
    subscriber: i64,
) -> Result<Vec<Consent>, sqlx::Error> {
    let found = sqlx::query(
        "SELECT at, act, source, wording, choices FROM consent WHERE subscriber = ? \
         ORDER BY number",
    )
    .bind(subscriber)
    .fetch_all(connection)
    .await?;
    found.iter().map(consent).collect()
}

/// The last consent of each.
pub(super) async fn last_consents(
    connection: &mut AnyConnection,
    subscribers: &[i64],
) -> Result<HashMap<i64, Consent>, sqlx::Error> {
    let mut last = HashMap::new();
    for chunk in subscribers.chunks(VALUES_LIMIT) {
        let sql = format!(
            "SELECT subscriber, at, act, source, wording, choices FROM consent \
             WHERE subscriber IN {} AND act IN ('confirmed', 'imported', 'added') ORDER BY number",
            rows(1, chunk.len())
        );
        let query = bind_all(sqlx::query(AssertSqlSafe(sql)), chunk.iter().copied());
        for row in query.fetch_all(&mut *connection).await? {
            last.insert(row.try_get("subscriber")?, consent(&row)?);
        }
    }
    Ok(last)
}

fn consent(row: &AnyRow) -> Result<Consent, sqlx::Error> {
    Ok(Consent {
        at: row.try_get("at")?,
        act: row.try_get("act")?,
        source: row.try_get("source")?,
        wording: row.try_get("wording")?,
        choices: row.try_get("choices")?,
    })
}

/// Gives subscribers their choices.
async fn choices(
    connection: &mut AnyConnection,
    subscribers: &mut [Subscriber],
) -> Result<(), sqlx::Error> {
    let mut found: HashMap<i64, Vec<Choice>> = HashMap::new();
    let ids: Vec<i64> = subscribers.iter().map(|subscriber| subscriber.id).collect();
    for chunk in ids.chunks(VALUES_LIMIT) {
        let sql = format!(
            "SELECT subscriber, digest, selection, language, confirmed, ended, created \
             FROM subscription WHERE subscriber IN {} ORDER BY digest, selection",
            rows(1, chunk.len())
        );
        let query = bind_all(sqlx::query(AssertSqlSafe(sql)), chunk.iter().copied());
        for row in query.fetch_all(&mut *connection).await? {
            let choice = Choice {
                digest: row.try_get("digest")?,
                selection: row.try_get("selection")?,
                language: row.try_get("language")?,
                confirmed: row.try_get("confirmed")?,
                ended: row.try_get("ended")?,
                created: row.try_get("created")?,
            };
            found
                .entry(row.try_get("subscriber")?)
                .or_default()
                .push(choice);
        }
    }
    for subscriber in subscribers {
        // One may have been found twice, by id and by address.
        if let Some(choices) = found.get(&subscriber.id) {
            subscriber.choices.clone_from(choices);
        }
    }
    Ok(())
}

async fn suppressions(
    connection: &mut AnyConnection,
    hashes: &[String],
) -> Result<HashMap<String, Reason>, sqlx::Error> {
    let mut found = HashMap::new();
    for chunk in hashes.chunks(VALUES_LIMIT) {
        let sql = format!(
            "SELECT address_hash, reason FROM suppression WHERE address_hash IN {}",
            rows(1, chunk.len())
        );
        let query = bind_all(sqlx::query(AssertSqlSafe(sql)), chunk.iter().cloned());
        for row in query.fetch_all(&mut *connection).await? {
            let reason: String = row.try_get("reason")?;
            found.insert(row.try_get("address_hash")?, Reason::of(&reason)?);
        }
    }
    Ok(found)
}

/// How many letters were made since a time, by the key of the address.
async fn letters(
    connection: &mut AnyConnection,
    keys: &[String],
    since: i64,
) -> Result<HashMap<String, u64>, sqlx::Error> {
    let mut found = HashMap::new();
    if since == i64::MAX {
        return Ok(found);
    }
    for chunk in keys.chunks(VALUES_LIMIT) {
        let sql = format!(
            "SELECT address_key, COUNT(*) AS letters FROM letter \
             WHERE address_key IN {} AND created >= ? GROUP BY address_key",
            rows(1, chunk.len())
        );
        let query = bind_all(sqlx::query(AssertSqlSafe(sql)), chunk.iter().cloned());
        for row in query.bind(since).fetch_all(&mut *connection).await? {
            let letters: i64 = row.try_get("letters")?;
            found.insert(row.try_get("address_key")?, letters.cast_unsigned());
        }
    }
    Ok(found)
}

fn subscriber(row: &AnyRow) -> Result<Subscriber, sqlx::Error> {
    let address: String = row.try_get("address")?;
    let state: String = row.try_get("state")?;
    Ok(Subscriber {
        id: row.try_get("id")?,
        address: address.parse().map_err(|error| {
            sqlx::Error::Decode(format!("a subscriber's address: {error}").into())
        })?,
        name: row.try_get("name")?,
        language: row.try_get("language")?,
        state: State::of(&state)?,
        paused_until: row.try_get("paused_until")?,
        generation: row.try_get("generation")?,
        created: row.try_get("created")?,
        choices: Vec::new(),
    })
}

fn bind_all<'q, T>(
    query: Query<'q, Any, AnyArguments>,
    values: impl Iterator<Item = T>,
) -> Query<'q, Any, AnyArguments>
where
    T: sqlx::Encode<'q, Any> + sqlx::Type<Any> + 'q,
{
    values.fold(query, |query, value| query.bind(value))
}
