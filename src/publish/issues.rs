//! Issues of digests: their pages, the list of them, and their feeds with archives.

use super::render::feed_documents;
use super::{Document, Publisher, Unit};
use crate::diagnostic::Problem;
use crate::digest::archive::{self, Division, Edition};
use crate::digest::compose;
use crate::feed::{self, Chain, Feed};
use crate::fingerprint::Fingerprint;

impl Publisher<'_> {
    /// The units of all digests.
    pub fn issue_units(&self) -> Vec<Unit> {
        if !self.setup.config.pages.enabled {
            return Vec::new();
        }
        let digests = self.editions.iter().enumerate();
        digests
            .flat_map(|(digest, editions)| {
                let issues = editions
                    .iter()
                    .map(move |edition| Unit::Issue(digest, edition.issue.span.label.clone()));
                let sealed = 1..=self.division(digest).sealed();
                let sealed = sealed.map(move |number| Unit::SealedIssues(digest, number));
                issues.chain(sealed).chain([Unit::Archive(digest)])
            })
            .collect()
    }

    fn division(&self, digest: usize) -> Division {
        Division::of(self.editions[digest].len(), &self.setup.config.feeds)
    }

    pub(super) fn sealed_issues_folder(&self, digest: usize, number: u32) -> String {
        let home = compose::path(&self.setup.config.digests[digest].slug);
        format!("{home}/{}/{number}", feed::ARCHIVE_FOLDER)
    }

    /// What a sealed document of a digest's feeds is made from.
    pub(super) fn sealed_issues_inputs(
        &self,
        start: Fingerprint,
        digest: usize,
        number: u32,
    ) -> u64 {
        let sealed = self.division(digest).of_document(Some(number));
        let editions = self.editions[digest].get(sealed).unwrap_or_default();
        editions.iter().fold(start, edition_inputs).finish()
    }

    pub(super) fn sealed_issues(
        &self,
        digest: usize,
        number: u32,
    ) -> Result<Vec<Document>, Problem> {
        let folder = self.sealed_issues_folder(digest, number);
        let feed = Feed {
            // Nobody need ask for it again or be told of it.
            ttl: 0,
            hubs: Vec::new(),
            ..self.issue_feed(digest, Some(number))?
        };
        Ok(feed_documents(&folder, &feed))
    }

    /// One document of the feed of a digest's issues: a sealed one, or that which readers poll.
    fn issue_feed(&self, digest: usize, number: Option<u32>) -> Result<Feed, Problem> {
        let setup = self.setup;
        let config = &setup.config;
        let division = self.division(digest);
        let of_document = division.of_document(number);
        let editions = self.editions[digest].get(of_document).unwrap_or_default();
        let (site, feeds) = (&config.site, &config.feeds);
        let digest = &config.digests[digest];
        let before = number.map_or(division.sealed(), |number| number - 1);
        Ok(Feed {
            chain: Chain {
                number,
                previous: (before > 0).then_some(before),
                // The address of the document that will follow is known before it stands.
                next: number.map(|number| number + 1),
            },
            hubs: config.websub.hub_urls(&site.base_url),
            ..archive::archive_feed(digest, editions, site, feeds, &setup.templates)?
        })
    }

    pub(super) fn issue_documents(
        &self,
        digest: usize,
        label: &str,
    ) -> Result<Vec<Document>, Problem> {
        let config = &self.setup.config;
        let Some(edition) = self.editions[digest]
            .iter()
            .find(|edition| edition.issue.span.label == label)
        else {
            return Ok(Vec::new());
        };
        let files = archive::issue_files(
            &config.digests[digest],
            edition,
            &config.site,
            self.digest_site(digest),
            &self.setup.templates,
        )?;
        Ok(files
            .into_iter()
            .map(|file| Document::Bytes(file.path, file.bytes))
            .collect())
    }

    pub(super) fn archive_documents(&self, digest: usize) -> Result<Vec<Document>, Problem> {
        let config = &self.setup.config;
        let (templates, feeds) = (&self.setup.templates, &config.feeds);
        let pages = self.digest_site(digest);
        let editions = &self.editions[digest];
        let feed = self.issue_feed(digest, None)?;
        let digest = &config.digests[digest];
        let folder = compose::path(&digest.slug);
        let page = archive::index_page(digest, editions, pages, &feeds.formats, templates)?;
        let mut documents = feed_documents(&folder, &feed);
        documents.push(Document::Bytes(
            format!("{folder}/index.html"),
            page.into_bytes(),
        ));
        Ok(documents)
    }
}

pub(super) fn edition_inputs(inputs: Fingerprint, edition: &Edition) -> Fingerprint {
    let issue = &edition.issue;
    let opening = issue.opening.as_ref().map(|opening| opening.html.as_str());
    let headline = issue.headline.as_ref().map(|entry| entry.id.as_str());
    let inputs = inputs
        .text(&issue.subject)
        .text(&issue.preheader)
        .optional(opening)
        .optional(issue.introduction.as_deref())
        .optional(headline)
        .number(edition.due.timestamp_millis().cast_unsigned());
    // An editor may put an entry under another heading.
    let inputs = issue.groups.iter().fold(inputs, |inputs, group| {
        let inputs = inputs.optional(group.heading.as_deref());
        inputs.number(group.entries.len() as u64)
    });
    issue.entries().fold(inputs, |inputs, entry| {
        let image = entry.image.as_ref();
        let (width, height) = image.and_then(|image| image.size).unwrap_or_default();
        let inputs = inputs
            .optional(image.map(|image| image.url.as_str()))
            .number(u64::from(width) << 32 | u64::from(height))
            .text(&entry.id)
            .text(&entry.title)
            .text(&entry.summary)
            .text(&entry.path);
        inputs.number(entry.updated.timestamp_millis().cast_unsigned())
    })
}
