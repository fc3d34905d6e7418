//! Fingerprints: equal inputs, equal number. Tells whether something must be made again.

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
        // Bytes suffice: within UTF-8, those of ASCII white space stand for nothing else.
        let mut rest = text.as_bytes().trim_ascii();
        let mut plain = Vec::with_capacity(rest.len());
        while let Some(end) = rest.iter().position(u8::is_ascii_whitespace) {
            let (word, after) = rest.split_at(end);
            rest = after.trim_ascii_start();
            let space = &after[..after.len() - rest.len()];
            let is_paragraph = space.len() > 1 && space.iter().filter(|byte| **byte == b'\n').count() > 1;
            plain.extend_from_slice(word);
            plain.push(if is_paragraph { b'\n' } else { b' ' });
        }
        plain.extend_from_slice(rest);
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
