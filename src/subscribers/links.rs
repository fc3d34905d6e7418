//! Personal links: what a subscriber can do without a password, by a token that is signed.
//!
//! A token says what it is for, for whom, and where it matters until when. One that was handed
//! out for one purpose does nothing else. Those that change something carry the subscriber's
//! generation, which grows when earlier links must not hold any more (a new address); whoever
//! opens them compares it with the ledger's. Links to unsubscribe hold for ever: a mail of ten
//! years ago must still let its reader out.
//!
//! Pure: no clock, no ledger.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use crate::mail::address::Address;
use crate::signing::SigningKey;

/// The public form, below the site's root or the folder of a language.
pub const SIGN_UP_PATH: &str = "sign-up";
/// The page of preferences, below the site's root.
pub const PREFERENCES_PATH: &str = "subscriptions";
/// Where one unsubscribes, below the site's root.
pub const UNSUBSCRIBE_PATH: &str = "unsubscribe";
/// Where one confirms, below the site's root.
pub const CONFIRM_PATH: &str = "confirm";
/// Where a new address is confirmed, below the site's root.
pub const NEW_ADDRESS_PATH: &str = "new-address";

/// How long a form may stay open before it is sent, in milliseconds: a day.
const FORM_LIFE: i64 = 86_400_000;

/// Half of a signature's octets in hexadecimal: what stands in an address, whose local part has
/// room for 64 characters. Eighty bits are far beyond guessing by mail.
const ADDRESS_SIGNATURE: usize = 20;

/// Makes personal links, and opens their tokens.
#[derive(Debug, Clone)]
pub struct Links {
    /// Ends with a slash.
    base_url: String,
    key: SigningKey,
}

/// For whom a token is, and which of the subscriber's generations it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The subscriber's id.
    pub subscriber: i64,
    /// Void where the ledger has another.
    pub generation: i64,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Damaged, cut short, made up, or handed out for something else.
    #[error("the link is not whole, or was not made here")]
    Foreign,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

impl Links {
    /// Links to the site at `base_url`, signed with the newsroom's key.
    pub fn new(base_url: &str, key: SigningKey) -> Links {
        Links {
            base_url: format!("{}/", base_url.trim_end_matches('/')),
            key,
        }
    }

    /// The page on which a subscriber sees and changes everything.
    pub fn preferences(&self, subscriber: i64, generation: i64) -> String {
        self.link(
            PREFERENCES_PATH,
            "preferences",
            &format!("{subscriber}.{generation}"),
        )
    }

    /// Where a subscriber leaves a digest, with all own selections that go out with it: a page by
    /// GET, and at once by the POST of RFC 8058.
    pub fn unsubscribe(&self, subscriber: i64, generation: i64, digest: &str) -> String {
        self.link(
            UNSUBSCRIBE_PATH,
            "unsubscribe",
            &format!("{subscriber}.{generation}.{digest}"),
        )
    }

    /// The address to which a mail, whatever it says, leaves a digest: that of `mailbox` with a
    /// token behind a plus sign. In hexadecimal, since mail systems change the case of letters.
    pub fn unsubscribe_address(
        &self,
        mailbox: &Address,
        subscriber: i64,
        generation: i64,
        digest: &str,
    ) -> String {
        let (local, domain) = (mailbox.local(), mailbox.ascii_domain());
        let signature = self.address_signature(subscriber, generation, digest);
        format!("{local}+{:016x}{signature}@{domain}", subscriber)
    }

    /// Where an address is confirmed, until `expires` (milliseconds since 1970 UTC).
    pub fn confirm(&self, subscriber: i64, generation: i64, expires: i64) -> String {
        let text = format!("{subscriber}.{generation}.{expires}");
        self.link(CONFIRM_PATH, "confirm", &text)
    }

    /// Where a subscriber confirms a new address, until `expires`. The address stands in the token
    /// alone: nothing is kept of one that nobody confirmed.
    pub fn new_address(
        &self,
        subscriber: i64,
        generation: i64,
        address: &Address,
        expires: i64,
    ) -> String {
        let address = URL_SAFE_NO_PAD.encode(address.to_string());
        let text = format!("{subscriber}.{generation}.{expires}.{address}");
        self.link(NEW_ADDRESS_PATH, "new-address", &text)
    }

    /// What a public form carries to show that it was handed out here, at `now`.
    pub fn form(&self, now: i64) -> String {
        self.token("form", &now.to_string())
    }

    /// Who opens the page of preferences.
    ///
    /// # Errors
    /// When the token was not made for this.
    pub fn open_preferences(&self, token: &str) -> Result<Holder, TokenError> {
        let text = self.open("preferences", token)?;
        holder(&mut text.split('.')).ok_or(TokenError::Foreign)
    }

