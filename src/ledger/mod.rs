//! The ledger: the durable facts that no file holds, in SQLite through sqlx.
//!
//! What was published under which id and page, when it first was and when it last changed, what
//! of it is sealed in archives, and where issues stand. A leaf: it knows nothing of items, feeds or
//! files. Its calls block; the runtime that sqlx needs stays inside.

mod archive;
pub mod bounces;
mod connection;
pub mod deliveries;
mod issues;
mod rename;
mod secret;
mod settled;
pub mod subscribers;
#[cfg(test)]
mod tests;
mod tombstone;
pub mod websub;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::migrate::MigrateError;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use thiserror::Error;

pub use archive::SealRecord;
pub use issues::{DigestProgress, IssueError, IssueRecord, IssueStep};
pub use settled::SettledTags;
pub use tombstone::TombstoneRecord;

/// How many values one statement carries at the most; SQLite takes 32,766, PostgreSQL 65,535.
const VALUES_LIMIT: usize = 4_000;

/// How many values are written of a [`Publication`].
const COLUMNS: usize = 10;

/// How often opening is tried again, and how long the first pause is.
const OPEN_TRIES: u32 = 4;
const OPEN_PAUSE: Duration = Duration::from_millis(25);

/// What is known of an item that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The permanent id.
    pub id: String,
    /// Its source file, relative to the newsroom.
    pub path: String,
    /// Its page below `news/`, without slashes at either end: `2024/slug`.
    pub page: String,
    /// Fingerprint of what a reader sees of it.
    pub view: u64,
    /// When it was issued, in milliseconds since 1970 UTC.
    pub published: i64,
    /// When what a reader sees last changed, in milliseconds since 1970 UTC.
    pub updated: i64,
    /// Since when its file is gone or withdrawn, in milliseconds since 1970 UTC.
    pub gone: Option<i64>,
    /// Its place in the order in which readers learn of items, from 1; moves to the end when the
    /// item changes. 0 until it has one.
    pub sequence: u64,
    /// The paths of its terms when it was last published, divided by spaces; `None` where that
    /// was not kept.
    pub terms: Option<String>,
}

/// What to look up publications by; any match counts.
#[derive(Debug, Default)]
pub struct Lookup {
    /// By id.
    pub ids: Vec<String>,
    /// By source file.
    pub paths: Vec<String>,
    /// By page.
    pub pages: Vec<String>,
    /// By fingerprint.
    pub views: Vec<u64>,
}

/// Why the ledger could not be read or written.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The database refused.
    #[error("the ledger {} cannot be used: {source}", file.display())]
    Database {
        /// The ledger's file.
        file: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("the ledger {} cannot be brought up to date: {source}", file.display())]
    Migration {
        /// The ledger's file.
        file: PathBuf,
        /// What went wrong.
        source: sqlx::migrate::MigrateError,
    },
    /// A later version has brought its schema up to date, in a way that this one does not know.
    #[error(
        "the ledger {} was written by a later version of tidings: use that version, or a copy of \
         the ledger from before",
        file.display()
    )]
    Later {
        /// The ledger's file.
        file: PathBuf,
    },
    /// Its disk is full. Nothing of what was to be written is.
    #[error(
        "the disk is full that the ledger {} is on: make room there, and go on; nothing is lost",
        file.display()
    )]
    Full {
        /// The ledger's file.
        file: PathBuf,
    },
    /// So many deliveries are not in the hand of the process that wanted to send them: another has
    /// taken them over, or their digest was renamed.
    #[error("{0} deliveries are in other hands by now")]
    NotInHand(usize),
    /// The file or its folder could not be made.
    #[error("the ledger {} cannot be opened: {source}", file.display())]
    File {
        /// The ledger's file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    file: PathBuf,
    /// Where it can be opened again; `None` where it would be another one.
    url: Option<String>,
    connection: AnyConnection,
    runtime: tokio::runtime::Runtime,
}

