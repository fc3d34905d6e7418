//! An issue as JSON, for whatever else sends it or shows it: `issue.json` beside its page.
//!
//! The same values as the page and the mail show, whole and in their order. Fields may be added
//! later; what is here keeps its name and its meaning.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::config::Site;
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::digest::compose::{Group, Issue};
use crate::entry::Entry;

/// The file's name.
pub const FILE_NAME: &str = "issue.json";

#[derive(Serialize)]
struct Document<'a> {
    /// A `tag:` URI, which outlives every change of title and host.
    id: String,
    url: &'a str,
    digest: DigestAbout<'a>,
    period: Period<'a>,
    language: &'a str,
    due: String,
    subject: &'a str,
    preheader: &'a str,
    introduction: Option<Introduction<'a>>,
    /// The number of items, the headline among them.
    total: usize,
    headline: Option<Item<'a>>,
    groups: Vec<Section<'a>>,
    /// The issue as a mail, without a reader's own links.
    files: Files,
}

#[derive(Serialize)]
struct DigestAbout<'a> {
    slug: &'a str,
    title: &'a str,
    url: &'a str,
    publisher: &'a str,
}

/// The time that the issue covers; `to` is the first moment after it.
#[derive(Serialize)]
struct Period<'a> {
    label: &'a str,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Introduction<'a> {
    text: &'a str,
    html: Option<&'a str>,
}

#[derive(Serialize)]
struct Section<'a> {
    heading: Option<&'a str>,
    url: Option<&'a str>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    summary: &'a str,
    kind: Option<&'a str>,
    published: String,
    updated: String,
    correction: Option<&'a str>,
    language: &'a str,
    authors: &'a [String],
    topics: Vec<Topic<'a>>,
    image: Option<Picture<'a>>,
}

#[derive(Serialize)]
struct Topic<'a> {
    name: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Picture<'a> {
    url: &'a str,
    alt: &'a str,
    width: Option<u32>,
    height: Option<u32>,
}

#[derive(Serialize)]
struct Files {
    html: String,
    text: String,
    message: String,
}

/// The document of an issue.
///
/// # Errors
/// Never in practice: every value is a text, a number or a list of such.
pub fn document(edition: &Edition, site: &Site) -> Result<Vec<u8>, Problem> {
    let issue = &edition.issue;
    let file = |name: &str| format!("{}{name}", issue.url);
    let document = Document {
        id: format!(
            "tag:{}:{}",
            site.tag_authority,
            super::compose::issue_path(issue)
        ),
        url: &issue.url,
        digest: DigestAbout {
            slug: &issue.slug,
            title: &issue.title,
            url: &issue.home,
            publisher: &site.title,
        },
        period: Period {
            label: &issue.span.label,
            from: moment(issue.span.start),
            to: moment(issue.span.end),
        },
        language: &issue.language,
        due: moment(edition.due),
        subject: &issue.subject,
        preheader: &issue.preheader,
        introduction: introduction(issue),
        total: issue.total,
        headline: issue.headline.as_deref().map(item),
        groups: issue.groups.iter().map(section).collect(),
        files: Files {
            html: file("mail.html"),
            text: file("mail.txt"),
            message: file("mail.eml"),
        },
    };
    let mut bytes = serde_json::to_vec_pretty(&document)
        .map_err(|error| Problem::error(format!("the issue cannot be written as JSON: {error}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn introduction(issue: &Issue) -> Option<Introduction<'_>> {
    match &issue.opening {
        Some(opening) => Some(Introduction {
            text: &opening.text,
            html: Some(&opening.html),
        }),
        None => issue
            .introduction
            .as_deref()
            .map(|text| Introduction { text, html: None }),
    }
}

fn section(group: &Group) -> Section<'_> {
    Section {
        heading: group.heading.as_deref(),
        url: group.url.as_deref(),
        items: group.entries.iter().map(|entry| item(entry)).collect(),
    }
}

fn item(entry: &Entry) -> Item<'_> {
    let topics = entry.categories.iter().filter(|topic| topic.direct);
    Item {
        id: &entry.id,
        url: &entry.url,
        title: &entry.title,
        summary: &entry.summary,
        kind: entry.kind.as_deref(),
        published: moment(entry.published),
        updated: moment(entry.updated),
        correction: entry.correction.as_deref(),
        language: &entry.language,
        authors: &entry.authors,
        topics: topics
            .map(|topic| Topic {
                name: &topic.label,
                url: &topic.url,
            })
            .collect(),
        image: entry.image.as_ref().map(|image| Picture {
            url: &image.url,
            alt: &image.alt,
            width: image.size.map(|(width, _)| width),
            height: image.size.map(|(_, height)| height),
        }),
    }
}

/// RFC 3339, in UTC.
fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::digest::compose::compose;
    use crate::digest::opening::Opening;
    use crate::digest::samples::{digest, due, entries, site, taxonomy, week};

    #[test]
    fn the_document_of_an_issue() {
        let mut issue = compose(&digest(), &taxonomy(), &site(), &week(), entries()).unwrap();
        issue.opening = Opening::new("What was *done*.", &site().base_url);
        issue.headline = Some(Arc::clone(&issue.groups[0].entries[0]));
        let edition = Edition { issue, due: due() };
        let bytes = document(&edition, &site()).unwrap();
        insta::assert_snapshot!(String::from_utf8(bytes).unwrap());
    }
}
