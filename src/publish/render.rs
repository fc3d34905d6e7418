//! From a unit to its documents.

use std::path::Path;
use std::sync::Arc;

use super::{Publisher, Unit, topic};
use crate::catalog::{Number, language_of};
use crate::diagnostic::Problem;
use crate::feed::{self, Format};
use crate::language::LanguageId;
use crate::media;
use crate::page::{self, ItemPages};

/// One generated file: its path below the output's folder, and its bytes or where to copy from.
#[derive(Debug)]
pub enum Document {
    /// Rendered.
    Bytes(String, Vec<u8>),
    /// Copied from this path of the newsroom.
    Copy(String, Arc<str>),
}

impl<'a> Publisher<'a> {
    /// Renders a unit's files.
    ///
    /// # Errors
    /// A template fails, or a content cannot be read back.
    pub fn render(&self, unit: &Unit) -> Result<Vec<Document>, Problem> {
        let page = |text: String| {
            self.paths(unit)
                .into_iter()
                .map(|path| Document::Bytes(path, text.clone().into_bytes()))
                .collect()
        };
        let setup = self.setup;
        match unit {
            Unit::File(path) => Ok(vec![Document::Copy(
                format!("{}/{path}", media::FOLDER),
                path.clone(),
            )]),
            Unit::Asset(page::FAVICON) => Ok(vec![Document::Bytes(
                page::FAVICON.to_owned(),
                setup.favicon.clone().unwrap_or_default(),
            )]),
            Unit::Asset(name) => Ok(page(
                setup.templates.asset(name).unwrap_or_default().to_owned(),
            )),
            Unit::Item(number) => Ok(page(self.item_page(*number)?)),
            Unit::Sealed(page) => Ok(match self.sealed_feed(*page)? {
                Some(feed) => feed_documents(&self.sealed_folder(*page), &feed),
                None => Vec::new(),
            }),
            Unit::Feeds(topic) => Ok(feed_documents(&self.folder(*topic), &self.feed(*topic)?)),
            Unit::Page(topic) => Ok(page(page::topic(
                &setup.templates,
                self.site(topic.language),
                &self.topic_page(*topic)?,
            )?)),
            Unit::Facet(language, facet) => Ok(page(self.facet_page(*language, *facet)?)),
            Unit::Issue(digest, label) => self.issue_documents(*digest, label),
            Unit::SealedIssues(digest, number) => self.sealed_issues(*digest, *number),
            Unit::Archive(digest) => self.archive_documents(*digest),
            Unit::Gone(at) => Ok(match self.tombstones.at_page(at) {
                Some(tombstone) => page(page::gone(
                    &setup.templates,
                    self.site(LanguageId::MAIN),
                    &self.notice(tombstone),
                )?),
                None => Vec::new(),
            }),
            Unit::Moved(topic, folder) => Ok(page(page::moved(
                &setup.templates,
                self.site(topic.language),
                folder,
                &topic::url(&setup.config, *topic),
            )?)),
            Unit::Subscribe(language) => Ok(page(self.subscribe_page(*language)?)),
            Unit::NotFound => Ok(page(page::not_found(
                &setup.templates,
                self.site(LanguageId::MAIN),
            )?)),
            Unit::Opml(language) => {
                let title = &setup.config.site.language(*language).title;
                Ok(vec![
                    Document::Bytes(
                        self.path_in(*language, "feeds.opml"),
                        feed::opml::render(title, &self.outlines(*language)),
                    ),
                    Document::Bytes(
                        self.path_in(*language, "directory.opml"),
                        feed::opml::directory(title, &self.branches(*language)),
                    ),
                ])
            }
            Unit::Home(language) => Ok(page(self.home_page(*language)?)),
            Unit::Sitemap(sitemap) => {
                let files = self.sitemap(*sitemap).into_iter();
                Ok(files
                    .map(|(path, bytes)| Document::Bytes(path, bytes))
                    .collect())
            }
            Unit::Robots => Ok(vec![Document::Bytes(
                "robots.txt".to_owned(),
                self.robots(),
            )]),
            Unit::Security => Ok(vec![Document::Bytes(
                page::SECURITY.to_owned(),
                self.security(),
            )]),
        }
    }

    fn item_page(&self, number: Number) -> Result<String, Problem> {
        let record = self.catalog.get(number);
        let language = record.map_or(LanguageId::MAIN, |record| {
            language_of(&self.setup.config, record)
        });
        let pages = self.item_pages(language)?;
        pages.render(
            &*self.entry_once(number)?,
            &self.translations_of_item(number),
        )
    }

    /// What the pages of items in a language share, made when the first is rendered.
    fn item_pages(&self, language: LanguageId) -> Result<&ItemPages<'a>, Problem> {
        let pages = &self.item_pages[usize::from(language.0)];
        if pages.get().is_none() {
            // Another thread may have been quicker; both made the same.
            let _ = pages.set(ItemPages::new(&self.setup.templates, self.site(language))?);
        }
        pages
            .get()
            .ok_or_else(|| Problem::error("the pages of items cannot be prepared"))
    }

    /// What the pages of a digest share: those of its language, where the site has it.
    pub(crate) fn digest_site(&self, digest: usize) -> &'a page::Site {
        let config = &self.setup.config;
        let own = config.site.language_of(&config.digests[digest].language);
        self.site(own.unwrap_or(LanguageId::MAIN))
    }
}

/// A feed in each of its formats.
pub(super) fn feed_documents(folder: &str, feed: &feed::Feed) -> Vec<Document> {
    let formats: Vec<Format> = feed.formats.clone();
    let document = |format: Format| {
        let path = Path::new(folder)
            .join(format.file_name())
            .to_string_lossy()
            .into_owned();
        Document::Bytes(path, feed::render(feed, format))
    };
    formats.into_iter().map(document).collect()
}
