//! The body of an answer that comes from the disk, whole or in parts.
//!
//! Bytes in memory need none of this: they are sent as they are.

use std::collections::VecDeque;
use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};

/// How much is read ahead of a client: what one slow reader costs.
const CHUNK: usize = 64 << 10;

/// A piece of a body.
#[derive(Debug)]
pub enum Piece {
    /// These bytes.
    Memory(Bytes),
    /// So many bytes of the file from an offset on.
    File {
        /// Where it begins.
        offset: u64,
        /// How long it is.
        length: u64,
    },
}

impl Piece {
    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        match self {
            Piece::Memory(bytes) => bytes.len() as u64,
            Piece::File { length, .. } => *length,
        }
    }
}

/// Pieces of memory and of one file, one after the other.
#[derive(Debug)]
pub struct Pieces {
    file: File,
    left: VecDeque<Piece>,
    /// Whether the file stands where its piece, the first of `left`, begins.
    in_place: bool,
    is_seeking: bool,
    buffer: Vec<u8>,
}

impl Pieces {
    /// The pieces, of this file.
    pub fn new(file: std::fs::File, pieces: impl IntoIterator<Item = Piece>) -> Pieces {
        Pieces {
            file: File::from_std(file),
            left: pieces.into_iter().collect(),
            in_place: false,
            is_seeking: false,
            buffer: Vec::new(),
        }
    }

    /// The next bytes of the piece of the file that begins at `offset`.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        offset: u64,
        length: u64,
    ) -> Poll<io::Result<Bytes>> {
        if !self.in_place {
            if !self.is_seeking {
                Pin::new(&mut self.file).start_seek(SeekFrom::Start(offset))?;
                self.is_seeking = true;
            }
            ready!(Pin::new(&mut self.file).poll_complete(context))?;
            self.is_seeking = false;
            self.in_place = true;
        }
        let wanted = usize::try_from(length).map_or(CHUNK, |length| length.min(CHUNK));
        self.buffer.resize(wanted, 0);
        let mut buffer = ReadBuf::new(&mut self.buffer);
        ready!(Pin::new(&mut self.file).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            // It was cut short while it was sent; the connection must not pretend otherwise.
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        Poll::Ready(Ok(Bytes::copy_from_slice(buffer.filled())))
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        let bytes = match this.left.front() {
            None => return Poll::Ready(None),
            Some(Piece::Memory(bytes)) => {
                let bytes = bytes.clone();
                this.left.pop_front();
                bytes
            }
            Some(&Piece::File { offset, length }) => {
                let bytes = ready!(this.poll_read(context, offset, length))?;
                let read = bytes.len() as u64;
                if read == length {
                    this.left.pop_front();
                    this.in_place = false;
                } else {
                    this.left[0] = Piece::File {
                        offset: offset + read,
                        length: length - read,
                    };
                }
                bytes
            }
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.iter().map(Piece::length).sum())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn pieces_of_memory_and_of_the_file_follow_each_other() {
        let mut file = tempfile::tempfile().unwrap();
        let content: Vec<u8> = (0..200_000_u32).map(|at| at as u8).collect();
        file.write_all(&content).unwrap();
        let pieces = [
            Piece::Memory("head".into()),
            Piece::File {
                offset: 150_000,
                length: 10,
            },
            Piece::Memory("between".into()),
            Piece::File {
                offset: 5,
                length: 100_000,
            },
        ];
        let body = Pieces::new(file, pieces);
        assert_eq!(body.size_hint().exact(), Some(4 + 10 + 7 + 100_000));
        let sent = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX)
            .await
            .unwrap();
        let expected = [
            b"head",
            &content[150_000..150_010],
            b"between",
            &content[5..100_005],
        ]
        .concat();
        assert_eq!(sent, expected);
    }

    #[tokio::test]
    async fn a_file_that_is_cut_short_is_an_error() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"short").unwrap();
        let body = Pieces::new(
            file,
            [Piece::File {
                offset: 0,
                length: 10,
            }],
        );
        let sent = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await;
        assert!(sent.is_err());
    }
}
