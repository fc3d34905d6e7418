//! A client that keeps its connection open and counts every byte that comes back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// An answer.
pub struct Reply {
    pub status: u16,
    pub etag: String,
    /// Of the head and the body.
    pub bytes: u64,
}

/// A connection.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(address: &str) -> Client {
        let stream = TcpStream::connect(address).expect("the server answers");
        stream.set_nodelay(true).expect("an option of sockets");
        Client {
            stream: BufReader::with_capacity(512, stream),
        }
    }

    pub fn get(&mut self, path: &str, headers: &str) -> Reply {
        let request = format!("GET {path} HTTP/1.1\r\nHost: news.example.org\r\n{headers}\r\n");
        let stream = self.stream.get_mut();
        stream
            .write_all(request.as_bytes())
            .expect("the server listens");
        let mut reply = Reply {
            status: 0,
            etag: String::new(),
            bytes: 0,
        };
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).expect("an answer");
            reply.bytes += read as u64;
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if reply.status == 0 {
                let status = line
                    .split(' ')
                    .nth(1)
                    .and_then(|status| status.parse().ok());
                reply.status = status.expect("a status");
            }
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            if name.eq_ignore_ascii_case("etag") {
                reply.etag = value.to_owned();
            } else if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().expect("a length");
            } else {
                assert!(!name.eq_ignore_ascii_case("transfer-encoding"), "{line}");
            }
        }
        if reply.status != 304 {
            let mut body = (&mut self.stream).take(length);
            let read = std::io::copy(&mut body, &mut std::io::sink()).expect("a body");
            assert_eq!(read, length);
            reply.bytes += length;
        }
        reply
    }
}
