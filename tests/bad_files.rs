//! Files that cannot be items, dropped beside one that can: each has its own clear error or its
//! clean result, and none harms the other.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use common::disk::SmallDisk;
use common::{CONFIGURATION, Newsroom, item, stderr};

/// Makes one bad thing in a newsroom.
type Make = fn(&Newsroom);

/// What each row makes, and the words that its report must hold.
const REFUSED: &[(&str, Make, &[&str])] = &[
    (
        "an empty file",
        |room| room.write("news/bad.md", ""),
        &["news/bad.md", "the file is empty"],
    ),
    (
        "a file over the limit",
        |room| room.write("news/bad.md", vec![b'x'; 11_000_000]),
        &["news/bad.md", "size_limit"],
    ),
    (
        "a binary file",
        |room| room.write("news/bad.md", [0u8, 159, 146, 150, 0, 1]),
        &["news/bad.md", "not text"],
    ),
    (
        "broken TOML",
        |room| room.write("news/bad.md", "+++\ntitle = \"x\n+++\n"),
        &["news/bad.md:2:"],
    ),
    (
        "broken YAML",
        |room| room.write("news/bad.md", "---\ntitle: New funding: round 2\n---\nx"),
        &["news/bad.md", "quotes"],
    ),
    (
        "broken JSON",
        |room| room.write("news/bad.json", "{\"title\": \"x\",}"),
        &["news/bad.json:1:"],
    ),
    (
        "an impossible date",
        |room| room.write("news/bad.md", item("X", "\"31 February 2024\"", "x")),
        &["news/bad.md:3:"],
    ),
    (
        "a slug that climbs",
        |room| {
            room.write(
                "news/bad.md",
                item("X", "2024-11-20", "x").replace("date", "slug = \"../../etc\"\ndate"),
            )
        },
        &["news/bad.md", "slug"],
    ),
    (
        "no title at all",
        |room| room.write("news/bad.md", "+++\ndate = 2024-11-20\n+++\n\nJust text.\n"),
        &["news/bad.md", "title"],
    ),
    (
        "a named pipe",
        |room| {
            assert!(
                Command::new("mkfifo")
                    .arg(room.path("news/bad.md"))
                    .status()
                    .unwrap()
                    .success()
            )
        },
        &["news/bad.md", "pipe"],
    ),
    (
        "a link round and round",
        |room| symlink(room.path("news"), room.path("news/loop")).unwrap(),
        &["news/loop", "round and round"],
    ),
    (
        "a link to the output",
        |room| symlink(room.path("public"), room.path("news/out")).unwrap(),
        &["news/out", "leads to the output"],
    ),
    (
        "a link to the newsroom itself",
        |room| symlink("..", room.path("news/up")).unwrap(),
        &["news/up", "round and round"],
    ),
    (
        "a link out of the newsroom",
        |room| symlink("/etc/passwd", room.path("news/bad.txt")).unwrap(),
        &["news/bad.txt", "out of the newsroom"],
    ),
    (
        "a link to nowhere",
        |room| symlink(room.path("nowhere.md"), room.path("news/bad.md")).unwrap(),
        &["news/bad.md", "cannot be looked at"],
    ),
    (
        "a name with a line break",
        |room| room.write("news/two\nlines.md", item("X", "2024-11-20", "x")),
        &["control character"],
    ),
    (
        "a name that is not UTF-8",
        |room| {
            fs::write(
                room.path("news").join(OsStr::from_bytes(b"caf\xe9.md")),
                item("X", "2024-11-20", "x"),
            )
            .unwrap()
        },
        &["not valid UTF-8"],
    ),
];

fn newsroom_with_one_good_item() -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.item("news/good.md", "Good", "The good text.");
    newsroom.build();
    newsroom
}

#[test]
fn each_bad_file_is_told_of_and_harms_nothing() {
    for (name, make, words) in REFUSED {
        let newsroom = newsroom_with_one_good_item();
        let before = newsroom.output();
        make(&newsroom);
        let built = newsroom.tidings(&["build"]).assert().code(1);
        let told = stderr(&built);
        for word in *words {
            assert!(told.contains(word), "{name}: no '{word}' in\n{told}");
        }
        assert!(told.contains("help:"), "{name}: no mend in\n{told}");
        assert!(!told.contains("panicked"), "{name}: {told}");
        assert_eq!(newsroom.output(), before, "{name}");
    }
}

