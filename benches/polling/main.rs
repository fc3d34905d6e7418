//! Measures what polling costs: `cargo bench --bench polling`.
//!
//! Answers a second beside nginx, which serves the same files on the same processors in turn;
//! memory with thousands of idle connections; and the bytes of a day's polling by clients that
//! know more and less of HTTP. Needs `wrk`, and `nginx` for the comparison. Nothing is asserted:
//! figures belong to the machine.

mod bill;
mod client;
#[allow(dead_code)] // Shared with the other benchmark, which uses all of it.
#[path = "../newsroom/corpus.rs"]
mod corpus;
mod idle;
mod servers;
mod throughput;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// How many items the newsroom has.
const ITEMS: usize = 2_000;

fn main() {
    let scratch = tempfile::tempdir().expect("a folder for temporary files");
    let newsroom = scratch.path().join("newsroom");
    corpus::write(&newsroom.join("news"), 0, ITEMS);
    let serve = "[serve]\nlog = \"off\"\n[serve.limits]\nconnections = 20000\nheader_timeout = \"10 min\"\n";
    let configuration = corpus::configuration(true) + serve;
    fs::write(newsroom.join("feeds.toml"), configuration).expect("a configuration");
    build(&newsroom);
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |part: &str| {
        let named = wanted.iter().any(|word| word == part);
        named
            || !wanted
                .iter()
                .any(|word| ["throughput", "idle", "bill"].contains(&word.as_str()))
    };
    if is_wanted("throughput") {
        throughput::measure(&newsroom);
    }
    if is_wanted("idle") {
        idle::measure(&newsroom);
    }
    if is_wanted("bill") {
        bill::measure(&newsroom);
    }
}

/// Publishes what has changed.
fn build(newsroom: &Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .arg("-C")
        .arg(newsroom)
        .arg("build")
        .stdout(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(status.success(), "{status}");
}
