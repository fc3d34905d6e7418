//! The tags that rules or the model gave to items where people had said nothing.

use sqlx::{AssertSqlSafe, Connection, Row};

use super::{Ledger, LedgerError, VALUES_LIMIT, rows};

/// How many values a [`SettledTags`] has.
const COLUMNS: usize = 4;

/// What one item was given in one facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledTags {
    /// Fingerprint of what a reader sees of the item.
    pub view: u64,
    /// The facet's key.
    pub facet: String,
    /// Fingerprint of the facet's terms and rules as they were.
    pub definition: u64,
    /// The terms and their origins: `slug:origin`, divided by spaces.
    pub terms: String,
}

impl Ledger {
    /// What was settled for items with these fingerprints, in no order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn settled(&mut self, views: &[u64]) -> Result<Vec<SettledTags>, LedgerError> {
        let mut found = Vec::new();
        for chunk in views.chunks(VALUES_LIMIT) {
            let marks = vec!["?"; chunk.len()].join(", ");
            let sql = format!(
                "SELECT view, facet, definition, terms FROM settled_tags WHERE view IN ({marks})"
            );
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for view in chunk {
                query = query.bind(view.cast_signed());
            }
            let rows = self.runtime.block_on(query.fetch_all(&mut self.connection));
            let rows = rows.map_err(|error| self.failed(error))?;
            let read = rows.iter().map(|row| {
                Ok(SettledTags {
                    view: row.try_get::<i64, _>("view")?.cast_unsigned(),
                    facet: row.try_get("facet")?,
                    definition: row.try_get::<i64, _>("definition")?.cast_unsigned(),
                    terms: row.try_get("terms")?,
                })
            });
            let read: Result<Vec<_>, sqlx::Error> = read.collect();
            found.extend(read.map_err(|error| self.failed(error))?);
        }
        Ok(found)
    }

    /// Settles tags, all or none; what was settled before for the same item and facet is replaced.
    ///
    /// # Errors
    /// When the database refuses; nothing is settled then.
    pub fn settle(&mut self, tags: &[SettledTags]) -> Result<(), LedgerError> {
        if tags.is_empty() {
            return Ok(());
        }
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for chunk in tags.chunks(VALUES_LIMIT / COLUMNS) {
                let sql = format!(
                    "INSERT INTO settled_tags (view, facet, definition, terms) VALUES {} \
                     ON CONFLICT (view, facet) DO UPDATE SET definition = excluded.definition, \
                     terms = excluded.terms",
                    rows(chunk.len(), COLUMNS)
                );
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for tags in chunk {
                    query = query
                        .bind(tags.view.cast_signed())
                        .bind(&tags.facet)
                        .bind(tags.definition.cast_signed())
                        .bind(&tags.terms);
                }
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// Forgets all that was settled, so that every item is tagged anew when it is next read.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unsettle(&mut self) -> Result<(), LedgerError> {
        let query = sqlx::query("DELETE FROM settled_tags").execute(&mut self.connection);
        let done = self.runtime.block_on(query);
        done.map(drop).map_err(|error| self.failed(error))
    }
}
