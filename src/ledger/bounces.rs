//! What came back, each report once, and how often for whom.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sqlx::any::AnyRow;
use sqlx::{Connection, Row};

use super::{Ledger, LedgerError};

/// What a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// There is no such mailbox.
    Hard,
    /// A mail could not be delivered this time.
    Soft,
    /// A reader called it spam.
    Complaint,
    /// A reader wants no more.
    Unsubscribe,
    /// Nothing follows from it.
    Nothing,
    /// It was made up.
    Forged,
    /// A person must look at it.
    Unreadable,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 7] = [
        Kind::Hard,
        Kind::Soft,
        Kind::Complaint,
        Kind::Unsubscribe,
        Kind::Nothing,
        Kind::Forged,
        Kind::Unreadable,
    ];

    /// The word for it, in the ledger and for people.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Hard => "hard",
            Kind::Soft => "soft",
            Kind::Complaint => "complaint",
            Kind::Unsubscribe => "unsubscribe",
            Kind::Nothing => "nothing",
            Kind::Forged => "forged",
            Kind::Unreadable => "unreadable",
        }
    }
}

/// A report that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceRecord {
    /// Tells it from others.
    pub fingerprint: String,
    /// When it came, in milliseconds since 1970 UTC.
    pub at: i64,
    /// What it is.
    pub kind: Kind,
    /// About whom.
    pub subscriber: Option<i64>,
    /// Of which mailing: when that was due, in minutes since 1970 UTC.
    pub mailing: Option<u32>,
    /// The enhanced status code.
    pub status: Option<String>,
    /// What the server said, or what is wrong with the report.
    pub detail: String,
    /// How it came: `maildir`, `pipe`, `webhook`.
    pub source: String,
    /// The whole message, where a person must look at it.
    pub message: Option<Vec<u8>>,
    /// What was done about it; `None`: nothing yet.
    pub effect: Option<String>,
}

/// Which reports are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that a person must look at.
    Open,
    /// Those about one subscriber.
    Of(i64),
}

