//! Issues and their steps as rows of the database.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{IssueRecord, IssueStep};
use crate::digest::life::{State, Step};

const SELECT: &str = "SELECT digest, period, due, made, state, version, items, pool, edits, seen, \
                      changes, CASE WHEN frozen IS NULL THEN 0 ELSE 1 END AS begun FROM issue";

pub(super) fn select(order: &str) -> String {
    format!("{SELECT}{order}")
}

pub(super) async fn find(
    connection: &mut AnyConnection,
    digest: &str,
    period: &str,
) -> Result<Option<IssueRecord>, sqlx::Error> {
    let sql = select(" WHERE digest = $1 AND period = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(digest)
        .bind(period)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(record).transpose()
}

/// Writes an issue over the version `before` of it, 0 for none; whether that was the version that
/// is there.
pub(super) async fn write(
    connection: &mut AnyConnection,
    issue: &IssueRecord,
    before: i64,
) -> Result<bool, sqlx::Error> {
    let sql = if before == 0 {
        "INSERT INTO issue (due, made, state, version, items, pool, edits, seen, changes, digest, \
         period) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (digest, period) DO NOTHING"
    } else {
        "UPDATE issue SET due = $1, made = $2, state = $3, version = $4, items = $5, pool = $6, \
         edits = $7, seen = $8, changes = $9 WHERE digest = $10 AND period = $11 AND version = $12"
    };
    let mut query = sqlx::query(sql)
        .bind(issue.due)
        .bind(issue.made)
        .bind(issue.state.name())
        .bind(issue.version)
        .bind(json(&issue.items)?)
        .bind(json(&issue.pool)?)
        .bind(json(&issue.edits)?)
        .bind(json(&issue.seen)?)
        .bind(json(&issue.changes)?)
        .bind(&issue.digest)
        .bind(&issue.period);
    if before != 0 {
        query = query.bind(before);
    }
    let done = query.execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn note(
    connection: &mut AnyConnection,
    issue: &IssueRecord,
    step: &IssueStep,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO issue_step (digest, period, number, at, who, step, why) \
         SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, $5, $6 FROM issue_step \
         WHERE digest = $7 AND period = $8",
    )
    .bind(&issue.digest)
    .bind(&issue.period)
    .bind(step.at)
    .bind(&step.who)
    .bind(step.step.name())
    .bind(&step.why)
    .bind(&issue.digest)
    .bind(&issue.period)
    .execute(connection)
    .await
    .map(drop)
}

pub(super) fn record(row: &AnyRow) -> Result<IssueRecord, sqlx::Error> {
    let state: String = row.try_get("state")?;
    Ok(IssueRecord {
        digest: row.try_get("digest")?,
        period: row.try_get("period")?,
        due: row.try_get("due")?,
        made: row.try_get("made")?,
        state: State::named(&state).ok_or_else(|| unknown("state", &state))?,
        version: row.try_get("version")?,
        begun: row.try_get::<i64, _>("begun")? != 0,
        items: parse(row, "items")?,
        pool: parse(row, "pool")?,
        edits: parse(row, "edits")?,
        seen: parse(row, "seen")?,
        changes: parse(row, "changes")?,
    })
}

pub(super) fn step(row: &AnyRow) -> Result<IssueStep, sqlx::Error> {
    let step: String = row.try_get("step")?;
    Ok(IssueStep {
        at: row.try_get("at")?,
        who: row.try_get("who")?,
        step: Step::named(&step).ok_or_else(|| unknown("step", &step))?,
        why: row.try_get("why")?,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: &str,
) -> Result<T, sqlx::Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn unknown(what: &str, name: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("an issue has the unknown {what} '{name}'").into())
}
