//! How many messages a warm-up lets through, whatever the clock does and however many send.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;

use super::*;
use crate::config::mail::WarmUp;

/// Noon today, so that no day ends while a test runs.
fn noon() -> DateTime<Utc> {
    let noon = Utc::now().date_naive().and_hms_opt(12, 0, 0);
    noon.unwrap().and_utc()
}

/// A newsroom that warms up since today, with four messages.
fn warming_up(subscribers: i64) -> Newsroom {
    let mut newsroom = Newsroom::new(subscribers);
    newsroom.mail.warm_up = Some(WarmUp {
        since: noon().date_naive(),
        first_day: 4,
        growth: 2.0,
        until: 1_000,
    });
    newsroom.plan();
    newsroom
}

const AT_ONCE: Patience = Patience::AtMost(Duration::ZERO);

#[test]
fn a_day_allows_what_it_allows_however_the_clock_jumps() {
    let newsroom = warming_up(40);
    let relay = FakeRelay::good();
    let days = Arc::new(AtomicI64::new(0));
    let shown = Arc::clone(&days);
    let mut sender = newsroom.sender(&relay.url());
    sender.clock = Clock::new(move || noon() + TimeDelta::days(shown.load(Ordering::SeqCst)));
    let mut ends = Vec::new();
    // A day later more may go; back on the first, its quota is used up still.
    for day in [0, 1, 0, 1] {
        days.store(day, Ordering::SeqCst);
        let run = newsroom.run_for(&sender, AT_ONCE).unwrap();
        ends.push((run.sent, matches!(run.end, End::Waits(_))));
    }
    assert_eq!(ends, [(4, true), (8, true), (0, true), (0, true)]);
}

#[test]
fn two_senders_at_once_send_no_more_than_the_day_allows() {
    let newsroom = warming_up(40);
    let relay = FakeRelay::good();
    let url = relay.url();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut sender = newsroom.sender(&url);
                sender.clock = Clock::new(noon);
                newsroom.run_for(&sender, AT_ONCE).unwrap();
            });
        }
    });
    assert_eq!(relay.taken().len(), 4);
}
