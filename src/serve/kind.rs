//! What kind of file something is: its media type, and how it is cached, compressed and guarded.
//!
//! Pure: a path and bytes in, values out.

use std::path::Path;

use memchr::memmem;

use crate::feed::{self, Format};
use crate::media;

/// A kind of file of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The newest entries of a selection, which is what readers subscribe to.
    Feed(Format),
    /// A sealed part of a feed's past (RFC 5005).
    Archive(Format),
    /// A list of feeds.
    Opml,
    /// An HTML page.
    Page,
    /// A file that items point at.
    Media,
    /// What pages are made with: the style sheet, the icon; and everything else.
    Asset,
}

impl Kind {
    /// All kinds without their formats, as metrics name them.
    pub const NAMES: [&'static str; 6] = ["feed", "archive", "opml", "page", "media", "asset"];

    /// The kind of the file at `path` below the output.
    pub fn of(path: &str, bytes: &[u8]) -> Kind {
        if is_media(path) {
            return Kind::Media;
        }
        let format = match extension(path) {
            "html" => return Kind::Page,
            "opml" => return Kind::Opml,
            "xml" => match root_element(bytes) {
                Some("rss") => Format::Rss,
                Some("feed") => Format::Atom,
                Some("opml") => return Kind::Opml,
                _ => return Kind::Asset,
            },
            "json" if memmem::find(&bytes[..bytes.len().min(512)], JSON_FEED).is_some() => {
                Format::Json
            }
            _ => return Kind::Asset,
        };
        if is_archive(path) {
            Kind::Archive(format)
        } else {
            Kind::Feed(format)
        }
    }

    /// Its name in metrics: one of [`Kind::NAMES`].
    pub fn name(self) -> &'static str {
        match self {
            Kind::Feed(_) => "feed",
            Kind::Archive(_) => "archive",
            Kind::Opml => "opml",
            Kind::Page => "page",
            Kind::Media => "media",
            Kind::Asset => "asset",
        }
    }

    /// Whether pages of other sites may read it with a script.
    pub fn is_for_other_sites(self) -> bool {
        matches!(self, Kind::Feed(_) | Kind::Archive(_) | Kind::Opml)
    }
}

/// What a page may do: use what this site has, and show pictures and recordings of any.
pub const PAGE_POLICY: &str = "default-src 'none'; img-src * data:; media-src *; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
/// What a file may do that others made and that could hold a script: nothing.
pub const FOREIGN_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// What every JSON Feed says of itself.
const JSON_FEED: &[u8] = b"https://jsonfeed.org/version/";

/// Whether the path is that of an archive document: `archive/<number>/<file>` in a feed's folder.
fn is_archive(path: &str) -> bool {
    let mut segments = path.rsplit('/').skip(1);
    let is_number = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
    segments.next().is_some_and(is_number) && segments.next() == Some(feed::ARCHIVE_FOLDER)
}

fn is_media(path: &str) -> bool {
    path.strip_prefix(media::FOLDER)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The ending of the file's name, without the dot; empty where there is none.
fn extension(path: &str) -> &str {
    Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
}

/// The name of an XML document's first element.
fn root_element(bytes: &[u8]) -> Option<&str> {
    let mut rest = &bytes[..bytes.len().min(4_096)];
    loop {
        let at = memchr::memchr(b'<', rest)?;
        rest = &rest[at + 1..];
        if rest.starts_with(b"!--") {
            rest = &rest[memmem::find(rest, b"-->")?..];
        } else if !rest.starts_with(b"?") && !rest.starts_with(b"!") {
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
            let end = rest.iter().position(is_end)?;
            return std::str::from_utf8(&rest[..end]).ok();
        }
    }
}

/// The `Content-Type` of a file: its media type, and its charset where the type has that
/// parameter.
pub fn media_type(path: &str, kind: Kind, bytes: &[u8]) -> &'static str {
    match kind {
        Kind::Feed(format) | Kind::Archive(format) => match format {
            Format::Rss => "application/rss+xml; charset=utf-8",
            Format::Atom => "application/atom+xml; charset=utf-8",
            Format::Json => "application/feed+json",
        },
        Kind::Opml => "text/x-opml; charset=utf-8",
        Kind::Page => "text/html; charset=utf-8",
        Kind::Media | Kind::Asset => match extension(path) {
            // Without a name there is only the content, as in `.well-known`.
            "" => nameless(bytes),
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "txt" => "text/plain; charset=utf-8",
            "csv" => "text/csv; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "xml" => "application/xml; charset=utf-8",
            "ttl" => "text/turtle; charset=utf-8",
            "eml" => "message/rfc822",
            "webmanifest" => "application/manifest+json",
            _ => mime_guess::from_path(path)
                .first_raw()
                .unwrap_or("application/octet-stream"),
        },
    }
}

