//! Sitemaps (sitemaps.org, protocol 0.9), with the links between languages that Google reads in
//! the XHTML namespace, and news sitemaps (Google's `sitemap-news/0.9`).

use std::io;

use chrono::{DateTime, SecondsFormat, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::entry::Translation;

/// The most addresses of one file.
pub const MOST: usize = 50_000;

/// The most addresses of a news sitemap.
pub const MOST_NEWS: usize = 1_000;

/// For how many hours an item is news.
pub const NEWS_HOURS: i64 = 48;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const XHTML: &str = "http://www.w3.org/1999/xhtml";
const NEWS: &str = "http://www.google.com/schemas/sitemap-news/0.9";

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Absolute URL, percent-encoded.
    pub url: String,
    /// When what a reader sees there last changed, where that says something.
    pub changed: Option<DateTime<Utc>>,
    /// The page in each language that has it, its own included; empty where it is alone.
    pub translations: Vec<Translation>,
    /// What a news sitemap says of it.
    pub news: Option<News>,
}

/// A piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The name of the publication.
    pub publication: String,
    /// The language of the item: ISO 639.
    pub language: String,
    /// When it was issued.
    pub published: DateTime<Utc>,
    /// Plain text.
    pub title: String,
}

/// How many addresses a file may hold on a site of so many languages: [`MOST`], or fewer where
/// each brings links to its translations, so that a file keeps below 50 MB too: addresses have
/// fewer than a thousand bytes.
pub fn most(languages: usize) -> usize {
    match languages {
        0 | 1 => MOST,
        languages => MOST / (languages + 1),
    }
}

/// A file of these places.
pub fn render(places: &[Place]) -> Vec<u8> {
    let any = |has: fn(&Place) -> bool| places.iter().any(has);
    let mut namespaces = vec![("xmlns", NAMESPACE)];
    if any(|place| !place.translations.is_empty()) {
        namespaces.push(("xmlns:xhtml", XHTML));
    }
    if any(|place| place.news.is_some()) {
        namespaces.push(("xmlns:news", NEWS));
    }
    document("urlset", &namespaces, |writer| {
        places.iter().try_for_each(|place| write(writer, place))
    })
}

/// The list of all files, by their addresses. It does not say when each last changed: so it
/// changes itself only when a file comes or goes, and whoever asks with `If-None-Match` is told
/// of a file's changes by the file.
pub fn index(files: &[String]) -> Vec<u8> {
    document("sitemapindex", &[("xmlns", NAMESPACE)], |writer| {
        files.iter().try_for_each(|file| {
            writer
                .create_element("sitemap")
                .write_inner_content(|writer| text(writer, "loc", file))
                .map(drop)
        })
    })
}

fn document(
    name: &str,
    namespaces: &[(&str, &str)],
    content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> Vec<u8> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| {
            let element = writer.create_element(name);
            let element = element.with_attributes(namespaces.iter().copied());
            element.write_inner_content(content).map(drop)
        });
    written.expect("the writer fails only when its output does, and a Vec never does");
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    bytes
}

fn write(writer: &mut Writer<Vec<u8>>, place: &Place) -> io::Result<()> {
    let url = writer.create_element("url");
    url.write_inner_content(|writer| {
        text(writer, "loc", &place.url)?;
        if let Some(changed) = place.changed {
            text(writer, "lastmod", &moment(changed))?;
        }
        for translation in &place.translations {
            let attributes = [
                ("rel", "alternate"),
                ("hreflang", translation.language.as_str()),
                ("href", translation.url.as_str()),
            ];
            writer
                .create_element("xhtml:link")
                .with_attributes(attributes)
                .write_empty()?;
        }
        match &place.news {
            Some(news) => write_news(writer, news),
            None => Ok(()),
        }
    })?;
    Ok(())
}

fn write_news(writer: &mut Writer<Vec<u8>>, news: &News) -> io::Result<()> {
    let element = writer.create_element("news:news");
    element.write_inner_content(|writer| {
        let publication = writer.create_element("news:publication");
        publication.write_inner_content(|writer| {
            text(writer, "news:name", &news.publication)?;
            text(writer, "news:language", &news.language)
        })?;
        text(writer, "news:publication_date", &moment(news.published))?;
        text(writer, "news:title", &news.title)
    })?;
    Ok(())
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, value: &str) -> io::Result<()> {
    let element = writer.create_element(name);
    element.write_text_content(BytesText::new(value)).map(drop)
}

fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn a_sitemap_says_where_when_and_in_which_languages() {
        let published = Utc.with_ymd_and_hms(2024, 11, 22, 8, 5, 0).unwrap();
        let translation = |language: &str| Translation {
            language: language.to_owned(),
            url: format!("https://a.example/{language}/?a&b"),
        };
        let place = Place {
            url: "https://a.example/en/?a&b".to_owned(),
            changed: Some(published),
            translations: vec![translation("en"), translation("ru")],
            news: Some(News {
                publication: "A & B".to_owned(),
                language: "en".to_owned(),
                published,
                title: "1 < 2".to_owned(),
            }),
        };
        let plain = Place {
            url: "https://a.example/".to_owned(),
            changed: None,
            translations: Vec::new(),
            news: None,
        };
        let text = |bytes| String::from_utf8(bytes).unwrap();
        insta::assert_snapshot!(text(render(&[place, plain.clone()])));
        assert!(!text(render(&[plain])).contains("xmlns:"));
        insta::assert_snapshot!(text(index(&[
            "https://a.example/sitemap/2024-11.xml".to_owned()
        ])));
    }

    #[test]
    fn a_file_keeps_within_its_limits_whatever_the_languages() {
        assert_eq!(most(1), 50_000);
        for languages in 2..=30 {
            assert!(most(languages) * (languages + 1) * 1_000 <= 50_000_000);
        }
    }
}
