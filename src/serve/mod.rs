//! The server: the output over HTTP, for a newsroom's readers and for the preview.
//!
//! It reads the output and nothing else, takes no lock, and may run while another process
//! publishes: a file that was renamed over is seen at once. The only room beside the ledger where
//! tokio is at home.
//!
//! A request goes from [`connection`] through [`front`] to one of the [`mod@routes`] or to
//! [`mod@files`]; what a file is sent with is prepared in [`version`] once for each version of it.
//! Connections are dealt out to the [`workers`], one for each processor, and stay where they are.

pub mod body;
pub mod bounces;
pub mod conditional;
pub mod connection;
pub mod delta;
pub mod digest_preview;
pub mod encoding;
pub mod files;
pub mod forwarding;
pub mod front;
pub mod headers;
pub mod items;
pub mod kind;
pub mod lines;
pub mod log;
pub mod metrics;
pub mod on_demand;
pub mod path;
pub mod preview;
pub mod range;
pub mod refusals;
pub mod routes;
pub mod snippet;
pub mod stream;
pub mod subscriptions;
pub mod tls;
pub mod version;
pub mod workers;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use url::Url;

use crate::config::serve::{Cache, LogFormat, Metrics as Where, Serve};
use connection::Door;
use files::Files;
use forwarding::Forwarding;
use front::Front;
use headers::Headers;
use log::Log;
use metrics::Metrics;
use preview::{Localise, Reload};
use refusals::Refusals;
use routes::Routes;
use tls::{Certificate, TlsError};
use version::Versions;
use workers::Workers;

/// How often it is looked whether the certificate has changed.
const CERTIFICATE_CHECK: Duration = Duration::from_secs(2);

/// Why the server cannot be started.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The address is taken or not this machine's.
    #[error("the server cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No thread can be had.
    #[error("the server cannot be started: {0}")]
    Start(#[from] io::Error),
}

/// Something that is done beside serving.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a server is made of.
pub struct Options {
    /// The folder of generated files.
    pub output: PathBuf,
    /// The address that the files say they are at.
    pub base_url: Url,
    /// `[serve]`, with the paths of the certificate absolute.
    pub config: Serve,
    /// WebSub hubs that feeds name in their `Link` headers.
    pub hubs: Vec<String>,
    /// What else is to be had, at paths below the base URL's. Bodies are limited, and a request
    /// is given up after the time for transfers.
    pub extra: Routes,
    /// What is done beside serving, for as long as the server runs.
    pub beside: Vec<Task>,
    /// Whether this is a preview: pages reload, and links lead back to it.
    pub preview: bool,
    /// Where the access log goes.
    pub log: Box<dyn Write + Send>,
}

impl Options {
    /// A server of the files in `output`, with nothing else.
    pub fn new(output: &Path, base_url: Url, config: Serve) -> Options {
        Options {
            output: output.to_owned(),
            base_url,
            config,
            hubs: Vec::new(),
            extra: Routes::new(),
            beside: Vec::new(),
            preview: false,
            log: Box::new(io::stdout()),
        }
    }

    /// A preview on a port of this machine: never cached, not logged.
    pub fn preview(output: &Path, base_url: Url, port: u16) -> Options {
        let config = Serve {
            address: SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port)),
            log: LogFormat::Off,
            cache: Cache::same("no-cache"),
            ..Serve::default()
        };
        Options {
            preview: true,
            ..Options::new(output, base_url, config)
        }
    }
}

/// A running server. Ends at once when it is dropped; [`Server::stop`] lets it finish.
#[derive(Debug)]
pub struct Server {
    url: String,
    log: Log,
    metrics: Arc<Metrics>,
    metrics_address: Option<SocketAddr>,
    reload: Reload,
    stop: watch::Sender<bool>,
    accepting: tokio::task::JoinHandle<()>,
    runtime: Runtime,
    /// They end when this is dropped.
    _workers: Workers,
}

