//! What the server refuses, with the real program and raw TCP: nothing leaks, nothing stalls, and
//! the log says what was refused.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use common::http::{Answer, PATIENCE, Running, Serving};
use common::{CONFIGURATION, Newsroom};

fn newsroom(limits: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        format!("{CONFIGURATION}\n[serve.limits]\n{limits}"),
    );
    newsroom.item("news/a.md", "First", "x");
    newsroom.build();
    newsroom
}

/// Waits until something holds.
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "it never came that {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How many descriptors a process has open.
fn descriptors(running: &Running) -> usize {
    let folder = format!("/proc/{}/fd", running.child.id());
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn no_path_leads_out_of_the_output() {
    let newsroom = newsroom("");
    newsroom.write("secret.txt", "hunter2");
    newsroom.write("public-secret/a.txt", "hunter2");
    symlink(newsroom.root(), newsroom.path("public/out")).unwrap();
    symlink(newsroom.path("secret.txt"), newsroom.path("public/out.txt")).unwrap();
    symlink(
        newsroom.path("public/style.css"),
        newsroom.path("public/in.css"),
    )
    .unwrap();
    let mut serving = Serving::start(&newsroom);
    for path in [
        "/../secret.txt",
        "/topic/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2fsecret.txt",
        "/..%2fsecret.txt",
        "/.%2e/secret.txt",
        "/%252e%252e/secret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/..%c0%afsecret.txt",
        "/../public-secret/a.txt",
        "/.tidings/manifest",
        "/%2etidings/manifest",
        "/topic/%2e%2e/.tidings/manifest",
        "/out/secret.txt",
        "/out.txt",
        "/atom.xml%00",
        "/atom.xml%00.html",
        "/atom.xml%0d%0aX: y",
        "/%",
        "/%f",
        "/%ff%fe",
        &format!("/{}", "a".repeat(300)),
        &"/a".repeat(1_500),
    ] {
        let answer = serving.get(path);
        assert!(matches!(answer.status, 404 | 400), "{path}: {answer:?}");
        assert!(!answer.text().contains("hunter2"), "{path}");
    }
    // A link that stays inside is a file like any other.
    assert_eq!(serving.get("/in.css").status, 200);
    assert_eq!(
        serving.get("http://elsewhere.example/../secret.txt").status,
        404
    );
    let line = serving.running.wait_for("%252e");
    assert!(line.contains("\" 404 "), "{line}");
}

#[test]
fn a_head_that_is_too_large_is_refused_and_said() {
    let newsroom = newsroom("header_size = \"8 KiB\"\nurl_length = 1000");
    let mut serving = Serving::start(&newsroom);
    let huge = "x".repeat(9_000);
    let answer = serving.get_with("/atom.xml", &[("X-Huge", &huge)]);
    assert_eq!(answer.status, 431);
    serving.running.wait_for("too large a head");
    let many: Vec<(String, &str)> = (0..200).map(|at| (format!("X-{at}"), "y")).collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    assert_eq!(serving.get_with("/atom.xml", &many).status, 431);
    let long = format!("/{}", "y".repeat(1_000));
    assert_eq!(serving.get(&long).status, 414);
    serving.running.wait_for("is too long");
    assert_eq!(serving.get("/atom.xml").status, 200);
}

#[test]
fn what_is_no_request_is_refused_and_said() {
    let newsroom = newsroom("");
    let mut serving = Serving::start(&newsroom);
    for request in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 6\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    ] {
        let answer = serving.raw(request);
        assert_eq!(answer.status, 400, "{}", request.escape_ascii());
    }
    serving.running.wait_for("not HTTP");
    assert_eq!(serving.get("/atom.xml").status, 200);
}

#[test]
fn a_body_that_nobody_wants_is_not_waited_for() {
    let newsroom = newsroom("");
    let serving = Serving::start(&newsroom);
    let request = b"POST /atom.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nabc";
    let mut stream = serving.connect();
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    assert_eq!(Answer::read(&bytes).status, 405);
}

