//! Which issues are due, and what they take.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Newsroom, PipelineError, Report};
use crate::catalog::{Number, matches};
use crate::config::{Digest, Quiet};
use crate::digest::gather::Reach;
use crate::digest::life::SCHEDULE;
use crate::digest::period::Span;
use crate::entry::from_milliseconds;
use crate::ledger::{DigestProgress, IssueRecord};

/// How long an issue that comes at once waits for more, so that a slip can be mended and what is
/// published together comes together.
const AT_ONCE_WAIT: TimeDelta = TimeDelta::minutes(2);

impl Newsroom {
    /// Makes the issue that is due last of each digest, where there is none yet. `changed` are
    /// the items that changed since it was last looked; `None`: look at all.
    pub(super) fn make_due(
        &mut self,
        changed: Option<&HashSet<String>>,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        self.issues.seen = now;
        for digest in 0..self.setup.config.digests.len() {
            let config = self.setup.config.digests[digest].clone();
            let span = match config.schedule.is_at_once() {
                true => self.due_at_once(&config, changed, now)?,
                false => self.due_by_schedule(&config, now)?,
            };
            let Some(span) = span else {
                continue;
            };
            if self.make_issue(digest, &span, SCHEDULE)? {
                report
                    .issues
                    .push(format!("{} {}", config.slug, span.label));
            }
        }
        Ok(())
    }

    /// The next moment at which an issue is due.
    pub(in crate::pipeline) fn next_issue(&self) -> Option<DateTime<Utc>> {
        let digests = self.setup.config.digests.iter();
        let scheduled = digests.filter_map(|digest| {
            let seen = self.issues.seen.with_timezone(&digest.timezone);
            let due = digest.schedule.next_after(seen)?;
            Some(due.with_timezone(&Utc))
        });
        let pending = self.issues.pending.iter();
        let pending = pending.map(|(_, since)| *since + AT_ONCE_WAIT);
        scheduled.chain(pending).min()
    }

