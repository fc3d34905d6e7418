//! The languages of a site.
//!
//! Pure: knows neither configuration nor items.

/// A language of the site, by its place in the configuration; the first is the main one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageId(pub u8);

impl LanguageId {
    /// The main language, whose pages stand at the root.
    pub const MAIN: LanguageId = LanguageId(0);
}
