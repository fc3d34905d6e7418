//! `[discovery]`: sitemaps, `robots.txt` and `security.txt`.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::decode::Section;
use super::notes::Wrong;
use super::{Discovery, Site, defaults, values};
use crate::discovery::{Security, robots};

pub(super) fn read(document: &Section<'_, '_>, site: Option<&Site>) -> Discovery {
    let mut discovery = Discovery {
        sitemaps: defaults::SITEMAPS,
        robots: defaults::ROBOTS,
        rules: Vec::new(),
        security: None,
    };
    let Some(section) = document.section("discovery", "discovery") else {
        return discovery;
    };
    if let Some(sitemaps) = section.boolean("sitemaps") {
        discovery.sitemaps = sitemaps;
    }
    if let Some(robots) = section.boolean("robots") {
        discovery.robots = robots;
    }
    let rules = section.lines("rules").map_or(Vec::new(), |list| list.value);
    for rule in rules {
        let rule = section.parse_line(rule, |rule| {
            let help = "write a line of robots.txt: 'User-agent: GPTBot' or 'Disallow: /'";
            let wrong = || Wrong::new(format!("'{rule}' is no rule"), help);
            let found = robots::is_rule(rule).then(|| rule.to_owned());
            found.ok_or_else(wrong)
        });
        discovery.rules.extend(rule.map(|rule| rule.value));
    }
    if let Some(security) = section.section("security", "discovery.security") {
        let span = security.span.clone();
        discovery.security = self::security(security);
        if site.is_some_and(|site| !site.is_host()) {
            let message = "security.txt is read at the root of a host alone, and is not written";
            let help = "the base URL has a path: put the file where the host's root is";
            section.notes().warning(&span, message, help);
        }
    }
    section.finish();
    discovery
}

fn security(section: Section<'_, '_>) -> Option<Security> {
    section.require("contact", "[\"mailto:security@example.org\"]");
    section.require("expires", "\"2027-06-30\"");
    let contact = section.lines("contact").map(|list| {
        if list.value.is_empty() {
            let help = "write at least one: 'contact = [\"mailto:security@example.org\"]'";
            section.notes().error(&list.span, "no contact", help);
        }
        let uris = list.value.into_iter();
        uris.filter_map(|line| section.parse_line(line, contact_uri))
            .map(|uri| uri.value)
            .collect::<Vec<String>>()
    });
    let expires = section.parsed("expires", moment);
    let uri = |key| {
        let url = section.parsed(key, values::web_url);
        url.map(|url| url.to_string())
    };
    let (encryption, acknowledgments) = (uri("encryption"), uri("acknowledgments"));
    let (policy, hiring) = (uri("policy"), uri("hiring"));
    let languages = section.lines("languages").map_or(Vec::new(), |list| {
        let tags = list.value.into_iter();
        tags.filter_map(|line| section.parse_line(line, values::language))
            .map(|tag| tag.value)
            .collect()
    });
    section.finish();
    Some(Security {
        contact: contact.filter(|contact| !contact.is_empty())?,
        expires: expires?,
        encryption,
        acknowledgments,
        policy,
        hiring,
        languages,
    })
}

/// A contact, RFC 9116, section 2.5.3: a URI; addresses need their scheme.
fn contact_uri(text: &str) -> Result<String, Wrong> {
    let is_uri = ["mailto:", "tel:", "https://"]
        .iter()
        .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
        && !text.contains(char::is_whitespace);
    if is_uri {
        return Ok(text.to_owned());
    }
    let help = match text.contains('@') {
        true => format!("did you mean 'mailto:{text}'?"),
        false => "write 'mailto:...', 'tel:...' or an https URL".to_owned(),
    };
    Err(Wrong::new(format!("'{text}' is no contact"), help))
}

/// A moment of RFC 3339, or the start of a day in UTC.
fn moment(text: &str) -> Result<DateTime<Utc>, Wrong> {
    let instant = DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc());
    let day = || {
        text.parse::<NaiveDate>()
            .map(|day| day.and_time(NaiveTime::MIN).and_utc())
    };
    instant.or_else(|_| day()).map_err(|_| {
        let help = "write a day, '2027-06-30', or a moment, '2027-06-30T00:00:00Z'";
        Wrong::new(format!("cannot read '{text}' as a date"), help)
    })
}
