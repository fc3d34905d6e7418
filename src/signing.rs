//! Signatures over what Tidings hands out and wants to know again: links in mails, envelope
//! addresses, message ids.
//!
//! Pure; the key is kept in the ledger ([`crate::ledger::Ledger::signing_key`]).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The octets of a signature that are kept: 128 bits of HMAC-SHA-256 (RFC 2104, section 5 allows
/// to cut it to half).
const SIGNATURE_OCTETS: usize = 16;

/// A newsroom's own key. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey([u8; 32]);

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// A key of these octets, which must be random.
    pub fn new(octets: [u8; 32]) -> SigningKey {
        SigningKey(octets)
    }

    /// A new one.
    pub fn random() -> SigningKey {
        SigningKey(rand::random())
    }

    /// The octets, to keep them.
    pub fn octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// The signature of `text` for one purpose, 22 characters that can stand in a URL. What was
    /// signed for one purpose is not valid for another.
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        let octets = self.mac(purpose, text).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&octets[..SIGNATURE_OCTETS])
    }

    /// Whether `signature` is that of `text` for this purpose; takes the same time however much of
    /// it is right.
    pub fn verify(&self, purpose: &str, text: &str, signature: &str) -> bool {
        let Ok(octets) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        octets.len() == SIGNATURE_OCTETS
            && self
                .mac(purpose, text)
                .verify_truncated_left(&octets)
                .is_ok()
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        mac.update(purpose.as_bytes());
        // No purpose holds this octet, so that no two pairs are the same text.
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_text_purpose_and_key_only() {
        let key = SigningKey::new([7; 32]);
        let signature = key.sign("unsubscribe", "12");
        assert_eq!(signature.len(), 22);
        assert!(key.verify("unsubscribe", "12", &signature));
        assert!(!key.verify("unsubscribe", "13", &signature));
        assert!(!key.verify("preferences", "12", &signature));
        assert!(!SigningKey::new([8; 32]).verify("unsubscribe", "12", &signature));
        assert!(!key.verify("unsubscribe", "12", &signature[..10]));
        assert!(!key.verify("unsubscribe", "12", "not base64!"));
        assert!(!key.verify("unsubscribe", "12", ""));
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", SigningKey::new([7; 32])), "SigningKey(…)");
    }
}
