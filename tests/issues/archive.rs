//! What readers see of issues that were sent.

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
}
