//! Asks which issues are due, and has them made.
//!
//! What is decided, and why, is in [`crate::digest::due`]; here it is given what the ledger and the
//! catalog know.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Newsroom, PipelineError, Report};
use crate::catalog::matches;
use crate::config::Digest;
use crate::digest::due::{AT_ONCE_WAIT, Decision, Planned, Standing};
use crate::digest::gather::{Gathered, News};
use crate::digest::life::SCHEDULE;
use crate::digest::period::Span;
use crate::ledger::{DigestProgress, IssueError, IssueRecord};

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
            let decision = self.decide(&config, changed, now)?;
            if let Some(begins) = decision.begins {
                self.record(begins)?;
            }
            if let Some(planned) = decision.issue {
                let label = planned.span.label.clone();
                match self.make_issue(digest, planned, true, SCHEDULE) {
                    Ok(true) => report.issues.push(format!("{} {label}", config.slug)),
                    Ok(false) => {}
                    // Whoever made or reopened one just now is seen the next time.
                    Err(PipelineError::Issue(IssueError::Conflict { .. })) => continue,
                    Err(error) => return Err(error),
                }
            }
            // Last, so that a crash before misses nothing.
            if let Some(followed) = decision.followed {
                self.follow(&config, followed)?;
            }
        }
        Ok(())
    }

    fn decide(
        &mut self,
        digest: &Digest,
        changed: Option<&HashSet<String>>,
        now: DateTime<Utc>,
    ) -> Result<Decision, PipelineError> {
        let last_sequence = self.last_sequence(digest)?;
        let mut pending = self.issues.pending.iter();
        let pending = pending.find(|(slug, _)| *slug == digest.slug);
        let pending = pending.map(|(_, since)| *since);
        let standing = self.standing(digest, last_sequence, now);
        let is_at_once = digest.schedule.is_at_once();
        let due = standing.open_moment();
        let has_begun = standing.progress.is_some();
        let is_quiet = pending.is_none() && changed.is_some_and(HashSet::is_empty);
        if (!is_at_once && due.is_none()) || (is_at_once && is_quiet && has_begun) {
            return Ok(Decision::default());
        }
        let late = match standing.beginning() {
            Some(beginning) => self.late(&beginning)?,
            None => HashSet::new(),
        };
        let standing = self.standing(digest, last_sequence, now);
        let wanted = self.candidates(digest);
        let wanted = wanted.filter_map(|(news, is_wanted)| is_wanted.then_some(news));
        let decision = match due {
            Some(due) => standing.by_schedule(due, &late, wanted),
            None => standing.at_once(changed.is_none(), pending, &late, wanted),
        };
        if is_at_once {
            let waits = decision.waiting.map(|since| (digest.slug.clone(), since));
            let others = &mut self.issues.pending;
            others.retain(|(slug, _)| *slug != digest.slug);
            others.extend(waits);
        }
        Ok(decision)
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

    /// What an issue of the digest is made from, and since when the digest has issues: from now
    /// on where it has none.
    pub(super) fn gather(
        &mut self,
        digest: &Digest,
        span: &Span,
        takes_late: bool,
    ) -> Result<(Gathered, DigestProgress), PipelineError> {
        let last_sequence = self.last_sequence(digest)?;
        let standing = self.standing(digest, last_sequence, self.now);
        let beginning = standing.beginning();
        let beginning = beginning.unwrap_or_else(|| standing.begins(span.start));
        let late = self.late(&beginning)?;
        let standing = self.standing(digest, last_sequence, self.now);
        let takes_late = takes_late || standing.is_newest(span);
        let reach = standing.reach(span, takes_late, &beginning, &late);
        let gathered = Gathered::of(&reach, self.published(digest));
        Ok((gathered, beginning))
    }

    /// The published items, newest first, and whether the digest selects each.
    fn published<'s>(&'s self, digest: &'s Digest) -> impl Iterator<Item = (News<'s>, bool)> + 's {
        let config = &self.setup.config;
        self.catalog.newest_first(config).filter_map(move |number| {
            let record = self.catalog.get(number)?;
            let identity = record.identity()?;
            let news = News {
                id: &identity.id,
                published: identity.published,
            };
            Some((news, matches(config, record, &digest.selection)))
        })
    }

    /// The published items, newest first, and whether the digest or its subscribers choose from
    /// each.
    fn candidates<'s>(&'s self, digest: &'s Digest) -> impl Iterator<Item = (News<'s>, bool)> + 's {
        let takes_all = self.carries_choices(digest);
        let published = self.published(digest);
        published.map(move |(news, is_selected)| (news, takes_all || is_selected))
    }

    fn standing<'s>(
        &'s self,
        digest: &'s Digest,
        last_sequence: u64,
        now: DateTime<Utc>,
    ) -> Standing<'s> {
        Standing {
            digest,
            progress: self.progress(digest),
            issues: self.issues_of(digest).collect(),
            last_sequence,
            now,
        }
    }

    /// Notes that a due moment is dealt with.
    fn follow(&mut self, digest: &Digest, due: DateTime<Utc>) -> Result<(), PipelineError> {
        let last_sequence = self.last_sequence(digest)?;
        let standing = self.standing(digest, last_sequence, self.now);
        let Some(progress) = standing.beginning() else {
            return Ok(());
        };
        self.record(DigestProgress {
            followed: Some(due.timestamp_millis()),
            ..progress
        })
    }

    pub(super) fn record(&mut self, progress: DigestProgress) -> Result<(), PipelineError> {
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

    /// The last place of an item: only a digest that has not begun asks for it.
    fn last_sequence(&mut self, digest: &Digest) -> Result<u64, PipelineError> {
        match self.progress(digest) {
            Some(progress) => Ok(progress.sequence),
            None => Ok(self.ledger.last_sequence()?),
        }
    }

    fn late(&mut self, beginning: &DigestProgress) -> Result<HashSet<String>, PipelineError> {
        let since = beginning.since.unwrap_or(i64::MIN);
        let late = self.ledger.come_late(beginning.sequence, since)?;
        Ok(late.into_iter().collect())
    }

    fn issues_of<'s>(&'s self, digest: &'s Digest) -> impl Iterator<Item = &'s IssueRecord> + 's {
        let issues = self.issues.records.iter();
        issues.filter(|issue| issue.digest == digest.slug)
    }

    /// An issue that somebody asks for.
    pub(super) fn asked_for(digest: &Digest, span: &Span) -> Planned {
        Planned {
            span: span.clone(),
            due: span.due(&digest.schedule).unwrap_or(span.start),
            hold: None,
        }
    }
}
