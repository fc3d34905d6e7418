//! Which label means what: one label, one meaning.

use std::collections::{HashMap, HashSet};

use super::decode::Section;
use super::notes::Placed;
use super::{Labels, defaults};

/// The meanings that have been given to labels so far.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    /// By the label in the form in which labels are compared.
    by_label: HashMap<String, String>,
}

impl Meanings {
    /// Gives a label a meaning.
    ///
    /// # Errors
    ///
    /// The other meaning that the label has already.
    pub fn claim(&mut self, label: &str, meaning: &str) -> Result<(), &str> {
        let known = self
            .by_label
            .entry(folded(label))
            .or_insert_with(|| meaning.to_owned());
        if known == meaning { Ok(()) } else { Err(known) }
    }
}

/// The form in which labels are compared: lower case, without spaces, hyphens and underscores.
fn folded(label: &str) -> String {
    let letters = label
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-' && *c != '_');
    letters.flat_map(char::to_lowercase).collect()
}

/// Adds labels with one meaning to a list, each once; one that means something else is noted.
pub(super) fn add(
    list: &mut Vec<String>,
    meaning: &str,
    stated: Vec<Placed<String>>,
    meanings: &mut Meanings,
    section: &Section<'_, '_>,
) {
    let mut seen: HashSet<String> = list.iter().map(|label| folded(label)).collect();
    for label in stated {
        if !seen.insert(folded(&label.value)) {
            continue;
        }
        if let Err(other) = meanings.claim(&label.value, meaning) {
            let message = format!("the label '{}' already means {other}", label.value);
            let help = format!("choose another for {meaning}, or take it from {other}");
            section.notes().error(&label.span, message, help);
        } else {
            list.push(label.value);
        }
    }
}

/// The built-in labels and those of `[items.labels]`.
pub(super) fn read(section: Option<Section<'_, '_>>) -> (Labels, Meanings) {
    let mut labels = defaults::labels();
    let mut meanings = Meanings::default();
    let mut lists = [
        ("title", &mut labels.title),
        ("published", &mut labels.published),
        ("updated", &mut labels.updated),
        ("embargo", &mut labels.embargo),
        ("kind", &mut labels.kind),
        ("language", &mut labels.language),
        ("summary", &mut labels.summary),
    ];
    for (key, list) in &lists {
        for label in list.iter() {
            // The built-in labels are each in one list.
            let _ = meanings.claim(label, &item_meaning(key));
        }
    }
    if let Some(section) = section {
        for (key, list) in &mut lists {
            if let Some(stated) = section.lines(key) {
                add(
                    list,
                    &item_meaning(key),
                    stated.value,
                    &mut meanings,
                    &section,
                );
            }
        }
        section.finish();
    }
    (labels, meanings)
}

fn item_meaning(key: &str) -> String {
    format!("the item's '{key}'")
}
