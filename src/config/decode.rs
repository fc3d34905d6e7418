//! Typed access to the tables of a TOML document, which notes every problem instead of stopping
//! at the first.
//!
//! A [`Section`] remembers which keys it was asked for; the others are the unknown ones. So the
//! code that reads a table is the only list of its keys.

mod numbers;
mod tables;

use std::cell::RefCell;
use std::ops::Range;

use toml::de::{DeArray, DeTable, DeValue};

use super::notes::{Notes, Placed, Wrong};
use crate::diagnostic::did_you_mean;

/// One table of the document.
pub(super) struct Section<'n, 'd> {
    notes: &'n Notes<'d>,
    /// As it is named in messages: `[site]`.
    name: String,
    table: &'n DeTable<'n>,
    /// The place of its header, or of the whole table where it is written in line.
    pub span: Range<usize>,
    asked: RefCell<Vec<&'static str>>,
    /// The keys that must be there but are not, each with a value that it could have.
    missing: RefCell<Vec<(&'static str, String)>>,
}

impl<'n, 'd> Section<'n, 'd> {
    /// The table `table`, called `name` in messages, whose header stands at `span`.
    pub fn new(
        notes: &'n Notes<'d>,
        name: impl Into<String>,
        table: &'n DeTable<'n>,
        span: Range<usize>,
    ) -> Section<'n, 'd> {
        Section {
            notes,
            name: name.into(),
            table,
            span,
            asked: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// As it is named in messages: `[site]`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where what is wrong is noted.
    pub fn notes(&self) -> &'n Notes<'d> {
        self.notes
    }

    /// Whether the key is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn value(&self, key: &'static str) -> Option<Placed<&'n DeValue<'n>>> {
        self.asked.borrow_mut().push(key);
        let value = self.table.get(key)?;
        Some(Placed {
            value: value.get_ref(),
            span: value.span(),
        })
    }

    /// A value of one type; another type is noted.
    fn typed<T>(
        &self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&'n DeValue<'n>) -> Option<T>,
    ) -> Option<Placed<T>> {
        let Placed { value, span } = self.value(key)?;
        match read(value) {
            Some(value) => Some(Placed { value, span }),
            None => {
                self.wrong_type(&span, key, expected, value);
                None
            }
        }
    }

    fn wrong_type(&self, span: &Range<usize>, key: &str, expected: &str, found: &DeValue<'_>) {
        let found = with_article(found.type_str());
        let help = if self.name.is_empty() {
            format!("'{key}' takes {expected}")
        } else {
            format!("'{key}' in {} takes {expected}", self.name)
        };
        self.notes
            .error(span, format!("expected {expected}, found {found}"), help);
    }

    /// Any text, trimmed.
    pub fn text(&self, key: &'static str) -> Option<Placed<String>> {
        let mut text = self.typed(key, "a string", DeValue::as_str)?;
        text.value = text.value.trim();
        let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        self.checked(key, text, is_bad, "remove it")
    }

    /// Text of one line, trimmed, not empty.
    pub fn line(&self, key: &'static str) -> Option<Placed<String>> {
        let mut text = self.typed(key, "a string", DeValue::as_str)?;
        text.value = text.value.trim();
        self.checked(key, text, char::is_control, "write it on one line")
    }

    fn checked(
        &self,
        key: &str,
        text: Placed<&str>,
        is_bad: impl Fn(char) -> bool,
        mend: &str,
    ) -> Option<Placed<String>> {
        if text.value.is_empty() {
            let help = "write something, or remove the key";
            self.notes
                .error(&text.span, format!("'{key}' is empty"), help);
            return None;
        }
        if let Some(bad) = text.value.chars().find(|c| is_bad(*c)) {
            let message = format!("'{key}' holds the control character U+{:04X}", bad as u32);
            self.notes.error(&text.span, message, mend);
            return None;
        }
        Some(Placed {
            value: text.value.to_owned(),
            span: text.span,
        })
    }

    /// A line that must be there.
    pub fn required_line(&self, key: &'static str, example: &str) -> Option<Placed<String>> {
        self.require(key, example);
        self.line(key)
    }

    /// Demands a key; `example` is a value that it could have.
    pub fn require(&self, key: &'static str, example: &str) {
        if !self.has(key) {
            self.missing.borrow_mut().push((key, example.to_owned()));
        }
    }

    /// A line that `parse` understands.
    pub fn parsed<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.parsed_in_place(key, parse).map(|found| found.value)
    }

    /// A line that `parse` understands, with its place.
    pub fn parsed_in_place<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<Placed<T>> {
        self.parse_line(self.line(key)?, parse)
    }

    /// What `parse` makes of a line.
    pub fn parse_line<T>(
        &self,
        line: Placed<String>,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<Placed<T>> {
        match parse(&line.value) {
            Ok(value) => Some(Placed {
                value,
                span: line.span,
            }),
            Err(wrong) => {
                self.notes.wrong(&line, wrong);
                None
            }
        }
    }

    /// True or false.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        let found = self.typed(key, "true or false", DeValue::as_bool)?;
        Some(found.value)
    }

