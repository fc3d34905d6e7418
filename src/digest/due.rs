//! Which issue of a digest is due, and what the digest is known to have come to after it.
//!
//! Pure: what the ledger knows, what is published and what time it is in, a decision out. Who
//! carries it out makes the issue first and notes the due moment after it, so that a crash in
//! between misses nothing.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{Digest, Quiet};
use crate::digest::gather::{News, Reach, held};
use crate::digest::period::Span;
use crate::entry::from_milliseconds;
use crate::ledger::{DigestProgress, IssueRecord};

/// How long an issue that comes at once waits for more, so that a slip can be mended and what is
/// published together comes together.
pub const AT_ONCE_WAIT: TimeDelta = TimeDelta::minutes(2);

/// The most items from before a digest's beginning that count as news which came late. More are
/// an archive that was added, and do not go out unasked.
const MOST_BACKDATED: usize = 10;

/// A digest as it stands.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// The digest.
    pub digest: &'a Digest,
    /// How far it has come; `None`: it has not begun.
    pub progress: Option<&'a DigestProgress>,
    /// All of its issues.
    pub issues: Vec<&'a IssueRecord>,
    /// The highest place of an item in the order in which readers learn of them; 0: there never
    /// was one.
    pub last_sequence: u64,
    /// What time it is.
    pub now: DateTime<Utc>,
}

/// What is to be done about a digest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// It begins: this is known of it from now on.
    pub begins: Option<DigestProgress>,
    /// The issue that is to be made.
    pub issue: Option<Planned>,
    /// The due moment that is dealt with once the issue is made.
    pub followed: Option<DateTime<Utc>>,
    /// Since when there is something new that waits for more.
    pub waiting: Option<DateTime<Utc>>,
}

/// An issue that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The time that it covers.
    pub span: Span,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// Why it does not go out unasked, in time or not.
    pub hold: Option<Hold>,
}

/// Why an issue that was made in time does not go out unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Hold {
    /// It was due before the digest was there, in a newsroom that has older news: nobody waited
    /// for it.
    #[error("the first issue, and due before the digest was there")]
    First,
    /// It has more items of old dates than come late by chance.
    #[error("{0} of its items are from before the digest began")]
    Backdated(usize),
}

impl Hold {
    /// Whether so many items from before the digest's beginning hold its issue.
    pub fn of_backdated(backdated: usize) -> Option<Hold> {
        (backdated > MOST_BACKDATED).then_some(Hold::Backdated(backdated))
    }
}

impl<'a> Standing<'a> {
    /// Since when the digest has issues, and how far it has come; `None`: it has not begun.
    pub fn beginning(&self) -> Option<DigestProgress> {
        if let Some(progress) = self.progress.filter(|progress| progress.since.is_some()) {
            return Some(progress.clone());
        }
        // Issues of an earlier version did not say: what they covered is over.
        let covered = self.spans().map(|span| span.end).max();
        let unsaid = self.progress.cloned();
        if unsaid.is_none() && covered.is_none() {
            return None;
        }
        let current = || Span::containing(self.now, self.digest.period, self.digest.timezone);
        let since = covered.unwrap_or_else(|| current().start);
        let begun = unsaid.unwrap_or_else(|| self.begins(since));
        Some(DigestProgress {
            since: Some(since.timestamp_millis()),
            ..begun
        })
    }

    /// The digest as it begins now with items of this date or later.
    pub fn begins(&self, since: DateTime<Utc>) -> DigestProgress {
        DigestProgress {
            digest: self.digest.slug.clone(),
            since: Some(since.timestamp_millis()),
            sequence: self.last_sequence,
            followed: None,
        }
    }

    /// The due moment that is still to be dealt with. Each is once, so that what comes late
    /// afterwards goes into the next issue; and one issue makes up for all that were missed.
    pub fn open_moment(&self) -> Option<DateTime<Utc>> {
        let schedule = &self.digest.schedule;
        let now = self.now.with_timezone(&self.digest.timezone);
        let due = schedule.last_before_or_at(now)?.with_timezone(&Utc);
        let is_done = self.followed().is_some_and(|followed| followed >= due);
        (!is_done).then_some(due)
    }

