//! The aggregator's bill: the bytes of one day's polling.
//!
//! The day is a simulated one, of 96 rounds 15 minutes apart; what is published and what goes over
//! the wire is real.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::client::Client;
use super::{build, corpus, servers};

const FEEDS: usize = 100;
const ROUNDS: usize = 96;
const PUBLISHES: usize = 20;

/// What a client knows of HTTP.
struct Poller {
    name: &'static str,
    headers: &'static str,
    is_conditional: bool,
    connection: Client,
    tags: HashMap<String, String>,
    bytes: u64,
    statuses: HashMap<u16, u64>,
}

impl Poller {
    fn poll(&mut self, path: &str) {
        let condition = match self.tags.get(path) {
            Some(tag) if self.is_conditional => format!("If-None-Match: {tag}\r\n"),
            _ => String::new(),
        };
        let headers = format!("{}{condition}", self.headers);
        let reply = self.connection.get(path, &headers);
        self.bytes += reply.bytes;
        *self.statuses.entry(reply.status).or_default() += 1;
        self.tags.insert(path.to_owned(), reply.etag);
    }
}

pub fn measure(newsroom: &Path) {
    let server = servers::tidings(newsroom);
    let feeds = feeds(newsroom);
    let plain = "";
    let gzip = "Accept-Encoding: gzip\r\n";
    let delta = "Accept-Encoding: gzip\r\nA-IM: feed\r\n";
    let mut pollers: Vec<Poller> = [
        ("unconditional, uncompressed", plain, false),
        ("unconditional, gzip", gzip, false),
        ("entity tags, uncompressed", plain, true),
        ("entity tags, gzip", gzip, true),
        ("entity tags, gzip, deltas", delta, true),
    ]
    .into_iter()
    .map(|(name, headers, is_conditional)| Poller {
        name,
        headers,
        is_conditional,
        connection: Client::connect(&server.address),
        tags: HashMap::new(),
        bytes: 0,
        statuses: HashMap::new(),
    })
    .collect();
    // Whoever polls has polled yesterday: the first answers are not of this day.
    for poller in &mut pollers {
        feeds.iter().for_each(|feed| poller.poll(feed));
        poller.bytes = 0;
        poller.statuses.clear();
    }
    let mut published = 0;
    let mut touched = 0;
    for round in 0..ROUNDS {
        while published * ROUNDS < (round + 1) * PUBLISHES {
            let (text, _, into) = corpus::dropped(published);
            let into: HashSet<String> = into.into_iter().map(|path| format!("/{path}")).collect();
            touched += feeds.iter().filter(|feed| into.contains(*feed)).count();
            let file = newsroom.join(format!("news/dropped-{published}.md"));
            fs::write(file, text).expect("an item");
            build(newsroom);
            published += 1;
        }
        for poller in &mut pollers {
            feeds.iter().for_each(|feed| poller.poll(feed));
        }
    }
    println!(
        "\nThe aggregator's bill: {} feeds every 15 minutes for a day, {published} publishes that touch {touched} of them",
        feeds.len()
    );
    println!(
        "{:<32}{:>12}{:>8}{:>8}{:>8}{:>22}{:>22}",
        "", "bytes", "200", "226", "304", "of the same, always", "of uncompressed"
    );
    let bytes: Vec<u64> = pollers.iter().map(|poller| poller.bytes).collect();
    for poller in &pollers {
        let same = if poller.headers.is_empty() {
            bytes[0]
        } else {
            bytes[1]
        };
        let count = |status| poller.statuses.get(&status).copied().unwrap_or(0);
        println!(
            "{:<32}{:>9.2} MB{:>8}{:>8}{:>8}{:>20.2} %{:>20.2} %",
            poller.name,
            poller.bytes as f64 / 1e6,
            count(200),
            count(226),
            count(304),
            poller.bytes as f64 * 100.0 / same as f64,
            poller.bytes as f64 * 100.0 / bytes[0] as f64,
        );
    }
}

/// The addresses of a hundred feeds in Atom: everything, each topic, and pairs of topics.
fn feeds(newsroom: &Path) -> Vec<String> {
    let public = newsroom.join("public");
    let all = walkdir::WalkDir::new(&public)
        .sort_by_file_name()
        .into_iter();
    let files = all
        .flatten()
        .filter(|entry| entry.file_name() == "atom.xml");
    let paths = files.filter_map(|entry| {
        let path = entry.path().strip_prefix(&public).ok()?.to_str()?;
        Some(format!("/{path}"))
    });
    let mut feeds: Vec<String> = paths
        .filter(|path| !path.contains("/archive/") && !path.contains("/digests/"))
        .collect();
    // Single topics first, as most readers choose them.
    feeds.sort_by_key(|path| path.matches('/').count());
    feeds.truncate(FEEDS);
    feeds
}
