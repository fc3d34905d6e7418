//! What the W3C's feed validator finds fault with, for the formats and extensions that we write.
//!
//! Made from reading the validator's sources rule by rule; the names of the rules are its own, so
//! that each can be looked up at `https://validator.w3.org/feed/docs/`. What it only remarks on
//! ("info": media types, compression) is left out.

mod atom;
mod html;
mod opml;
mod rss;
mod values;

use std::collections::HashSet;

use roxmltree::{Document, Node};

/// A rule that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The validator's name of the rule.
    pub rule: &'static str,
    /// Where, and what.
    pub detail: String,
}

/// All faults of one document, in the order in which they are met.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, rule: &'static str, detail: impl Into<String>) {
        let detail = detail.into();
        self.0.push(Fault { rule, detail });
    }

    fn unless(&mut self, is_fine: bool, rule: &'static str, detail: &str) {
        if !is_fine {
            self.add(rule, detail);
        }
    }
}

const ATOM: &str = "http://www.w3.org/2005/Atom";
const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const TERMS: &str = "http://purl.org/dc/terms/";
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
const MEDIA: &str = "http://search.yahoo.com/mrss/";
const SYNDICATION: &str = "http://purl.org/rss/1.0/modules/syndication/";

/// The namespaces that the validator knows, of those that a feed of ours may use, by their usual
/// prefixes.
const NAMESPACES: [(&str, &str); 8] = [
    ("atom", ATOM),
    ("content", CONTENT),
    ("dc", DUBLIN_CORE),
    ("dcterms", TERMS),
    ("fh", HISTORY),
    ("media", MEDIA),
    ("sy", SYNDICATION),
    ("xml", "http://www.w3.org/XML/1998/namespace"),
];

/// The validator reads no more of a document than this.
const LIMIT: usize = 2_000_000;

/// What the validator would say of a document that it got from this address.
pub fn judge(document: &str, address: &str) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.unless(document.len() <= LIMIT, "ValidatorLimit", "length");
    faults.unless(
        document.starts_with("<?xml version=\"1.0\""),
        "BadXmlVersion",
        "declaration",
    );
    let tree = match Document::parse(document) {
        Ok(tree) => tree,
        Err(error) => {
            faults.add("SAXError", error.to_string());
            return faults.0;
        }
    };
    let root = tree.root_element();
    namespaces(&tree, &mut faults);
    characters(root, &mut faults);
    match (root.tag_name().name(), root.tag_name().namespace()) {
        ("rss", None) => rss::judge(root, address, &mut faults),
        ("feed", Some(ATOM)) => atom::judge(root, address, &mut faults),
        ("feed", _) => faults.add("ObsoleteNamespace", "feed"),
        ("opml", None) => opml::judge(root, &mut faults),
        (name, _) => faults.add("UndefinedElement", name),
    }
    faults.0
}

fn namespaces(tree: &Document<'_>, faults: &mut Faults) {
    let is_atom = tree.root_element().tag_name().namespace() == Some(ATOM);
    let declared = tree.descendants().filter(Node::is_element);
    let declared: HashSet<(Option<&str>, &str)> = declared
        .flat_map(|node| node.namespaces())
        .map(|namespace| (namespace.name(), namespace.uri()))
        .collect();
    for (prefix, uri) in declared {
        let known = NAMESPACES.iter().find(|(_, known)| *known == uri);
        let taken = NAMESPACES.iter().find(|(name, _)| Some(*name) == prefix);
        match (known, taken, prefix) {
            (_, Some((_, own)), _) if *own != uri => {
                let is_media = uri == MEDIA.trim_end_matches('/');
                let rule = if is_media {
                    "MediaRssNamespace"
                } else {
                    "ReservedPrefix"
                };
                faults.add(rule, uri);
            }
            (Some((usual, _)), _, Some(prefix)) if *usual != prefix => {
                faults.add("NonstdPrefix", prefix);
            }
            (Some(("atom", _)), _, Some(_)) if is_atom => faults.add("AvoidNamespacePrefix", uri),
            (None, _, _) => faults.add("UnknownNamespace", uri),
            _ => {}
        }
    }
}

fn characters(root: Node<'_, '_>, faults: &mut Faults) {
    let is_bad = |text: &str| text.contains(|c| matches!(c, '\u{80}'..='\u{9f}' | '\u{fffd}'));
    for node in root.descendants() {
        let attributes = node.attributes().any(|attribute| is_bad(attribute.value()));
        if node.is_text() && node.text().is_some_and(is_bad) || attributes {
            let element = node.parent_element().unwrap_or(root);
            faults.add("BadCharacters", element.tag_name().name());
        }
    }
}

fn elements<'a, 'd>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    node.children().filter(Node::is_element)
}

/// The children of a name in a namespace; `None` for those of RSS and OPML.
fn named<'a, 'd>(
    node: Node<'a, 'd>,
    namespace: Option<&'static str>,
    name: &'static str,
) -> Vec<Node<'a, 'd>> {
    elements(node)
        .filter(|child| child.tag_name().name() == name)
        .filter(|child| child.tag_name().namespace() == namespace)
        .collect()
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect()
}

/// No attributes but these, but for those of XML itself.
fn attributes(node: Node<'_, '_>, expected: &[&str], faults: &mut Faults) {
    for attribute in node.attributes() {
        let is_expected = match attribute.namespace() {
            None => expected.contains(&attribute.name()),
            Some(namespace) => namespace.starts_with("http://www.w3.org/XML/"),
        };
        faults.unless(is_expected, "UnexpectedAttribute", attribute.name());
    }
}