impl Server {
    /// Starts a server, which answers when this returns.
    ///
    /// # Errors
    /// When it cannot listen, or has no certificate that can be used.
    pub fn start(mut options: Options) -> Result<Server, ServeError> {
        let beside = std::mem::take(&mut options.beside);
        let config = &options.config;
        let certificate = match &config.tls {
            Some(tls) => Some(Arc::new(Certificate::load(&tls.certificate, &tls.key)?)),
            None => None,
        };
        // For all that is done beside serving; connections have threads of their own.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("beside")
            .enable_all()
            .build()?;
        let workers = Workers::start()?;
        check_descriptors(config.limits.connections);
        let listener = listen(&runtime, config.address)?;
        let address = listener.local_addr()?;
        let scheme = if certificate.is_some() {
            "https"
        } else {
            "http"
        };
        let root = format!("{scheme}://{address}/");
        let metrics = Arc::new(Metrics::new());
        let (stop, stopped) = watch::channel(false);
        let reload = Reload::new();
        let routes = routes(&options, &metrics, &reload);
        let files = files(&options, &root);
        let log = Log::new(config.log, options.log)?;
        let front = Front {
            routes,
            files,
            beside: routes::beside(&config.metrics),
            mount: mount(&options.base_url, options.preview),
            url_length: config.limits.url_length,
            proxies: config.proxies.clone(),
            log: log.clone(),
            refusals: Arc::new(Refusals::new(metrics.clone())),
            metrics: metrics.clone(),
        };
        let mut metrics_address = None;
        if let Where::Address(own) = config.metrics {
            let listener = listen(&runtime, own)?;
            metrics_address = Some(listener.local_addr()?);
            let router = routes::figures(&metrics, &options.output);
            runtime.spawn(async move { axum::serve(listener, router).await });
        }
        if let Some(certificate) = certificate.clone() {
            runtime.spawn(refresh(certificate));
        }
        for task in beside {
            runtime.spawn(task);
        }
        let url = format!("{root}{}", front.mount.trim_start_matches('/'));
        let door = Arc::new(Door {
            front: Arc::new(front),
            limits: config.limits.clone(),
            certificate,
        });
        let accepting = connection::accept(listener, door, workers.dealer(), stopped);
        Ok(Server {
            url,
            log,
            metrics,
            metrics_address,
            reload,
            accepting: runtime.spawn(accepting),
            stop,
            runtime,
            _workers: workers,
        })
    }

    /// The site's address on this machine: `http://127.0.0.1:8080/`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the figures are, if they have an address of their own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// A change was published in this process: counts it, and makes pages of a preview reload.
    pub fn published(&self, took: Duration) {
        self.metrics.published(took);
        self.reload.reload();
    }

    /// Takes no more connections, finishes what is being sent, and ends.
    pub fn stop(self) {
        // Fails only when nobody listens any more.
        let _ = self.stop.send(true);
        let _ = self.runtime.block_on(self.accepting);
        self.log.flush();
        self.runtime.shutdown_background();
    }
}

/// Warns where the system gives fewer descriptors than there may be connections.
fn check_descriptors(connections: usize) {
    // Beside connections there are files and the rest of the process.
    let needed = connections + 64;
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let most = line.and_then(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok());
    if let Some(most) = most.filter(|most| *most < needed) {
        tracing::warn!(
            "{connections} connections may be open, but only {most} files: raise the limit (ulimit -n) or lower serve.limits.connections"
        );
    }
}

fn listen(runtime: &Runtime, address: SocketAddr) -> Result<TcpListener, ServeError> {
    runtime
        .block_on(TcpListener::bind(address))
        .map_err(|source| ServeError::Listen { address, source })
}

/// What is not a file.
fn routes(options: &Options, metrics: &Arc<Metrics>, reload: &Reload) -> Routes {
    let config = &options.config;
    let extra = options.extra.clone().limited(&config.limits);
    let extra = match options.preview {
        true => extra.merge(reload.routes()),
        false => extra,
    };
    routes::site(extra, &config.metrics, metrics, &options.output)
}

/// The files of a server whose address on this machine is `root`.
fn files(options: &Options, root: &str) -> Files {
    let config = &options.config;
    let localise = options
        .preview
        .then(|| Localise::new(options.base_url.as_str(), root));
    let headers = Headers::new(
        config.cache.clone(),
        options.base_url.clone(),
        options.hubs.clone(),
    );
    Files::new(
        Versions::new(&options.output, config.memory, headers, localise),
        Forwarding::new(&options.output),
        &mount(&options.base_url, options.preview),
    )
}

/// The path below which the site stands: the base URL's; a preview has all for itself.
fn mount(base_url: &Url, is_preview: bool) -> String {
    if is_preview {
        "/".to_owned()
    } else {
        base_url.path().to_owned()
    }
}

async fn refresh(certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(CERTIFICATE_CHECK).await;
        match certificate.refresh() {
            Ok(true) => tracing::info!("the certificate has changed: it is in force"),
            Ok(false) => {}
            Err(error) => tracing::error!("{error}; the last good certificate stays in force"),
        }
    }
}
