//! Files of the newsroom that items point at: pictures, recordings, documents.
//!
//! A relative link in an item means a file beside it. Such files are published below `media/`
//! under their path in the newsroom, and only while a published item points at them: whatever
//! else lies in the items' folders stays private.

use std::collections::BTreeSet;

use memchr::{memchr2_iter, memmem};
use url::Url;

use crate::item::{Body, Item};

/// The folder of the output that holds them.
pub const FOLDER: &str = "media";

/// The URL that relative links of the item at `path` start from.
pub fn folder_url(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(FOLDER);
        segments.extend(
            path.split('/')
                .rev()
                .skip(1)
                .collect::<Vec<_>>()
                .into_iter()
                .rev(),
        );
        segments.push("");
    }
    url
}

/// The [`folder_url`]s of paths that come one after another, those of one folder in a row: each is
/// made once.
pub struct FolderUrls<'a> {
    base: &'a Url,
    last: Option<(String, Url)>,
}

impl<'a> FolderUrls<'a> {
    /// Below `base`.
    pub fn new(base: &'a Url) -> FolderUrls<'a> {
        FolderUrls { base, last: None }
    }

    /// The URL that relative links of the item at `path` start from.
    pub fn of(&mut self, path: &str) -> &Url {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let last = self.last.take().filter(|(other, _)| other == folder);
        let (_, url) = self
            .last
            .insert(last.unwrap_or_else(|| (folder.to_owned(), folder_url(self.base, path))));
        url
    }
}

/// The newsroom's file that a URL stands for, as a path relative to the newsroom.
pub fn local_path(base: &Url, url: &str) -> Option<String> {
    let prefix = format!("{base}{FOLDER}/");
    let below = url.strip_prefix(&prefix)?;
    let below = below.split(['?', '#']).next().unwrap_or(below);
    let path = percent_decode(below)?;
    path.split('/')
        .all(|segment| !matches!(segment, "" | "." | ".."))
        .then_some(path)
}

/// The text that percent-encoded text stands for; `None` when it is not UTF-8 or badly encoded.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The newsroom's files that an item points at: its picture, its enclosures and the links of its
/// text, each once and in order.
pub fn local_files(item: &Item, base: &Url, folder: &Url) -> BTreeSet<String> {
    let image = item.image.iter().map(|image| image.url.clone());
    let enclosures = item
        .enclosures
        .iter()
        .map(|enclosure| enclosure.url.clone());
    let links = match &item.body {
        Body::Markdown(text) => [targets(text, true), reference_definitions(text)].concat(),
        Body::Html(text) => targets(text, false),
        Body::Text(_) => Vec::new(),
    };
    // One with a scheme of its own can only mean a file when it says so in full.
    let links = links
        .iter()
        .filter(|link| !link.contains("://") || link.starts_with(base.as_str()));
    let links = links
        .filter_map(|link| folder.join(link).ok())
        .map(String::from);
    image
        .chain(enclosures)
        .chain(links)
        .filter_map(|url| local_path(base, &url))
        .collect()
}

/// What `src` and `href` attributes name and, in Markdown, what stands in brackets after a link's
/// text.
fn targets(text: &str, markdown: bool) -> Vec<&str> {
    let mut links = Vec::new();
    for at in memchr2_iter(b']', b'=', text.as_bytes()) {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let begins = if text.as_bytes()[at] == b']' {
            markdown && after.starts_with('(')
        } else {
            after.starts_with(['"', '\'']) && (before.ends_with("src") || before.ends_with("href"))
        };
        if !begins {
            continue;
        }
        let rest = after[1..].trim_start_matches('<');
        let end = rest
            .find([')', '"', '\'', '>', ' ', '\n'])
            .unwrap_or(rest.len());
        links.push(&rest[..end]);
    }
    links.retain(|link| !link.is_empty() && !link.starts_with('#'));
    links
}

/// The targets of Markdown's `[name]: target` lines.
fn reference_definitions(text: &str) -> Vec<&str> {
    if memmem::find(text.as_bytes(), b"]:").is_none() {
        return Vec::new();
    }
    let lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with('['));
    let targets = lines.filter_map(|line| line.split_once("]:"));
    targets
        .filter_map(|(_, target)| target.split_whitespace().next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://example.org/sub/").unwrap()
    }

    #[test]
    fn a_relative_link_means_a_file_beside_the_item() {
        let folder = folder_url(&base(), "news/2024/a b/item.md");
        assert_eq!(
            folder.as_str(),
            "https://example.org/sub/media/news/2024/a%20b/"
        );
        let url = folder.join("../images/é.jpg").unwrap();
        assert_eq!(
            local_path(&base(), url.as_str()).as_deref(),
            Some("news/2024/images/é.jpg")
        );
    }

    #[test]
    fn folders_in_a_row_have_the_urls_that_each_has_alone() {
        let base = base();
        let mut folders = FolderUrls::new(&base);
        for path in [
            "news/a.md",
            "news/b.md",
            "news/x/a.md",
            "news/a.md",
            "a.md",
            "b.md",
        ] {
            assert_eq!(*folders.of(path), folder_url(&base, path), "{path}");
        }
    }

    #[test]
    fn a_link_never_leads_out_of_the_newsroom() {
        for url in [
            "https://example.org/sub/media/../secret",
            "https://example.org/sub/media/%2e%2e/secret",
            "https://example.org/sub/media/a//b",
            "https://example.org/sub/other/a",
            "https://elsewhere.org/sub/media/a",
            "https://example.org/sub/media/%zz",
        ] {
            assert_eq!(local_path(&base(), url), None, "{url}");
        }
    }

    #[test]
    fn links_of_a_text_are_found() {
        let text = "![a](images/a.jpg \"Title\") [b](<b.pdf>) <img src=\"c.png\">\n[d]: d.png\n[e](#e) a[1]=2";
        let mut found = targets(text, true);
        found.extend(reference_definitions(text));
        assert_eq!(found, ["images/a.jpg", "b.pdf", "c.png", "d.png"]);
    }
}
