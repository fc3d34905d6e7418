//! What subscribers send to the hub (WebSub, section 5.1), read and judged.
//!
//! Pure: a form in, a request or a refusal out.

use std::net::IpAddr;

use url::{Host, Url};

use super::Settings;
use crate::ledger::websub::{Secret, SubscriptionKey, SubscriptionRequest};
use crate::websub::address::is_public;
use crate::websub::topic;

/// The most bytes of a callback's address.
const CALLBACK_LIMIT: usize = 2_048;

/// The most bytes of a secret: "less than 200 bytes" (WebSub, section 5.1).
const SECRET_LIMIT: usize = 199;

/// What somebody wants of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// To subscribe or unsubscribe.
    Subscription(SubscriptionRequest),
    /// That a feed be looked at because it changed. The hub sees that by itself, so that nothing
    /// need be done.
    Publish,
}

/// Why a request is not taken, as HTTP says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status code.
    pub status: u16,
    /// What is wrong and what to do, for whoever develops the subscriber.
    pub message: String,
    /// How many seconds to wait.
    pub retry_after: Option<u32>,
}

impl Refusal {
    fn bad(message: impl Into<String>) -> Refusal {
        Refusal {
            status: 400,
            message: message.into(),
            retry_after: None,
        }
    }
}

/// Reads the body of a request, a form in UTF-8. Parameters that mean nothing here are ignored.
///
/// # Errors
/// When something that is required is missing or wrong, or the feed is not of this site.
pub fn read(body: &[u8], settings: &Settings) -> Result<Request, Refusal> {
    if std::str::from_utf8(body).is_err() {
        return Err(Refusal::bad("the form is not UTF-8"));
    }
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let value = |name: &str| {
        let mut found = pairs.iter().filter(|(other, _)| other == name);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(Refusal::bad(format!("{name} is given twice"))),
            (first, _) => Ok(first.map(|(_, value)| value.as_str())),
        }
    };
    let subscribes = match value("hub.mode")? {
        Some("subscribe") => true,
        Some("unsubscribe") => false,
        Some("publish") => return Ok(Request::Publish),
        Some(_) => {
            return Err(Refusal::bad("hub.mode is 'subscribe' or 'unsubscribe'"));
        }
        None => return Err(Refusal::bad("hub.mode is missing")),
    };
    let required = |name: &str| {
        value(name)?
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Refusal::bad(format!("{name} is missing")))
    };
    let topic = topic_of(required("hub.topic")?, settings)?;
    let callback = callback_of(required("hub.callback")?, settings)?;
    let secret = value("hub.secret")?.filter(|secret| !secret.is_empty());
    if secret.is_some_and(|secret| secret.len() > SECRET_LIMIT) {
        return Err(Refusal::bad("hub.secret must have less than 200 bytes"));
    }
    Ok(Request::Subscription(SubscriptionRequest {
        key: SubscriptionKey { topic, callback },
        subscribes,
        secret: secret.map(|secret| Secret(secret.to_owned())),
        // It means nothing where somebody unsubscribes.
        lease: match value("hub.lease_seconds")? {
            Some(asked) if subscribes => lease_of(asked, settings)?,
            _ => settings.lease,
        },
    }))
}

fn topic_of(topic: &str, settings: &Settings) -> Result<String, Refusal> {
    let base = &settings.base_url;
    let Some(path) = topic::path(base, topic) else {
        return Err(Refusal::bad(format!(
            "this hub pushes the feeds of {base} alone; hub.topic must be the address that a \
             feed gives as its own (rel=\"self\")"
        )));
    };
    let own = format!("{base}{path}");
    if topic == own {
        Ok(own)
    } else {
        Err(Refusal::bad(format!("hub.topic must be written '{own}'")))
    }
}

fn callback_of(callback: &str, settings: &Settings) -> Result<String, Refusal> {
    if callback.len() > CALLBACK_LIMIT {
        let message = format!("hub.callback has more than {CALLBACK_LIMIT} bytes");
        return Err(Refusal::bad(message));
    }
    let url = Url::parse(callback)
        .map_err(|error| Refusal::bad(format!("hub.callback is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::bad("hub.callback must begin with http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::bad("hub.callback must hold no user name"));
    }
    if url.fragment().is_some() {
        return Err(Refusal::bad("hub.callback must hold no fragment (#)"));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    let is_private = address.is_some_and(|address| !is_public(address));
    if is_private && !settings.allow_private {
        return Err(Refusal::bad(
            "hub.callback is at an address that is not public",
        ));
    }
    Ok(url.into())
}

/// What is asked for, within what is allowed; nothing and 0 leave it to the hub.
fn lease_of(asked: &str, settings: &Settings) -> Result<i64, Refusal> {
    if asked.is_empty() {
        return Ok(settings.lease);
    }
    if !asked.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = "hub.lease_seconds must be a whole number of seconds";
        return Err(Refusal::bad(message));
    }
    // A number too large for this is too long a time, too.
    Ok(match asked.parse().unwrap_or(i64::MAX) {
        0 => settings.lease,
        asked => asked.clamp(settings.shortest_lease, settings.longest_lease),
    })
}

/// The address to call with these parameters added behind those that it has (WebSub, section
/// 5.1.1).
pub(super) fn with_parameters(callback: &str, parameters: &[(&str, &str)]) -> Option<Url> {
    let mut url = Url::parse(callback).ok()?;
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url)
}

