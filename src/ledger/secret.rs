//! The newsroom's own secrets, made when first needed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sqlx::Row;

use super::{Ledger, LedgerError};
use crate::signing::SigningKey;

impl Ledger {
    /// The key that signs links, envelope addresses and message ids: the same for as long as the
    /// ledger lives, whichever process asks first.
    ///
    /// # Errors
    /// When the database refuses, or holds a key of another length.
    pub fn signing_key(&mut self) -> Result<SigningKey, LedgerError> {
        let fresh = STANDARD.encode(SigningKey::random().octets());
        let work = async {
            sqlx::query(
                "INSERT INTO secret (name, value) VALUES ('signing', $1) \
                 ON CONFLICT (name) DO NOTHING",
            )
            .bind(fresh)
            .execute(&mut self.connection)
            .await?;
            let row = sqlx::query("SELECT value FROM secret WHERE name = 'signing'")
                .fetch_one(&mut self.connection)
                .await?;
            row.try_get::<String, _>("value")
        };
        let value = self
            .runtime
            .block_on(work)
            .map_err(|error| self.failed(error))?;
        let octets = STANDARD.decode(value).ok();
        octets
            .and_then(|octets| octets.try_into().ok())
            .map(SigningKey::new)
            .ok_or_else(|| self.failed(sqlx::Error::Decode("the signing key is damaged".into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.sqlite");
        let first = Ledger::open(&file).unwrap().signing_key().unwrap();
        let mut ledger = Ledger::open(&file).unwrap();
        assert_eq!(ledger.signing_key().unwrap(), first);
        assert_eq!(ledger.signing_key().unwrap(), first);
    }
}
