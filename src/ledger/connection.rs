//! A connection to the ledger's file, and what SQLite says when there is no room.

use std::path::Path;

use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tokio::runtime::Runtime;

/// A commit survives a crash of the program at once and a power cut up to the last checkpoint; FULL
/// would cost a disk flush an item.
///
/// A first build touches pages all over the indexes: with less memory (8 MB here, in kB) they are
/// written and read again many times over within one transaction.
const SETTINGS: &str = "PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; \
                        PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; \
                        PRAGMA cache_size=-8000";

/// The address of a file, which is made where there is none.
pub fn url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", percent_encode(file))
}

/// Opens what an address names.
///
/// # Errors
/// When it cannot be opened, or is no database.
pub fn connect(runtime: &Runtime, url: &str) -> Result<AnyConnection, sqlx::Error> {
    sqlx::any::install_default_drivers();
    runtime.block_on(async {
        let mut connection = AnyConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(SETTINGS))
            .execute(&mut connection)
            .await?;
        Ok(connection)
    })
}

/// Whether SQLite says that the disk is full (SQLITE_FULL), or that the memory that its processes
/// share, a file beside the ledger, found no room there (SQLITE_IOERR_SHMSIZE).
pub fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(&*code, "13" | "4874"))
}

/// A path as the path of a `sqlite://` URL.
fn percent_encode(file: &Path) -> String {
    let mut encoded = String::new();
    for byte in file.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
