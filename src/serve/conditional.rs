//! Conditional requests, in the order of RFC 9110, section 13.2.2.
//!
//! Pure: headers in, a verdict out.

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, header};

/// What the validators of a request make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send the representation.
    Send,
    /// The client has it: 304.
    NotModified,
    /// The client wanted another: 412.
    Failed,
}

/// The validators of the selected representation.
#[derive(Debug, Clone, Copy)]
pub struct Validators<'a> {
    /// Its strong entity tag, with the quotation marks.
    pub etag: &'a str,
    /// When it was last changed, in whole seconds.
    pub modified: SystemTime,
}

impl Validators<'_> {
    /// The verdict on a GET or HEAD.
    pub fn judge(&self, headers: &HeaderMap) -> Verdict {
        if headers.contains_key(header::IF_MATCH) {
            if !tags(headers, &header::IF_MATCH).any(|tag| tag == "*" || tag == self.etag) {
                return Verdict::Failed;
            }
        } else if let Some(date) = date(headers, &header::IF_UNMODIFIED_SINCE)
            && self.modified > date
        {
            return Verdict::Failed;
        }
        if headers.contains_key(header::IF_NONE_MATCH) {
            let mut seen = tags(headers, &header::IF_NONE_MATCH);
            if seen.any(|tag| tag == "*" || opaque(tag) == self.etag) {
                return Verdict::NotModified;
            }
        } else if let Some(date) = date(headers, &header::IF_MODIFIED_SINCE)
            && self.modified <= date
        {
            return Verdict::NotModified;
        }
        Verdict::Send
    }

    /// Whether the parts that are asked for are of this representation: If-Range, RFC 9110,
    /// section 13.1.5. A weak tag never is.
    pub fn may_send_parts(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(header::IF_RANGE) else {
            return true;
        };
        let value = value.to_str().unwrap_or_default();
        if value.contains('"') {
            value == self.etag
        } else {
            httpdate::parse_http_date(value).is_ok_and(|date| date == self.modified)
        }
    }
}

/// The entity tags of a header, each as written.
pub fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| Tags { rest: value })
}

/// The tag without the mark of a weak one.
pub fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// A comma may stand inside a tag, so that the list cannot simply be split.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tags<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return None;
        }
        let mark = if rest.starts_with("W/\"") { 3 } else { 1 };
        let end = if rest.starts_with('"') || mark == 3 {
            rest[mark..].find('"').map(|at| mark + at + 1)
        } else {
            rest.find(',')
        };
        let (tag, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = rest;
        Some(tag.trim_end())
    }
}

/// A date that cannot be read counts as absent (RFC 9110, sections 13.1.3 and 13.1.4).
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let value = headers.get(name)?.to_str().ok()?;
    httpdate::parse_http_date(value).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use axum::http::HeaderValue;

    use super::*;

    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn validators() -> Validators<'static> {
        Validators {
            etag: "\"v2\"",
            modified: UNIX_EPOCH + Duration::from_secs(784_111_777),
        }
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn verdict(lines: &[(&'static str, &str)]) -> Verdict {
        validators().judge(&headers(lines))
    }

    #[test]
    fn a_known_tag_is_not_modified_weak_or_strong() {
        for known in [
            "\"v2\"",
            "W/\"v2\"",
            "\"v1\", \"v2\"",
            "\"a,b\",W/\"v2\"",
            "*",
            ",, \"v2\" ,",
        ] {
            assert_eq!(
                verdict(&[("if-none-match", known)]),
                Verdict::NotModified,
                "{known}"
            );
        }
        for other in [
            "\"v1\"",
            "\"v2",
            "v2",
            "\"v2 \"",
            "",
            "\"a\"v2\"",
            "w/\"v2\"",
        ] {
            assert_eq!(
                verdict(&[("if-none-match", other)]),
                Verdict::Send,
                "{other}"
            );
        }
        let twice = [("if-none-match", "\"v1\""), ("if-none-match", "\"v2\"")];
        assert_eq!(verdict(&twice), Verdict::NotModified);
    }

    #[test]
    fn dates_count_to_the_second_and_in_all_three_forms() {
        assert_eq!(verdict(&[("if-modified-since", BEFORE)]), Verdict::Send);
        for same in [
            AT,
            AFTER,
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(
                verdict(&[("if-modified-since", same)]),
                Verdict::NotModified,
                "{same}"
            );
        }
        assert_eq!(
            verdict(&[("if-modified-since", "yesterday")]),
            Verdict::Send
        );
    }

    #[test]
    fn a_tag_outranks_a_date() {
        let lines = [("if-none-match", "\"v1\""), ("if-modified-since", AFTER)];
        assert_eq!(verdict(&lines), Verdict::Send);
        let lines = [("if-match", "\"v2\""), ("if-unmodified-since", BEFORE)];
        assert_eq!(verdict(&lines), Verdict::Send);
    }

    #[test]
    fn preconditions_come_first_and_want_strong_tags() {
        for failed in ["\"v1\"", "W/\"v2\"", ""] {
            assert_eq!(
                verdict(&[("if-match", failed)]),
                Verdict::Failed,
                "{failed}"
            );
        }
        assert_eq!(verdict(&[("if-match", "*")]), Verdict::Send);
        assert_eq!(verdict(&[("if-unmodified-since", BEFORE)]), Verdict::Failed);
        assert_eq!(verdict(&[("if-unmodified-since", AT)]), Verdict::Send);
        let both = [("if-match", "\"v1\""), ("if-none-match", "\"v2\"")];
        assert_eq!(verdict(&both), Verdict::Failed);
        let both = [("if-match", "\"v2\""), ("if-none-match", "\"v2\"")];
        assert_eq!(verdict(&both), Verdict::NotModified);
    }

    #[test]
    fn parts_are_sent_of_the_very_same_representation_only() {
        for (value, may) in [
            ("\"v2\"", true),
            ("W/\"v2\"", false),
            ("\"v1\"", false),
            (AT, true),
            (AFTER, false),
            ("yesterday", false),
        ] {
            let headers = headers(&[("if-range", value)]);
            assert_eq!(validators().may_send_parts(&headers), may, "{value}");
        }
        assert!(validators().may_send_parts(&HeaderMap::new()));
    }
}
