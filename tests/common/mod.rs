//! Newsrooms for tests: made in a temporary folder, worked on with the real program.
#![allow(dead_code)] // Each test binary uses a part.

pub mod certificates;
pub mod disk;
pub mod dns;
pub mod evaluation;
pub mod http;
pub mod listmonk;
pub mod mail;
pub mod relay;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use assert_cmd::Command;
use feed_rs::model::Feed;

pub const CONFIGURATION: &str = r#"
[site]
title = "Test newsroom"
description = "News for tests."
base_url = "https://news.example.org/"
tag_authority = "news.example.org,2024"
language = "en"
timezone = "Europe/Vienna"
contact = "press@example.org"

[items]
folders = ["news"]

[watch]
debounce = "50 ms"

[facet.topic]
name = "Topic"
plural = "Topics"
inherit = true
terms = [
  { name = "Energy", keywords = ["power plant"] },
  { name = "Water", keywords = ["river"] },
  { name = "Rivers", parent = "water" },
]

[facet.department]
name = "Department"
plural = "Departments"
labels = ["Issued by"]
issues = true
terms = [{ name = "Press office" }, { name = "Research" }]

[feeds]
pairs = [["topic", "department"]]

[[feed]]
slug = "wet-news"
title = "Wet news"
select = "topic:water and not department:research"

[[digest]]
slug = "weekly"
title = "Weekly digest"
schedule = "Mon 09:00"
period = "week"
select = "all"
group_by = "topic"
"#;

pub struct Newsroom {
    folder: tempfile::TempDir,
}

impl Newsroom {
    pub fn new() -> Newsroom {
        let newsroom = Newsroom {
            folder: tempfile::tempdir().unwrap(),
        };
        newsroom.write("feeds.toml", CONFIGURATION);
        fs::create_dir_all(newsroom.path("news")).unwrap();
        newsroom
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// An item on water by the press office.
    pub fn item(&self, path: &str, title: &str, body: &str) {
        self.write(path, item(title, "2024-11-20", body));
    }

    pub fn tidings(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("tidings").unwrap();
        command.arg("-C").arg(self.root()).args(arguments);
        command
    }

    pub fn build(&self) {
        self.tidings(&["build"]).assert().success();
    }

    /// Takes away all that is derived, and builds again from the items and the ledger.
    pub fn build_anew(&self) {
        fs::remove_dir_all(self.path("public")).unwrap();
        for derived in ["catalog", "contents-0"] {
            fs::remove_file(self.path(".tidings").join(derived)).unwrap();
        }
        self.build();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path("public").join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn exists(&self, path: &str) -> bool {
        self.path("public").join(path).exists()
    }

    pub fn feed(&self, path: &str) -> Feed {
        feed_rs::parser::parse(self.read(path).as_bytes())
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The titles of a feed's entries, in order.
    pub fn titles(&self, path: &str) -> Vec<String> {
        let entries = self.feed(path).entries;
        entries
            .into_iter()
            .map(|entry| entry.title.map_or(String::new(), |title| title.content))
            .collect()
    }

    /// Every generated file with its bytes and modification time.
    pub fn output(&self) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let public = self.path("public");
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(&public) {
            // There may be none yet, or one may go while we look.
            let Ok(entry) = entry else { continue };
            let name = entry
                .path()
                .strip_prefix(&public)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if entry.file_type().is_file() && !name.starts_with(".tidings") {
                let modified = entry.metadata().unwrap().modified().unwrap();
                files.insert(name, (fs::read(entry.path()).unwrap(), modified));
            }
        }
        files
    }

    pub fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        self.output()
            .into_iter()
            .map(|(path, (bytes, _))| (path, bytes))
            .collect()
    }
}

pub fn item(title: &str, date: &str, body: &str) -> String {
    format!(
        "+++\ntitle = \"{title}\"\ndate = {date}\ntopic = [\"Water\"]\nissued_by = \"Press office\"\n+++\n\n{body}\n"
    )
}

/// The sample newsroom of this checkout, copied.
pub fn sample() -> Newsroom {
    let newsroom = Newsroom::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for from in ["feeds.toml", "news", "templates"] {
        for entry in walkdir::WalkDir::new(root.join(from)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(root).unwrap().to_str().unwrap();
                newsroom.write(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    newsroom
}

/// What went to standard error, as text.
/// The smallest head of a PNG of 640 by 480 pixels.
pub fn png() -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
        &640u32.to_be_bytes(),
        &480u32.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat()
}

/// A newsroom whose weekly digest has an issue for 2024-W47 of one item with a picture.
pub fn with_pictured_issue(configuration: &str, title: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write("feeds.toml", configuration);
    newsroom.write("news/river.png", png());
    newsroom.write(
        "news/river.md",
        format!(
            "---\ntitle: {title}\ndate: 2024-11-20\nimage: {{ url: river.png, alt: The river }}\n---\nThe river rose.\n"
        ),
    );
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    newsroom
}

pub fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// What went to standard output, as text.
pub fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// Asserts that Python's feedparser reads these feeds without a complaint; where it is not
/// installed, says so.
pub fn assert_feedparser_is_content(newsroom: &Newsroom, paths: &[&str]) {
    let check = "import sys, feedparser\n\
                 bad = [p + ': ' + repr(d.bozo_exception) for p in sys.argv[1:] \
                 for d in [feedparser.parse(p)] if d.bozo]\n\
                 print('\\n'.join(bad)); sys.exit(bool(bad))";
    let python = |arguments: &[&str]| {
        std::process::Command::new("python3")
            .args(arguments)
            .output()
    };
    if !python(&["-c", "import feedparser"]).is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "CI installs feedparser");
        eprintln!("no feedparser here: nothing tested");
        return;
    }
    let paths: Vec<PathBuf> = paths
        .iter()
        .map(|path| newsroom.path("public").join(path))
        .collect();
    let mut arguments = vec!["-c", check];
    arguments.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let output = python(&arguments).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
