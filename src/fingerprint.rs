//! Fingerprints: equal inputs, equal number. Tells whether something must be made again.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr2, memmem};
use xxhash_rust::xxh3::xxh3_64;

/// Gathers values into one number. Every value is framed, so that `("ab", "c")` and `("a", "bc")`
/// differ.
pub struct Fingerprint {
    /// All values so far. To hash them at the end is cheaper than to carry the state of a hash,
    /// which is larger than most of what is gathered.
    bytes: Vec<u8>,
}

impl Default for Fingerprint {
    fn default() -> Fingerprint {
        Fingerprint {
            bytes: Vec::with_capacity(256),
        }
    }
}

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
    pub fn prose(mut self, text: &str) -> Fingerprint {
        let text = if has_runs(text) {
            Cow::Owned(without_runs(text))
        } else {
            Cow::Borrowed(text)
        };
        // The length comes first, and is known last.
        let frame = self.bytes.len();
        self.bytes.reserve(8 + text.len());
        self.bytes.extend_from_slice(&[0; 8]);
        let first = self.bytes.len();
        let mut separator: &[u8] = b"";
        let mut start = 0;
        for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            let line = text.as_bytes()[start..end].trim_ascii();
            start = end + 1;
            if line.is_empty() {
                separator = b"\n";
                continue;
            }
            if self.bytes.len() > first {
                self.bytes.extend_from_slice(separator);
            }
            self.bytes.extend_from_slice(line);
            separator = b" ";
        }
        let length = (self.bytes.len() - first) as u64;
        self.bytes[frame..first].copy_from_slice(&length.to_le_bytes());
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Fingerprint {
        self.bytes
            .extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Adds a number.
    pub fn number(mut self, number: u64) -> Fingerprint {
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// The number.
    pub fn finish(self) -> u64 {
        xxh3_64(&self.bytes)
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
