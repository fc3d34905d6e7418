//! The `relaxed` canonicalisation of headers and bodies, RFC 6376 sections 3.4.2 and 3.4.4: what
//! relays may change on the way does not count.

use memchr::{memchr, memchr2};
use ring::digest::{Context, SHA256};

/// A field in its canonical form, without the line break: `subject:News of the week`.
pub fn field(name: &str, value: &str) -> String {
    let mut canonical = name.trim_end().to_ascii_lowercase();
    canonical.push(':');
    let words = value
        .split([' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty());
    for (at, word) in words.enumerate() {
        if at > 0 {
            canonical.push(' ');
        }
        canonical.push_str(word);
    }
    canonical
}

/// The fields of a header, each with its name and its value as it is written, folds included.
pub fn fields(header: &str) -> Vec<(&str, &str)> {
    let mut fields = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        let mut end = 0;
        // A line that begins with white space belongs to the field above.
        loop {
            end += memchr(b'\n', &rest.as_bytes()[end..]).map_or(rest.len() - end, |at| at + 1);
            if !rest[end..].starts_with([' ', '\t']) {
                break;
            }
        }
        let (field, after) = rest.split_at(end);
        fields.extend(field.split_once(':'));
        rest = after;
    }
    fields
}

/// The SHA-256 of a body whose lines end in CRLF.
pub fn body_hash(body: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    // Empty lines count only when another line follows them.
    let mut empty = 0;
    let mut rest = body;
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let kept = line.len()
            - line
                .iter()
                .rev()
                .take_while(|byte| is_space(**byte))
                .count();
        let line = &line[..kept];
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..empty {
            context.update(b"\r\n");
        }
        empty = 0;
        relaxed_line(&mut context, line);
        context.update(b"\r\n");
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// A line whose runs of white space count as one space.
fn relaxed_line(context: &mut Context, line: &[u8]) {
    let mut rest = line;
    while let Some(at) = memchr2(b' ', b'\t', rest) {
        let run = rest[at..]
            .iter()
            .take_while(|byte| is_space(**byte))
            .count();
        if run == 1 && rest[at] == b' ' {
            context.update(&rest[..=at]);
        } else {
            context.update(&rest[..at]);
            context.update(b" ");
        }
        rest = &rest[at + run..];
    }
    context.update(rest);
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn hash(body: &str) -> String {
        STANDARD.encode(body_hash(body.as_bytes()))
    }

    #[test]
    fn fields_and_bodies_are_as_the_standards_example_has_them() {
        // RFC 6376, section 3.4.5.
        let header = "A: X\r\nB : Y\t\r\n\tZ  \r\n";
        let canonical: Vec<String> = fields(header)
            .into_iter()
            .map(|(name, value)| field(name, value))
            .collect();
        assert_eq!(canonical, ["a:X", "b:Y Z"]);
        assert_eq!(hash(" C \r\nD \t E\r\n\r\n\r\n"), hash(" C\r\nD E\r\n"));
        assert_ne!(hash(" C\r\nD E\r\n"), hash("C\r\nD E\r\n"));
    }

    #[test]
    fn an_empty_body_has_the_hash_that_the_standard_gives() {
        // RFC 6376, section 3.4.4.
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(hash(""), empty);
        assert_eq!(hash("\r\n\r\n"), empty);
        assert_eq!(hash(" \t\r\n"), empty);
    }

    #[test]
    fn a_line_break_is_added_where_none_ends_the_body() {
        assert_eq!(hash("a"), hash("a\r\n"));
        assert_eq!(hash("a\r\n\r\nb"), hash("a\r\n \r\nb\r\n\r\n"));
    }
}
