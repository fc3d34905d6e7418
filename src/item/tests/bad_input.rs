//! Every kind of file that cannot be used as it is, and what becomes of it.

use super::fixtures::{read, shown};
use crate::item::Format;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn each_bad_input_has_its_own_outcome() {
    let long_line = format!("{}\n\nText.", "word ".repeat(100));
    let rows: Vec<(&str, Format, Vec<u8>)> = vec![
        ("empty", Format::Markdown, b"".to_vec()),
        ("white space only", Format::Text, b" \r\n\t\n".to_vec()),
        (
            "binary",
            Format::Markdown,
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
        ),
        ("empty UTF-16", Format::Text, b"\xFF\xFE".to_vec()),
        (
            "front matter never closed",
            Format::Markdown,
            b"+++\ntitle = 'A'\n\nText".to_vec(),
        ),
        (
            "TOML without quotes",
            Format::Markdown,
            b"+++\nid = 1\ntitle = A new start\n+++\n".to_vec(),
        ),
        (
            "TOML with a key twice",
            Format::Markdown,
            b"+++\ntitle = 'A'\ntitle = 'B'\n+++\n".to_vec(),
        ),
        (
            "TOML with an impossible date",
            Format::Markdown,
            b"+++\ntitle = 'A'\ndate = 2024-02-31\n+++\n".to_vec(),
        ),
        (
            "YAML with a colon",
            Format::Markdown,
            b"---\ndate: 2024-11-22\ntitle: New funding: round 2\n---\n".to_vec(),
        ),
        (
            "YAML with a tab",
            Format::Markdown,
            b"---\ntitle:\n\t- x\n---\n".to_vec(),
        ),
        ("YAML bomb", Format::Markdown, yaml_bomb()),
        (
            "JSON front matter cut off",
            Format::Markdown,
            b"{\n  \"title\": \"A\",\n".to_vec(),
        ),
        (
            "JSON with a missing comma",
            Format::Json,
            b"{\n  \"title\": \"A\"\n  \"date\": \"2024-11-22\"\n}".to_vec(),
        ),
        ("JSON list", Format::Json, b"[1, 2]".to_vec()),
        (
            "JSON twice",
            Format::Json,
            b"{\"title\": \"A\"} {}".to_vec(),
        ),
        (
            "JSON nested too deep",
            Format::Json,
            format!("{{\"a\":{}", "[".repeat(10_000)).into_bytes(),
        ),
        (
            "no title, Markdown",
            Format::Markdown,
            b"+++\ndate = 2024-11-22\n+++\nText only.".to_vec(),
        ),
        (
            "no title, HTML",
            Format::Html,
            b"<p>Text only.</p>".to_vec(),
        ),
        (
            "no title, JSON",
            Format::Json,
            b"{\"body\": \"Text\"}".to_vec(),
        ),
        (
            "no title, labels only",
            Format::Text,
            b"Issued by: Secretariat\n".to_vec(),
        ),
        (
            "impossible date",
            Format::Text,
            b"A title\n\nIssued on: 31 February 2024\n\nText.".to_vec(),
        ),
        (
            "impossible date, YAML",
            Format::Markdown,
            b"---\ntitle: A\ndate: 31 February 2024\n---\n".to_vec(),
        ),
        (
            "impossible date, JSON",
            Format::Json,
            b"{\"title\": \"A\",\n \"date\": \"31 February 2024\"}".to_vec(),
        ),
        (
            "impossible date, HTML",
            Format::Html,
            b"<h1>A</h1>\n<p>Issued on: 31 February 2024</p>".to_vec(),
        ),
        (
            "date in words",
            Format::Markdown,
            b"+++\ntitle = 'A'\nembargo = 'next week'\n+++\n".to_vec(),
        ),
        (
            "date out of range",
            Format::Markdown,
            b"+++\ntitle = 'A'\ndate = 0024-11-22\n+++\n".to_vec(),
        ),
        (
            "slug that climbs",
            Format::Markdown,
            b"+++\ntitle = 'A'\nslug = '../../etc/passwd'\n+++\n".to_vec(),
        ),
        (
            "slug with a control character",
            Format::Markdown,
            b"+++\ntitle = 'A'\nslug = \"a\\u0007b\"\n+++\n".to_vec(),
        ),
        (
            "slug of dots",
            Format::Markdown,
            b"+++\ntitle = 'A'\nslug = '..'\n+++\n".to_vec(),
        ),
        (
            "withdrawn, perhaps",
            Format::Markdown,
            b"+++\ntitle = 'A'\nwithdrawn = 'maybe'\n+++\n".to_vec(),
        ),
        (
            "draft",
            Format::Markdown,
            b"+++\ntitle = 'A'\ndraft = true\n+++\n".to_vec(),
        ),
        (
            "title that is a table",
            Format::Markdown,
            b"+++\n[title]\nen = 'A'\n+++\n".to_vec(),
        ),
        (
            "two problems at once",
            Format::Markdown,
            b"+++\ntitle = 'A'\nslug = 'a/b'\ndate = 'soon'\n+++\n".to_vec(),
        ),
        (
            "mistyped key",
            Format::Markdown,
            b"+++\ntitle = 'A'\nsumary = 'B'\nweight = 3\n+++\n".to_vec(),
        ),
        (
            "language in words",
            Format::Markdown,
            b"+++\ntitle = 'A'\nlang = 'English'\n+++\n".to_vec(),
        ),
        (
            "image that is a script",
            Format::Markdown,
            b"+++\ntitle = 'A'\nimage = 'javascript:alert(1)'\n+++\n".to_vec(),
        ),
        (
            "legacy encoding",
            Format::Text,
            b"Caf\xE9 cr\xE8me\n\nUn caf\xE9 fran\xE7ais \xE0 la terrasse.".to_vec(),
        ),
        (
            "UTF-16 without a mark",
            Format::Text,
            utf16("A title\n\nText."),
        ),
        (
            "control characters",
            Format::Markdown,
            b"+++\ntitle = \"A\\u0001B\"\n+++\nText\x0b here\x01.".to_vec(),
        ),
        ("very long first line", Format::Text, long_line.into_bytes()),
    ];
    let mut report = String::new();
    for (name, format, bytes) in rows {
        let outcome = match read(&bytes, format) {
            Ok(reading) => format!("'{}'\n{}", reading.item.title, shown(&reading.problems)),
            Err(problems) => shown(&problems),
        };
        report.push_str(&format!(
            "{name}\n  {}\n",
            outcome.trim().replace('\n', "\n  ")
        ));
    }
    insta::assert_snapshot!(report);
}

fn yaml_bomb() -> Vec<u8> {
    let mut bomb = String::from("---\ntitle: A\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            [before.as_str(); 9].join(", ")
        ));
    }
    bomb.push_str("---\n");
    bomb.into_bytes()
}
