//! Labelled blocks of a page: `<dt>Issued by</dt><dd>...`, `<strong>Issued by:</strong> ...`,
//! `<div class="label">Issued by</div><div>...`, `<li>Issued on: ...</li>`.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::{ElementRef, Node};

use super::{is_leaf, short_text, text};
use crate::item::characters::one_line;
use crate::item::labels::{Field, Lookup};
use crate::item::plain::{is_block, is_heading};

/// The longest label, in bytes.
const LABEL: usize = 80;

/// The longest value, in bytes.
const VALUE: usize = 400;

/// The most values of a label without a colon; more of them are a menu under its heading.
const VALUES: usize = 8;

/// A label with its values and the nodes that hold them.
pub(super) struct Labelled {
    pub field: Field,
    /// The label as written.
    pub label: String,
    pub values: Vec<String>,
    pub nodes: Vec<NodeId>,
}

/// The labelled blocks of a page, in order.
pub(super) fn labelled(page: &scraper::Html, lookup: &Lookup) -> Vec<Labelled> {
    let mut found = Vec::new();
    let mut taken: HashSet<NodeId> = HashSet::new();
    for element in page.root_element().descendent_elements() {
        if !may_label(element) || taken.contains(&element.id()) {
            continue;
        }
        let label = whole(element, lookup).or_else(|| with_value(element, lookup));
        if let Some(label) = label {
            for id in &label.nodes {
                if let Some(node) = page.tree.get(*id) {
                    taken.extend(node.descendants().map(|node| node.id()));
                }
            }
            found.push(label);
        }
    }
    found
}

fn may_label(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    matches!(
        name,
        "b" | "strong"
            | "span"
            | "em"
            | "i"
            | "label"
            | "small"
            | "dt"
            | "th"
            | "td"
            | "div"
            | "p"
            | "li"
            | "legend"
    ) || (is_heading(name) && name != "h1")
}

/// What a text is the label of, among the fields that pages state in this way.
fn field(label: &str, lookup: &Lookup) -> Option<Field> {
    lookup.field(label).filter(|field| {
        matches!(
            field,
            Field::Published | Field::Updated | Field::Kind | Field::Language | Field::Facet(_)
        )
    })
}

/// An element that holds nothing but a label; its values follow it.
fn whole(element: ElementRef<'_>, lookup: &Lookup) -> Option<Labelled> {
    let label = short_text(element, LABEL)?;
    let field = field(&label, lookup)?;
    let mut anchor = element;
    let mut values = values_after(anchor, lookup);
    // `<p><strong>Issued by:</strong></p><p>...</p>`
    for _ in 0..2 {
        let parent = anchor.parent().and_then(ElementRef::wrap);
        match parent.filter(|parent| {
            // What is taken away with a label must never be the page itself.
            !matches!(parent.value().name(), "body" | "html")
                && values.is_empty()
                && short_text(*parent, LABEL).as_ref() == Some(&label)
        }) {
            Some(parent) => anchor = parent,
            None => break,
        }
        values = values_after(anchor, lookup);
    }
    let colon = label.ends_with([':', '：'])
        || values.first().is_some_and(|node| match node.value() {
            Node::Text(text) => text.trim_start().starts_with(':'),
            _ => false,
        });
    let marked = matches!(element.value().name(), "dt" | "th")
        || element
            .value()
            .classes()
            .any(|class| class.to_ascii_lowercase().contains("label"));
    if !colon && !marked {
        return None;
    }
    let texts = texts(&values, field);
    if texts.iter().any(|text| text.len() > VALUE) || (!colon && texts.len() > VALUES) {
        return None;
    }
    let mut nodes = vec![anchor.id()];
    nodes.extend(values.iter().map(|node| node.id()));
    Some(Labelled {
        field,
        label: label.trim_end_matches([':', '：']).trim_end().to_owned(),
        values: texts,
        nodes,
    })
}

type NodeRef<'a> = ego_tree::NodeRef<'a, Node>;

