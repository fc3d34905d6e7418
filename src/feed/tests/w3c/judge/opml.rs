//! OPML 2.0.

use roxmltree::Node;

use super::{Faults, attributes, named, values};

pub fn judge(root: Node<'_, '_>, faults: &mut Faults) {
    attributes(root, &["version"], faults);
    let version = root.attribute("version").unwrap_or_default();
    let is_known = ["1.0", "1.1", "2.0"].contains(&version);
    faults.unless(is_known, "InvalidOPMLVersion", version);
    for name in ["head", "body"] {
        faults.unless(!named(root, None, name).is_empty(), "MissingElement", name);
    }
    for body in named(root, None, "body") {
        let outlines = named(body, None, "outline");
        faults.unless(!outlines.is_empty(), "MissingElement", "outline");
        outlines.into_iter().for_each(|node| outline(node, faults));
    }
}

fn outline(node: Node<'_, '_>, faults: &mut Faults) {
    let expected = [
        "category",
        "created",
        "description",
        "htmlUrl",
        "isBreakpoint",
        "isComment",
        "language",
        "text",
        "title",
        "type",
        "url",
        "version",
        "xmlUrl",
    ];
    attributes(node, &expected, faults);
    let text = node.attribute("text").unwrap_or_default();
    faults.unless(!text.is_empty(), "MissingAttribute", "text");
    match node.attribute("type") {
        Some("rss") => {
            faults.unless(node.attribute("xmlUrl").is_some(), "MissingXmlURL", text);
            faults.unless(node.attribute("title").is_some(), "MissingTitleAttr", text);
        }
        Some("link") => faults.unless(node.attribute("url").is_some(), "MissingUrlAttr", text),
        Some(other) => faults.add("InvalidOutlineType", other),
        None => {
            let of_feeds = [
                "description",
                "htmlUrl",
                "language",
                "title",
                "version",
                "xmlUrl",
            ];
            let is_typed = of_feeds.iter().any(|name| node.attribute(*name).is_some());
            faults.unless(!is_typed, "MissingOutlineType", text);
        }
    }
    if let Some(version) = node.attribute("version") {
        let known = ["RSS", "RSS1", "RSS2", "scriptingNews"];
        faults.unless(known.contains(&version), "InvalidOutlineVersion", version);
    }
    for name in ["htmlUrl", "xmlUrl", "url"] {
        if let Some(url) = node.attribute(name) {
            faults.unless(values::is_full_address(url), "InvalidFullLink", url);
        }
    }
    named(node, None, "outline")
        .into_iter()
        .for_each(|node| outline(node, faults));
}
