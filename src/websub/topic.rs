//! Topics: the feeds that one can subscribe to, and where they stand.
//!
//! A topic is a document that changes: the feeds themselves in each of their formats, not the
//! sealed documents of their archives.

use url::Url;

use crate::feed::Format;

/// The format of the feed at a path below the site's root, if it is a topic.
pub fn format(path: &str) -> Option<Format> {
    let mut segments = path.rsplit('/');
    let name = segments.next()?;
    let format = Format::ALL
        .into_iter()
        .find(|format| format.file_name() == name)?;
    let is_sealed = segments.any(|segment| segment == "archive" || segment.starts_with('.'));
    (!is_sealed).then_some(format)
}

/// The path below the site's root of the topic at `url`: exactly the address that the feed gives
/// as its own, whatever way the subscriber wrote it.
pub fn path(base_url: &Url, url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    if url.query().is_some() || url.fragment().is_some() {
        return None;
    }
    let path = url.as_str().strip_prefix(base_url.as_str())?;
    // What Tidings publishes feeds under needs no escapes; `..` is gone since the URL was read.
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte));
    (is_plain && format(path).is_some()).then(|| path.to_owned())
}

/// The value of a `Link` header that names a feed and its hubs (WebSub, section 4; RFC 8288).
/// All are URLs, which have no character that would end them.
pub fn link_header(topic: &str, hubs: &[String]) -> String {
    let hubs = hubs.iter().map(|hub| format!("<{hub}>; rel=\"hub\""));
    let own = format!("<{topic}>; rel=\"self\"");
    hubs.chain([own]).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_topics_and_their_archives_and_pages_are_not() {
        assert_eq!(format("rss.xml"), Some(Format::Rss));
        assert_eq!(format("ru/topic/water/feed.json"), Some(Format::Json));
        for path in [
            "",
            "index.html",
            "topic/water/",
            "topic/archive/3/atom.xml",
            ".tidings/atom.xml",
        ] {
            assert_eq!(format(path), None, "{path}");
        }
    }

    #[test]
    fn a_topic_is_known_by_the_address_that_it_gives_itself() {
        let base = Url::parse("https://news.example.org/base/").unwrap();
        let of = |url: &str| path(&base, url);
        assert_eq!(
            of("https://news.example.org/base/a/atom.xml").unwrap(),
            "a/atom.xml"
        );
        assert_eq!(
            of("HTTPS://News.Example.org:443/base/rss.xml").unwrap(),
            "rss.xml"
        );
        for foreign in [
            "https://news.example.org/rss.xml",
            "http://news.example.org/base/rss.xml",
            "https://news.example.org/base/../rss.xml",
            "https://news.example.org/base/%2e%2e/rss.xml",
            "https://news.example.org/base/a%2f..%2frss.xml",
            "https://news.example.org/base/rss.xml?x=1",
            "https://news.example.org/base/rss.xml#x",
            "https://news.example.org.evil.example/base/rss.xml",
            "https://user@news.example.org/base/rss.xml",
            "rss.xml",
            "",
        ] {
            assert_eq!(of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn one_header_names_the_hubs_and_the_feed() {
        let hubs = [
            "https://a.example/websub".to_owned(),
            "https://b.example/?x=1".to_owned(),
        ];
        assert_eq!(
            link_header("https://a.example/rss.xml", &hubs),
            "<https://a.example/websub>; rel=\"hub\", <https://b.example/?x=1>; rel=\"hub\", \
             <https://a.example/rss.xml>; rel=\"self\""
        );
    }
}
