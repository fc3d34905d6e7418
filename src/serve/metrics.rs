//! Figures for Prometheus, in the text format of OpenMetrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::kind::Kind;
use crate::output::status::Status;

/// The type of the text, as scrapers expect it.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: from a dropped item among few to a cold build of very many.
const LATENCIES: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 300.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    status: u16,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    reason: &'static str,
}

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    /// Those of the `requests` that nearly all answers are counted in, so that they need not be
    /// looked up: 200 and 304 of each of [`Kind::NAMES`].
    often: [[OnceLock<Counter>; 2]; Kind::NAMES.len()],
    refused: Family<Refusal, Counter>,
    not_modified: Gauge<f64, AtomicU64>,
    answers: AtomicU64,
    unmodified: AtomicU64,
    /// Bytes that went out, which connections count themselves.
    pub sent: Arc<AtomicU64>,
    sent_total: Counter,
    connections: Gauge,
    items: Gauge,
    feeds: Gauge,
    rejects: Gauge,
    publishes: Histogram,
}

impl Metrics {
    /// Everything at nought.
    pub fn new() -> Metrics {
        let mut registry = Registry::with_prefix("tidings");
        let metrics = Metrics {
            requests: Family::default(),
            often: Default::default(),
            refused: Family::default(),
            not_modified: Gauge::default(),
            answers: AtomicU64::new(0),
            unmodified: AtomicU64::new(0),
            sent: Arc::default(),
            sent_total: Counter::default(),
            connections: Gauge::default(),
            items: Gauge::default(),
            feeds: Gauge::default(),
            rejects: Gauge::default(),
            publishes: Histogram::new(LATENCIES),
            registry: Registry::default(),
        };
        registry.register(
            "requests",
            "Requests that were answered, by status and kind of file",
            metrics.requests.clone(),
        );
        registry.register(
            "refused",
            "Connections and requests that were refused, by reason",
            metrics.refused.clone(),
        );
        registry.register(
            "not_modified_share",
            "Share of all answers that were 304, since the start",
            metrics.not_modified.clone(),
        );
        registry.register_with_unit(
            "sent",
            "What went out, headers and all",
            Unit::Bytes,
            metrics.sent_total.clone(),
        );
        registry.register(
            "connections",
            "Connections that are open",
            metrics.connections.clone(),
        );
        registry.register("items", "Items that stand in feeds", metrics.items.clone());
        registry.register("feeds", "Topics that have feeds", metrics.feeds.clone());
        registry.register(
            "rejected_items",
            "Files that cannot be published as they are",
            metrics.rejects.clone(),
        );
        registry.register_with_unit(
            "publish",
            "How long publishing a change took, where this process publishes",
            Unit::Seconds,
            metrics.publishes.clone(),
        );
        Metrics {
            registry,
            ..metrics
        }
    }

    /// A request was answered.
    pub fn answered(&self, status: u16, kind: &'static str) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        if status == 304 {
            self.unmodified.fetch_add(1, Ordering::Relaxed);
        }
        let new = || {
            let counter = self.requests.get_or_create(&Answer { status, kind });
            counter.clone()
        };
        let often = Kind::NAMES.iter().position(|name| *name == kind);
        match (often, status) {
            (Some(at), 200) => self.often[at][0].get_or_init(new).inc(),
            (Some(at), 304) => self.often[at][1].get_or_init(new).inc(),
            _ => new().inc(),
        };
    }

    /// A connection or a request was refused before it could be answered.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Refusal { reason }).inc();
    }

    /// A connection was opened (1) or closed (-1).
    pub fn connection(&self, change: i64) {
        self.connections.inc_by(change);
    }

    /// A change was published in this process.
    pub fn published(&self, took: Duration) {
        self.publishes.observe(took.as_secs_f64());
    }

    /// All figures as text; what is published as `status` says.
    pub fn text(&self, status: &Status) -> String {
        let answers = self.answers.load(Ordering::Relaxed);
        let unmodified = self.unmodified.load(Ordering::Relaxed);
        if answers > 0 {
            self.not_modified.set(unmodified as f64 / answers as f64);
        }
        let sent = self.sent.load(Ordering::Relaxed);
        self.sent_total
            .inc_by(sent.saturating_sub(self.sent_total.get()));
        self.items.set(status.items);
        self.feeds.set(status.feeds);
        self.rejects.set(status.rejects);
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_scrapers_read_them() {
        let metrics = Metrics::new();
        metrics.answered(200, "feed");
        metrics.answered(304, "feed");
        metrics.answered(304, "feed");
        metrics.answered(404, "page");
        metrics.refused("slow");
        metrics.sent.store(1_000, Ordering::Relaxed);
        metrics.published(Duration::from_millis(30));
        let status = Status {
            items: 52,
            feeds: 90,
            rejects: 1,
        };
        let text = metrics.text(&status);
        for line in [
            "tidings_requests_total{status=\"304\",kind=\"feed\"} 2",
            "tidings_refused_total{reason=\"slow\"} 1",
            "tidings_not_modified_share 0.5",
            "tidings_sent_bytes_total 1000",
            "tidings_items 52",
            "tidings_feeds 90",
            "tidings_rejected_items 1",
            "tidings_publish_seconds_bucket{le=\"0.05\"} 1",
            "tidings_publish_seconds_count 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(text.ends_with("# EOF\n"));
        assert!(
            metrics
                .text(&status)
                .contains("tidings_sent_bytes_total 1000")
        );
    }
}
