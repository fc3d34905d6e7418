//! `tidings digest preview`: look at an issue before it goes out.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use clap::Args;
use tidings::pipeline::issues::reader::IssueReader;
use tidings::serve::digest_preview::{DigestPreview, ISSUE};
use tidings::serve::{Options, Server};

use super::{Failure, Outcome, digest, failed, label};
use crate::cli::{print, setup, watch};

/// How often it is looked whether the issue has changed.
const LOOK_EVERY: Duration = Duration::from_millis(700);

/// Show how an issue looks as a mail: at a desk and on a phone, light and dark, as text, its weight
#[derive(Args)]
#[command(
    after_help = "On this machine only. The page reloads when the issue, an item, a template or feeds.toml changes,\nso let `tidings watch` run beside it. Stops on Ctrl-C.\n\nExamples:\n  tidings digest preview\n  tidings digest preview weekly 2024-W47 --port 9000"
)]
pub struct Preview {
    /// The digest's slug in feeds.toml; without one, the issue that was due last
    slug: Option<String>,
    /// The issue's period: 2024-W47, 2024-11, a date in it; without one, the last
    period: Option<String>,
    /// The port; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    port: u16,
}

impl Preview {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let period = match &self.slug {
            Some(slug) => label(digest(&setup, slug)?.1, self.period.as_deref())?,
            None => None,
        };
        let preview = DigestPreview::new(IssueReader::open(&setup).map_err(failed)?);
        let mut seen = preview.version().map_err(failed)?;
        let query = preview
            .query(self.slug.as_deref(), period.as_deref())
            .map_err(|problem| Failure::Problems(vec![problem]))?;
        let output = setup.root.join(&setup.config.output.folder);
        let base_url = setup.config.site.base_url.clone();
        let mut options = Options::preview(&output, base_url, self.port);
        options.extra = preview.routes();
        let server = Server::start(options)?;
        let (sender, receiver) = mpsc::channel();
        watch::on_signal(move || {
            // Fails only when we have stopped already.
            let _ = sender.send(());
        })?;
        let root = server.url().trim_end_matches('/');
        print::line(&format!("Preview: {root}{ISSUE}?{query}"));
        while receiver.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            let now = preview.version().map_err(failed)?;
            if std::mem::replace(&mut seen, now) != now {
                server.published(Duration::ZERO);
            }
        }
        server.stop();
        print::note("Stopped.");
        Ok(Outcome::Fine)
    }
}
