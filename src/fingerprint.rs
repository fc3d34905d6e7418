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
        let text = text.as_bytes().trim_ascii();
        let mut plain = vec![0; text.len()];
        let mut length = 0;
        let mut breaks = 0;
        let mut after_space = false;
        // Without a branch for each byte, since every item's text comes through here.
        for byte in text {
            let is_space = byte.is_ascii_whitespace();
            breaks = (breaks + u32::from(*byte == b'\n')) * u32::from(is_space);
            length -= usize::from(is_space && after_space);
            plain[length] = match (is_space, breaks > 1) {
                (false, _) => *byte,
                (true, false) => b' ',
                (true, true) => b'\n',
            };
            length += 1;
            after_space = is_space;
        }
        self.bytes(&plain[..length])
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
