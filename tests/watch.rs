//! Watching a newsroom with the real program: every way in which files come, change and go.

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use common::http::{PATIENCE, Running};
use common::{CONFIGURATION, Newsroom, item};

/// A `tidings watch` that has published what there is.
fn watch(newsroom: &Newsroom, arguments: &[&str]) -> Running {
    let arguments = [&["watch"], arguments].concat();
    let mut watching = Running::start(newsroom, &arguments);
    watching.wait_for(" feeds: ");
    watching
}

/// Ends it as somebody at a terminal does.
fn interrupt(mut watching: Running) {
    watching.signal("-INT");
    assert!(watching.child.wait().unwrap().success());
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "it never came that {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn titles_are(newsroom: &Newsroom, expected: &[&str]) {
    until(&format!("the feed holds {expected:?}"), || {
        newsroom.exists("atom.xml") && newsroom.titles("atom.xml") == expected
    });
}

#[test]
fn files_that_come_change_move_and_go_are_followed() {
    let newsroom = Newsroom::new();
    let watching = watch(&newsroom, &[]);
    newsroom.item("news/a.md", "Created", "x");
    titles_are(&newsroom, &["Created"]);
    newsroom.item("news/a.md", "Changed", "x");
    titles_are(&newsroom, &["Changed"]);
    let id = newsroom.feed("atom.xml").entries.remove(0).id;
    fs::rename(newsroom.path("news/a.md"), newsroom.path("news/b.md")).unwrap();
    newsroom.write("news/later.md", item("Later", "2024-11-21", "x"));
    titles_are(&newsroom, &["Later", "Changed"]);
    assert_eq!(newsroom.feed("atom.xml").entries.remove(1).id, id);
    newsroom.write(
        "news/b.md.new",
        item("Saved by an editor", "2024-11-20", "x"),
    );
    fs::rename(newsroom.path("news/b.md.new"), newsroom.path("news/b.md")).unwrap();
    titles_are(&newsroom, &["Later", "Saved by an editor"]);
    newsroom.write("elsewhere/c.md", item("Moved in", "2024-11-22", "x"));
    fs::rename(newsroom.path("elsewhere/c.md"), newsroom.path("news/c.md")).unwrap();
    titles_are(&newsroom, &["Moved in", "Later", "Saved by an editor"]);
    fs::remove_file(newsroom.path("news/c.md")).unwrap();
    fs::remove_file(newsroom.path("news/later.md")).unwrap();
    titles_are(&newsroom, &["Saved by an editor"]);
    interrupt(watching);
}

#[test]
fn folders_and_links_are_followed() {
    let newsroom = Newsroom::new();
    let watching = watch(&newsroom, &[]);
    // Files in a folder that was made a moment ago: the kernel never tells of them.
    for k in 0..20 {
        newsroom.write(
            &format!("news/made/{k}/deep/item.md"),
            item(&format!("Item {k}"), "2024-11-20", "x"),
        );
    }
    until("all are there", || {
        newsroom.exists("atom.xml") && newsroom.titles("atom.xml").len() == 20
    });
    newsroom.write(
        "elsewhere/d/e.md",
        item("In a folder moved in", "2024-11-22", "x"),
    );
    fs::rename(newsroom.path("elsewhere/d"), newsroom.path("news/d")).unwrap();
    until("the moved folder is read", || {
        newsroom.titles("atom.xml").len() == 21
    });
    fs::rename(newsroom.path("news/made"), newsroom.path("elsewhere/made")).unwrap();
    titles_are(&newsroom, &["In a folder moved in"]);
    newsroom.write("drafts/linked.md", item("Behind a link", "2024-11-23", "x"));
    symlink(
        newsroom.path("drafts/linked.md"),
        newsroom.path("news/link.md"),
    )
    .unwrap();
    titles_are(&newsroom, &["Behind a link", "In a folder moved in"]);
    fs::remove_file(newsroom.path("news/link.md")).unwrap();
    fs::remove_dir_all(newsroom.path("news/d")).unwrap();
    titles_are(&newsroom, &[]);
    interrupt(watching);
}

#[test]
fn a_burst_is_taken_as_one_batch() {
    let newsroom = Newsroom::new();
    // Longer than a busy machine may take between two files.
    newsroom.write("feeds.toml", CONFIGURATION.replace("50 ms", "3 s"));
    let mut watching = watch(&newsroom, &[]);
    let count = 3_000;
    for k in 0..count {
        newsroom.item(&format!("news/{k}.md"), &format!("Item {k}"), "x");
    }
    let said = watching.wait_for(&format!("{count} items in"));
    assert!(said.contains(&format!("{count} new;")), "{said}");
    interrupt(watching);
}

#[test]
fn a_file_is_not_read_before_it_is_closed() {
    use std::io::Write;
    let newsroom = Newsroom::new();
    let watching = watch(&newsroom, &[]);
    let text = item("Whole", "2024-11-20", "The end.");
    let mut file = fs::File::create(newsroom.path("news/slow.md")).unwrap();
    for part in text.as_bytes().chunks(16) {
        file.write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert!(newsroom.titles("atom.xml").is_empty());
    }
    drop(file);
    titles_are(&newsroom, &["Whole"]);
    assert!(newsroom.read("atom.xml").contains("The end."));
    interrupt(watching);
}

