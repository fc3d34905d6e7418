//! What helps crawlers and researchers find what there is: sitemaps, `robots.txt` and
//! `security.txt`.
//!
//! Pure: addresses and dates in, bytes out. Of the names below `/.well-known/` (RFC 8615), only
//! `security.txt` concerns a site such as ours; nothing is registered there for feeds or for OPML
//! lists, and nothing is invented.

pub mod robots;
pub mod security;
pub mod sitemap;

pub use security::Security;
