//! The embedded hub: takes subscriptions to this site's feeds and pushes every feed that changed.
//!
//! It needs nobody to tell it: each second it looks whether the files of the feeds that somebody
//! subscribed to are still the same, whichever process writes them. `state` decides, this file
//! and `calls` carry out: nothing here waits for a subscriber but the call to it.
//!
//! One process is the hub of a newsroom: the one that holds `hub-lock` beside the ledger. Another
//! takes its place when it ends.

mod calls;
mod desk;
mod line;
mod request;
mod routes;
mod state;

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use url::Url;

use super::client::{Callee, Client};
use crate::config::Config;
use crate::serve::routes::Routes;
use crate::setup::Setup;
use desk::Desk;
use state::State;

pub use crate::config::websub::HUB_PATH;

/// How often feeds are looked at, and how soon after a change of one its delivery begins.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the hub is told by the configuration. Times are in seconds.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The site's address; only feeds below it are topics.
    pub base_url: Url,
    /// The addresses of all hubs that feeds name.
    pub hubs: Vec<String>,
    /// The lease of whoever asks for none.
    pub lease: i64,
    /// The shortest that is given.
    pub shortest_lease: i64,
    /// The longest.
    pub longest_lease: i64,
    /// The most subscriptions in all.
    pub subscriptions: usize,
    /// The most whose callbacks are at one host.
    pub subscriptions_per_host: usize,
    /// Whether callbacks may be at addresses that are not public.
    pub allow_private: bool,
}

impl Settings {
    /// What a configuration says.
    pub fn of(config: &Config) -> Settings {
        let websub = &config.websub;
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Settings {
            base_url: config.site.base_url.clone(),
            hubs: websub.hub_urls(&config.site.base_url),
            lease: seconds(websub.lease),
            shortest_lease: seconds(websub.shortest_lease),
            longest_lease: seconds(websub.longest_lease),
            subscriptions: websub.subscriptions,
            subscriptions_per_host: websub.subscriptions_per_host,
            allow_private: websub.allow_private,
        }
    }
}

/// A hub.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    settings: Settings,
    /// The folder of the published files.
    output: PathBuf,
    lock: PathBuf,
    ledger: PathBuf,
    client: Client,
    /// Once this process is the hub.
    open: OnceLock<Open>,
    /// There may be something to do.
    wake: Notify,
    /// When a refusal of each status was last logged, and how many have come since.
    quiet: Mutex<HashMap<u16, (Instant, u64)>>,
}

struct Open {
    state: Mutex<State>,
    desk: Desk,
    feeds: calls::Feeds,
    /// Held for as long as this process is the hub.
    _lock: File,
}

impl Open {
    /// A panic elsewhere leaves the state whole: nothing that can panic is done while it is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// The hub of a newsroom. It is at work once [`Hub::run`] is; until then, and while another
    /// process is the hub, it asks subscribers to come again.
    ///
    /// # Errors
    /// When requests cannot be made from here, in words.
    pub fn new(setup: &Setup) -> Result<Hub, String> {
        let settings = Settings::of(&setup.config);
        let callee = if settings.allow_private {
            Callee::Configured
        } else {
            Callee::Stranger
        };
        Ok(Hub(Arc::new(Inner {
            client: Client::new(callee, &settings.base_url)?,
            output: setup.root.join(&setup.config.output.folder),
            lock: setup.state_folder().join("hub-lock"),
            ledger: setup.root.join(&setup.config.ledger.file),
            settings,
            open: OnceLock::new(),
            wake: Notify::new(),
            quiet: Mutex::default(),
        })))
    }

    /// Does what the hub has to do, and never ends. Calls run beside it in tokio's runtime.
    pub async fn run(self) {
        run(self.0).await;
    }

    /// What answers at [`HUB_PATH`].
    pub fn routes(&self) -> Routes {
        routes::routes(self.0.clone())
    }
}

async fn run(hub: Arc<Inner>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    let open = loop {
        ticks.tick().await;
        match open(&hub).await {
            Ok(open) => break hub.open.get_or_init(|| open),
            Err(why) if told.as_ref() == Some(&why) => {}
            Err(why) => {
                tracing::warn!("the hub cannot start yet: {why}");
                told = Some(why);
            }
        }
    };
    tracing::info!(subscriptions = open.state().len(), "the hub is at work");
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                calls::look_at_feeds(&hub, open).await;
                let changes = open.state().tick(now());
                open.desk.record(changes);
            }
            () = hub.wake.notified() => {}
        }
        loop {
            let job = open.state().next();
            let Some(job) = job else { break };
            tokio::spawn(calls::carry_out(hub.clone(), job));
        }
    }
}

/// Becomes the hub, if no other process is.
async fn open(hub: &Inner) -> Result<Open, String> {
    let path = &hub.lock;
    let failed = |error| format!("{}: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let lock = File::create(path).map_err(failed)?;
    lock.try_lock()
        .map_err(|_| "another process is the hub of this newsroom".to_owned())?;
    let (desk, subscriptions, requests) = Desk::open(&hub.ledger).await?;
    Ok(Open {
        state: Mutex::new(State::new(hub.settings.clone(), subscriptions, requests)),
        desk,
        feeds: calls::Feeds::default(),
        _lock: lock,
    })
}

fn now() -> i64 {
    Utc::now().timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn settings() -> Settings {
        Settings {
            base_url: Url::parse("https://news.example.org/").unwrap(),
            hubs: vec!["https://news.example.org/websub".to_owned()],
            lease: 864_000,
            shortest_lease: 3_600,
            longest_lease: 2_592_000,
            subscriptions: 100,
            subscriptions_per_host: 60,
            allow_private: false,
        }
    }
}
