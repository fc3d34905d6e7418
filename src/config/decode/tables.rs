//! Tables within a table, and lists of them.

use toml::de::DeValue;

use super::Section;
use crate::config::notes::Placed;

impl<'n, 'd> Section<'n, 'd> {
    /// A table below this one, named `name` in messages.
    pub fn section(&self, key: &'static str, name: &str) -> Option<Section<'n, 'd>> {
        let expected = format!("a table, [{name}]");
        let found = self.typed(key, &expected, DeValue::as_table)?;
        let name = format!("[{name}]");
        Some(Section::new(self.notes, name, found.value, found.span))
    }

    /// A table that must be there.
    pub fn required_section(&self, key: &'static str, example: &str) -> Option<Section<'n, 'd>> {
        if !self.has(key) {
            self.notes.absent_table(key, example);
        }
        self.section(key, key)
    }

    /// A list of tables: `[[name]]`, or tables written in line.
    pub fn sections(&self, key: &'static str, name: &str) -> Vec<Section<'n, 'd>> {
        let expected = format!("an array of tables, [[{name}]]");
        let Some(array) = self.typed(key, &expected, DeValue::as_array) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        for member in array.value.iter() {
            match member.get_ref().as_table() {
                Some(table) => sections.push(Section::new(
                    self.notes,
                    format!("[[{name}]]"),
                    table,
                    member.span(),
                )),
                None => self.wrong_type(&member.span(), key, "a table", member.get_ref()),
            }
        }
        sections
    }

    /// All tables below this one, whatever their keys, in the order of the document; for tables
    /// whose keys are names.
    pub fn named_sections(&self) -> Vec<(Placed<String>, Section<'n, 'd>)> {
        let mut sections = Vec::new();
        for (key, value) in self.table {
            let span = key.span();
            let key: &str = key.get_ref();
            match value.get_ref().as_table() {
                Some(table) => {
                    let name = format!("[{}.{key}]", self.name.trim_matches(['[', ']']));
                    let section = Section::new(self.notes, name, table, value.span());
                    let value = key.to_owned();
                    sections.push((Placed { value, span }, section));
                }
                None => self.wrong_type(&value.span(), key, "a table", value.get_ref()),
            }
        }
        // TOML lets a table's header stand anywhere; the header is where it begins for readers.
        sections.sort_by_key(|(_, section)| section.span.start);
        sections
    }
}
