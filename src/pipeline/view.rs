//! What a reader sees of an item, as a fingerprint.

use crate::config::Config;
use crate::fingerprint::Fingerprint;
use crate::item::{Body, Item};

/// Fingerprint of what a reader sees of an item: not of how its file is laid out, and not of
/// its tags, so that a change of the taxonomy does not call every item updated.
pub(super) fn view(config: &Config, item: &Item) -> u64 {
    let (form, body) = match &item.body {
        Body::Markdown(text) => (0, text),
        Body::Html(text) => (1, text),
        Body::Text(text) => (2, text),
    };
    let mut fingerprint = Fingerprint::default()
        .prose(&item.title)
        .optional(item.kind.as_deref())
        .number(
            item.published
                .map_or(0, |(date, _)| date.timestamp_millis().cast_unsigned()),
        )
        .number(
            item.updated
                .map_or(0, |date| date.timestamp_millis().cast_unsigned()),
        )
        .optional(item.correction.as_deref())
        .optional(item.language.as_deref())
        .prose(item.summary.as_deref().unwrap_or_default())
        .optional(item.link.as_deref())
        .number(form)
        .prose(body);
    // The order of the labels is the file's layout; that of one label's values is the author's.
    let mut stated: Vec<_> = item.stated.iter().collect();
    stated.sort_by_key(|(facet, _)| *facet);
    for (facet, stated) in stated {
        let key = &config.taxonomy.facet(*facet).key;
        fingerprint = fingerprint.text(key).text(&stated.text);
    }
    if let Some(image) = &item.image {
        fingerprint = fingerprint
            .text(&image.url)
            .text(&image.alt)
            .optional(image.caption.as_deref());
    }
    for enclosure in &item.enclosures {
        fingerprint = fingerprint
            .text(&enclosure.url)
            .text(&enclosure.media_type)
            .optional(enclosure.title.as_deref());
    }
    fingerprint.finish()
}
