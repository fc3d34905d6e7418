//! `[websub]`: the hubs that push feeds, and the one that Tidings is itself.

use std::time::Duration;

use url::Url;

use super::decode::Section;
use super::notes::Placed;
use super::read::count;
use super::{Websub, defaults, values};

/// Where the embedded hub is reached, below the base URL.
pub const HUB_PATH: &str = "websub";

impl Websub {
    /// The addresses of all hubs, absolute URLs: what feeds name. The embedded one comes first.
    pub fn hub_urls(&self, base_url: &Url) -> Vec<String> {
        let embedded = self.embedded.then(|| format!("{base_url}{HUB_PATH}"));
        let others = self.hubs.iter().map(ToString::to_string);
        embedded.into_iter().chain(others).collect()
    }
}

impl Default for Websub {
    fn default() -> Websub {
        Websub {
            hubs: Vec::new(),
            batch: count(defaults::WEBSUB_BATCH),
            embedded: false,
            lease: Duration::from_millis(defaults::WEBSUB_LEASE),
            shortest_lease: Duration::from_millis(defaults::WEBSUB_SHORTEST_LEASE),
            longest_lease: Duration::from_millis(defaults::WEBSUB_LONGEST_LEASE),
            subscriptions: count(defaults::WEBSUB_SUBSCRIPTIONS),
            subscriptions_per_host: count(defaults::WEBSUB_SUBSCRIPTIONS_PER_HOST),
            allow_private: false,
        }
    }
}

pub(super) fn read(document: &Section<'_, '_>) -> Websub {
    let mut websub = Websub::default();
    let Some(section) = document.section("websub", "websub") else {
        return websub;
    };
    if let Some(list) = section.lines("hubs") {
        websub.hubs = hubs(list.value, &section);
    }
    if let Some(batch) = section.number("batch", 1..=10_000) {
        websub.batch = count(batch);
    }
    websub.embedded = section
        .choice("hub", &[("embedded", true), ("none", false)])
        .unwrap_or(false);
    leases(&section, &mut websub);
    if let Some(limit) = section.number("subscriptions", 1..=1_000_000) {
        websub.subscriptions = count(limit);
    }
    if let Some(limit) = section.number("subscriptions_per_host", 1..=1_000_000) {
        websub.subscriptions_per_host = count(limit);
    }
    if let Some(allowed) = section.boolean("allow_private") {
        websub.allow_private = allowed;
    }
    section.finish();
    websub
}

fn hubs(lines: Vec<Placed<String>>, section: &Section<'_, '_>) -> Vec<Url> {
    let mut hubs: Vec<Url> = Vec::new();
    for line in lines {
        let Some(hub) = section.parse_line(line, values::web_url) else {
            continue;
        };
        if hubs.contains(&hub.value) {
            let message = format!("the hub '{}' is listed already", hub.value);
            section.notes().error(&hub.span, message, "remove it");
        } else {
            hubs.push(hub.value);
        }
    }
    hubs
}

fn leases(section: &Section<'_, '_>, websub: &mut Websub) {
    let time =
        |key, default: Duration| section.time(key, 1_000..=31_536_000_000).unwrap_or(default);
    websub.shortest_lease = time("shortest_lease", websub.shortest_lease);
    websub.longest_lease = time("longest_lease", websub.longest_lease);
    let is_stated = section.has("lease");
    websub.lease = time("lease", websub.lease);
    if websub.shortest_lease > websub.longest_lease {
        let help = "swap the two, or leave one out";
        let message = "'shortest_lease' is longer than 'longest_lease'";
        section.notes().error(&section.span, message, help);
    } else if !is_stated {
        websub.lease = websub
            .lease
            .clamp(websub.shortest_lease, websub.longest_lease);
    } else if !(websub.shortest_lease..=websub.longest_lease).contains(&websub.lease) {
        let help = "choose a 'lease' from 'shortest_lease' to 'longest_lease'";
        let message = "'lease' is what subscribers get who ask for none, and must be allowed";
        section.notes().error(&section.span, message, help);
    }
}