    /// Who leaves which digest.
    ///
    /// # Errors
    /// When the token was not made for this.
    pub fn open_unsubscribe<'a>(&self, token: &'a str) -> Result<(Holder, &'a str), TokenError> {
        let text = self.open("unsubscribe", token)?;
        let mut parts = text.splitn(3, '.');
        let holder = holder(&mut parts).ok_or(TokenError::Foreign)?;
        Ok((holder, parts.next().ok_or(TokenError::Foreign)?))
    }

    /// Whom an address made by [`Links::unsubscribe_address`] names, by its part before the `@`;
    /// `None` where it is another. Whether the signature is right is for
    /// [`Links::unsubscribes_from`] to say, once the subscriber's generation is known.
    pub fn subscriber_in_address(local: &str) -> Option<i64> {
        let token = local.rsplit_once('+')?.1;
        let has_form = token.len() == 16 + ADDRESS_SIGNATURE
            && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = has_form.then(|| u64::from_str_radix(&token[..16], 16).ok())??;
        Some(id.cast_signed())
    }

    /// Whether an address made by [`Links::unsubscribe_address`] leaves this digest. The
    /// generation is one that the subscriber has or had.
    pub fn unsubscribes_from(
        &self,
        local: &str,
        subscriber: i64,
        generation: i64,
        digest: &str,
    ) -> bool {
        let wanted = format!(
            "{subscriber:016x}{}",
            self.address_signature(subscriber, generation, digest)
        );
        local
            .rsplit_once('+')
            .is_some_and(|(_, token)| token.eq_ignore_ascii_case(&wanted))
    }

    /// Who confirms.
    ///
    /// # Errors
    /// When the token was not made for this, or its time is over at `now`.
    pub fn open_confirm(&self, token: &str, now: i64) -> Result<Holder, TokenError> {
        let text = self.open("confirm", token)?;
        let mut parts = text.split('.');
        let holder = holder(&mut parts).ok_or(TokenError::Foreign)?;
        in_time(parts.next(), now)?;
        Ok(holder)
    }

    /// Who confirms which new address.
    ///
    /// # Errors
    /// When the token was not made for this, or its time is over at `now`.
    pub fn open_new_address(&self, token: &str, now: i64) -> Result<(Holder, Address), TokenError> {
        let text = self.open("new-address", token)?;
        let mut parts = text.split('.');
        let holder = holder(&mut parts).ok_or(TokenError::Foreign)?;
        in_time(parts.next(), now)?;
        let address = parts
            .next()
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .and_then(|octets| String::from_utf8(octets).ok())
            .and_then(|address| address.parse().ok())
            .ok_or(TokenError::Foreign)?;
        Ok((holder, address))
    }

    /// Whether a form was handed out here, not long before `now`.
    ///
    /// # Errors
    /// When it was not.
    pub fn open_form(&self, token: &str, now: i64) -> Result<(), TokenError> {
        let made: i64 = self
            .open("form", token)?
            .parse()
            .map_err(|_| TokenError::Foreign)?;
        in_time(Some(&made.saturating_add(FORM_LIFE).to_string()), now)
    }

    /// The token of a link, by itself.
    pub fn token_of(link: &str) -> &str {
        link.split_once("token=").map_or("", |(_, token)| token)
    }

    fn link(&self, path: &str, purpose: &str, text: &str) -> String {
        format!(
            "{}{path}?token={}",
            self.base_url,
            self.token(purpose, text)
        )
    }

    /// Nothing in it needs escaping in a URL: slugs, digits, dots, `-` and `_`.
    fn token(&self, purpose: &str, text: &str) -> String {
        format!("{text}.{}", self.key.sign(purpose, text))
    }

    fn open<'a>(&self, purpose: &str, token: &'a str) -> Result<&'a str, TokenError> {
        let (text, signature) = token.rsplit_once('.').ok_or(TokenError::Foreign)?;
        let is_ours = self.key.verify(purpose, text, signature);
        is_ours.then_some(text).ok_or(TokenError::Foreign)
    }

    fn address_signature(&self, subscriber: i64, generation: i64, digest: &str) -> String {
        let text = format!("{subscriber}.{generation}.{digest}");
        let signature = self.key.sign("unsubscribe-address", &text);
        // What a signature is made of decodes.
        let octets = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        let octets = octets.iter().take(ADDRESS_SIGNATURE / 2);
        octets.map(|octet| format!("{octet:02x}")).collect()
    }
}

fn holder<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Holder> {
    Some(Holder {
        subscriber: parts.next()?.parse().ok()?,
        generation: parts.next()?.parse().ok()?,
    })
}

