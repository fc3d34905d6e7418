//! The TOML that nearly all items have, read without the parser, which takes several times as
//! long: one key a line, and as its value a text in double quotes, a list of such texts, a date
//! or a truth value.
//!
//! Whatever is written otherwise, or may be wrong, is left to the parser and to its messages.

use std::borrow::Cow;
use std::ops::Range;

use crate::item::fields::{Entry, Node, Value};

/// The entries of `matter`, the bytes of `source` between the marks; `None` where the parser must
/// look at them.
pub(super) fn entries(source: &str, matter: Range<usize>) -> Option<Vec<Entry<'_>>> {
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(8);
    let mut cursor = Cursor {
        source,
        at: matter.start,
    };
    while cursor.at < matter.end {
        cursor.spaces();
        if cursor.eat(b'\n') {
            continue;
        }
        let key_span = cursor.run(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))?;
        let key = &source[key_span.clone()];
        if entries.iter().any(|entry| entry.key == key) {
            return None;
        }
        cursor.spaces();
        cursor.eat(b'=').then_some(())?;
        cursor.spaces();
        let node = cursor.value()?;
        cursor.spaces();
        cursor.eat(b'\n').then_some(())?;
        entries.push(Entry {
            key: Cow::Borrowed(key),
            key_span,
            node,
        });
    }
    Some(entries)
}

struct Cursor<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.source.as_bytes()[self.at..]
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest().first() == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn spaces(&mut self) {
        while self.eat(b' ') || self.eat(b'\t') {}
    }

    /// One byte or more that are accepted.
    fn run(&mut self, accepted: impl Fn(u8) -> bool) -> Option<Range<usize>> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.iter().position(|byte| !accepted(*byte));
        self.at += length.unwrap_or(rest.len());
        (self.at > start).then_some(start..self.at)
    }

    fn value(&mut self) -> Option<Node<'a>> {
        match self.rest().first()? {
            b'"' => self.text(),
            b'[' => self.list(),
            _ => {
                let span =
                    self.run(|byte| byte.is_ascii_alphanumeric() || b"-:+".contains(&byte))?;
                let text = &self.source[span.clone()];
                let value = Value::Text(Cow::Borrowed(text));
                (matches!(text, "true" | "false") || is_date(text)).then_some(Node { value, span })
            }
        }
    }

    fn text(&mut self) -> Option<Node<'a>> {
        let start = self.at;
        self.eat(b'"').then_some(())?;
        let length = self
            .rest()
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7F))?;
        let text = &self.source[self.at..self.at + length];
        self.at += length;
        // Two quotation marks may be the start of a text of many lines.
        (self.eat(b'"') && self.rest().first() != Some(&b'"')).then_some(Node {
            value: Value::Text(Cow::Borrowed(text)),
            span: start..self.at,
        })
    }

    fn list(&mut self) -> Option<Node<'a>> {
        let start = self.at;
        self.eat(b'[').then_some(())?;
        let mut texts = Vec::with_capacity(4);
        loop {
            self.spaces();
            if self.eat(b']') {
                break;
            }
            texts.push(self.text()?);
            self.spaces();
            if !self.eat(b',') {
                self.eat(b']').then_some(())?;
                break;
            }
        }
        Some(Node {
            value: Value::List(texts),
            span: start..self.at,
        })
    }
}

/// Whether a text is surely a date or a date with a time and a zone. A day after the 28th is for
/// the parser to judge.
fn is_date(text: &str) -> bool {
    let has_form = |text: &str, form: &str| {
        text.len() == form.len()
            && text
                .bytes()
                .zip(form.bytes())
                .all(|(byte, form)| match form {
                    b'0' => byte.is_ascii_digit(),
                    other => byte == other,
                })
    };
    let is_within = |at: usize, range: std::ops::RangeInclusive<&str>| {
        text.get(at..at + 2).is_some_and(|two| range.contains(&two))
    };
    let is_day = is_within(5, "01"..="12") && is_within(8, "01"..="28");
    let is_time =
        || is_within(11, "00"..="23") && is_within(14, "00"..="59") && is_within(17, "00"..="59");
    is_day
        && (has_form(text, "0000-00-00")
            || has_form(text, "0000-00-00T00:00:00Z") && is_time()
            || ["0000-00-00T00:00:00+00:00", "0000-00-00T00:00:00-00:00"]
                .iter()
                .any(|form| has_form(text, form))
                && is_time()
                && is_within(20, "00"..="23")
                && is_within(23, "00"..="59"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both(text: &str) -> (Option<Vec<Entry<'_>>>, Option<Vec<Entry<'_>>>) {
        (
            entries(text, 0..text.len()),
            super::super::parsed(text, 0..text.len()).ok(),
        )
    }

    #[test]
    fn what_items_have_is_read_without_the_parser_and_alike() {
        let text = "id = \"item-1\"\ntitle = \"Aid & “trust” # no comment\"\n\n\
            date = 2024-11-22T10:00:00+01:00\nupdated\t=  2024-11-23 \nembargo = 2024-11-22T09:00:00Z\n\
            withdrawn = true\nissued_by = [ \"Secretariat\" ,\"Centre, Ashgabat\", ]\nfields = []\nempty = \"\"\n";
        let (simple, parsed) = both(text);
        assert!(simple.is_some());
        assert_eq!(simple, parsed);
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_the_parser() {
        for text in [
            "a = 'x'\n",
            "a = \"x\\n\"\n",
            "a = \"\"\"x\"\"\"\n",
            "a = \"x\" # why\n",
            "a = \"x\"\na = \"y\"\n",
            "a.b = \"x\"\n",
            "[a]\nb = \"x\"\n",
            "a = 1\n",
            "a = 2024-02-30\n",
            "a = 2024-01-01T25:00:00Z\n",
            "a = [\n\"x\"\n]\n",
            "a = [\"x\", 1]\n",
            "a = { b = \"x\" }\n",
            "a = \"x\" b = \"y\"\n",
            "a = \"x\"",
            "a =\n",
            "= \"x\"\n",
        ] {
            assert_eq!(entries(text, 0..text.len()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_without_the_parser_is_what_it_would_read(
            text in "([ab_-]{1,2} ?= ?(\"[a “\\\\\"\t]{0,4}\"|\\[(\"a\"[, ]{1,2}){0,3}\\]|true|fals|2024-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6]0:00(Z|[+-]0[0-9]:00)?)?)[ \t#]?\n?){1,3}"
        ) {
            let (simple, parsed) = both(&text);
            if simple.is_some() {
                prop_assert_eq!(simple, parsed);
            }
        }
    }
}
