//! Quoted-printable, RFC 2045 section 6.7, in pieces: what is the same for all recipients is
//! encoded once, and what is a person's own is put between, encoded by itself.
//!
//! Every value is given lines of its own, by soft line breaks that a reader drops: so no piece
//! needs to know how long the one before it is. Pure.

use memchr::memchr;

/// The most characters of a line, its `=` included (RFC 2045, section 6.7, rule 5).
const LINE_LENGTH: usize = 76;

const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";

/// Encodes text that is set between values which come later.
#[derive(Debug, Default)]
pub struct Encoder {
    encoded: Vec<u8>,
    /// The characters of the line that is being written.
    column: usize,
    /// A value ended just now.
    behind_value: bool,
}

impl Encoder {
    /// More text; its line breaks are hard ones, whether they are written `\n` or `\r\n`.
    pub fn push(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        if rest.is_empty() {
            return;
        }
        // What comes next is a line break anyway, or must begin a line.
        if self.behind_value && !rest.starts_with(b"\n") && !rest.starts_with(b"\r\n") {
            self.encoded.extend_from_slice(b"=\r\n");
        }
        self.behind_value = false;
        while let Some(end) = memchr(b'\n', rest) {
            let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            self.line(line, true);
            self.encoded.extend_from_slice(b"\r\n");
            self.column = 0;
            rest = &rest[end + 1..];
        }
        self.line(rest, false);
    }

    /// What was encoded so far; a value of its own, made by [`value`], comes behind it.
    pub fn before_value(&mut self) -> Vec<u8> {
        if self.column > 0 || self.behind_value {
            self.encoded.extend_from_slice(b"=\r\n");
            self.column = 0;
        }
        self.behind_value = true;
        std::mem::take(&mut self.encoded)
    }

    /// The rest, with a line break at its end.
    pub fn finish(mut self) -> Vec<u8> {
        if self.column > 0 || self.behind_value {
            self.encoded.extend_from_slice(b"\r\n");
        }
        self.encoded
    }

    /// A part of a line, or the end of one.
    fn line(&mut self, line: &[u8], is_end: bool) {
        for (at, byte) in line.iter().enumerate() {
            let is_last = at + 1 == line.len();
            let is_plain = match byte {
                // At the end of a line, space is lost on the way.
                b' ' | b'\t' => !is_last,
                b'=' => false,
                // Some relays double a dot at the start of a line, or take it for the end.
                b'.' => self.column > 0,
                // Mailboxes on disk have a line that begins with "From " quoted.
                b'F' => self.column > 0,
                byte => byte.is_ascii_graphic(),
            };
            let length = if is_plain { 1 } else { 3 };
            // The last of a line needs no room for a soft line break behind it.
            let room = LINE_LENGTH - usize::from(!(is_last && is_end));
            if self.column + length > room {
                self.encoded.extend_from_slice(b"=\r\n");
                self.column = 0;
                // At the start of a line, other rules hold.
                self.line(&line[at..], is_end);
                return;
            }
            if is_plain {
                self.encoded.push(*byte);
            } else {
                let digits = [byte >> 4, byte & 15].map(|half| HEXADECIMAL[usize::from(half)]);
                self.encoded
                    .extend_from_slice(&[b'=', digits[0], digits[1]]);
            }
            self.column += length;
        }
    }
}

/// A value on lines of its own.
pub fn value(text: &str) -> Vec<u8> {
    let mut encoder = Encoder::default();
    encoder.push(text);
    // Room for a line break behind it was left, since none of its lines is known to end here.
    encoder.encoded
}

#[cfg(test)]
mod tests {
    use mail_parser::decoders::quoted_printable::quoted_printable_decode;
    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str) -> String {
        let mut encoder = Encoder::default();
        encoder.push(text);
        String::from_utf8(encoder.finish()).unwrap()
    }

    #[test]
    fn text_that_needs_it_is_encoded_and_the_rest_can_be_read() {
        assert_eq!(encode("Plain, text."), "Plain, text.\r\n");
        assert_eq!(encode("a=b é\n\n"), "a=3Db =C3=A9\r\n\r\n");
        assert_eq!(encode("space \ntab\t\nno"), "space=20\r\ntab=09\r\nno\r\n");
    }

    #[test]
    fn a_dot_and_a_from_do_not_begin_a_line() {
        assert_eq!(encode(".\nFrom me\na."), "=2E\r\n=46rom me\r\na.\r\n");
    }

    #[test]
    fn a_value_stands_on_lines_of_its_own_which_readers_do_not_see() {
        let mut encoder = Encoder::default();
        encoder.push("see <a href=\"");
        let mut whole = encoder.before_value();
        whole.extend(value("https://news.example/?token=1"));
        encoder.push("\">here</a>\nand ");
        whole.extend(encoder.before_value());
        whole.extend(value("https://news.example/"));
        encoder.push("\nend\n");
        whole.extend(encoder.finish());
        assert_eq!(
            String::from_utf8(whole.clone()).unwrap(),
            "see <a href=3D\"=\r\nhttps://news.example/?token=3D1=\r\n\">here</a>\r\nand=20=\r\n\
             https://news.example/\r\nend\r\n"
        );
        assert_eq!(
            String::from_utf8(quoted_printable_decode(&whole).unwrap()).unwrap(),
            "see <a href=\"https://news.example/?token=1\">here</a>\r\nand https://news.example/\r\nend\r\n"
        );
    }

    fn is_right(encoded: &[u8]) -> bool {
        encoded.split(|byte| *byte == b'\n').all(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            line.len() <= LINE_LENGTH
                && line
                    .iter()
                    .all(|byte| matches!(byte, b' ' | b'\t') || byte.is_ascii_graphic())
                && !line.ends_with(b" ")
                && !line.starts_with(b".")
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_back(
            parts in prop::collection::vec("(\\PC|\n| |=|\\.|\t|é){0,200}", 1..5),
            between in "[ -~é]{1,150}",
        ) {
            let mut encoder = Encoder::default();
            let mut whole = Vec::new();
            let mut expected = String::new();
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    whole.extend(encoder.before_value());
                    whole.extend(value(&between));
                    expected.push_str(&between);
                }
                encoder.push(part);
                expected.push_str(part);
            }
            whole.extend(encoder.finish());
            prop_assert!(is_right(&whole), "{}", String::from_utf8_lossy(&whole));
            let decoded = quoted_printable_decode(&whole).unwrap();
            let decoded = String::from_utf8(decoded).unwrap().replace("\r\n", "\n");
            let expected = if expected.is_empty() || expected.ends_with('\n') { expected } else { expected + "\n" };
            prop_assert_eq!(decoded, expected);
        }
    }
}