/// The host of a callback, which limits go by.
pub(super) fn host_of(callback: &str) -> String {
    let url = Url::parse(callback).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websub::hub::tests::settings;

    fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        form.finish().into_bytes()
    }

    const GOOD: [(&str, &str); 3] = [
        ("hub.mode", "subscribe"),
        ("hub.topic", "https://news.example.org/a/atom.xml"),
        ("hub.callback", "https://reader.example/x?a=1&b=%20"),
    ];

    /// What becomes of the good request with a parameter changed or added.
    fn with(name: &str, value: &str) -> Result<SubscriptionRequest, String> {
        let mut pairs: Vec<(&str, &str)> = GOOD
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        pairs.push((name, value));
        match read(&form(&pairs), &settings()) {
            Ok(Request::Subscription(request)) => Ok(request),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => {
                assert_eq!(refusal.status, 400);
                Err(refusal.message)
            }
        }
    }

    #[test]
    fn a_request_has_a_mode_a_topic_and_a_callback_and_may_have_more() {
        let request = with("hub.something", "else").unwrap();
        assert!(request.subscribes);
        assert_eq!(request.key.topic, GOOD[1].1);
        assert_eq!(request.key.callback, GOOD[2].1);
        assert_eq!(request.lease, settings().lease);
        assert_eq!(request.secret, None);
        assert!(!with("hub.mode", "unsubscribe").unwrap().subscribes);
        assert_eq!(
            read(b"hub.mode=publish&hub.url=x", &settings()),
            Ok(Request::Publish)
        );
    }

    #[test]
    fn every_parameter_that_is_missing_or_wrong_is_named() {
        for name in ["hub.mode", "hub.topic", "hub.callback"] {
            let rest: Vec<_> = GOOD
                .into_iter()
                .filter(|(other, _)| *other != name)
                .collect();
            let refusal = read(&form(&rest), &settings()).unwrap_err();
            assert_eq!(refusal.message, format!("{name} is missing"));
            let twice: Vec<_> = GOOD.into_iter().chain([(name, "x")]).collect();
            let refusal = read(&form(&twice), &settings()).unwrap_err();
            assert_eq!(refusal.message, format!("{name} is given twice"));
        }
        for (name, value, message) in [
            (
                "hub.mode",
                "sing",
                "hub.mode is 'subscribe' or 'unsubscribe'",
            ),
            ("hub.callback", "reader", "hub.callback is not a URL"),
            ("hub.callback", "ftp://reader.example/", "http or https"),
            (
                "hub.callback",
                "https://a:b@reader.example/",
                "no user name",
            ),
            ("hub.callback", "https://reader.example/#x", "no fragment"),
            ("hub.callback", "http://127.0.0.1/", "not public"),
            ("hub.callback", "http://2130706433/", "not public"),
            ("hub.callback", "http://[::1]/", "not public"),
            (
                "hub.callback",
                "http://169.254.169.254/latest/meta-data",
                "not public",
            ),
            (
                "hub.topic",
                "https://other.example/atom.xml",
                "the feeds of https://news.example.org/ alone",
            ),
            ("hub.topic", "https://news.example.org/a/", "rel=\"self\""),
            (
                "hub.topic",
                "https://news.example.org/./a/atom.xml",
                "'https://news.example.org/a/atom.xml'",
            ),
            ("hub.lease_seconds", "-1", "whole number"),
            ("hub.lease_seconds", "1h", "whole number"),
        ] {
            let found = with(name, value).unwrap_err();
            assert!(found.contains(message), "{value}: {found}");
        }
        let long = format!("https://reader.example/{}", "x".repeat(CALLBACK_LIMIT));
        assert!(with("hub.callback", &long).unwrap_err().contains("2048"));
        assert!(read(b"hub.mode=\xff", &settings()).is_err());
    }

    #[test]
    fn a_secret_has_less_than_200_bytes() {
        let secret = |length: usize| with("hub.secret", &"é".repeat(length / 2));
        assert!(secret(198).unwrap().secret.is_some());
        assert!(secret(200).unwrap_err().contains("less than 200 bytes"));
        assert_eq!(with("hub.secret", "").unwrap().secret, None);
    }

    #[test]
    fn a_lease_is_brought_within_what_is_allowed_and_never_perpetual() {
        let lease = |asked: &str| with("hub.lease_seconds", asked).unwrap().lease;
        let settings = settings();
        assert_eq!(lease("7200"), 7_200);
        assert_eq!(lease("1"), settings.shortest_lease);
        assert_eq!(lease("99999999999999999999999"), settings.longest_lease);
        assert_eq!((lease(""), lease("0")), (settings.lease, settings.lease));
    }

    #[test]
    fn parameters_come_behind_those_that_the_callback_has() {
        let url = with_parameters(
            "https://r.example/x?a=%20b&hub.mode=own",
            &[("hub.mode", "a&b")],
        );
        assert_eq!(
            url.unwrap().as_str(),
            "https://r.example/x?a=%20b&hub.mode=own&hub.mode=a%26b"
        );
        let url = with_parameters("https://r.example/x", &[("hub.topic", "https://x/?y")]);
        assert_eq!(
            url.unwrap().as_str(),
            "https://r.example/x?hub.topic=https%3A%2F%2Fx%2F%3Fy"
        );
    }
}
