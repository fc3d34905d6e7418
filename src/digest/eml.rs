//! An issue as a message file, RFC 5322 and 2045: `multipart/alternative`, text before HTML.
//!
//! The file is a draft: it has a sender and no recipient, and `X-Unsent` makes mail programs that
//! know it open it for sending. Its bytes depend on its contents alone.

use chrono::{DateTime, Utc};
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::url::URL;
use mail_builder::mime::{BodyPart, MimePart};
use xxhash_rust::xxh3::xxh3_64;

use crate::config::{Digest, Site};
use crate::diagnostic::Problem;
use crate::digest::compose::Issue;
use crate::digest::text::one_line;

/// The message file of `issue`, whose two bodies are `text` and `html`; `due` is its date.
///
/// # Errors
/// The digest's sender is no mail address.
pub fn write(
    digest: &Digest,
    issue: &Issue,
    site: &Site,
    due: DateTime<Utc>,
    text: &str,
    html: &str,
) -> Result<Vec<u8>, Problem> {
    let (name, address) = mailbox(&digest.sender)?;
    let host = site.base_url.host_str().unwrap_or("localhost");
    let body = MimePart::new(
        ContentType::new("multipart/alternative").attribute("boundary", boundary(text, html)),
        vec![
            MimePart::new("text/plain", BodyPart::from(text)),
            MimePart::new("text/html", BodyPart::from(html)),
        ],
    );
    let list = format!("{}.digests.{host}", atom(&issue.slug));
    let mut bytes = Vec::new();
    MessageBuilder::new()
        .from(Address::new_address(name, address))
        .subject(one_line(&issue.subject))
        .date(Date::new(due.timestamp()))
        .message_id(message_id(issue, host))
        // RFC 2919: a phrase and an identifier that is not an address.
        .header(
            "List-Id",
            Address::new_address(Some(issue.title.as_str()), list),
        )
        .header("List-Archive", URL::new(issue.home.as_str()))
        .header("Content-Language", Raw::new(one_line(&issue.language)))
        .header("X-Unsent", HeaderType::from(Raw::new("1")))
        .body(body)
        .serialize(&mut bytes);
    Ok(bytes)
}

/// The same for one issue of one site for ever, so that a message sent again is known as the same
/// one: `digest.weekly.2024-W47@news.example`.
fn message_id(issue: &Issue, host: &str) -> String {
    let (slug, label) = (atom(&issue.slug), atom(&issue.span.label));
    format!("digest.{slug}.{label}@{host}")
}

/// `text` as an atom, RFC 5322 section 3.2.3.
fn atom(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

/// A boundary that stands in neither body. No line of quoted-printable or Base64 can hold `=_`
/// either.
fn boundary(text: &str, html: &str) -> String {
    let mut seed = xxh3_64(text.as_bytes()) ^ xxh3_64(html.as_bytes()).rotate_left(1);
    loop {
        let boundary = format!("=_{seed:016x}");
        if !text.contains(&boundary) && !html.contains(&boundary) {
            return boundary;
        }
        seed = seed.wrapping_add(1);
    }
}

/// The display name and the address of `Name <address>` or of an address alone.
///
/// # Errors
/// What is no such mailbox: more than one address, an address with spaces, without `@`, or with
/// letters that only an extended mail system takes (RFC 6532).
fn mailbox(text: &str) -> Result<(Option<String>, String), Problem> {
    let line = one_line(text);
    let (name, address) = match line
        .strip_suffix('>')
        .and_then(|rest| rest.rsplit_once('<'))
    {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", line.as_str()),
    };
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"<>()[]\\,;:@\"".contains(&byte))
    };
    let is_address = address
        .split_once('@')
        .is_some_and(|(local, domain)| is_plain(local) && is_plain(domain));
    // A name with an address in it is a second mailbox.
    if !is_address || name.contains(['<', '>', '@']) {
        return Err(
            Problem::error(format!("the sender '{line}' is no mail address"))
                .help("write it as 'Name <name@host.example>'"),
        );
    }
    let name = (!name.is_empty()).then(|| name.to_owned());
    Ok((name, address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_is_a_name_and_an_address() {
        let parts = |text| mailbox(text).unwrap();
        let address = "news@osce.example".to_owned();
        assert_eq!(parts("news@osce.example"), (None, address.clone()));
        assert_eq!(parts("<news@osce.example>"), (None, address.clone()));
        assert_eq!(
            parts("\"News, daily\" <news@osce.example>"),
            (Some("News, daily".to_owned()), address.clone())
        );
        // A line break cannot start another header.
        assert_eq!(
            parts("News\r\nBcc: all <news@osce.example>"),
            (Some("News Bcc: all".to_owned()), address)
        );
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        for text in [
            "",
            "news",
            "news@",
            "@osce.example",
            "a@b@c",
            "a b@osce.example",
            "News <a@b.example>, More <c@d.example>",
            "a@b.example, c@d.example",
            "нoвини@osce.example",
        ] {
            assert!(mailbox(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_boundary_depends_on_both_bodies() {
        assert_eq!(boundary("text", "html"), boundary("text", "html"));
        assert_ne!(boundary("text", "html"), boundary("html", "text"));
    }
}
