//! What was refused before it could be answered: counted, and said in the log without letting a
//! flood of it drown everything else.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::metrics::Metrics;

/// The most refusals that are said in a second.
const SAID: u32 = 20;

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There are as many connections as may be.
    Connections,
    /// A request's head did not come in time.
    SlowHead,
    /// The client did not take its answer in time.
    SlowReader,
    /// A request's line and headers are too large or too many.
    LargeHead,
    /// A request's address is too long.
    LongAddress,
    /// What came is no HTTP.
    Malformed,
    /// TLS could not be agreed on.
    Handshake,
}

impl Reason {
    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Connections => "connections",
            Reason::SlowHead => "slow_head",
            Reason::SlowReader => "slow_reader",
            Reason::LargeHead => "large_head",
            Reason::LongAddress => "long_address",
            Reason::Malformed => "malformed",
            Reason::Handshake => "handshake",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Reason::Connections => {
                "there are as many connections as may be (serve.limits.connections)"
            }
            Reason::SlowHead => "no whole request came in time (serve.limits.header_timeout)",
            Reason::SlowReader => {
                "it did not take its answer in time (serve.limits.transfer_timeout)"
            }
            Reason::LargeHead => "its request has too large a head (serve.limits.header_size)",
            Reason::LongAddress => {
                "the address that it asked for is too long (serve.limits.url_length)"
            }
            Reason::Malformed => "what it sent is not HTTP",
            Reason::Handshake => "TLS could not be agreed on",
        }
    }
}

/// Tells of refusals.
#[derive(Debug)]
pub struct Refusals {
    metrics: Arc<Metrics>,
    /// When the second began, and how many were said and kept back in it.
    second: Mutex<(Instant, u32, u64)>,
}

impl Refusals {
    /// Nothing was refused yet.
    pub fn new(metrics: Arc<Metrics>) -> Refusals {
        Refusals {
            metrics,
            second: Mutex::new((Instant::now(), 0, 0)),
        }
    }

    /// Tells of one.
    pub fn note(&self, client: IpAddr, reason: Reason) {
        self.metrics.refused(reason.name());
        let (may_say, kept_back) = self.may_say(Instant::now());
        if kept_back > 0 {
            tracing::warn!("{kept_back} more refusals in the second before");
        }
        if may_say {
            tracing::warn!("refused {client}: {}", reason.words());
        }
    }

    /// Whether one more may be said, and how many were kept back in the last second.
    fn may_say(&self, now: Instant) -> (bool, u64) {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, said, kept_back) = &mut *second;
        let mut before = 0;
        if now.duration_since(*start) >= Duration::from_secs(1) {
            before = std::mem::take(kept_back);
            (*start, *said) = (now, 0);
        }
        if *said < SAID {
            *said += 1;
            (true, before)
        } else {
            *kept_back += 1;
            (false, before)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_summed_up() {
        let refusals = Refusals::new(Arc::default());
        let start = Instant::now();
        let said = (0..1_000).filter(|_| refusals.may_say(start).0).count();
        assert_eq!(said, SAID as usize);
        let later = start + Duration::from_secs(2);
        assert_eq!(refusals.may_say(later), (true, 1_000 - u64::from(SAID)));
        assert_eq!(refusals.may_say(later), (true, 0));
    }
}
