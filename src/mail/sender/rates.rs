//! How fast one of several senders may go, so that all of them together keep to the rates.
//!
//! Each takes an even share. Who else sends is looked up now and then; one that joins waits until
//! the others have seen it, so that for a moment all are slower and never faster.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::claimer;
use super::limits::{DomainLimits, Pace};
use crate::config::mail::Mail;

/// How often it is looked up who else sends.
const COUNT_AGAIN: Duration = Duration::from_millis(500);
/// How long one that joins waits until the others have counted it.
const UNTIL_COUNTED: Duration = Duration::from_secs(1);

/// The rates of one sender.
#[derive(Debug)]
pub struct Rates {
    pace: Option<Pace>,
    domains: DomainLimits,
    /// Where each sender keeps its file; `None` where nothing is limited.
    folder: Option<PathBuf>,
    senders: u32,
    counted: Instant,
}

impl Rates {
    /// The rates of `[mail]` for a sender that begins `now` and has its file in `folder` already.
    pub fn new(mail: &Mail, folder: PathBuf, now: Instant) -> Rates {
        let pace = Pace::new(mail.rate_per_second, mail.rate_per_hour);
        let is_limited = pace.is_some() || !mail.limits.is_empty();
        let mut rates = Rates {
            pace,
            domains: DomainLimits::new(mail),
            folder: is_limited.then_some(folder),
            senders: 1,
            counted: now,
        };
        rates.count();
        if rates.senders > 1 {
            let from = now + UNTIL_COUNTED;
            rates.domains.wait_until(from);
            if let Some(pace) = &mut rates.pace {
                pace.wait_until(from);
            }
        }
        rates
    }

    /// Looks up who else sends, where that was not done just now.
    pub fn look(&mut self, now: Instant) {
        if now.saturating_duration_since(self.counted) >= COUNT_AGAIN {
            self.counted = now;
            self.count();
        }
    }

    fn count(&mut self) {
        let Some(folder) = &self.folder else {
            return;
        };
        let living = claimer::living(folder).max(1);
        self.senders = u32::try_from(living).unwrap_or(u32::MAX);
        self.domains.share(self.senders);
        if let Some(pace) = &mut self.pace {
            pace.share(self.senders);
        }
    }

    /// When the next message may go: `now` or later.
    pub fn take(&mut self, now: Instant) -> Instant {
        self.pace.as_mut().map_or(now, |pace| pace.take(now))
    }

    /// How long the message known by `key` has to wait that goes to `domain`: not at all, or until
    /// the step that is now kept for it.
    pub fn admit(&mut self, domain: &str, key: i64, now: Instant) -> Duration {
        self.domains.admit(domain, key, now)
    }

    /// How many messages go within two seconds, at least two; `None` where nothing limits that.
    pub fn in_two_seconds(&self) -> Option<usize> {
        self.pace
            .as_ref()
            .map(|pace| pace.steps_in(Duration::from_secs(2)).max(2))
    }
}

#[cfg(test)]
mod tests {
    use super::super::claimer::Claimer;
    use super::*;
    use crate::config::mail::DomainLimit;

    const SECOND: Duration = Duration::from_secs(1);

    /// The moments at which a sender sends that always has something to send, until `end`.
    fn steps(rates: &mut Rates, from: Instant, end: Instant) -> Vec<Instant> {
        let mut moments = Vec::new();
        let mut now = from;
        while now < end {
            rates.look(now);
            now = rates.take(now);
            moments.push(now);
        }
        moments
    }

    fn most_in_a_second(mut moments: Vec<Instant>) -> usize {
        moments.sort_unstable();
        let within = |from: Instant| {
            let all = moments.iter();
            all.filter(|at| **at >= from && **at < from + SECOND)
                .count()
        };
        moments.iter().map(|from| within(*from)).max().unwrap_or(0)
    }

    #[test]
    fn senders_at_once_keep_to_one_rate_together() {
        let folder = tempfile::tempdir().unwrap();
        let mail = Mail {
            rate_per_second: Some(10),
            ..Mail::default()
        };
        let start = Instant::now();
        let rates = |now| Rates::new(&mail, folder.path().to_owned(), now);
        let _first = Claimer::new(folder.path()).unwrap();
        let mut one = rates(start);
        let mut moments = steps(&mut one, start, start + 5 * SECOND);
        // For five seconds alone, then five beside another, and five alone again.
        let joined = start + 5 * SECOND;
        let second = Claimer::new(folder.path()).unwrap();
        let mut two = rates(joined);
        moments.extend(steps(&mut one, joined, joined + 5 * SECOND));
        moments.extend(steps(&mut two, joined, joined + 5 * SECOND));
        drop(second);
        let left = joined + 5 * SECOND;
        moments.extend(steps(&mut one, left, left + 5 * SECOND));
        let most = most_in_a_second(moments.clone());
        assert!(most <= 11, "{most} in a second");
        // And none of them lags: what one leaves, the other uses.
        assert!(moments.len() > 125, "{}", moments.len());
    }

    #[test]
    fn senders_at_once_keep_to_the_limits_of_domains_together() {
        let folder = tempfile::tempdir().unwrap();
        let mail = Mail {
            limits: vec![DomainLimit {
                domains: vec!["a.example".to_owned()],
                per_second: Some(1),
                per_hour: None,
            }],
            ..Mail::default()
        };
        let start = Instant::now();
        let _all = [(); 2].map(|()| Claimer::new(folder.path()).unwrap());
        let mut rates = Rates::new(&mail, folder.path().to_owned(), start);
        // Others first see it; then every second step of one a second is its own.
        let waits = [1, 2, 3].map(|key| rates.admit("a.example", key, start).as_secs());
        assert_eq!(waits, [1, 3, 5]);
        assert_eq!(rates.in_two_seconds(), None);
    }
}
