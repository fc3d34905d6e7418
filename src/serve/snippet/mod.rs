//! Configuration for other servers that hand out the output, as the server of ours does: types,
//! caching, who may read feeds, what is gone and what has moved.
//!
//! Pure: what is known of a site in, text out. Addresses that are gone or have moved stand in it
//! one by one, so it is made anew when they change.

mod caddy;
mod cdn;
mod nginx;

use std::collections::BTreeMap;
use std::path::PathBuf;

use url::Url;

use crate::config::serve::Cache;
use crate::output::addresses::{Addresses, Fate};

pub use caddy::caddy;
pub use cdn::{headers as cdn_headers, redirects as cdn_redirects};
pub use nginx::nginx;

/// Names of feeds, each with its media type.
const FEEDS: [(&str, &str); 4] = [
    ("rss.xml", "application/rss+xml"),
    ("atom.xml", "application/atom+xml"),
    ("feed.json", "application/feed+json"),
    ("feeds.opml", "text/x-opml"),
];

/// What the configuration of another server depends on.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where the output stands on that server, absolute.
    pub output: PathBuf,
    /// The address that it is to be had at.
    pub base_url: Url,
    /// How long each kind of file may be kept.
    pub cache: Cache,
    /// What is gone and what has moved.
    pub addresses: Addresses,
}

impl Site {
    fn host(&self) -> &str {
        self.base_url.host_str().unwrap_or("localhost")
    }

    /// The path below which the site stands, without a slash at its end.
    fn mount(&self) -> &str {
        self.base_url.path().trim_end_matches('/')
    }

    /// The folders and files that have moved and where they are in the end; the longest first,
    /// so that the first that fits is the right one.
    fn moved(&self) -> Vec<(&str, String)> {
        let froms = self.addresses.moved.keys();
        let ends = froms.filter_map(|from| match self.addresses.fate(from)? {
            Fate::Moved(target) => Some((from.as_str(), target)),
            Fate::Gone(_) => None,
        });
        let by_name: BTreeMap<&str, String> = ends.collect();
        let mut moved: Vec<(&str, String)> = by_name.into_iter().collect();
        moved.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        moved
    }
}

/// What `write` writes.
fn written(write: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        let moved = [
            ("topic/old/", "topic/new/"),
            ("topic/older/", "topic/old/"),
            ("topic/old/part/", "topic/part/"),
            ("list.xml", "rss.xml"),
        ];
        Site {
            output: "/srv/news/public".into(),
            base_url: Url::parse("https://news.example.org/").unwrap(),
            cache: Cache::default(),
            addresses: Addresses {
                gone: ["news/2023/gone/".to_owned()].into(),
                moved: moved
                    .map(|(from, to)| (from.to_owned(), to.to_owned()))
                    .into(),
            },
        }
    }

    #[test]
    fn moves_lead_to_their_end_and_the_longest_comes_first() {
        let site = site();
        let moved = site.moved();
        assert_eq!(moved[0], ("topic/old/part/", "topic/part/".to_owned()));
        assert!(moved.contains(&("topic/older/", "topic/new/".to_owned())));
    }

    #[test]
    fn each_server_gets_its_configuration() {
        insta::assert_snapshot!("nginx", nginx(&site()));
        insta::assert_snapshot!("caddy", caddy(&site()));
        insta::assert_snapshot!("cdn_headers", cdn_headers(&site()));
        insta::assert_snapshot!("cdn_redirects", cdn_redirects(&site()));
    }

    /// A rule of `_redirects` as Netlify's and Cloudflare's own parsers take it apart: the path,
    /// where it leads, the status, and whether it holds even where there is a file.
    fn rule(line: &str) -> (&str, &str, u16, bool) {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [from, to, status] = parts[..] else {
            panic!("not three parts: {line}");
        };
        let forced = status.strip_suffix('!');
        let number = forced.unwrap_or(status).parse().unwrap();
        (from, to, number, forced.is_some())
    }

    #[test]
    fn redirects_keep_what_the_parsers_of_cdns_ask() {
        let mut site = site();
        site.addresses.gone.insert("topic/ended/".to_owned());
        site.addresses
            .gone
            .insert("topic/ended/atom.xml".to_owned());
        let text = cdn_redirects(&site);
        let (mut paths, mut has_star) = (Vec::new(), false);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (from, to, status, is_forced) = rule(line);
            // Cloudflare cuts lines off at 2,000 bytes and wants each path once.
            assert!(line.len() <= 2_000, "{line}");
            assert!(from.starts_with('/') && to.starts_with('/'), "{line}");
            assert!(!from.starts_with("/.netlify"), "{line}");
            assert!(!paths.contains(&from), "{line}");
            paths.push(from);
            // A star stands at the end alone, and what it took is put where ':splat' is.
            let stars = from.matches('*').count();
            assert!(stars == 0 || stars == 1 && from.ends_with("/*"), "{line}");
            assert_eq!(stars == 1, to.ends_with("/:splat"), "{line}");
            assert!(
                !from.contains(':') && !from.contains('#') && !from.contains('?'),
                "{line}"
            );
            // Cloudflare counts every rule behind the first with a star as one of a hundred.
            assert!(!has_star || stars == 1, "{line}");
            has_star |= stars == 1;
            match status {
                301 => assert!(!is_forced, "{line}"),
                // Forced, since the notice itself stands at this path.
                410 => assert!(is_forced && to.ends_with(".html"), "{line}"),
                _ => panic!("{line}"),
            }
        }
        assert!(text.contains("\n/topic/ended/ /404.html 410!\n"), "{text}");
        assert!(
            text.contains("\n/topic/ended/atom.xml /404.html 410!\n"),
            "{text}"
        );
    }

    #[test]
    fn nginx_is_told_of_each_ended_feed_once() {
        let mut site = site();
        site.addresses
            .gone
            .insert("topic/ended/atom.xml".to_owned());
        assert_eq!(nginx(&site).matches("topic/ended/atom.xml").count(), 1);
    }

    #[test]
    fn headers_keep_what_the_parsers_of_cdns_ask() {
        let text = cdn_headers(&site());
        let mut rules: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.len() <= 2_000, "{line}");
            if line.starts_with('/') {
                assert!(line.matches('*').count() <= 1, "{line}");
                rules.push((line, Vec::new()));
                continue;
            }
            assert!(line.starts_with("  "), "{line}");
            let (name, value) = line.trim().split_once(": ").unwrap();
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
            assert!(name.chars().all(is_name) && !value.is_empty(), "{line}");
            rules.last_mut().unwrap().1.push((name, value));
        }
        assert!(rules.len() <= 100, "Cloudflare takes a hundred");
        for (path, headers) in &rules {
            assert!(!headers.is_empty(), "{path}");
        }
        // Values of one name from two rules would be joined.
        let everywhere = &rules[0];
        assert_eq!(everywhere.0, "/*");
        for (path, headers) in &rules[1..] {
            for (name, _) in headers {
                assert!(
                    everywhere.1.iter().all(|(other, _)| other != name),
                    "{path}: {name}"
                );
            }
        }
    }

    #[test]
    fn nothing_in_an_address_breaks_out_of_its_place() {
        let mut site = site();
        let hostile = "a \"b\"; return 200; {c}$d'\n(e)/";
        site.addresses
            .moved
            .insert(hostile.to_owned(), "x/".to_owned());
        site.addresses.gone.insert(hostile.to_owned());
        for text in [nginx(&site), caddy(&site), cdn_redirects(&site)] {
            assert!(!text.contains("return 200; {c}"), "{text}");
        }
    }
}
