//! An SMTP relay for tests: records every message that it takes, and misbehaves as told.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;

#[path = "wire.rs"]
mod wire;
use wire::Wire;

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
    /// Closes it when the message has begun to come in, and does not take it.
    CloseWithin,
    /// Takes the message and closes the connection without a word.
    TakeAndClose,
    /// Takes the message, says so and closes the connection.
    TakeAndLeave,
    /// Takes the message and says this nonsense.
    TakeAndSay(&'static str),
    /// Never answers to DATA.
    Stall,
    /// Takes it, and answers letter by letter.
    Slowly,
}

/// What the relay is like before a message comes.
#[derive(Clone, Default)]
pub struct House {
    pub tls: Tls,
    /// What it says it can do, besides STARTTLS and AUTH.
    pub offers: Vec<&'static str>,
    /// The ways in which it wants to be told the user and password, and what they are.
    pub account: Option<(&'static str, &'static str, &'static str)>,
    /// Its answer to a wrong password.
    pub wrong: Option<String>,
    /// What somebody on the way slips in behind the answer to STARTTLS.
    pub slipped_in: &'static str,
}

#[derive(Clone, Default)]
pub enum Tls {
    #[default]
    None,
    Implicit(Arc<ServerConfig>),
    /// STARTTLS.
    Explicit(Arc<ServerConfig>),
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
    tls: Tls,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    taken: Mutex<Vec<Taken>>,
    tried: Mutex<Vec<String>>,
    /// The commands that came in the clear, and those that came encrypted.
    clear: Mutex<Vec<String>>,
    encrypted: Mutex<Vec<String>>,
}

impl FakeRelay {
    pub fn start(manner: impl Fn(&Visit) -> Act + Send + Sync + 'static) -> FakeRelay {
        let house = House {
            offers: vec!["PIPELINING", "SMTPUTF8"],
            ..House::default()
        };
        FakeRelay::in_house(house, manner)
    }

    pub fn in_house(
        house: House,
        manner: impl Fn(&Visit) -> Act + Send + Sync + 'static,
    ) -> FakeRelay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let tls = house.tls.clone();
        let (house, manner, record) = (Arc::new(house), Arc::new(manner), Arc::clone(&seen));
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (house, manner) = (Arc::clone(&house), Arc::clone(&manner));
                let seen = Arc::clone(&record);
                std::thread::spawn(move || {
                    let visitor = Visitor {
                        connection: number,
                        house: &house,
                        manner: &*manner,
                        seen: &seen,
                        is_encrypted: false,
                    };
                    // A client that goes away is its own business.
                    let _ = visitor.receive(stream.unwrap());
                });
            }
        });
        FakeRelay { address, tls, seen }
    }

    pub fn good() -> FakeRelay {
        FakeRelay::start(|_| Act::Take)
    }

    pub fn url(&self) -> String {
        match self.tls {
            Tls::None => format!("smtp://{}", self.address),
            Tls::Implicit(_) => format!("smtps://{}", self.address),
            Tls::Explicit(_) => format!("smtp://{}?tls=starttls", self.address),
        }
    }

    /// The same with a user and password.
    pub fn url_of(&self, user: &str, password: &str) -> String {
        self.url()
            .replacen("://", &format!("://{user}:{password}@"), 1)
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

    /// What anybody could read on the way.
    pub fn heard_in_the_clear(&self) -> Vec<String> {
        self.seen.clear.lock().unwrap().clone()
    }

    pub fn heard_encrypted(&self) -> Vec<String> {
        self.seen.encrypted.lock().unwrap().clone()
    }
}

/// One connection.
struct Visitor<'a> {
    connection: usize,
    house: &'a House,
    manner: &'a Manner,
    seen: &'a Seen,
    is_encrypted: bool,
}

