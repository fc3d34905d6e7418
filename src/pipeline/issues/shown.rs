//! The editions of issues that readers may see.
//!
//! What was sent is laid out as it was approved, which the ledger keeps: it is read when an issue
//! is shown first and when one of its items changed, and not held beside the edition.

use std::collections::{HashMap, HashSet};

use super::{Newsroom, PipelineError, editions, problem};
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::digest::compose::Issue;
use crate::digest::frozen;
use crate::digest::period::Span;
use crate::ledger::{IssueRecord, Lookup};

impl Newsroom {
    /// Makes the editions of all public issues, for each digest, oldest first: anew those of
    /// issues that changed since they were shown and of those with an item among `changed`, or all
    /// for `None`.
    pub(super) fn show_issues(
        &mut self,
        changed: Option<&HashSet<String>>,
    ) -> Result<(), PipelineError> {
        let records = self.issues.records.iter();
        let public = records.filter(|issue| issue.state.is_public());
        let is_stale = |issue: &&IssueRecord| {
            self.issues.shown.get(&key_of(issue)) != Some(&issue.version)
                || changed.is_none_or(|ids| issue.items.iter().any(|id| ids.contains(id)))
        };
        let stale: Vec<IssueRecord> = public.clone().filter(is_stale).cloned().collect();
        let shown: HashMap<(String, String), i64> =
            public.map(|issue| (key_of(issue), issue.version)).collect();
        let anew = self.make_editions(&stale.iter().collect::<Vec<&IssueRecord>>())?;
        let stale: HashSet<(String, String)> = stale.iter().map(key_of).collect();
        let is_kept = |edition: &Edition| {
            let key = key(edition);
            shown.contains_key(&key) && !stale.contains(&key)
        };
        self.editions.resize_with(anew.len(), Vec::new);
        for (editions, anew) in self.editions.iter_mut().zip(anew) {
            editions.retain(is_kept);
            editions.extend(anew);
            editions::sort(editions);
        }
        self.issues.shown = shown;
        Ok(())
    }

    fn make_editions(
        &mut self,
        issues: &[&IssueRecord],
    ) -> Result<Vec<Vec<Edition>>, PipelineError> {
        let mut all = editions::editions(&self.publisher(), issues).map_err(problem)?;
        let mut sent: HashMap<(String, String), Issue> = HashMap::new();
        for issue in issues.iter().filter(|issue| issue.begun) {
            if let Some(thawed) = self.thaw(issue)? {
                sent.insert(key_of(issue), thawed);
            }
        }
        let gone = self.gone_from(&all, &sent)?;
        for edition in all.iter_mut().flatten() {
            if let Some(sent) = sent.remove(&key(edition)) {
                let now = edition.issue.entries();
                let now = now.map(|entry| (entry.id.as_str(), entry)).collect();
                edition.issue = frozen::refresh(sent, &now, &gone);
            }
        }
        Ok(all)
    }

    /// What was sent with an issue; `None` where its digest is gone.
    fn thaw(&mut self, issue: &IssueRecord) -> Result<Option<Issue>, PipelineError> {
        let config = &self.setup.config;
        let mut digests = config.digests.iter();
        let Some(digest) = digests.find(|digest| digest.slug == issue.digest) else {
            return Ok(None);
        };
        let span = Span::labelled(&issue.period, digest.timezone);
        let json = self.ledger.frozen(&issue.digest, &issue.period)?;
        let (Some(span), Some(json)) = (span, json) else {
            return Ok(None);
        };
        let thawed = frozen::thaw(&json, digest, &config.taxonomy, &config.site, &span);
        let thawed = thawed.map_err(|error| {
            let damaged = Problem::error(error.to_string());
            problem(damaged.help("restore the ledger from its last copy"))
        })?;
        Ok(Some(thawed.issue))
    }

    /// When the items that were `sent` and are not there now went, by their ids, in milliseconds
    /// since 1970 UTC.
    fn gone_from(
        &mut self,
        now: &[Vec<Edition>],
        sent: &HashMap<(String, String), Issue>,
    ) -> Result<HashMap<String, i64>, PipelineError> {
        let mut ids = Vec::new();
        for edition in now.iter().flatten() {
            let there: HashSet<&str> = edition.issue.entries().map(|one| &*one.id).collect();
            let sent = sent.get(&key(edition)).into_iter();
            let gone = sent
                .flat_map(Issue::entries)
                .filter(|entry| !there.contains(entry.id.as_str()));
            ids.extend(gone.map(|entry| entry.id.clone()));
        }
        let lookup = Lookup {
            ids,
            ..Lookup::default()
        };
        let found = self.ledger.find(&lookup)?.into_iter();
        Ok(found.filter_map(|one| Some((one.id, one.gone?))).collect())
    }
}

/// An issue's digest and period.
fn key_of(issue: &IssueRecord) -> (String, String) {
    (issue.digest.clone(), issue.period.clone())
}

fn key(edition: &Edition) -> (String, String) {
    let issue = &edition.issue;
    (issue.slug.clone(), issue.span.label.clone())
}
