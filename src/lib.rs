//! Tidings turns a folder of news items into topic feeds, pages and digest newsletters.
//!
//! The flow runs one way; each room below may use only the rooms above it:
//!
//! 1. [`diagnostic`], [`taxonomy`], [`selection`]: values that everything else speaks of.
//! 2. [`config`]: `feeds.toml`, read and checked.
//! 3. [`item`], [`tag`]: one source file, read and tagged. Pure: no clock, no disk.
//! 4. [`catalog`]: the index of all items.
//! 5. [`entry`], [`template`], [`feed`], [`page`], [`digest`]: values in, bytes out.
//! 6. [`output`], [`ledger`]: the edges that write; neither knows the other.
//! 7. [`pipeline`], [`watch`], [`preview`]: the order in which the rest is called.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod catalog;
pub mod config;
pub mod diagnostic;
pub mod digest;
pub mod entry;
pub mod feed;
pub mod fingerprint;
pub mod identity;
pub mod item;
pub mod journal;
pub mod ledger;
pub mod media;
pub mod output;
pub mod page;
pub mod pipeline;
pub mod preview;
pub mod publish;
pub mod scan;
pub mod selection;
pub mod setup;
pub mod tag;
pub mod taxonomy;
pub mod template;
pub mod watch;
