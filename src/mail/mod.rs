//! Mail: addresses, messages, what signs them, and the sender that brings each to its subscriber
//! exactly once.
//!
//! Messages are values in, bytes out. Only the sender and the resolver of `mail check` touch the
//! network, and what was sent stands in the ledger.

pub mod address;
pub mod bounce;
pub mod check;
pub mod dkim;
pub mod edition;
pub mod header;
pub mod letter;
pub mod listmonk;
pub mod message;
pub mod outbox;
pub mod quoted_printable;
pub mod seal;
pub mod sender;
pub mod smtp;
pub mod trial;
pub mod verp;
