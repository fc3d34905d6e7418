//! A clock that jumps while an issue is sent.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;

use super::*;
use crate::config::mail::DomainLimit;

/// A clock that is `hours` off as long as they stand there.
fn off_by(hours: &Arc<AtomicI64>) -> Clock {
    let hours = Arc::clone(hours);
    Clock::new(move || Utc::now() + TimeDelta::hours(hours.load(Ordering::SeqCst)))
}

/// Sends to 40 people by a clock that is put to another hour again and again.
fn send_by(newsroom: &Newsroom, hours_off: &'static [i64]) -> (Run, FakeRelay) {
    newsroom.plan();
    let hours = Arc::new(AtomicI64::new(0));
    let clock = off_by(&hours);
    let relay = FakeRelay::start(move |visit| {
        let jump = hours_off[(visit.taken / 4) % hours_off.len()];
        hours.store(jump, Ordering::SeqCst);
        match (visit.to.as_str(), visit.tried) {
            ("p7@example.org" | "p19@example.org", 0) => Act::Recipient("451 4.7.1 greylisted"),
            _ => Act::Take,
        }
    });
    let mut sender = newsroom.sender(&relay.url());
    sender.clock = clock;
    (newsroom.run_with(&sender).unwrap(), relay)
}

#[test]
fn everybody_gets_the_issue_once_however_the_clock_jumps() {
    for hours_off in [
        &[0, 24][..],
        &[24, 0],
        &[0, -24],
        &[0, 1, -2, 3, 0, -87_600],
    ] {
        let newsroom = Newsroom::new(40);
        let (run, relay) = send_by(&newsroom, hours_off);
        assert_eq!((run.end, run.sent, run.uncertain), (End::Done, 40, 0));
        assert_eq!(relay.recipients(), everybody(40), "{hours_off:?}");
    }
}

#[test]
fn a_clock_that_is_put_back_an_hour_holds_up_nothing_that_waits_for_its_turn() {
    let mut newsroom = Newsroom::new(40);
    // Pauses so long that an hour is no sign of a wrong clock.
    newsroom.mail.longest_pause = Duration::from_secs(6 * 3_600);
    newsroom.mail.limits = vec![DomainLimit {
        domains: vec!["example.org".to_owned()],
        per_second: Some(40),
        per_hour: None,
    }];
    let (run, relay) = send_by(&newsroom, &[0, -1]);
    assert_eq!((run.end, run.sent), (End::Done, 40));
    assert_eq!(relay.recipients(), everybody(40));
}
