//! JSON Feed 1.1 (jsonfeed.org/version/1.1): one test a rule.

use super::super::*;
use super::fixture::{archive, empty_feed, feed};
use super::json;

/// Every value under a key that names a URL, wherever it stands.
fn urls(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                match value.as_str() {
                    Some(url) if key.ends_with("url") || key == "icon" || key == "image" => {
                        found.push(url.to_owned());
                    }
                    _ => urls(value, found),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| urls(value, found)),
        _ => {}
    }
}

#[test]
fn feed_url_is_the_documents_own_address() {
    for feed in [feed(), archive()] {
        assert_eq!(json(&feed)["feed_url"], feed.url(Format::Json));
    }
}

#[test]
fn next_url_is_there_only_where_there_are_older_items_and_is_never_the_documents_own() {
    assert!(json(&feed()).get("next_url").is_none());
    let archive = json(&archive());
    let home = feed().home;
    assert_eq!(archive["next_url"], format!("{home}archive/6/feed.json"));
    assert_ne!(archive["next_url"], archive["feed_url"]);
    let extension = &archive["_tidings"]["archive"];
    assert_eq!(extension["current"], format!("{home}feed.json"));
    assert_eq!(
        extension["next_archive"],
        format!("{home}archive/8/feed.json")
    );
}

#[test]
fn every_url_is_absolute() {
    for feed in [feed(), empty_feed(), archive()] {
        let mut found = Vec::new();
        urls(&json(&feed), &mut found);
        assert!(found.len() > 1);
        for url in found {
            assert!(url::Url::parse(&url).is_ok(), "{url}");
        }
    }
}

#[test]
fn ids_are_unique() {
    let json = json(&feed());
    let items = json["items"].as_array().unwrap().iter();
    let mut ids: Vec<&str> = items.map(|item| item["id"].as_str().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn dates_are_rfc_3339_and_date_modified_is_there_only_after_a_change() {
    let json = json(&feed());
    let items = json["items"].as_array().unwrap();
    for item in items {
        for date in ["date_published", "date_modified"] {
            if let Some(date) = item[date].as_str() {
                chrono::DateTime::parse_from_rfc3339(date).unwrap();
            }
        }
    }
    assert_eq!(items[0]["date_modified"], "2024-11-23T18:30:59+01:00");
    assert!(items[3].get("date_modified").is_none());
}

#[test]
fn titles_and_summaries_are_plain_text() {
    let json = json(&feed());
    let first = &json["items"][0];
    assert_eq!(first["title"], feed().entries[0].title);
    assert!(!first["summary"].as_str().unwrap().contains('\n'));
}

#[test]
fn the_single_author_of_version_1_0_is_not_used() {
    let json = json(&feed());
    assert!(json.get("author").is_none());
    let items = json["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item.get("author").is_none()));
}

#[test]
fn what_is_empty_is_left_out() {
    fn check(value: &serde_json::Value, key: &str) {
        match value {
            serde_json::Value::Null => panic!("{key} is null"),
            serde_json::Value::String(text) => assert!(!text.is_empty(), "{key} is empty"),
            serde_json::Value::Object(members) => {
                members.iter().for_each(|(key, value)| check(value, key));
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| check(value, key)),
            _ => {}
        }
    }
    for feed in [feed(), empty_feed(), archive()] {
        check(&json(&feed), "feed");
    }
}

#[test]
fn version_title_and_items_are_always_there() {
    let json = json(&empty_feed());
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
    assert!(json["title"].is_string());
    assert!(json["items"].is_array());
}

#[test]
fn every_item_has_an_id_that_is_a_string_and_a_content() {
    for full_text in [true, false] {
        let json = json(&Feed {
            full_text,
            ..feed()
        });
        for item in json["items"].as_array().unwrap() {
            assert!(item["id"].is_string());
            let has = |name: &str| item[name].as_str().is_some_and(|text| !text.is_empty());
            assert!(has("content_html") || has("content_text"), "{item}");
        }
    }
}

#[test]
fn an_attachment_has_a_url_and_a_type() {
    let json = json(&feed());
    let attachments = json["items"][0]["attachments"].as_array().unwrap();
    assert_eq!(attachments.len(), 2);
    assert_eq!(attachments[0]["mime_type"], "audio/mpeg");
    assert_eq!(attachments[1]["size_in_bytes"], 9_876);
}

#[test]
fn an_authors_object_is_never_empty() {
    let json = json(&feed());
    assert_eq!(json["authors"][0]["name"], "Example Newsroom (Vienna)");
    assert!(json["items"][3].get("authors").is_none());
}

#[test]
fn an_extension_begins_with_an_underscore_and_a_letter() {
    let json = json(&feed());
    assert_eq!(json["_tidings"]["rights"], "© Example & friends");
    let item = &json["items"][0]["_tidings"];
    assert_eq!(item["correction"], "An earlier version said 2 < 1 & more.");
    assert_eq!(item["categories"][0]["term"], "border-management");
}