/// The nodes after a label that hold its values.
fn values_after<'a>(label: ElementRef<'a>, lookup: &Lookup) -> Vec<NodeRef<'a>> {
    let name = label.value().name();
    let following = label.next_siblings();
    let wanted = match name {
        "dt" => Some("dd"),
        "th" => Some("td"),
        _ => None,
    };
    if let Some(wanted) = wanted {
        return following
            .filter(|node| node.value().is_element())
            .take_while(|node| named(node, |name| name == wanted))
            .collect();
    }
    if is_block(name) || is_heading(name) || name == "td" {
        return following
            .filter(|node| node.value().is_element())
            .take(1)
            .filter(|node| !is_label(node, lookup))
            .collect();
    }
    let mut values: Vec<NodeRef<'a>> = Vec::new();
    for node in following {
        let blank = |node: &NodeRef<'_>| match node.value() {
            Node::Text(text) => text
                .trim_matches([':', ' ', '\n', '\t', '\u{A0}'])
                .is_empty(),
            _ => false,
        };
        if named(&node, |name| name == "br") || is_label(&node, lookup) {
            break;
        }
        if named(&node, |name| is_block(name) || is_heading(name)) {
            if values.iter().all(blank) {
                values.push(node);
            }
            break;
        }
        values.push(node);
    }
    values
}

fn named(node: &NodeRef<'_>, is: impl Fn(&str) -> bool) -> bool {
    node.value()
        .as_element()
        .is_some_and(|element| is(element.name()))
}

fn is_label(node: &NodeRef<'_>, lookup: &Lookup) -> bool {
    ElementRef::wrap(*node)
        .and_then(|element| short_text(element, LABEL))
        .is_some_and(|label| field(&label, lookup).is_some())
}

/// The values that some nodes hold: one each list entry, link or block, or one in all.
fn texts(nodes: &[NodeRef<'_>], field: Field) -> Vec<String> {
    let elements = || nodes.iter().filter_map(|node| ElementRef::wrap(*node));
    let inner = || elements().flat_map(|element| element.descendent_elements());
    if matches!(field, Field::Published | Field::Updated)
        && let Some(date) = inner().find_map(|element| element.attr("datetime"))
    {
        return vec![one_line(date)];
    }
    let kinds: [&dyn Fn(&ElementRef<'_>) -> bool; 2] =
        [&is_leaf, &|element| element.value().name() == "a"];
    for kind in kinds {
        let found: Vec<String> = inner()
            .filter(|element| kind(element))
            .map(text)
            .filter(|text| !text.is_empty())
            .collect();
        if found.len() > 1 {
            return found;
        }
    }
    let mut all = String::new();
    for node in nodes {
        match node.value() {
            Node::Text(text) => all.push_str(text),
            _ => all.extend(
                ElementRef::wrap(*node)
                    .into_iter()
                    .flat_map(|element| element.text()),
            ),
        }
    }
    let all = one_line(&all);
    let value = all.trim_start_matches([':', ' ']);
    if value.is_empty() {
        Vec::new()
    } else {
        vec![value.to_owned()]
    }
}

/// An element whose own text is a label, a colon and the value: `<li>Issued on: 22 May 2024</li>`,
/// or a label, a colon and a list within it.
fn with_value(element: ElementRef<'_>, lookup: &Lookup) -> Option<Labelled> {
    if !matches!(element.value().name(), "div" | "p" | "li" | "td") {
        return None;
    }
    let whole = short_text(element, VALUE)?;
    let (label, value) = whole.split_once([':', '：'])?;
    let field = field(label, lookup)?;
    let holds_labels = element
        .descendent_elements()
        .skip(1)
        .any(|inner| is_label(&inner, lookup));
    let value = value.trim();
    if holds_labels || value.is_empty() {
        return None;
    }
    let children: Vec<NodeRef<'_>> = element.children().collect();
    let listed = children
        .iter()
        .filter(|node| named(node, |name| matches!(name, "ul" | "ol" | "a")))
        .copied()
        .collect::<Vec<_>>();
    let mut values = texts(&listed, field);
    if values.len() < 2 {
        values = vec![value.to_owned()];
    }
    Some(Labelled {
        field,
        label: label.to_owned(),
        values,
        nodes: vec![element.id()],
    })
}
