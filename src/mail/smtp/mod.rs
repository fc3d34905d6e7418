//! SMTP as a client (RFC 5321): one connection that is kept, and what became of each message.
//!
//! What matters here is to know, whatever goes wrong, whether the relay can have taken a message:
//! it can from the moment on at which its final dot may have left. Envelope and body are written
//! at one go each, since every further packet costs a round trip.

mod error;
mod relay;
mod reply;
mod trust;

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub use error::SmtpError;
pub use relay::Relay;
pub use reply::Reply;

use super::message::Envelope;

/// What ends a message (RFC 5321, section 4.1.1.4), behind the break of its last line.
const DOT: &[u8] = b".\r\n";
/// How much is read at a time.
const READ_SIZE: usize = 1_024;

/// A stream of octets in both directions.
pub trait Octets: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Octets for T {}

/// What a refusal was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The sender: no message of ours will be taken.
    Sender,
    /// The recipient.
    Recipient,
    /// The message.
    Message,
}

/// What became of a message.
#[derive(Debug)]
pub enum Fate {
    /// The relay took it.
    Taken(Reply),
    /// Not now (4xx).
    PutOff(About, Reply),
    /// Never (5xx).
    Refused(About, Reply),
    /// The recipient's address has letters that this relay cannot pass on (RFC 6531).
    NoUtf8,
    /// Something went wrong before it could have been taken.
    Untried(SmtpError),
    /// Something went wrong when it may have been taken already.
    Unknown(SmtpError),
}

/// A connection to a relay.
pub struct Connection {
    stream: Box<dyn Octets>,
    timeout: Duration,
    pipelines: bool,
    takes_utf8: bool,
    /// What was read and not looked at.
    received: Vec<u8>,
    /// What is written next; kept for its room.
    outgoing: Vec<u8>,
    /// Whether a mail was begun and not finished.
    is_midway: bool,
    is_usable: bool,
}

impl Connection {
    fn new(
        stream: Box<dyn Octets>,
        timeout: Duration,
        pipelines: bool,
        takes_utf8: bool,
    ) -> Connection {
        Connection {
            stream,
            timeout,
            pipelines,
            takes_utf8,
            received: Vec::new(),
            outgoing: Vec::new(),
            is_midway: false,
            is_usable: true,
        }
    }

    /// Whether another message can be sent on it.
    pub fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// Sends one message. `may_fly` is awaited before the final dot leaves; where it fails, the
    /// dot never does, and neither is the connection of use any more.
    ///
    /// # Errors
    /// That of `may_fly`.
    pub async fn send<E>(
        &mut self,
        envelope: &Envelope,
        message: &[u8],
        may_fly: impl Future<Output = Result<(), E>>,
    ) -> Result<Fate, E> {
        if envelope.smtputf8 && !self.takes_utf8 {
            return Ok(Fate::NoUtf8);
        }
        // Whatever happens on the way, the connection is good only once we get to the end.
        self.is_usable = false;
        let (fate, is_usable) = match self.offer(envelope).await {
            Err(error) => (Fate::Untried(error), false),
            Ok(Some(fate)) => {
                let is_usable = !fate.is_closing();
                (fate, is_usable)
            }
            Ok(None) => {
                may_fly.await?;
                self.deliver(message).await
            }
        };
        self.is_usable = is_usable;
        Ok(fate)
    }

    /// Takes leave.
    pub async fn quit(mut self) {
        if self.is_usable {
            // A relay that does not answer has nothing of ours any more.
            let _ = tokio::time::timeout(Duration::from_secs(2), async {
                let _ = self.stream.write_all(b"QUIT\r\n").await;
                let _ = self.stream.flush().await;
                let _ = self.reply().await;
            })
            .await;
        }
    }

    /// Sender, recipient and the announcement of the message; `None` when it may follow.
    async fn offer(&mut self, envelope: &Envelope) -> Result<Option<Fate>, SmtpError> {
        let utf8 = if envelope.smtputf8 { " SMTPUTF8" } else { "" };
        let mail = format!("MAIL FROM:<{}>{utf8}\r\n", envelope.from);
        let recipient = format!("RCPT TO:<{}>\r\n", envelope.to.wire());
        let reset = self.is_midway.then_some("RSET\r\n");
        self.is_midway = true;
        let replies = if self.pipelines {
            let commands = [reset.unwrap_or(""), &mail, &recipient, "DATA\r\n"].concat();
            self.write(commands.as_bytes()).await?;
            if reset.is_some() {
                self.reply_in_time("to begin anew").await?;
            }
            let sender = self.reply_in_time("over the sender").await?;
            let recipient = self.reply_in_time("over the recipient").await?;
            let data = self.reply_in_time("to take the message").await?;
            if !recipient.is_positive() && data.code == 354 {
                // It waits for a message that nobody would get.
                self.write(DOT).await?;
                self.reply_in_time("over an empty message").await?;
            }
            (sender, Some(recipient), Some(data))
        } else {
            if let Some(reset) = reset {
                self.ask(reset, "to begin anew").await?;
            }
            let sender = self.ask(&mail, "over the sender").await?;
            let mut replies = (sender, None, None);
            if replies.0.is_positive() {
                let recipient = self.ask(&recipient, "over the recipient").await?;
                if recipient.is_positive() {
                    replies.2 = Some(self.ask("DATA\r\n", "to take the message").await?);
                }
                replies.1 = Some(recipient);
            }
            replies
        };
        let (sender, recipient, data) = replies;
        if !sender.is_positive() {
            return refusal(About::Sender, sender).map(Some);
        }
        if let Some(recipient) = recipient.filter(|reply| !reply.is_positive()) {
            return refusal(About::Recipient, recipient).map(Some);
        }
        match data {
            Some(data) if data.code == 354 => Ok(None),
            Some(data) => refusal(About::Message, data).map(Some),
            // Only where one of the two before was refused.
            None => Err(SmtpError::Nonsense(String::new())),
        }
    }