    /// One of some words.
    pub fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        self.parsed(key, |text| choose(text, choices))
    }

    /// A list of lines; members of other types are noted and left out.
    pub fn lines(&self, key: &'static str) -> Option<Placed<Vec<Placed<String>>>> {
        let expected = "an array of strings";
        let array = self.typed(key, expected, DeValue::as_array)?;
        Some(Placed {
            value: self.lines_of(key, array.value),
            span: array.span,
        })
    }

    /// Whether the key's value is true or false.
    pub fn is_boolean(&self, key: &str) -> bool {
        let value = self.table.get(key);
        value.is_some_and(|value| value.get_ref().as_bool().is_some())
    }

    /// Whether the key's value is a table.
    pub fn is_table(&self, key: &str) -> bool {
        let value = self.table.get(key);
        value.is_some_and(|value| value.get_ref().as_table().is_some())
    }

    /// All lists of lines in this table, whatever their keys, in the order of the document; for
    /// tables whose keys are names.
    pub fn named_lines(&self) -> Vec<(Placed<String>, Vec<Placed<String>>)> {
        let mut named = Vec::new();
        for (key, value) in self.table {
            let name = Placed {
                value: key.get_ref().to_string(),
                span: key.span(),
            };
            let expected = "an array of strings";
            let Some(array) = value.get_ref().as_array() else {
                self.wrong_type(&value.span(), &name.value, expected, value.get_ref());
                continue;
            };
            named.push((name.clone(), self.lines_of(&name.value, array)));
        }
        named
    }

    fn lines_of(&self, key: &str, array: &'n DeArray<'n>) -> Vec<Placed<String>> {
        let lines = array.iter().filter_map(|member| {
            let Some(text) = member.get_ref().as_str() else {
                self.wrong_type(&member.span(), key, "a string", member.get_ref());
                return None;
            };
            let text = Placed {
                value: text.trim(),
                span: member.span(),
            };
            self.checked(key, text, char::is_control, "write it on one line")
        });
        lines.collect()
    }

    /// A list of lists of lines.
    pub fn lists(&self, key: &'static str) -> Option<Vec<Placed<Vec<Placed<String>>>>> {
        let array = self.typed(key, "an array of arrays", DeValue::as_array)?;
        let mut lists = Vec::new();
        for member in array.value.iter() {
            let Some(inner) = member.get_ref().as_array() else {
                self.wrong_type(&member.span(), key, "an array of strings", member.get_ref());
                continue;
            };
            let mut lines = Vec::new();
            for line in inner.iter() {
                match line.get_ref().as_str() {
                    Some(text) => lines.push(Placed {
                        value: text.trim().to_owned(),
                        span: line.span(),
                    }),
                    None => self.wrong_type(&line.span(), key, "a string", line.get_ref()),
                }
            }
            lists.push(Placed {
                value: lines,
                span: member.span(),
            });
        }
        Some(lists)
    }

    /// All values of this table, whatever their keys: a text each, or a list of texts.
    pub fn named_texts(&self) -> Vec<(Placed<String>, Vec<Placed<String>>)> {
        let mut texts = Vec::new();
        for (key, value) in self.table {
            let key = Placed {
                value: key.get_ref().to_string(),
                span: key.span(),
            };
            let members = match value.get_ref() {
                DeValue::Array(members) => members.iter().collect(),
                _ => vec![value],
            };
            let mut lines = Vec::new();
            for member in members {
                match member.get_ref().as_str() {
                    Some(text) => {
                        let text = Placed {
                            value: text.trim(),
                            span: member.span(),
                        };
                        lines.extend(self.checked(
                            &key.value,
                            text,
                            char::is_control,
                            "write it on one line",
                        ));
                    }
                    None => self.wrong_type(
                        &member.span(),
                        &key.value,
                        "a string or an array of strings",
                        member.get_ref(),
                    ),
                }
            }
            if lines.is_empty() && value.get_ref().as_array().is_some_and(|all| all.is_empty()) {
                let message = format!("'{}' is empty", key.value);
                self.notes
                    .error(&value.span(), message, "write something, or remove the key");
            }
            texts.push((key, lines));
        }
        texts
    }

    /// Any text as it is written, spaces around it included; it may be empty.
    pub fn raw(&self, key: &'static str) -> Option<Placed<String>> {
        let text = self.typed(key, "a string", DeValue::as_str)?;
        Some(Placed {
            value: text.value.to_owned(),
            span: text.span,
        })
    }

    /// Notes the keys that nobody asked for, and those that must be there but are not.
    pub fn finish(self) {
        let known = self.asked.into_inner();
        let mut meant = Vec::new();
        for (key, value) in self.table {
            let span = key.span();
            let key: &str = key.get_ref();
            if known.contains(&key) {
                continue;
            }
            let kind = match value.get_ref() {
                DeValue::Table(_) if self.name.is_empty() => "table",
                _ => "key",
            };
            let near = did_you_mean(key, known.iter().copied());
            meant.extend(near);
            let help = match near {
                Some(near) => format!("did you mean '{near}'?"),
                None if self.name.is_empty() => format!("the tables are {}", known.join(", ")),
                None => format!("{} has the keys {}", self.name, known.join(", ")),
            };
            self.notes
                .error(&span, format!("unknown {kind} '{key}'"), help);
        }
        for (key, example) in self.missing.into_inner() {
            // One slip of the pen is one problem.
            if !meant.contains(&key) {
                let message = format!("missing key '{key}' in {}", self.name);
                let help = format!("add '{key} = {example}'");
                self.notes.absent(&self.span, message, help);
            }
        }
    }
}

/// The choice with this name.
pub(super) fn choose<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, Wrong> {
    let found = choices.iter().find(|(name, _)| *name == text);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names = || choices.iter().map(|(name, _)| *name);
        let help = match did_you_mean(text, names()) {
            Some(near) => format!("did you mean '{near}'?"),
            None => {
                let quoted: Vec<String> = names().map(|name| format!("'{name}'")).collect();
                match &quoted[..] {
                    [first @ .., last] if !first.is_empty() => {
                        format!("write {} or {last}", first.join(", "))
                    }
                    _ => format!("write {}", quoted.concat()),
                }
            }
        };
        Wrong::new(format!("unknown value '{text}'"), help)
    })
}

fn with_article(noun: &str) -> String {
    match noun {
        "integer" | "array" => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}