impl Ledger {
    /// Keeps a report, unless it is known; returns what was done about it, if that was done.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn record_bounce(&mut self, record: &BounceRecord) -> Result<Option<String>, LedgerError> {
        let message = record
            .message
            .as_ref()
            .map(|message| STANDARD.encode(message));
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query(
                "INSERT INTO bounce (fingerprint, at, kind, subscriber, mailing, status, detail, \
                 source, message) \
                 VALUES ($1, $2, $3, (SELECT id FROM subscriber WHERE id = $4), $5, $6, $7, $8, $9) \
                 ON CONFLICT (fingerprint) DO NOTHING",
            )
            .bind(&record.fingerprint)
            .bind(record.at)
            .bind(record.kind.word())
            .bind(record.subscriber)
            .bind(record.mailing.map(i64::from))
            .bind(&record.status)
            .bind(&record.detail)
            .bind(&record.source)
            .bind(message)
            .execute(&mut *transaction)
            .await?;
            let row = sqlx::query("SELECT effect FROM bounce WHERE fingerprint = $1")
                .bind(&record.fingerprint)
                .fetch_one(&mut *transaction)
                .await?;
            let effect: Option<String> = row.try_get("effect")?;
            transaction.commit().await?;
            Ok(effect)
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// Says what was done about a report.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn settle_bounce(&mut self, fingerprint: &str, effect: &str) -> Result<(), LedgerError> {
        let query = sqlx::query("UPDATE bounce SET effect = $1 WHERE fingerprint = $2")
            .bind(effect)
            .bind(fingerprint)
            .execute(&mut self.connection);
        self.runtime
            .block_on(query)
            .map(drop)
            .map_err(|error| self.failed(error))
    }

    /// How many mailings came back softly to a subscriber since a time in milliseconds since 1970
    /// UTC; the subscriber's own count is brought up to date.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn count_soft_bounces(&mut self, subscriber: i64, since: i64) -> Result<u64, LedgerError> {
        let work = async {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            // Without a mailing, each report is one of its own.
            let row = sqlx::query(
                "SELECT COUNT(DISTINCT COALESCE(CAST(mailing AS TEXT), fingerprint)) AS number \
                 FROM bounce WHERE subscriber = $1 AND kind = 'soft' AND at >= $2",
            )
            .bind(subscriber)
            .bind(since)
            .fetch_one(&mut *transaction)
            .await?;
            let number: i64 = row.try_get("number")?;
            sqlx::query("UPDATE subscriber SET soft_bounces = $1 WHERE id = $2")
                .bind(number)
                .bind(subscriber)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(number.cast_unsigned())
        };
        self.runtime
            .block_on(work)
            .map_err(|error| self.failed(error))
    }

    /// The newest of some reports, without their messages.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn bounces(
        &mut self,
        which: Which,
        limit: usize,
    ) -> Result<Vec<BounceRecord>, LedgerError> {
        let (condition, subscriber) = match which {
            Which::All => ("1 = $1", 1),
            Which::Open => ("message IS NOT NULL AND 1 = $1", 1),
            Which::Of(subscriber) => ("subscriber = $1", subscriber),
        };
        let sql = format!(
            "SELECT fingerprint, at, kind, subscriber, mailing, status, detail, source, effect \
             FROM bounce WHERE {condition} ORDER BY at DESC, fingerprint LIMIT $2"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(subscriber)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut self.connection);
        let rows = self.runtime.block_on(query);
        rows.and_then(|rows| rows.iter().map(record).collect())
            .map_err(|error| self.failed(error))
    }

    /// The message that was kept of a report; `fingerprint` may be its beginning.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn kept_bounce(&mut self, fingerprint: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let query = sqlx::query(
            "SELECT message FROM bounce \
             WHERE message IS NOT NULL AND SUBSTR(fingerprint, 1, $1) = $2 LIMIT 1",
        )
        .bind(i64::try_from(fingerprint.len()).unwrap_or(i64::MAX))
        .bind(fingerprint)
        .fetch_optional(&mut self.connection);
        let row = self.runtime.block_on(query);
        let message = row.and_then(|row| {
            let row = row.map(|row| row.try_get::<String, _>("message"));
            row.transpose()
        });
        let message = message.map_err(|error| self.failed(error))?;
        message
            .map(|message| STANDARD.decode(message))
            .transpose()
            .map_err(|error| self.failed(sqlx::Error::Decode(error.into())))
    }

    /// Forgets that a message was kept, once a person has looked at it; returns whether there was
    /// one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_bounce(&mut self, fingerprint: &str) -> Result<bool, LedgerError> {
        let query = sqlx::query(
            "UPDATE bounce SET message = NULL \
             WHERE message IS NOT NULL AND SUBSTR(fingerprint, 1, $1) = $2",
        )
        .bind(i64::try_from(fingerprint.len()).unwrap_or(i64::MAX))
        .bind(fingerprint)
        .execute(&mut self.connection);
        let done = self.runtime.block_on(query);
        done.map(|done| done.rows_affected() > 0)
            .map_err(|error| self.failed(error))
    }
}

fn record(row: &AnyRow) -> Result<BounceRecord, sqlx::Error> {
    let word: String = row.try_get("kind")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
    let mailing: Option<i64> = row.try_get("mailing")?;
    Ok(BounceRecord {
        fingerprint: row.try_get("fingerprint")?,
        at: row.try_get("at")?,
        kind: kind.ok_or_else(|| sqlx::Error::Decode(format!("unknown kind '{word}'").into()))?,
        subscriber: row.try_get("subscriber")?,
        mailing: mailing.and_then(|mailing| u32::try_from(mailing).ok()),
        status: row.try_get("status")?,
        detail: row.try_get("detail")?,
        source: row.try_get("source")?,
        message: None,
        effect: row.try_get("effect")?,
    })
}