#[test]
fn a_broken_configuration_leaves_the_last_good_one_in_force() {
    let newsroom = Newsroom::new();
    let mut watching = watch(&newsroom, &[]);
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("title = \"Test newsroom\"", "titel = \"Test newsroom\""),
    );
    watching.wait_for("did you mean 'title'?");
    watching.wait_for("stay in force");
    newsroom.item("news/a.md", "Under the old one", "x");
    titles_are(&newsroom, &["Under the old one"]);
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("Test newsroom", "Renamed newsroom"),
    );
    watching.wait_for("changed: publishing with it");
    until("the new name is published", || {
        newsroom
            .read("atom.xml")
            .contains("<title>Renamed newsroom</title>")
    });
    interrupt(watching);
}

#[test]
fn a_template_is_taken_up_and_a_broken_one_refused() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "x");
    fs::create_dir_all(newsroom.path("templates")).unwrap();
    let mut watching = watch(&newsroom, &[]);
    newsroom.write(
        "templates/not_found.html.hbs",
        "<p>Nothing here, says {{site.title}}.</p></html>",
    );
    until("the new template is used", || {
        newsroom
            .read("404.html")
            .contains("Nothing here, says Test newsroom.")
    });
    newsroom.write("templates/not_found.html.hbs", "<p>\n  {{site.titel}}</p>");
    watching.wait_for("templates/not_found.html.hbs:2:");
    assert!(newsroom.read("404.html").contains("Nothing here"));
    interrupt(watching);
}

#[test]
fn an_embargoed_item_is_released_when_its_moment_comes() {
    let newsroom = Newsroom::new();
    let moment = chrono::Utc::now() + chrono::TimeDelta::seconds(2);
    let embargo = format!(
        "embargo = {}\ndate",
        moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    );
    newsroom.write(
        "news/a.md",
        item("Released", "2024-11-20", "x").replace("date", &embargo),
    );
    let watching = watch(&newsroom, &[]);
    if chrono::Utc::now() < moment {
        assert!(newsroom.titles("atom.xml").is_empty());
    }
    titles_are(&newsroom, &["Released"]);
    assert!(chrono::Utc::now() >= moment);
    interrupt(watching);
}

#[test]
fn only_one_process_works_on_a_newsroom() {
    let newsroom = Newsroom::new();
    let watching = watch(&newsroom, &[]);
    let build = newsroom.tidings(&["build"]).assert().code(3);
    assert!(
        common::stderr(&build).contains("another tidings"),
        "{}",
        common::stderr(&build)
    );
    newsroom.item("news/a.md", "Title", "x");
    newsroom.tidings(&["check"]).assert().success();
    interrupt(watching);
    newsroom.build();
}

#[test]
fn scanning_alone_finds_changes_too() {
    let newsroom = Newsroom::new();
    let poll = "[watch]\nmode = \"poll\"\nrescan = \"1 s\"";
    newsroom.write("feeds.toml", CONFIGURATION.replace("[watch]", poll));
    let watching = watch(&newsroom, &[]);
    newsroom.item("news/a.md", "Found by scanning", "x");
    titles_are(&newsroom, &["Found by scanning"]);
    fs::remove_file(newsroom.path("news/a.md")).unwrap();
    titles_are(&newsroom, &[]);
    interrupt(watching);
}

#[test]
fn the_preview_serves_what_is_published() {
    use std::io::{Read, Write};
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Seen in the preview", "x");
    let mut watching = watch(&newsroom, &["--serve", "--port", "0"]);
    let url = watching
        .seen
        .iter()
        .find_map(|line| line.strip_prefix("Preview: http://"))
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let get = |path: &str| {
        let mut stream = std::net::TcpStream::connect(&url).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {url}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(get("/").contains("Seen in the preview"));
    let version = get("/_tidings/version");
    let version = version.rsplit("\r\n").next().unwrap();
    newsroom.item("news/b.md", "Another", "x");
    let next = get(&format!("/_tidings/version?after={version}"));
    assert_ne!(next.rsplit("\r\n").next().unwrap(), version);
    until("the preview shows it", || get("/").contains("Another"));
    watching.signal("-TERM");
    watching.wait_for("Stopped.");
}

#[test]
fn a_folder_that_goes_away_whole_does_not_empty_the_feeds() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "x");
    let mut watching = watch(&newsroom, &[]);
    fs::rename(newsroom.path("news"), newsroom.path("elsewhere")).unwrap();
    watching.wait_for("'news' is not there");
    assert_eq!(newsroom.titles("atom.xml"), ["Title"]);
    interrupt(watching);
}

#[test]
fn what_a_full_or_refusing_disk_kept_back_is_written_once_it_can_be() {
    let newsroom = Newsroom::new();
    let mut watching = watch(&newsroom, &[]);
    fs::remove_file(newsroom.path("public/atom.xml")).unwrap();
    fs::create_dir(newsroom.path("public/atom.xml")).unwrap();
    newsroom.item("news/a.md", "Title", "x");
    watching.wait_for("tried again");
    fs::remove_dir(newsroom.path("public/atom.xml")).unwrap();
    titles_are(&newsroom, &["Title"]);
    until("every feed has it", || {
        newsroom.exists("topic/water/feed.json")
            && newsroom.titles("topic/water/feed.json") == ["Title"]
    });
    interrupt(watching);
}
