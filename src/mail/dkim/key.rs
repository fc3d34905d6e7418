//! Keys for DKIM, from files: RSA as PEM (PKCS#8 or PKCS#1), Ed25519 as PEM (PKCS#8) or as the 32
//! octets of its seed, raw or in Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use thiserror::Error;

use super::SignError;

/// What OpenSSL writes before the numbers of an RSA key: `rsaEncryption` (RFC 8017, appendix A.1).
const RSA_ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// Why a file is no key that mail can be signed with. Nothing of the file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Neither PEM nor a seed.
    #[error(
        "it is no private key: PEM ('-----BEGIN PRIVATE KEY-----') or the seed of an Ed25519 key is read"
    )]
    Form,
    /// A certificate, a public key, or a key of another algorithm.
    #[error("it holds no private RSA or Ed25519 key, but something else in PEM")]
    Kind,
    /// A key that a pass phrase protects.
    #[error(
        "the key is encrypted: write it without a pass phrase (`openssl pkey -in KEY -out NEW`)"
    )]
    Encrypted,
    /// An RSA key of under 2,048 bits.
    #[error("the RSA key is too small: receivers want 2048 bits (`openssl genrsa -out KEY 2048`)")]
    Small,
    /// Anything else that the cryptography refuses.
    #[error("the key cannot be used: {0}")]
    Rejected(&'static str),
}

/// A private key. Never shown.
pub enum Key {
    /// `rsa-sha256` (RFC 6376, section 3.3.1)
    Rsa(Box<RsaKeyPair>),
    /// `ed25519-sha256` (RFC 8463)
    Ed25519(Ed25519KeyPair),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Key({})", self.algorithm())
    }
}

impl Key {
    /// Reads the contents of a key's file.
    ///
    /// # Errors
    /// When they are no key that can be used.
    pub fn read(contents: &[u8]) -> Result<Key, KeyError> {
        if let Ok(seed) = <[u8; 32]>::try_from(contents) {
            return ed25519(Ed25519KeyPair::from_seed_unchecked(&seed));
        }
        let text = std::str::from_utf8(contents).map_err(|_| KeyError::Form)?;
        let Some((label, body)) = pem(text) else {
            let octets = STANDARD.decode(text.trim()).map_err(|_| KeyError::Form)?;
            let seed = <[u8; 32]>::try_from(octets).map_err(|_| KeyError::Form)?;
            return ed25519(Ed25519KeyPair::from_seed_unchecked(&seed));
        };
        if label == "ENCRYPTED PRIVATE KEY" || body.contains("Proc-Type:") {
            return Err(KeyError::Encrypted);
        }
        let octets = body.split_whitespace().collect::<String>();
        let octets = STANDARD.decode(octets).map_err(|_| KeyError::Form)?;
        match label {
            "RSA PRIVATE KEY" => rsa(RsaKeyPair::from_der(&octets)),
            // Without its public key (version 1 of RFC 5958) there is nothing to check it with.
            "PRIVATE KEY" => match Ed25519KeyPair::from_pkcs8_maybe_unchecked(&octets) {
                Err(error) if error.to_string() == "WrongAlgorithm" => {
                    match RsaKeyPair::from_pkcs8(&octets) {
                        Err(error) if error.to_string() == "WrongAlgorithm" => Err(KeyError::Kind),
                        read => rsa(read),
                    }
                }
                read => ed25519(read),
            },
            _ => Err(KeyError::Kind),
        }
    }

    /// The tag `k=` of the record, and the first part of `a=`.
    pub fn name(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "rsa",
            Key::Ed25519(_) => "ed25519",
        }
    }

    /// As signatures name it.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The size of an RSA key's modulus in bits; `None` for keys of one size.
    pub fn bits(&self) -> Option<usize> {
        match self {
            Key::Rsa(key) => Some(key.public().modulus_len() * 8),
            Key::Ed25519(_) => None,
        }
    }

    /// The public key as the tag `p=` of its record has it.
    pub fn public(&self) -> String {
        match self {
            Key::Rsa(key) => {
                let mut bits = vec![0];
                bits.extend_from_slice(key.public_key().as_ref());
                let mut inner = RSA_ALGORITHM.to_vec();
                inner.extend(tagged(0x03, &bits));
                STANDARD.encode(tagged(0x30, &inner))
            }
            Key::Ed25519(key) => STANDARD.encode(key.public_key()),
        }
    }

    /// The signature over the canonical header, Base64.
    pub(super) fn sign(&self, header: &[u8]) -> Result<String, SignError> {
        match self {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    header,
                    &mut signature,
                )
                .map_err(|_| SignError)?;
                Ok(STANDARD.encode(signature))
            }
            // RFC 8463, section 3: what is signed is the hash.
            Key::Ed25519(key) => {
                let hash = ring::digest::digest(&ring::digest::SHA256, header);
                Ok(STANDARD.encode(key.sign(hash.as_ref())))
            }
        }
    }
}

/// The label and the contents of the first block of PEM (RFC 7468).
fn pem(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    Some((label, body))
}

fn rsa(read: Result<RsaKeyPair, ring::error::KeyRejected>) -> Result<Key, KeyError> {
    read.map(|key| Key::Rsa(Box::new(key))).map_err(rejected)
}

fn ed25519(read: Result<Ed25519KeyPair, ring::error::KeyRejected>) -> Result<Key, KeyError> {
    read.map(Key::Ed25519).map_err(rejected)
}

fn rejected(error: ring::error::KeyRejected) -> KeyError {
    match error.to_string().as_str() {
        "TooSmall" => KeyError::Small,
        "TooLarge" => KeyError::Rejected("it is too large; 2048 bits are what receivers want"),
        "InvalidEncoding" => KeyError::Rejected("it is damaged, or in a form that is not known"),
        _ => KeyError::Rejected("its numbers do not fit together"),
    }
}

/// A value of DER with its tag and length.
fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut value = vec![tag];
    let length = contents.len().to_be_bytes();
    let significant = length.iter().skip_while(|byte| **byte == 0).copied();
    if contents.len() < 0x80 {
        value.extend(significant);
    } else {
        let octets: Vec<u8> = significant.collect();
        // A length has eight octets at the most.
        value.push(0x80 | octets.len() as u8);
        value.extend(octets);
    }
    value.extend_from_slice(contents);
    value
}
