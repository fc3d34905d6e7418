//! Lines that are written by a thread of their own: a terminal or disk that is slow, or a pipe
//! that nobody reads, holds no request up.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

/// How many lines may wait to be written.
const WAITING: usize = 8_192;
/// How long a flush may take before what is left is given up.
const PATIENCE: Duration = Duration::from_secs(1);

enum Message {
    Line(String),
    Flush(SyncSender<()>),
}

/// Where lines are handed in.
#[derive(Debug, Clone)]
pub struct Lines {
    messages: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

impl Lines {
    /// Lines that are written to `sink`.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn new(sink: Box<dyn Write + Send>) -> io::Result<Lines> {
        let (messages, waiting) = sync_channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let count = dropped.clone();
        std::thread::Builder::new()
            .name("lines".to_owned())
            .spawn(move || write(&waiting, &count, BufWriter::new(sink)))?;
        Ok(Lines { messages, dropped })
    }

    /// Hands a line in. One too many is dropped, and the number of those is written in its place.
    pub fn write(&self, line: String) {
        if self.messages.try_send(Message::Line(line)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything is written that was handed in, but not for ever.
    pub fn flush(&self) {
        let (done, wait) = sync_channel(1);
        if self.messages.try_send(Message::Flush(done)).is_ok() {
            // It is late, or the thread has ended: either way there is nothing more to be done.
            let _ = wait.recv_timeout(PATIENCE);
        }
    }
}

/// Writes lines as they come, and pushes them out whenever there is a pause.
fn write(messages: &Receiver<Message>, dropped: &AtomicU64, mut sink: impl Write) {
    loop {
        let message = match messages.try_recv() {
            Ok(message) => message,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                if sink.flush().is_err() {
                    return;
                }
                match messages.recv() {
                    Ok(message) => message,
                    Err(_) => break,
                }
            }
        };
        let lost = dropped.swap(0, Ordering::Relaxed);
        let written = match message {
            Message::Line(line) => writeln!(sink, "{line}"),
            Message::Flush(done) => {
                let flushed = sink.flush();
                // Whoever asked may have lost patience.
                let _ = done.try_send(());
                flushed
            }
        };
        let told = match lost {
            0 => Ok(()),
            lost => writeln!(
                sink,
                "# {lost} lines were dropped: they are read too slowly"
            ),
        };
        // Nobody reads them any more; the server goes on.
        if written.and(told).is_err() {
            return;
        }
    }
    let _ = sink.flush();
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// A sink that takes nothing while it is locked.
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            sink.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_in_order_and_all_are_there_after_a_flush() {
        let sink = Sink::default();
        let lines = Lines::new(Box::new(sink.clone())).unwrap();
        for number in 0..100 {
            lines.write(number.to_string());
        }
        lines.flush();
        let written = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        let expected: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(written.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_sink_that_hangs_holds_nobody_up_and_what_was_lost_is_told() {
        let sink = Sink::default();
        let lines = Lines::new(Box::new(sink.clone())).unwrap();
        let hanging = sink.0.lock().unwrap();
        for _ in 0..3 * WAITING {
            lines.write("x".repeat(100));
        }
        drop(hanging);
        // The queue may be full still, and then the flush is no more than another line too many.
        while !String::from_utf8_lossy(&sink.0.lock().unwrap()).contains("lines were dropped") {
            lines.write(String::new());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