    /// The message and its end. Whether the connection is of use after it comes with its fate.
    async fn deliver(&mut self, message: &[u8]) -> (Fate, bool) {
        let mut outgoing = std::mem::take(&mut self.outgoing);
        outgoing.clear();
        stuff(message, &mut outgoing);
        let last = outgoing.len() - DOT.len();
        let written = self.write_counted(&outgoing).await;
        self.outgoing = outgoing;
        match written {
            Err((count, error)) if count <= last => return (Fate::Untried(error), false),
            Err((_, error)) => return (Fate::Unknown(error), false),
            Ok(()) => {}
        }
        let reply = match self.reply_in_time("to say whether it took a message").await {
            Ok(reply) => reply,
            Err(SmtpError::Closing(reply)) => {
                return (Fate::PutOff(About::Message, reply), false);
            }
            Err(error) => return (Fate::Unknown(error), false),
        };
        self.is_midway = false;
        if reply.is_positive() {
            return (Fate::Taken(reply), true);
        }
        match refusal(About::Message, reply) {
            Ok(fate) => (fate, true),
            // A 354 here may mean anything.
            Err(error) => (Fate::Unknown(error), false),
        }
    }

    async fn ask(&mut self, command: &str, stage: &'static str) -> Result<Reply, SmtpError> {
        self.write(command.as_bytes()).await?;
        self.reply_in_time(stage).await
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), SmtpError> {
        self.write_counted(octets).await.map_err(|(_, error)| error)
    }

    /// Writes all of `octets`; on failure, tells how many may have left.
    async fn write_counted(&mut self, octets: &[u8]) -> Result<(), (usize, SmtpError)> {
        let mut count = 0;
        let stream = &mut self.stream;
        let writing = async {
            while count < octets.len() {
                match stream.write(&octets[count..]).await? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    written => count += written,
                }
            }
            stream.flush().await
        };
        match tokio::time::timeout(self.timeout, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err((count, SmtpError::Lost(error.to_string()))),
            Err(_) => Err((count, SmtpError::Silent("to read what is sent"))),
        }
    }

    async fn reply_in_time(&mut self, stage: &'static str) -> Result<Reply, SmtpError> {
        let timeout = self.timeout;
        match tokio::time::timeout(timeout, self.reply()).await {
            Ok(Ok(reply)) if reply.code == 421 => Err(SmtpError::Closing(reply)),
            Ok(done) => done,
            Err(_) => Err(SmtpError::Silent(stage)),
        }
    }

    async fn reply(&mut self) -> Result<Reply, SmtpError> {
        loop {
            match reply::parse(&self.received) {
                Ok(Some((reply, taken))) => {
                    self.received.drain(..taken);
                    return Ok(reply);
                }
                Ok(None) => {}
                Err(reply::NoReply(text)) => return Err(SmtpError::Nonsense(text)),
            }
            let mut chunk = [0; READ_SIZE];
            match self.stream.read(&mut chunk).await {
                Ok(0) => return Err(SmtpError::Lost("it was closed".to_owned())),
                Ok(count) => self.received.extend_from_slice(&chunk[..count]),
                Err(error) => return Err(SmtpError::Lost(error.to_string())),
            }
        }
    }
}

impl Fate {
    fn is_closing(&self) -> bool {
        matches!(self, Fate::Untried(_) | Fate::Unknown(_))
    }
}

/// What a reply that is not positive means.
fn refusal(about: About, reply: Reply) -> Result<Fate, SmtpError> {
    if reply.is_transient() {
        Ok(Fate::PutOff(about, reply))
    } else if reply.is_permanent() {
        Ok(Fate::Refused(about, reply))
    } else {
        Err(SmtpError::Nonsense(reply.to_string()))
    }
}

/// Writes `message` with a dot before every line that begins with one (RFC 5321, section 4.5.2),
/// and its end.
fn stuff(message: &[u8], out: &mut Vec<u8>) {
    out.reserve(message.len() + 64);
    if message.starts_with(b".") {
        out.push(b'.');
    }
    let mut from = 0;
    for at in memchr::memmem::find_iter(message, b"\n.") {
        out.extend_from_slice(&message[from..=at]);
        out.push(b'.');
        from = at + 1;
    }
    out.extend_from_slice(&message[from..]);
    if !message.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(DOT);
}

#[cfg(test)]
mod tests;
