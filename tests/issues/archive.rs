//! What readers see of issues that were sent.

use tidings::digest::changes::Seen;

use super::*;

#[test]
fn an_issue_that_is_called_off_while_it_is_sent_leaves_the_archive() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    let mut running = open(&newsroom);
    running.build(monday(), &()).unwrap();
    begin_sending(&newsroom, "2024-W47");
    running.update(&Default::default(), monday(), &()).unwrap();
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.cancel(&record, None)).unwrap();
    running.update(&Default::default(), monday(), &()).unwrap();
    assert!(!newsroom.exists("digests/weekly/2024-W47/index.html"));
}

#[test]
fn the_archive_shows_what_was_sent_but_for_what_was_corrected_or_taken_back() {
    let newsroom = newsroom("", MAIL);
    for name in ["a", "b"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    begin_sending(&newsroom, "2024-W47");
    build(&newsroom, monday());
    let mail = "digests/weekly/2024-W47/mail.html";
    let sent = newsroom.read(mail);
    assert!(sent.contains("Weekly digest: 2 items") && sent.contains(">Water<"));
    // Another grouping is for the issues to come.
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let configuration = configuration.replace("group_by = \"topic\"", "");
    newsroom.write("feeds.toml", configuration);
    build(&newsroom, monday());
    assert_eq!(newsroom.read(mail), sent);
    newsroom.write("news/a.md", item("Corrected", "2024-11-20", "It fell."));
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(1));
    let shown = newsroom.read(mail);
    assert!(
        shown.contains("Corrected") && !shown.contains("Title of b"),
        "{shown}"
    );
    // Its place says so, and leads to the notice; the subject is what was sent.
    assert!(shown.contains("Weekly digest: 2 items"), "{shown}");
    let page = newsroom.read("digests/weekly/2024-W47/index.html");
    assert!(page.contains(">This item was withdrawn</a>"), "{page}");
    let feed = newsroom.feed("digests/weekly/atom.xml");
    assert_eq!(
        feed.entries[0].updated,
        Some(monday() + TimeDelta::hours(1))
    );
}

#[test]
fn what_an_editor_wrote_stays_when_what_it_speaks_of_is_taken_back() {
    let newsroom = newsroom("approval = \"one\"", MAIL);
    for name in ["a", "b"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    let is_b = |(_, seen): &(&String, &Seen)| slug(&seen.url) == "b";
    let b = record.seen.iter().find(is_b).unwrap().0.clone();
    let edits = vec![
        Edit::Subject(Some("All about b".to_owned())),
        Edit::Introduction(Some("Read **b** first.".to_owned())),
        Edit::Headline(Some(b)),
    ];
    let record = act(&newsroom, "ana", |desk| desk.edit(record.clone(), edits)).unwrap();
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    begin_sending(&newsroom, "2024-W47");
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(1));
    let page = newsroom.read("digests/weekly/2024-W47/index.html");
    for part in [
        "All about b",
        "Read <strong>b</strong> first.",
        "Title of a",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let headline = page.find(">This item was withdrawn</a>").unwrap();
    assert!(headline < page.rfind("Title of a").unwrap(), "{page}");
    assert!(!page.contains("Title of b"), "{page}");
    // It came to nothing, and is back: so it stands there again.
    write(&newsroom, "b", "2024-11-20");
    build(&newsroom, monday() + TimeDelta::hours(2));
    let page = newsroom.read("digests/weekly/2024-W47/index.html");
    assert!(
        page.contains("Title of b") && !page.contains("withdrawn"),
        "{page}"
    );
}

/// Lets weeks pass with an item each, and so with an issue each of a digest that is not mailed.
fn pass(newsroom: &Newsroom, numbers: std::ops::Range<i64>) {
    for number in numbers {
        let day = (monday() + weeks(number) - TimeDelta::days(3)).format("%Y-%m-%d");
        write(newsroom, &format!("week-{number}"), &day.to_string());
        build(newsroom, monday() + weeks(number));
    }
}

/// The ids of the entries of a feed and of all archive documents before it, as feed-rs reads them,
/// and the paths of the documents.
fn walk(newsroom: &Newsroom, path: &str) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut paths) = (Vec::new(), vec![path.to_owned()]);
    loop {
        let feed = newsroom.feed(paths.last().unwrap());
        ids.extend(feed.entries.into_iter().map(|entry| entry.id));
        let mut links = feed.links.into_iter();
        let previous = links.find(|link| link.rel.as_deref() == Some("prev-archive"));
        let Some(previous) = previous else {
            return (ids, paths);
        };
        let path = previous.href.strip_prefix("https://news.example.org/");
        paths.push(path.unwrap().to_owned());
    }
}

#[test]
fn whoever_walks_back_through_the_feed_of_issues_finds_every_one_once() {
    let newsroom = newsroom("", "");
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    newsroom.write(
        "feeds.toml",
        configuration.replace("[feeds]", "[feeds]\nlimit = 4"),
    );
    pass(&newsroom, 0..9);
    for format in ["atom.xml", "rss.xml"] {
        let (ids, paths) = walk(&newsroom, &format!("digests/weekly/{format}"));
        assert_eq!(paths.len(), 3, "{paths:?}");
        assert_eq!(ids.len(), 9, "{ids:?}");
        assert!(
            ids.is_sorted_by(|later, earlier| later > earlier),
            "{ids:?}"
        );
    }
    let sealed = "digests/weekly/archive/2/atom.xml";
    let before = newsroom.read(sealed);
    assert!(before.contains("rel=\"current\""), "{before}");
    assert!(newsroom.exists("digests/weekly/archive/2/feed.json"));
    pass(&newsroom, 9..12);
    assert_eq!(newsroom.read(sealed), before, "a sealed document stays");
    let (ids, paths) = walk(&newsroom, "digests/weekly/atom.xml");
    assert_eq!((ids.len(), paths.len()), (12, 5));
    // Who wants no archives has none.
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let configuration = configuration.replace("limit = 4", "limit = 4\narchives = false");
    newsroom.write("feeds.toml", configuration);
    build(&newsroom, monday() + weeks(12));
    let (ids, paths) = walk(&newsroom, "digests/weekly/atom.xml");
    assert_eq!((ids.len(), paths.len()), (4, 1));
    assert!(!newsroom.exists(sealed));
}
