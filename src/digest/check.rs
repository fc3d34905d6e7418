//! Sets made-up issues with the templates of a digest, so that a template that is wrong is known
//! before an issue is due.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::{Digest, Site};
use crate::diagnostic::Problem;
use crate::digest::archive::{self, Edition};
use crate::digest::compose::{self, Group, Issue};
use crate::digest::message;
use crate::digest::opening::Opening;
use crate::digest::period::Span;
use crate::digest::view::{Addressed, Extent, IssueView, PersonalLinks};
use crate::entry::Entry;
use crate::feed::Format;
use crate::item::Image;
use crate::page;
use crate::template::Templates;

/// What is wrong with the templates and the sender of `digest`: its mail and its pages are
/// rendered with every value present, and with every value that may be absent absent. Each
/// problem is told once.
pub fn check(
    digest: &Digest,
    site: &Site,
    pages: &page::Site,
    templates: &Templates,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for full in [true, false] {
        let due = DateTime::UNIX_EPOCH;
        let issue = issue(digest, site, full, due);
        let links = PersonalLinks {
            preferences: format!("{}subscriptions", site.base_url),
            unsubscribe: format!("{}unsubscribe", site.base_url),
        };
        let addressed = Addressed {
            links: full.then_some(&links),
            embed: false,
        };
        // As when a long issue is shortened: entries and a whole group are only counted.
        let extent = Extent {
            entries: 1,
            groups: 1,
        };
        let part = IssueView::new(&issue, site, extent, addressed, full);
        let shortened = ["html", "text"].map(|kind| {
            let name = format!("{}.{kind}", digest.template);
            templates.render(&name, &part).map(drop)
        });
        let bodies = message::bodies(digest, &issue, site, templates, addressed).map(drop);
        let editions = [Edition {
            issue: issue.clone(),
            due,
        }];
        let editions = if full { &editions[..] } else { &[] };
        let pages = [
            message::render(digest, &issue, site, due, templates).map(drop),
            archive::issue_page(&issue, pages, templates).map(drop),
            archive::index_page(digest, editions, pages, &Format::ALL, templates).map(drop),
        ];
        for problem in shortened
            .into_iter()
            .chain([bodies])
            .chain(pages)
            .filter_map(Result::err)
        {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// An issue with two entries in each of two groups, or a quiet one.
pub fn issue(digest: &Digest, site: &Site, full: bool, due: DateTime<Utc>) -> Issue {
    let span = Span::last_ended(due, digest.period, digest.timezone);
    let home = compose::home(digest, site);
    let entries = vec![
        Arc::new(entry(site, true, due)),
        Arc::new(entry(site, false, due)),
    ];
    let group = |heading: Option<&str>, url: Option<&str>| Group {
        heading: heading.map(str::to_owned),
        url: url.map(|path| format!("{}{path}", site.base_url)),
        anchor: url.map(|_| "topic".to_owned()),
        entries: entries.clone(),
    };
    Issue {
        slug: digest.slug.clone(),
        title: digest.title.clone(),
        introduction: full.then(|| "Introduction".to_owned()),
        opening: full.then(|| Opening {
            html: "<p>What an editor wrote</p>".to_owned(),
            text: "What an editor wrote".to_owned(),
        }),
        language: digest.language.clone(),
        words: site.phrases.share(&digest.language),
        timezone: digest.timezone,
        url: format!("{home}{}/", span.label),
        span,
        home,
        subject: digest.title.clone(),
        preheader: if full { "Titles" } else { "" }.to_owned(),
        headline: full.then(|| Arc::clone(&entries[0])),
        groups: match full {
            true => vec![
                group(Some("Topic"), Some("topic/")),
                group(Some("What a subscriber chose"), None),
                group(None, None),
            ],
            false => Vec::new(),
        },
        group_limit: digest.group_limit,
        total: if full { 7 } else { 0 },
        quiet: !full,
    }
}

fn entry(site: &Site, full: bool, published: DateTime<Utc>) -> Entry {
    let text = |text: &str| full.then(|| text.to_owned());
    Entry {
        id: format!("tag:{}:entry", site.tag_authority),
        url: format!("{}news/entry/", site.base_url),
        path: "news/entry".to_owned(),
        external_url: None,
        title: "Title".to_owned(),
        kind: text("News item"),
        published,
        updated: published,
        correction: text("What was mended"),
        language: if full { "ar" } else { &site.language }.to_owned(),
        authors: text("Department").into_iter().collect(),
        categories: Vec::new(),
        summary: text("Summary").unwrap_or_default(),
        content: String::new(),
        image: full.then(|| Image {
            url: format!("{}picture.jpg", site.base_url),
            media_type: "image/jpeg".to_owned(),
            length: None,
            size: Some((800, 600)),
            alt: "What it shows".to_owned(),
            caption: None,
        }),
        enclosures: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::samples::{digest, pages, site, templates};

    fn messages(digest: &Digest, templates: &Templates) -> Vec<String> {
        let problems = check(digest, &site(), &pages(), templates);
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn the_templates_that_come_with_tidings_are_right() {
        assert_eq!(messages(&digest(), &templates()), [""; 0]);
    }

    #[test]
    fn a_name_that_only_a_rare_branch_uses_is_found() {
        let source = "{{#if omitted}}{{omited}}{{/if}}{{#if issue.quiet}}{{quite}}{{/if}}";
        let overrides = vec![("digest.text.hbs".to_owned(), source.to_owned())];
        let templates = Templates::new(overrides, site().timezone)
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        let found = messages(&digest(), &templates);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("omited"), "{found:?}");
        assert!(found[1].contains("quite"), "{found:?}");
    }

    #[test]
    fn a_template_that_does_not_exist_is_found() {
        let digest = Digest {
            template: "digset".to_owned(),
            ..digest()
        };
        let found = messages(&digest, &templates());
        assert!(found[0].contains("digset.html"), "{found:?}");
    }
}
