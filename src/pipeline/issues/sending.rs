//! From approved to being sent: what is sent is frozen, and to whom is written down.

use chrono::{DateTime, Utc};

use super::{Newsroom, PipelineError, Report, editions};
use crate::config::Digest;
use crate::digest::gather;
use crate::digest::life::State;
use crate::ledger::{IssueError, IssueRecord};

/// Which approved issues begin to be sent when the newsroom publishes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Begin {
    /// None: nobody sends here.
    #[default]
    Nothing,
    /// All of them.
    All {
        /// Who has them sent.
        who: String,
    },
    /// Those of one digest, or one of its periods.
    Only {
        /// Who has them sent.
        who: String,
        /// The digest's slug.
        digest: String,
        /// The period's label.
        period: Option<String>,
    },
}

impl Begin {
    fn who(&self, issue: &IssueRecord) -> Option<&str> {
        match self {
            Begin::Nothing => None,
            Begin::All { who } => Some(who),
            Begin::Only {
                who,
                digest,
                period,
            } => {
                let is_meant = *digest == issue.digest
                    && period.as_ref().is_none_or(|period| *period == issue.period);
                is_meant.then_some(who)
            }
        }
    }
}

impl Newsroom {
    /// From now on, has approved issues of mailed digests begin to be sent when it publishes.
    pub fn begin_issues(&mut self, begin: Begin) {
        self.begin = begin;
    }

    /// Which approved issues begin to be sent.
    pub fn begins(&self) -> &Begin {
        &self.begin
    }

    /// Freezes the approved issues that are to be sent and makes their deliveries.
    pub(super) fn begin_approved(
        &mut self,
        now: DateTime<Utc>,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        let approved: Vec<(IssueRecord, Digest, String)> = self
            .issues
            .records
            .iter()
            .filter(|issue| issue.state == State::Approved)
            .filter_map(|issue| {
                let who = self.begin.who(issue)?.to_owned();
                let mut digests = self.setup.config.digests.iter();
                let digest = digests.find(|digest| digest.slug == issue.digest)?;
                let is_mailed = self.setup.config.is_mailed(digest);
                is_mailed.then(|| (issue.clone(), digest.clone(), who))
            })
            .collect();
        for (mut issue, digest, who) in approved {
            let frozen = match editions::freeze(&self.publisher(), &digest, &issue) {
                Ok(Some(frozen)) => frozen,
                Ok(None) => continue,
                Err(problem) => {
                    report.problems.push(problem);
                    continue;
                }
            };
            let published = editions::published(&self.publisher(), issue.holdings());
            gather::leave_what_is_gone(&mut issue, |id| published.contains(id));
            let key = self.ledger.signing_key()?;
            let now = now.timestamp_millis();
            // The deliveries first: an issue that is being sent has all of them, whatever crashes.
            self.ledger
                .plan_deliveries(&issue.digest, &issue.period, &key, now)?;
            match self.ledger.begin_sending(&issue, &frozen, &who, now) {
                Ok(begun) => self.keep(begun),
                // Whoever changed it just now is seen the next time.
                Err(IssueError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
