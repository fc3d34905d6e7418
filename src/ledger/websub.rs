//! What the ledger keeps for WebSub: which hubs have still to be told of which feeds, and who
//! subscribed at the embedded hub.
//!
//! Two processes may be at work here, one that publishes and one that serves: every change is one
//! statement, or a transaction that begins with the right to write.

use std::fmt;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::{Ledger, LedgerError, VALUES_LIMIT, rows};

/// A feed that a hub must be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The hub, an absolute URL.
    pub hub: String,
    /// The feed's path below the site's root.
    pub topic: String,
    /// Grows with each change of the feed.
    pub version: i64,
    /// How often the hub was told in vain.
    pub attempts: i64,
}

/// Who is meant: a subscription is known by its feed and its callback.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionKey {
    /// The feed, an absolute URL.
    pub topic: String,
    /// Where the subscriber wants to be called, an absolute URL.
    pub callback: String,
}

/// A key that signs what is delivered. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// A request that its sender has not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRequest {
    /// Feed and callback.
    pub key: SubscriptionKey,
    /// Whether it asks for a subscription, or for the end of one.
    pub subscribes: bool,
    /// What signs deliveries.
    pub secret: Option<Secret>,
    /// How long the subscription will last, in seconds.
    pub lease: i64,
}

/// A subscription at the embedded hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Feed and callback.
    pub key: SubscriptionKey,
    /// What signs deliveries.
    pub secret: Option<Secret>,
    /// When it ends, in milliseconds since 1970 UTC.
    pub expires: i64,
    /// Fingerprint of the feed as the subscriber has it.
    pub delivered: u64,
    /// Fingerprint of the feed that is being delivered.
    pub wanted: u64,
    /// How often that was tried in vain.
    pub attempts: i64,
    /// When to try next, in milliseconds since 1970 UTC.
    pub due: i64,
}

/// A change of what is kept for the embedded hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubChange {
    /// A request came; it replaces an earlier one of the same key.
    Asked(SubscriptionRequest),
    /// A request was answered, one way or the other.
    Answered(SubscriptionKey),
    /// A subscription is new or changed.
    Subscribed(Subscription),
    /// A subscription ended.
    Ended(SubscriptionKey),
}