#[test]
fn requests_that_drip_in_are_cut_off_while_others_are_served() {
    let newsroom = newsroom("header_timeout = \"1 s\"");
    let mut serving = Serving::start(&newsroom);
    let before = descriptors(&serving.running);
    let mut slow: Vec<TcpStream> = (0..100).map(|_| serving.connect()).collect();
    for stream in &mut slow {
        stream
            .write_all(b"GET /atom.xml HTTP/1.1\r\nX-Slow: ")
            .unwrap();
    }
    // A byte now and then does not help.
    for _ in 0..5 {
        for stream in &mut slow {
            let _ = stream.write_all(b"y");
        }
        assert_eq!(serving.get("/atom.xml").status, 200);
        std::thread::sleep(Duration::from_millis(100));
    }
    for stream in &mut slow {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
    serving.running.wait_for("no whole request came in time");
    drop(slow);
    until("nothing is left open", || {
        descriptors(&serving.running) <= before
    });
}

#[test]
fn slow_readers_hold_nobody_up_and_are_cut_off() {
    let newsroom = newsroom("transfer_timeout = \"2 s\"");
    newsroom.write("public/media/film.mp4", vec![7; 20_000_000]);
    let mut serving = Serving::start(&newsroom);
    let before = descriptors(&serving.running);
    let slow: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = serving.connect();
            stream
                .write_all(b"GET /media/film.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
                .unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(serving.get("/atom.xml").status, 200);
    }
    let quick = serving.get("/media/film.mp4");
    assert_eq!(quick.body.len(), 20_000_000);
    serving.running.wait_for("did not take its answer in time");
    until("they are cut off", || {
        descriptors(&serving.running) <= before + 1
    });
    drop(slow);
}

#[test]
fn thousands_of_connections_too_many_are_turned_away() {
    let newsroom = newsroom("connections = 20\nheader_timeout = \"60 s\"");
    let mut serving = Serving::start(&newsroom);
    let before = descriptors(&serving.running);
    let mut held: Vec<TcpStream> = (0..20).map(|_| serving.connect()).collect();
    // Those that are in are served.
    held[0]
        .write_all(b"GET /atom.xml HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut start = [0; 15];
    held[0].read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    let mut refused = 0;
    for _ in 0..3_000 {
        let Ok(mut stream) = TcpStream::connect(&serving.address) else {
            continue;
        };
        let mut answer = Vec::new();
        // It may be closed before it is read.
        let _ = stream.read_to_end(&mut answer);
        refused += usize::from(answer.starts_with(b"HTTP/1.1 503"));
    }
    assert!(refused > 2_000, "{refused}");
    serving.running.wait_for("as many connections as may be");
    assert!(descriptors(&serving.running) <= before + 30);
    // The log does not become a flood itself.
    assert!(serving.running.said().len() < 1_500);
    drop(held);
    until("there is room again", || {
        serving.get("/atom.xml").status == 200
    });
    until("nothing is left open", || {
        descriptors(&serving.running) <= before + 5
    });
}

#[test]
fn what_is_being_sent_is_finished_before_the_server_stops() {
    let newsroom = newsroom("");
    newsroom.write("public/media/film.mp4", vec![7; 20_000_000]);
    let mut serving = Serving::start(&newsroom);
    let _idle = serving.connect();
    let mut stream = serving.connect();
    stream
        .write_all(b"GET /media/film.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut start = vec![0; 100];
    stream.read_exact(&mut start).unwrap();
    serving.running.signal("-TERM");
    until("no more connections are taken", || {
        TcpStream::connect(&serving.address).is_err()
    });
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    let answer = Answer::read(&[start, rest].concat());
    assert_eq!(answer.body.len(), 20_000_000);
    serving.running.wait_for("Stopped.");
    assert!(serving.running.child.wait().unwrap().success());
}

#[test]
fn a_client_that_never_ends_does_not_keep_the_server_from_stopping() {
    let newsroom = newsroom("shutdown_timeout = \"500 ms\"");
    newsroom.write("public/media/film.mp4", vec![7; 20_000_000]);
    let mut serving = Serving::start(&newsroom);
    let mut stream = serving.connect();
    stream
        .write_all(b"GET /media/film.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut start = [0; 100];
    stream.read_exact(&mut start).unwrap();
    serving.running.signal("-TERM");
    serving.running.wait_for("did not end in time");
    serving.running.wait_for("Stopped.");
    assert!(serving.running.child.wait().unwrap().success());
}
