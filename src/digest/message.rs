//! An issue as a mail: HTML, its text twin, and both in one message file.
//!
//! Pure: the templates are given, and bytes are returned.

use chrono::{DateTime, Utc};
use css_inline::{CSSInliner, InlineOptions};

use crate::config::{Digest, Site};
use crate::diagnostic::Problem;
use crate::digest::compose::Issue;
use crate::digest::picture::Picture;
use crate::digest::utm::Tagger;
use crate::digest::view::{Extent, IssueView};
use crate::digest::{eml, text};
use crate::template::Templates;

pub use crate::digest::view::{Addressed, PersonalLinks};

/// The most bytes of the HTML: Gmail cuts what is longer than some 102 kB.
pub const SIZE_LIMIT: usize = 100_000;

/// An issue, ready to be read and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// HTML with its styles inlined, at most [`SIZE_LIMIT`] bytes.
    pub html: String,
    /// The same as plain text, in lines of at most 72 characters where words allow.
    pub text: String,
    /// Both as a message file without recipient, RFC 5322.
    pub eml: Vec<u8>,
    /// The entries of the issue that the mail only counts and links.
    pub omitted: usize,
}

/// The two bodies of a mail, and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bodies {
    /// HTML with its styles inlined, at most [`SIZE_LIMIT`] bytes.
    pub html: String,
    /// The same as plain text, in lines of at most 72 characters where words allow.
    pub text: String,
    /// The entries of the issue that the mail only counts and links.
    pub omitted: usize,
    /// The pictures that the HTML names by `cid:`, and that the message has to carry.
    pub embedded: Vec<Picture>,
}

/// Sets `issue` with the templates that `digest` names, as everybody may read it: without any
/// reader's own links. `due` becomes the date of the message file.
///
/// # Errors
/// As those of [`bodies`]; and the digest's sender is no mail address.
pub fn render(
    digest: &Digest,
    issue: &Issue,
    site: &Site,
    due: DateTime<Utc>,
    templates: &Templates,
) -> Result<Message, Problem> {
    let bodies = bodies(digest, issue, site, templates, Addressed::default())?;
    let eml = eml::write(digest, issue, site, due, &bodies.text, &bodies.html)?;
    Ok(Message {
        html: bodies.html,
        text: bodies.text,
        eml,
        omitted: bodies.omitted,
    })
}

/// Sets `issue` with the templates that `digest` names.
///
/// Each group shows as many entries as its limit allows. When the HTML is longer than
/// [`SIZE_LIMIT`], every group is held to the largest lower limit that fits; when one entry each
/// is still too long, the last groups are left out. What is not shown is counted in its place,
/// with a link to the issue's web page, which shows everything.
///
/// # Errors
/// A template fails, or is too long by itself.
pub fn bodies(
    digest: &Digest,
    issue: &Issue,
    site: &Site,
    templates: &Templates,
    addressed: Addressed<'_>,
) -> Result<Bodies, Problem> {
    let tagger = digest
        .utm
        .as_ref()
        .map(|utm| Tagger::new(utm, issue, site.base_url.as_str(), addressed.links));
    let view = |extent| IssueView::new(issue, site, extent, addressed, tagger.is_some());
    let (extent, html) = fit(issue, |extent| {
        let html = templates.render(&format!("{}.html", digest.template), &view(extent))?;
        let html = inline_styles(&html)?;
        Ok(match &tagger {
            Some(tagger) => tagger.html(&html),
            None => html,
        })
    })?;
    let view = view(extent);
    let text = text::set(&templates.render(&format!("{}.text", digest.template), &view)?);
    Ok(Bodies {
        html,
        text: match &tagger {
            Some(tagger) => tagger.text(&text),
            None => text,
        },
        omitted: view.unshown(),
        embedded: view.embedded(),
    })
}

/// The greatest extent whose HTML is short enough, and that HTML.
fn fit(
    issue: &Issue,
    render: impl Fn(Extent) -> Result<String, Problem>,
) -> Result<(Extent, String), Problem> {
    let extents = extents(issue);
    let mut fitting = None;
    // All of it nearly always fits; otherwise halve the rest until the greatest is found.
    let (mut next, mut from, mut to) = (0, 0, extents.len());
    while from < to {
        let html = render(extents[next])?;
        if html.len() <= SIZE_LIMIT {
            fitting = Some((extents[next], html));
            to = next;
        } else {
            from = next + 1;
        }
        next = from + (to - from) / 2;
    }
    fitting.ok_or_else(|| {
        Problem::error(format!(
            "the mail of digest '{}' is longer than {SIZE_LIMIT} bytes without any item",
            issue.slug
        ))
        .help("shorten its introduction or its template")
    })
}

/// Ever smaller parts of an issue, from all that its group limit allows down to no group.
fn extents(issue: &Issue) -> Vec<Extent> {
    let longest = issue.groups.iter().map(|group| group.entries.len()).max();
    let most = issue.group_limit.min(longest.unwrap_or(1)).max(1);
    let all = issue.groups.len();
    let fewer_entries = (1..=most).rev().map(|entries| Extent {
        entries,
        groups: all,
    });
    let fewer_groups = (0..all).rev().map(|groups| Extent { entries: 1, groups });
    fewer_entries.chain(fewer_groups).collect()
}

/// Moves the styles of `html` into its elements; media queries stay where they are, since no
/// element can hold them.
fn inline_styles(html: &str) -> Result<String, Problem> {
    let options = InlineOptions {
        remove_inlined_selectors: true,
        load_remote_stylesheets: false,
        minify_css: true,
        ..InlineOptions::default()
    };
    CSSInliner::new(options).inline(html).map_err(|error| {
        Problem::error(format!("the styles of the mail cannot be inlined: {error}"))
            .help("mend the CSS in the <style> element of the digest's template")
    })
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod survives;
