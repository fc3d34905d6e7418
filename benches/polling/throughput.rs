//! Answers a second, ours and nginx's in turn.

use std::path::Path;
use std::process::{Command, Stdio};

use super::client::Client;
use super::servers::{self, Server};

/// Turns that each server has; the median counts.
const TURNS: usize = 5;
const SECONDS: &str = "3s";

pub fn measure(newsroom: &Path) {
    let is_there = Command::new("wrk")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if is_there.is_err() {
        println!("wrk is not installed: no answers a second");
        return;
    }
    let ours = servers::tidings(newsroom);
    let nginx = servers::nginx(newsroom);
    println!("Answers a second over 64 connections (wrk -t2 -c64), median of {TURNS} turns");
    println!("{:<44}{:>10}{:>10}{:>8}", "", "tidings", "nginx", "ratio");
    for (what, path, headers) in [
        ("304 by entity tag", "/atom.xml", true),
        ("full answer, feed of 50 to 75 entries", "/atom.xml", false),
        (
            "full answer, small feed",
            "/field-of-work/youth/department/opportunities-for-youth/atom.xml",
            false,
        ),
        ("full answer, style sheet", "/style.css", false),
    ] {
        let mut figures: Vec<[f64; 2]> = Vec::new();
        for _ in 0..TURNS {
            let nginx = nginx
                .as_ref()
                .map_or(f64::NAN, |nginx| wrk(nginx, path, headers));
            figures.push([wrk(&ours, path, headers), nginx]);
        }
        let [ours, nginx] = [0, 1].map(|at| {
            let mut values: Vec<f64> = figures.iter().map(|turn| turn[at]).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        });
        println!("{what:<44}{ours:>10.0}{nginx:>10.0}{:>8.2}", ours / nginx);
    }
}

/// One turn.
fn wrk(server: &Server, path: &str, is_conditional: bool) -> f64 {
    let reply = Client::connect(&server.address).get(path, "");
    assert_eq!(reply.status, 200, "{path}");
    let mut command = Command::new("wrk");
    command.args(["-t2", "-c64", "-d", SECONDS]);
    if is_conditional {
        command
            .arg("-H")
            .arg(format!("If-None-Match: {}", reply.etag));
    }
    let output = command
        .arg(format!("http://{}{path}", server.address))
        .output()
        .expect("wrk runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let bad = text.lines().any(|line| line.contains("Socket errors"));
    assert!(!bad, "{text}");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Requests/sec:"));
    line.and_then(|line| line.trim().parse().ok())
        .expect("a figure")
}