    /// The period of the issue that is due last, where it is still to be made: that of the last
    /// period which ended before. Where quiet ones are skipped and nothing is new since, none;
    /// where the news are older and no issue covers as late a time as they, the period of the
    /// newest.
    ///
    /// Each due moment is dealt with once, so that what comes late afterwards goes into the next
    /// issue; and one issue makes up for all that were missed.
    fn due_by_schedule(
        &mut self,
        digest: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<Span>, PipelineError> {
        let due = digest
            .schedule
            .last_before_or_at(now.with_timezone(&digest.timezone));
        let Some(due) = due.map(|due| due.with_timezone(&Utc)) else {
            return Ok(None);
        };
        let newest = self.newest_span(digest);
        let followed = self.progress(digest).and_then(|progress| progress.followed);
        // A moment that is still to come was noted by a clock that was wrong.
        let is_done = followed.map(from_milliseconds);
        if newest.is_some() && is_done.is_some_and(|done| (due..=now).contains(&done)) {
            return Ok(None);
        }
        let span = Span::last_ended(due, digest.period, digest.timezone);
        let span = match digest.quiet {
            Quiet::Send => Some(span),
            Quiet::Skip => {
                let published = self.newest_new(digest, &span)?;
                published.map(|published| {
                    let own = Span::containing(published, digest.period, digest.timezone);
                    match &newest {
                        Some(newest) if own.start <= newest.start => span,
                        _ => own,
                    }
                })
            }
        };
        if newest.is_some() || span.is_some() {
            self.follow(digest, due)?;
        }
        Ok(span.filter(|span| self.issue(&digest.slug, &span.label).is_none()))
    }

    /// The moment of an issue of what is new, once it has waited.
    fn due_at_once(
        &mut self,
        digest: &Digest,
        changed: Option<&HashSet<String>>,
        now: DateTime<Utc>,
    ) -> Result<Option<Span>, PipelineError> {
        if self.progress(digest).is_none() {
            // What is there already is not new.
            let sequence = self.ledger.last_sequence()?;
            self.record(DigestProgress {
                digest: digest.slug.clone(),
                since: Some(now.timestamp_millis()),
                sequence,
                followed: None,
            })?;
            return Ok(None);
        }
        let mut pending = self.issues.pending.iter();
        let since = pending.find(|(slug, _)| *slug == digest.slug);
        let since = since.map(|(_, since)| *since);
        if since.is_none() && changed.is_some_and(HashSet::is_empty) {
            return Ok(None);
        }
        let mut span = Span::at(now, digest.timezone);
        while self.issue(&digest.slug, &span.label).is_some() {
            span = Span::at(span.end, digest.timezone);
        }
        if self.newest_new(digest, &span)?.is_none() {
            self.issues.pending.retain(|(slug, _)| *slug != digest.slug);
            return Ok(None);
        }
        // Somebody who builds by hand has waited already.
        let is_ripe = changed.is_none() || since.is_some_and(|since| since + AT_ONCE_WAIT <= now);
        if is_ripe {
            self.issues.pending.retain(|(slug, _)| *slug != digest.slug);
            return Ok(Some(span));
        }
        if since.is_none() {
            self.issues.pending.push((digest.slug.clone(), now));
        }
        Ok(None)
    }

    /// When the newest item was published that an issue for `span` would have for its readers.
    fn newest_new(
        &mut self,
        digest: &Digest,
        span: &Span,
    ) -> Result<Option<DateTime<Utc>>, PipelineError> {
        let is_first = self.newest_span(digest).is_none() && !digest.schedule.is_at_once();
        if is_first {
            // Whatever its date: the first issue is that of the last period with news.
            return Ok(self
                .wanted(digest)
                .map(|(_, published)| published)
                .find(|published| *published < span.end));
        }
        let progress = self.begin(digest, span)?;
        let late = self.late(&progress)?;
        let spent = self.spent(digest, &span.label);
        let reach = Reach {
            span,
            is_newest: true,
            since: progress.since.unwrap_or(i64::MIN),
            late: &late,
            spent: &spent,
        };
        let newest = self.wanted(digest).find(|(number, published)| {
            let record = self.catalog.get(*number);
            let identity = record.and_then(|record| record.identity());
            identity.is_some_and(|identity| reach.takes(&identity.id, published.timestamp_millis()))
        });
        Ok(newest.map(|(_, published)| published))
    }

    /// The items that the digest or its subscribers choose from, newest first, and when each was
    /// published.
    fn wanted<'s>(
        &'s self,
        digest: &'s Digest,
    ) -> impl Iterator<Item = (Number, DateTime<Utc>)> + 's {
        let config = &self.setup.config;
        let takes_all = self.carries_choices(digest);
        self.catalog.newest_first(config).filter_map(move |number| {
            let record = self.catalog.get(number)?;
            let published = from_milliseconds(record.identity()?.published);
            (takes_all || matches(config, record, &digest.selection)).then_some((number, published))
        })
    }

    /// The ids that the digest selects for an issue of `span`, and all that are new.
    pub(super) fn gather(
        &mut self,
        digest: &Digest,
        span: &Span,
        progress: &DigestProgress,
    ) -> Result<(Vec<String>, Vec<String>), PipelineError> {
        let late = self.late(progress)?;
        let spent = self.spent(digest, &span.label);
        let others = self.spans(digest);
        let reach = Reach {
            span,
            is_newest: others.iter().all(|other| other.start <= span.start),
            since: progress.since.unwrap_or(i64::MIN),
            late: &late,
            spent: &spent,
        };
        let config = &self.setup.config;
        let (mut items, mut pool) = (Vec::new(), Vec::new());
        for number in self.catalog.newest_first(config) {
            let Some(record) = self.catalog.get(number) else {
                continue;
            };
            let Some(identity) = record.identity() else {
                continue;
            };
            if !reach.takes(&identity.id, identity.published) {
                continue;
            }
            if matches(config, record, &digest.selection) {
                items.push(identity.id.to_string());
            }
            pool.push(identity.id.to_string());
        }
        Ok((items, pool))
    }

    /// Since when the digest has issues; where it has none, since the one for `span`.
    pub(super) fn begin(
        &mut self,
        digest: &Digest,
        span: &Span,
    ) -> Result<DigestProgress, PipelineError> {
        match self.progress(digest).cloned() {
            Some(progress) if progress.since.is_some() => Ok(progress),
            // Issues of an earlier version did not say: what they covered is over.
            Some(progress) => {
                let covered = self.spans(digest).into_iter().map(|span| span.end).max();
                Ok(DigestProgress {
                    since: Some(covered.unwrap_or(span.start).timestamp_millis()),
                    ..progress
                })
            }
            None => Ok(DigestProgress {
                digest: digest.slug.clone(),
                since: Some(span.start.timestamp_millis()),
                sequence: self.ledger.last_sequence()?,
                followed: None,
            }),
        }
    }

    /// Notes that a due moment is dealt with.
    fn follow(&mut self, digest: &Digest, due: DateTime<Utc>) -> Result<(), PipelineError> {
        let Some(progress) = self.progress(digest).cloned() else {
            // The first issue begins it.
            return Ok(());
        };
        self.record(DigestProgress {
            followed: Some(due.timestamp_millis()),
            ..progress
        })
    }

    fn record(&mut self, progress: DigestProgress) -> Result<(), PipelineError> {
        self.ledger.record_progress(&progress)?;
        let known = &mut self.issues.progress;
        known.retain(|one| one.digest != progress.digest);
        known.push(progress);
        Ok(())
    }

    fn progress(&self, digest: &Digest) -> Option<&DigestProgress> {
        let mut progress = self.issues.progress.iter();
        progress.find(|progress| progress.digest == digest.slug)
    }

    fn late(&mut self, progress: &DigestProgress) -> Result<HashSet<String>, PipelineError> {
        let since = progress.since.unwrap_or(i64::MIN);
        let late = self.ledger.come_late(progress.sequence, since)?;
        Ok(late.into_iter().collect())
    }

    /// The ids that other issues of the digest than that of `label` were made from and hold.
    fn spent<'s>(&'s self, digest: &'s Digest, label: &str) -> HashSet<&'s str> {
        let others = self.issues_of(digest);
        let others = others.filter(|issue| issue.period != label && issue.state.holds_items());
        let ids = others.flat_map(|issue| issue.pool.iter().chain(&issue.items));
        ids.map(String::as_str).collect()
    }

    fn spans(&self, digest: &Digest) -> Vec<Span> {
        let issues = self.issues_of(digest);
        issues
            .filter_map(|issue| {
                let due = from_milliseconds(issue.due);
                Span::parse(&issue.period, digest.period, digest.timezone, due).ok()
            })
            .collect()
    }

    fn newest_span(&self, digest: &Digest) -> Option<Span> {
        let spans = self.spans(digest).into_iter();
        spans.max_by_key(|span| span.start)
    }

    fn issues_of<'s>(&'s self, digest: &'s Digest) -> impl Iterator<Item = &'s IssueRecord> + 's {
        let issues = self.issues.records.iter();
        issues.filter(|issue| issue.digest == digest.slug)
    }
}
