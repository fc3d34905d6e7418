//! Subscribers: who gets mail, what they chose, what they agreed to, and how they change it.
//!
//! Values in, values out: facts are kept by [`crate::ledger`], pages are answered by
//! [`crate::serve`], and letters are sent by whoever sends the issues.

pub mod links;

pub use links::Links;