impl Visitor<'_> {
    fn receive(mut self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut wire = Wire::new(stream);
        if let Tls::Implicit(config) = &self.house.tls {
            wire = wire.encrypt(config);
            self.is_encrypted = true;
        }
        wire.say("220 fake ESMTP\r\n")?;
        let (mut from, mut to) = (String::new(), String::new());
        let mut act = Act::Take;
        let mut number = 0;
        let mut has_recipient = false;
        while let Some(line) = self.command(&mut wire)? {
            let word = line.split([' ', ':']).next().unwrap_or("").to_uppercase();
            match word.as_str() {
                "EHLO" => wire.say(&self.offers())?,
                "STARTTLS" => {
                    let Tls::Explicit(config) = &self.house.tls else {
                        wire.say("502 no\r\n")?;
                        continue;
                    };
                    wire.say(&format!("220 go\r\n{}", self.house.slipped_in))?;
                    wire = wire.encrypt(config);
                    self.is_encrypted = true;
                }
                "AUTH" => self.authenticate(&mut wire, &line)?,
                "MAIL" => {
                    from = between(&line);
                    has_recipient = false;
                    // Who it is for follows at once; until then all senders are good.
                    wire.say("250 ok\r\n")?;
                }
                "RCPT" => {
                    to = between(&line);
                    act = self.act(&to, number);
                    number += 1;
                    match &act {
                        Act::CloseBefore => return Ok(()),
                        Act::Recipient(reply) | Act::Sender(reply) => {
                            wire.say(&format!("{reply}\r\n"))?;
                        }
                        _ => {
                            has_recipient = true;
                            wire.say("250 ok\r\n")?;
                        }
                    }
                }
                "DATA" if !has_recipient => wire.say("554 no recipient\r\n")?,
                "DATA" => {
                    if act == Act::Stall {
                        std::thread::sleep(Duration::from_secs(3_600));
                    }
                    wire.say("354 go\r\n")?;
                    if act == Act::CloseWithin {
                        wire.line()?;
                        return Ok(());
                    }
                    let message = read_message(&mut wire)?;
                    let taken = Taken {
                        from: from.clone(),
                        to: to.clone(),
                        message,
                    };
                    if let Act::Message(reply) = &act {
                        wire.say(&format!("{reply}\r\n"))?;
                        continue;
                    }
                    self.seen.taken.lock().unwrap().push(taken);
                    match &act {
                        Act::TakeAndClose => return Ok(()),
                        Act::TakeAndSay(nonsense) => wire.say(&format!("{nonsense}\r\n"))?,
                        Act::Slowly => {
                            for letter in "250 2.0.0 taken\r\n".chars() {
                                wire.say(&letter.to_string())?;
                                std::thread::sleep(Duration::from_millis(1));
                            }
                        }
                        _ => wire.say("250 2.0.0 taken\r\n")?,
                    }
                    if act == Act::TakeAndLeave {
                        return Ok(());
                    }
                }
                "RSET" | "NOOP" => wire.say("250 ok\r\n")?,
                "QUIT" => return wire.say("221 bye\r\n"),
                _ => wire.say("500 what?\r\n")?,
            }
        }
        Ok(())
    }

    /// The next command, noted.
    fn command(&self, wire: &mut Wire) -> std::io::Result<Option<String>> {
        let Some(line) = wire.line()? else {
            return Ok(None);
        };
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let heard = match self.is_encrypted {
            true => &self.seen.encrypted,
            false => &self.seen.clear,
        };
        heard.lock().unwrap().push(line.clone());
        Ok(Some(line))
    }

    fn offers(&self) -> String {
        let mut lines: Vec<String> = vec!["fake".to_owned()];
        lines.extend(self.house.offers.iter().map(|&offer| offer.to_owned()));
        if matches!(self.house.tls, Tls::Explicit(_)) && !self.is_encrypted {
            lines.push("STARTTLS".to_owned());
        } else if let Some((ways, ..)) = self.house.account {
            lines.push(format!("AUTH {ways}"));
        }
        let last = lines.pop().unwrap();
        let mut text: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        text.push_str(&format!("250 {last}\r\n"));
        text
    }

    fn authenticate(&self, wire: &mut Wire, line: &str) -> std::io::Result<()> {
        let Some((_, user, password)) = self.house.account else {
            return wire.say("503 nobody asked\r\n");
        };
        let decode = |text: &str| {
            let octets = STANDARD.decode(text).unwrap_or_default();
            String::from_utf8_lossy(&octets).into_owned()
        };
        let is_right = if let Some(told) = line.strip_prefix("AUTH PLAIN ") {
            decode(told) == format!("\0{user}\0{password}")
        } else {
            let mut told = Vec::new();
            for question in ["Username:", "Password:"] {
                wire.say(&format!("334 {}\r\n", STANDARD.encode(question)))?;
                told.push(decode(&self.command(wire)?.unwrap_or_default()));
            }
            told == [user, password]
        };
        match (is_right, &self.house.wrong) {
            (true, _) => wire.say("235 2.7.0 welcome\r\n"),
            (false, Some(reply)) => wire.say(&format!("{reply}\r\n")),
            (false, None) => wire.say("535 5.7.8 wrong\r\n"),
        }
    }

    fn act(&self, to: &str, number: usize) -> Act {
        let tried = {
            let mut all = self.seen.tried.lock().unwrap();
            all.push(to.to_owned());
            all.iter().filter(|one| *one == to).count() - 1
        };
        let taken = self.seen.taken.lock().unwrap().len();
        (self.manner)(&Visit {
            connection: self.connection,
            number,
            taken,
            to: to.to_owned(),
            tried,
        })
    }
}

fn between(line: &str) -> String {
    let from = line.find('<').map_or(0, |at| at + 1);
    let to = line.rfind('>').unwrap_or(line.len());
    line[from..to].to_owned()
}

fn read_message(wire: &mut Wire) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let Some(line) = wire.line()? else {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        };
        if line == b".\r\n" {
            return Ok(message);
        }
        let line = line.strip_prefix(b".").unwrap_or(&line);
        message.push_str(&String::from_utf8_lossy(line));
    }
}
