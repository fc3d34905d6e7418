//! Which items an issue takes: those of its period, and those that came too late for their own.
//!
//! Pure. An item belongs to one issue of a digest. What an issue was made from, its pool, is
//! spent, whether or not the digest selected it; the pools of skipped issues are not, so that
//! their items go into the next one. Nothing is lost: whatever came since the digest began and is
//! in no pool is in that of the next issue, however old its date.

use std::collections::HashSet;

use crate::digest::period::Span;
use crate::entry::from_milliseconds;

/// What an issue may take.
#[derive(Debug)]
pub struct Reach<'a> {
    /// The time that the issue covers.
    pub span: &'a Span,
    /// Whether no other issue of the digest covers a later time: that one takes what came late.
    pub is_newest: bool,
    /// Since when the digest has issues, in milliseconds since 1970 UTC: what is older was there
    /// before it.
    pub since: i64,
    /// The ids of items that are older and came later all the same.
    pub late: &'a HashSet<String>,
    /// The ids that other issues of the digest were made from.
    pub spent: &'a HashSet<&'a str>,
}

impl Reach<'_> {
    /// Whether the issue takes an item, published at this moment in milliseconds since 1970 UTC.
    pub fn takes(&self, id: &str, published: i64) -> bool {
        let moment = from_milliseconds(published);
        if moment >= self.span.end || self.spent.contains(id) {
            return false;
        }
        let is_after_beginning = published >= self.since || self.late.contains(id);
        self.span.contains(moment) || (self.is_newest && is_after_beginning)
    }
}

#[cfg(test)]
mod tests;
