//! Structured data of an item: a schema.org `NewsArticle` in JSON-LD.

use serde_json::{Value, json};

use super::site::Site;
use crate::entry::Entry;
use crate::item::Image;

/// The document, ready to stand in a script element: it holds no `<`, `>` or `&`.
pub(super) fn news_article(
    entry: &Entry,
    site: &Site,
    canonical: &str,
    image: Option<&Image>,
) -> String {
    let organizations = |names: &[String]| -> Vec<Value> {
        names
            .iter()
            .map(|name| json!({"@type": "Organization", "name": name}))
            .collect()
    };
    let keywords: Vec<&str> = entry
        .categories
        .iter()
        .filter(|tag| tag.direct && !tag.issuer)
        .map(|tag| tag.label.as_str())
        .collect();
    let mut article = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": entry.title,
        "description": entry.summary,
        "datePublished": entry.published,
        "dateModified": entry.updated,
        "inLanguage": entry.language,
        "url": entry.url,
        "mainEntityOfPage": canonical,
        "author": organizations(&entry.authors),
        "publisher": {"@type": "Organization", "name": site.title, "url": site.base_url},
        "keywords": keywords,
    });
    if let Some(image) = image {
        article["image"] = json!({"@type": "ImageObject", "url": image.url, "caption": image.alt});
    }
    if let Some(correction) = &entry.correction {
        article["correction"] = json!(correction);
    }
    // A script element ends at "</script" wherever it stands, and "<!--" changes how it ends.
    article
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