fn in_time(expires: Option<&str>, now: i64) -> Result<(), TokenError> {
    let expires: i64 = expires
        .and_then(|text| text.parse().ok())
        .ok_or(TokenError::Foreign)?;
    if now < expires {
        Ok(())
    } else {
        Err(TokenError::Expired)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links() -> Links {
        Links::new("https://news.example.org/site/", SigningKey::new([7; 32]))
    }

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    const HOLDER: Holder = Holder {
        subscriber: 42,
        generation: 3,
    };

    #[test]
    fn links_stand_below_the_site_and_open_to_what_they_were_made_of() {
        let links = links();
        let link = links.preferences(42, 3);
        assert!(link.starts_with("https://news.example.org/site/subscriptions?token=42.3."));
        assert_eq!(links.open_preferences(Links::token_of(&link)), Ok(HOLDER));
        let link = links.unsubscribe(42, 3, "weekly-brief");
        assert_eq!(
            links.open_unsubscribe(Links::token_of(&link)),
            Ok((HOLDER, "weekly-brief"))
        );
        let link = links.new_address(42, 3, &address("инфо@почта.рф"), 1_000);
        assert_eq!(
            links.open_new_address(Links::token_of(&link), 999),
            Ok((HOLDER, address("инфо@почта.рф")))
        );
    }

    #[test]
    fn a_token_for_one_purpose_opens_nothing_else() {
        let links = links();
        let confirm = links.confirm(42, 3, 1_000);
        let preferences = links.preferences(42, 3);
        let (confirm, preferences) = (Links::token_of(&confirm), Links::token_of(&preferences));
        assert_eq!(links.open_preferences(confirm), Err(TokenError::Foreign));
        assert_eq!(links.open_confirm(preferences, 0), Err(TokenError::Foreign));
        assert_eq!(links.open_unsubscribe(confirm), Err(TokenError::Foreign));
        assert_eq!(links.open_form(preferences, 0), Err(TokenError::Foreign));
        assert_eq!(links.open_new_address(confirm, 0), Err(TokenError::Foreign));
    }

    #[test]
    fn what_expires_is_told_from_what_is_made_up() {
        let links = links();
        let link = links.confirm(42, 3, 1_000);
        let token = Links::token_of(&link);
        assert_eq!(links.open_confirm(token, 999), Ok(HOLDER));
        assert_eq!(links.open_confirm(token, 1_000), Err(TokenError::Expired));
        let later = token.replace("1000", "9000");
        assert_eq!(links.open_confirm(&later, 0), Err(TokenError::Foreign));
        let form = links.form(0);
        assert_eq!(links.open_form(&form, FORM_LIFE - 1), Ok(()));
        assert_eq!(links.open_form(&form, FORM_LIFE), Err(TokenError::Expired));
    }

    #[test]
    fn another_newsroom_s_links_are_foreign() {
        let other = Links::new("https://news.example.org/", SigningKey::new([8; 32]));
        let link = other.preferences(42, 3);
        assert_eq!(
            links().open_preferences(Links::token_of(&link)),
            Err(TokenError::Foreign)
        );
    }

    #[test]
    fn a_mail_to_an_address_leaves_its_digest_alone_whatever_its_case() {
        let links = links();
        let mailbox = address("unsubscribe@news.example.org");
        let made = links.unsubscribe_address(&mailbox, i64::MAX, 3, "weekly");
        let made = address(&made);
        let local = made.local().to_ascii_uppercase();
        assert!(local.len() <= 64);
        assert_eq!(Links::subscriber_in_address(&local), Some(i64::MAX));
        assert!(links.unsubscribes_from(&local, i64::MAX, 3, "weekly"));
        assert!(!links.unsubscribes_from(&local, i64::MAX, 3, "daily"));
        assert!(!links.unsubscribes_from(&local, i64::MAX, 2, "weekly"));
        assert!(!links.unsubscribes_from(&local, 42, 3, "weekly"));
        assert_eq!(Links::subscriber_in_address("unsubscribe"), None);
        assert_eq!(Links::subscriber_in_address("unsubscribe+zz"), None);
    }

    proptest! {
        #[test]
        fn no_text_that_was_not_signed_opens_anything(token in "[0-9a-z.]{0,40}") {
            let links = links();
            prop_assert!(links.open_preferences(&token).is_err());
            prop_assert!(links.open_unsubscribe(&token).is_err());
            prop_assert!(links.open_confirm(&token, 0).is_err());
            prop_assert!(links.open_new_address(&token, 0).is_err());
            prop_assert!(links.open_form(&token, 0).is_err());
        }
    }
}