/// An `atom:link`, wherever it stands.
fn link(node: Node<'_, '_>, address: &str, faults: &mut Faults) {
    const RELATIONS: [&str; 22] = [
        "alternate",
        "current",
        "describedby",
        "edit",
        "edit-media",
        "enclosure",
        "first",
        "hub",
        "last",
        "license",
        "next",
        "next-archive",
        "payment",
        "prev-archive",
        "previous",
        "related",
        "replies",
        "search",
        "self",
        "service",
        "up",
        "via",
    ];
    const HISTORY: [&str; 7] = [
        "current",
        "first",
        "last",
        "next",
        "next-archive",
        "prev-archive",
        "previous",
    ];
    attributes(
        node,
        &["type", "title", "rel", "href", "length", "hreflang"],
        faults,
    );
    let parent = node.parent_element().map(|parent| parent.tag_name().name());
    let rel = node.attribute("rel").unwrap_or("alternate");
    faults.unless(!rel.is_empty(), "AttrNotBlank", "rel");
    let is_known = RELATIONS.contains(&rel) || url::Url::parse(rel).is_ok();
    faults.unless(is_known, "UnregisteredAtomLinkRel", rel);
    if parent == Some("entry") {
        faults.unless(!HISTORY.contains(&rel), "FeedHistoryRelInEntry", rel);
    }
    if let Some(kind) = node.attribute("type") {
        faults.unless(values::is_media_type(kind), "InvalidMIMEType", kind);
        let feeds = [
            "application/atom+xml",
            "application/rss+xml",
            "application/rdf+xml",
        ];
        let is_feed = feeds.contains(&kind.split(';').next().unwrap_or_default());
        faults.unless(rel != "self" || is_feed, "SelfNotAtom", kind);
    }
    if let Some(title) = node.attribute("title") {
        faults.unless(!title.is_empty(), "AttrNotBlank", "title");
        html::none_in(title, "ContainsHTML", faults);
    }
    if let Some(length) = node.attribute("length") {
        faults.unless(
            length.parse::<u64>().is_ok(),
            "InvalidNonNegativeInteger",
            length,
        );
    }
    if let Some(language) = node.attribute("hreflang") {
        faults.unless(values::is_language(language), "InvalidLanguage", language);
    }
    match node.attribute("href") {
        None => faults.add("MissingHref", rel),
        Some(href) => {
            faults.unless(values::is_address(href), "InvalidIRI", href);
            if rel == "self" && matches!(parent, Some("feed" | "channel")) {
                faults.unless(url::Url::parse(href).is_ok(), "RelativeSelf", href);
                faults.unless(href == address, "SelfDoesntMatchLocation", href);
            }
        }
    }
    faults.unless(text(node).trim().is_empty(), "AtomLinkNotEmpty", rel);
}

/// The elements of Media RSS below an entry.
fn media(node: Node<'_, '_>, faults: &mut Faults) {
    match node.tag_name().name() {
        "content" => {
            let expected = [
                "bitrate",
                "channels",
                "duration",
                "expression",
                "fileSize",
                "framerate",
                "height",
                "isDefault",
                "lang",
                "medium",
                "samplingrate",
                "type",
                "url",
                "width",
            ];
            attributes(node, &expected, faults);
            if let Some(size) = node.attribute("fileSize") {
                let is_positive = size.parse::<u64>().is_ok_and(|size| size > 0);
                faults.unless(is_positive, "InvalidPositiveInteger", "fileSize");
            }
            if let Some(medium) = node.attribute("medium") {
                let media = ["image", "audio", "video", "document", "executable"];
                faults.unless(media.contains(&medium), "InvalidMediaMedium", medium);
            }
            if let Some(kind) = node.attribute("type") {
                faults.unless(values::is_media_type(kind), "InvalidMIMEAttribute", kind);
            }
        }
        "thumbnail" => attributes(node, &["height", "time", "url", "width"], faults),
        "title" | "description" => {
            attributes(node, &["type"], faults);
            let kind = node.attribute("type").unwrap_or("plain");
            faults.unless(
                ["plain", "html"].contains(&kind),
                "InvalidMediaTextType",
                kind,
            );
            html::none_in(&text(node), "ContainsUndeclaredHTML", faults);
        }
        name => faults.add("UndefinedElement", format!("media:{name}")),
    }
    if let Some(url) = node.attribute("url") {
        faults.unless(values::is_full_address(url), "InvalidFullLink", url);
    } else if node.tag_name().name() == "thumbnail" {
        faults.add("MissingAttribute", "url");
    }
    elements(node).for_each(|child| media(child, faults));
}

/// Rules of the extensions that may stand at a channel or feed.
fn extensions_of_feed(node: Node<'_, '_>, faults: &mut Faults) {
    let value = text(node);
    match (node.tag_name().namespace(), node.tag_name().name()) {
        (Some(SYNDICATION), "updatePeriod") => {
            let periods = ["hourly", "daily", "weekly", "monthly", "yearly"];
            faults.unless(periods.contains(&&*value), "InvalidUpdatePeriod", &value);
        }
        (Some(SYNDICATION), "updateFrequency") => {
            let is_positive = value.parse::<u32>().is_ok_and(|value| value > 0);
            faults.unless(is_positive, "InvalidPositiveInteger", &value);
        }
        (Some(SYNDICATION), "updateBase") => values::w3c_date(&value, faults),
        (Some(SYNDICATION), name) => faults.add("UndefinedElement", name),
        (Some(HISTORY), "archive" | "complete") => {
            faults.unless(value.trim().is_empty(), "UnexpectedText", "archive");
        }
        (Some(DUBLIN_CORE), "publisher") => {}
        (Some(DUBLIN_CORE | TERMS | CONTENT | HISTORY), name) => {
            faults.add("UndefinedElement", name);
        }
        _ => {}
    }
}
