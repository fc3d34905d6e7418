//! Tidings turns a folder of news items into topic feeds, pages and digest newsletters.
//!
//! The flow runs one way, from files to bytes; ARCHITECTURE.md has the picture:
//!
//! 1. [`setup`] reads and compiles [`config`] and [`template`]s.
//! 2. [`scan`] finds files; [`item`] reads and [`tag`] tags one; [`identity`] asks the [`ledger`]
//!    which id and page it has; [`catalog`] indexes all of them.
//! 3. [`publish`] makes an [`entry`] of each and hands it to [`feed`], [`page`] and [`digest`].
//! 4. [`output`] writes what has changed.
//!
//! [`pipeline`] calls them in that order, [`watch`] says when. Reading, tagging, selecting and
//! rendering are pure: values in, values out, no clock and no disk.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod catalog;
pub mod config;
pub mod diagnostic;
pub mod digest;
pub mod discovery;
pub mod entry;
pub mod evaluate;
pub mod feed;
pub mod fingerprint;
pub mod identity;
pub mod item;
pub mod journal;
pub mod language;
pub mod learn;
pub mod ledger;
pub mod mail;
pub mod media;
pub mod output;
pub mod page;
pub mod pipeline;
pub mod publish;
pub mod review;
pub mod scan;
pub mod selection;
pub mod serve;
pub mod setup;
pub mod signing;
mod spare;
pub mod subscribers;
pub mod tag;
pub mod taxonomy;
pub mod template;
pub mod vocabulary;
pub mod watch;
pub mod websub;
