//! Digests: recurring newsletters, each issue of which covers one period.
//!
//! [`period`] says which stretch of time an issue covers, [`due`] which issue is next, [`gather`]
//! which items it takes and [`compose`] under which heading and in what order they stand;
//! [`message`] sets it as a mail and [`archive`] as web pages and a feed. Pure: what time it is and
//! what the ledger knows are arguments, and bytes are returned, never written.

pub mod archive;
pub mod changes;
mod check;
pub mod choices;
pub mod compose;
pub mod due;
pub mod edits;
mod eml;
pub mod frozen;
pub mod gather;
pub mod json;
pub mod life;
pub mod message;
pub mod opening;
pub mod period;
pub mod picture;
pub mod schedule;
pub(crate) mod text;
mod utm;
mod view;

pub use check::{check, issue as sample_issue};

#[cfg(test)]
pub(crate) mod samples;