#[test]
fn all_bad_files_at_once_are_all_told_of() {
    let newsroom = newsroom_with_one_good_item();
    let before = newsroom.output();
    newsroom.write("news/empty.md", "");
    newsroom.write("news/binary.md", [0u8, 1, 2, 3]);
    newsroom.write("news/broken.json", "{");
    newsroom.write("news/date.md", item("X", "\"31 February 2024\"", "x"));
    symlink(newsroom.path("nowhere"), newsroom.path("news/dangling.md")).unwrap();
    let told = stderr(&newsroom.tidings(&["build"]).assert().code(1));
    for file in [
        "empty.md",
        "binary.md",
        "broken.json",
        "date.md",
        "dangling.md",
    ] {
        assert!(told.contains(file), "no {file} in\n{told}");
    }
    assert_eq!(newsroom.output(), before);
}

#[test]
fn a_large_file_is_published_when_the_limit_allows_it() {
    let newsroom = Newsroom::new();
    newsroom.item("news/large.md", "Large", &"Many words. ".repeat(200_000));
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace(
            "folders = [\"news\"]",
            "folders = [\"news\"]\nsize_limit = \"1 MB\"",
        ),
    );
    newsroom.tidings(&["build"]).assert().code(1);
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace(
            "folders = [\"news\"]",
            "folders = [\"news\"]\nsize_limit = \"3 MB\"",
        ),
    );
    newsroom.build();
    assert_eq!(newsroom.titles("atom.xml"), ["Large"]);
}

#[test]
fn an_unreadable_file_keeps_its_last_good_version() {
    use std::os::unix::fs::PermissionsExt;
    let newsroom = newsroom_with_one_good_item();
    let before = newsroom.bytes();
    let path = newsroom.path("news/good.md");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser can read it all the same; then there is nothing to report.
    let expected = if fs::read(&path).is_ok() { 0 } else { 1 };
    newsroom.tidings(&["build"]).assert().code(expected);
    assert_eq!(newsroom.bytes(), before);
}

#[test]
fn hostile_content_comes_out_clean() {
    let newsroom = Newsroom::new();
    let nested = "<div>".repeat(10_000);
    let quoted = "> ".repeat(10_000);
    newsroom.write(
        "news/hostile.md",
        format!(
            "+++\ntitle = \"]]> <b>&amp;\\u0001 \\\"quoted\\\"\"\ndate = 2024-11-20\n+++\n\n\
             Text ]]> more\u{1}.\n\n<script>alert(1)</script><p onclick=\"steal()\">x</p>\n\n\
             [a](javascript:alert(1)) [b](data:text/html,x) <a href=\"jAvAsCrIpT:x\">c</a>\n\n{nested}\n\n{quoted}deep\n"
        ),
    );
    newsroom.write("news/undated.md", "# Undated\n\nNo date at all.\n");
    let told = stderr(&newsroom.tidings(&["build"]).assert().success());
    assert!(
        told.contains("news/undated.md") && told.contains("no date"),
        "{told}"
    );
    for file in ["rss.xml", "atom.xml", "feed.json"] {
        assert_eq!(newsroom.titles(file).len(), 2, "{file}");
    }
    for (path, bytes) in newsroom.bytes() {
        // The one file that is no text, and has nothing of any item in it.
        if path == "favicon.ico" {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap().to_lowercase();
        for bad in ["alert(1)", "onclick", "javascript:", "data:text", "\u{1}"] {
            assert!(!text.contains(bad), "{bad:?} in {path}");
        }
    }
}

#[test]
fn a_full_disk_leaves_whole_files_and_the_next_build_completes_them() {
    let newsroom = Newsroom::new();
    for k in 0..40 {
        newsroom.item(
            &format!("news/{k}.md"),
            &format!("Title {k}"),
            &"Some text. ".repeat(200),
        );
    }
    let Some(disk) = SmallDisk::mount(&newsroom.path("public"), "600k") else {
        return;
    };
    let told = stderr(&newsroom.tidings(&["build"]).assert().code(3));
    assert!(told.contains("No space left"), "{told}");
    for (path, bytes) in newsroom.bytes() {
        let text = String::from_utf8_lossy(&bytes);
        let whole = !path.ends_with(".html") || text.trim_end().ends_with("</html>");
        assert!(whole && !text.is_empty(), "{path} is cut short");
    }
    disk.resize("50m");
    newsroom.build();
    assert_eq!(newsroom.titles("atom.xml").len(), 40);
    drop(disk);
}
