//! Links made absolute, and refused where following them could do harm.

use std::path::Path;

use url::{ParseError, Url};

/// The absolute form of a link of an item, or `None` where it must not be a link: its scheme is
/// not `http`, `https`, `mailto` or `tel`, or it points within the page that it stands on.
///
/// A relative link resolves against `folder`; one that begins with a slash against the root of
/// the site, which is `site` where that has a path of its own.
pub(super) fn absolute(link: &str, site: &Url, folder: &Url) -> Option<String> {
    let link = link.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if link.is_empty() || link.starts_with('#') {
        return None;
    }
    // The URL parser drops tabs and line breaks as browsers do, so `java\nscript:` is seen for
    // what it is.
    let url = match Url::parse(link) {
        Ok(url) => url,
        Err(ParseError::RelativeUrlWithoutBase) => match link.strip_prefix('/') {
            Some(rest) if !rest.starts_with(['/', '\\']) && !link.starts_with(site.path()) => {
                site.join(rest).ok()?
            }
            _ => folder.join(link).ok()?,
        },
        Err(_) => return None,
    };
    matches!(url.scheme(), "http" | "https" | "mailto" | "tel").then(|| url.into())
}

/// As [`absolute`], for what can be fetched: `http` and `https` alone.
pub(super) fn fetchable(link: &str, site: &Url, folder: &Url) -> Option<String> {
    absolute(link, site, folder).filter(|url| url.starts_with("http"))
}

/// The MIME type that the extension of a URL's path suggests.
pub(super) fn media_type(url: &str) -> Option<&'static str> {
    let url = Url::parse(url).ok()?;
    let extension = Path::new(url.path()).extension()?.to_str()?;
    mime_guess::from_ext(extension).first_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(link: &str) -> Option<String> {
        let site = Url::parse("https://news.example/press/").expect("is a URL");
        let folder = Url::parse("https://news.example/press/media/2024/").expect("is a URL");
        absolute(link, &site, &folder)
    }

    #[test]
    fn relative_links_become_absolute() {
        for (link, expected) in [
            (
                "photo.jpg",
                "https://news.example/press/media/2024/photo.jpg",
            ),
            ("../a b.pdf", "https://news.example/press/media/a%20b.pdf"),
            ("/about", "https://news.example/press/about"),
            ("/press/about", "https://news.example/press/about"),
            ("//cdn.example/x.png", "https://cdn.example/x.png"),
            ("?page=2", "https://news.example/press/media/2024/?page=2"),
            (
                "https://a.example/?a=1&b=2#c",
                "https://a.example/?a=1&b=2#c",
            ),
            ("MAILTO:press@a.example", "mailto:press@a.example"),
            ("tel:+431514360", "tel:+431514360"),
        ] {
            assert_eq!(resolve(link).as_deref(), Some(expected), "{link}");
        }
    }

    #[test]
    fn links_that_could_do_harm_are_none() {
        for link in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:x",
            "java\nscript:x",
            "\u{1}javascript:x",
            "java\tscript\n:x",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://a.example/",
            "blob:https://a.example/x",
            "c:\\windows",
            "#anchor",
            "",
            "https://",
        ] {
            assert_eq!(resolve(link), None, "{link}");
        }
    }

    #[test]
    fn media_types_come_from_the_path() {
        assert_eq!(
            media_type("https://a.example/x.MP3?y=z.png"),
            Some("audio/mpeg")
        );
        assert_eq!(media_type("https://a.example/"), None);
    }
}