impl Ledger {
    /// Remembers that feeds are about to be written, so that hubs hear of them even if the
    /// process dies, or the disk fails, before it is known whether they changed. What an earlier
    /// announcement left behind is taken as changed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn announce_topics(
        &mut self,
        hubs: &[String],
        topics: &[String],
        now: i64,
    ) -> Result<(), LedgerError> {
        self.change(async |connection| {
            take_left_behind(connection, hubs, now).await?;
            for chunk in topics.chunks(VALUES_LIMIT) {
                let sql = format!(
                    "INSERT INTO websub_writing (topic) VALUES {} ON CONFLICT (topic) DO NOTHING",
                    rows(chunk.len(), 1)
                );
                let query = chunk
                    .iter()
                    .fold(sqlx::query(AssertSqlSafe(sql)), |query, topic| {
                        query.bind(topic)
                    });
                query.execute(&mut *connection).await?;
            }
            Ok(())
        })
    }

    /// Records that feeds changed, for every hub; nothing that was announced is being written any
    /// more.
    ///
    /// # Errors
    /// When the database refuses; what was announced then still is.
    pub fn record_notices(
        &mut self,
        hubs: &[String],
        topics: &[String],
        now: i64,
    ) -> Result<(), LedgerError> {
        self.change(async |connection| {
            put_notices(connection, hubs, topics, now).await?;
            sqlx::query("DELETE FROM websub_writing")
                .execute(&mut *connection)
                .await?;
            Ok(())
        })
    }

    /// Takes what was announced and never settled, by a process that died, as changed; forgets
    /// what other hubs than these should have been told.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn recover_notices(&mut self, hubs: &[String], now: i64) -> Result<(), LedgerError> {
        self.change(async |connection| {
            take_left_behind(connection, hubs, now).await?;
            let known = sqlx::query("SELECT DISTINCT hub FROM websub_notice")
                .fetch_all(&mut *connection)
                .await?;
            for row in known {
                let hub: String = row.try_get("hub")?;
                if !hubs.contains(&hub) {
                    sqlx::query("DELETE FROM websub_notice WHERE hub = ?")
                        .bind(hub)
                        .execute(&mut *connection)
                        .await?;
                }
            }
            Ok(())
        })
    }

    /// What hubs have to be told by now, by hub and feed.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn due_notices(&mut self, now: i64) -> Result<Vec<Notice>, LedgerError> {
        let sql = "SELECT hub, topic, version, attempts FROM websub_notice WHERE due <= ? \
                   ORDER BY hub, topic";
        self.read(sqlx::query(sql).bind(now), |row| {
            Ok(Notice {
                hub: row.try_get("hub")?,
                topic: row.try_get("topic")?,
                version: row.try_get("version")?,
                attempts: row.try_get("attempts")?,
            })
        })
    }

    /// When the next hub is to be told, in milliseconds since 1970 UTC; `None`: all know all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_notice(&mut self) -> Result<Option<i64>, LedgerError> {
        let query = sqlx::query("SELECT due FROM websub_notice ORDER BY due LIMIT 1");
        Ok(self.read(query, |row| row.try_get("due"))?.pop())
    }

    /// Forgets what a hub was told, unless the feed changed again meanwhile.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn settle_notices(&mut self, notices: &[Notice]) -> Result<(), LedgerError> {
        self.change(async |connection| {
            for notice in notices {
                sqlx::query(
                    "DELETE FROM websub_notice WHERE hub = ? AND topic = ? AND version = ?",
                )
                .bind(&notice.hub)
                .bind(&notice.topic)
                .bind(notice.version)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        })
    }

    /// Puts off what a hub was told in vain.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn postpone_notices(&mut self, notices: &[Notice], due: i64) -> Result<(), LedgerError> {
        self.change(async |connection| {
            for notice in notices {
                let sql = "UPDATE websub_notice SET attempts = ?, due = ? \
                           WHERE hub = ? AND topic = ? AND version = ?";
                sqlx::query(sql)
                    .bind(notice.attempts + 1)
                    .bind(due)
                    .bind(&notice.hub)
                    .bind(&notice.topic)
                    .bind(notice.version)
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        })
    }

    /// The requests that have not been confirmed yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn subscription_requests(&mut self) -> Result<Vec<SubscriptionRequest>, LedgerError> {
        let sql = "SELECT topic, callback, subscribes, secret, lease FROM websub_request \
                   ORDER BY topic, callback";
        self.read(sqlx::query(sql), |row| {
            Ok(SubscriptionRequest {
                key: key(row)?,
                subscribes: row.try_get::<i64, _>("subscribes")? != 0,
                secret: row.try_get::<Option<String>, _>("secret")?.map(Secret),
                lease: row.try_get("lease")?,
            })
        })
    }

    /// The subscriptions at the embedded hub, expired ones included.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn subscriptions(&mut self) -> Result<Vec<Subscription>, LedgerError> {
        let sql = "SELECT topic, callback, secret, expires, delivered, wanted, attempts, due \
                   FROM websub_subscription ORDER BY topic, callback";
        self.read(sqlx::query(sql), |row| {
            Ok(Subscription {
                key: key(row)?,
                secret: row.try_get::<Option<String>, _>("secret")?.map(Secret),
                expires: row.try_get("expires")?,
                delivered: row.try_get::<i64, _>("delivered")?.cast_unsigned(),
                wanted: row.try_get::<i64, _>("wanted")?.cast_unsigned(),
                attempts: row.try_get("attempts")?,
                due: row.try_get("due")?,
            })
        })
    }

    /// Records what changed at the embedded hub, in order, all or none.
    ///
    /// # Errors
    /// When the database refuses; nothing is recorded then.
    pub fn record_hub(&mut self, changes: &[HubChange]) -> Result<(), LedgerError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.change(async |connection| {
            for change in changes {
                apply(connection, change).await?;
            }
            Ok(())
        })
    }

    fn change(
        &mut self,
        work: impl AsyncFnOnce(&mut AnyConnection) -> Result<(), sqlx::Error>,
    ) -> Result<(), LedgerError> {
        let done = self.runtime.block_on(async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            work(&mut transaction).await?;
            transaction.commit().await
        });
        done.map_err(|error| self.failed(error))
    }

    fn read<T>(
        &mut self,
        query: sqlx::query::Query<'_, sqlx::Any, sqlx::any::AnyArguments>,
        each: impl Fn(&AnyRow) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, LedgerError> {
        let rows = self
            .runtime
            .block_on(query.fetch_all(&mut self.connection))
            .map_err(|error| self.failed(error))?;
        let found: Result<_, sqlx::Error> = rows.iter().map(each).collect();
        found.map_err(|error| self.failed(error))
    }
}

