//! RSS 2.0.

use std::collections::HashSet;

use roxmltree::Node;

use super::{
    ATOM, CONTENT, DUBLIN_CORE, Faults, MEDIA, TERMS, attributes, elements, extensions_of_feed,
    html, link, media, named, text, values,
};

pub fn judge(root: Node<'_, '_>, address: &str, faults: &mut Faults) {
    attributes(root, &["version"], faults);
    faults.unless(
        root.attribute("version") == Some("2.0"),
        "InvalidRSSVersion",
        "rss",
    );
    let channels = named(root, None, "channel");
    let [channel] = &channels[..] else {
        faults.add("MissingElement", "channel");
        return;
    };
    channel_rules(*channel, address, faults);
    let mut ids = HashSet::new();
    for item in named(*channel, None, "item") {
        item_rules(item, &mut ids, address, faults);
    }
}

/// No element twice that may stand once.
fn once(node: Node<'_, '_>, may_repeat: &[&str], faults: &mut Faults) {
    let mut names = HashSet::new();
    for child in elements(node) {
        let tag = child.tag_name();
        let is_plain = tag.namespace().is_none() && !may_repeat.contains(&tag.name());
        if is_plain && !names.insert(tag.name()) {
            let rule = if tag.name() == "enclosure" {
                "DuplicateEnclosure"
            } else {
                "DuplicateElement"
            };
            faults.add(rule, tag.name());
        }
    }
}

fn channel_rules(channel: Node<'_, '_>, address: &str, faults: &mut Faults) {
    attributes(channel, &[], faults);
    once(channel, &["item", "category"], faults);
    let has = |name| !named(channel, None, name).is_empty();
    faults.unless(has("description"), "MissingDescription", "channel");
    faults.unless(has("link"), "MissingLink", "channel");
    faults.unless(has("title"), "MissingTitle", "channel");
    faults.unless(has("language"), "MissingDCLanguage", "channel");
    let links = named(channel, Some(ATOM), "link");
    let is_self = |node: &Node<'_, '_>| node.attribute("rel") == Some("self");
    faults.unless(links.iter().any(is_self), "MissingAtomSelfLink", "channel");
    let pairs = [
        ("managingEditor", DUBLIN_CORE, "creator"),
        ("webMaster", DUBLIN_CORE, "publisher"),
        ("pubDate", DUBLIN_CORE, "date"),
        ("language", DUBLIN_CORE, "language"),
        ("copyright", DUBLIN_CORE, "rights"),
        ("lastBuildDate", TERMS, "modified"),
    ];
    for (core, namespace, extension) in pairs {
        let is_twice = has(core) && !named(channel, Some(namespace), extension).is_empty();
        faults.unless(!is_twice, "DuplicateSemantics", core);
    }
    let mut items = 0;
    for child in elements(channel) {
        let value = text(child);
        match (child.tag_name().namespace(), child.tag_name().name()) {
            (None, "item") => items += 1,
            (namespace, _) if items > 0 && (namespace.is_none() || namespace == Some(ATOM)) => {
                faults.add("MisplacedItem", child.tag_name().name());
            }
            (None, "title") => {
                faults.unless(!value.is_empty(), "NotBlank", "title");
                html::plain_rss(child, faults);
            }
            (None, "description" | "copyright") => html::plain_rss(child, faults),
            (None, "link" | "docs") => {
                faults.unless(values::is_full_address(&value), "InvalidFullLink", &value);
            }
            (None, "language") => {
                faults.unless(values::is_language(&value), "InvalidLanguage", &value);
            }
            (None, "managingEditor" | "webMaster") => person(&value, faults),
            (None, "lastBuildDate" | "pubDate") => values::mail_date(&value, faults),
            (None, "generator" | "category") => {}
            (None, "ttl") => {
                let is_positive = value.parse::<u32>().is_ok_and(|value| value > 0);
                faults.unless(is_positive, "InvalidPositiveInteger", "ttl");
            }
            (None, "image") => image(channel, child, faults),
            (None, "textInput") => faults.add("AvoidTextInput", "textInput"),
            (None, name) => faults.add("UndefinedElement", name),
            (Some(ATOM), "link") => link(child, address, faults),
            _ => extensions_of_feed(child, faults),
        }
    }
}

/// `address (Name)`.
fn person(value: &str, faults: &mut Faults) {
    match value.split_once(' ') {
        Some((address, name)) if name.starts_with('(') && name.ends_with(')') => {
            faults.unless(values::is_mailbox(address), "InvalidContact", value);
        }
        Some(_) => faults.add("EmailFormat", value),
        None => faults.add("MissingRealName", value),
    }
}

