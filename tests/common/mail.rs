//! Newsrooms that mail: subscribers put into the ledger, issues ready to be sent.

use sqlx::{AssertSqlSafe, Connection, Row};

use super::{CONFIGURATION, Newsroom};

/// A newsroom with one issue of three items; whatever `mail` says stands under `[mail]`.
pub fn newsroom(mail: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let configuration = format!("{CONFIGURATION}stale_after = \"366 days\"\n\n[mail]\n{mail}\n");
    newsroom.write("feeds.toml", configuration);
    // Long enough ago that their week is over and due, whatever day and hour it is.
    let day = (chrono::Utc::now() - chrono::TimeDelta::days(14)).date_naive();
    for (file, title) in [
        ("news/bridge.md", "A bridge over the river"),
        ("news/dam.md", "A dam is mended"),
        ("news/well.md", "A well is dug"),
    ] {
        newsroom.write(file, super::item(title, &day.to_string(), "It stands."));
    }
    newsroom
}

/// Adds subscribers p`from` to p`to` of the weekly digest.
pub fn subscribe(newsroom: &Newsroom, from: usize, to: usize) {
    let mut sql = String::from("BEGIN;");
    for id in from..=to {
        sql.push_str(&format!(
            "INSERT INTO subscriber (id, address, address_key, language, state, created) \
             VALUES ({id}, 'p{id}@example.org', 'p{id}@example.org', 'en', 'active', 0); \
             INSERT INTO subscription (id, subscriber, digest, selection, language, confirmed, \
             created) VALUES ({id}, {id}, 'weekly', '', 'en', 1, 0);"
        ));
    }
    sql.push_str("COMMIT;");
    execute(newsroom, &sql);
}

/// Runs SQL on the newsroom's ledger, which is made where there is none.
pub fn execute(newsroom: &Newsroom, sql: &str) {
    let file = newsroom.path(".tidings/ledger.sqlite");
    drop(tidings::ledger::Ledger::open(&file).unwrap());
    with_connection(newsroom, async |connection| {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(connection)
            .await
            .unwrap();
    });
}

/// The states of deliveries and how many have them: `sent 12, uncertain 1`.
pub fn states(newsroom: &Newsroom) -> String {
    with_connection(newsroom, async |connection| {
        let rows = sqlx::query(
            "SELECT state, COUNT(*) AS number FROM delivery GROUP BY state ORDER BY state",
        )
        .fetch_all(connection)
        .await
        .unwrap();
        let parts: Vec<String> = rows
            .iter()
            .map(|row| {
                let number: i64 = row.get("number");
                format!("{} {number}", row.get::<String, _>("state"))
            })
            .collect();
        parts.join(", ")
    })
}

/// The period of the one issue.
pub fn period(newsroom: &Newsroom) -> String {
    with_connection(newsroom, async |connection| {
        let row = sqlx::query("SELECT period FROM issue")
            .fetch_one(connection)
            .await
            .unwrap();
        row.get("period")
    })
}

/// The state of the one issue.
pub fn issue_state(newsroom: &Newsroom) -> String {
    with_connection(newsroom, async |connection| {
        let row = sqlx::query("SELECT state FROM issue")
            .fetch_one(connection)
            .await
            .unwrap();
        row.get("state")
    })
}

fn with_connection<T>(
    newsroom: &Newsroom,
    work: impl AsyncFnOnce(&mut sqlx::AnyConnection) -> T,
) -> T {
    sqlx::any::install_default_drivers();
    let file = newsroom.path(".tidings/ledger.sqlite");
    let url = format!("sqlite://{}", file.display());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        let settings = sqlx::raw_sql("PRAGMA busy_timeout=10000").execute(&mut connection);
        settings.await.unwrap();
        work(&mut connection).await
    })
}
