//! When a digest is due: `Mon 09:00`, or cron words.

/// When a digest is due.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// As written in `feeds.toml`.
    pub text: String,
}
