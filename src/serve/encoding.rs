//! Content codings: which one a client wants (RFC 9110, section 12.5.3), and applying it.
//!
//! Pure: headers and bytes in, bytes out.

use std::io::{self, Write};

use axum::http::{HeaderMap, header};
use flate2::Compression;
use flate2::write::GzEncoder;

/// A content coding that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// The bytes as they are.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

/// Below this many bytes a coding saves nothing worth the header that names it.
pub const LEAST: usize = 256;

/// The level of gzip beyond which texts hardly become smaller.
const GZIP_LEVEL: u32 = 6;
/// The quality of Brotli that still keeps up with publishing: ten milliseconds for 200 kB.
const BROTLI_QUALITY: i32 = 5;
/// The base-two logarithm of the largest window that Brotli may look back over.
const BROTLI_WINDOW: i32 = 22;

impl Coding {
    /// Its name in headers; the identity has none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Coding::Identity => None,
            Coding::Gzip => Some("gzip"),
            Coding::Brotli => Some("br"),
        }
    }

    /// What the entity tag of a representation in this coding ends with.
    pub fn suffix(self) -> &'static str {
        match self {
            Coding::Identity => "",
            Coding::Gzip => "-gzip",
            Coding::Brotli => "-br",
        }
    }

    /// The coding that the client likes best; of those that it likes the same, the smallest.
    /// One that refuses everything gets the identity, as the standard advises.
    pub fn chosen(headers: &HeaderMap) -> Coding {
        let mut weights = Weights::default();
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or_default().split(',') {
                weights.note(part);
            }
        }
        let any = weights.any.unwrap_or(0);
        let brotli = weights.brotli.unwrap_or(any);
        let gzip = weights.gzip.unwrap_or(any);
        // Where it is not named it is welcome, but less than anything that is (RFC 9110, 12.5.3).
        let identity = weights.identity.unwrap_or(1);
        if brotli > 0 && brotli >= gzip && brotli >= identity {
            Coding::Brotli
        } else if gzip > 0 && gzip >= identity {
            Coding::Gzip
        } else {
            Coding::Identity
        }
    }

    /// The bytes in this coding.
    ///
    /// # Errors
    /// None that is known: memory is written to.
    pub fn apply(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Coding::Identity => Ok(bytes.to_vec()),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Coding::Brotli => {
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    size_hint: bytes.len(),
                    ..Default::default()
                };
                let mut coded = Vec::new();
                brotli::BrotliCompress(&mut &*bytes, &mut coded, &parameters)?;
                Ok(coded)
            }
        }
    }
}

/// The weights of one request, in thousandths; `None` for what it does not name.
#[derive(Default)]
struct Weights {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Weights {
    fn note(&mut self, part: &str) {
        let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
        let name = name.trim();
        let weight = match parameters.trim() {
            "" => Some(1_000),
            parameters => weight(parameters),
        };
        // A weight that cannot be read says nothing, and least of all yes.
        let Some(weight) = weight else { return };
        let slot = if name.eq_ignore_ascii_case("br") {
            &mut self.brotli
        } else if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            &mut self.gzip
        } else if name.eq_ignore_ascii_case("identity") {
            &mut self.identity
        } else if name == "*" {
            &mut self.any
        } else {
            return;
        };
        *slot = Some(weight);
    }
}

/// A `qvalue` in thousandths: `q=0.5` is 500.
fn weight(parameters: &str) -> Option<u16> {
    let (name, value) = parameters.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value: f32 = value.trim().parse().ok()?;
    (0.0..=1.0)
        .contains(&value)
        .then(|| (value * 1_000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::http::HeaderValue;

    use super::*;

    fn chosen(accept: &str) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_str(accept).unwrap(),
        );
        Coding::chosen(&headers)
    }

    #[test]
    fn the_coding_follows_the_weights_of_the_request() {
        for (accept, coding) in [
            ("gzip, deflate, br", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("GZip", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("br;q=0.5, gzip;q=0.8", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("gzip;q=0", Coding::Identity),
            ("gzip;q=0.000, *;q=0", Coding::Identity),
            ("*", Coding::Brotli),
            ("*;q=0.1, br;q=0", Coding::Gzip),
            ("identity", Coding::Identity),
            ("identity;q=1, gzip;q=0.5", Coding::Identity),
            ("identity;q=0.2, gzip;q=0.5", Coding::Gzip),
            ("gzip;q=0.001", Coding::Gzip),
            ("identity;q=0, *;q=0", Coding::Identity),
            ("gzip;q=2, br;q=x", Coding::Identity),
            ("zstd, deflate", Coding::Identity),
            ("", Coding::Identity),
            (" gzip ; q = 1 ", Coding::Gzip),
        ] {
            assert_eq!(chosen(accept), coding, "{accept}");
        }
        assert_eq!(Coding::chosen(&HeaderMap::new()), Coding::Identity);
    }

    #[test]
    fn what_is_coded_can_be_read_again() {
        let text = "News from the newsroom. ".repeat(500);
        let gzip = Coding::Gzip.apply(text.as_bytes()).unwrap();
        let mut read = String::new();
        flate2::read::GzDecoder::new(&*gzip)
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, text);
        let coded = Coding::Brotli.apply(text.as_bytes()).unwrap();
        let mut read = Vec::new();
        brotli::BrotliDecompress(&mut &*coded, &mut read).unwrap();
        assert_eq!(read, text.as_bytes());
        assert!(coded.len() < gzip.len() && gzip.len() < text.len() / 10);
    }

    #[test]
    fn equal_bytes_are_coded_equally() {
        let text = "The same in, the same out. ".repeat(50);
        for coding in [Coding::Gzip, Coding::Brotli] {
            let [first, second] = [(); 2].map(|()| coding.apply(text.as_bytes()).unwrap());
            assert_eq!(first, second);
        }
    }
}
