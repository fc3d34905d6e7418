//! What became of a draft's items since somebody last looked at it.
//!
//! Pure: what was seen and what is there now in, differences out.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::fingerprint::Fingerprint;

/// An item as it stood in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its title, to name it even when it is gone.
    pub title: String,
    /// Its page, to name it by.
    pub url: String,
    /// Fingerprint of what a digest shows of it, hexadecimal.
    pub shown: String,
}

impl Seen {
    /// An entry as a digest shows it.
    pub fn of(entry: &Entry) -> Seen {
        let shown = Fingerprint::default()
            .text(&entry.title)
            .text(&entry.summary)
            .optional(entry.correction.as_deref())
            .optional(entry.kind.as_deref())
            .number(entry.published.timestamp_millis().cast_unsigned())
            .number(entry.updated.timestamp_millis().cast_unsigned());
        let image = entry.image.as_ref();
        let shown = shown
            .optional(image.map(|image| image.url.as_str()))
            .optional(image.map(|image| image.alt.as_str()));
        Seen {
            title: entry.title.clone(),
            url: entry.url.clone(),
            shown: format!("{:016x}", shown.finish()),
        }
    }

    /// Entries by their ids.
    pub fn all<'a>(entries: impl IntoIterator<Item = &'a Arc<Entry>>) -> BTreeMap<String, Seen> {
        let entries = entries.into_iter();
        entries
            .map(|entry| (entry.id.clone(), Seen::of(entry)))
            .collect()
    }
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// What readers see of it is another than before.
    Corrected,
    /// It is gone, and so it left the draft.
    Withdrawn,
    /// It was gone, and is there again.
    Returned,
}

/// An item of a draft that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The item.
    pub id: String,
    /// Its title as it was seen last.
    pub title: String,
    /// What became of it.
    pub fate: Fate,
    /// As it stands now; `None` where it is gone.
    pub now: Option<Seen>,
}

impl Change {
    /// In words: `corrected: High water`.
    pub fn in_words(&self) -> String {
        let fate = match self.fate {
            Fate::Corrected => "corrected",
            Fate::Withdrawn => "withdrawn",
            Fate::Returned => "back again",
        };
        format!("{fate}: {}", self.title)
    }
}

/// The items as they are after `changes` of those that were `seen`: what somebody has seen who
/// knows of the changes.
pub fn acknowledge(seen: &mut BTreeMap<String, Seen>, changes: Vec<Change>) {
    for change in changes {
        match change.now {
            Some(now) => seen.insert(change.id, now),
            None => seen.remove(&change.id),
        };
    }
}

/// How the items that are there `now` differ from those that were `seen`, in the order of their
/// ids.
pub fn since(seen: &BTreeMap<String, Seen>, now: &BTreeMap<String, Seen>) -> Vec<Change> {
    let change = |id: &String, title: &String, fate, now: Option<&Seen>| Change {
        id: id.clone(),
        title: title.clone(),
        fate,
        now: now.cloned(),
    };
    let before = seen.iter().filter_map(|(id, item)| match now.get(id) {
        None => Some(change(id, &item.title, Fate::Withdrawn, None)),
        Some(present) if present != item => {
            Some(change(id, &present.title, Fate::Corrected, Some(present)))
        }
        Some(_) => None,
    });
    let returned = now.iter().filter(|(id, _)| !seen.contains_key(*id));
    let returned = returned.map(|(id, item)| change(id, &item.title, Fate::Returned, Some(item)));
    let mut changes: Vec<Change> = before.chain(returned).collect();
    changes.sort_by(|a, b| a.id.cmp(&b.id));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(items: &[(&str, &str)]) -> BTreeMap<String, Seen> {
        let items = items.iter().map(|(id, shown)| {
            let item = Seen {
                title: format!("Title of {id}"),
                url: format!("https://news.example.org/{id}/"),
                shown: (*shown).to_owned(),
            };
            ((*id).to_owned(), item)
        });
        items.collect()
    }

    #[test]
    fn what_was_corrected_withdrawn_or_is_back_is_told() {
        let changes = since(
            &seen(&[("a", "1"), ("b", "1"), ("c", "1")]),
            &seen(&[("a", "1"), ("c", "2"), ("d", "1")]),
        );
        let words: Vec<String> = changes.iter().map(Change::in_words).collect();
        assert_eq!(
            words,
            [
                "withdrawn: Title of b",
                "corrected: Title of c",
                "back again: Title of d"
            ]
        );
        assert_eq!(since(&seen(&[("a", "1")]), &seen(&[("a", "1")])), []);
    }

    #[test]
    fn what_somebody_knows_of_is_no_change_any_more() {
        let mut before = seen(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let now = seen(&[("a", "1"), ("c", "2"), ("d", "1")]);
        let changes = since(&before, &now);
        acknowledge(&mut before, changes);
        assert_eq!(before, now);
    }
}
