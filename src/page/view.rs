//! Entries as templates see them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::json_ld;
use super::site::Site;
use crate::entry::{Category, Entry};
use crate::item::{Enclosure, Image};

/// A tag as a link.
#[derive(Serialize)]
struct Term<'a> {
    name: &'a str,
    url: &'a str,
}

impl<'a> Term<'a> {
    fn new(category: &'a Category) -> Term<'a> {
        Term {
            name: &category.label,
            url: &category.url,
        }
    }
}

/// An entry in a list.
#[derive(Serialize)]
pub(super) struct Teaser<'a> {
    title: &'a str,
    url: &'a str,
    kind: Option<&'a str>,
    published: DateTime<Utc>,
    language: &'a str,
    summary: &'a str,
    issuers: Vec<Term<'a>>,
}

impl<'a> Teaser<'a> {
    pub(super) fn new(entry: &'a Entry) -> Teaser<'a> {
        let issuers = entry
            .categories
            .iter()
            .filter(|tag| tag.issuer && tag.direct);
        Teaser {
            title: &entry.title,
            url: &entry.url,
            kind: entry.kind.as_deref(),
            published: entry.published,
            language: &entry.language,
            summary: &entry.summary,
            issuers: issuers.map(Term::new).collect(),
        }
    }
}

/// The tags of one facet.
#[derive(Serialize)]
struct Tags<'a> {
    /// The facet's key.
    facet: &'a str,
    /// The facet's name in the plural, or its key where the site does not show the facet.
    plural: &'a str,
    /// Whether they are those who issued the item.
    issuer: bool,
    terms: Vec<Term<'a>>,
}

/// A file that goes with the entry.
#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    url: &'a str,
    media_type: &'a str,
    bytes: Option<u64>,
}

/// An entry on its own page.
#[derive(Serialize)]
pub(super) struct Article<'a> {
    title: &'a str,
    kind: Option<&'a str>,
    published: DateTime<Utc>,
    /// `None` where nothing has changed since.
    updated: Option<DateTime<Utc>>,
    correction: Option<&'a str>,
    language: &'a str,
    /// `None` where the text opens with the same words.
    lead: Option<&'a str>,
    content: &'a str,
    tags: Vec<Tags<'a>>,
    /// `None` where the text shows it as well.
    image: Option<&'a Image>,
    /// For previews.
    #[serde(skip)]
    pub(super) picture: Option<&'a Image>,
    files: Vec<File<'a>>,
    /// Where it stands on another site.
    original: Option<&'a str>,
    #[serde(skip)]
    pub(super) canonical: &'a str,
    /// A JSON-LD document, safe within a script element.
    json_ld: String,
}

impl<'a> Article<'a> {
    pub(super) fn new(entry: &'a Entry, site: &'a Site) -> Article<'a> {
        let original = entry.external_url.as_deref().filter(|url| is_web(url));
        let canonical = original.unwrap_or(&entry.url);
        let image = entry.image.as_ref().filter(|image| is_web(&image.url));

        let files = entry.enclosures.iter().filter(|file| is_web(&file.url));
        Article {
            title: &entry.title,
            kind: entry.kind.as_deref(),
            published: entry.published,
            updated: (entry.updated > entry.published).then_some(entry.updated),
            correction: entry.correction.as_deref(),
            language: &entry.language,
            lead: (!entry.summary.is_empty() && !opens_with(&entry.content, &entry.summary))
                .then_some(&entry.summary),
            content: &entry.content,
            tags: tags(&entry.categories, site),
            image: image.filter(|image| !entry.content.contains(&image.url)),
            picture: image,
            files: files.map(file).collect(),
            original,
            canonical,
            json_ld: json_ld::news_article(entry, site, canonical, image),
        }
    }
}

/// The tags that the item itself bears, by facet.
fn tags<'a>(categories: &'a [Category], site: &'a Site) -> Vec<Tags<'a>> {
    let mut groups: Vec<Tags> = Vec::new();
    for tag in categories.iter().filter(|tag| tag.direct) {
        let term = Term::new(tag);
        match groups.iter_mut().find(|group| group.facet == tag.facet) {
            Some(group) => group.terms.push(term),
            None => groups.push(Tags {
                facet: &tag.facet,
                plural: site
                    .facets
                    .iter()
                    .find(|facet| facet.key == tag.facet)
                    .map_or(&tag.facet, |facet| &facet.plural),
                issuer: tag.issuer,
                terms: vec![term],
            }),
        }
    }
    // Who says it comes before what it is about.
    groups.sort_by_key(|group| !group.issuer);
    groups
}

fn file(enclosure: &Enclosure) -> File<'_> {
    let path = enclosure.url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').find(|segment| !segment.is_empty());
    File {
        name: enclosure
            .title
            .as_deref()
            .or(last)
            .unwrap_or(&enclosure.url),
        url: &enclosure.url,
        media_type: &enclosure.media_type,
        bytes: enclosure.length,
    }
}

/// Readers only let such URLs through; a link that runs a script would be too dear a mistake to
/// trust in that alone.
fn is_web(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// Whether the text of `html` begins with the words of `summary`, whatever stands between them:
/// then the summary was cut from the text, and would be read twice.
fn opens_with(html: &str, summary: &str) -> bool {
    let mut rest = html.chars();
    let mut letters = std::iter::from_fn(|| {
        loop {
            match rest.next()? {
                '<' => drop(rest.by_ref().find(|c| *c == '>')),
                '&' => drop(rest.by_ref().find(|c| *c == ';')),
                c if c.is_alphanumeric() => return Some(c),
                _ => {}
            }
        }
    });
    summary
        .chars()
        .filter(|c| c.is_alphanumeric())
        .all(|c| letters.next() == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_cut_from_the_text_is_found_through_tags_and_entities() {
        let html = "<p><b>Vienna</b> &amp; Warsaw said &ldquo;yes&rdquo; to more.</p>";
        assert!(opens_with(html, "Vienna & Warsaw said “yes”…"));
        assert!(!opens_with(html, "Warsaw said yes"));
        assert!(!opens_with("<p>Vienna</p>", "Vienna and more"));
    }

    #[test]
    fn only_web_addresses_are_linked() {
        assert!(is_web("https://a.example/") && is_web("HTTP://a.example/"));
        assert!(!is_web("javascript:alert(1)") && !is_web("data:text/html,x") && !is_web("ht"));
    }
}
