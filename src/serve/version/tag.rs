//! What tells versions apart: fingerprints of their bytes, and entity tags made of those.

use std::io::{self, Read};

use axum::http::HeaderValue;
use xxhash_rust::xxh3::Xxh3;

use crate::serve::conditional::opaque;
use crate::serve::encoding::Coding;

/// The fingerprint of a head that was read, and of all that follows it.
pub(super) fn fingerprint(head: &[u8], rest: &mut impl Read) -> io::Result<u128> {
    let mut hash = Xxh3::new();
    hash.update(head);
    let mut buffer = vec![0; 64 << 10];
    loop {
        match rest.read(&mut buffer)? {
            0 => return Ok(hash.digest128()),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// The strong entity tag of a version in a coding, which is the same wherever its bytes are.
pub(super) fn etag(fingerprint: u128, coding: Coding) -> String {
    format!("\"{fingerprint:032x}{}\"", coding.suffix())
}

/// The fingerprint in an entity tag of ours, whatever its coding.
pub(super) fn fingerprint_of(tag: &str) -> Option<u128> {
    let tag = opaque(tag);
    let digits = tag.strip_prefix('"')?.get(..32)?;
    u128::from_str_radix(digits, 16).ok()
}

/// An entity tag as a header's value: digits, letters and a hyphen between quotation marks.
pub fn tag_value(etag: &str) -> HeaderValue {
    HeaderValue::from_str(etag).unwrap_or(HeaderValue::from_static("\"\""))
}
