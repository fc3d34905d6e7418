//! What the manifest says: which files Tidings wrote, and what each was made from.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// What is remembered of a file that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    pub size: u64,
    /// Modification time, nanoseconds since 1970.
    pub modified: i64,
    /// Fingerprint of the bytes.
    pub bytes: u64,
    /// Fingerprint of what the bytes were made from.
    pub inputs: u64,
}

impl Written {
    /// Ours, but with contents that are not known: about to be written, or changed by others.
    pub(super) const UNKNOWN: Written = Written {
        size: u64::MAX,
        modified: 0,
        bytes: 0,
        inputs: 0,
    };

    pub(super) fn is_unknown(&self) -> bool {
        self.size == u64::MAX
    }
}

#[derive(Serialize, Deserialize)]
pub(super) enum Frame {
    Wrote(Box<str>, Written),
    Removed(Box<str>),
    /// Everything there was to publish was written, by a fingerprint of it.
    Complete(u64),
}

/// The manifest of these files.
pub(super) fn frames(
    files: &HashMap<Box<str>, Written>,
    complete: Option<u64>,
) -> impl Iterator<Item = Frame> {
    let wrote = files.iter();
    wrote
        .map(|(path, written)| Frame::Wrote(path.clone(), *written))
        .chain(complete.map(Frame::Complete))
}
