//! How many requests a client may send in an hour.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time over which requests are counted.
const HOUR: Duration = Duration::from_secs(3_600);
/// The most clients that are remembered; beyond that those whose hour began first are forgotten.
const CLIENTS: usize = 100_000;

/// Counts requests by client.
#[derive(Debug)]
pub struct Limits {
    requests_per_hour: u64,
    /// When the hour of a client began, and how many requests came in it.
    clients: Mutex<HashMap<IpAddr, (Instant, u64)>>,
}

impl Limits {
    /// Nobody has sent anything yet.
    pub fn new(requests_per_hour: u64) -> Limits {
        Limits {
            requests_per_hour,
            clients: Mutex::default(),
        }
    }

    /// Whether a client may send one more at `now`; counts it.
    pub fn allows(&self, client: IpAddr, now: Instant) -> bool {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS {
            clients.retain(|_, (since, _)| now.duration_since(*since) < HOUR);
            if clients.len() >= CLIENTS {
                // An attack from everywhere: nobody is known by their address then.
                clients.clear();
            }
        }
        let (since, count) = clients.entry(network(client)).or_insert((now, 0));
        if now.duration_since(*since) >= HOUR {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.requests_per_hour
    }
}

/// Who counts as one client: an IPv6 customer has a whole network of 64 bits.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_client_has_so_many_an_hour_and_others_are_not_touched() {
        let limits = Limits::new(2);
        let start = Instant::now();
        let ask = |text, now| limits.allows(client(text), now);
        assert!(ask("192.0.2.1", start) && ask("192.0.2.1", start));
        assert!(!ask("192.0.2.1", start));
        assert!(ask("192.0.2.2", start));
        assert!(ask("192.0.2.1", start + HOUR));
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let limits = Limits::new(1);
        let now = Instant::now();
        assert!(limits.allows(client("2001:db8::1"), now));
        assert!(!limits.allows(client("2001:db8::2"), now));
        assert!(limits.allows(client("2001:db8:0:1::1"), now));
        assert!(limits.allows(client("::ffff:192.0.2.1"), now));
        assert!(!limits.allows(client("192.0.2.1"), now));
    }
}
