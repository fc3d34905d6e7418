//! How fast mails go out: in all, to some domains, and while a sender warms up.
//!
//! Rates are kept by even steps of a clock that never jumps: a limit of 3,600 an hour is one a
//! second. Pure: the moment is given.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};

use crate::config::mail::{Mail, WarmUp};

/// How far a pace may lag behind its steps and catch up: what a slow answer costs is not lost.
const CATCH_UP: Duration = Duration::from_millis(500);

/// Even steps, of which one sender of several takes its share.
#[derive(Debug, Clone)]
pub struct Pace {
    step: Duration,
    senders: u32,
    next: Option<Instant>,
}

impl Pace {
    /// The slower of two rates; `None` without any.
    pub fn new(per_second: Option<u32>, per_hour: Option<u32>) -> Option<Pace> {
        let second = per_second.map(|number| Duration::from_secs(1) / number.max(1));
        let hour = per_hour.map(|number| Duration::from_secs(3_600) / number.max(1));
        let step = second.max(hour)?;
        Some(Pace {
            step,
            senders: 1,
            next: None,
        })
    }

    /// From now on, so many senders take the steps in turn.
    pub fn share(&mut self, senders: u32) {
        self.senders = senders.max(1);
    }

    /// No step is free before this moment.
    pub fn wait_until(&mut self, moment: Instant) {
        self.next = Some(self.next.map_or(moment, |next| next.max(moment)));
    }

    /// How many steps go into some time.
    pub fn steps_in(&self, time: Duration) -> usize {
        let steps = time.as_nanos() / self.own_step().as_nanos().max(1);
        usize::try_from(steps).unwrap_or(usize::MAX)
    }

    /// From one step of this sender to the next.
    fn own_step(&self) -> Duration {
        self.step.saturating_mul(self.senders)
    }

    /// Takes the next step that is free: its moment, `now` or later.
    pub fn take(&mut self, now: Instant) -> Instant {
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        let free = self.next.map_or(now, |next| next.max(earliest));
        self.next = Some(free + self.own_step());
        free.max(now)
    }

    /// How long until the next step that is free.
    fn wait(&self, now: Instant) -> Duration {
        self.next
            .map_or(Duration::ZERO, |next| next.saturating_duration_since(now))
    }
}

/// The limits of domains.
#[derive(Debug)]
pub struct DomainLimits {
    /// Which pace a domain has.
    groups: HashMap<String, usize>,
    paces: Vec<Pace>,
    /// Those that have a step already, and waited for it.
    reserved: HashSet<i64>,
    /// The longest that something waits for its step.
    longest: Duration,
}

impl DomainLimits {
    /// The limits that `[[mail.limit]]` sets.
    pub fn new(mail: &Mail) -> DomainLimits {
        let mut groups = HashMap::new();
        let mut paces = Vec::new();
        for limit in &mail.limits {
            if let Some(pace) = Pace::new(limit.per_second, limit.per_hour) {
                let names = limit.domains.iter().cloned();
                groups.extend(names.map(|domain| (domain, paces.len())));
                paces.push(pace);
            }
        }
        DomainLimits {
            groups,
            paces,
            reserved: HashSet::new(),
            longest: mail.longest_pause / 2,
        }
    }

    /// From now on, so many senders share them.
    pub fn share(&mut self, senders: u32) {
        for pace in &mut self.paces {
            pace.share(senders);
        }
    }

    /// Nothing goes before this moment to domains that have limits.
    pub fn wait_until(&mut self, moment: Instant) {
        for pace in &mut self.paces {
            pace.wait_until(moment);
        }
    }

    /// How long the message known by `key` has to wait that goes to `domain`: not at all, or until
    /// the step that is now kept for it.
    pub fn admit(&mut self, domain: &str, key: i64, now: Instant) -> Duration {
        let Some(group) = self.groups.get(domain) else {
            return Duration::ZERO;
        };
        if self.reserved.remove(&key) {
            return Duration::ZERO;
        }
        let pace = &mut self.paces[*group];
        if pace.wait(now) > self.longest {
            // So far ahead nothing is kept: it asks again.
            return self.longest;
        }
        let wait = pace.take(now).saturating_duration_since(now);
        if wait > Duration::ZERO {
            self.reserved.insert(key);
        }
        wait
    }
}

