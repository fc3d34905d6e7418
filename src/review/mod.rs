//! Items whose tags an editor should look at: none at all, unsure ones, or stated ones that the
//! text contradicts; and what the editor decides.
//!
//! `doubts` is pure. [`decide`] writes an item's file or its sidecar, and nothing else; [`desk`]
//! shows doubts as a page and calls it.

pub mod decide;
pub mod desk;
mod doubts;

pub use doubts::{Doubt, Reason, of_open, of_stated, sureness};
