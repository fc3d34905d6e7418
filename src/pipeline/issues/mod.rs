//! Issues of digests: made when they are due or asked for, kept in the ledger, and brought up to
//! date when one of their items changes.

pub mod desk;
mod due;
pub mod editions;
pub mod reader;
mod sending;
mod shown;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{Newsroom, PipelineError, Progress, Report};
use crate::config::{Approval, Digest, Quiet};
use crate::diagnostic::Problem;
use crate::digest::archive::{self, Edition, IssueFile};
use crate::digest::changes::{self, Change, Seen};
use crate::digest::due::{Hold, Planned};
use crate::digest::life::{SCHEDULE, State, Step};
use crate::digest::period::Span;
use crate::ledger::{DigestProgress, IssueError, IssueRecord, IssueStep};
use crate::publish::Unit;

pub use sending::Begin;

/// What the ledger knows of digests.
#[derive(Debug, Default)]
pub(super) struct Issues {
    /// All of them.
    records: Vec<IssueRecord>,
    /// How far each digest has come.
    progress: Vec<DigestProgress>,
    /// Which change of each issue is public, by digest and period.
    shown: HashMap<(String, String), i64>,
    /// Which change of any issue was seen last.
    version: i64,
    /// When items that go out at once were seen first, by the digest's slug.
    pending: Vec<(String, DateTime<Utc>)>,
    /// When it was last looked at which issues are due.
    seen: DateTime<Utc>,
}

/// What asking for an issue gave.
#[derive(Debug)]
pub enum Composed {
    /// The period has no items, and the digest is silent then.
    Silent,
    /// It is there for all to read.
    Published(Edition),
    /// It waits for approval or for being sent; nobody sees it yet. These are its files, and
    /// their paths below the folder of drafts.
    Draft(Edition, Vec<IssueFile>),
    /// It was skipped, cancelled, or begun to be sent before, and was left as it is.
    Settled(State),
}

impl Newsroom {
    /// Reads all issues from the ledger, makes those that are due, brings drafts up to date, and
    /// makes editions of what is public.
    pub(super) fn load_issues(
        &mut self,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        self.read_issues()?;
        self.make_due(None, now, report)?;
        self.bring_drafts_up_to_date(None, now, report)?;
        self.begin_approved(now, report)?;
        self.show_issues(None)?;
        self.list_waiting(report);
        Ok(())
    }

    /// Whether somebody else changed an issue since they were read.
    ///
    /// # Errors
    /// When the ledger fails.
    pub fn issues_changed(&mut self) -> Result<bool, PipelineError> {
        Ok(self.ledger.issues_version()? != self.issues.version)
    }

