//! Mail: addresses, messages, what signs them, and the sender that brings each to its subscriber
//! exactly once.
//!
//! Messages are values in, bytes out. Only the sender and the resolver of `mail check` touch the
//! network, and what was sent stands in the ledger.

pub mod address;
