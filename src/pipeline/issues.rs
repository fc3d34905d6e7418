//! Issues of digests: composed when they are due or asked for, recorded in the ledger, and
//! brought up to date when one of their items changes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Newsroom, PipelineError, Progress, Report};
use crate::catalog::{Number, matches};
use crate::config::{Digest, Quiet};
use crate::digest::archive::Edition;
use crate::digest::compose::compose;
use crate::digest::period::Span;
use crate::entry::{Entry, from_milliseconds};
use crate::ledger::IssueRecord;
use crate::publish::Unit;

impl Newsroom {
    /// Reads all issues from the ledger, composes those that are due, and makes editions of them.
    pub(super) fn load_issues(
        &mut self,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        self.issues = self.ledger.issues()?;
        let due = self.compose_due(now, report)?;
        self.issues.extend(due);
        self.editions = self.all_editions();
        Ok(())
    }

    /// Composes the issues that have become due, and makes those anew that hold one of these
    /// items.
    pub(super) fn update_issues(
        &mut self,
        changed: &HashSet<String>,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        let due = self.compose_due(now, report)?;
        let touched = self
            .issues
            .iter()
            .any(|issue| issue.items.iter().any(|id| changed.contains(id)));
        if touched || !due.is_empty() {
            self.issues.extend(due);
            self.editions = self.all_editions();
        }
        Ok(())
    }

    /// Composes one issue, whether it is due or not, records it and publishes it. One that was
    /// composed before is composed anew. `None` when the period has no items and the digest is
    /// silent then.
    ///
    /// # Errors
    /// When the ledger or the disk fails.
    pub fn compose_issue(
        &mut self,
        digest: usize,
        span: &Span,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<Option<Edition>, PipelineError> {
        let config = &self.setup.config.digests[digest];
        let Some(record) = self.issue_for(config, span) else {
            return Ok(None);
        };
        self.ledger.record_issue(&record)?;
        self.issues
            .retain(|issue| (&issue.digest, &issue.period) != (&record.digest, &record.period));
        self.issues.push(record);
        self.editions = self.all_editions();
        let units = vec![
            Unit::Issue(digest, span.label.clone()),
            Unit::Archive(digest),
        ];
        self.publish(units, Vec::new(), progress, report)?;
        let mut editions = self.editions[digest].iter();
        Ok(editions
            .find(|edition| edition.issue.span.label == span.label)
            .cloned())
    }

    /// The issue that is due last of each digest, where it was not composed before: that of the
    /// last period which ended before, or of the last one with news where quiet ones are skipped.
    fn compose_due(
        &mut self,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<Vec<IssueRecord>, PipelineError> {
        self.issues_seen = now;
        let mut composed = Vec::new();
        for digest in &self.setup.config.digests {
            let Some(span) = self.span_due(digest, now) else {
                continue;
            };
            let known = self
                .issues
                .iter()
                .any(|issue| issue.digest == digest.slug && issue.period == span.label);
            if let (false, Some(record)) = (known, self.issue_for(digest, &span)) {
                report
                    .issues
                    .push(format!("{} {}", digest.slug, span.label));
                composed.push(record);
            }
        }
        for record in &composed {
            self.ledger.record_issue(record)?;
        }
        Ok(composed)
    }

    fn span_due(&self, digest: &Digest, now: DateTime<Utc>) -> Option<Span> {
        let due = digest
            .schedule
            .last_before_or_at(now.with_timezone(&digest.timezone))?;
        let span = Span::last_ended(due.with_timezone(&Utc), digest.period, digest.timezone);
        if digest.quiet == Quiet::Send {
            return Some(span);
        }
        let newest = self
            .catalog
            .newest_first(&self.setup.config)
            .find_map(|number| {
                let record = self.catalog.get(number)?;
                let published = from_milliseconds(record.identity()?.published);
                (published < span.end && matches(&self.setup.config, record, &digest.selection))
                    .then_some(published)
            })?;
        Some(Span::containing(newest, digest.period, digest.timezone))
    }

    fn issue_for(&self, digest: &Digest, span: &Span) -> Option<IssueRecord> {
        let items: Vec<String> = self
            .catalog
            .newest_first(&self.setup.config)
            .filter_map(|number| self.catalog.get(number))
            .filter(|record| matches(&self.setup.config, record, &digest.selection))
            .filter_map(|record| record.identity())
            .filter(|identity| span.contains(from_milliseconds(identity.published)))
            .map(|identity| identity.id.to_string())
            .collect();
        let due = span.due(&digest.schedule).unwrap_or(span.end);
        let is_silent = items.is_empty() && digest.quiet == Quiet::Skip;
        (!is_silent).then(|| IssueRecord {
            digest: digest.slug.clone(),
            period: span.label.clone(),
            due: due.timestamp_millis(),
            items,
        })
    }

    /// Every recorded issue of every digest, with its items as they are now.
    fn all_editions(&self) -> Vec<Vec<Edition>> {
        let wanted: HashSet<&str> = self
            .issues
            .iter()
            .flat_map(|issue| &issue.items)
            .map(String::as_str)
            .collect();
        let numbers: HashMap<&str, Number> = self
            .catalog
            .records()
            .filter_map(|(number, record)| Some((&*record.identity()?.id, number)))
            .filter(|(id, _)| wanted.contains(id))
            .collect();
        let digests = self.setup.config.digests.iter();
        digests
            .map(|digest| self.editions_of(digest, &numbers))
            .collect()
    }

    fn editions_of(&self, digest: &Digest, numbers: &HashMap<&str, Number>) -> Vec<Edition> {
        let config = &self.setup.config;
        // An issue that was composed stays, even when all of its items were withdrawn since.
        let digest = Digest {
            quiet: Quiet::Send,
            ..digest.clone()
        };
        let publisher = self.publisher();
        let mut editions: Vec<Edition> = self
            .issues
            .iter()
            .filter(|record| record.digest == digest.slug)
            .filter_map(|record| {
                let due = from_milliseconds(record.due);
                let span = Span::parse(&record.period, digest.period, digest.timezone, due).ok()?;
                let numbers = record.items.iter().filter_map(|id| numbers.get(&**id));
                let entries =
                    numbers.filter_map(|number| publisher.entry_without_content(*number).ok());
                let entries: Vec<Arc<Entry>> = entries.map(Arc::new).collect();
                let issue = compose(&digest, &config.taxonomy, &config.site, &span, entries)?;
                Some(Edition { issue, due })
            })
            .collect();
        editions.sort_by(|a, b| (a.due, &a.issue.span.label).cmp(&(b.due, &b.issue.span.label)));
        editions
    }
}
