//! What single values of `feeds.toml` must look like: text in, checked value out.

use std::path::{Component, Path, PathBuf};

use chrono_tz::{TZ_VARIANTS, Tz};
use url::Url;

use super::notes::Wrong;
use crate::diagnostic::did_you_mean;
use crate::taxonomy::slug::{STATED_LIMIT, is_slug, slug};

/// A slug that is written out.
pub(super) fn stated_slug(text: &str) -> Result<String, Wrong> {
    if is_slug(text) {
        return Ok(text.to_owned());
    }
    let better = slug(text);
    let help = if better.is_empty() {
        "a slug has lower-case letters, digits and hyphens between them".to_owned()
    } else if text.len() > STATED_LIMIT {
        format!("a slug has at most {STATED_LIMIT} characters")
    } else {
        format!("write '{better}': lower-case letters, digits and hyphens between them")
    };
    Err(Wrong::new(format!("'{text}' is not a slug"), help))
}

/// An absolute http or https URL.
pub(super) fn web_url(text: &str) -> Result<Url, Wrong> {
    const HELP: &str = "write all of it: 'https://example.org/'";
    const NO_SCHEME: &str = "it does not begin with http or https";
    let wrong = |why: &str| Wrong::new(format!("'{text}' is not a web address: {why}"), HELP);
    if text.chars().any(char::is_whitespace) {
        // The standard's parser would drop or encode it.
        return Err(wrong("it holds a space"));
    }
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => wrong(NO_SCHEME),
        other => wrong(&other.to_string()),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(NO_SCHEME));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds a user name, which everyone would see"));
    }
    Ok(url)
}

/// The address below which everything is published, with a slash at its end.
pub(super) fn base_url(text: &str) -> Result<Url, Wrong> {
    let mut url = web_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        let help = "paths are added to it: leave out what follows '?' or '#'";
        return Err(Wrong::new(format!("'{text}' has more than a path"), help));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// An absolute URL or URN of any scheme, as written.
pub(super) fn scheme(text: &str) -> Result<String, Wrong> {
    let is_plain = !text.chars().any(char::is_whitespace);
    if is_plain && Url::parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("'{text}' is not an absolute address"),
        "write one such as 'https://example.org/field-of-work/'",
    ))
}

/// The authority and date of `tag:` URIs, RFC 4151, section 2.1.
pub(super) fn tag_authority(text: &str) -> Result<String, Wrong> {
    let is_valid = text.split_once(',').is_some_and(|(authority, date)| {
        let name = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let is_authority = is_domain(name) && (name == authority || address(authority).is_ok());
        let lengths: Vec<usize> = date.split('-').map(str::len).collect();
        let digits = date
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
        let formats: [(&[usize], &str); 3] = [(&[4], "-01-01"), (&[4, 2], "-01"), (&[4, 2, 2], "")];
        let rest = formats.iter().find(|(format, _)| *format == lengths);
        let exists = rest
            .is_some_and(|(_, rest)| format!("{date}{rest}").parse::<chrono::NaiveDate>().is_ok());
        is_authority && digits && exists
    });
    if is_valid {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("'{text}' is not a tag authority"),
        "write a domain that you own and a year in which you owned it: 'example.org,2024'",
    ))
}

