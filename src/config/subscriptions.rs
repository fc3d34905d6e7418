//! `[subscriptions]`: whether people can subscribe by mail, and on what terms.

use std::time::Duration;

use super::decode::Section;
use super::{Digest, Site, defaults, values};

/// How people subscribe by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriptions {
    /// Whether `tidings serve` has the form and the pages of subscribers.
    pub enabled: bool,
    /// `Name <address>` of the sender of letters: confirmations and the like.
    pub sender: Option<String>,
    /// How long a link that confirms an address holds.
    pub confirm_within: Duration,
    /// What people agree to, in English; said in other languages as templates say their texts.
    /// `{site}` stands for the site's title.
    pub consent: String,
    /// The most letters that are sent to one address in a day, whoever asks for them.
    pub letters_per_day: u64,
    /// The most requests that one client may send in an hour.
    pub requests_per_hour: u64,
}

impl Default for Subscriptions {
    fn default() -> Subscriptions {
        Subscriptions {
            enabled: false,
            sender: None,
            confirm_within: Duration::from_millis(defaults::CONFIRM_WITHIN),
            consent: defaults::CONSENT.to_owned(),
            letters_per_day: defaults::LETTERS_PER_DAY,
            requests_per_hour: defaults::REQUESTS_PER_HOUR,
        }
    }
}

pub(super) fn read(
    document: &Section<'_, '_>,
    site: Option<&Site>,
    digests: &[Digest],
) -> Subscriptions {
    // Editors write letters by the command line too, whether there is a form or not.
    let sender = site.and_then(|site| {
        let contact = site.contact.as_ref()?;
        let with_name = values::mailbox(&format!("{} <{contact}>", site.title));
        Some(with_name.unwrap_or_else(|_| contact.clone()))
    });
    let mut subscriptions = Subscriptions {
        sender,
        ..Subscriptions::default()
    };
    let Some(section) = document.section("subscriptions", "subscriptions") else {
        return subscriptions;
    };
    // A section that says nothing else is there to be used.
    subscriptions.enabled = section.boolean("enabled").unwrap_or(true);
    if let Some(sender) = section.parsed("sender", values::mailbox) {
        subscriptions.sender = Some(sender);
    }
    if let Some(time) = section.time("confirm_within", 60_000..=2_592_000_000) {
        subscriptions.confirm_within = time;
    }
    if let Some(consent) = section.line("consent") {
        subscriptions.consent = consent.value;
    }
    if let Some(limit) = section.number("letters_per_day", 1..=100) {
        subscriptions.letters_per_day = limit;
    }
    if let Some(limit) = section.number("requests_per_hour", 1..=100_000) {
        subscriptions.requests_per_hour = limit;
    }
    if subscriptions.enabled && subscriptions.sender.is_none() && site.is_some() {
        section.require("sender", "\"News <news@example.org>\"");
    }
    if subscriptions.enabled && digests.is_empty() {
        let message = "people can subscribe, but there is no [[digest]] to subscribe to";
        let help = "add a [[digest]], or write 'enabled = false'";
        section.notes().warning(&section.span, message, help);
    }
    if subscriptions.enabled && !document.has("mail") {
        let message = "people can subscribe, but nothing is mailed: their letters wait";
        let help = "add [mail], so that letters and issues are sent";
        section.notes().warning(&section.span, message, help);
    }
    section.finish();
    subscriptions
}