impl Ledger {
    /// Opens the ledger, creates it where there is none and brings its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be made, is no SQLite database, or is of a later version.
    pub fn open(file: &Path) -> Result<Ledger, LedgerError> {
        let io_error = |source| LedgerError::File {
            file: file.to_owned(),
            source,
        };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(io_error)?;
        }
        let url = connection::url(file);
        let mut ledger = Ledger::connect(file, &url)?;
        ledger.url = Some(url);
        Ok(ledger)
    }

    /// An empty ledger for what is only tried: in a nameless file as far as memory does not hold
    /// it, and gone when it is closed or the program dies.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn passing() -> Result<Ledger, LedgerError> {
        // SQLite's own name for such a database is the empty one.
        Ledger::connect(Path::new("in passing"), "sqlite://?mode=rwc")
    }

    fn connect(file: &Path, url: &str) -> Result<Ledger, LedgerError> {
        let io_error = |source| LedgerError::File {
            file: file.to_owned(),
            source,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(io_error)?;
        let connect = || {
            let mut connection =
                connection::connect(&runtime, url).map_err(|source| refused(file, source))?;
            runtime
                .block_on(sqlx::migrate!("src/ledger/migrations").run(&mut connection))
                .map_err(|source| match source {
                    MigrateError::VersionMissing(_) => LedgerError::Later {
                        file: file.to_owned(),
                    },
                    source => LedgerError::Migration {
                        file: file.to_owned(),
                        source,
                    },
                })?;
            Ok(connection)
        };
        // Another process may be doing the same just now: then one of the two fails, and finds
        // it done the next time.
        let mut tries = 0;
        let connection = loop {
            match connect() {
                Err(_) if tries < OPEN_TRIES => {
                    tries += 1;
                    std::thread::sleep(OPEN_PAUSE * tries);
                }
                done => break done?,
            }
        };
        Ok(Ledger {
            file: file.to_owned(),
            url: None,
            connection,
            runtime,
        })
    }

    /// Runs any SQL, for tests that need what no function makes.
    #[cfg(test)]
    pub(crate) fn execute(&mut self, sql: &str) {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connection);
        self.runtime.block_on(query).expect("a test's SQL is right");
    }

    fn failed(&mut self, source: sqlx::Error) -> LedgerError {
        self.mend();
        refused(&self.file, source)
    }

    /// SQLite gives a transaction up by itself when the disk is full. sqlx goes on counting it, and
    /// would refuse every later one: such a connection is replaced.
    fn mend(&mut self) {
        // What was dropped is rolled back before this is answered.
        let answered = self.runtime.block_on(self.connection.ping());
        if answered.is_ok() && !self.connection.is_in_transaction() {
            return;
        }
        // Where there is none to be had either, the next failure comes back here.
        let url = self.url.as_deref();
        let another = url.map(|url| connection::connect(&self.runtime, url));
        if let Some(Ok(another)) = another {
            self.connection = another;
        }
    }

    /// Whether nothing was ever published.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_empty(&mut self) -> Result<bool, LedgerError> {
        let query =
            sqlx::query("SELECT id FROM publication LIMIT 1").fetch_optional(&mut self.connection);
        let row = self
            .runtime
            .block_on(query)
            .map_err(|error| self.failed(error))?;
        Ok(row.is_none())
    }

    /// The source files of everything that is published, in no order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn published_paths(&mut self) -> Result<Vec<String>, LedgerError> {
        let query = sqlx::query("SELECT path FROM publication WHERE gone IS NULL")
            .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        rows.and_then(|rows| rows.iter().map(|row| row.try_get("path")).collect())
            .map_err(|error| self.failed(error))
    }

    /// The highest place that an item has in the order in which readers learn of them; 0 where
    /// nothing was ever published.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn last_sequence(&mut self) -> Result<u64, LedgerError> {
        let query = sqlx::query("SELECT COALESCE(MAX(sequence), 0) AS sequence FROM publication")
            .fetch_one(&mut self.connection);
        let row = self.runtime.block_on(query);
        row.and_then(|row| row.try_get::<i64, _>("sequence"))
            .map(i64::cast_unsigned)
            .map_err(|error| self.failed(error))
    }

    /// The publications that match any of what is looked up, each once, in no order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn find(&mut self, lookup: &Lookup) -> Result<Vec<Publication>, LedgerError> {
        let mut found = std::collections::BTreeMap::new();
        let texts = [
            ("id", &lookup.ids),
            ("path", &lookup.paths),
            ("page", &lookup.pages),
        ];
        for (column, values) in texts {
            for chunk in values.chunks(VALUES_LIMIT) {
                let sql = select_in(column, chunk.len());
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for value in chunk {
                    query = query.bind(value);
                }
                self.collect(query, &mut found)?;
            }
        }
        for chunk in lookup.views.chunks(VALUES_LIMIT) {
            let mut query = sqlx::query(AssertSqlSafe(select_in("view", chunk.len())));
            for value in chunk {
                query = query.bind(value.cast_signed());
            }
            self.collect(query, &mut found)?;
        }
        Ok(found.into_values().collect())
    }

    fn collect<'q>(
        &mut self,
        query: sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>,
        found: &mut std::collections::BTreeMap<String, Publication>,
    ) -> Result<(), LedgerError> {
        let rows = self
            .runtime
            .block_on(query.fetch_all(&mut self.connection))
            .map_err(|error| self.failed(error))?;
        for row in rows {
            let publication = publication(&row).map_err(|error| self.failed(error))?;
            found.insert(publication.id.clone(), publication);
        }
        Ok(())
    }

    /// Records publications, new and changed, all or none.
    ///
    /// # Errors
    /// When the database refuses; nothing is recorded then.
    pub fn record(&mut self, publications: &[Publication]) -> Result<(), LedgerError> {
        if publications.is_empty() {
            return Ok(());
        }
        let is_first = self.is_empty()?;
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for chunk in publications.chunks(VALUES_LIMIT / COLUMNS) {
                // Where nothing is, nothing is replaced, and SQLite need not remember how a page was
                // before each statement, which takes longer than to write it.
                let (or, on_conflict) = match is_first {
                    true => ("OR ROLLBACK ", ""),
                    false => (
                        "",
                        "ON CONFLICT (id) DO UPDATE SET path = excluded.path, \
                         page = excluded.page, view = excluded.view, \
                         published = excluded.published, updated = excluded.updated, \
                         gone = excluded.gone, sequence = excluded.sequence, \
                         terms = excluded.terms, \
                         first_sequence = CASE WHEN publication.first_sequence = 0 \
                         THEN excluded.first_sequence ELSE publication.first_sequence END",
                    ),
                };
                let sql = format!(
                    "INSERT {or}INTO publication \
                     (id, path, page, view, published, updated, gone, sequence, terms, \
                     first_sequence) \
                     VALUES {} {on_conflict}",
                    rows(chunk.len(), COLUMNS)
                );
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for publication in chunk {
                    query = query
                        .bind(&publication.id)
                        .bind(&publication.path)
                        .bind(&publication.page)
                        .bind(publication.view.cast_signed())
                        .bind(publication.published)
                        .bind(publication.updated)
                        .bind(publication.gone)
                        .bind(publication.sequence.cast_signed())
                        .bind(&publication.terms)
                        // Of what is known already, the first place stays.
                        .bind(publication.sequence.cast_signed());
                }
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }
}

