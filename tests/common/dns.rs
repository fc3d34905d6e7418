//! A name server on loopback, over UDP and TCP, that answers as it is told.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};

const A: u16 = 1;
const PTR: u16 = 12;
const MX: u16 = 15;
const TXT: u16 = 16;
const AAAA: u16 = 28;

/// What is said of a name.
#[derive(Clone)]
pub enum Says {
    /// Records: types and values, as a zone file has them.
    Records(Vec<(&'static str, String)>),
    /// The same, but only over TCP: over UDP they do not fit.
    TooLong(Vec<(&'static str, String)>),
    /// An error, by its number (RFC 1035, section 4.1.1).
    Error(u8),
    /// Nothing at all.
    Silence,
}

/// Names that it does not know do not exist.
pub struct NameServer {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// Knows these names, which are in small letters.
    pub fn start(names: Vec<(&str, Says)>) -> NameServer {
        let names = names
            .into_iter()
            .map(|(name, says)| (name.to_owned(), says));
        let names: Arc<HashMap<String, Says>> = Arc::new(names.collect());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        // A port that is free for both.
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
                break (udp, tcp);
            }
        };
        let address = udp.local_addr().unwrap();
        let (known, log) = (Arc::clone(&names), Arc::clone(&asked));
        std::thread::spawn(move || {
            let mut packet = [0; 4096];
            while let Ok((length, from)) = udp.recv_from(&mut packet) {
                if let Some(answer) = answer(&packet[..length], &known, &log, "udp") {
                    udp.send_to(&answer, from).unwrap();
                }
            }
        });
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in tcp.incoming() {
                let mut stream = stream.unwrap();
                let mut length = [0; 2];
                while stream.read_exact(&mut length).is_ok() {
                    let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
                    stream.read_exact(&mut packet).unwrap();
                    if let Some(answer) = answer(&packet, &names, &log, "tcp") {
                        let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
                        stream.write_all(&[&length[..], &answer].concat()).unwrap();
                    }
                }
            }
        });
        NameServer { address, asked }
    }

    /// What it was asked so far: `udp example.org`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(
    query: &[u8],
    names: &HashMap<String, Says>,
    log: &Mutex<Vec<String>>,
    way: &str,
) -> Option<Vec<u8>> {
    let mut at = 12;
    let mut labels = Vec::new();
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let question = &query[12..at + 5];
    let name = labels.join(".");
    log.lock().unwrap().push(format!("{way} {name}"));
    let (records, is_cut, code) = match names.get(&name) {
        Some(Says::Silence) => return None,
        Some(Says::Error(code)) => (&[][..], false, *code),
        Some(Says::TooLong(_)) if way == "udp" => (&[][..], true, 0),
        Some(Says::Records(records) | Says::TooLong(records)) => (&records[..], false, 0),
        None => (&[][..], false, 3),
    };
    let found: Vec<Vec<u8>> = records
        .iter()
        .map(|(kind, value)| record(kind, value))
        .filter(|(found, _)| *found == kind)
        .map(|(kind, data)| {
            // The name is that of the question; the class is IN, and it lives for a minute.
            let mut record = vec![0xc0, 12];
            record.extend(kind.to_be_bytes());
            record.extend([0, 1, 0, 0, 0, 60]);
            record.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            record.extend(data);
            record
        })
        .collect();
    let mut answer = query[..2].to_vec();
    // An answer with recursion, perhaps cut off.
    answer.extend([0x81 | u8::from(is_cut) << 1, 0x80 | code]);
    answer.extend([0, 1]);
    answer.extend(u16::try_from(found.len()).unwrap().to_be_bytes());
    answer.extend([0, 0, 0, 0]);
    answer.extend(question);
    answer.extend(found.concat());
    Some(answer)
}

/// The type and the data of a record.
fn record(kind: &str, value: &str) -> (u16, Vec<u8>) {
    match kind {
        "A" | "AAAA" => match value.parse().unwrap() {
            IpAddr::V4(address) => (A, address.octets().to_vec()),
            IpAddr::V6(address) => (AAAA, address.octets().to_vec()),
        },
        "PTR" => (PTR, encoded(value)),
        "MX" => {
            let (preference, host) = value.split_once(' ').unwrap();
            let preference: u16 = preference.parse().unwrap();
            (MX, [&preference.to_be_bytes()[..], &encoded(host)].concat())
        }
        "TXT" => {
            let strings = value.as_bytes().chunks(255);
            let strings = strings.flat_map(|part| {
                let length = u8::try_from(part.len()).unwrap();
                std::iter::once(length).chain(part.iter().copied())
            });
            (TXT, strings.collect())
        }
        other => panic!("no such type: {other}"),
    }
}

/// A name as labels.
fn encoded(name: &str) -> Vec<u8> {
    let labels = name.trim_end_matches('.').split('.');
    let labels = labels.filter(|label| !label.is_empty()).flat_map(|label| {
        let length = u8::try_from(label.len()).unwrap();
        std::iter::once(length).chain(label.bytes())
    });
    labels.chain([0]).collect()
}