/// A language tag in the form of RFC 5646, section 2.1: a language of two or three letters, and
/// subtags. Whether the subtags are registered is not asked.
pub(super) fn language(text: &str) -> Result<String, Wrong> {
    let mut subtags = text.split('-');
    let is_language = subtags.next().is_some_and(|tag| {
        (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    let mut rest_is_plain = subtags.map(|tag| {
        (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if is_language && rest_is_plain.all(|is_plain| is_plain) {
        return Ok(text.to_owned());
    }
    let hyphenated = text.replace('_', "-");
    let help = if hyphenated != text && language(&hyphenated).is_ok() {
        format!("did you mean '{hyphenated}'?")
    } else {
        "write a tag such as 'en', 'ru' or 'sr-Latn'".to_owned()
    };
    Err(Wrong::new(format!("'{text}' is not a language tag"), help))
}

/// A zone of the tz database.
pub(super) fn timezone(text: &str) -> Result<Tz, Wrong> {
    text.parse().map_err(|_| {
        let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
        let place = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
        let by_place = names().find(|name| place(name).eq_ignore_ascii_case(text));
        let near = did_you_mean(text, names()).or(by_place).or_else(|| {
            let near = did_you_mean(text, names().map(place))?;
            names().find(|name| place(name) == near)
        });
        let help = match near {
            Some(near) => format!("did you mean '{near}'?"),
            None => "write a name of the tz database: 'Europe/Vienna', 'UTC'".to_owned(),
        };
        Wrong::new(format!("unknown time zone '{text}'"), help)
    })
}

/// An e-mail address: an ASCII dot-atom and a domain (RFC 5322, section 3.4.1, without quoted
/// strings, comments and literals). Nothing in it can end a header or an SMTP command.
pub(super) fn address(text: &str) -> Result<String, Wrong> {
    let is_valid = text.split_once('@').is_some_and(|(local, domain)| {
        let is_atom = |atom: &str| {
            !atom.is_empty()
                && atom.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
                })
        };
        local.len() <= 64 && local.split('.').all(is_atom) && is_domain(domain)
    });
    if is_valid {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("'{text}' is not an e-mail address"),
        "write one such as 'press@example.org'",
    ))
}

/// `Name <address>`, or an address alone.
pub(super) fn mailbox(text: &str) -> Result<String, Wrong> {
    let Some((name, rest)) = text.split_once('<') else {
        return address(text);
    };
    let help = "write 'Name <press@example.org>'";
    let Some(inner) = rest.strip_suffix('>') else {
        return Err(Wrong::new(format!("'{text}' is not a sender"), help));
    };
    address(inner)?;
    // A quoted name would be quoted once more when it is written into the header.
    if name.contains(['"', '>', '\\']) {
        return Err(Wrong::new(
            format!("the name in '{text}' holds a quotation mark or bracket"),
            help,
        ));
    }
    Ok(text.to_owned())
}

/// Whether the text is a host name: labels of letters, digits and hyphens (RFC 1123,
/// section 2.1), at most 253 characters.
fn is_domain(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// A path below the newsroom's folder, without `.` segments.
pub(super) fn relative_path(text: &str) -> Result<PathBuf, Wrong> {
    let wrong = |message: String| {
        let help = "write a path below the folder of feeds.toml, with '/' between its parts";
        Err(Wrong::new(message, help))
    };
    if text.contains('\\') || text.contains(':') {
        return wrong(format!("'{text}' is not a plain path"));
    }
    let mut path = PathBuf::new();
    for component in Path::new(text).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir => return wrong(format!("'{text}' leaves the folder")),
            Component::RootDir | Component::Prefix(_) => {
                return wrong(format!("'{text}' is not a relative path"));
            }
        }
    }
    Ok(path)
}

/// The name of a template: letters, digits, hyphens and underscores.
pub(super) fn template_name(text: &str) -> Result<String, Wrong> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if text.bytes().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("'{text}' is not the name of a template"),
        "write its name alone: 'digest' for digest.html.hbs and digest.text.hbs",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help<T: std::fmt::Debug>(result: Result<T, Wrong>) -> String {
        result.unwrap_err().help.unwrap()
    }

    #[test]
    fn a_base_url_ends_with_a_slash_and_has_nothing_behind_its_path() {
        let base = |text| base_url(text).map(String::from);
        assert_eq!(base("https://example.org").unwrap(), "https://example.org/");
        assert_eq!(
            base("http://example.org/news").unwrap(),
            "http://example.org/news/"
        );
        for bad in [
            "example.org",
            "//example.org/",
            "/news/",
            "ftp://example.org/",
            "mailto:press@example.org",
            "https://",
            "https://user:secret@example.org/",
            "https://example.org/?a=b",
            "https://example.org/#top",
            "https://exa mple.org/",
            "https://exa\nmple.org/",
        ] {
            assert!(base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_tag_authority_is_a_domain_or_address_and_a_date() {
        for good in [
            "example.org,2024",
            "example.org,2024-02",
            "a@example.org,2024-02-29",
        ] {
            assert!(tag_authority(good).is_ok(), "{good}");
        }
        for bad in [
            "example.org",
            "example.org,24",
            "example.org,2023-02-29",
            "example.org,2024-2",
            "exa mple.org,2024",
            "@example.org,2024",
            "a@b@example.org,2024",
            ",2024",
        ] {
            assert!(tag_authority(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_language_tag_has_hyphens() {
        for good in ["en", "en-GB", "sr-Latn-RS", "ast"] {
            assert!(language(good).is_ok(), "{good}");
        }
        for bad in ["english", "e", "en-", "en--GB", "en GB", "é"] {
            assert!(language(bad).is_err(), "{bad}");
        }
        assert_eq!(help(language("en_GB")), "did you mean 'en-GB'?");
    }

    #[test]
    fn a_zone_is_guessed_from_its_place() {
        assert_eq!(timezone("Europe/Vienna").unwrap(), Tz::Europe__Vienna);
        assert_eq!(
            help(timezone("Europe/Viena")),
            "did you mean 'Europe/Vienna'?"
        );
        assert_eq!(help(timezone("vienna")), "did you mean 'Europe/Vienna'?");
        assert_eq!(help(timezone("Bishkec")), "did you mean 'Asia/Bishkek'?");
        assert!(help(timezone("Middle-earth/Shire")).contains("tz database"));
    }

    #[test]
    fn an_address_cannot_carry_a_header() {
        for good in [
            "press@example.org",
            "a.b+c@localhost",
            "Press Office <press@example.org>",
        ] {
            assert!(mailbox(good).is_ok(), "{good}");
        }
        for bad in [
            "press",
            "@example.org",
            "press@",
            "a b@example.org",
            "a@b@c",
            ".a@example.org",
            "a..b@example.org",
            "a@exam_ple.org",
            "a@-example.org",
            "press@example.org\r\nBcc: all@example.org",
            "Press <press@example.org",
            "Press <press@example.org> x",
            "Press <<press@example.org>>",
            "\"Press\" <press@example.org>",
            "Press <a@example.org>, B <b@example.org>",
        ] {
            assert!(mailbox(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_stays_below_its_folder() {
        assert_eq!(
            relative_path("./news/2024/").unwrap(),
            Path::new("news/2024")
        );
        assert_eq!(relative_path(".").unwrap(), Path::new(""));
        for bad in [
            "/news",
            "..",
            "news/../..",
            "news/..",
            "C:\\news",
            "c:news",
            "a\\b",
        ] {
            assert!(relative_path(bad).is_err(), "{bad}");
        }
    }
}
