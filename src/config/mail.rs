//! `[mail]`: the relay that mails are handed to, and how fast.
//!
//! Where this table is, digests are mailed. The relay's address may hold a password and so comes
//! from the environment, unless it is written here without one.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use url::Url;

use super::bounces::{self, Bounces};
use super::decode::Section;
use super::defaults;
use super::dkim::{self, Dkim};
use super::notes::Wrong;
use super::read::count;

/// The environment variable that holds the relay's address, with user and password.
pub const RELAY_VARIABLE: &str = "TIDINGS_SMTP_URL";

/// How mails are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// The relay: `smtp://relay.example:587`; `None`: [`RELAY_VARIABLE`] says it.
    pub relay: Option<Url>,
    /// Certificates, in PEM, of those who may vouch for the relay's besides those whom the system
    /// trusts: relative to `feeds.toml`, or absolute.
    pub ca_file: Option<PathBuf>,
    /// The name that the relay is greeted with; `None`: the host's own.
    pub helo: Option<String>,
    /// How many connections to the relay are kept at the same time.
    pub connections: usize,
    /// The most messages a second.
    pub rate_per_second: Option<u32>,
    /// The most messages an hour.
    pub rate_per_hour: Option<u32>,
    /// Limits of their own for some recipients' domains.
    pub limits: Vec<DomainLimit>,
    /// How a sender that nobody knows yet begins; `None`: at full speed.
    pub warm_up: Option<WarmUp>,
    /// How long the relay may take for one answer.
    pub timeout: Duration,
    /// How often a message is tried that the relay puts off (a reply of 4xx).
    pub attempts: u32,
    /// The pause before the second try; every further one is twice as long.
    pub retry_after: Duration,
    /// The longest pause between two tries.
    pub longest_pause: Duration,
    /// The share of failures at which an issue is paused, from 0 to 1.
    pub pause_at: f64,
    /// The least number of messages before that share is looked at.
    pub pause_after: usize,
    /// What becomes of messages whose fate a crash left unknown.
    pub after_crash: AfterCrash,
    /// What messages are signed with; empty where the relay does it.
    pub dkim: Vec<Dkim>,
    /// How mails that came back are heard of.
    pub bounces: Bounces,
}

/// What becomes of messages that may have been taken by the relay, where a crash left that unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterCrash {
    /// Not sent again; `tidings send uncertain` lists them for a person to decide.
    List,
    /// Sent again, under the same Message-ID: somebody may get one twice.
    Resend,
}

/// A limit for the recipients of some domains together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainLimit {
    /// The domains in ASCII, lower case.
    pub domains: Vec<String>,
    /// The most messages a second.
    pub per_second: Option<u32>,
    /// The most messages an hour.
    pub per_hour: Option<u32>,
}

/// How many messages a day a sender begins with whom the receiving systems do not know yet.
#[derive(Debug, Clone, PartialEq)]
pub struct WarmUp {
    /// The first day, in UTC.
    pub since: NaiveDate,
    /// The most messages on it.
    pub first_day: u32,
    /// By what they grow from one day to the next: 1.5.
    pub growth: f64,
    /// The number of messages a day from which on there is no limit.
    pub until: u32,
}

impl Default for Mail {
    fn default() -> Mail {
        Mail {
            relay: None,
            ca_file: None,
            helo: None,
            connections: count(defaults::MAIL_CONNECTIONS),
            rate_per_second: None,
            rate_per_hour: None,
            limits: Vec::new(),
            warm_up: None,
            timeout: Duration::from_millis(defaults::MAIL_TIMEOUT),
            attempts: defaults::MAIL_ATTEMPTS,
            retry_after: Duration::from_millis(defaults::MAIL_RETRY_AFTER),
            longest_pause: Duration::from_millis(defaults::MAIL_LONGEST_PAUSE),
            pause_at: defaults::MAIL_PAUSE_AT,
            pause_after: count(defaults::MAIL_PAUSE_AFTER),
            after_crash: defaults::MAIL_AFTER_CRASH,
            dkim: Vec::new(),
            bounces: Bounces::default(),
        }
    }
}

/// `None` where digests are not mailed.
pub(super) fn read(document: &Section<'_, '_>) -> Option<Mail> {
    let section = document.section("mail", "mail")?;
    let mut mail = Mail {
        relay: stated_relay(&section),
        ca_file: section
            .line("ca_file")
            .map(|line| PathBuf::from(line.value)),
        helo: section.parsed("helo", host_name),
        ..Mail::default()
    };
    if let Some(connections) = section.number("connections", 1..=64) {
        mail.connections = count(connections);
    }
    mail.rate_per_second = rate(&section, "rate_per_second");
    mail.rate_per_hour = rate(&section, "rate_per_hour");
    mail.limits = limits(&section);
    mail.warm_up = warm_up(&section);
    let time = |key, range, default: Duration| section.time(key, range).unwrap_or(default);
    let pauses = 1_000..=7 * 86_400_000;
    mail.timeout = time("timeout", 100..=600_000, mail.timeout);
    mail.retry_after = time("retry_after", pauses.clone(), mail.retry_after);
    mail.longest_pause = time("longest_pause", pauses, mail.longest_pause);
    if let Some(attempts) = section.number("attempts", 1..=100) {
        mail.attempts = narrow(attempts);
    }
    if let Some(share) = section.decimal("pause_at", 0.0..=1.0) {
        mail.pause_at = share;
    }
    if let Some(number) = section.number("pause_after", 1..=1_000_000) {
        mail.pause_after = count(number);
    }
    let fates = [("list", AfterCrash::List), ("resend", AfterCrash::Resend)];
    if let Some(fate) = section.choice("after_crash", &fates) {
        mail.after_crash = fate;
    }
    if mail.longest_pause < mail.retry_after {
        // The longest pause holds for the first one too.
        mail.longest_pause = mail.retry_after;
    }
    mail.dkim = dkim::read(&section);
    mail.bounces = bounces::read(&section);
    section.finish();
    Some(mail)
}

