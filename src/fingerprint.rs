//! Fingerprints: equal inputs, equal number. Tells whether something must be made again.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr2, memmem};
use xxhash_rust::xxh3::Xxh3;

/// Gathers values into one number. Every value is framed, so that `("ab", "c")` and `("a", "bc")`
/// differ.
#[derive(Default)]
pub struct Fingerprint(Xxh3);

impl Fingerprint {
    /// Adds a text.
    pub fn text(self, text: &str) -> Fingerprint {
        self.bytes(text.as_bytes())
    }

    /// Adds a text that may be missing.
    pub fn optional(self, text: Option<&str>) -> Fingerprint {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    /// Adds a text in which runs of white space count as one space, but paragraphs stay apart.
    pub fn prose(self, text: &str) -> Fingerprint {
        let text = if has_runs(text) {
            Cow::Owned(without_runs(text))
        } else {
            Cow::Borrowed(text)
        };
        let mut plain = Vec::with_capacity(text.len());
        let mut separator: &[u8] = b"";
        let mut start = 0;
        for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            let line = text.as_bytes()[start..end].trim_ascii();
            start = end + 1;
            if line.is_empty() {
                separator = b"\n";
                continue;
            }
            if !plain.is_empty() {
                plain.extend_from_slice(separator);
            }
            plain.extend_from_slice(line);
            separator = b" ";
        }
        self.bytes(&plain)
    }

    fn bytes(mut self, bytes: &[u8]) -> Fingerprint {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a number.
    pub fn number(mut self, number: u64) -> Fingerprint {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// The number.
    pub fn finish(self) -> u64 {
        self.0.digest()
    }
}

/// Whether a line may hold white space other than single spaces: a quick look, since nearly no
/// text does.
fn has_runs(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"  ").is_some()
        || memchr2(b'\t', b'\r', text.as_bytes()).is_some()
}

fn without_runs(text: &str) -> String {
    let lines = text
        .split('\n')
        .map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(text: &str) -> u64 {
        Fingerprint::default().prose(text).finish()
    }

    #[test]
    fn white_space_within_a_paragraph_does_not_count() {
        assert_eq!(prose("one two\nthree"), prose(" one  two three \n"));
        assert_eq!(prose("one\n\ntwo"), prose("one\n\n\n\n  two"));
    }

    #[test]
    fn words_and_paragraphs_count() {
        assert_ne!(prose("one two"), prose("onetwo"));
        assert_ne!(prose("one two"), prose("one\n\ntwo"));
    }

    #[test]
    fn neighbouring_values_do_not_run_together() {
        let pair = |a, b| Fingerprint::default().text(a).text(b).finish();
        assert_ne!(pair("ab", "c"), pair("a", "bc"));
    }
}
