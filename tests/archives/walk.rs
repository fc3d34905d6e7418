//! Feeds as a reader walks them, from the newest document to the first.

use std::collections::BTreeMap;

use crate::common::Newsroom;

pub const BASE: &str = "https://news.example.org/";

/// A document of a feed, as far as a walk goes.
pub struct Document {
    pub ids: Vec<String>,
    /// By relation; JSON Feed's `next_url` is `prev-archive`.
    pub links: BTreeMap<String, String>,
    pub is_archive: bool,
}

/// Reads one document of the output.
pub fn document(newsroom: &Newsroom, path: &str) -> Document {
    let text = newsroom.read(path);
    if path.ends_with(".json") {
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let string = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let archive = &json["_tidings"]["archive"];
        let links = [
            ("self", &json["feed_url"]),
            ("prev-archive", &json["next_url"]),
            ("next-archive", &archive["next_archive"]),
            ("current", &archive["current"]),
        ];
        return Document {
            ids: json["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| string(&item["id"]).unwrap())
                .collect(),
            links: links
                .into_iter()
                .filter_map(|(rel, url)| Some((rel.to_owned(), string(url)?)))
                .collect(),
            is_archive: archive.is_object(),
        };
    }
    let xml = roxmltree::Document::parse(&text).unwrap();
    let atom = "http://www.w3.org/2005/Atom";
    let head = match path.ends_with("rss.xml") {
        true => xml.root_element().first_element_child().unwrap(),
        false => xml.root_element(),
    };
    let links = head
        .children()
        .filter(|node| node.has_tag_name((atom, "link")))
        .filter_map(|node| Some((node.attribute("rel")?, node.attribute("href")?)));
    let entries = head
        .children()
        .filter(|node| node.has_tag_name("item") || node.has_tag_name((atom, "entry")));
    let id = |node: roxmltree::Node<'_, '_>| {
        let child = node
            .children()
            .find(|child| child.has_tag_name("guid") || child.has_tag_name((atom, "id")));
        child.unwrap().text().unwrap().to_owned()
    };
    let history = "http://purl.org/syndication/history/1.0";
    Document {
        ids: entries.map(id).collect(),
        links: links
            .filter(|(rel, _)| !matches!(*rel, "alternate" | "related"))
            .map(|(rel, url)| (rel.to_owned(), url.to_owned()))
            .collect(),
        is_archive: head
            .children()
            .any(|node| node.has_tag_name((history, "archive"))),
    }
}

pub fn path_of(url: &str) -> &str {
    url.strip_prefix(BASE).unwrap()
}

/// Walks a feed back to its first document: the paths, newest first, with their documents.
pub fn walk(newsroom: &Newsroom, path: &str) -> Vec<(String, Document)> {
    let mut walked = vec![(path.to_owned(), document(newsroom, path))];
    while let Some(url) = walked.last().unwrap().1.links.get("prev-archive") {
        let path = path_of(url).to_owned();
        let next = document(newsroom, &path);
        walked.push((path, next));
    }
    walked
}

/// The ids that a walk finds, in order, as often as it finds them.
pub fn ids(walked: &[(String, Document)]) -> Vec<&str> {
    walked
        .iter()
        .flat_map(|(_, document)| document.ids.iter().map(String::as_str))
        .collect()
}