/// The most messages on a day of a warm-up; `None` where there is no limit any more, 0 before it
/// begins.
pub fn warm_up_quota(warm_up: &WarmUp, day: NaiveDate) -> Option<u64> {
    let days = (day - warm_up.since).num_days();
    let Ok(days) = i32::try_from(days) else {
        return (days < 0).then_some(0);
    };
    if days < 0 {
        return Some(0);
    }
    let quota = f64::from(warm_up.first_day) * warm_up.growth.powi(days);
    // Cut off: part of a message is none.
    (quota < f64::from(warm_up.until)).then_some(quota as u64)
}

/// The pause before a message is tried again that was tried so often: each twice as long as the
/// one before, up to the longest. `spread`, from 0 to 1, makes it up to a tenth longer, so that
/// what was put off together does not come back together.
pub fn pause_before_retry(mail: &Mail, attempts: u32, spread: f64) -> Duration {
    let doubled = mail
        .retry_after
        .checked_mul(1 << attempts.saturating_sub(1).min(20))
        .unwrap_or(mail.longest_pause);
    doubled.min(mail.longest_pause).mul_f64(1.0 + 0.1 * spread)
}

/// The day in UTC, as the ledger has it.
pub fn day_of(now: DateTime<Utc>) -> String {
    now.date_naive().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::mail::DomainLimit;

    #[test]
    fn a_pace_steps_evenly_and_catches_up_only_a_little() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(10), None).unwrap();
        let at = |moment: Instant| moment.duration_since(start).as_millis();
        assert_eq!(at(pace.take(start)), 0);
        assert_eq!(at(pace.take(start)), 100);
        assert_eq!(at(pace.take(start)), 200);
        // A minute later there is no burst of 600.
        let later = start + Duration::from_secs(60);
        let burst = (0..20).filter(|_| pace.take(later) == later).count();
        assert_eq!(burst, 6);
    }

    #[test]
    fn the_slower_of_two_rates_holds() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(100), Some(3_600)).unwrap();
        pace.take(start);
        assert_eq!(pace.take(start) - start, Duration::from_secs(1));
        assert!(Pace::new(None, None).is_none());
    }

    #[test]
    fn a_limited_domain_waits_for_its_step_and_then_goes() {
        let mail = Mail {
            limits: vec![DomainLimit {
                domains: vec!["a.example".to_owned(), "b.example".to_owned()],
                per_second: Some(1),
                per_hour: None,
            }],
            ..Mail::default()
        };
        let mut limits = DomainLimits::new(&mail);
        let now = Instant::now();
        assert_eq!(limits.admit("c.example", 1, now), Duration::ZERO);
        assert_eq!(limits.admit("a.example", 2, now), Duration::ZERO);
        // The two share one pace.
        let wait = limits.admit("b.example", 3, now);
        assert_eq!(wait, Duration::from_secs(1));
        assert_eq!(limits.admit("a.example", 4, now), Duration::from_secs(2));
        assert_eq!(limits.admit("b.example", 3, now + wait), Duration::ZERO);
    }

    #[test]
    fn a_warm_up_grows_from_day_to_day_until_it_is_over() {
        let warm_up = WarmUp {
            since: "2024-11-25".parse().unwrap(),
            first_day: 500,
            growth: 1.5,
            until: 2_000,
        };
        let quota = |day: &str| warm_up_quota(&warm_up, day.parse().unwrap());
        assert_eq!(quota("2024-11-24"), Some(0));
        assert_eq!(quota("2024-11-25"), Some(500));
        assert_eq!(quota("2024-11-26"), Some(750));
        assert_eq!(quota("2024-11-28"), Some(1_687));
        assert_eq!(quota("2024-11-29"), None);
        assert_eq!(quota("2099-11-29"), None);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mail = Mail::default();
        let minutes = |attempts| pause_before_retry(&mail, attempts, 0.0).as_secs() / 60;
        assert_eq!([1, 2, 3, 4].map(minutes), [5, 10, 20, 40]);
        assert_eq!(minutes(90), 360);
        assert!(pause_before_retry(&mail, 1, 1.0) > pause_before_retry(&mail, 1, 0.0));
    }
}
