//! A connection's bytes, counted and timed: a client that does not take what it asked for is cut
//! off.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// The least that a client must take within the timeout, lest one that takes a byte a minute
/// keep its connection for ever.
const LEAST: usize = 4 << 10;

/// A stream whose writes must get on.
#[derive(Debug)]
pub struct Timed<S> {
    stream: S,
    timeout: Duration,
    sent: Arc<AtomicU64>,
    /// Runs while the client keeps us waiting; made when it first does.
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
    /// What it took since the timer began to run.
    taken: usize,
}

impl<S> Timed<S> {
    /// Counts what goes out in `sent`; a client that takes less than 4 KiB in `timeout` while
    /// there is more for it ends the stream with [`io::ErrorKind::TimedOut`].
    pub fn new(stream: S, timeout: Duration, sent: Arc<AtomicU64>) -> Timed<S> {
        Timed {
            stream,
            timeout,
            sent,
            timer: None,
            is_waiting: false,
            taken: 0,
        }
    }

    fn note(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
        wanted: usize,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(written)) => {
                self.sent.fetch_add(written as u64, Ordering::Relaxed);
                self.taken += written;
                // One write that is taken whole, or enough in time, and the clock starts anew.
                if written == wanted || self.taken >= LEAST {
                    self.is_waiting = false;
                }
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.wait(context),
        }
    }

    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let timeout = self.timeout;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(timeout)));
        if !self.is_waiting {
            self.is_waiting = true;
            self.taken = 0;
            timer.as_mut().reset(Instant::now() + timeout);
        }
        match timer.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(context, result, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = slices.iter().map(|slice| slice.len()).sum();
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note(context, result, wanted)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Pending => self.wait(context),
            ready => ready,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Pending => self.wait(context),
            ready => ready,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(1);

    fn timed(buffer: usize) -> (Timed<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (ours, theirs) = duplex(buffer);
        (Timed::new(ours, TIMEOUT, Arc::default()), theirs)
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_cut_off() {
        let (mut stream, _client) = timed(100);
        let error = stream.write_all(&[0; 1_000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_client_that_takes_crumbs_is_cut_off() {
        let (mut stream, mut client) = timed(100);
        tokio::spawn(async move {
            let mut crumb = [0; 1];
            while client.read_exact(&mut crumb).await.is_ok() {
                sleep(Duration::from_millis(10)).await;
            }
        });
        let error = stream.write_all(&[0; 1_000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_client_that_gets_on_is_waited_for() {
        let (mut stream, mut client) = timed(8 << 10);
        let reading = tokio::spawn(async move {
            let mut some = [0; 8 << 10];
            let mut all = 0;
            while let Ok(read @ 1..) = client.read(&mut some).await {
                all += read;
                sleep(Duration::from_millis(50)).await;
            }
            all
        });
        stream.write_all(&[0; 100_000]).await.unwrap();
        assert_eq!(stream.sent.load(Ordering::Relaxed), 100_000);
        drop(stream);
        assert_eq!(reading.await.unwrap(), 100_000);
    }
}
