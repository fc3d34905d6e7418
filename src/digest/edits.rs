//! What people change in a draft: subject, preheader, introduction, order, and which items it has.
//!
//! Pure. Edits are kept apart from what the digest selects, by the ids of items, so that they
//! hold when the draft is made anew: an edit of an item that is not there just now does nothing
//! until the item is back.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::{Digest, Site};
use crate::digest::compose::{self, Group, Issue};
use crate::digest::opening::Opening;
use crate::digest::period::Span;
use crate::digest::text::one_line;
use crate::entry::Entry;
use crate::taxonomy::Taxonomy;

/// The most characters of a subject; no mail program shows as many.
const SUBJECT_LENGTH: usize = 200;
/// The most characters of a preheader.
const PREHEADER_LENGTH: usize = 200;
/// The most characters of an introduction.
const INTRODUCTION_LENGTH: usize = 10_000;

/// All that was changed in one draft.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Edits {
    /// In the place of the subject that is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// In the place of the preheader that is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preheader: Option<String>,
    /// Markdown, in the place of the digest's own introduction; empty: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// The item that stands above all groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Items that stand first in their groups, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<String>,
    /// Items that were put elsewhere, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// Items that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
}

/// An item that was put elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The item.
    pub item: String,
    /// The item before which it stands now, in that one's group.
    pub before: String,
}

/// One change. Items are given by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Another subject; `None`: the one that is made.
    Subject(Option<String>),
    /// Another preheader; `None`: the one that is made.
    Preheader(Option<String>),
    /// Another introduction, Markdown; empty: none; `None`: the digest's own.
    Introduction(Option<String>),
    /// Another headline; `None`: none.
    Headline(Option<String>),
    /// The item stands first in its group, after those that were pinned before.
    Pin(String),
    /// The item stands where its date puts it.
    Unpin(String),
    /// The item stands before another, in that one's group.
    Move(Move),
    /// The item is left out.
    Drop(String),
    /// The item is left out no more.
    Restore(String),
}

/// Why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Nothing would be left of it.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// Longer than anybody could read.
    #[error("the {what} has {length} characters; the most are {limit}")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Its length.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// An item cannot stand before itself.
    #[error("an item cannot stand before itself")]
    BeforeItself,
    /// The item was dropped, and so has no place.
    #[error("the item {0} was dropped from this issue: restore it first")]
    Dropped(String),
}

impl Edits {
    /// Makes one change; whether an item belongs to the draft is for the caller to know.
    ///
    /// # Errors
    /// A text that is empty or too long, an item that is to stand before itself or was dropped.
    pub fn make(&mut self, edit: Edit) -> Result<(), EditError> {
        match edit {
            Edit::Subject(subject) => {
                self.subject = line("subject", subject, SUBJECT_LENGTH)?;
            }
            Edit::Preheader(preheader) => {
                self.preheader = line("preheader", preheader, PREHEADER_LENGTH)?;
            }
            Edit::Introduction(text) => {
                let text = text.map(|text| text.trim().to_owned());
                let length = text.as_ref().map_or(0, |text| text.chars().count());
                within("introduction", length, INTRODUCTION_LENGTH)?;
                self.introduction = text;
            }
            Edit::Headline(item) => {
                if let Some(item) = &item {
                    self.has_place(item)?;
                }
                self.headline = item;
            }
            Edit::Pin(item) => {
                self.has_place(&item)?;
                self.pinned.retain(|pinned| *pinned != item);
                self.pinned.push(item);
            }
            Edit::Unpin(item) => self.pinned.retain(|pinned| *pinned != item),
            Edit::Move(to) => {
                if to.item == to.before {
                    return Err(EditError::BeforeItself);
                }
                self.has_place(&to.item)?;
                self.has_place(&to.before)?;
                // Where it was put last counts.
                self.pinned.retain(|pinned| *pinned != to.item);
                self.moves.retain(|former| former.item != to.item);
                self.moves.push(to);
            }
            Edit::Drop(item) => {
                self.pinned.retain(|pinned| *pinned != item);
                self.headline.take_if(|headline| *headline == item);
                if !self.dropped.contains(&item) {
                    self.dropped.push(item);
                }
            }
            Edit::Restore(item) => self.dropped.retain(|dropped| *dropped != item),
        }
        Ok(())
    }

    /// The issue of `digest` as [`compose::compose`] makes it of `candidates`, with these edits;
    /// dropped candidates are left out.
    pub fn compose(
        &self,
        digest: &Digest,
        taxonomy: &Taxonomy,
        site: &Site,
        span: &Span,
        candidates: Vec<Arc<Entry>>,
    ) -> Option<Issue> {
        let dropped: HashSet<&str> = self.dropped.iter().map(String::as_str).collect();
        let kept = candidates
            .into_iter()
            .filter(|entry| !dropped.contains(entry.id.as_str()))
            .collect();
        let mut issue = compose::compose(digest, taxonomy, site, span, kept)?;
        issue.headline = self.arrange(&mut issue.groups);
        issue.preheader = match &self.preheader {
            Some(preheader) => preheader.clone(),
            None => compose::preheader(issue.headline.as_ref(), &issue.groups),
        };
        if let Some(subject) = &self.subject {
            issue.subject = subject.clone();
        }
        if let Some(markdown) = &self.introduction {
            issue.introduction = None;
            issue.opening = Opening::new(markdown, &site.base_url);
        }
        Some(issue)
    }

    /// Puts entries where they were moved to, then pinned ones first, and takes the headline out.
    fn arrange(&self, groups: &mut Vec<Group>) -> Option<Arc<Entry>> {
        for to in &self.moves {
            if place(groups, &to.before).is_none() {
                continue;
            }
            let Some(entry) = take(groups, &to.item) else {
                continue;
            };
            // Taking an entry out of the same group may have moved the other.
            if let Some((group, at)) = place(groups, &to.before) {
                groups[group].entries.insert(at, entry);
            }
        }
        for item in self.pinned.iter().rev() {
            if let Some((group, at)) = place(groups, item) {
                groups[group].entries[..=at].rotate_right(1);
            }
        }
        let headline = self.headline.as_ref();
        let headline = headline.and_then(|headline| take(groups, headline));
        groups.retain(|group| !group.entries.is_empty());
        headline
    }

    fn has_place(&self, item: &str) -> Result<(), EditError> {
        match self.dropped.iter().any(|dropped| dropped == item) {
            true => Err(EditError::Dropped(item.to_owned())),
            false => Ok(()),
        }
    }
}

/// The group of an entry, and its place there.
fn place(groups: &[Group], id: &str) -> Option<(usize, usize)> {
    groups.iter().enumerate().find_map(|(number, group)| {
        let at = group.entries.iter().position(|entry| entry.id == id)?;
        Some((number, at))
    })
}

fn take(groups: &mut [Group], id: &str) -> Option<Arc<Entry>> {
    let (group, at) = place(groups, id)?;
    Some(groups[group].entries.remove(at))
}

/// A text on one line: what could end a header and begin another is a space.
fn line(
    what: &'static str,
    text: Option<String>,
    limit: usize,
) -> Result<Option<String>, EditError> {
    let text = text.map(|text| one_line(&text));
    match &text {
        Some(text) if text.is_empty() => Err(EditError::Empty(what)),
        Some(text) => within(what, text.chars().count(), limit).map(|()| Some(text.clone())),
        None => Ok(None),
    }
}

fn within(what: &'static str, length: usize, limit: usize) -> Result<(), EditError> {
    match length > limit {
        true => Err(EditError::TooLong {
            what,
            length,
            limit,
        }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests;
