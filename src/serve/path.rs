//! The path of a request as a path below the output: decoded once, and never leading out of it.
//!
//! Pure: text in, values out.

use crate::media::percent_decode;

/// The one hidden folder that is for everybody (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// A path below the output, in the words of the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Segments joined by slashes, none in front; empty for the output itself. A slash at its
    /// end where the request had one.
    pub path: String,
    /// Whether the request spelled it like this; one with doubled slashes did not.
    pub is_canonical: bool,
}

impl Local {
    /// Whether a folder is meant, whose index is to be sent.
    pub fn is_folder(&self) -> bool {
        self.path.is_empty() || self.path.ends_with('/')
    }
}

/// What the path of a request means; `None` for one that leaves the output, looks into hidden
/// folders, is badly encoded or holds what no name of ours does: control characters, NUL among
/// them, and backslashes, which are separators to some.
///
/// Decoded exactly once: `%252e` is the name `%2e`.
pub fn resolve(path: &str) -> Option<Local> {
    let path = path.strip_prefix('/')?;
    let decoded = if path.contains('%') {
        percent_decode(path)?
    } else {
        path.to_owned()
    };
    let mut is_canonical = true;
    let mut segments = decoded.split('/').enumerate().peekable();
    while let Some((at, segment)) = segments.next() {
        let is_last = segments.peek().is_none();
        is_canonical &= !segment.is_empty() || is_last;
        let is_hidden = segment.starts_with('.') && !(at == 0 && segment == WELL_KNOWN);
        if is_hidden || segment.contains(|c: char| c == '\\' || c.is_control()) {
            return None;
        }
    }
    let path = if is_canonical {
        decoded
    } else {
        let folder = decoded.ends_with('/');
        let kept: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
        let slash = if folder && !kept.is_empty() { "/" } else { "" };
        format!("{}{slash}", kept.join("/"))
    };
    Some(Local { path, is_canonical })
}

/// The path as it stands in a URL: all but the unreserved characters of RFC 3986, section 2.3,
/// and slashes encoded. Nothing in it can end a header.
pub fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(request: &str) -> Option<String> {
        resolve(request).map(|local| local.path)
    }

    #[test]
    fn a_path_is_decoded_once() {
        assert_eq!(path("/").as_deref(), Some(""));
        assert_eq!(path("/topic/").as_deref(), Some("topic/"));
        assert_eq!(path("/a%20b/%C3%A9.html").as_deref(), Some("a b/é.html"));
        assert_eq!(path("/%252e%252e/x").as_deref(), Some("%2e%2e/x"));
        assert_eq!(
            path("/.well-known/security.txt").as_deref(),
            Some(".well-known/security.txt")
        );
    }

    #[test]
    fn nothing_leads_out_of_the_output() {
        for bad in [
            "/../secret",
            "/..",
            "/topic/../../secret",
            "/%2e%2e/secret",
            "/%2E%2E%2Fsecret",
            "/topic/%2e./secret",
            "/..%2fsecret",
            "/..%5csecret",
            "/..\\secret",
            "/topic/..%c0%afsecret",
            "/%c0%ae%c0%ae/secret",
            "/%e0%80%ae/secret",
            "/.tidings/manifest",
            "/topic/.well-known/x",
            "/%2etidings/manifest",
            "/a%00b",
            "/a%0d%0aSet-Cookie:x",
            "/%zz",
            "/%",
            "/%2",
            "*",
            "",
            "http://elsewhere/",
        ] {
            assert_eq!(resolve(bad), None, "{bad}");
        }
    }

    #[test]
    fn doubled_slashes_are_seen_and_mended() {
        for (given, mended) in [
            ("//", ""),
            ("//atom.xml", "atom.xml"),
            ("/a//b/", "a/b/"),
            ("/a/b//", "a/b/"),
            ("//example.org/", "example.org/"),
        ] {
            let local = resolve(given).unwrap();
            assert!(!local.is_canonical, "{given}");
            assert_eq!(local.path, mended);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_stays_inside(request in "/[ -~]{0,40}") {
            if let Some(local) = resolve(&request) {
                prop_assert!(!local.path.starts_with('/'));
                prop_assert!(local.path.split('/').all(|part| part != ".." && part != "."));
            }
        }

        #[test]
        fn a_path_survives_being_encoded(name in "[^/\\\\.\\p{Cc}]{1,20}") {
            let found = resolve(&format!("/{}", encode(&name)));
            prop_assert_eq!(found, Some(Local { path: name, is_canonical: true }));
        }
    }
}
