//! Issues of the ledger with their items as they are now.
//!
//! Reads the catalog through a [`Publisher`], so that a process that only looks can do it too.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::catalog::Number;
use crate::config::{Approval, Digest, Quiet};
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::digest::changes::{self, Change, Seen};
use crate::digest::frozen;
use crate::digest::period::Span;
use crate::entry::{Entry, from_milliseconds};
use crate::ledger::IssueRecord;
use crate::publish::Publisher;

/// The editions of `issues` for each digest of the configuration, oldest first.
///
/// # Errors
/// When the content of an item cannot be read back.
pub fn editions(
    publisher: &Publisher<'_>,
    issues: &[&IssueRecord],
) -> Result<Vec<Vec<Edition>>, Problem> {
    let ids = issues.iter().flat_map(|issue| &issue.items);
    let numbers = numbers(publisher, ids.map(String::as_str));
    let digests = publisher.setup.config.digests.iter();
    digests
        .map(|digest| {
            let own = issues.iter().filter(|issue| issue.digest == digest.slug);
            let mut editions = own
                .filter_map(|issue| of_numbers(publisher, digest, issue, &numbers).transpose())
                .collect::<Result<Vec<Edition>, Problem>>()?;
            sort(&mut editions);
            Ok(editions)
        })
        .collect()
}

/// Puts the editions of a digest in order, the oldest first.
pub(super) fn sort(editions: &mut [Edition]) {
    editions.sort_by(|a, b| (a.due, &a.issue.span.label).cmp(&(b.due, &b.issue.span.label)));
}

/// One issue of `digest` with its edits, whatever its state. `None` where it holds subscribers'
/// own choices only, and where its period is not one of the digest's.
///
/// # Errors
/// When the content of an item cannot be read back.
pub fn edition(
    publisher: &Publisher<'_>,
    digest: &Digest,
    issue: &IssueRecord,
) -> Result<Option<Edition>, Problem> {
    let numbers = numbers(publisher, issue.items.iter().map(String::as_str));
    of_numbers(publisher, digest, issue, &numbers)
}

/// The content of an issue as it is now, frozen as JSON: what
/// [`begin_sending`](crate::ledger::Ledger::begin_sending) keeps. `None` where its period is
/// no label.
///
/// # Errors
/// When the content of an item cannot be read back, and when the issue is not what people
/// approved any more.
pub fn freeze(
    publisher: &Publisher<'_>,
    digest: &Digest,
    issue: &IssueRecord,
) -> Result<Option<String>, Problem> {
    let loud = Digest {
        quiet: Quiet::Send,
        ..digest.clone()
    };
    let Some(edition) = edition(publisher, &loud, issue)? else {
        return Ok(None);
    };
    let dropped = &issue.edits.dropped;
    let shown = edition.issue.entries();
    let mut changes = changes::since(&issue.seen, &Seen::all(shown));
    changes.retain(|change| !dropped.contains(&change.id));
    if digest.approval != Approval::Automatic && !changes.is_empty() {
        let words: Vec<String> = changes.iter().map(Change::in_words).collect();
        let message = format!(
            "issue {} of digest '{}' is not what was approved any more: {}",
            issue.period,
            digest.slug,
            words.join("; ")
        );
        return Err(Problem::error(message)
            .help("publish with `tidings build`, look at the issue, and approve it again"));
    }
    let pool = issue.pool.iter().filter(|id| !dropped.contains(id));
    let pool = entries(publisher, pool.map(String::as_str))?;
    Ok(Some(frozen::freeze(&edition.issue, &pool)))
}

/// The items with these ids that are there now, newest first, without their texts.
///
/// # Errors
/// When the content of an item cannot be read back.
pub fn entries<'i>(
    publisher: &Publisher<'_>,
    ids: impl Iterator<Item = &'i str>,
) -> Result<Vec<Arc<Entry>>, Problem> {
    let mut numbers: Vec<Number> = numbers(publisher, ids).into_values().collect();
    publisher.catalog.sort_newest_first(&mut numbers);
    let numbers = numbers.into_iter();
    numbers
        .map(|number| publisher.entry_without_content(number).map(Arc::new))
        .collect()
}

/// Which of these ids are those of items that are published.
pub(super) fn published<'i>(
    publisher: &Publisher<'_>,
    ids: impl Iterator<Item = &'i str>,
) -> HashSet<String> {
    numbers(publisher, ids).into_keys().collect()
}

fn of_numbers(
    publisher: &Publisher<'_>,
    digest: &Digest,
    issue: &IssueRecord,
    numbers: &HashMap<String, Number>,
) -> Result<Option<Edition>, Problem> {
    let config = &publisher.setup.config;
    // What only carries the choices of subscribers says nothing to all.
    if issue.items.is_empty() && digest.quiet == Quiet::Skip {
        return Ok(None);
    }
    // An issue that was made stays, even when all of its items were withdrawn since.
    let loud = Digest {
        quiet: Quiet::Send,
        ..digest.clone()
    };
    let due = from_milliseconds(issue.due);
    let Some(span) = Span::labelled(&issue.period, digest.timezone) else {
        return Ok(None);
    };
    let entries = issue.items.iter().filter_map(|id| numbers.get(id));
    let entries = entries
        .map(|number| publisher.entry_without_content(*number).map(Arc::new))
        .collect::<Result<Vec<Arc<Entry>>, Problem>>()?;
    let issue = issue
        .edits
        .compose(&loud, &config.taxonomy, &config.site, &span, entries);
    Ok(issue.map(|issue| Edition { issue, due }))
}

fn numbers<'i>(
    publisher: &Publisher<'_>,
    ids: impl Iterator<Item = &'i str>,
) -> HashMap<String, Number> {
    let wanted: HashSet<&str> = ids.collect();
    if wanted.is_empty() {
        return HashMap::new();
    }
    let records = publisher.catalog.records();
    records
        .filter_map(|(number, record)| Some((&*record.identity()?.id, number)))
        .filter(|(id, _)| wanted.contains(id))
        .map(|(id, number)| (id.to_owned(), number))
        .collect()
}
