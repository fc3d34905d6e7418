//! Measures the real program on newsrooms of growing size and prints the figures.
//!
//! `cargo bench --bench newsroom` measures 1,000, 10,000 and 100,000 items; `-- 2000` measures
//! that many only. Where `hugo` is installed, it does the same work in turn, for a ratio within
//! one run. Nothing is asserted: times belong to the machine.

mod corpus;
mod hugo;
mod process;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use process::{Measured, Running, measure};

/// How often a file is dropped to see how long it takes to be visible.
const DROPS: usize = 15;

fn main() {
    let sizes: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![1_000, 10_000, 100_000]
    } else {
        sizes
    };
    let scratch = tempfile::tempdir().expect("a folder for temporary files");
    println!("Times in seconds, memory at its peak. Items of some 3 kB, Markdown with TOML.\n");

    // Nothing is removed before the end: file systems look for room among what was just removed,
    // which takes longer than all that is measured here.
    println!("Feeds alone: RSS and Atom of all items and of 53 topics, full text, 50 newest");
    header();
    for items in &sizes {
        let newsroom = newsroom(scratch.path(), *items, false);
        let ours = cold(&newsroom, *items);
        hugo::compare(
            &scratch.path().join(format!("hugo-{items}")),
            *items,
            || cold_again(&newsroom),
            ours,
        );
    }

    println!("\nEverything: pages, pairs of topics, RSS, Atom and JSON Feed, full text, 50 newest");
    header();
    for items in &sizes {
        let newsroom = newsroom(scratch.path(), *items, true);
        whole(&newsroom, *items);
    }
}

/// A newsroom of so many items, with pages, pairs and all formats, or with feeds alone.
fn newsroom(scratch: &Path, items: usize, whole: bool) -> PathBuf {
    let kind = if whole { "whole" } else { "feeds" };
    let folder = scratch.join(format!("{kind}-{items}"));
    corpus::write(&folder.join("news"), 0, items);
    fs::write(folder.join("feeds.toml"), corpus::configuration(whole)).expect("a configuration");
    folder
}

fn header() {
    println!(
        "{:>9}  {:<28}{:>9}{:>12}{:>10}{:>12}",
        "items", "run", "time", "memory", "files", "bytes"
    );
}

fn row(items: usize, run: &str, measured: &Measured) {
    let memory = format!("{:.0} MB", measured.peak_bytes as f64 / 1e6);
    let bytes = format!("{:.1} MB", measured.written_bytes as f64 / 1e6);
    println!(
        "{items:>9}  {run:<28}{:>9.3}{memory:>12}{:>10}{bytes:>12}",
        measured.time.as_secs_f64(),
        measured.written_files
    );
}

fn tidings(newsroom: &Path) -> Measured {
    measure(
        env!("CARGO_BIN_EXE_tidings"),
        &["-C", &newsroom.to_string_lossy(), "build"],
        newsroom,
    )
}

fn cold(newsroom: &Path, items: usize) -> Measured {
    let cold = tidings(newsroom);
    row(items, "cold build", &cold);
    cold
}

/// A cold build once more, after everything that Tidings made is put aside.
fn cold_again(newsroom: &Path) -> Measured {
    for made in ["public", ".tidings"] {
        put_aside(newsroom, made);
    }
    tidings(newsroom)
}

/// Gives what was made in a folder another name.
fn put_aside(folder: &Path, made: &str) {
    let mut names = (0..).map(|number| folder.join(format!("aside-{number}")));
    let free = names.find(|name| !name.exists()).expect("no end of names");
    fs::rename(folder.join(made), free).expect("a folder of ours");
}

fn whole(newsroom: &Path, items: usize) {
    let cold = cold(newsroom, items);
    row(items, "nothing changed", &tidings(newsroom));
    corpus::write(&newsroom.join("news"), items, 1);
    row(items, "one file more", &tidings(newsroom));
    drops(newsroom, items);
    let per_item = (cold.peak_bytes as f64 - 50e6) / items as f64;
    println!(
        "{:>9}  memory above 50 MB: {:.0} bytes an item",
        "",
        per_item.max(0.0)
    );
}

/// Drops files into a watched newsroom and waits until each stands in all of its feeds.
fn drops(newsroom: &Path, items: usize) {
    let mut running = Running::start(
        env!("CARGO_BIN_EXE_tidings"),
        &["-C", &newsroom.to_string_lossy(), "watch"],
    );
    running.wait_for("items in");
    let mut waits: Vec<Duration> = (0..DROPS).map(|drop| one_drop(newsroom, drop)).collect();
    let peak = running.peak_bytes();
    running.stop();
    waits.sort();
    let beyond = |wait: Duration| wait.saturating_sub(corpus::DEBOUNCE).as_secs_f64() * 1e3;
    println!(
        "{:>9}  dropped file visible in all feeds, beyond the debounce of {} ms: median {:.0} ms, slowest {:.0} ms; watching takes {:.0} MB",
        items,
        corpus::DEBOUNCE.as_millis(),
        beyond(waits[waits.len() / 2]),
        beyond(waits[waits.len() - 1]),
        peak as f64 / 1e6,
    );
}

fn one_drop(newsroom: &Path, drop: usize) -> Duration {
    // Each lands among other topics, so that none finds the entries of the one before it ready.
    let (text, mark, feeds) = corpus::dropped(drop);
    let paths: Vec<PathBuf> = feeds
        .iter()
        .map(|feed| newsroom.join("public").join(feed))
        .collect();
    fs::write(newsroom.join(format!("news/dropped-{drop}.md")), text).expect("the item");
    let closed = Instant::now();
    let visible = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|feed| feed.contains(&mark));
    while !paths.iter().all(visible) {
        assert!(
            closed.elapsed() < Duration::from_secs(60),
            "{} does not appear",
            mark
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    let wait = closed.elapsed();
    // Let the rest of the batch go through, so that drops do not run into each other.
    std::thread::sleep(Duration::from_millis(300));
    wait
}
