//! What an update does in a newsroom that is watched: it leaves behind what a build would.

mod common;

use std::collections::BTreeSet;
use std::fs;

use chrono::{TimeDelta, Utc};
use common::{CONFIGURATION, Newsroom, item};
use tidings::setup::Setup;

#[test]
fn an_update_leaves_nothing_for_a_build_to_do() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("[feeds]", "[feeds]\nlimit = 4\ntombstones = \"40 min\""),
    );
    let file = |number: u32| format!("news/{number}.md");
    let text = |number: u32, body: &str| {
        let date = format!("2024-10-{:02}", number % 28 + 1);
        item(&format!("Item {number}"), &date, body)
    };
    for number in 0..14 {
        newsroom.write(&file(number), text(number, "x"));
    }
    let mut open =
        tidings::pipeline::Newsroom::open(Setup::load(newsroom.root()).unwrap()).unwrap();
    let mut now = Utc::now();
    open.build(now, &()).unwrap();
    assert!(newsroom.exists("topic/water/archive/5/atom.xml"));

    let withdrawn =
        |number, lines: &str| text(number, "x").replace("title =", &format!("{lines}\ntitle ="));
    let steps: Vec<(&str, u32, Option<String>)> = vec![
        ("a new item", 20, Some(text(20, "x"))),
        ("another, which seals some", 21, Some(text(21, "x"))),
        ("an old one corrected", 1, Some(text(1, "y"))),
        (
            "an old one withdrawn",
            2,
            Some(withdrawn(2, "withdrawn = true")),
        ),
        (
            "why it was",
            2,
            Some(withdrawn(2, "withdrawn = \"A good reason.\"")),
        ),
        ("an old one deleted", 3, None),
        ("one is back", 2, Some(text(2, "z"))),
        (
            "the other is back elsewhere",
            3,
            Some(text(3, "x").replace("title", "slug = \"new\"\ntitle")),
        ),
        (
            "an old one retagged",
            5,
            Some(text(5, "x").replace("Water", "Energy")),
        ),
        (
            "another address",
            6,
            Some(text(6, "x").replace("title", "slug = \"six\"\ntitle")),
        ),
        ("an old one deleted, of another topic", 5, None),
        ("a new item once more", 22, Some(text(22, "x"))),
    ];
    for (what, number, content) in steps {
        match content {
            Some(content) => newsroom.write(&file(number), content),
            None => fs::remove_file(newsroom.path(&file(number))).unwrap(),
        }
        now += TimeDelta::minutes(7);
        let paths = BTreeSet::from([newsroom.path(&file(number))]);
        open.update(&paths, now, &()).unwrap();
        let before = newsroom.bytes();
        let left = open.build(now, &()).unwrap().output;
        let after = newsroom.bytes();
        let differ: Vec<_> = before
            .keys()
            .chain(after.keys())
            .filter(|path| before.get(*path) != after.get(*path))
            .collect();
        assert!(differ.is_empty(), "{what}: {differ:?}");
        assert_eq!((left.written, left.removed), (0, 0), "{what}");
    }
    // Without any change, tombstones leave the feeds when their time is over.
    assert!(newsroom.read("atom.xml").contains("deleted-entry"));
    assert!(newsroom.exists("topic/energy/atom.xml"));
    let moment = open.next_moment().unwrap();
    let report = open.update(&BTreeSet::new(), moment, &()).unwrap();
    assert!(report.output.written > 0);

    // The feed of a topic without items ends with the last that it says.
    let over = now + TimeDelta::hours(1);
    open.update(&BTreeSet::new(), over, &()).unwrap();
    assert!(!newsroom.exists("topic/energy/atom.xml"));
    let addresses = || fs::read_to_string(newsroom.path("public/.tidings/addresses.json")).unwrap();
    let before = addresses();
    assert!(before.contains("topic/energy/atom.xml"));
    let left = open.build(over, &()).unwrap().output;
    assert_eq!((left.written, left.removed), (0, 0));
    assert_eq!(addresses(), before);
}
