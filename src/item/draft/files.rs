//! Links, pictures and files that an item states.

use super::{Draft, Place, fill};
use crate::diagnostic::Problem;
use crate::item::characters::{one_line, shorten};
use crate::item::fields::{Entry, Value};
use crate::item::{Enclosure, Image, links};

impl Draft<'_> {
    pub(super) fn link(&mut self, text: &str, place: &Place) {
        match links::fetchable(text, &self.reader.site, self.folder) {
            Some(url) => fill(&mut self.item.link, || url),
            None => self.bad_link(text, place),
        }
    }

    /// The absolute URL of a file, and its media type as it is described or as its name has it.
    fn file(
        &mut self,
        url: &str,
        described: &Described,
        place: &Place,
    ) -> Option<(String, Option<String>)> {
        if url.trim().is_empty() {
            return None;
        }
        let Some(url) = links::fetchable(url, &self.reader.site, self.folder) else {
            self.bad_link(url, place);
            return None;
        };
        let media_type = described.media_type.clone();
        let media_type = media_type.or_else(|| links::media_type(&url).map(str::to_owned));
        Some((url, media_type))
    }

    /// States the picture; the first one holds.
    pub(in crate::item) fn image(&mut self, url: &str, described: Described, place: &Place) {
        let Some((url, media_type)) = self.file(url, &described, place) else {
            return;
        };
        let media_type = media_type
            .filter(|media_type| media_type.starts_with("image/"))
            // What pictures without an extension mostly are.
            .unwrap_or_else(|| "image/jpeg".to_owned());
        fill(&mut self.item.image, || Image {
            url,
            media_type,
            length: described.length,
            size: None,
            alt: described.alt.unwrap_or_default(),
            caption: described.caption,
        });
    }

    /// States one more file.
    pub(in crate::item) fn enclosure(&mut self, url: &str, described: Described, place: &Place) {
        let Some((url, media_type)) = self.file(url, &described, place) else {
            return;
        };
        if self.item.enclosures.iter().all(|other| other.url != url) {
            self.item.enclosures.push(Enclosure {
                url,
                media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                length: described.length,
                title: described.title,
            });
        }
    }

    fn bad_link(&mut self, link: &str, place: &Place) {
        let shown = shorten(&one_line(link), 60);
        let problem = Problem::warning(format!("'{shown}' is not a web address; it is left out"))
            .help("write an http or https URL, or a path");
        self.report(problem, place);
    }
}

/// What is said of a file beside its URL.
#[derive(Debug, Clone, Default)]
pub(in crate::item) struct Described {
    pub media_type: Option<String>,
    pub length: Option<u64>,
    pub title: Option<String>,
    pub alt: Option<String>,
    pub caption: Option<String>,
}

impl Described {
    /// The URL and the rest of a table such as `{ url = "...", alt = "...", length = 1024 }`.
    pub(super) fn read(entries: Vec<Entry<'_>>) -> (String, Described) {
        let mut url = String::new();
        let mut described = Described::default();
        for entry in entries {
            let Value::Text(text) = entry.node.value else {
                continue;
            };
            let line = one_line(&text);
            if line.is_empty() {
                continue;
            }
            match entry.key.to_ascii_lowercase().as_str() {
                "url" | "src" | "href" => url = line,
                "type" | "mime_type" | "media_type" => described.media_type = media_type(&line),
                "length" | "size" | "size_in_bytes" => described.length = line.parse().ok(),
                "title" | "name" => described.title = Some(line),
                "alt" => described.alt = Some(line),
                "caption" | "credit" => described.caption = Some(line),
                _ => {}
            }
        }
        (url, described)
    }
}

/// A MIME type, if it has the form of one (RFC 6838, section 4.2).
pub(in crate::item) fn media_type(text: &str) -> Option<String> {
    let (kind, subtype) = text.split_once('/')?;
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    (plain(kind) && plain(subtype)).then(|| text.to_ascii_lowercase())
}
