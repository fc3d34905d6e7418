//! What lines tell of messages, and what follows from it for the run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::line::Told;
use super::super::{End, SendError};
use super::{Feeder, Trouble};
use crate::ledger::LedgerError;
use crate::ledger::deliveries::Mailing;
use crate::ledger::subscribers::Reason;
use crate::mail::address::Address;
use crate::subscribers::registrar::Registrar;

/// How often progress is told.
const TELL_AGAIN: Duration = Duration::from_millis(100);
/// How often in a row the relay may be unreachable, and not for one connection alone.
const UNREACHABLE_LIMIT: usize = 8;

impl Feeder<'_> {
    /// Takes in all that was told.
    pub(super) fn hear(&mut self) {
        while let Ok(told) = self.told.try_recv() {
            self.take_in(told);
        }
        if self.shown.elapsed() >= TELL_AGAIN {
            self.shown = Instant::now();
            self.watcher.progress(&self.counts);
        }
    }

    /// Waits for one thing that is told, for a while.
    pub(super) async fn hear_one(&mut self, longest: Duration) {
        if let Ok(Some(told)) = tokio::time::timeout(longest, self.told.recv()).await {
            self.take_in(told);
        }
    }

    pub(super) fn take_in(&mut self, told: Told) {
        self.in_hand = self.in_hand.saturating_sub(1);
        if !matches!(told, Told::Unreachable(_)) {
            self.unreachable = 0;
        }
        match told {
            Told::Sent => {
                self.run.sent += 1;
                self.counts.sent += 1;
                self.counts.waiting = self.counts.waiting.saturating_sub(1);
            }
            Told::Later(why) => self.note(format!("put off: {why}")),
            Told::Failed(why) => self.failed(&why),
            Told::NoSuchAddress(address, why) => {
                self.suppress(address);
                self.failed(&why);
            }
            Told::Unknown(why) => {
                self.run.uncertain += 1;
                self.note(format!(
                    "nobody knows whether the relay has a message: {why}"
                ));
                self.judge(&why);
            }
            Told::Held(why) => self.note(format!("a message cannot be made, and is held: {why}")),
            Told::SenderRefused(why) => {
                let why = format!("the relay refuses the sender: {why}");
                self.trouble
                    .get_or_insert(Trouble::End(End::TooManyFailures(why)));
            }
            Told::Unreachable(error) => {
                self.unreachable += 1;
                let is_over = error.is_setting()
                    || self.unreachable >= UNREACHABLE_LIMIT.max(2 * self.sender.mail.connections);
                if is_over {
                    self.trouble.get_or_insert(Trouble::Error(error.into()));
                } else {
                    self.note(error.to_string());
                }
            }
            // Its digest was renamed: what waits goes out under the new name.
            Told::LedgerFailed(error) if matches!(*error, LedgerError::NotInHand(_)) => {
                self.trouble.get_or_insert(Trouble::End(End::Withdrawn));
            }
            Told::LedgerFailed(error) => {
                self.trouble
                    .get_or_insert(Trouble::Error(SendError::Ledger(error)));
            }
        }
    }

    fn failed(&mut self, why: &str) {
        self.run.failed += 1;
        self.counts.failed += 1;
        self.counts.waiting = self.counts.waiting.saturating_sub(1);
        self.note(format!("refused: {why}"));
        self.judge(why);
    }

    /// Ends the run when too large a share has failed. Letters are many matters, not one.
    fn judge(&mut self, why: &str) {
        let mail = &self.sender.mail;
        let bad = self.run.failed + self.run.uncertain;
        let all = bad + self.run.sent;
        // Numbers of messages are far below what a float holds exactly.
        let share = bad as f64 / all as f64;
        let is_issue = *self.mailing != Mailing::Letters;
        if is_issue && all >= mail.pause_after as u64 && share >= mail.pause_at {
            let why = format!(
                "{bad} of {all} messages failed ({:.0} %), the last with: {why}",
                share * 100.0
            );
            self.trouble
                .get_or_insert(Trouble::End(End::TooManyFailures(why)));
        }
    }

    /// Nothing more goes to an address that does not exist.
    fn suppress(&mut self, address: Address) {
        let (setup, seal) = (
            Arc::clone(&self.sender.setup),
            Arc::clone(&self.sender.seal),
        );
        let desk = self.desk.clone();
        let now = self.sender.clock.milliseconds();
        tokio::spawn(async move {
            let done = desk.ask(move |ledger| {
                Registrar::new(&setup, &seal).suppress(ledger, &address, Reason::Bounce, now)
            });
            // Where it fails, the next message to it is refused again.
            let _ = done.await;
        });
    }

    /// Tells the same only once.
    pub(super) fn note(&mut self, text: String) {
        if self.noted.len() < 100 && self.noted.insert(text.clone()) {
            self.watcher.note(&text);
        }
    }
}
