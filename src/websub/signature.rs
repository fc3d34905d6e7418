//! `X-Hub-Signature` (WebSub, section 7.1): proof that a delivery comes from the hub that the
//! subscriber asked.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's value for a body: `sha256=` and the HMAC in hexadecimal.
///
/// SHA-256 rather than SHA-1: the recommendation names both, and every method is named in the
/// value, so that subscribers know which it is.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .expect("HMAC takes keys of any length (RFC 2104, section 2)");
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hexadecimal}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_hmac_of_the_standards_test_case() {
        // RFC 4231, section 4.3.
        assert_eq!(
            sign("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
