//! An SMTP relay for tests: records every message that it takes, and misbehaves as told.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the relay does with one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Take,
    /// Answers to MAIL, RCPT or the final dot with this.
    Sender(&'static str),
    Recipient(&'static str),
    Message(&'static str),
    /// Closes the connection instead of answering to RCPT.
    CloseBefore,
    /// Takes the message and closes the connection without a word.
    TakeAndClose,
    /// Takes the message and says this nonsense.
    TakeAndSay(&'static str),
    /// Never answers to DATA.
    Stall,
    /// Takes it, and answers letter by letter.
    Slowly,
}

/// One message on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The number of the connection, from 0, and of the message on it.
    pub connection: usize,
    pub number: usize,
    /// How many messages were taken before, in all.
    pub taken: usize,
    pub to: String,
    /// How often this recipient was tried before.
    pub tried: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub message: String,
}

impl Taken {
    /// A header field on one line.
    pub fn field(&self, name: &str) -> Option<String> {
        let head = self.message.split("\r\n\r\n").next()?;
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{name}: ");
        let mut lines = unfolded.split("\r\n");
        lines.find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
    }
}

type Manner = dyn Fn(&Visit) -> Act + Send + Sync;

pub struct FakeRelay {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    taken: Mutex<Vec<Taken>>,
    tried: Mutex<Vec<String>>,
}

impl FakeRelay {
    pub fn start(manner: impl Fn(&Visit) -> Act + Send + Sync + 'static) -> FakeRelay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let (manner, record) = (Arc::new(manner), Arc::clone(&seen));
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (manner, record) = (Arc::clone(&manner), Arc::clone(&record));
                std::thread::spawn(move || {
                    // A client that goes away is its own business.
                    let _ = serve(stream.unwrap(), number, &*manner, &record);
                });
            }
        });
        FakeRelay { address, seen }
    }

    pub fn good() -> FakeRelay {
        FakeRelay::start(|_| Act::Take)
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.seen.taken.lock().unwrap().clone()
    }

    /// The recipients of all that was taken, sorted.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<String> = self.taken().into_iter().map(|taken| taken.to).collect();
        all.sort_unstable();
        all
    }
}

fn serve(
    stream: TcpStream,
    connection: usize,
    manner: &Manner,
    seen: &Seen,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    out.write_all(b"220 fake ESMTP\r\n")?;
    let (mut from, mut to) = (String::new(), String::new());
    let mut act = Act::Take;
    let mut number = 0;
    let mut has_recipient = false;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let word = line.split([' ', ':']).next().unwrap_or("").to_uppercase();
        match word.as_str() {
            "EHLO" => out.write_all(b"250-fake\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n")?,
            "MAIL" => {
                from = between(line);
                has_recipient = false;
                // Who it is for follows at once; until then all senders are good.
                out.write_all(b"250 ok\r\n")?;
            }
            "RCPT" => {
                to = between(line);
                let tried = {
                    let mut all = seen.tried.lock().unwrap();
                    all.push(to.clone());
                    all.iter().filter(|one| **one == to).count() - 1
                };
                let visit = Visit {
                    connection,
                    number,
                    taken: seen.taken.lock().unwrap().len(),
                    to: to.clone(),
                    tried,
                };
                act = manner(&visit);
                number += 1;
                match &act {
                    Act::CloseBefore => return Ok(()),
                    Act::Recipient(reply) | Act::Sender(reply) => {
                        write!(out, "{reply}\r\n")?;
                    }
                    _ => {
                        has_recipient = true;
                        out.write_all(b"250 ok\r\n")?;
                    }
                }
            }
            "DATA" if !has_recipient => out.write_all(b"554 no recipient\r\n")?,
            "DATA" => {
                if act == Act::Stall {
                    std::thread::sleep(Duration::from_secs(3_600));
                }
                out.write_all(b"354 go\r\n")?;
                let message = read_message(&mut lines)?;
                let taken = Taken {
                    from: from.clone(),
                    to: to.clone(),
                    message,
                };
                if let Act::Message(reply) = &act {
                    write!(out, "{reply}\r\n")?;
                    continue;
                }
                seen.taken.lock().unwrap().push(taken);
                match &act {
                    Act::TakeAndClose => return Ok(()),
                    Act::TakeAndSay(nonsense) => write!(out, "{nonsense}\r\n")?,
                    Act::Slowly => {
                        for octet in b"250 2.0.0 taken\r\n" {
                            out.write_all(&[*octet])?;
                            std::thread::sleep(Duration::from_millis(1));
                        }
                    }
                    _ => out.write_all(b"250 2.0.0 taken\r\n")?,
                }
            }
            "RSET" | "NOOP" => out.write_all(b"250 ok\r\n")?,
            "QUIT" => {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => out.write_all(b"500 what?\r\n")?,
        }
    }
}

fn between(line: &str) -> String {
    let from = line.find('<').map_or(0, |at| at + 1);
    let to = line.rfind('>').unwrap_or(line.len());
    line[from..to].to_owned()
}

fn read_message(lines: &mut impl BufRead) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(message);
        }
        let line = line.strip_prefix(b".").unwrap_or(&line);
        message.push_str(&String::from_utf8_lossy(line));
    }
}
