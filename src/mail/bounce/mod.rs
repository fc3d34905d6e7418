//! What comes back: mails that could not be delivered, complaints, and mails that unsubscribe.
//!
//! [`mod@read`] says what a message means and about whom, from the message alone; [`desk`] has the
//! ledger keep it and do what follows; [`maildir`] and [`notice`] are the ways in. What cannot be
//! read is kept and reported, never dropped; what was made up does nothing.

pub mod desk;
mod fields;
pub mod maildir;
pub mod notice;
mod plain;
pub mod read;
pub mod status;
#[cfg(test)]
mod tests;
mod who;

pub use read::{Reading, Report, read};
pub use status::{Severity, Status};
pub use who::{Proof, Who};
