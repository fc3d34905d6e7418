//! `tidings serve`: hand the output out over HTTP.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;

use clap::Args;
use tidings::config::SECRET_VARIABLE;
use tidings::diagnostic::Problem;
use tidings::digest::life::SCHEDULE;
use tidings::pipeline::issues::Begin;
use tidings::serve::bounces::Door;
use tidings::serve::on_demand::OnDemand;
use tidings::serve::subscriptions::Subscriptions;
use tidings::serve::{Options, Server};
use tidings::setup::Setup;
use tidings::watch;
use tidings::websub::hub::Hub;

use super::send::background::Background;
use super::server_log::ServerLog;
use super::watch::Telling;
use super::{Failure, Outcome, open, print, setup};

/// The fewest characters of the webhook's secret.
const SECRET_LENGTH: usize = 16;

/// Serve the output over HTTP, to everybody
#[derive(Args)]
#[command(
    after_help = "Another tidings may publish meanwhile: what it writes is served at once. What stands under\n[serve] in feeds.toml is read when the server starts. The access log goes to standard output.\nStops on Ctrl-C, and first finishes what is being sent.\n\nExamples:\n  tidings serve\n  tidings serve --watch --address 0.0.0.0:8080"
)]
pub struct Serve {
    /// Publish every change as well, in the same process
    #[arg(long)]
    watch: bool,
    /// Where to listen, instead of what feeds.toml says; port 0 takes any that is free
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
}

impl Serve {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let log = ServerLog::start()?;
        if self.watch {
            let mut newsroom = open(directory)?;
            let background = Background::start(newsroom.setup(), directory, true, print::note);
            if background.is_some() {
                newsroom.begin_issues(Begin::All {
                    who: SCHEDULE.to_owned(),
                });
            }
            let server = self.start(newsroom.setup())?;
            let (sender, receiver) = watch::channel();
            super::watch::stop_on_signal(sender.clone())?;
            let mut telling = Telling::new(print::note);
            watch::run(newsroom, (sender, receiver), &print::Bar::new(), |news| {
                if let watch::News::Published(report, _) = &news {
                    server.published(report.took);
                }
                telling.tell(news);
            })?;
            server.stop();
            drop(background);
        } else {
            let setup = setup(directory)?;
            let _background = Background::start(&setup, directory, false, print::note);
            let server = self.start(&setup)?;
            let (sender, receiver) = mpsc::channel();
            super::watch::on_signal(move || {
                // Fails only when we have stopped already.
                let _ = sender.send(());
            })?;
            // Fails only when the handler is gone, and then nothing else could stop us.
            let _ = receiver.recv();
            server.stop();
        }
        drop(log);
        print::note("Stopped.");
        Ok(Outcome::Fine)
    }

    fn start(&self, setup: &Setup) -> Result<Server, Failure> {
        let mut config = setup.config.serve.clone();
        if let Some(address) = self.address {
            config.address = address;
        }
        if let Some(tls) = &mut config.tls {
            tls.certificate = setup.root.join(&tls.certificate);
            tls.key = setup.root.join(&tls.key);
        }
        let output = setup.root.join(&setup.config.output.folder);
        let base_url = &setup.config.site.base_url;
        let mut options = Options::new(&output, base_url.clone(), config);
        options.hubs = setup.config.websub.hub_urls(base_url);
        if setup.config.serve.on_demand {
            options.extra = options.extra.merge(OnDemand::new(setup).routes());
        }
        if setup.config.websub.embedded {
            let hub = Hub::new(setup).map_err(Failure::Failed)?;
            options.extra = options.extra.merge(hub.routes());
            options.beside.push(Box::pin(hub.run()));
        }
        if setup.config.subscriptions.enabled {
            let subscriptions = Subscriptions::new(setup)?;
            options.extra = options.extra.merge(subscriptions.routes());
            options.beside.extend(subscriptions.tasks());
        }
        self.hear_bounces(setup, &mut options)?;
        let server = Server::start(options)?;
        print::note(&format!("Serving at {}", server.url()));
        if let Some(address) = server.metrics_address() {
            print::note(&format!("Figures at http://{address}/metrics"));
        }
        Ok(server)
    }

    /// Takes in what came back, by webhook and from the maildir, where feeds.toml asks for it.
    fn hear_bounces(&self, setup: &Setup, options: &mut Options) -> Result<(), Failure> {
        let Some(bounces) = setup.config.mail.as_ref().map(|mail| &mail.bounces) else {
            return Ok(());
        };
        if !bounces.webhook && bounces.maildir.is_none() {
            return Ok(());
        }
        let secret = std::env::var(SECRET_VARIABLE).unwrap_or_default();
        if bounces.webhook && secret.len() < SECRET_LENGTH {
            let message = format!("the webhook for bounces has no secret in {SECRET_VARIABLE}");
            let help = format!(
                "set the environment variable to at least {SECRET_LENGTH} random characters that only the sender of the reports knows, or take `webhook` out of [mail.bounces]"
            );
            return Err(Failure::Usage(Problem::error(message).help(help)));
        }
        let (_, proof, limits) = super::mail::desk(setup)?;
        let ledger = setup.root.join(&setup.config.ledger.file);
        let door = Door::new(ledger, proof, limits, secret);
        if bounces.webhook {
            options.extra = std::mem::take(&mut options.extra).merge(door.routes());
        }
        if let Some(maildir) = &bounces.maildir {
            options.beside.push(door.collect(setup.root.join(maildir)));
        }
        Ok(())
    }
}
