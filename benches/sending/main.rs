//! An issue to 100,000 subscribers with 500 distinct sets of choices, sent by the real program to
//! postfix's `smtp-sink`; beside it `smtp-source`, which does nothing but push messages of the
//! same size to the same sink over the same number of connections.
//!
//! `cargo bench --bench sending`. `TIDINGS_BENCH_SUBSCRIBERS`, `TIDINGS_BENCH_CHOICES` and
//! `TIDINGS_BENCH_SESSIONS` change the numbers. Needs postfix (`smtp-sink`, `smtp-source`).

mod process;
mod town;

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use process::{Measured, measure};
use town::Town;

/// The goals of the project.
const RATE_GOAL: f64 = 0.7;
const MEMORY_GOAL: u64 = 100_000_000;

fn main() {
    // `cargo test --benches` runs this too, with other arguments.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (Some(sink), Some(source)) = (find("smtp-sink"), find("smtp-source")) else {
        println!("Not measured: smtp-sink and smtp-source of postfix are not installed.");
        return;
    };
    let subscribers = number("TIDINGS_BENCH_SUBSCRIBERS", 100_000);
    let choices = number("TIDINGS_BENCH_CHOICES", 500);
    let sessions = number("TIDINGS_BENCH_SESSIONS", 8);
    let town = Town::found(subscribers, choices, sessions);
    town.tidings(&["build"], "smtp://127.0.0.1:1");
    let ledger_before = town.ledger_size();
    let idle = measure(town.command(&["send", "status"], "smtp://127.0.0.1:1"));

    let size = town.message_size();
    let port = free_port();
    let running = start_sink(&sink, port);
    let ours = measure(town.command(&["send"], &format!("smtp://127.0.0.1:{port}")));
    stop(running);
    let sent = town.sent();
    let ledger_after = town.ledger_size();

    let port = free_port();
    let running = start_sink(&sink, port);
    let began = Instant::now();
    let status = Command::new(&source)
        .args(["-s", &sessions.to_string()])
        .args(["-m", &subscribers.to_string()])
        .args(["-l", &size.to_string()])
        .args(["-f", "news@example.org", "-t", "reader@example.net"])
        .arg(format!("inet:127.0.0.1:{port}"))
        .status();
    let theirs = began.elapsed();
    stop(running);

    print(subscribers, choices, sessions, size, &idle, &ours, sent);
    println!(
        "ledger: {:.1} MB before, {:.1} MB after: {:.0} bytes a delivery",
        ledger_before as f64 / 1e6,
        ledger_after as f64 / 1e6,
        (ledger_after.saturating_sub(ledger_before)) as f64 / subscribers as f64
    );
    match status {
        Ok(status) if status.success() => {
            let rate = |time: Duration| subscribers as f64 / time.as_secs_f64();
            let share = rate(ours.took) / rate(theirs);
            println!(
                "smtp-source: {:.1} s, {:.0} messages/s; tidings has {share:.2} of that (goal: at least {RATE_GOAL}): {}",
                theirs.as_secs_f64(),
                rate(theirs),
                verdict(share >= RATE_GOAL)
            );
        }
        other => println!("smtp-source failed: {other:?}"),
    }
}

fn print(
    subscribers: usize,
    choices: usize,
    sessions: usize,
    size: usize,
    idle: &Measured,
    ours: &Measured,
    sent: u64,
) {
    println!(
        "{subscribers} subscribers, {choices} sets of choices, {sessions} connections, {size} bytes a message"
    );
    println!(
        "tidings send: {sent} sent in {:.1} s, {:.0} messages/s (processor: {:.1} s)",
        ours.took.as_secs_f64(),
        sent as f64 / ours.took.as_secs_f64(),
        ours.processor.as_secs_f64()
    );
    let over = ours.peak.saturating_sub(idle.peak);
    println!(
        "memory: {:.1} MB at the most, {:.1} MB idle: {:.1} MB over it (goal: at most {:.0} MB): {}",
        ours.peak as f64 / 1e6,
        idle.peak as f64 / 1e6,
        over as f64 / 1e6,
        MEMORY_GOAL as f64 / 1e6,
        verdict(over <= MEMORY_GOAL)
    );
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

fn number(variable: &str, otherwise: usize) -> usize {
    let stated = std::env::var(variable).ok();
    stated.map_or(otherwise, |text| text.parse().expect("a number"))
}

fn find(program: &str) -> Option<String> {
    ["/usr/sbin", "/usr/bin", "/usr/libexec/postfix"]
        .iter()
        .map(|folder| format!("{folder}/{program}"))
        .find(|path| Path::new(path).exists())
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

/// A sink that is ready.
fn start_sink(program: &str, port: u16) -> Child {
    let mut command = Command::new(program);
    // It refuses to run as root unless told whom to run as.
    if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        command.args(["-u", "nobody"]);
    }
    command.args([&format!("inet:127.0.0.1:{port}"), "1024"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().expect("smtp-sink starts");
    let limit = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < limit, "smtp-sink does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

fn stop(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}
