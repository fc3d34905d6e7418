//! The evaluation set (`tests/evaluation`), read with the sample's configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidings::config::{self, Config};
use tidings::diagnostic::Problem;
use tidings::item::{Format, Reader, Reading};
use url::Url;

/// What an item leaves unsaid on purpose, as `truth.toml` has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    pub date: Option<String>,
    pub issuer: Option<String>,
    #[serde(default)]
    pub fields: Vec<String>,
}

/// One file of the set.
pub struct Judged {
    pub name: String,
    pub reading: Result<Reading, Vec<Problem>>,
    pub truth: Truth,
}

fn path(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
}

/// The sample newsroom's configuration.
pub fn sample() -> Config {
    let source = fs::read_to_string(path("feeds.toml")).unwrap();
    config::read(&source, Path::new("feeds.toml")).unwrap().0
}

/// The whole set in the order of its names, and the names in `truth.toml` that no item has.
pub fn set(config: &Config) -> (Vec<Judged>, Vec<String>) {
    let truths = fs::read_to_string(path("tests/evaluation/truth.toml")).unwrap();
    let mut truths: BTreeMap<String, Truth> = toml::from_str(&truths).unwrap();
    let reader = Reader::new(config.into());
    let site = Url::parse("https://news.example.org/").unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(path("tests/evaluation/items"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        Judged {
            reading: reader.read(&fs::read(file).unwrap(), Format::Text, &site),
            truth: truths.remove(&name).unwrap_or_default(),
            name,
        }
    };
    let set = files.iter().map(read).collect();
    (set, truths.into_keys().collect())
}
