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
