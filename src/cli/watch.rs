//! `tidings watch`: publish every change.

use std::path::Path;
use std::sync::mpsc::Sender;

use clap::Args;
use tidings::diagnostic::Problem;
use tidings::digest::life::SCHEDULE;
use tidings::pipeline::issues::Begin;
use tidings::serve::on_demand::OnDemand;
use tidings::serve::subscriptions::Subscriptions;
use tidings::serve::{Options, Server};
use tidings::watch::{self, News, Signal};

use super::hubs::Hubs;
use super::send::background::Background;
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
        let mut newsroom = open(directory)?;
        let background = Background::start(newsroom.setup(), directory, true, print::line);
        if background.is_some() {
            newsroom.begin_issues(Begin::All {
                who: SCHEDULE.to_owned(),
            });
        }
        let config = &newsroom.setup().config;
        let output = newsroom.setup().root.join(&config.output.folder);
        let base_url = config.site.base_url.clone();
        let preview = match self.serve {
            true => {
                let mut options = Options::preview(&output, base_url, self.port);
                if config.serve.on_demand {
                    options.extra = OnDemand::new(newsroom.setup()).routes();
                }
                if config.subscriptions.enabled {
                    let subscriptions = Subscriptions::new(newsroom.setup())?;
                    options.extra = options.extra.merge(subscriptions.routes());
                }
                Some(Server::start(options)?)
            }
            false => None,
        };
        let (sender, receiver) = watch::channel();
        stop_on_signal(sender.clone())?;
        if let Some(preview) = &preview {
            print::line(&format!("Preview: {}", preview.url()));
        }
        print::line("Watching; Ctrl-C stops.");
        let mut telling = Telling::new(print::line);
        watch::run(newsroom, (sender, receiver), &print::Bar::new(), |news| {
            let published = match &news {
                News::Published(report, _) => Some(report.took),
                _ => None,
            };
            telling.tell(news);
            if let (Some(preview), Some(took)) = (&preview, published) {
                preview.published(took);
            }
        })?;
        drop(background);
        print::line("Stopped.");
        Ok(Outcome::Fine)
    }
}

/// Has Ctrl-C and a request to terminate end the watching loop.
pub fn stop_on_signal(stop: Sender<Signal>) -> Result<(), Failure> {
    on_signal(move || {
        // Fails only when the loop has ended already.
        let _ = stop.send(Signal::Stop);
    })
}

/// Does something on Ctrl-C and on a request to terminate.
pub fn on_signal(action: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    ctrlc::set_handler(action)
        .map_err(|error| Failure::Failed(format!("Ctrl-C cannot be listened for: {error}")))
}

/// Prints what happens while a newsroom is watched, and lets hubs be told of it; problems that
/// stand since before are not said again.
pub struct Telling {
    line: fn(&str),
    is_first: bool,
    standing: Vec<Problem>,
    hubs: Hubs,
}

impl Telling {
    /// Nothing was said yet; lines of result are printed by `line`.
    pub fn new(line: fn(&str)) -> Telling {
        Telling {
            line,
            is_first: true,
            standing: Vec::new(),
            hubs: Hubs::new(line),
        }
    }

    /// Prints one piece of news.
    pub fn tell(&mut self, news: News<'_>) {
        let line = self.line;
        self.hubs.hear(&news);
        match news {
            News::Published(report, newsroom) => {
                let now = newsroom.problems();
                let fresh: Vec<Problem> = now
                    .iter()
                    .chain(&report.problems)
                    .filter(|problem| !self.standing.contains(problem))
                    .cloned()
                    .collect();
                print::problems(&fresh);
                self.standing = now;
                let is_news = !report.read.is_empty()
                    || report.removed > 0
                    || report.output != Default::default()
                    || !report.issues.is_empty();
                if std::mem::take(&mut self.is_first) || is_news {
                    line(&print::summary(report, newsroom));
                }
            }
            News::SetupRefused(problems) => {
                print::problems(problems);
                line("The last good feeds.toml and templates stay in force.");
            }
            News::SetupTaken => line("feeds.toml or a template changed: publishing with it."),
            News::Failed(error) => {
                print::problems(&[Problem::error(error.to_string())
                    .help("it will be tried again in some seconds")]);
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
}
