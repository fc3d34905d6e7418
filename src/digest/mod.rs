//! Digests.

pub mod schedule;
