//! The picture that an issue shows: how large, and whether it is fetched or travels along.
//!
//! Mail programs that block pictures keep their place by width and height; Outlook takes these
//! from the attributes alone.

use serde::Serialize;
use url::Url;

use crate::entry::Entry;
use crate::media;

/// The width of the column that pictures stand in, in pixels.
const COLUMN: u32 = 536;
/// The most bytes of a picture that travels with each mail; larger ones are fetched.
const EMBED_LIMIT: u64 = 200_000;
/// What mail programs show. They block SVG, and know no AVIF.
const SHOWN: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];

/// A picture as templates show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// What `src` says: an absolute URL, or `cid:` and [`Picture::content_id`].
    pub url: String,
    /// What it shows, for those who do not see it; never empty.
    pub alt: String,
    /// In pixels, at most that of the column.
    pub width: u32,
    /// In pixels, in the proportion of the width; `None` where the picture was not looked at.
    pub height: Option<u32>,
    /// Its file in the newsroom, when it travels with the mail.
    #[serde(skip)]
    pub path: Option<String>,
    /// Its MIME type.
    #[serde(skip)]
    pub media_type: String,
    /// In bytes, where that is known.
    #[serde(skip)]
    length: Option<u64>,
}

impl Picture {
    /// The picture of an entry, if it has one that mail programs show.
    pub fn of(entry: &Entry) -> Option<Picture> {
        let image = entry.image.as_ref()?;
        if !SHOWN.contains(&image.media_type.as_str()) {
            return None;
        }
        let size = image
            .size
            .filter(|(width, height)| *width > 0 && *height > 0);
        let width = size.map_or(COLUMN, |(width, _)| width.min(COLUMN));
        let height = size.map(|(full, height)| {
            let height = u64::from(height) * u64::from(width) / u64::from(full);
            u32::try_from(height.max(1)).unwrap_or(u32::MAX)
        });
        // It is a link, which must say where it leads even when nobody described the picture.
        let alt = match image.alt.trim() {
            "" => &entry.title,
            alt => alt,
        };
        Some(Picture {
            url: image.url.clone(),
            alt: alt.to_owned(),
            width,
            height,
            path: None,
            media_type: image.media_type.clone(),
            length: image.length,
        })
    }

    /// Lets it travel with the mail, if it is a file of the newsroom and small enough.
    pub fn embed(&mut self, base_url: &Url) {
        let is_small = self.length.is_some_and(|length| length <= EMBED_LIMIT);
        if let (true, Some(path)) = (is_small, media::local_path(base_url, &self.url)) {
            self.path = Some(path);
            self.url = format!("cid:{}", self.content_id());
        }
    }

    /// Its name within the mail (RFC 2392): the same for the same file, so that the same issue
    /// gives the same bytes.
    pub fn content_id(&self) -> String {
        let path = self.path.as_deref().unwrap_or_default();
        let number = xxhash_rust::xxh3::xxh3_64(path.as_bytes());
        format!("{number:016x}@tidings.invalid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::samples::{entry, site};
    use crate::item::Image;

    fn picture(size: Option<(u32, u32)>, media_type: &str, alt: &str) -> Option<Picture> {
        let image = Image {
            url: "https://news.harbour.example/media/news/a%20b.jpg".to_owned(),
            media_type: media_type.to_owned(),
            length: Some(EMBED_LIMIT),
            size,
            alt: alt.to_owned(),
            caption: None,
        };
        Picture::of(&Entry {
            image: Some(image),
            ..entry("slug", "Title", &[])
        })
    }

    #[test]
    fn a_picture_is_no_wider_than_the_column_and_keeps_its_proportion() {
        let size = |size| {
            let picture = picture(size, "image/jpeg", "x").unwrap();
            (picture.width, picture.height)
        };
        assert_eq!(size(Some((1072, 800))), (536, Some(400)));
        assert_eq!(size(Some((300, 200))), (300, Some(200)));
        assert_eq!(size(None), (536, None));
        assert_eq!(size(Some((0, 10))), (536, None));
        assert_eq!(size(Some((u32::MAX, 1))), (536, Some(1)));
        assert_eq!(size(Some((1, u32::MAX))), (1, Some(u32::MAX)));
    }

    #[test]
    fn what_mail_programs_do_not_show_is_left_out() {
        assert_eq!(picture(None, "image/svg+xml", "x"), None);
    }

    #[test]
    fn a_picture_that_nobody_described_is_told_by_the_title() {
        assert_eq!(picture(None, "image/png", " ").unwrap().alt, "Title");
    }

    #[test]
    fn only_small_files_of_the_newsroom_travel_along() {
        let base_url = site().base_url;
        let mut small = picture(None, "image/jpeg", "x").unwrap();
        let mut large = Picture {
            length: Some(EMBED_LIMIT + 1),
            ..small.clone()
        };
        let mut foreign = Picture {
            url: "https://elsewhere.example/a.jpg".to_owned(),
            ..small.clone()
        };
        for picture in [&mut small, &mut large, &mut foreign] {
            picture.embed(&base_url);
        }
        assert_eq!(small.path.as_deref(), Some("news/a b.jpg"));
        assert_eq!(small.url, format!("cid:{}", small.content_id()));
        assert_eq!((large.path, foreign.path), (None, None));
    }
}
