//! What is known under a name becomes known under another: terms, feeds and digests with a new
//! slug. Each may be asked for again and again; what was done before is not done twice.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Connection, Row};

use super::{Ledger, LedgerError};

/// The tables whose rows belong to an issue, by the slug of its digest and its period.
const OF_ISSUES: [&str; 3] = ["issue_step", "delivery", "delivery_choices"];

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

    /// The issues of the digest with the slug `before`, with all that belongs to them, are those
    /// of `now`, but for periods of which that has an issue. Of an issue that is being sent, what
    /// was sent stays sent: nothing is planned anew.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub fn rename_digest(&mut self, before: &str, now: &str) -> Result<(), LedgerError> {
        let of_issues = OF_ISSUES.map(|table| {
            format!(
                "UPDATE {table} SET digest = $1 WHERE digest = $2 AND period NOT IN \
                 (SELECT period FROM issue WHERE digest = $3)"
            )
        });
        // The issues come after what belongs to them, which looks for them.
        let others = [
            "UPDATE issue SET digest = $1, sent_as = CASE WHEN frozen IS NULL THEN NULL \
             ELSE COALESCE(sent_as, digest) END WHERE digest = $2 AND period NOT IN \
             (SELECT period FROM issue WHERE digest = $3)",
            "UPDATE digest_progress SET digest = $1 WHERE digest = $2 AND NOT EXISTS \
             (SELECT digest FROM digest_progress WHERE digest = $3)",
            // Subscribers of the one are subscribers of the other.
            "UPDATE subscription SET digest = $1 WHERE digest = $2 AND NOT EXISTS \
             (SELECT other.id FROM subscription AS other WHERE other.digest = $3 \
             AND other.subscriber = subscription.subscriber \
             AND other.selection = subscription.selection)",
        ];
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for sql in of_issues.iter().map(String::as_str).chain(others) {
                sqlx::query(AssertSqlSafe(sql.to_owned()))
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

    /// The slug that stands in the mails of an issue: the one that its digest had when the first
    /// of them was made.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn sent_as(&mut self, digest: &str, period: &str) -> Result<String, LedgerError> {
        let query = sqlx::query("SELECT sent_as FROM issue WHERE digest = $1 AND period = $2")
            .bind(digest)
            .bind(period)
            .fetch_optional(&mut self.connection);
        let row = self.runtime.block_on(query);
        row.and_then(|row| match row {
            Some(row) => row.try_get::<Option<String>, _>("sent_as"),
            None => Ok(None),
        })
        .map(|slug| slug.unwrap_or_else(|| digest.to_owned()))
        .map_err(|error| self.failed(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every table with a column for a digest's slug, and its columns with their types.
    fn tables_of_digests(ledger: &mut Ledger) -> Vec<(String, Vec<(String, String)>)> {
        let sql = "SELECT m.name AS name, c.name AS part, c.type AS type FROM sqlite_master AS m \
                   JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' \
                   ORDER BY m.name, c.cid";
        let query = sqlx::query(sql).fetch_all(&mut ledger.connection);
        let mut tables: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for row in ledger.runtime.block_on(query).unwrap() {
            let name: String = row.get("name");
            let column = (row.get("part"), row.get("type"));
            match tables.last_mut().filter(|(last, _)| *last == name) {
                Some((_, columns)) => columns.push(column),
                None => tables.push((name, vec![column])),
            }
        }
        tables.retain(|(_, columns)| columns.iter().any(|(name, _)| name.contains("digest")));
        tables
    }

    #[test]
    fn whatever_holds_a_digests_slug_is_renamed_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        let tables = tables_of_digests(&mut ledger);
        assert!(tables.len() >= 6, "{tables:?}");
        ledger.execute("PRAGMA foreign_keys=OFF");
        for (table, columns) in &tables {
            let (names, values): (Vec<&str>, Vec<&str>) = columns
                .iter()
                .map(
                    |(name, kind)| match (name.contains("digest"), kind.as_str()) {
                        (true, _) => (name.as_str(), "'weekly'"),
                        (false, "TEXT") => (name.as_str(), "'x'"),
                        _ => (name.as_str(), "1"),
                    },
                )
                .unzip();
            let (names, values) = (names.join(", "), values.join(", "));
            ledger.execute(&format!("INSERT INTO {table} ({names}) VALUES ({values})"));
        }
        ledger.rename_digest("weekly", "each-week").unwrap();
        for (table, columns) in &tables {
            for (column, _) in columns.iter().filter(|(name, _)| name.contains("digest")) {
                let sql = format!("SELECT {column} AS slug FROM {table}");
                let query = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut ledger.connection);
                let slug: String = ledger.runtime.block_on(query).unwrap().get("slug");
                assert_eq!(slug, "each-week", "{table}.{column}");
            }
        }
    }

    #[test]
    fn what_belongs_to_an_issue_that_both_digests_have_stays_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        ledger.execute(
            "INSERT INTO issue (digest, period, due, items) VALUES ('weekly', '2024-W47', 1, '[]'), \
             ('weekly', '2024-W48', 1, '[]'), ('each-week', '2024-W47', 1, '[]'); \
             INSERT INTO delivery (digest, period, subscriber, choices, state, due) VALUES \
             ('weekly', '2024-W47', 1, 0, 'sent', 1), ('each-week', '2024-W47', 1, 0, 'sent', 1), \
             ('weekly', '2024-W48', 1, 0, 'sent', 1)",
        );
        ledger.rename_digest("weekly", "each-week").unwrap();
        let query = sqlx::query("SELECT digest || ' ' || period AS name FROM delivery ORDER BY 1")
            .fetch_all(&mut ledger.connection);
        let rows = ledger.runtime.block_on(query).unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.get("name")).collect();
        assert_eq!(
            names,
            [
                "each-week 2024-W47",
                "each-week 2024-W48",
                "weekly 2024-W47"
            ]
        );
    }

    #[test]
    fn an_issue_keeps_the_slug_that_its_mails_were_first_made_with() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        ledger.execute(
            "INSERT INTO issue (digest, period, due, items, frozen) VALUES \
             ('weekly', '2024-W47', 1, '[]', '{}'), ('weekly', '2024-W48', 1, '[]', NULL)",
        );
        let sent_as = |ledger: &mut Ledger, digest: &str, period: &str| {
            ledger.sent_as(digest, period).unwrap()
        };
        assert_eq!(sent_as(&mut ledger, "weekly", "2024-W47"), "weekly");
        ledger.rename_digest("weekly", "week").unwrap();
        ledger.rename_digest("week", "each-week").unwrap();
        assert_eq!(sent_as(&mut ledger, "each-week", "2024-W47"), "weekly");
        // What nobody has got yet goes out under the new name.
        assert_eq!(sent_as(&mut ledger, "each-week", "2024-W48"), "each-week");
    }
}
