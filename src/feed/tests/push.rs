//! What feeds say of those who push them.

use super::super::*;
use super::fixture::feed;

#[test]
fn every_format_names_the_hubs_that_push_the_feed() {
    let hubs = vec![
        "https://news.example/websub".to_owned(),
        "https://hub.example.net/?key=a&b".to_owned(),
    ];
    let feed = Feed { hubs, ..feed() };
    for format in [Format::Rss, Format::Atom] {
        let read = feed_rs::parser::parse(&*render(&feed, format)).unwrap();
        let of = |rel: &str| -> Vec<String> {
            let links = read.links.iter();
            let links = links.filter(|link| link.rel.as_deref() == Some(rel));
            links.map(|link| link.href.clone()).collect()
        };
        assert_eq!(of("hub"), feed.hubs);
        assert_eq!(of("self"), [feed.url(format)]);
    }
    let json: serde_json::Value = serde_json::from_slice(&render(&feed, Format::Json)).unwrap();
    let hub = |number: usize| (&json["hubs"][number]["type"], &json["hubs"][number]["url"]);
    assert_eq!(hub(0), (&"WebSub".into(), &feed.hubs[0].as_str().into()));
    assert_eq!(hub(1), (&"WebSub".into(), &feed.hubs[1].as_str().into()));
    let without = Feed {
        hubs: Vec::new(),
        ..feed
    };
    for format in Format::ALL {
        let text = String::from_utf8(render(&without, format)).unwrap();
        assert!(!text.contains("\"hub"), "{text}");
    }
}