    /// What is to be done at a due moment: the issue of the last period that ended before it.
    /// Where quiet ones are skipped and nothing is new since, none; where the newest news are of
    /// an earlier period whose issue was missed, the issue of that one, so that it is known how
    /// old it is.
    ///
    /// A digest begins with the last period that has news. `late` are the ids of items that are
    /// older than its beginning and came after it; `wanted` are the items that the digest or its
    /// subscribers choose from, newest first.
    pub fn by_schedule<'i>(
        &self,
        due: DateTime<Utc>,
        late: &HashSet<String>,
        wanted: impl IntoIterator<Item = News<'i>>,
    ) -> Decision {
        let digest = self.digest;
        let span = Span::last_ended(due, digest.period, digest.timezone);
        let mut wanted = wanted.into_iter();
        let Some(beginning) = self.beginning() else {
            return self.first(due, &span, wanted);
        };
        let reach = self.reach(&span, true, &beginning, late);
        let newest = wanted.find(|news| reach.takes(*news));
        let issue = match (digest.quiet, newest) {
            (Quiet::Skip, None) => None,
            (Quiet::Send, _) => Some(span),
            (Quiet::Skip, Some(newest)) => {
                let published = from_milliseconds(newest.published);
                let own = Span::containing(published, digest.period, digest.timezone);
                Some(if self.was_missed(&own) { own } else { span })
            }
        };
        let issue = issue.filter(|span| !self.has_issue(span));
        let is_last = |span: &Span| *span == Span::last_ended(due, digest.period, digest.timezone);
        Decision {
            issue: issue.map(|span| Planned {
                due: match is_last(&span) {
                    true => due,
                    false => span.due(&digest.schedule).unwrap_or(due),
                },
                span,
                hold: None,
            }),
            followed: Some(due),
            ..Decision::default()
        }
    }

    /// The digest begins: with the newest period that has news, or with what comes from now on.
    fn first<'i>(
        &self,
        due: DateTime<Utc>,
        last: &Span,
        mut wanted: impl Iterator<Item = News<'i>>,
    ) -> Decision {
        if self.last_sequence == 0 {
            // So does the newsroom: what is put into it first was there before.
            return Decision::default();
        }
        let digest = self.digest;
        let is_over = |news: &News<'_>| from_milliseconds(news.published) < last.end;
        let newest = wanted.find(is_over);
        let span = newest.map(|newest| {
            let published = from_milliseconds(newest.published);
            Span::containing(published, digest.period, digest.timezone)
        });
        let since = span.as_ref().map_or(last.end, |span| span.start);
        let issue = span.map(|span| {
            let due = span.due(&digest.schedule).unwrap_or(due);
            let is_older = |news: News<'_>| from_milliseconds(news.published) < span.start;
            let is_held = due < self.now && wanted.any(is_older);
            Planned {
                span,
                due,
                hold: is_held.then_some(Hold::First),
            }
        });
        Decision {
            begins: Some(self.begins(since)),
            issue,
            followed: Some(due),
            waiting: None,
        }
    }

    /// What is to be done about a digest whose issues come at once, when something has changed:
    /// the issue of what is new, once that has waited for more since `waiting`, or when it
    /// `is_asked` for. What is there when the digest begins is not new; neither is what a skipped
    /// issue held, though the next one has it. `late` and `wanted` are as for
    /// [`Standing::by_schedule`].
    pub fn at_once<'i>(
        &self,
        is_asked: bool,
        waiting: Option<DateTime<Utc>>,
        late: &HashSet<String>,
        wanted: impl IntoIterator<Item = News<'i>>,
    ) -> Decision {
        let Some(beginning) = self.beginning() else {
            return Decision {
                begins: Some(self.begins(self.now)),
                ..Decision::default()
            };
        };
        let mut span = Span::at(self.now, self.digest.timezone);
        while self.has_issue(&span) {
            span = Span::at(span.end, self.digest.timezone);
        }
        let reach = self.reach(&span, true, &beginning, late);
        let known: HashSet<&str> = self.issues.iter().flat_map(|one| one.holdings()).collect();
        let mut wanted = wanted.into_iter();
        if !wanted.any(|news| !known.contains(news.id) && reach.takes(news)) {
            return Decision::default();
        }
        let since = waiting.unwrap_or(self.now);
        if !is_asked && since + AT_ONCE_WAIT > self.now {
            return Decision {
                waiting: Some(since),
                ..Decision::default()
            };
        }
        drop(reach);
        Decision {
            issue: Some(Planned {
                due: span.start,
                span,
                hold: None,
            }),
            ..Decision::default()
        }
    }

    /// What the issue for `span` may take. One that is due `takes_late` items whatever other
    /// issues there are; for one that is asked for see [`Standing::is_newest`].
    pub fn reach<'r>(
        &'r self,
        span: &'r Span,
        takes_late: bool,
        beginning: &DigestProgress,
        late: &'r HashSet<String>,
    ) -> Reach<'r> {
        let is_own = |issue: &&&IssueRecord| issue.period == span.label;
        let others = self.issues.iter().filter(|issue| !is_own(issue)).copied();
        let own = self.issues.iter().find(is_own);
        Reach {
            span,
            takes_late,
            since: beginning.since.unwrap_or(i64::MIN),
            late,
            spent: held(others),
            own: own.into_iter().flat_map(|issue| issue.holdings()).collect(),
        }
    }

    /// Whether no other issue covers a later time; those of times that are still to come do not
    /// count.
    pub fn is_newest(&self, span: &Span) -> bool {
        let mut others = self.spans().filter(|other| other.label != span.label);
        others.all(|other| other.end <= span.end || other.start > self.now)
    }

    /// Whether the due moment of a period passed while nobody looked, so that its issue is still
    /// to be made.
    fn was_missed(&self, span: &Span) -> bool {
        let was_followed = match (span.due(&self.digest.schedule), self.followed()) {
            (Some(due), Some(followed)) => due <= followed,
            _ => false,
        };
        !was_followed && self.is_newest(span) && !self.has_issue(span)
    }

    /// The due moment that was dealt with last. One that is still to come was noted by a clock
    /// that was wrong.
    fn followed(&self) -> Option<DateTime<Utc>> {
        let followed = self.progress?.followed.map(from_milliseconds);
        followed.filter(|followed| *followed <= self.now)
    }

    fn has_issue(&self, span: &Span) -> bool {
        self.issues.iter().any(|issue| issue.period == span.label)
    }

    fn spans(&self) -> impl Iterator<Item = Span> {
        let zone = self.digest.timezone;
        let labels = self.issues.iter().map(|issue| issue.period.as_str());
        labels.filter_map(move |label| Span::labelled(label, zone))
    }
}

#[cfg(test)]
mod tests;