    /// Makes the issues that have become due, and brings up to date whatever holds one of the
    /// items that changed. Returns the units of issues that are not public any more.
    pub(super) fn update_issues(
        &mut self,
        changed: &HashSet<String>,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<Vec<Unit>, PipelineError> {
        let is_other = self.ledger.issues_version()? != self.issues.version;
        if is_other {
            self.read_issues()?;
        }
        let before = self.issues.version;
        let mut former = Vec::new();
        self.make_due(Some(changed), now, report)?;
        self.bring_drafts_up_to_date(Some(changed), now, report)?;
        self.begin_approved(now, report)?;
        let touched = self.issues.records.iter().any(|issue| {
            issue.state.is_public() && issue.items.iter().any(|id| changed.contains(id))
        });
        if touched || is_other || self.issues.version != before {
            let were = self.publisher().issue_units();
            self.show_issues(Some(changed))?;
            let are: HashSet<Unit> = self.publisher().issue_units().into_iter().collect();
            former.extend(were.into_iter().filter(|unit| !are.contains(unit)));
        }
        if self.issues.version != before {
            self.list_waiting(report);
        }
        Ok(former)
    }

    fn read_issues(&mut self) -> Result<(), PipelineError> {
        // The number first: what changes in between is read again the next time.
        self.issues.version = self.ledger.issues_version()?;
        self.issues.records = self.ledger.issues()?;
        self.issues.progress = self.ledger.digest_progress()?;
        Ok(())
    }

    /// Makes one issue, whether it is due or not, and publishes it where it needs no approval and
    /// is not mailed. A draft, or one that was published without mail, is made anew with what is
    /// there now; edits stay.
    ///
    /// # Errors
    /// When the ledger or the disk fails, or somebody else changed the issue just now.
    pub fn compose_issue(
        &mut self,
        digest: usize,
        span: &Span,
        who: &str,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<Composed, PipelineError> {
        let config = self.setup.config.digests[digest].clone();
        let known = self.issue(&config.slug, &span.label).cloned();
        if let Some(issue) = &known
            && (issue.begun || matches!(issue.state, State::Skipped | State::Cancelled))
        {
            return Ok(Composed::Settled(issue.state));
        }
        let planned = Newsroom::asked_for(&config, span);
        if !self.make_issue(digest, planned, false, who)? {
            return Ok(Composed::Silent);
        }
        self.show_issues(Some(&HashSet::new()))?;
        let units = vec![
            Unit::Issue(digest, span.label.clone()),
            Unit::Archive(digest),
        ];
        self.publish(units, Vec::new(), progress, report)?;
        let mut editions = self.editions[digest].iter();
        if let Some(edition) = editions.find(|edition| edition.issue.span.label == span.label) {
            return Ok(Composed::Published(edition.clone()));
        }
        let edition = self.issue(&config.slug, &span.label).map(|issue| {
            let publisher = self.publisher();
            editions::edition(&publisher, &config, issue)
        });
        let Some(edition) = edition.transpose().map_err(problem)?.flatten() else {
            return Ok(Composed::Silent);
        };
        let files = archive::issue_files(
            &config,
            &edition,
            &self.setup.config.site,
            self.publisher().digest_site(digest),
            &self.setup.templates,
        );
        Ok(Composed::Draft(edition, files.map_err(problem)?))
    }

    /// Makes an issue, or makes it anew, and records it; false where it has no items and the
    /// digest is silent then. One that `is_due` takes what came late, whatever others there are.
    fn make_issue(
        &mut self,
        digest: usize,
        planned: Planned,
        is_due: bool,
        who: &str,
    ) -> Result<bool, PipelineError> {
        let digest = self.setup.config.digests[digest].clone();
        let span = &planned.span;
        let (gathered, progress) = self.gather(&digest, span, is_due)?;
        let has_choices = self.carries_choices(&digest) && !gathered.pool.is_empty();
        let is_empty = gathered.items.is_empty() && !has_choices;
        if is_empty && digest.quiet == Quiet::Skip {
            return Ok(false);
        }
        self.record(progress)?;
        let now = self.now.timestamp_millis();
        let due = planned.due.timestamp_millis();
        let known = self.issue(&digest.slug, &span.label).cloned();
        let is_first = known.is_none();
        let mut issue =
            known.unwrap_or_else(|| IssueRecord::draft(&digest.slug, &span.label, due, now));
        issue.items = gathered.items;
        issue.pool = gathered.pool;
        issue.seen = self.seen_now(&issue)?;
        issue.changes = Vec::new();
        let is_mailed = self.setup.config.is_mailed(&digest);
        let hold = planned.hold.or(Hold::of_backdated(gathered.backdated));
        let hold = hold.filter(|_| is_first && is_mailed && digest.approval == Approval::Automatic);
        let why = hold.map(|hold| format!("waits for a person: {hold}"));
        let step = self.step(who, Step::Drafted, why);
        let issue = self.ledger.take_step(&issue, step, digest.approval)?;
        let issue = match is_first && hold.is_none() {
            true => self.approve_by_itself(&digest, issue)?,
            false => issue,
        };
        self.keep(issue);
        Ok(true)
    }

    /// Approves a new draft where that takes nobody, and publishes it where it is not mailed. One
    /// that is mailed and was made too late waits for a person.
    fn approve_by_itself(
        &mut self,
        digest: &Digest,
        issue: IssueRecord,
    ) -> Result<IssueRecord, PipelineError> {
        let is_mailed = self.setup.config.is_mailed(digest);
        let is_late = is_mailed && issue.is_stale(digest.stale_after);
        if digest.approval != Approval::Automatic || is_late {
            return Ok(issue);
        }
        let step = self.step(SCHEDULE, Step::Approved, None);
        let issue = self.ledger.take_step(&issue, step, digest.approval)?;
        self.publish_unmailed(digest, issue)
    }

    /// An issue that nobody but the schedule approved, and that nobody sent for so long that it is
    /// stale by now, waits for a person.
    fn hold_if_late(
        &mut self,
        digest: &Digest,
        issue: IssueRecord,
        now: DateTime<Utc>,
    ) -> Result<IssueRecord, PipelineError> {
        let is_mailed = self.setup.config.is_mailed(digest);
        let is_late = issue.is_late(now.timestamp_millis(), digest.stale_after);
        if issue.state != State::Approved || !is_mailed || !is_late {
            return Ok(issue);
        }
        let steps = self.ledger.issue_steps(&issue.digest, &issue.period)?;
        // A correction voids nobody's word here: where approval is automatic, the issue stays so.
        let by_person = |step: &IssueStep| step.who != SCHEDULE && step.step == Step::Approved;
        if steps.iter().any(by_person) {
            return Ok(issue);
        }
        let why = "it is too late to be sent unasked".to_owned();
        let step = self.step(SCHEDULE, Step::Unapproved, Some(why));
        Ok(self.ledger.take_step(&issue, step, digest.approval)?)
    }

    /// An approved issue that is not mailed is public from now on.
    fn publish_unmailed(
        &mut self,
        digest: &Digest,
        issue: IssueRecord,
    ) -> Result<IssueRecord, PipelineError> {
        if self.setup.config.is_mailed(digest) || issue.state != State::Approved {
            return Ok(issue);
        }
        let step = self.step(SCHEDULE, Step::Published, None);
        Ok(self.ledger.take_step(&issue, step, digest.approval)?)
    }

    /// Looks what became of the items of drafts and approved issues, all or those that `changed`
    /// touches, and publishes what was approved meanwhile and is not mailed.
    fn bring_drafts_up_to_date(
        &mut self,
        changed: Option<&HashSet<String>>,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        let open: Vec<IssueRecord> = self
            .issues
            .records
            .iter()
            .filter(|issue| issue.state.is_open())
            .cloned()
            .collect();
        for issue in open {
            let digests = &self.setup.config.digests;
            let Some(digest) = digests.iter().find(|digest| digest.slug == issue.digest) else {
                continue;
            };
            let digest = digest.clone();
            let is_touched = changed.is_none_or(|changed| {
                let ids = issue.items.iter().chain(issue.seen.keys());
                ids.into_iter().any(|id| changed.contains(id))
            });
            let done = match is_touched {
                true => self.notice_changes(&digest, issue, report),
                false => Ok(issue),
            };
            let done = done.and_then(|issue| self.hold_if_late(&digest, issue, now));
            match done.and_then(|issue| self.publish_unmailed(&digest, issue)) {
                Ok(issue) => self.keep(issue),
                // Whoever changed it just now is seen the next time, when the issue is read anew.
                Err(PipelineError::Issue(IssueError::Conflict { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn notice_changes(
        &mut self,
        digest: &Digest,
        mut issue: IssueRecord,
        report: &mut Report,
    ) -> Result<IssueRecord, PipelineError> {
        let now = self.seen_now(&issue)?;
        let mut changes = changes::since(&issue.seen, &now);
        changes.retain(|change| !issue.edits.dropped.contains(&change.id));
        if changes == issue.changes {
            return Ok(issue);
        }
        issue.changes = changes;
        let words: Vec<String> = issue.changes.iter().map(Change::in_words).collect();
        let why = match words.is_empty() {
            true => "all items are as they were".to_owned(),
            false => words.join("; "),
        };
        report
            .issues
            .push(format!("{} {} ({why})", issue.digest, issue.period));
        let step = self.step(SCHEDULE, Step::Changed, Some(why));
        Ok(self.ledger.take_step(&issue, step, digest.approval)?)
    }

    /// The items of an issue as they are now, those that an editor dropped among them.
    fn seen_now(
        &self,
        issue: &IssueRecord,
    ) -> Result<std::collections::BTreeMap<String, Seen>, PipelineError> {
        let ids = issue.items.iter().map(String::as_str);
        let entries = editions::entries(&self.publisher(), ids).map_err(problem)?;
        Ok(Seen::all(&entries))
    }

    /// Says of each draft that it waits, and why.
    fn list_waiting(&self, report: &mut Report) {
        let config = &self.setup.config;
        for issue in &self.issues.records {
            let mut digests = config.digests.iter();
            let digest = digests.find(|digest| digest.slug == issue.digest);
            let Some(digest) = digest.filter(|_| issue.state == State::Draft) else {
                continue;
            };
            let now = self.now.timestamp_millis();
            let is_late = config.is_mailed(digest) && issue.is_late(now, digest.stale_after);
            let why = match (is_late, digest.approval) {
                (true, Approval::Automatic) => {
                    "waits for approval: it is too late to be sent unasked"
                }
                (_, Approval::Two) => "waits for the approval of two people",
                (_, _) => "waits for approval",
            };
            report
                .waiting
                .push(format!("{} {} {why}", issue.digest, issue.period));
        }
    }

    /// An issue of the ledger as it was last read.
    fn issue(&self, digest: &str, period: &str) -> Option<&IssueRecord> {
        let mut records = self.issues.records.iter();
        records.find(|issue| issue.digest == digest && issue.period == period)
    }

    /// Holds an issue as it was recorded just now.
    fn keep(&mut self, issue: IssueRecord) {
        let records = &mut self.issues.records;
        let known = records
            .iter_mut()
            .find(|known| known.digest == issue.digest && known.period == issue.period);
        let before = known.as_ref().map_or(0, |known| known.version);
        self.issues.version += issue.version - before;
        match known {
            Some(known) => *known = issue,
            None => records.push(issue),
        }
    }

    fn step(&self, who: &str, step: Step, why: Option<String>) -> IssueStep {
        IssueStep {
            at: self.now.timestamp_millis(),
            who: who.to_owned(),
            step,
            why,
        }
    }

    /// Whether subscribers' own selections go out with the issues of a digest, so that it has one
    /// even when it selects nothing itself.
    fn carries_choices(&self, digest: &Digest) -> bool {
        digest.choices.is_some() && self.setup.config.is_mailed(digest)
    }
}

fn problem(problem: Problem) -> PipelineError {
    PipelineError::Setup(vec![problem])
}
