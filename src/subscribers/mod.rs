//! Subscribers: who gets mail, what they chose, what they agreed to, and how they change it.
//!
//! [`decide`] has the rules, as values in and values out; [`registrar`] carries them out on the
//! ledger, with the [`letters`] that follow from them. Pages are answered by [`crate::serve`], and
//! letters are sent by whoever sends the issues.

pub mod decide;
pub mod enter;
pub mod held;
pub mod letters;
pub mod links;
pub mod name;
pub mod registrar;
pub mod table;
#[cfg(test)]
mod tests;
pub mod wish;

pub use links::Links;
