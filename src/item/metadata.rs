//! What an HTML page says of itself in its head: `meta` elements, Open Graph, links and JSON-LD.

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::draft::{Described, Draft, media_type};
use super::labels::Field;

/// The names and contents of `meta` elements and links, and the page's structured data.
pub(super) struct Metadata {
    /// Lower-case property or name, and content.
    meta: Vec<(String, String)>,
    pub canonical: Option<String>,
    pub language: Option<String>,
    pub title: Option<String>,
    article: Option<Value>,
    enclosures: Vec<(String, Described)>,
}

impl Metadata {
    /// Collects them.
    pub(super) fn collect(page: &Html, structured_data: &[String]) -> Metadata {
        let mut metadata = Metadata {
            meta: Vec::new(),
            canonical: None,
            language: page.root_element().attr("lang").map(str::to_owned),
            title: None,
            article: structured_data
                .iter()
                .filter_map(|data| serde_json::from_str(data).ok())
                .find_map(|data: Value| article(&data).cloned()),
            enclosures: Vec::new(),
        };
        for element in page.root_element().descendent_elements() {
            match element.value().name() {
                "meta" => metadata.add_meta(element),
                "link" => metadata.add_link(element),
                "title" if metadata.title.is_none() => {
                    metadata.title = Some(element.text().collect());
                }
                _ => {}
            }
        }
        metadata
    }

    fn add_meta(&mut self, element: ElementRef<'_>) {
        let name = element
            .attr("property")
            .or(element.attr("name"))
            .or(element.attr("itemprop"));
        if let (Some(name), Some(content)) = (name, element.attr("content"))
            && !content.trim().is_empty()
        {
            self.meta
                .push((name.trim().to_lowercase(), content.to_owned()));
        }
    }

    fn add_link(&mut self, element: ElementRef<'_>) {
        let (Some(rel), Some(href)) = (element.attr("rel"), element.attr("href")) else {
            return;
        };
        for rel in rel.split_whitespace() {
            if rel.eq_ignore_ascii_case("canonical") && self.canonical.is_none() {
                self.canonical = Some(href.to_owned());
            } else if rel.eq_ignore_ascii_case("enclosure") {
                let described = Described {
                    media_type: element.attr("type").and_then(media_type),
                    length: element
                        .attr("length")
                        .and_then(|length| length.trim().parse().ok()),
                    title: element.attr("title").map(str::to_owned),
                    ..Described::default()
                };
                self.enclosures.push((href.to_owned(), described));
            }
        }
    }

    /// The content of the first of these properties that the page has.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            self.meta
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, content)| content.as_str())
        })
    }

    /// The headline of the structured data.
    pub(super) fn headline(&self) -> Option<&str> {
        self.article.as_ref()?.get("headline")?.as_str()
    }

    /// States everything but the title.
    pub(super) fn state(&self, draft: &mut Draft<'_>) {
        for (name, content) in &self.meta {
            // `description` is left for later: the structured data's may be better.
            if let Some(field) = draft.reader.lookup.field(name)
                && matches!(
                    field,
                    Field::Published
                        | Field::Updated
                        | Field::Kind
                        | Field::Language
                        | Field::Facet(_)
                )
            {
                let place = draft.find(content);
                match field {
                    Field::Published | Field::Updated => self.state_date(draft, field, content),
                    _ => draft.state(field, content, place),
                }
            }
        }
        let published = self.get(&[
            "article:published_time",
            "og:published_time",
            "datepublished",
        ]);
        let modified = self.get(&["article:modified_time", "og:updated_time", "datemodified"]);
        let dates = [
            (
                Field::Published,
                published.or(self.structured("datePublished")),
            ),
            (Field::Updated, modified.or(self.structured("dateModified"))),
        ];
        for (field, date) in dates {
            if let Some(date) = date {
                self.state_date(draft, field, date);
            }
        }
        let texts = [
            (
                Field::Language,
                self.structured("inLanguage").or(self.language.as_deref()),
            ),
            (
                Field::Summary,
                self.get(&["og:description", "description"])
                    .or(self.structured("description")),
            ),
        ];
        for (field, text) in texts {
            if let Some(text) = text {
                draft.state(field, text, None);
            }
        }
        self.state_files(draft);
        let link = self.canonical.as_deref().or(self.get(&["og:url"]));
        if let Some(link) = link
            && let Ok(url) = draft.folder.join(link)
            && !url.as_str().starts_with(draft.reader.site.as_str())
        {
            draft.state(Field::Link, link, None);
        }
    }

    fn state_date(&self, draft: &mut Draft<'_>, field: Field, date: &str) {
        let place = draft.find(date);
        if let Some(date) = draft.machine_date(date, &place) {
            match field {
                Field::Updated => {
                    draft.item.updated.get_or_insert(date);
                }
                _ => {
                    draft
                        .item
                        .published
                        .get_or_insert((date, super::DateOrigin::Stated));
                }
            }
        }
    }

    fn state_files(&self, draft: &mut Draft<'_>) {
        if let Some(url) = self.get(&[
            "og:image",
            "og:image:url",
            "og:image:secure_url",
            "twitter:image",
        ]) {
            let described = Described {
                media_type: self.get(&["og:image:type"]).and_then(media_type),
                alt: self
                    .get(&["og:image:alt", "twitter:image:alt"])
                    .map(super::characters::one_line),
                ..Described::default()
            };
            draft.image(url, described, &None);
        } else if let Some(image) = self
            .article
            .as_ref()
            .and_then(|article| article.get("image"))
        {
            let image = image.get(0).unwrap_or(image);
            let text = |key: &str| image.get(key).and_then(Value::as_str);
            let described = Described {
                caption: text("caption").map(super::characters::one_line),
                ..Described::default()
            };
            if let Some(url) = image.as_str().or(text("url")).or(text("contentUrl")) {
                draft.image(url, described, &None);
            }
        }
        for (url, described) in &self.enclosures {
            draft.enclosure(url, described.clone(), &None);
        }
    }

    fn structured(&self, key: &str) -> Option<&str> {
        self.article.as_ref()?.get(key)?.as_str()
    }
}

/// The article in structured data: the object itself, or one in a list or a graph.
fn article(data: &Value) -> Option<&Value> {
    match data {
        Value::Array(values) => values.iter().find_map(article),
        Value::Object(object) => {
            let is_article = |kind: &Value| {
                kind.as_str().is_some_and(|kind| {
                    kind.ends_with("Article")
                        || matches!(kind, "BlogPosting" | "Report" | "PressRelease")
                })
            };
            let found = object.get("@type").is_some_and(|kind| match kind {
                Value::Array(kinds) => kinds.iter().any(is_article),
                kind => is_article(kind),
            });
            if found {
                Some(data)
            } else {
                object
                    .get("@graph")
                    .or(object.get("mainEntity"))
                    .and_then(article)
            }
        }
        _ => None,
    }
}
