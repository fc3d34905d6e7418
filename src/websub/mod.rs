//! WebSub (W3C Recommendation of 23 January 2018): feeds pushed to those who subscribed.
//!
//! Two halves that know nothing of one another. [`publisher`] tells hubs elsewhere which feeds
//! changed, after every publish and never in its way. [`hub`] is a hub itself: it takes
//! subscriptions to this site's feeds, has subscribers confirm them, and delivers every feed that
//! changed. What either must not forget stands in [`crate::ledger::websub`].
//!
//! The network is reached through [`client`] alone, which calls no stranger at an address that
//! is not public. Callbacks are secrets of their subscribers ("capability URLs"): logs name their
//! hosts and nothing more.

pub mod address;
pub mod client;
pub mod hub;
pub mod publisher;
mod retry;
mod signature;
pub mod topic;
