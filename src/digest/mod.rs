//! Digests: recurring newsletters, each issue of which covers one period.
//!
//! [`period`] says which stretch of time an issue covers, [`compose`] which entries stand in it
//! and in what order, [`message`] sets it as a mail and [`archive`] as web pages and a feed. Pure:
//! the moment at which an issue is due is an argument, and bytes are returned, never written.

pub mod archive;
pub mod changes;
mod check;
pub mod choices;
pub mod compose;
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
