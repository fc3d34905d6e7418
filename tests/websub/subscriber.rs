//! A subscriber to the hub, which records what it gets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::common::http::PATIENCE;

/// A request that a subscriber got.
#[derive(Debug)]
pub struct Got {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Got {
    pub fn parameter(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }
}

/// How a subscriber answers, by what it got: an answer's status line, more headers, and body.
pub type Manners = fn(&Got) -> (&'static str, &'static str, String);

/// Confirms what it is asked and takes what it is given.
pub fn polite(got: &Got) -> (&'static str, &'static str, String) {
    ("200 OK", "", got.parameter("hub.challenge").to_owned())
}

pub struct Subscriber {
    pub address: String,
    got: Receiver<Got>,
}

impl Subscriber {
    pub fn start(manners: Manners) -> Subscriber {
        Subscriber::at("127.0.0.1", manners)
    }

    pub fn at(host: &str, manners: Manners) -> Subscriber {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, got) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                std::thread::spawn(move || answer(stream.unwrap(), manners, &sender));
            }
        });
        Subscriber { address, got }
    }

    /// A callback of its own, with a query that must be kept.
    pub fn callback(&self) -> String {
        format!("http://{}/cb?own=%20x", self.address)
    }

    pub fn next(&self) -> Got {
        self.got.recv_timeout(PATIENCE).expect("the hub calls")
    }

    pub fn verification(&self, mode: &str) -> Got {
        let got = self.next();
        assert_eq!(
            (&*got.method, got.parameter("hub.mode")),
            ("GET", mode),
            "{got:?}"
        );
        got
    }

    pub fn delivery(&self) -> Got {
        let got = self.next();
        assert_eq!(got.method, "POST", "{got:?}");
        got
    }

    pub fn hears_nothing_for(&self, time: Duration) {
        if let Ok(got) = self.got.recv_timeout(time) {
            panic!("{got:?}");
        }
    }
}

fn answer(stream: TcpStream, manners: Manners, sender: &Sender<Got>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split(' ');
    let (method, target) = (
        words.next().unwrap().to_owned(),
        words.next().unwrap().to_owned(),
    );
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut got = Got {
        method,
        path: path.to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers,
        body: Vec::new(),
    };
    let length = got.header("content-length").parse().unwrap_or(0);
    got.body = vec![0; length];
    reader.read_exact(&mut got.body).unwrap();
    let (status, more, body) = manners(&got);
    let length = body.len();
    let _ = sender.send(got);
    let head =
        format!("HTTP/1.1 {status}\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n");
    let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
}
