//! Running the real program and measuring it from outside.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
pub struct Measured {
    pub time: Duration,
    /// The most memory that it held at once.
    pub peak_bytes: u64,
    /// Files and bytes that it wrote to the output.
    pub written_files: u64,
    pub written_bytes: u64,
}

/// Runs a program to its end. What it wrote is told by the files' modification times.
pub fn measure(program: &str, arguments: &[&str], folder: &Path) -> Measured {
    let began = std::time::SystemTime::now();
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut peak_bytes = 0;
    // The high-water mark only grows, so that the last look before the end tells nearly all.
    let status = loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        peak_bytes = peak_bytes.max(high_water_mark(child.id()));
        std::thread::sleep(Duration::from_millis(1));
    };
    let time = start.elapsed();
    assert!(status.success(), "{program} {arguments:?}: {status}");
    let (written_files, written_bytes) = written_since(&folder.join("public"), began);
    Measured {
        time,
        peak_bytes,
        written_files,
        written_bytes,
    }
}

fn written_since(folder: &Path, began: std::time::SystemTime) -> (u64, u64) {
    let all = walkdir::WalkDir::new(folder).into_iter();
    // What Tidings remembers for itself is no output.
    let entries = all
        .filter_entry(|entry| entry.file_name() != ".tidings")
        .flatten();
    let files = entries
        .filter_map(|entry| entry.metadata().ok())
        .filter(std::fs::Metadata::is_file);
    let fresh = files.filter(|file| file.modified().is_ok_and(|at| at >= began));
    fresh.fold((0, 0), |(files, bytes), file| {
        (files + 1, bytes + file.len())
    })
}

fn high_water_mark(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

/// A program that runs until it is stopped.
pub struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub fn start(program: &str, arguments: &[&str]) -> Running {
        let mut child = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output is a pipe");
        Running {
            child,
            lines: BufReader::new(output).lines(),
        }
    }

    /// Waits for a line that holds these words.
    pub fn wait_for(&mut self, words: &str) {
        let found = self
            .lines
            .by_ref()
            .flatten()
            .any(|line| line.contains(words));
        assert!(found, "the program ended before it said '{words}'");
    }

    pub fn peak_bytes(&self) -> u64 {
        high_water_mark(self.child.id())
    }

    pub fn stop(mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }
}
