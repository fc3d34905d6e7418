//! What a model learns from and is asked about: an item's text, what rules make of it, and what is
//! known of its terms.

use crate::item::Item;
use crate::tag::Passages;
use crate::taxonomy::TermId;

/// The text of an item, taken apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    /// The title.
    pub title: String,
    /// The first paragraph, or a summary that stands apart from the text.
    pub lead: String,
    /// The rest.
    pub body: String,
    /// The language that the item states, a BCP 47 tag.
    pub language: Option<String>,
}

impl Text {
    /// The text of `item`.
    pub fn of(item: &Item) -> Text {
        let text = item.body.to_text();
        let passages = Passages::new(item, &text);
        Text {
            title: passages.title.to_owned(),
            lead: passages.lead.to_owned(),
            body: passages.body.to_owned(),
            language: item.language.clone(),
        }
    }

    /// The same, borrowed.
    pub fn passages(&self) -> Passages<'_> {
        Passages {
            title: &self.title,
            lead: &self.lead,
            body: &self.body,
            stated_language: self.language.as_deref(),
        }
    }
}

/// What is known of the terms of one facet for one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The terms that it bears, stated or decided by an editor.
    pub yes: Vec<TermId>,
    /// The terms that an editor refused.
    pub no: Vec<TermId>,
}

/// An item to learn from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Example {
    /// Its text.
    pub text: Text,
    /// The points that rules give to terms, whether or not they are enough.
    pub rules: Vec<(TermId, f32)>,
    /// What is known of it, for each facet that is learned, in their order. An item without any
    /// `yes` teaches only what was refused.
    pub known: Vec<Known>,
}
