//! Selections: boolean queries over terms, dates, language and type.

/// A boolean query over terms, dates, language and type.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// As written.
    pub text: String,
}
