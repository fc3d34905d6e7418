//! What is known under a name becomes known under another: terms, feeds and digests with a new
//! slug. Each may be asked for again and again; what was done before is not done twice.

use sqlx::any::AnyRow;
use sqlx::{Connection, Row};

use super::{Ledger, LedgerError};

impl Ledger {
    /// What is known of the term with the path `before` is known under the path `now`; nothing
    /// if items have borne `now` already: then one term was merged into another, whose readers
    /// have not seen its items yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rename_term(&mut self, before: &str, now: &str) -> Result<(), LedgerError> {
        if !self.is_borne(before)? || self.is_borne(now)? {
            return Ok(());
        }
        self.rename_feed(before, now)?;
        let query = sqlx::query(
            "UPDATE publication SET terms = TRIM(REPLACE(' ' || terms || ' ', ?, ?)) \
             WHERE ' ' || terms || ' ' LIKE ?",
        )
        .bind(format!(" {before} "))
        .bind(format!(" {now} "))
        .bind(format!("% {before} %"))
        .execute(&mut self.connection);
        let done = self.runtime.block_on(query);
        done.map(drop).map_err(|error| self.failed(error))
    }

    /// Whether an item was published under the term with this path.
    fn is_borne(&mut self, path: &str) -> Result<bool, LedgerError> {
        let query =
            sqlx::query("SELECT id FROM publication WHERE ' ' || terms || ' ' LIKE ? LIMIT 1")
                .bind(format!("% {path} %"))
                .fetch_optional(&mut self.connection);
        let row = self.runtime.block_on(query);
        row.map(|row| row.is_some())
            .map_err(|error| self.failed(error))
    }

    /// The archives and tombstones of the feeds below the folder `before` are those of the feeds
    /// below `now`, unless these have archives of their own.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub fn rename_feed(&mut self, before: &str, now: &str) -> Result<(), LedgerError> {
        // The folder of a pair holds those of both of its terms.
        let renamed = |feed: &str| -> Option<String> {
            let (from, to) = (format!("/{before}/"), format!("/{now}/"));
            let whole = format!("/{feed}/");
            let renamed = whole.replace(&from, &to);
            (renamed != whole).then(|| renamed.trim_matches('/').to_owned())
        };
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            let feeds: Vec<String> = sqlx::query("SELECT DISTINCT feed FROM archive")
                .fetch_all(&mut *transaction)
                .await?
                .iter()
                .map(|row: &AnyRow| row.try_get("feed"))
                .collect::<Result<_, _>>()?;
            for feed in &feeds {
                let Some(to) = renamed(feed).filter(|to| !feeds.contains(to)) else {
                    continue;
                };
                sqlx::query("UPDATE archive SET feed = ? WHERE feed = ?")
                    .bind(to)
                    .bind(feed)
                    .execute(&mut *transaction)
                    .await?;
            }
            let tombstones = sqlx::query("SELECT id, feeds FROM tombstone WHERE feeds LIKE ?")
                .bind(format!("%{before}%"))
                .fetch_all(&mut *transaction)
                .await?;
            for row in tombstones {
                let (id, feeds): (String, String) = (row.try_get("id")?, row.try_get("feeds")?);
                let feeds: Vec<String> = feeds
                    .split('\n')
                    .map(|feed| renamed(feed).unwrap_or_else(|| feed.to_owned()))
                    .collect();
                sqlx::query("UPDATE tombstone SET feeds = ? WHERE id = ?")
                    .bind(feeds.join("\n"))
                    .bind(id)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// The issues of the digest with the slug `before` are those of `now`, but for periods of
    /// which that has an issue.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub fn rename_digest(&mut self, before: &str, now: &str) -> Result<(), LedgerError> {
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for sql in [
                "UPDATE issue_step SET digest = $1 WHERE digest = $2 AND period NOT IN \
                 (SELECT period FROM issue WHERE digest = $3)",
                "UPDATE issue SET digest = $1 WHERE digest = $2 AND period NOT IN \
                 (SELECT period FROM issue WHERE digest = $3)",
                "UPDATE digest_progress SET digest = $1 WHERE digest = $2 AND NOT EXISTS \
                 (SELECT digest FROM digest_progress WHERE digest = $3)",
                // Subscribers of the one are subscribers of the other.
                "UPDATE subscription SET digest = $1 WHERE digest = $2 AND NOT EXISTS \
                 (SELECT other.id FROM subscription AS other WHERE other.digest = $3 \
                 AND other.subscriber = subscription.subscriber \
                 AND other.selection = subscription.selection)",
            ] {
                sqlx::query(sql)
                    .bind(now)
                    .bind(before)
                    .bind(now)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}