/// The address of a relay: `smtp://host`, `smtps://user:password@host:465`; where `?tls=none` is
/// added, `smtp` means a plain connection instead of STARTTLS, and `?tls=starttls` means STARTTLS even
/// to this machine.
///
/// # Errors
/// What is wrong with it and how to mend it; never quotes the address, which may hold a password.
pub fn relay(text: &str) -> Result<Url, (String, String)> {
    const HELP: &str =
        "write 'smtp://relay.example:587' (STARTTLS) or 'smtps://relay.example:465' (TLS)";
    let wrong = |why: &str| {
        (
            format!("this is no relay's address: {why}"),
            HELP.to_owned(),
        )
    };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err(wrong("it begins with neither smtp:// nor smtps://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it names no host"));
    }
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(wrong("something follows the host"));
    }
    let is_known = |query| matches!(query, "tls=none" | "tls=starttls");
    if url.query().is_some_and(|query| !is_known(query)) {
        return Err(wrong("only 'tls=none' or 'tls=starttls' may follow a '?'"));
    }
    if url.scheme() == "smtps" && url.query().is_some() {
        return Err(wrong("smtps begins with TLS, whatever follows a '?'"));
    }
    Ok(url)
}

/// The relay's address, which anybody may read. Whatever is wrong with it, its line is not shown:
/// somebody may have written a password there.
fn stated_relay(section: &Section<'_, '_>) -> Option<Url> {
    let line = section.line("relay")?;
    let (message, help) = match relay(&line.value) {
        Ok(url) if url.username().is_empty() && url.password().is_none() => return Some(url),
        Ok(_) => (
            "a user or password has no place in this file".to_owned(),
            format!(
                "leave 'relay' out and set the environment variable {RELAY_VARIABLE} to the whole \
                 address"
            ),
        ),
        Err(wrong) => wrong,
    };
    section.notes().error_unshown(&line.span, message, help);
    None
}

fn host_name(text: &str) -> Result<String, Wrong> {
    let is_name = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.[]:".contains(&byte));
    if is_name {
        return Ok(text.to_owned());
    }
    let message = format!("'{text}' is not the name of a host");
    Err(Wrong::new(message, "write one such as 'mail.example.org'"))
}

fn rate(section: &Section<'_, '_>, key: &'static str) -> Option<u32> {
    section.number(key, 1..=u64::from(u32::MAX)).map(narrow)
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn limits(section: &Section<'_, '_>) -> Vec<DomainLimit> {
    let mut limits: Vec<DomainLimit> = Vec::new();
    for section in section.sections("limit", "mail.limit") {
        section.require("domains", "[\"example.com\"]");
        let mut limit = DomainLimit {
            domains: Vec::new(),
            per_second: rate(&section, "per_second"),
            per_hour: rate(&section, "per_hour"),
        };
        for line in section
            .lines("domains")
            .map_or(Vec::new(), |list| list.value)
        {
            let Some(domain) = section.parse_line(line, domain) else {
                continue;
            };
            let earlier = limits.iter().flat_map(|limit| &limit.domains);
            if earlier
                .chain(&limit.domains)
                .any(|listed| *listed == domain.value)
            {
                let message = format!("'{}' has a limit already", domain.value);
                section.notes().error(&domain.span, message, "remove it");
            } else {
                limit.domains.push(domain.value);
            }
        }
        if limit.per_second.is_none() && limit.per_hour.is_none() {
            let help = "add 'per_second' or 'per_hour'";
            section
                .notes()
                .error(&section.span, "this limit limits nothing", help);
        }
        section.finish();
        limits.push(limit);
    }
    limits
}

/// A mail domain, in ASCII: as the ledger and the DNS have it.
pub(super) fn domain(text: &str) -> Result<String, Wrong> {
    let address = format!("x@{text}").parse::<crate::mail::address::Address>();
    address
        .map(|address| address.ascii_domain().to_owned())
        .map_err(|_| {
            let message = format!("'{text}' is not a mail domain");
            Wrong::new(message, "write what stands after the @: 'example.com'")
        })
}

fn warm_up(section: &Section<'_, '_>) -> Option<WarmUp> {
    let section = section.section("warm_up", "mail.warm_up")?;
    section.require("since", "\"2024-11-25\"");
    let since = section.parsed("since", |text| {
        text.parse::<NaiveDate>().map_err(|_| {
            let message = format!("'{text}' is not a date");
            Wrong::new(message, "write the first day: '2024-11-25'")
        })
    });
    let first_day = rate(&section, "first_day");
    let growth = section.decimal("growth", 1.05..=10.0);
    let until = rate(&section, "until");
    section.finish();
    Some(WarmUp {
        since: since?,
        first_day: first_day.unwrap_or(defaults::WARM_UP_FIRST_DAY),
        growth: growth.unwrap_or(defaults::WARM_UP_GROWTH),
        until: until.unwrap_or(defaults::WARM_UP_UNTIL),
    })
}
