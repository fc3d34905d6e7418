//! Digests.

pub mod period;
pub mod schedule;
