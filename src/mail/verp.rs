//! Return paths that name the subscriber (variable envelope return paths): a bounce that comes
//! back to one is known to be about a mail of ours, whatever the bounce itself says.
//!
//! `bounces+{id}{generation}{mailing}{signature}@news.example`, in hexadecimal, since mail systems change the
//! case of letters. Nobody can make one up for another subscriber. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::address::Address;
use crate::signing::SigningKey;

/// Half a signature's octets: a local part has room for 64 characters, and eighty bits are far
/// beyond guessing by mail.
const SIGNATURE_OCTETS: usize = 10;

/// The characters that are added to the local part of a mailbox.
pub const TOKEN_LENGTH: usize = 1 + 16 + 4 + 8 + 2 * SIGNATURE_OCTETS;

/// Stands for a letter, which may have gone to an address that is not the subscriber's (yet).
const LETTER: u16 = u16::MAX;

/// Which mail came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnPath {
    /// To whom it went.
    pub subscriber: i64,
    /// The end of the subscriber's generation, which tells whether it went to the address that
    /// they have now.
    generation: u16,
    /// Which mailing it was of: when it was due, in minutes since 1970 UTC.
    pub mailing: u32,
}

impl ReturnPath {
    /// That of a mailing that was due at a time in milliseconds since 1970 UTC.
    pub fn new(subscriber: i64, generation: i64, due: i64) -> ReturnPath {
        ReturnPath {
            subscriber,
            generation: short(generation),
            mailing: minutes(due),
        }
    }

    /// That of a letter of a time in milliseconds since 1970 UTC. Nothing that comes back to it
    /// is about the address that the subscriber has.
    pub fn letter(subscriber: i64, at: i64) -> ReturnPath {
        ReturnPath {
            subscriber,
            generation: LETTER,
            mailing: minutes(at),
        }
    }

    /// Whether it is of a letter.
    pub fn is_letter(self) -> bool {
        self.generation == LETTER
    }

    /// Whether it went to the address that a subscriber of this generation has.
    pub fn is_of(self, generation: i64) -> bool {
        self.generation == short(generation)
    }

    /// The address at `mailbox`'s domain.
    pub fn address(self, mailbox: &Address, key: &SigningKey) -> String {
        let (local, domain) = (mailbox.local(), mailbox.ascii_domain());
        let (named, signature) = (self.named(), self.signature(key));
        format!("{local}+{named}{signature}@{domain}")
    }

    /// What the part before the `@` of an address names; `None` where it is no such address.
    ///
    /// # Errors
    /// When it has the form, but was not made here.
    pub fn read(local: &str, key: &SigningKey) -> Option<Result<ReturnPath, Forged>> {
        let token = local.rsplit_once('+')?.1;
        let has_form =
            token.len() + 1 == TOKEN_LENGTH && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !has_form {
            return None;
        }
        let path = ReturnPath {
            subscriber: u64::from_str_radix(&token[..16], 16).ok()?.cast_signed(),
            generation: u16::from_str_radix(&token[16..20], 16).ok()?,
            mailing: u32::from_str_radix(&token[20..28], 16).ok()?,
        };
        // What is compared was sent by whoever knows it; how long it takes tells them little over
        // a mail system, but costs nothing to hide.
        let (given, right) = (token[28..].to_ascii_lowercase(), path.signature(key));
        let differing = given
            .bytes()
            .zip(right.bytes())
            .fold(0, |sum, (a, b)| sum | (a ^ b));
        Some(if differing == 0 {
            Ok(path)
        } else {
            Err(Forged)
        })
    }

    fn named(self) -> String {
        let (generation, mailing) = (self.generation, self.mailing);
        format!("{:016x}{generation:04x}{mailing:08x}", self.subscriber)
    }

    fn signature(self, key: &SigningKey) -> String {
        let signature = key.sign("return-path", &self.named());
        // What is signed decodes.
        let octets = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        let octets = octets.iter().take(SIGNATURE_OCTETS);
        octets.map(|octet| format!("{octet:02x}")).collect()
    }
}

/// Milliseconds as minutes that fit four octets, which is until the year 10136.
fn minutes(milliseconds: i64) -> u32 {
    u32::try_from(milliseconds.max(0) / 60_000).unwrap_or(u32::MAX)
}

/// A generation in two octets, all but [`LETTER`].
fn short(generation: i64) -> u16 {
    u16::try_from(generation.rem_euclid(i64::from(LETTER))).unwrap_or_default()
}

/// A return path that was made up, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the return path was not made by this newsroom, or was changed on the way")]
pub struct Forged;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mailbox() -> Address {
        "bounces@news.example.org".parse().unwrap()
    }

    fn local(address: &str) -> String {
        address.parse::<Address>().unwrap().local().to_owned()
    }

    #[test]
    fn a_return_path_is_read_back_whatever_its_case() {
        let key = SigningKey::new([7; 32]);
        let path = ReturnPath::new(i64::MIN, 3, 1_732_521_600_000);
        let address = path.address(&mailbox(), &key);
        let local = local(&address);
        assert_eq!(local.len(), "bounces".len() + TOKEN_LENGTH);
        assert_eq!(ReturnPath::read(&local, &key), Some(Ok(path)));
        assert_eq!(
            ReturnPath::read(&local.to_ascii_uppercase(), &key),
            Some(Ok(path))
        );
    }

    #[test]
    fn one_that_was_made_up_is_told_from_other_addresses() {
        let key = SigningKey::new([7; 32]);
        let address = ReturnPath::new(12, 1, 0).address(&mailbox(), &key);
        let other = local(&address).replace("000c", "000d");
        assert_eq!(ReturnPath::read(&other, &key), Some(Err(Forged)));
        let foreign = SigningKey::new([8; 32]);
        assert_eq!(
            ReturnPath::read(&local(&address), &foreign),
            Some(Err(Forged))
        );
        assert_eq!(ReturnPath::read("bounces", &key), None);
        assert_eq!(ReturnPath::read("bounces+xyz", &key), None);
    }

    proptest! {
        #[test]
        fn every_subscriber_and_mailing_has_a_path(subscriber: i64, generation in 0..100_000_i64, due in 0..4_000_000_000_000_i64) {
            let key = SigningKey::new([7; 32]);
            let path = ReturnPath::new(subscriber, generation, due);
            let address = path.address(&mailbox(), &key);
            prop_assert_eq!(ReturnPath::read(&local(&address), &key), Some(Ok(path)));
            prop_assert!(path.is_of(generation) && !path.is_of(generation + 1) && !path.is_letter());
        }
    }
}