impl Drop for Ledger {
    /// Brings everything into the one file, so that a copy of it is whole. Where that fails, the
    /// log beside it holds the rest, and the next opening reads it.
    fn drop(&mut self) {
        let checkpoint = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)");
        let _ = self
            .runtime
            .block_on(checkpoint.execute(&mut self.connection));
    }
}

fn refused(file: &Path, source: sqlx::Error) -> LedgerError {
    let file = file.to_owned();
    match connection::is_full(&source) {
        true => LedgerError::Full { file },
        false => LedgerError::Database { file, source },
    }
}

fn publication(row: &AnyRow) -> Result<Publication, sqlx::Error> {
    Ok(Publication {
        id: row.try_get("id")?,
        path: row.try_get("path")?,
        page: row.try_get("page")?,
        view: row.try_get::<i64, _>("view")?.cast_unsigned(),
        published: row.try_get("published")?,
        updated: row.try_get("updated")?,
        gone: row.try_get("gone")?,
        sequence: row.try_get::<i64, _>("sequence")?.cast_unsigned(),
        terms: row.try_get("terms")?,
    })
}

fn select_in(column: &str, count: usize) -> String {
    format!(
        "SELECT id, path, page, view, published, updated, gone, sequence, terms FROM publication \
         WHERE {column} IN {}",
        rows(1, count)
    )
}

/// `(?,?),(?,?)`: not numbered, since the time that SQLite takes to find a numbered value grows
/// with their number.
fn rows(count: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    vec![row; count].join(",")
}
