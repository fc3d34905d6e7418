//! `tidings watch`: publish every change.

use std::path::Path;

use clap::Args;
use tidings::diagnostic::Problem;
use tidings::preview::Preview;
use tidings::watch::{self, News, Signal};

use super::{Failure, Outcome, open, print};

/// Publish everything, then every change as it comes
#[derive(Args)]
#[command(
    after_help = "Stops cleanly on Ctrl-C. A broken feeds.toml or template is reported, and the last good one\nstays in force.\n\nExamples:\n  tidings watch\n  tidings watch --serve --port 8000"
)]
pub struct Watch {
    /// Serve a preview that reloads by itself, on this machine only
    #[arg(long)]
    serve: bool,
    /// The preview's port; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 8080, requires = "serve")]
    port: u16,
}

impl Watch {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let newsroom = open(directory)?;
        let config = &newsroom.setup().config;
        let output = newsroom.setup().root.join(&config.output.folder);
        let base_url = config.site.base_url.to_string();
        let preview = self
            .serve
            .then(|| Preview::start(&output, &base_url, self.port))
            .transpose()
            .map_err(|error| {
                Failure::Failed(format!(
                    "the preview cannot listen on port {}: {error}; choose another with --port",
                    self.port
                ))
            })?;
        let (sender, receiver) = watch::channel();
        let stop = sender.clone();
        ctrlc::set_handler(move || {
            // Fails only when the loop has ended already.
            let _ = stop.send(Signal::Stop);
        })
        .map_err(|error| Failure::Failed(format!("Ctrl-C cannot be listened for: {error}")))?;
        if let Some(preview) = &preview {
            print::line(&format!("Preview: {}", preview.url()));
        }
        print::line("Watching; Ctrl-C stops.");
        let mut first = true;
        let mut standing: Vec<Problem> = Vec::new();
        watch::run(newsroom, (sender, receiver), &print::Bar::new(), |news| {
            tell(news, &mut first, &mut standing);
            if let Some(preview) = &preview {
                preview.reload();
            }
        })?;
        print::line("Stopped.");
        Ok(Outcome::Fine)
    }
}

/// Prints what happened; problems that stand since before are not said again.
fn tell(news: News<'_>, first: &mut bool, standing: &mut Vec<Problem>) {
    match news {
        News::Published(report, newsroom) => {
            let now = newsroom.problems();
            let fresh: Vec<Problem> = now
                .iter()
                .chain(&report.problems)
                .filter(|problem| !standing.contains(problem))
                .cloned()
                .collect();
            print::problems(&fresh);
            *standing = now;
            let is_news = !report.read.is_empty()
                || report.removed > 0
                || report.output != Default::default()
                || !report.issues.is_empty();
            if std::mem::take(first) || is_news {
                print::line(&print::summary(report, newsroom));
            }
        }
        News::SetupRefused(problems) => {
            print::problems(problems);
            print::line("The last good feeds.toml and templates stay in force.");
        }
        News::SetupTaken => print::line("feeds.toml or a template changed: publishing with it."),
        News::Failed(error) => {
            print::problems(&[
                Problem::error(error.to_string()).help("it will be tried again in some seconds")
            ]);
        }
        News::Polling(why) => {
            print::problems(&[Problem::warning(format!(
                "the system's notifications cannot be had: {why}"
            ))
            .help(
                "the folders are scanned instead; set `mode = \"poll\"` under [watch] to say so",
            )]);
        }
    }
}
