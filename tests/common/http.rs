//! HTTP as a test wants it: the real server, and requests as raw bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use super::Newsroom;

/// Long enough for the slowest machine; nothing waits so long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A `tidings` that runs until it is ended, and what it says.
pub struct Running {
    pub child: Child,
    lines: Receiver<String>,
    pub seen: Vec<String>,
}

impl Running {
    /// Starts `tidings` on a newsroom.
    pub fn start(newsroom: &Newsroom, arguments: &[&str]) -> Running {
        Running::start_in(newsroom, arguments, &[])
    }

    /// Starts `tidings` on a newsroom with some environment variables.
    pub fn start_in(
        newsroom: &Newsroom,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Running {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("tidings"))
            .envs(environment.iter().copied())
            .arg("-C")
            .arg(newsroom.root())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        let other = sender.clone();
        std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .for_each(|line| drop(sender.send(line)))
        });
        std::thread::spawn(move || {
            err.lines()
                .map_while(Result::ok)
                .for_each(|line| drop(other.send(line)))
        });
        Running {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// Waits for a line that holds these words, seen already or not, and returns it.
    pub fn wait_for(&mut self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        if let Some(line) = self.seen.iter().find(|line| line.contains(words)) {
            return line.clone();
        }
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("no '{words}' in {:#?}", self.seen));
            self.seen.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Everything that it has said until now.
    pub fn said(&mut self) -> &[String] {
        self.seen.extend(self.lines.try_iter());
        &self.seen
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .arg(name)
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(status.success());
    }

    pub fn end(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server and its address.
pub struct Serving {
    pub running: Running,
    /// `127.0.0.1:8080`
    pub address: String,
}

impl Serving {
    /// Serves what is published of a newsroom.
    pub fn start(newsroom: &Newsroom) -> Serving {
        Serving::with(newsroom, &[])
    }

    pub fn with(newsroom: &Newsroom, arguments: &[&str]) -> Serving {
        Serving::within(newsroom, arguments, &[])
    }

    pub fn within(
        newsroom: &Newsroom,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Serving {
        let arguments = [&["serve", "--address", "127.0.0.1:0"], arguments].concat();
        let mut running = Running::start_in(newsroom, &arguments, environment);
        let line = running.wait_for("Serving at http");
        let address = line.split("://").nth(1).unwrap();
        let address = address.split('/').next().unwrap().to_owned();
        Serving { running, address }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends these bytes and reads all that comes back.
    pub fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that refuses may close before it has read all.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::read(&bytes)
    }

    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        self.raw(request.as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[])
    }

    /// Where a request leads in the end: the address, and the answer there.
    pub fn follow(&self, path: &str) -> (String, Answer) {
        let answer = self.get(path);
        if answer.status != 301 {
            return (path.to_owned(), answer);
        }
        let base = url::Url::parse("http://x/").unwrap().join(path).unwrap();
        let target = base.join(answer.header("location")).unwrap();
        let path = target.as_str().strip_prefix("http://x").unwrap().to_owned();
        let answer = self.get(&path);
        assert_ne!(answer.status, 301, "one redirect is enough: {path}");
        (path, answer)
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request("GET", path, headers)
    }
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn read(bytes: &[u8]) -> Answer {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status = first
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Answer {
            status: status.unwrap_or(0),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: bytes.get(end + 4..).unwrap_or_default().to_vec(),
        }
    }

    /// The value of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
