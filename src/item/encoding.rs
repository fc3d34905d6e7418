//! Bytes to text: byte order marks, UTF-16, declared and guessed legacy encodings, line ends.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::characters;
use crate::diagnostic::Problem;

/// Decoded text and, where it was not Unicode, a warning that says how it was read.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    /// The text: line ends are `\n`, and characters that XML 1.0 forbids are gone.
    pub text: Cow<'a, str>,
    /// That the encoding was guessed, or that some bytes were not valid in it.
    pub warning: Option<Problem>,
}

/// Decodes a file. Borrows where it is clean UTF-8 already.
///
/// # Errors
/// An empty file, and one that is not text.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Box<Problem>> {
    // By far the most files need no more than this.
    if characters::is_plain(bytes)
        && let Ok(text) = std::str::from_utf8(bytes)
        && !text.trim().is_empty()
    {
        return Ok(Decoded {
            text: Cow::Borrowed(text),
            warning: None,
        });
    }
    let (text, warning) = if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        with_encoding(encoding, &bytes[mark..])
    } else if let Some(encoding) = unmarked_utf16(bytes) {
        with_encoding(encoding, bytes)
    } else if bytes.contains(&0) {
        return Err(not_text().into());
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        (Cow::Borrowed(text), None)
    } else {
        legacy(bytes)
    };
    let controls = text
        .bytes()
        .filter(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C))
        .count();
    if controls > 8 && controls * 20 > text.len() {
        return Err(not_text().into());
    }
    let text = characters::clean(unix_lines(text));
    if text.trim().is_empty() {
        return Err(Problem::error("the file is empty")
            .help("write a title and a text, or remove the file")
            .into());
    }
    Ok(Decoded { text, warning })
}

fn not_text() -> Problem {
    Problem::error("the file is not text")
        .help("items are Markdown, plain text, HTML or JSON; other files belong elsewhere")
}

fn with_encoding<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
) -> (Cow<'a, str>, Option<Problem>) {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    let warning = malformed.then(|| {
        Problem::warning(format!("some bytes are not valid {}", encoding.name()))
            .help("each was replaced with '\u{FFFD}'; save the file as UTF-8")
    });
    (text, warning)
}

/// UTF-16 without a mark, where it is obvious: the zero bytes of the Latin letters and spaces
/// stand all on one side.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(1024) & !1];
    if sample.len() < 8 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let pairs = sample.len() / 2;
    let zeros = |side: usize| {
        sample
            .iter()
            .skip(side)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (first, second) = (zeros(0), zeros(1));
    if second * 10 > pairs && first == 0 {
        Some(UTF_16LE)
    } else if first * 10 > pairs && second == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// An encoding of the time before Unicode: the one that the file declares, or a guess.
fn legacy(bytes: &[u8]) -> (Cow<'_, str>, Option<Problem>) {
    let declared = declared(bytes).filter(|encoding| *encoding != UTF_8);
    let encoding = declared.unwrap_or_else(|| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        detector.guess(None, Utf8Detection::Deny)
    });
    let (text, mut warning) = with_encoding(encoding, bytes);
    if declared.is_none() {
        warning = Some(
            Problem::warning(format!(
                "the file is not UTF-8; it was read as {}",
                encoding.name()
            ))
            .help("look at its accented letters, and save it as UTF-8"),
        );
    }
    (text, warning)
}

/// The encoding that an HTML page or an XML declaration names in the first kilobyte.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(1024)].to_ascii_lowercase();
    [&b"charset"[..], b"encoding"].iter().find_map(|key| {
        let at = head.windows(key.len()).position(|window| window == *key)?;
        let rest = head[at + key.len()..].trim_ascii_start();
        let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
        let rest = rest
            .strip_prefix(b"\"")
            .or(rest.strip_prefix(b"'"))
            .unwrap_or(rest);
        let end = rest
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !b"-_:.".contains(b))
            .unwrap_or(rest.len());
        let encoding = Encoding::for_label(&rest[..end])?;
        // A declaration that could be read one byte at a time was not written in UTF-16.
        (encoding != UTF_16LE && encoding != UTF_16BE).then_some(encoding)
    })
}

fn unix_lines(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).expect("is text").text.into_owned()
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn unicode_is_read_with_and_without_marks() {
        let sample = "Prishtinë – Priština";
        assert_eq!(text(sample.as_bytes()), sample);
        assert_eq!(text(&[b"\xEF\xBB\xBF", sample.as_bytes()].concat()), sample);
        for little in [true, false] {
            assert_eq!(text(&utf16(&format!("\u{FEFF}{sample}"), little)), sample);
            assert_eq!(text(&utf16(sample, little)), sample);
        }
        assert!(matches!(
            decode(sample.as_bytes()),
            Ok(Decoded {
                text: Cow::Borrowed(_),
                warning: None
            })
        ));
    }

    #[test]
    fn legacy_encodings_are_guessed_and_reported() {
        let sample =
            "Ministr zahraničních věcí přijel v úterý ráno; večeře se koná v pátek. ".repeat(4);
        let (bytes, _, _) = encoding_rs::WINDOWS_1250.encode(&sample);
        let decoded = decode(&bytes).expect("is text");
        assert_eq!(decoded.text, sample);
        assert!(
            decoded
                .warning
                .expect("is reported")
                .message
                .contains("windows-1250")
        );
    }

    #[test]
    fn a_declared_charset_rules_over_a_guess() {
        let page = "<meta charset='koi8-r'><p>Мир</p>";
        let (bytes, _, _) = encoding_rs::KOI8_R.encode(page);
        assert_eq!(text(&bytes), page);
    }

    #[test]
    fn line_ends_become_line_feeds() {
        assert_eq!(text(b"a\r\nb\rc\nd"), "a\nb\nc\nd");
    }

    #[test]
    fn what_is_empty_or_not_text_is_refused() {
        for bytes in [&b""[..], b"\xEF\xBB\xBF", b" \r\n\t", b"\xFF\xFE"] {
            assert!(
                decode(bytes)
                    .expect_err("is refused")
                    .message
                    .contains("empty")
            );
        }
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0";
        let noise: Vec<u8> = (1..=8).cycle().take(200).collect();
        for bytes in [&png[..], &noise, b"text and \0 zero"] {
            assert!(
                decode(bytes)
                    .expect_err("is refused")
                    .message
                    .contains("not text")
            );
        }
    }
}
