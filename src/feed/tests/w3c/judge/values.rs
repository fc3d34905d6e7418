//! Values: dates, addresses, types, languages.

use chrono::DateTime;

use super::Faults;

/// `type/subtype`, perhaps with parameters.
pub fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty()
            && !text.contains(|c: char| c.is_whitespace() || "()<>,;:\\\"/[]?=".contains(c))
    };
    let (kind, parameters) = text
        .split_once(';')
        .map_or((text, None), |(a, b)| (a, Some(b)));
    let is_kind = kind
        .trim()
        .split_once('/')
        .is_some_and(|(first, second)| is_token(first) && is_token(second));
    is_kind && parameters.is_none_or(|parameters| parameters.contains('='))
}

/// A language as the validator judges it: by its first part.
pub fn is_language(text: &str) -> bool {
    let first = text.split('-').next().unwrap_or_default();
    (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_uri_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b";/?:@&=+$.-_!~*'()%,#".contains(&byte)
}

/// An address of any kind, relative ones too.
pub fn is_address(text: &str) -> bool {
    text.bytes().all(is_uri_character)
}

/// An absolute address, whole.
pub fn is_full_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_web = matches!(scheme, "http" | "https");
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && is_address(text)
        && (!is_web
            || rest
                .strip_prefix("//")
                .is_some_and(|rest| !rest.starts_with('/')))
        && rest.len() > usize::from(is_web) * 2
}

/// The address of a file that can be fetched: its host has a dot.
pub fn is_file_address(text: &str) -> bool {
    let url = url::Url::parse(text).ok();
    let host = url.as_ref().and_then(|url| url.host_str());
    is_full_address(text) && host.is_some_and(|host| host.contains('.'))
}

/// An address that stands for something for ever, in the one form that it may have.
pub fn permanent(text: &str, faults: &mut Faults) {
    faults.unless(text == text.trim(), "UnexpectedWhitespace", text);
    if let Some(rest) = text.strip_prefix("tag:") {
        let (authority, specific) = rest.split_once(':').unwrap_or_default();
        let (name, date) = authority.split_once(',').unwrap_or_default();
        let is_date = [4, 7, 10].contains(&date.len())
            && date
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._@".contains(c);
        let is_fine =
            is_date && !name.is_empty() && name.chars().all(is_name) && is_address(specific);
        faults.unless(is_fine, "InvalidTAG", text);
    } else if text.to_ascii_lowercase().starts_with("urn:") {
        faults.unless(text.split(':').count() > 2, "InvalidURN", text);
    } else if is_full_address(text) {
        let canonical = url::Url::parse(text).map(String::from).unwrap_or_default();
        faults.unless(canonical == text, "NonCanonicalURI", text);
    } else {
        faults.add("InvalidFullLink", text);
    }
}

/// RFC 2822, as RSS wants it.
pub fn mail_date(text: &str, faults: &mut Faults) {
    let Ok(date) = DateTime::parse_from_rfc2822(text) else {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let others = days.iter().filter(|day| !text.starts_with(**day));
        let is_other_day = text.len() > 3
            && others
                .clone()
                .any(|day| DateTime::parse_from_rfc2822(&format!("{day}{}", &text[3..])).is_ok());
        let rule = if is_other_day {
            "IncorrectDOW"
        } else {
            "InvalidRFC2822Date"
        };
        faults.add(rule, text);
        return;
    };
    let (_, zone) = text.rsplit_once(' ').unwrap_or_default();
    let is_usual = text.len() >= 28 && zone.len() == 5 && !text.contains("  ");
    faults.unless(is_usual, "ProblematicalRFC822Date", text);
    plausible(&date.to_rfc3339(), faults);
}

/// RFC 3339, as Atom wants it.
pub fn atom_date(text: &str, faults: &mut Faults) {
    let is_date = DateTime::parse_from_rfc3339(text).is_ok() && text.contains('T');
    faults.unless(is_date, "InvalidRFC3339Date", text);
    plausible(text, faults);
}

/// The W3C's profile of ISO 8601.
pub fn w3c_date(text: &str, faults: &mut Faults) {
    let whole = match text.len() {
        22 => format!("{}:00{}", &text[..16], &text[16..]),
        _ => text.to_owned(),
    };
    let is_date = DateTime::parse_from_rfc3339(&whole).is_ok();
    faults.unless(is_date, "InvalidW3CDTFDate", text);
    plausible(text, faults);
}

/// Feeds are younger than 1990. (It also looks whether a date is in the future, which none of
/// ours is: such items wait.)
fn plausible(text: &str, faults: &mut Faults) {
    faults.unless(text >= "1990", "ImplausibleDate", text);
}

/// An address of mail.
pub fn is_mailbox(text: &str) -> bool {
    let is_local = |c: char| c.is_ascii_alphanumeric() || "_-+.'".contains(c);
    let is_domain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && local.chars().all(is_local)
            && domain.contains('.')
            && domain.chars().all(is_domain)
    })
}
