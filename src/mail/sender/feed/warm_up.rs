//! What a warm-up allows on a day.

use super::super::SendError;
use super::super::limits::{day_of, warm_up_quota};
use super::Feeder;
use crate::ledger::LedgerError;
use crate::ledger::deliveries::{Mailing, Quota};

impl Feeder<'_> {
    /// What the warm-up allows today to all who send together; `None` where nothing is limited.
    pub(super) fn quota(&self) -> Option<Quota> {
        if *self.mailing == Mailing::Letters {
            // Somebody waits for it.
            return None;
        }
        let warm_up = self.sender.mail.warm_up.as_ref()?;
        let now = self.sender.clock.now();
        Some(Quota {
            day: day_of(now),
            messages: warm_up_quota(warm_up, now.date_naive())?,
        })
    }

    /// Whether a quota leaves something.
    pub(super) async fn leaves_something(&mut self, quota: &Quota) -> Result<bool, SendError> {
        let day = quota.day.clone();
        let used = self.desk.ask(move |ledger| {
            Ok::<_, LedgerError>(ledger.messages_of_day(&day)? + ledger.deliveries_in_hand()?)
        });
        let is_used = used.await?? >= quota.messages;
        self.is_quota_used = is_used;
        if is_used && self.in_hand + self.waiting.len() == 0 {
            self.note(format!(
                "the warm-up allows {} messages today: the rest goes tomorrow (UTC)",
                quota.messages
            ));
        }
        Ok(!is_used)
    }
}
