//! Tables in whatever encoding they come: read twice, first to know which it is, then as UTF-8,
//! a piece at a time, however long they are.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, UTF_8};

/// How much is read at a time.
const CHUNK: usize = 64 << 10;

/// A file as UTF-8.
pub struct Decoded<R> {
    source: R,
    decoder: Decoder,
    encoding: &'static Encoding,
    raw: Vec<u8>,
    /// What of `raw` was read and not decoded yet.
    pending: std::ops::Range<usize>,
    text: Vec<u8>,
    given: usize,
    is_done: bool,
}

impl<R> std::fmt::Debug for Decoded<R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Decoded")
            .field("encoding", &self.encoding.name())
            .finish_non_exhaustive()
    }
}

/// Opens a file, at its beginning, and finds its encoding: UTF-8 or UTF-16 by its mark, UTF-8 where
/// all of it is, else by a guess.
///
/// # Errors
/// When it cannot be read.
pub fn open(file: &Path) -> io::Result<(File, &'static Encoding)> {
    let mut source = File::open(file)?;
    let encoding = detect(&mut source)?;
    source.seek(SeekFrom::Start(0))?;
    Ok((source, encoding))
}

/// Which encoding a text is in.
///
/// # Errors
/// When it cannot be read.
pub fn detect(source: &mut impl Read) -> io::Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut utf8 = UTF_8.new_decoder_without_bom_handling();
    let mut is_utf8 = true;
    let mut chunk = vec![0; CHUNK];
    let mut scratch = String::with_capacity(CHUNK * 3 + 16);
    let mut is_first = true;
    loop {
        let read = fill(source, &mut chunk)?;
        if is_first {
            is_first = false;
            if let Some((marked, _)) = Encoding::for_bom(&chunk[..read]) {
                return Ok(marked);
            }
        }
        let is_last = read < chunk.len();
        if is_utf8 {
            scratch.clear();
            let (_, _, malformed) = utf8.decode_to_string(&chunk[..read], &mut scratch, is_last);
            is_utf8 = !malformed;
        }
        detector.feed(&chunk[..read], is_last);
        if is_last {
            return Ok(match is_utf8 {
                true => UTF_8,
                false => detector.guess(None, Utf8Detection::Deny),
            });
        }
    }
}

/// As many octets as there are, up to the whole of `chunk`.
fn fill(source: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match source.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl<R: Read> Decoded<R> {
    /// What `source` holds in `encoding`, without its mark.
    pub fn new(source: R, encoding: &'static Encoding) -> Decoded<R> {
        Decoded {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoding,
            raw: vec![0; CHUNK],
            pending: 0..0,
            text: Vec::new(),
            given: 0,
            is_done: false,
        }
    }

    /// Its name: `windows-1251`.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if self.is_done {
                return Ok(0);
            }
            if self.pending.is_empty() {
                let read = fill(&mut self.source, &mut self.raw)?;
                self.pending = 0..read;
                self.is_done = read < self.raw.len();
            }
            self.text.resize(CHUNK * 3 + 16, 0);
            let raw = &self.raw[self.pending.clone()];
            // Room for three octets of each: all of it is taken at once.
            let (_, taken, written, _) =
                self.decoder
                    .decode_to_utf8(raw, &mut self.text, self.is_done);
            self.pending.start += taken;
            self.text.truncate(written);
            self.given = 0;
        }
        let length = buffer.len().min(self.text.len() - self.given);
        buffer[..length].copy_from_slice(&self.text[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (String, &'static str) {
        let encoding = detect(&mut &bytes[..]).unwrap();
        let mut text = String::new();
        let mut decoded = Decoded::new(bytes, encoding);
        decoded.read_to_string(&mut text).unwrap();
        (text, decoded.encoding())
    }

    #[test]
    fn marks_utf_8_and_legacy_encodings_are_read() {
        let text = "address,name\nanna@example.org,Анна Каренина\nlev@example.org,Лев Толстой\n";
        assert_eq!(decoded(text.as_bytes()), (text.to_owned(), "UTF-8"));
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(decoded(&marked), (text.to_owned(), "UTF-8"));
        let utf16: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decoded(&utf16), (text.to_owned(), "UTF-16LE"));
        let (legacy, _, _) = encoding_rs::WINDOWS_1251.encode(text);
        assert_eq!(decoded(&legacy), (text.to_owned(), "windows-1251"));
    }

    #[test]
    fn characters_on_the_edges_of_pieces_stay_whole() {
        let text = "я".repeat(CHUNK + 7);
        assert_eq!(decoded(format!("x{text}").as_bytes()).0, format!("x{text}"));
        assert_eq!(decoded(b"").0, "");
        // A file of exactly one piece ends there.
        let whole = "a".repeat(CHUNK);
        assert_eq!(decoded(whole.as_bytes()).0, whole);
    }
}
