//! Which items an issue takes: those of its period, and those that came too late for their own.
//!
//! Pure. An item belongs to one issue of a digest. What an issue was made from, its pool, is
//! spent, whether or not the digest selected it; the pools of skipped issues are not, so that
//! their items go into the next one. Nothing is lost: whatever came since the digest began and is
//! in no pool is in that of the next issue, however old its date.

use std::collections::HashSet;

use crate::digest::period::Span;
use crate::entry::from_milliseconds;
use crate::ledger::IssueRecord;

/// An item that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its date, in milliseconds since 1970 UTC.
    pub published: i64,
}

/// What an issue may take.
#[derive(Debug)]
pub struct Reach<'a> {
    /// The time that the issue covers.
    pub span: &'a Span,
    /// Whether it takes what came late for the issues of other times: one that is due does, and
    /// one that is asked for does where no other covers a later time.
    pub takes_late: bool,
    /// Since when the digest has issues, in milliseconds since 1970 UTC: what is older was there
    /// before it.
    pub since: i64,
    /// The ids of items that are older and came later all the same.
    pub late: &'a HashSet<String>,
    /// The ids that other issues of the digest hold.
    pub spent: HashSet<&'a str>,
    /// The ids that the issue itself was made from, where it is made anew: they stay in it.
    pub own: HashSet<&'a str>,
}

impl Reach<'_> {
    /// Whether the issue takes an item.
    pub fn takes(&self, news: News<'_>) -> bool {
        if self.spent.contains(news.id) {
            return false;
        }
        if self.own.contains(news.id) {
            return true;
        }
        let moment = from_milliseconds(news.published);
        let is_after_beginning = news.published >= self.since || self.late.contains(news.id);
        let is_late = self.takes_late && is_after_beginning;
        moment < self.span.end && (self.span.contains(moment) || is_late)
    }
}

/// What an issue is made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// The ids of the items that the digest selects.
    pub items: Vec<String>,
    /// The ids of all.
    pub pool: Vec<String>,
    /// How many of the selected are from before the digest's beginning.
    pub backdated: usize,
}

impl Gathered {
    /// Of `candidates`, each with whether the digest selects it, those that an issue takes.
    pub fn of<'i>(
        reach: &Reach<'_>,
        candidates: impl IntoIterator<Item = (News<'i>, bool)>,
    ) -> Gathered {
        let mut gathered = Gathered::default();
        for (news, is_selected) in candidates {
            if !reach.takes(news) {
                continue;
            }
            if is_selected {
                gathered.items.push(news.id.to_owned());
                gathered.backdated += usize::from(news.published < reach.since);
            }
            gathered.pool.push(news.id.to_owned());
        }
        gathered
    }
}

/// What `issues` hold and no other issue can have. `issues` are those of one digest.
pub fn held<'a>(issues: impl IntoIterator<Item = &'a IssueRecord>) -> HashSet<&'a str> {
    let holders = issues.into_iter().filter(|issue| issue.state.holds_items());
    holders.flat_map(IssueRecord::holdings).collect()
}

/// Takes out of an issue that is made a draft again what `others` of its digest hold by now.
pub fn leave_to_others(issue: &mut IssueRecord, others: &[&IssueRecord]) {
    let spent = held(others.iter().copied());
    issue.items.retain(|id| !spent.contains(id.as_str()));
    issue.pool.retain(|id| !spent.contains(id.as_str()));
    issue.seen.retain(|id, _| !spent.contains(id.as_str()));
    issue.changes.retain(|one| !spent.contains(one.id.as_str()));
}

/// Takes out of an issue whose content is frozen what is not published then, so that it goes into
/// another issue when it comes back. What an editor dropped stays: it is to be in none.
pub fn leave_what_is_gone(issue: &mut IssueRecord, is_published: impl Fn(&str) -> bool) {
    let dropped = &issue.edits.dropped;
    let is_kept = |id: &String| dropped.contains(id) || is_published(id);
    issue.items.retain(is_kept);
    issue.pool.retain(is_kept);
}

#[cfg(test)]
mod tests;