fn nameless(bytes: &[u8]) -> &'static str {
    let text = std::str::from_utf8(bytes).unwrap_or("\0");
    if text.contains(|c: char| c.is_control() && !c.is_whitespace()) {
        "application/octet-stream"
    } else if text.trim_start().starts_with('{') {
        "application/json"
    } else {
        "text/plain; charset=utf-8"
    }
}

/// Whether the file is of a kind that becomes smaller, going by its name: texts do, pictures and
/// recordings are compressed already.
pub fn is_compressible(path: &str) -> bool {
    matches!(
        extension(path),
        "html"
            | "xml"
            | "rss"
            | "atom"
            | "json"
            | "opml"
            | "css"
            | "js"
            | "txt"
            | "csv"
            | "svg"
            | "eml"
            | "ttl"
            | "rdf"
            | "ics"
            | "webmanifest"
            | ""
    )
}

/// What a browser may do with the file, where it would show or run it: Content Security Policy.
pub fn policy(path: &str, kind: Kind) -> Option<&'static str> {
    match kind {
        // A mail brings its styles with it.
        Kind::Page if path.ends_with("/mail.html") => Some(
            "default-src 'none'; img-src * data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        ),
        Kind::Page => Some(PAGE_POLICY),
        // Others made it, and it could hold a script.
        Kind::Media if matches!(extension(path), "svg" | "html" | "htm" | "xhtml" | "xml") => {
            Some(FOREIGN_POLICY)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(path: &str, bytes: &str) -> (Kind, &'static str) {
        let kind = Kind::of(path, bytes.as_bytes());
        (kind, media_type(path, kind, bytes.as_bytes()))
    }

    #[test]
    fn feeds_are_known_by_what_they_are() {
        let rss = "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\">";
        assert_eq!(
            typed("topic/rss.xml", rss),
            (
                Kind::Feed(Format::Rss),
                "application/rss+xml; charset=utf-8"
            )
        );
        let atom =
            "<?xml version=\"1.0\"?>\n<!-- <rss> --><feed xmlns=\"http://www.w3.org/2005/Atom\">";
        assert_eq!(
            typed("topic/atom.xml", atom),
            (
                Kind::Feed(Format::Atom),
                "application/atom+xml; charset=utf-8"
            )
        );
        assert_eq!(
            typed("topic/archive/3/atom.xml", atom).0,
            Kind::Archive(Format::Atom)
        );
        assert_eq!(
            typed("archive/12/rss.xml", rss).0,
            Kind::Archive(Format::Rss)
        );
        assert_eq!(
            typed("topic/archive/rss.xml", rss).0,
            Kind::Feed(Format::Rss)
        );
        let json = "{\"version\": \"https://jsonfeed.org/version/1.1\"";
        assert_eq!(
            typed("feed.json", json),
            (Kind::Feed(Format::Json), "application/feed+json")
        );
        assert_eq!(
            typed("archive/1/feed.json", json).0,
            Kind::Archive(Format::Json)
        );
        assert_eq!(typed("data.json", "{}"), (Kind::Asset, "application/json"));
        assert_eq!(
            typed("sitemap.xml", "<?xml version=\"1.0\"?><urlset>"),
            (Kind::Asset, "application/xml; charset=utf-8")
        );
    }

    #[test]
    fn other_files_go_by_their_names() {
        for (path, media_type) in [
            ("index.html", "text/html; charset=utf-8"),
            ("style.css", "text/css; charset=utf-8"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
            ("media/a.jpg", "image/jpeg"),
            ("media/a.html", "text/html; charset=utf-8"),
            ("digests/weekly/2024-W47/mail.eml", "message/rfc822"),
            ("feeds.opml", "text/x-opml; charset=utf-8"),
            ("media/unknown.zzz", "application/octet-stream"),
            (".well-known/some-text", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(typed(path, "x").1, media_type, "{path}");
        }
        assert_eq!(
            typed(".well-known/links", "{\"a\":1}").1,
            "application/json"
        );
    }

    #[test]
    fn what_others_made_runs_no_script() {
        let policy_of = |path: &str| policy(path, Kind::of(path, b""));
        assert!(policy_of("media/evil.svg").unwrap().contains("sandbox"));
        assert!(
            policy_of("index.html")
                .unwrap()
                .contains("default-src 'none'")
        );
        assert_eq!(policy_of("media/report.pdf"), None);
        assert_eq!(policy_of("rss.xml"), None);
    }
}
