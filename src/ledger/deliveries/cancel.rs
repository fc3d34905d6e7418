//! Deliveries of issues that do not go out.

use sqlx::{AnyConnection, AssertSqlSafe};

use super::Mailing;
use crate::digest::life::State;
use crate::ledger::IssueRecord;

/// Calls off what waits of an issue that was cancelled or skipped; what is on its way goes on.
/// `now` is in milliseconds since 1970 UTC.
pub(in crate::ledger) async fn call_off(
    connection: &mut AnyConnection,
    issue: &IssueRecord,
    now: i64,
) -> Result<(), sqlx::Error> {
    match issue.state {
        State::Cancelled | State::Skipped if issue.begun => {
            let mailing = Mailing::Issue {
                digest: issue.digest.clone(),
                period: issue.period.clone(),
            };
            of_cancelled(connection, Some(&mailing), now).await
        }
        // A crash may have left a plan. Nobody has got anything: should the issue be opened again,
        // it is planned as if for the first time.
        State::Cancelled | State::Skipped => {
            for table in ["delivery", "delivery_choices"] {
                let sql = format!("DELETE FROM {table} WHERE digest = ? AND period = ?");
                sqlx::query(AssertSqlSafe(sql))
                    .bind(&issue.digest)
                    .bind(&issue.period)
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Calls off whatever waits of `only` this mailing, or of any, whose issue was cancelled: it may
/// come to wait after that, when whoever had it in hand puts it back or dies.
pub(super) async fn of_cancelled(
    connection: &mut AnyConnection,
    only: Option<&Mailing>,
    now: i64,
) -> Result<(), sqlx::Error> {
    let condition = only.map_or("1 = 1", Mailing::condition);
    let sql = format!(
        "UPDATE delivery SET state = 'cancelled', settled = ?, reply = 'the issue was cancelled' \
         WHERE state IN ('waiting', 'held') AND (digest, period) IN \
         (SELECT digest, period FROM issue WHERE state = 'cancelled' AND {condition})"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(now);
    let query = match only {
        Some(mailing) => mailing.bind(query),
        None => query,
    };
    query.execute(connection).await.map(drop)
}
