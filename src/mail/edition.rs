//! The messages of an issue: what the sender hands out, and what previews, tests and
//! `tidings mail check` look at.

use chrono::{DateTime, Utc};

use super::message::{InlineImage, Mailing, PREFERENCES, Prepared, Rendered, UNSUBSCRIBE};
use crate::config::{Digest, MailImages};
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::digest::message::{Addressed, Bodies, PersonalLinks, bodies};
use crate::setup::Setup;

/// What stands before the subject of a message that is a test.
pub const TEST_MARK: &str = "[Test] ";

/// Renders an issue for its subscribers, whole or as some of them chose it, with placeholders for their own links.
///
/// # Errors
/// A template fails.
pub fn render(setup: &Setup, digest: &Digest, edition: &Edition) -> Result<Bodies, Problem> {
    let links = PersonalLinks {
        preferences: PREFERENCES.to_owned(),
        unsubscribe: UNSUBSCRIBE.to_owned(),
    };
    let addressed = Addressed {
        links: Some(&links),
        embed: digest.images == MailImages::Embed,
    };
    bodies(
        digest,
        &edition.issue,
        &setup.config.site,
        &setup.templates,
        addressed,
    )
}

/// What is not the issue's own about its messages.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// What stands before their subject.
    pub mark: &'a str,
    /// The digest's slug when sending began: mail programs know its messages by that.
    pub sent_as: &'a str,
    /// Their date.
    pub date: DateTime<Utc>,
}

/// Prepares the messages of an issue.
///
/// # Errors
/// The digest's sender is no address, or a picture that travels along cannot be read.
pub fn prepare(
    setup: &Setup,
    digest: &Digest,
    edition: &Edition,
    bodies: Bodies,
    making: &Making<'_>,
) -> Result<Prepared, Problem> {
    let issue = &edition.issue;
    let images: Vec<InlineImage> = bodies
        .embedded
        .iter()
        .map(|picture| {
            let file = setup.root.join(picture.path.as_deref().unwrap_or_default());
            let octets = std::fs::read(&file).map_err(|error| {
                Problem::error(format!(
                    "the picture {} cannot be read: {error}",
                    file.display()
                ))
                .help("bring it back, or set `images = \"link\"` for the digest")
            })?;
            Ok(InlineImage {
                content_id: picture.content_id(),
                media_type: picture.media_type.clone(),
                octets,
            })
        })
        .collect::<Result<_, Problem>>()?;
    let from = digest.sender.parse().map_err(|error| {
        Problem::error(format!(
            "the sender '{}' is no address: {error}",
            digest.sender
        ))
        .help("mend `sender` of the digest in feeds.toml")
    })?;
    let rendered = Rendered {
        subject: format!("{}{}", making.mark, issue.subject),
        html: bodies.html,
        text: bodies.text,
        language: issue.language.clone(),
    };
    let host = setup.config.site.base_url.host_str();
    let mailing = Mailing {
        digest: making.sent_as.to_owned(),
        title: issue.title.clone(),
        period: issue.span.label.clone(),
        due: edition.due.timestamp_millis(),
        from,
        host: host.unwrap_or("localhost").to_owned(),
        archive: issue.home.clone(),
    };
    Ok(Prepared::new(&rendered, &images, mailing, making.date))
}
