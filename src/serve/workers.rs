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
    _ends: Vec<oneshot::Sender<()>>,
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
            _ends: Vec::new(),
        };
        for _ in 0..processors {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let (end, ended) = oneshot::channel::<()>();
            workers.handles.push(runtime.handle().clone());
            workers._ends.push(end);
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
