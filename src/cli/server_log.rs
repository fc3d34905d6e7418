//! What a server has to say about itself and its clients, on standard error.

use std::io::{self, Write};

use tidings::serve::lines::Lines;
use tracing_subscriber::fmt::MakeWriter;

/// Written when it ends.
pub struct ServerLog(Lines);

impl ServerLog {
    /// Has warnings and errors written from now on.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start() -> io::Result<ServerLog> {
        let lines = Lines::new(Box::new(io::stderr()))?;
        let log = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_ansi(false)
            .with_target(false)
            .with_writer(Writer(lines.clone()));
        // Fails only when there is one already.
        let _ = log.try_init();
        Ok(ServerLog(lines))
    }
}

impl Drop for ServerLog {
    fn drop(&mut self) {
        self.0.flush();
    }
}

#[derive(Clone)]
struct Writer(Lines);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Each event comes whole.
        let text = String::from_utf8_lossy(bytes);
        self.0.write(text.trim_end().to_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Writer;

    fn make_writer(&'a self) -> Writer {
        self.clone()
    }
}
