//! The threads that serve connections: one for each processor, each with a runtime of its own.
//!
//! A connection stays with the worker that it was dealt to, so that answering a request wakes no
//! other thread and waits for no lock that another one holds.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Workers; they end when this is dropped, and with them their connections.
#[derive(Debug)]
pub struct Workers {
    handles: Vec<Handle>,
    /// Dropped to end the threads.
    ends: Vec<oneshot::Sender<()>>,
}

/// Deals connections out.
#[derive(Debug)]
pub struct Dealer {
    handles: Vec<Handle>,
    next: AtomicUsize,
}

impl Workers {
    /// As many as there are processors.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start() -> io::Result<Workers> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let mut workers = Workers {
            handles: Vec::new(),
            ends: Vec::new(),
        };
        for _ in 0..processors {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let (end, ended) = oneshot::channel::<()>();
            workers.handles.push(runtime.handle().clone());
            workers.ends.push(end);
            thread::Builder::new()
                .name("serve".to_owned())
                .spawn(move || {
                    // Nothing is ever sent: it ends when the other side is dropped.
                    let _ = runtime.block_on(ended);
                    // A file that is being read is not waited for.
                    runtime.shutdown_background();
                })?;
        }
        Ok(workers)
    }

    /// What deals connections out to them.
    pub fn dealer(&self) -> Dealer {
        Dealer {
            handles: self.handles.clone(),
            next: AtomicUsize::new(0),
        }
    }
}

impl Dealer {
    /// Has the next worker in turn see to a connection.
    pub fn deal(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.handles.len();
        self.handles[turn].spawn(connection);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn connections_are_dealt_out_in_turn_and_end_with_the_workers() {
        let workers = Workers::start().unwrap();
        let dealer = workers.dealer();
        let (sender, receiver) = mpsc::channel();
        let mut served = Vec::new();
        for _ in 0..2 * workers.handles.len() {
            let sender = sender.clone();
            dealer.deal(async move {
                // Fails only when the test has failed already.
                let _ = sender.send(thread::current().id());
                std::future::pending::<()>().await;
            });
            served.push(receiver.recv_timeout(Duration::from_secs(10)).unwrap());
        }
        let (first, second) = served.split_at(workers.handles.len());
        assert_eq!(first, second);
        let distinct: std::collections::HashSet<_> = first.iter().collect();
        assert_eq!(distinct.len(), first.len());
        drop((sender, workers));
        // All senders are gone only when the connections are.
        let end = receiver.recv_timeout(Duration::from_secs(10));
        assert_eq!(end, Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
