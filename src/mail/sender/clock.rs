//! What time it is, as far as that is written down: when something is due, and the day that a
//! message counts for. Paces go by a clock of their own, which never jumps.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// How far a clock may go back, in milliseconds, and count as one that is merely set right.
const A_LITTLE: i64 = 2_000;

/// The clock on the wall, which remembers the latest time that it told.
#[derive(Clone)]
pub struct Clock(Arc<Works>);

struct Works {
    read: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// In milliseconds since 1970 UTC.
    latest: AtomicI64,
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

impl Clock {
    /// The system's.
    pub fn system() -> Clock {
        Clock::new(Utc::now)
    }

    /// One that is read like this.
    pub fn new(read: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(Works {
            read: Box::new(read),
            latest: AtomicI64::new(i64::MIN),
        }))
    }

    /// What time it is.
    pub fn now(&self) -> DateTime<Utc> {
        let now = (self.0.read)();
        let milliseconds = now.timestamp_millis();
        self.0.latest.fetch_max(milliseconds, Ordering::SeqCst);
        now
    }

    /// The same, in milliseconds since 1970 UTC.
    pub fn milliseconds(&self) -> i64 {
        self.now().timestamp_millis()
    }

    /// Whether it was put back since it was first read, or since this was asked last: then what
    /// was reckoned from its time may be far ahead.
    pub fn was_put_back(&self) -> bool {
        let now = (self.0.read)().timestamp_millis();
        let latest = self.0.latest.swap(now, Ordering::SeqCst);
        now < latest.saturating_sub(A_LITTLE)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_clock_that_was_put_back_is_noticed_once() {
        let start = Utc::now();
        let seconds = Arc::new(AtomicI64::new(0));
        let shown = Arc::clone(&seconds);
        let read = move || start + TimeDelta::seconds(shown.load(Ordering::SeqCst));
        let clock = Clock::new(read);
        let set = |to: i64| {
            seconds.store(to, Ordering::SeqCst);
            clock.now();
        };
        set(5);
        set(86_400);
        assert!(!clock.was_put_back());
        set(7);
        assert!(clock.was_put_back());
        assert!(!clock.was_put_back());
        // Forward and back between two looks.
        set(3_600);
        set(7);
        assert!(clock.was_put_back());
        // A second of NTP is nothing.
        set(6);
        assert!(!clock.was_put_back());
    }
}
