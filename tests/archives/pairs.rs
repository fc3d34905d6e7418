//! Archives of the feeds of pairs.

use std::fs;

use crate::common::Newsroom;
use crate::walk::{document, ids, walk};
use crate::{FORMATS, SHORT, id, item};

/// A newsroom with a feed for each pair of a topic and an office, twelve items in one of them.
fn newsroom_of_pairs(archives: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let configuration = SHORT.replace("limit = 4", &format!("limit = 4\n{archives}"));
    let office = "\n[facet.office]\nterms = [{ name = \"Vienna\" }]\n";
    newsroom.write(
        "feeds.toml",
        configuration.replace(
            "\n[[feed]]",
            &format!("pairs = [[\"topic\", \"office\"]]\n{office}\n[[feed]]"),
        ),
    );
    for number in 0..12 {
        write_of_pair(&newsroom, number, |text| text);
    }
    newsroom.build();
    newsroom
}

fn write_of_pair(newsroom: &Newsroom, number: usize, change: impl Fn(String) -> String) {
    let text = item(number, "\"Energy\"").replace("topic =", "office = [\"Vienna\"]\ntopic =");
    newsroom.write(&format!("news/{number}.md"), change(text));
}

const PAIR: &str = "topic/energy/office/vienna/";

#[test]
fn pairs_have_archives_unless_refused_and_their_items_stand_in_those_of_both_topics_anyway() {
    for (archives, kept) in [
        ("", true),
        ("archives = \"topics\"", false),
        ("archives = \"all\"", true),
        ("archives = true", true),
    ] {
        let newsroom = newsroom_of_pairs(archives);
        for format in FORMATS {
            for folder in ["", "topic/energy/", "office/vienna/"] {
                let found = ids(&walk(&newsroom, &format!("{folder}{format}"))).len();
                assert_eq!(found, 12, "{archives} {folder}{format}");
            }
            let walked = walk(&newsroom, &format!("{PAIR}{format}"));
            let (documents, found) = if kept { (5, 12) } else { (1, 4) };
            let counts = (walked.len(), ids(&walked).len());
            assert_eq!(counts, (documents, found), "{archives} {format}");
        }
    }
}

#[test]
fn a_feed_of_a_pair_shows_corrections_and_late_items_to_whoever_polls_it() {
    let newsroom = newsroom_of_pairs("archives = \"topics\"");
    write_of_pair(&newsroom, 0, |text| text.replace("Text 0.", "Corrected."));
    write_of_pair(&newsroom, 40, |text| text.replace("1990-", "1950-"));
    newsroom.build();
    let late = "tag:news.example.org,2024:news/1950/item-40".to_owned();
    for format in FORMATS {
        let found = document(&newsroom, &format!("{PAIR}{format}")).ids;
        // Besides the newest four by date.
        let mut expected: Vec<String> = (8..12).rev().map(id).collect();
        expected.extend([id(0), late.clone()]);
        assert_eq!(found, expected, "{format}");
    }
}

#[test]
fn archives_of_pairs_go_when_they_are_no_longer_asked_for_and_come_back_as_they_were() {
    let newsroom = newsroom_of_pairs("archives = \"all\"");
    let configuration = fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let before = newsroom.bytes();
    newsroom.write(
        "feeds.toml",
        configuration.replace("archives = \"all\"", "archives = \"topics\""),
    );
    newsroom.build();
    let archive = format!("{PAIR}archive/");
    assert!(before.keys().any(|path| path.starts_with(&archive)));
    let left = newsroom.bytes();
    assert!(!left.keys().any(|path| path.starts_with(&archive)));
    newsroom.write("feeds.toml", configuration);
    newsroom.build();
    assert_eq!(newsroom.bytes(), before);
}
