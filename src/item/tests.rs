//! Tests of the room as a whole; each module has those of its own.

mod bad_input;
pub(super) mod fixtures;
mod hostile;
mod rendering;
