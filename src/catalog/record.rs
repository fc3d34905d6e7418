//! One source file, as the catalog knows it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Problem;
use crate::item::{TranslationLink, Withdrawal};
use crate::ledger::Publication;
use crate::tag::Origin;
use crate::taxonomy::TermId;

/// What tells that a file has changed, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stat {
    /// Length in bytes.
    pub size: u64,
    /// Modification time, nanoseconds since 1970.
    pub modified: i64,
    /// Change time of the inode, nanoseconds since 1970.
    pub changed: i64,
    /// The inode's number.
    pub inode: u64,
}

/// Where an item's content stands in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extent {
    /// Offset in bytes.
    pub offset: u64,
    /// Length in bytes.
    pub length: u32,
    /// Checksum of the bytes.
    pub checksum: u32,
}

/// Under which id, page and dates an item is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The permanent id.
    pub id: Box<str>,
    /// Its page below `news/`: `2024/slug`.
    pub page: Box<str>,
    /// When it was issued, in milliseconds since 1970 UTC.
    pub published: i64,
    /// When what a reader sees last changed, in milliseconds since 1970 UTC.
    pub updated: i64,
    /// Its place in the order in which readers learn of items; see
    /// [`Publication::sequence`](crate::ledger::Publication::sequence).
    pub sequence: u64,
}

impl Identity {
    /// The identity that the ledger knows.
    pub fn of(publication: &Publication) -> Identity {
        Identity {
            id: publication.id.as_str().into(),
            page: publication.page.as_str().into(),
            published: publication.published,
            updated: publication.updated,
            sequence: publication.sequence,
        }
    }
}

/// Whether an item stands in feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It does.
    Live(Identity),
    /// It will at this moment, in milliseconds since 1970 UTC.
    Scheduled(i64),
    /// Its author took it back.
    Withdrawn(Box<Withdrawal>),
    /// It cannot be published as it is, and never was; its problems say why.
    Refused,
}

/// A term that an item bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TermTag {
    /// The term.
    pub term: TermId,
    /// Who says so.
    pub origin: Origin,
    /// Whether the item bears it itself rather than through a child term.
    pub direct: bool,
}

/// One source file, as the catalog knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Path relative to the newsroom, with `/`.
    pub path: Arc<str>,
    /// The file when it was last read.
    pub stat: Stat,
    /// Whether it stands in feeds.
    pub state: State,
    /// Its terms in the taxonomy's order, inherited ones included.
    pub terms: Box<[TermTag]>,
    /// The terms that an editor refused it.
    pub refused: Box<[TermId]>,
    /// BCP 47 tag, where it is not the site's.
    pub language: Option<Box<str>>,
    /// Of which other items it is a translation.
    pub translation: Option<Box<TranslationLink>>,
    /// What sort of item.
    pub kind: Option<Box<str>>,
    /// Fingerprint of what a reader sees, tags aside.
    pub view: u64,
    /// The last good version of its content.
    pub content: Extent,
    /// The files of the newsroom that it points at, relative to the newsroom.
    pub files: Box<[Box<str>]>,
    /// What is wrong with the file as it is now.
    pub problems: Box<[Problem]>,
}

impl Record {
    /// Its identity, when it stands in feeds.
    pub fn identity(&self) -> Option<&Identity> {
        match &self.state {
            State::Live(identity) => Some(identity),
            _ => None,
        }
    }

    pub(super) fn is_special(&self) -> bool {
        self.identity().is_none() || !self.problems.is_empty() || !self.files.is_empty()
    }
}