fn image(channel: Node<'_, '_>, image: Node<'_, '_>, faults: &mut Faults) {
    let value = |node, name| named(node, None, name).first().map(|node| text(*node));
    match value(image, "url") {
        None => faults.add("MissingElement", "url"),
        Some(url) => {
            faults.unless(values::is_full_address(&url), "InvalidFullLink", &url);
            let (_, ending) = url.rsplit_once('.').unwrap_or_default();
            let is_ending = ending.chars().all(|c| c.is_alphanumeric());
            let is_known = ["jpg", "jpeg", "gif", "png"].contains(&&*ending.to_lowercase());
            faults.unless(!is_ending || is_known, "ImageUrlFormat", &url);
        }
    }
    match (value(image, "title"), value(channel, "title")) {
        (None, _) => faults.add("MissingTitle", "image"),
        (own, of_channel) => faults.unless(own == of_channel, "ImageTitleDoesntMatch", "image"),
    }
    match (value(image, "link"), value(channel, "link")) {
        (None, _) => faults.add("MissingLink", "image"),
        (own, of_channel) => faults.unless(own == of_channel, "ImageLinkDoesntMatch", "image"),
    }
}

fn item_rules(item: Node<'_, '_>, ids: &mut HashSet<String>, address: &str, faults: &mut Faults) {
    attributes(item, &[], faults);
    once(item, &["category"], faults);
    let has = |namespace, name| !named(item, namespace, name).is_empty();
    let says_something = has(None, "title") || has(None, "description");
    faults.unless(says_something, "ItemMustContainTitleOrDescription", "item");
    faults.unless(has(None, "guid"), "MissingGuid", "item");
    let pairs = [
        ("author", Some(DUBLIN_CORE), "creator"),
        ("category", Some(DUBLIN_CORE), "subject"),
        ("pubDate", Some(DUBLIN_CORE), "date"),
        ("guid", Some(ATOM), "id"),
        ("pubDate", Some(ATOM), "published"),
    ];
    for (core, namespace, extension) in pairs {
        let is_twice = has(None, core) && has(namespace, extension);
        faults.unless(!is_twice, "DuplicateItemSemantics", core);
    }
    let mut is_described = false;
    for child in elements(item) {
        let value = text(child);
        match (child.tag_name().namespace(), child.tag_name().name()) {
            (None, "title") => {
                faults.unless(!value.is_empty(), "NotBlank", "title");
                html::plain_rss(child, faults);
            }
            (None, "link" | "comments") => {
                faults.unless(values::is_full_address(&value), "InvalidFullLink", &value);
            }
            (None, "description") => {
                is_described = true;
                html::safe(&value, faults);
            }
            (Some(CONTENT), "encoded") => {
                faults.unless(is_described, "NeedDescriptionBeforeContent", "item");
                html::safe(&value, faults);
            }
            (None, "category") => {
                attributes(child, &["domain"], faults);
                faults.unless(!value.is_empty(), "NotBlank", "category");
                html::plain_rss(child, faults);
            }
            (None, "enclosure") => enclosure(child, faults),
            (None, "guid") => {
                guid(child, &value, faults);
                faults.unless(ids.insert(value.clone()), "DuplicateValue", &value);
            }
            (None, "pubDate") => values::mail_date(&value, faults),
            (None, "author") => person(&value, faults),
            (None, name) => faults.add("UndefinedElement", name),
            (Some(ATOM), "link") => link(child, address, faults),
            (Some(MEDIA), _) => media(child, faults),
            (Some(TERMS), "modified") => values::w3c_date(&value, faults),
            (Some(DUBLIN_CORE), "creator") => {}
            (Some(DUBLIN_CORE), "language") => {
                faults.unless(values::is_language(&value), "InvalidLanguage", &value);
            }
            (Some(_), name) => faults.add("UndefinedElement", name),
        }
    }
}

fn enclosure(node: Node<'_, '_>, faults: &mut Faults) {
    attributes(node, &["url", "length", "type"], faults);
    match node.attribute("length").map(str::parse::<i64>) {
        None => faults.add("MissingAttribute", "length"),
        Some(Err(_)) => faults.add("InvalidIntegerAttribute", "length"),
        Some(Ok(-1)) => faults.add("UseZeroForUnknown", "length"),
        Some(Ok(length)) => faults.unless(length >= 0, "InvalidNonNegativeInteger", "length"),
    }
    match node.attribute("type") {
        None => faults.add("MissingAttribute", "type"),
        Some(kind) => faults.unless(values::is_media_type(kind), "InvalidMIMEAttribute", kind),
    }
    match node.attribute("url") {
        None => faults.add("MissingAttribute", "url"),
        Some(url) => faults.unless(values::is_file_address(url), "InvalidURLAttribute", url),
    }
}

fn guid(node: Node<'_, '_>, value: &str, faults: &mut Faults) {
    attributes(node, &["isPermaLink"], faults);
    match node.attribute("isPermaLink") {
        Some("false") => {
            let is_short = value.len() < 9 && value.bytes().all(|byte| byte.is_ascii_digit());
            faults.unless(!is_short, "NotSufficientlyUnique", value);
        }
        Some("true") | None => {
            let is_name = value.starts_with("tag:") || value.starts_with("urn:uuid:");
            faults.unless(!is_name, "InvalidPermalink", value);
            let is_address = values::is_full_address(value);
            faults.unless(is_name || is_address, "InvalidHttpGUID", value);
        }
        Some(other) => faults.add("InvalidBooleanAttribute", other),
    }
}
