use super::*;
use crate::digest::changes::Seen;

fn issue() -> IssueRecord {
    let mut issue = IssueRecord::draft("weekly", "2024-W47", 5, 6);
    for (id, url) in [
        ("tag:a,2024:river", "https://a.example/news/2024/river/"),
        (
            "tag:a,2024:the-river",
            "https://a.example/news/2024/the-river/",
        ),
        ("tag:a,2024:x1", "https://a.example/news/2023/dam/"),
        ("tag:a,2024:x2", "https://a.example/news/2024/dam/"),
    ] {
        issue.items.push(id.to_owned());
        let seen = Seen {
            title: "Title".to_owned(),
            url: url.to_owned(),
            shown: String::new(),
        };
        issue.seen.insert(id.to_owned(), seen);
    }
    issue
}

#[test]
fn an_item_is_named_by_its_id_its_address_or_the_last_part_of_either() {
    let issue = issue();
    for text in [
        "tag:a,2024:river",
        "https://a.example/news/2024/river/",
        "river",
        " river ",
        "2024/river",
    ] {
        assert_eq!(item(&issue, text).unwrap(), "tag:a,2024:river", "{text}");
    }
    assert_eq!(item(&issue, "2023/dam").unwrap(), "tag:a,2024:x1");
    let several = item(&issue, "dam").unwrap_err();
    assert_eq!(
        several.to_string(),
        "'dam' may be tag:a,2024:x1 or tag:a,2024:x2"
    );
    for text in ["", "/", "ver", "other"] {
        let none = item(&issue, text);
        assert!(matches!(none, Err(DeskError::NoItem { .. })), "{text}");
    }
}

#[test]
fn nobody_is_called_schedule_or_nothing() {
    assert_eq!(person(" Ana\nKovač ").unwrap(), "Ana Kovač");
    let long = "x".repeat(101);
    for name in ["", " \n", "schedule", "Schedule", long.as_str()] {
        assert!(matches!(person(name), Err(DeskError::Name(_))), "{name}");
    }
}
