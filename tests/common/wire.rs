//! A connection of a test's server, which may become encrypted on its way.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

enum Line {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Read for Line {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Line::Plain(stream) => stream.read(room),
            Line::Tls(stream) => stream.read(room),
        }
    }
}

/// It ends as a lost connection does, without TLS's own farewell, when it is dropped.
pub struct Wire(BufReader<Line>);

impl Wire {
    pub fn new(stream: TcpStream) -> Wire {
        Wire(BufReader::new(Line::Plain(stream)))
    }

    /// The same connection, encrypted from now on. What was read too early is lost.
    pub fn encrypt(self, config: &Arc<ServerConfig>) -> Wire {
        let Line::Plain(stream) = self.0.into_inner() else {
            panic!("it is encrypted already");
        };
        let session = ServerConnection::new(Arc::clone(config)).unwrap();
        let stream = StreamOwned::new(session, stream);
        Wire(BufReader::new(Line::Tls(Box::new(stream))))
    }

    pub fn say(&mut self, text: &str) -> io::Result<()> {
        match self.0.get_mut() {
            Line::Plain(stream) => stream.write_all(text.as_bytes()),
            Line::Tls(stream) => {
                stream.write_all(text.as_bytes())?;
                stream.flush()
            }
        }
    }

    /// The next line with its end; `None` when there is none any more.
    pub fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let count = self.0.read_until(b'\n', &mut line)?;
        Ok((count > 0).then_some(line))
    }
}
