//! Atom 1.0.

use std::collections::HashSet;

use roxmltree::Node;

use super::{
    ATOM, Faults, HISTORY, MEDIA, attributes, elements, extensions_of_feed, html, link, media,
    named, text, values,
};

/// Elements that may stand more than once.
const REPEATED: [&str; 5] = ["author", "category", "contributor", "entry", "link"];

pub fn judge(feed: Node<'_, '_>, address: &str, faults: &mut Faults) {
    attributes(feed, &[], faults);
    once(feed, faults);
    let links = named(feed, Some(ATOM), "link");
    let has_link = |rel| links.iter().any(|link| link.attribute("rel") == Some(rel));
    for name in ["title", "id", "updated"] {
        let is_there = !named(feed, Some(ATOM), name).is_empty();
        faults.unless(is_there, "MissingElement", name);
    }
    faults.unless(has_link("self"), "MissingSelf", "feed");
    alternates(&links, faults);
    let goes_on = has_link("prev-archive") || has_link("next-archive");
    if !named(feed, Some(HISTORY), "archive").is_empty() {
        faults.unless(goes_on, "ArchiveIncomplete", "feed");
        faults.unless(has_link("current"), "MissingCurrentInArchive", "feed");
    }
    let (mut ids, mut moments) = (HashSet::new(), HashSet::new());
    let mut entries = 0;
    for child in elements(feed) {
        let is_atom = child.tag_name().namespace() == Some(ATOM);
        match (is_atom, child.tag_name().name()) {
            (true, "entry") => {
                entries += 1;
                entry(feed, child, address, faults);
                let value = |name| {
                    named(child, Some(ATOM), name)
                        .first()
                        .map(|node| text(*node))
                };
                let is_new = value("id").is_none_or(|id| ids.insert(id));
                faults.unless(is_new, "DuplicateEntries", "entry");
                let is_new = value("updated").is_none_or(|moment| moments.insert(moment));
                faults.unless(is_new, "DuplicateUpdated", "entry");
            }
            (true, name) if entries > 0 => faults.add("MisplacedMetadata", name),
            (true, "icon" | "logo") => {
                let value = text(child);
                faults.unless(!value.is_empty(), "NotBlank", "icon");
                faults.unless(values::is_address(&value), "InvalidLink", &value);
            }
            (true, "generator") => faults.unless(!text(child).is_empty(), "NotBlank", "generator"),
            (true, "subtitle") => words(child, faults),
            (true, _) => common(child, address, faults),
            (false, _) => extensions_of_feed(child, faults),
        }
    }
}

/// What may stand at a feed and at an entry.
fn common(node: Node<'_, '_>, address: &str, faults: &mut Faults) {
    match node.tag_name().name() {
        "title" | "rights" => words(node, faults),
        "id" => values::permanent(&text(node), faults),
        "updated" | "published" => values::atom_date(&text(node), faults),
        "link" => link(node, address, faults),
        "author" | "contributor" => person(node, faults),
        "category" => category(node, faults),
        name => faults.add("UndefinedElement", name),
    }
}

fn once(node: Node<'_, '_>, faults: &mut Faults) {
    let mut names = HashSet::new();
    for child in elements(node) {
        let tag = child.tag_name();
        let is_single = tag.namespace() == Some(ATOM) && !REPEATED.contains(&tag.name());
        let is_fine = !is_single || names.insert(tag.name());
        faults.unless(is_fine, "DuplicateElement", tag.name());
    }
}

/// One alternate of each pair of type and language.
fn alternates(links: &[Node<'_, '_>], faults: &mut Faults) {
    let mut seen = HashSet::new();
    for link in links {
        let is_alternate = link.attribute("rel").unwrap_or("alternate") == "alternate";
        let pair = (link.attribute("type"), link.attribute("hreflang"));
        let is_fine = !is_alternate || seen.insert(pair);
        faults.unless(
            is_fine,
            "DuplicateAtomLink",
            link.attribute("href").unwrap_or_default(),
        );
    }
}

fn entry(feed: Node<'_, '_>, entry: Node<'_, '_>, address: &str, faults: &mut Faults) {
    once(entry, faults);
    let has = |node, name| !named(node, Some(ATOM), name).is_empty();
    for name in ["title", "id", "updated"] {
        faults.unless(has(entry, name), "MissingElement", name);
    }
    let has_author = has(entry, "author") || has(feed, "author");
    faults.unless(has_author, "MissingElement", "author");
    let links = named(entry, Some(ATOM), "link");
    alternates(&links, faults);
    if !has(entry, "content") {
        let id = named(entry, Some(ATOM), "id").first().map(|id| text(*id));
        let id = id.unwrap_or_default();
        faults.unless(has(entry, "summary"), "MissingTextualContent", &id);
        let is_alternate = |link: &Node<'_, '_>| link.attribute("rel") == Some("alternate");
        let has_page = links.iter().any(is_alternate);
        faults.unless(has_page, "MissingContentOrAlternate", &id);
    }
    for child in elements(entry) {
        match (child.tag_name().namespace(), child.tag_name().name()) {
            (Some(ATOM), "content") => {
                attributes(child, &["type", "src"], faults);
                let has_source = child.attribute("src").is_some();
                faults.unless(
                    !has_source || has(entry, "summary"),
                    "MissingSummary",
                    "content",
                );
                words(child, faults);
            }
            (Some(ATOM), "summary") => words(child, faults),
            (Some(ATOM), _) => common(child, address, faults),
            (Some(MEDIA), _) => media(child, faults),
            _ => extensions_of_feed(child, faults),
        }
    }
}

/// A text construct, or content.
fn words(node: Node<'_, '_>, faults: &mut Faults) {
    attributes(node, &["type", "src"], faults);
    let value = text(node);
    faults.unless(!value.is_empty(), "NotBlank", node.tag_name().name());
    match node.attribute("type").unwrap_or("text") {
        "text" => html::none_in(&value, "ContainsUndeclaredHTML", faults),
        "html" => html::safe(&value, faults),
        other => faults.add("InvalidTextType", other),
    }
}

fn person(node: Node<'_, '_>, faults: &mut Faults) {
    let name = named(node, Some(ATOM), "name");
    faults.unless(name.len() == 1, "MissingElement", "name");
    faults.unless(
        name.iter().all(|name| !text(*name).is_empty()),
        "NotBlank",
        "name",
    );
    for email in named(node, Some(ATOM), "email") {
        let email = text(email);
        faults.unless(values::is_mailbox(&email), "InvalidAddrSpec", &email);
    }
}

fn category(node: Node<'_, '_>, faults: &mut Faults) {
    attributes(node, &["term", "scheme", "label"], faults);
    faults.unless(node.attribute("term").is_some(), "MissingAttribute", "term");
    if let Some(scheme) = node.attribute("scheme") {
        faults.unless(values::is_full_address(scheme), "InvalidFullLink", scheme);
    }
    if let Some(label) = node.attribute("label") {
        html::none_in(label, "ContainsHTML", faults);
    }
}