fn key(row: &AnyRow) -> Result<SubscriptionKey, sqlx::Error> {
    Ok(SubscriptionKey {
        topic: row.try_get("topic")?,
        callback: row.try_get("callback")?,
    })
}

/// Takes as changed what was announced and never settled.
async fn take_left_behind(
    connection: &mut AnyConnection,
    hubs: &[String],
    now: i64,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query("SELECT topic FROM websub_writing")
        .fetch_all(&mut *connection)
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let topics: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("topic"))
        .collect::<Result<_, _>>()?;
    put_notices(connection, hubs, &topics, now).await?;
    sqlx::query("DELETE FROM websub_writing")
        .execute(&mut *connection)
        .await
        .map(drop)
}

async fn put_notices(
    connection: &mut AnyConnection,
    hubs: &[String],
    topics: &[String],
    now: i64,
) -> Result<(), sqlx::Error> {
    for hub in hubs {
        for chunk in topics.chunks(VALUES_LIMIT / 5) {
            let sql = format!(
                "INSERT INTO websub_notice (hub, topic, version, attempts, due) VALUES {} \
                 ON CONFLICT (hub, topic) DO UPDATE SET version = websub_notice.version + 1, \
                 attempts = 0, due = excluded.due",
                rows(chunk.len(), 5)
            );
            let query = chunk
                .iter()
                .fold(sqlx::query(AssertSqlSafe(sql)), |query, topic| {
                    query.bind(hub).bind(topic).bind(1i64).bind(0i64).bind(now)
                });
            query.execute(&mut *connection).await?;
        }
    }
    Ok(())
}

async fn apply(connection: &mut AnyConnection, change: &HubChange) -> Result<(), sqlx::Error> {
    let query = match change {
        HubChange::Asked(request) => sqlx::query(
            "INSERT INTO websub_request (topic, callback, subscribes, secret, lease) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (topic, callback) DO UPDATE SET \
             subscribes = excluded.subscribes, secret = excluded.secret, lease = excluded.lease",
        )
        .bind(&request.key.topic)
        .bind(&request.key.callback)
        .bind(i64::from(request.subscribes))
        .bind(request.secret.as_ref().map(|secret| secret.0.clone()))
        .bind(request.lease),
        HubChange::Answered(key) => {
            sqlx::query("DELETE FROM websub_request WHERE topic = ? AND callback = ?")
                .bind(&key.topic)
                .bind(&key.callback)
        }
        HubChange::Subscribed(subscription) => sqlx::query(
            "INSERT INTO websub_subscription \
             (topic, callback, secret, expires, delivered, wanted, attempts, due) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (topic, callback) DO UPDATE SET \
             secret = excluded.secret, expires = excluded.expires, \
             delivered = excluded.delivered, wanted = excluded.wanted, \
             attempts = excluded.attempts, due = excluded.due",
        )
        .bind(&subscription.key.topic)
        .bind(&subscription.key.callback)
        .bind(subscription.secret.as_ref().map(|secret| secret.0.clone()))
        .bind(subscription.expires)
        .bind(subscription.delivered.cast_signed())
        .bind(subscription.wanted.cast_signed())
        .bind(subscription.attempts)
        .bind(subscription.due),
        HubChange::Ended(key) => {
            sqlx::query("DELETE FROM websub_subscription WHERE topic = ? AND callback = ?")
                .bind(&key.topic)
                .bind(&key.callback)
        }
    };
    query.execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests;
